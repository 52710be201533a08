"""Scripts that COPY, ADD or a mount brings from the build context, and RUN runs."""

from __future__ import annotations

import posixpath
from collections.abc import Callable, Iterator, Mapping, Sequence
from fnmatch import fnmatchcase

from msgspec import Struct
from msgspec.structs import replace

from lint_multistage.context import Context
from lint_multistage.syntax.instructions import Add, Copy
from lint_multistage.syntax.shell import read_file
from lint_multistage.syntax.shell_commands import Command, Output, Script, ShellWord
from lint_multistage.syntax.shell_layout import of_heredoc
from lint_multistage.syntax.shell_wrappers import SHELLS
from lint_multistage.text import Source

_SOURCES = frozenset((".", "source"))
_ON_PATH = ("/usr/local/sbin", "/usr/local/bin", "/usr/sbin", "/usr/bin", "/sbin", "/bin")
_DEEPEST = 3
_MOST_COMMANDS = 20_000


class Brought(Struct, frozen=True):
    """Files that COPY, ADD or a mount puts at `destination`, an absolute path.

    `paths` are the sources in the build context, None where they come from elsewhere; `into` is true where the
    destination is certainly a folder. `text` is the file itself where the Dockerfile holds it.
    """

    destination: str
    paths: tuple[str, ...] | None
    into: bool = False
    text: str | None = None


def brought_by(
    instruction: Copy | Add, destination: str, expand: Callable[[str], str | None], source: Source
) -> list[Brought]:
    """What a COPY or ADD of `source` brings to the absolute path `destination`; `expand` expands its words."""
    into = instruction.destination.text.endswith(("/", ".")) or len(instruction.paths) > 1
    elsewhere = isinstance(instruction, Copy) and instruction.source is not None
    found: list[Brought] = []
    paths: list[str] = []
    for word in instruction.paths:
        path = expand(word.text)
        name = word.text.lstrip("<-").strip("\"'")
        heredoc = next((each for each in instruction.heredocs if each.name == name), None)
        if heredoc is not None:
            text = of_heredoc(heredoc, source).text
            # What BuildKit expands in it is not followed.
            known = not (heredoc.expand and "$" in text)
            place = posixpath.join(destination, name) if into else destination
            found.append(Brought(place, None, text=text if known else None))
        elif path is None or "://" in path:
            elsewhere = True
        else:
            paths.append(path)
    if paths or elsewhere:
        found.append(Brought(destination, None if elsewhere else tuple(paths), into))
    return found


def text_at(place: str, brought: Sequence[Brought], context: Context) -> str | None:
    """The text of the file at an absolute path, where what was brought put it there from the build context."""
    for each in reversed(brought):
        if _may_hold(each, place):
            text = _found(each, place, context)
            if text is not None or each.paths is None:
                return text
    return None


def with_scripts(
    script: Script, brought: Sequence[Brought], context: Context, variables: Mapping[str, str]
) -> tuple[Script, bool]:
    """`script` with the commands of the scripts that it runs in their place, and whether all of those are at hand.

    Only what was `brought` is looked for; what those scripts run stands where they are called.
    """
    if not brought or all(_called(command) is None for command in script.commands):
        return script, True
    reading = _Reading(brought, context, variables)
    commands = tuple(reading.commands(script.commands, 0))
    return Script(commands, script.understood, script.reason, (*script.outputs, *reading.outputs)), reading.complete


class _Reading:
    def __init__(self, brought: Sequence[Brought], context: Context, variables: Mapping[str, str]) -> None:
        self.brought = brought
        self.context = context
        self.variables = variables
        self.complete = True
        self.count = 0
        self.outputs: list[Output] = []

    def commands(self, commands: Sequence[Command], depth: int) -> Iterator[Command]:
        for command in commands:
            self.count += 1
            yield command
            called = _called(command)
            if called is None or self.count > _MOST_COMMANDS:
                continue
            text = self._text(command, called) if depth < _DEEPEST else None
            if text is None:
                continue
            yield from self._inside(command, called, text, depth)

    def _inside(self, command: Command, called: int, text: str, depth: int) -> Iterator[Command]:
        known = {name: value for name, value in command.env if value is not None}
        unknown = {name for name, value in command.env if value is None}
        variables = {name: value for name, value in self.variables.items() if name not in unknown} | known
        script = read_file(
            text,
            command.words[called].span,
            arguments=[word.text for word in command.words[called + 1 :]],
            variables=variables,
            directory=command.directory,
            interpreted=called > 0,
        )
        self.complete = self.complete and script.understood
        self.outputs += script.outputs
        for inner in self.commands(script.commands, depth + 1):
            yield inner if command.certain or not inner.certain else replace(inner, certain=False)

    def _text(self, command: Command, called: int) -> str | None:
        """The text of the script that a command runs; None where nothing brought it, or it is not at hand."""
        name = command.words[called].text or ""
        if "/" not in name and not called:
            return self._on_path(name)
        if not name or (command.directory is None and not name.startswith("/")):
            return None
        place = "/" + posixpath.normpath(posixpath.join(command.directory or "/", name)).lstrip("/")
        for each in reversed(self.brought):
            if not _may_hold(each, place):
                continue
            if (text := _found(each, place, self.context)) is not None:
                return text
            self.complete = False
            if each.paths is None:
                return None
        return None

    def _on_path(self, name: str) -> str | None:
        """The text of a program called by its name, if a file of that name was brought to where programs are."""
        for each in reversed(self.brought):
            for folder in _ON_PATH:
                place = f"{folder}/{name}"
                named = place == each.destination or any(
                    fnmatchcase(name, posixpath.basename(path)) for path in each.paths or ()
                )
                if named and _may_hold(each, place):
                    return _found(each, place, self.context)
        return None


def _called(command: Command) -> int | None:
    """The place of the word that names the script that a command runs, None where it may be none."""
    name = command.name
    if name in SHELLS or name in _SOURCES:
        at = next((at for at, word in enumerate(command.words) if at and not _is_option(word)), None)
        options = [word.text or "" for word in command.words[1:at]]
        return None if at is None or any("c" in option for option in options if option[:2] != "--") else at
    return 0 if name and not name.startswith("-") else None


def _is_option(word: ShellWord) -> bool:
    return (word.text or "").startswith(("-", "+"))


def _may_hold(brought: Brought, place: str) -> bool:
    if place == brought.destination:
        return not brought.into
    return brought.text is None and place.startswith(brought.destination.rstrip("/") + "/")


def _found(brought: Brought, place: str, context: Context) -> str | None:
    """The text of what lies at `place`, where `brought` may have put it, if it is at hand."""
    if brought.text is not None:
        return brought.text
    rest = place[len(brought.destination) :].strip("/")
    for path in brought.paths or ():
        for candidate in _candidates(path, rest):
            text = context.text(candidate)
            if text is not None:
                return text
    return None


def _candidates(path: str, rest: str) -> Iterator[str]:
    """Where in the context a file may lie that becomes `rest` in the destination, "" being the destination itself."""
    folder, _, name = path.rstrip("/").rpartition("/")
    if not rest:
        yield path
        return
    # A file goes by its own name; of a folder, its contents do.
    if "/" not in rest and fnmatchcase(rest, name):
        yield posixpath.join(folder, rest)
    if not any(mark in name for mark in "*?["):
        yield posixpath.join(path, rest)
