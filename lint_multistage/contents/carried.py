"""A toolchain that a stage carries: what brought it, where it lies, and whether it was removed."""

from __future__ import annotations

from collections.abc import Mapping
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING

from msgspec import Struct
from msgspec.structs import replace

from lint_multistage.syntax.shell_commands import Script
from lint_multistage.syntax.shell_wrappers import SHELLS
from lint_multistage.text import Span

if TYPE_CHECKING:
    from lint_multistage.contents.installers import Fetched

BASE, BUNDLED, PACKAGE, INSTALLER, COPIED = "base", "bundled", "package", "installer", "copied"
"""What brings a toolchain: the base image, that of an interpreter, a package, an installer or archive, a COPY."""
LEFT, GONE, HIDDEN = "left", "gone", "hidden"
"""What becomes of it: it stays; the layer that brings it removes it; a later layer does, and its size stays."""
FETCHING = frozenset(("curl", "wget", "wget2", "aria2c"))
UNPACKING = frozenset(("tar", "bsdtar", "gtar", "unzip"))
RUNNING = frozenset((*SHELLS, ".", "source", "eval"))
INSTALLING = frozenset(
    "rustup rustup-init rustup-init.sh rustup.sh sdk cs coursier ghcup bootstrap-haskell stack dotnet-install.sh "
    "swiftly choosenim opam emsdk llvm.sh wasm-pack-init wasm-pack-init.sh".split()
)
"""The programs that the facts know to install a toolchain; with it, they need not be read for most scripts."""
_BRINGS = FETCHING | UNPACKING | INSTALLING | {"git"}
_CHANGES = RUNNING | {"rm", "mv"}
_GLOB = "*?["


class Carried(Struct, frozen=True, kw_only=True):
    """Toolchains that one thing brought into a stage.

    `via` is one of BASE, BUNDLED, PACKAGE, INSTALLER and COPIED, `by` the name of that image, package, installer or
    archive, or of the stage or image that is copied from ("" where it is not known). `stage` and `line` number the
    stage and instruction that brought them, and `span` is where it says so: what a stage inherits has the number of
    another stage. `path` is where they lie, an absolute shell pattern, None where that is not known. `certain` is false
    where they may be absent.
    `state` is LEFT, GONE or HIDDEN; `removed_line` and `removed` are the instruction and words that removed them.
    `origin` is what a copy was made of. `main` is false for what is of little use without another part that lies
    elsewhere. `image` is an image that has the same. `archive` is true for the archive itself, of which only those that
    were removed too late are told.
    """

    toolchains: tuple[str, ...]
    via: str
    by: str
    stage: int
    line: int
    span: Span
    path: str | None = None
    certain: bool = True
    state: str = LEFT
    removed_line: int = 0
    removed: Span | None = None
    origin: Carried | None = None
    main: bool = True
    image: str = ""
    archive: bool = False

    @property
    def stays(self) -> bool:
        """Whether it is certainly there in the end."""
        return self.certain and self.state == LEFT

    def without(self, stage: int, line: int, span: Span) -> Carried:
        """The same once the instruction on `line` of `stage` has removed it."""
        state = GONE if (self.stage, self.line) == (stage, line) else HIDDEN
        return replace(self, state=state, removed_line=line, removed=span)


class Toolchains(Struct, frozen=True):
    """The toolchains that are in a stage, packages left out, and the installers and archives that lie ready."""

    carried: tuple[Carried, ...] = ()
    fetched: tuple[Fetched, ...] = ()

    def doubted(self, stage: int, line: int) -> Toolchains:
        """The same where the instruction on `line` may have removed what it brought."""
        carried = tuple(
            replace(each, certain=False) if (each.stage, each.line) == (stage, line) else each for each in self.carried
        )
        return replace(self, carried=carried)

    def concerned(self, script: Script) -> bool:
        """Whether `script` may bring a toolchain or change what is there."""
        return bool(self.fetched) or any(
            command.name in _BRINGS
            or (bool(self.carried) and command.name in _CHANGES)
            or (command.name in RUNNING and any(_name(word.text) in INSTALLING for word in command.words))
            for command in script.commands
        )


class Place(Struct, frozen=True):
    """Where an instruction stands, and what holds there: the variables, and the user that runs commands.

    `mounted` are folders that mounts lay over the stage: what is put there does not stay.
    """

    stage: int
    line: int
    variables: Mapping[str, str]
    user: str
    mounted: tuple[str, ...] = ()


def within(outer: str, inner: str) -> str | None:
    """The rest of `inner` below `outer`, "" where they are one, None where `inner` lies elsewhere.

    Both are absolute paths of which parts may be patterns; patterns that may mean the same are taken to do so.
    """
    first, second = _parts(outer), _parts(inner)
    if len(first) > len(second):
        return None
    if all(_alike(one, other) for one, other in zip(first, second, strict=False)):
        return "/".join(second[len(first) :])
    return None


def _name(path: str | None) -> str:
    return (path or "").rpartition("/")[2]


def _parts(path: str) -> list[str]:
    return [part for part in path.split("/") if part]


def _alike(one: str, other: str) -> bool:
    if one == other:
        return True
    globs = [any(mark in part for mark in _GLOB) for part in (one, other)]
    if all(globs):
        return _plain(one) == _plain(other) or (one == _plain(one) + "*" and other.startswith(one[:-1]))
    return (globs[0] and fnmatchcase(other, one)) or (globs[1] and fnmatchcase(one, other))


def _plain(pattern: str) -> str:
    """What stands ahead of the first mark of a pattern."""
    return pattern[: min((at for at in map(pattern.find, _GLOB) if at >= 0), default=len(pattern))]
