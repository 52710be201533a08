"""Copies from a stage or an image that a later instruction of the same stage certainly undoes."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Callable, Iterator, Mapping

from msgspec import Struct

from lint_multistage.contents.stage import Contents, joined
from lint_multistage.model.dockerfile import Dockerfile
from lint_multistage.model.scope import expanded
from lint_multistage.syntax.instructions import Add, Copy, Run
from lint_multistage.syntax.shell import read_script
from lint_multistage.syntax.shell_commands import Command
from lint_multistage.text import Span

_MOST = 200
_RM = re.compile(r"\brm\b")
_PATTERN = re.compile(r"[*?\[]")
# Folders have dots in their names, too, but hardly these endings.
_FILE = re.compile(
    r"[^/]+\.(?:cfg|conf|crt|css|deb|dll|exe|gz|html|ini|jar|js|json|key|md|pem|php|py|rb|rpm|service|sh|so|sql|tar|tgz|toml"
    r"|txt|war|wasm|whl|xml|ya?ml|zip)"
)


class Overwritten(Struct, frozen=True):
    """A COPY whose result is gone at the end of its stage.

    The words at `span`, on `line`, undo it. `removed` is true where it lay there for RUNs to use until then, false
    where another copy took its place before anything could read it. `path` is where it lay.
    """

    copy: Copy
    path: str
    line: int
    span: Span
    removed: bool


class _Copied(Struct, frozen=True):
    """A copy, what it reads, and where each of that lies."""

    copy: Copy | Add
    sources: tuple[str, ...]
    paths: tuple[str, ...]


def overwritten(
    dockerfile: Dockerfile, stage: int, start: Contents, is_program: Callable[[Copy, str], bool]
) -> Iterator[Overwritten]:
    """The copies with `--from` of a stage that are undone, in the order in which that happens.

    `start` is what the stage starts with; `is_program` tells whether a path that a COPY reads is that of a program.
    """
    directory, shell = start.directory, start.shell
    kept: dict[int, _Copied] = {}
    # Those that nothing can have used yet, by the first of their paths.
    fresh: dict[str, int] = {}
    for instruction, variables in dockerfile.with_variables(stage, start.variables):
        keyword = instruction.keyword.text
        if keyword == "WORKDIR":
            directory = joined(directory, expanded(instruction.value.text, variables, dockerfile.escape))
        elif keyword == "SHELL" and instruction.json:
            shell = tuple(word.text for word in instruction.words)
        elif isinstance(instruction, Copy | Add):
            copied = _copied(instruction, variables, directory, dockerfile.escape)
            if copied is None:
                continue
            for key in {fresh[path] for path in copied.paths if path in fresh}:
                if _replaces(copied, kept[key], is_program):
                    earlier = kept.pop(key)
                    del fresh[earlier.paths[0]]
                    yield _undone(earlier, instruction.line, instruction.destination.span, removed=False)
            if isinstance(instruction, Copy) and instruction.source is not None and len(kept) < _MOST:
                kept[instruction.span.start] = copied
                fresh[copied.paths[0]] = instruction.span.start
        elif isinstance(instruction, Run) and kept:
            fresh = {}
            if not _RM.search(dockerfile.source[instruction.span]):
                continue
            script = read_script(
                instruction,
                dockerfile.source,
                shell=shell,
                variables=variables,
                directory=directory,
                escape=dockerfile.escape,
            )
            for removal in [command for command in script.commands if command.name == "rm" and command.certain]:
                for key, copied in [*kept.items()]:
                    if _removes(removal, copied.paths):
                        del kept[key]
                        yield _undone(copied, instruction.line, removal.span, removed=True)


def _undone(copied: _Copied, line: int, span: Span, *, removed: bool) -> Overwritten:
    assert isinstance(copied.copy, Copy)
    return Overwritten(copied.copy, copied.paths[0], line, span, removed)


def _copied(
    instruction: Copy | Add, variables: Mapping[str, str], directory: str | None, escape: str
) -> _Copied | None:
    """What a copy puts where; None where that is not known."""
    written = expanded(instruction.destination.text, variables, escape)
    destination = joined(directory, written)
    sources: list[str] = []
    for path in instruction.paths:
        source = expanded(path.text, variables, escape)
        if source is None or _PATTERN.search(source):
            return None
        sources.append(source)
    if written is None or destination is None or not sources or instruction.heredocs:
        return None
    into = len(sources) > 1 or written.endswith(("/", "/.")) or written == "."
    names = [posixpath.basename(source.rstrip("/")) for source in sources]
    paths = [posixpath.join(destination, name) if into else destination for name in names]
    return _Copied(instruction, tuple(sources), tuple(paths))


def _replaces(copied: _Copied, earlier: _Copied, is_program: Callable[[Copy, str], bool]) -> bool:
    """Whether a copy certainly leaves nothing of an earlier one: folders are laid one over the other."""
    if copied.paths == earlier.paths and copied.sources == earlier.sources and _from(copied) == _from(earlier):
        return True
    for path, source in zip(earlier.paths, earlier.sources, strict=True):
        if path not in copied.paths:
            return False
        other = copied.sources[copied.paths.index(path)]
        name = posixpath.basename(path)
        if not _FILE.fullmatch(name) and not name == posixpath.basename(source) == posixpath.basename(other):
            # It may be a folder that is there already, into which files are put.
            return False
        # Where one of them is a file the other is, or the build fails.
        pairs = ((earlier.copy, source), (copied.copy, other))
        if not any(_FILE.fullmatch(posixpath.basename(name)) for _, name in pairs) and not any(
            isinstance(copy, Copy) and copy.source is not None and is_program(copy, name) for copy, name in pairs
        ):
            return False
    return True


def _from(copied: _Copied) -> str | None:
    source = copied.copy.source if isinstance(copied.copy, Copy) else None
    return source.text.lower() if source is not None else None


def _removes(command: Command, paths: tuple[str, ...]) -> bool:
    """Whether an `rm` takes all of `paths` away."""
    texts = [word.text for word in command.words[1:]]
    recursive = any(text and (text == "--recursive" or re.fullmatch(r"-\w*[rR]\w*", text)) for text in texts)
    gone = [joined(command.directory, text) for text in texts if text and not text.startswith("-")]
    return all(any(place is not None and _covers(place, path, recursive) for place in gone) for path in paths)


def _covers(place: str, path: str, recursive: bool) -> bool:
    folder = place.removesuffix("/*")
    if _PATTERN.search(folder):
        return False
    return place == path or (recursive and path.startswith(f"{folder}/"))
