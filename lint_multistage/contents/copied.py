"""The toolchains that `COPY --from` takes along from another stage or image."""

from __future__ import annotations

import posixpath
from collections.abc import Callable, Iterable, Iterator

from msgspec import Struct
from msgspec.structs import replace

from lint_multistage.contents.carried import BUNDLED, COPIED, LEFT, PACKAGE, Carried, within
from lint_multistage.facts import Facts
from lint_multistage.model.dockerfile import Dockerfile
from lint_multistage.model.stages import is_number
from lint_multistage.syntax.instructions import Copy, Word

# Where a toolchain, or what holds one, may lie; what a stage carries is worked out only for such paths.
_FOLDERS = frozenset(
    "/ /usr /usr/local /usr/lib /usr/lib64 /usr/libexec /usr/share /usr/local/bin /usr/local/lib /usr/local/share"
    " /usr/local/lib64 /usr/java /opt /root /home".split()
)
_NAMES = frozenset(
    "jdk jvm java jre openjdk default dotnet go goroot golang rust rustup cargo llvm clang gcc zig swift dart "
    "flutter ghc ghcup cabal stack sdk ndk emsdk sdkman gradle maven sbt ant kotlinc scala nim crystal cuda "
    "toolchain toolchains cmake protoc bazel bazelisk cross opam graalvm android corretto zulu lein ninja wasi".split()
)
_IN_VARIABLES = ("java", "jdk", "go", "rust", "cargo", "dotnet", "sdk", "toolchain", "home")
_WORDS = str.maketrans(dict.fromkeys("0123456789-_.+*$@", " "))


class Source(Struct, frozen=True):
    """What a `COPY --from` reads: its name for people, and the toolchains there, none where nothing is known."""

    label: str
    carried: tuple[Carried, ...] = ()


def interesting(copy: Copy) -> bool:
    """Whether a COPY may take a toolchain along, judged by the names of its paths."""
    return copy.source is not None and any(_may_hold(path.text) for path in copy.paths)


def _may_hold(path: str) -> bool:
    path = path.strip("\"'").lower().removesuffix("*").removesuffix("/.").rstrip("/") or "/"
    folder, _, name = path.rpartition("/")
    if path in _FOLDERS or folder == "/home" or not _NAMES.isdisjoint(name.translate(_WORDS).split()) or "jdk" in name:
        return True
    return "$" in name and any(word in name for word in _IN_VARIABLES)


def read_stages(dockerfile: Dockerfile, stage: int) -> Iterator[int]:
    """The earlier stages from which stage number `stage` may copy a toolchain."""
    for instruction in dockerfile.stages[stage].instructions:
        if isinstance(instruction, Copy) and interesting(instruction):
            source = stage_of(dockerfile, instruction.source, stage)
            if source is not None:
                yield source


def stage_of(dockerfile: Dockerfile, word: Word | None, before: int) -> int | None:
    """The stage that `--from` names, if it stands before stage number `before`: a later one fails the build."""
    if word is None:
        return None
    at = int(word.text) if is_number(word.text) else dockerfile.graph.named(word.text)
    return at if at is not None and 0 <= at < before else None


def toolchains_copied(
    copy: Copy, source: Source, destination: str | None, expand: Callable[[str], str | None], stage: int, facts: Facts
) -> list[Carried]:
    """The toolchains that a COPY to the absolute path `destination` brings, one record for each path and origin."""
    found: list[Carried] = []
    for word in copy.paths:
        path = expand(word.text)
        if path is None or "\\" in path or ":" in path:
            continue
        path = posixpath.normpath("/" + path.lstrip("/"))
        if path.endswith("/*"):
            path = path[:-2] or "/"
        for origin, rest in _taken(path, source.carried, facts):
            found.append(_copied(copy, word, source, origin, _joined(destination, rest, copy), stage))
        told = facts.told_by(path)
        if told and not any(each.span == word.span for each in found):
            carried = Carried(
                toolchains=told,
                via=COPIED,
                by=source.label,
                stage=stage,
                line=copy.line,
                span=word.span,
                path=destination,
            )
            found.append(carried)
    return found


def _copied(copy: Copy, word: Word, source: Source, origin: Carried, place: str | None, stage: int) -> Carried:
    return replace(
        origin,
        via=COPIED,
        by=source.label,
        stage=stage,
        line=copy.line,
        span=word.span,
        path=place,
        state=LEFT,
        removed_line=0,
        removed=None,
        origin=origin,
        main=True,
    )


def _taken(path: str, carried: Iterable[Carried], facts: Facts) -> Iterator[tuple[Carried, str]]:
    """What of a source lies at or below `path`, and where below it."""
    for each in carried:
        # What an interpreter's image has beside it is a matter of that image.
        if not each.stays or each.via == BUNDLED:
            continue
        names = tuple(name for name in each.toolchains if facts.heavy(name))
        if not names:
            continue
        if path == "/":
            yield replace(each, toolchains=names), (each.path or "").lstrip("/")
            continue
        rest = within(path, each.path) if each.path else None
        if rest is not None:
            yield replace(each, toolchains=names), rest
        elif each.path is None or each.via == PACKAGE:
            # Where distributions and others put it as a rule.
            usual = tuple(name for name in names if any(_is(path, place) for place in facts.usual_places(name)))
            if usual:
                yield replace(each, toolchains=usual), ""


def _is(path: str, place: str) -> bool:
    return within(path, place) == ""


def _joined(destination: str | None, rest: str, copy: Copy) -> str | None:
    """Where a part of what is copied lies; a folder's contents are copied, a file goes by its own name."""
    if destination is None:
        return None
    return posixpath.join(destination, rest) if rest else destination
