"""What a shell knows while it runs: variables, its directory, and what is certain."""

from __future__ import annotations

import posixpath
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from lint_multistage.late import late_regex
from lint_multistage.syntax.shell_commands import ShellWord
from lint_multistage.syntax.shell_parse import TooMuchError

if TYPE_CHECKING:
    from tree_sitter import Node

Value = str | tuple[str | None, ...] | None
Handler = Iterator["Node"]

MOST_EXPORTED = 200

# The directories are kept among the variables, so that branches and subshells restore them alike.
_DIRECTORY = " directory"
_PREVIOUS = " previous directory"
_STACK = " directories"
_PATTERN = late_regex(r"[*?\[]")
_LONGEST_PATH = 4_096
_POSITIONAL = ("#", "@", "*", *"123456789")


class State:
    """Variables with a journal, so that what a branch or subshell changes can be taken back.

    A variable that is missing or None has no value that is known; tuples are arrays.
    """

    def __init__(self, values: Mapping[str, str], directory: str | None) -> None:
        self.values: dict[str, Value] = {**values, _DIRECTORY: directory, _STACK: ()}
        self.environment = values
        self.journal: list[tuple[str, Value]] = []
        self.certain = True
        self.left = False
        """Whether the shell may have ended before this point."""
        self.last = True
        """Whether the exit status of what runs now is that of the RUN."""
        self._exported: dict[str, None] = {}
        self._env: tuple[tuple[str, str | None], ...] | None = ()
        self.set_arguments(())

    # --- variables

    def put(self, name: str, value: Value) -> None:
        self.journal.append((name, self.values.get(name)))
        self.values[name] = value
        if name in self._exported:
            self._env = None

    def undo(self, mark: int) -> set[str]:
        """Take back what was set since the journal was `mark` long; returns the names."""
        touched = set()
        while len(self.journal) > mark:
            name, value = self.journal.pop()
            self.values[name] = value
            touched.add(name)
        if not touched.isdisjoint(self._exported):
            self._env = None
        return touched

    def forget(self, names: set[str]) -> None:
        for name in names:
            self.put(name, None)

    def export(self, name: str) -> None:
        if name not in self._exported:
            self._exported[name] = None
            self._env = None
            if len(self._exported) > MOST_EXPORTED:
                raise TooMuchError(f"the script exports more than {MOST_EXPORTED} variables")

    def export_also(self, names: Iterable[str]) -> dict[str, None]:
        """Export `names` until `restore_exported` is given what this returns."""
        before = dict(self._exported)
        for name in names:
            self.export(name)
        return before

    def restore_exported(self, before: dict[str, None]) -> None:
        """Take back exports."""
        self._exported = before
        self._env = None

    def exported(self) -> tuple[tuple[str, str | None], ...]:
        """The exported variables."""
        if self._env is None:
            values = ((name, self.values.get(name)) for name in self._exported)
            self._env = tuple((name, value if isinstance(value, str) else None) for name, value in values)
        return self._env

    def set_arguments(self, texts: Sequence[str | None] | None) -> None:
        """Set `$1`, `$2` …, `$@` and `$#`; None where nothing is known of them."""
        if texts is None:
            self.forget(set(_POSITIONAL))
            return
        self.put("@", tuple(texts))
        self.put("*", tuple(texts))
        self.put("#", str(len(texts)))
        for number in range(1, 10):
            self.put(str(number), texts[number - 1] if number <= len(texts) else "")

    def arguments(self) -> Sequence[str | None] | None:
        """What `set_arguments` has set."""
        value = self.values.get("@")
        return value if isinstance(value, tuple) else None

    def new_shell(self) -> None:
        """Forget the variables that are not handed on to another process."""
        self.forget(
            {
                name
                for name, value in self.values.items()
                if value is not None
                and name not in self._exported
                and name not in self.environment
                and not name.startswith(" ")
            }
        )

    # --- directories

    @property
    def directory(self) -> str | None:
        value = self.values[_DIRECTORY]
        return value if isinstance(value, str) else None

    def change_directory(self, name: str, words: Sequence[ShellWord]) -> None:
        """Follow `cd`, `pushd` and `popd`."""
        texts = [word.text for word in words[1:]]
        while texts and (texts[0] or "").startswith("-") and texts[0] != "-":
            texts.pop(0)
        stack = self.values[_STACK]
        stack = stack if isinstance(stack, tuple) else ()
        before = self.directory
        if name == "popd":
            self._enter(stack[-1] if stack else None)
            self.put(_STACK, stack[:-1])
        elif name == "pushd":
            self._enter(self._target(texts[0]) if texts else None)
            self.put(_STACK, (*stack, before))
        elif texts == ["-"]:
            previous = self.values.get(_PREVIOUS)
            self._enter(previous if isinstance(previous, str) else None)
        else:
            self._enter(self._target(texts[0] if texts else "~"))
        self.put(_PREVIOUS, before)

    def _enter(self, directory: str | None) -> None:
        self.put(_DIRECTORY, directory)

    def _target(self, text: str | None) -> str | None:
        if text and text.startswith("~"):
            home = self.values.get("HOME")
            text = home + text[1:] if isinstance(home, str) and text[1:2] in ("", "/") else None
        if text is None or _PATTERN.search(text):
            return None
        if text.startswith("/"):
            return posixpath.normpath("/" + text.lstrip("/"))
        directory = self.directory
        if directory is None or len(directory) + len(text) > _LONGEST_PATH:
            return None
        return posixpath.normpath(posixpath.join(directory, text))

    # --- control flow

    def branch(self, nodes: list[Node], touched: set[str]) -> Handler:
        """Walk what may or may not run; the names that it sets are put into `touched`."""
        certain, mark = self.certain, len(self.journal)
        self.certain = False
        for node in nodes:
            self.last = False
            yield node
        self.certain = certain
        touched |= self.undo(mark)

    def isolated(self, nodes: Sequence[Node]) -> Handler:
        """Walk nodes in a subshell."""
        mark, left, last = len(self.journal), self.left, self.last
        for node in nodes:
            self.last = False
            yield node
        self.undo(mark)
        self.left, self.last = left, last
