"""Copies from a stage or an image that a later instruction of the same stage certainly undoes."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Callable, Container, Iterator, Mapping

from msgspec import Struct

from lint_multistage.contents.paths import joined
from lint_multistage.contents.removed import Removed, removed_by
from lint_multistage.contents.stage import Contents
from lint_multistage.late import late_regex
from lint_multistage.model.dockerfile import Dockerfile
from lint_multistage.model.scope import expanded
from lint_multistage.syntax.instructions import Add, Copy, Run
from lint_multistage.syntax.shell import read_script
from lint_multistage.text import Span

IsProgram = Callable[[Copy, str], bool]

# Stands for the folder that a base image starts in where that is not known; deep, so that `..` stays inside it.
_SOMEWHERE = "/\0" * 20
_MOST_COPIES = 100
_MOST_SOURCES = 100
_RM = late_regex(r"\brm\b")
_PATTERN = late_regex(r"[*?\[]")
# Folders have dots in their names, too, but hardly these endings.
_FILE = late_regex(
    r"[^/]+\.(?:cfg|conf|crt|css|deb|dll|exe|gz|html|ini|jar|js|json|key|md|pem|php|py|rb|rpm|service|sh|so|sql|tar|tgz|toml"
    r"|txt|wasm|whl|xml|ya?ml|zip)"
)
# A name with one star: what it matches are files if its ending says so.
_FILES = late_regex(r"[^*?\[]*/[\w.+-]*\*[\w.+-]*")
_IN_BIN = late_regex(r"/?(?:usr/|usr/local/)?s?bin/[^/]+")
# ADD unpacks archives, and clones repositories.
_UNPACKED = late_regex(r"(?:\.(?:tar|t?[gx]z|tbz2?|bz2|zst)|\.git(?:#.*)?)/?$", re.IGNORECASE)


class Overwritten(Struct, frozen=True):
    """A COPY whose result is gone at the end of its stage.

    The words at `span` undo it. `removed` is true where it lay there for RUNs to use until then, false where another
    copy took its place before anything could read it. `path` is where it lay, relative where the working directory is
    not known. `exact` is false where that is the folder that it was put into under a name that is not known, or a
    pattern.
    """

    copy: Copy
    path: str
    exact: bool
    span: Span
    removed: bool


class _Copied(Struct, frozen=True):
    """A copy, what it reads, and where each of that lies if it is a file.

    A folder is laid out in `into`, where that is no None: there sources keep their names, but a folder's own is lost.
    """

    copy: Copy | Add
    sources: tuple[str, ...]
    paths: tuple[str, ...]
    into: str | None
    excluded: tuple[str, ...]


def overwritten(dockerfile: Dockerfile, stage: int, start: Contents, is_program: IsProgram) -> Iterator[Overwritten]:
    """The copies with `--from` of a stage that are undone, in the order in which that happens.

    `start` is what the stage starts with; `is_program` tells whether a path that a COPY reads is that of a program.
    """
    directory: str | None = start.directory or _SOMEWHERE
    shell = start.shell
    kept: dict[int, _Copied] = {}
    # Those that nothing can have used yet, by the first of their paths.
    fresh: dict[str, int] = {}
    laid: set[str] = set()
    twice: set[str] = set()
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
            for path in copied.paths:
                (twice if path in laid else laid).add(path)
            for key in sorted({fresh[path] for path in copied.paths if path in fresh}):
                earlier = kept[key]
                if isinstance(earlier.copy, Copy) and _replaces(copied, earlier, is_program):
                    del kept[key], fresh[earlier.paths[0]]
                    span = instruction.destination.span
                    yield Overwritten(earlier.copy, _told(earlier.paths[0]), True, span, False)
            if isinstance(instruction, Copy) and instruction.source is not None and len(kept) < _MOST_COPIES:
                kept[instruction.span.start] = copied
                fresh[copied.paths[0]] = instruction.span.start
        elif isinstance(instruction, Run) and kept:
            fresh = {}
            end = max((heredoc.body.end for heredoc in instruction.heredocs), default=instruction.span.end)
            if not _RM.search(dockerfile.source[Span(instruction.span.start, end)]):
                continue
            script = read_script(
                instruction,
                dockerfile.source,
                shell=shell,
                variables=variables,
                directory=directory,
                escape=dockerfile.escape,
            )
            targets = [mount.target for mount in instruction.mounts if mount.target]
            mounted = [joined(directory, expanded(target, variables, dockerfile.escape)) for target in targets]
            removed = removed_by(script, dockerfile.source, mounted)
            for key, copied in [*kept.items()]:
                found = _gone(copied, removed, twice, is_program)
                if found is not None:
                    del kept[key]
                    yield found


def _copied(
    instruction: Copy | Add, variables: Mapping[str, str], directory: str | None, escape: str
) -> _Copied | None:
    """What a copy puts where; None where that is not known."""
    written = expanded(instruction.destination.text, variables, escape)
    destination = joined(directory, written)
    sources = _sources(instruction, variables, escape)
    if (
        written is None
        or destination is None
        or not sources
        or any(flag.name == "parents" for flag in instruction.flags)
    ):
        return None
    several = len(sources) > 1 or bool(_PATTERN.search(sources[0]))
    into = destination if several or written.endswith(("/", "/.")) or written == "." else None
    paths = tuple(
        destination if into is None or _is_folder(source) else posixpath.join(into, posixpath.basename(source))
        for source in sources
    )
    excluded = tuple(flag.value.text for flag in instruction.flags if flag.name == "exclude" and flag.value)
    return _Copied(instruction, sources, paths, into, excluded)


def _sources(instruction: Copy | Add, variables: Mapping[str, str], escape: str) -> tuple[str, ...]:
    """The paths that a copy reads, or the names of the texts that it holds; none where they are not known."""
    if instruction.heredocs:
        return tuple(each.name for each in instruction.heredocs) if len(instruction.paths) == 1 else ()
    sources: list[str] = []
    for path in instruction.paths[: _MOST_SOURCES + 1]:
        source = expanded(path.text, variables, escape)
        if source is None or (_PATTERN.search(source) and not _FILES.fullmatch(source)):
            return ()
        if isinstance(instruction, Add) and _UNPACKED.search(source):
            return ()
        sources.append(source)
    return tuple(sources) if len(sources) <= _MOST_SOURCES else ()


def _replaces(later: _Copied, earlier: _Copied, is_program: IsProgram) -> bool:
    """Whether a copy certainly leaves nothing of an earlier one: folders are laid one over the other."""
    if (later.into, later.paths, later.sources, _from(later)) == (
        earlier.into,
        earlier.paths,
        earlier.sources,
        _from(earlier),
    ):
        return later.excluded in ((), earlier.excluded)
    if later.excluded:
        return False
    others = dict(zip(later.paths, later.sources, strict=True))
    for path, source in zip(earlier.paths, earlier.sources, strict=True):
        other = others.get(path)
        if other is None or _is_folder(source) or _is_folder(other) or _PATTERN.search(source):
            return False
        if _FILE.fullmatch(posixpath.basename(path)):
            continue
        # It may be a folder that is there already, into which files are put, each under its name.
        if posixpath.basename(source) != posixpath.basename(other):
            return False
        if not _is_file(earlier.copy, source, is_program) or not _is_file(later.copy, other, is_program):
            return False
    return True


def _gone(copied: _Copied, removed: Removed, twice: Container[str], is_program: IsProgram) -> Overwritten | None:
    """The copy as one that is removed, where all of it is; `twice` are paths that several copies may have made."""
    if not isinstance(copied.copy, Copy):
        return None
    path, exact, last = copied.paths[0], True, Span(0, 0)
    for source, place in zip(copied.sources, copied.paths, strict=True):
        found = removed.file(place)
        if found is None:
            return None
        name = posixpath.basename(place)
        if not _is_folder(source) and _is_file(copied.copy, source, is_program):
            # The destination may be a folder that was there before.
            own = name == posixpath.basename(source) or _FILE.fullmatch(name) or removed.named(place)
            exact = exact and bool(own)
        else:
            # `rm` fails where it is told to remove a folder. A folder that was laid out in another is not found there.
            folder = place if copied.into is None else copied.into
            if folder == place or place not in removed.found or place in twice:
                found = removed.tree(folder) or (removed.named(place) if folder == place else None)
                if folder != place:
                    path, exact = folder, False
        if found is None:
            return None
        last = max(last, found)
    exact = exact and not _PATTERN.search(path)
    return Overwritten(copied.copy, _told(path), exact, last, True)


def _told(path: str) -> str:
    return posixpath.relpath(path, _SOMEWHERE) if path.startswith("/\0") else path


def _is_file(copy: Copy | Add, source: str, is_program: IsProgram) -> bool:
    """Whether what a copy reads is certainly one file."""
    if _FILE.fullmatch(posixpath.basename(source)):
        return True
    return (
        isinstance(copy, Copy)
        and copy.source is not None
        and bool(_IN_BIN.fullmatch(source) or is_program(copy, source))
    )


def _is_folder(source: str) -> bool:
    """Whether a source is certainly a folder."""
    return posixpath.basename(source) in ("", ".", "..")


def _from(copied: _Copied) -> str | None:
    source = copied.copy.source if isinstance(copied.copy, Copy) else None
    return source.text.lower() if source is not None else None
