"""What COPY and ADD may bring into a stage beside the files that they name: a C library, a shell."""

from __future__ import annotations

import posixpath
import re
from functools import cached_property

from lint_multistage.contents.linkage import NONE
from lint_multistage.contents.placed import Known, Placed, placed_in, source_of
from lint_multistage.contents.products.call import MUSL
from lint_multistage.contents.started import started
from lint_multistage.late import late_regex
from lint_multistage.model.images import parse_image
from lint_multistage.model.stages import Stage
from lint_multistage.syntax.instructions import Add, Copy

# A builder that gathers what a program needs, or a whole system.
GATHERS = late_regex(
    r"\bldd\b|lddtree|patchelf|dynamic-linker|--installroot|\bapk [^&;]{0,400}(?:--root|-p)\b|bootstrap|rootfs|\bnix\b"
    r"|chroot|sysroot|(?<!/var)/lib(?:32|64)?/|\.so\b|crt-static|staticx|appimage",
    re.IGNORECASE,
)
# Programs ask for their loader by its path, and there is no other way to it in a scratch image.
_FOLDERS = late_regex(r"/lib(?:32|64|x32)?(?:/[\w.-]+-linux-[\w.-]+)?")
_LOADER = late_regex(r"ld[-.6\d].*|.*[*?].*|.*-linux-(?:gnu|musl).*")
_SYSTEM = late_regex(r"/+\*?|.*/(?:runtime|root|rootfs|sysroot|system|chroot|target|image|fs)(?:/\*)?")
_ARCHIVE = late_regex(r"\.(?:tar(?:\.\w+)?|tgz|tbz2?|txz)$")
_PROGRAM_FOLDERS = frozenset(
    ("/", "/usr", "/usr/local", "/bin", "/sbin", "/usr/bin", "/usr/local/bin", "/usr/sbin", "/busybox")
)
_SHELL_NAMES = frozenset(("sh", "bash", "ash", "dash", "busybox", "busybox-static", "toybox"))
_NATIVE = frozenset(("go", "rust", "c"))


def tells(known: Known, stage: Stage, pattern: re.Pattern[str]) -> bool:
    """Whether an instruction of the stage, or of those that it is FROM, speaks of what `pattern` says."""
    source = known.dockerfile.source
    return any(
        pattern.search(source[span])
        for above in known.dockerfile.graph.lineage(stage)
        for each in above.instructions[1:]
        for span in each.spans
    )


class Places:
    """What COPY and ADD put into a stage and those that it is FROM, and what that may hold."""

    def __init__(self, known: Known, stage: Stage) -> None:
        self.known = known
        self.stage = stage
        self._told: dict[tuple[int, re.Pattern[str]], bool] = {}
        self._loaders: dict[tuple[str, str], tuple[Placed, ...]] = {}
        self.placed = [each for above in known.dockerfile.graph.lineage(stage) for each in placed_in(known, above)]

    @cached_property
    def roots(self) -> frozenset[str]:
        """The C libraries of whole systems that are copied to `/`."""
        return frozenset(self.libc_of(each) for each in self.placed if _is_whole(each))

    @cached_property
    def started(self) -> frozenset[str]:
        """The files that the image starts."""
        contents = self.known.contents(self.stage.index)
        return frozenset(path for start in started(contents) for path in start.files)

    def tells(self, stage: Stage, pattern: re.Pattern[str]) -> bool:
        """Whether the instructions of a stage, or of those that it is FROM, speak of what `pattern` says."""
        key = (stage.index, pattern)
        if key not in self._told:
            self._told[key] = tells(self.known, stage, pattern)
        return self._told[key]

    def loaders(self, libc: str, offers: str) -> tuple[Placed, ...]:
        """What may bring the loader of the C library `libc` into a stage that has that of `offers`."""
        key = (libc, offers)
        if key not in self._loaders:
            self._loaders[key] = tuple(each for each in self.placed if self.may_have_loader(each, libc, offers))
        return self._loaders[key]

    def may_have_loader(self, placed: Placed, libc: str, offers: str) -> bool:
        """Whether a COPY or ADD may bring the loader of the C library `libc` to where programs look for it."""
        copy = placed.instruction
        origin = self.libc_of(placed)
        if origin and origin != libc:
            return False
        if placed.path is None or placed.destination is None:
            elsewhere = placed.destination not in (None, "/") and not _is_for_libraries(placed.destination or "/")
            return not elsewhere and (origin == libc or offers == NONE)
        if not any(_is_for_libraries(target) for target in placed.targets):
            return placed.destination == "/" and self.is_poured(placed, libc, offers)
        return isinstance(copy, Copy) or offers == NONE

    def is_poured(self, placed: Placed, libc: str, offers: str) -> bool:
        """Whether the contents of a folder that may hold a C library go to `/`."""
        if self.is_file(placed):
            return False
        copy = placed.instruction
        source = source_of(self.known, placed)
        if source is None and self.roots - {"", libc}:
            # What lies beside a whole system with another C library is no C library.
            return False
        if source is None:
            return offers == NONE or (isinstance(copy, Copy) and copy.source is not None)
        if _SYSTEM.fullmatch(posixpath.normpath("/" + (placed.path or ""))):
            return True
        if offers == NONE and not self.libc_of(placed):
            return True
        return self.tells(self.known.dockerfile.stages[source], GATHERS)

    def may_have_shell(self, placed: Placed) -> bool:
        """Whether a COPY or ADD may bring a shell."""
        if placed.path is None or placed.destination is None:
            return True
        if any(posixpath.basename(target) in _SHELL_NAMES for target in placed.targets):
            return True
        return not _PROGRAM_FOLDERS.isdisjoint(placed.targets) and not self.is_file(placed)

    def libc_of(self, placed: Placed) -> str:
        """The C library of the stage or image that is copied from, "" where that is not known."""
        copy = placed.instruction
        if not isinstance(copy, Copy) or copy.source is None:
            return ""
        source = source_of(self.known, placed)
        if source is not None:
            contents = self.known.contents(source)
            image, reference = contents.image, contents.base
        else:
            parsed = parse_image(copy.source.text)
            if isinstance(parsed, str) or self.known.is_context(copy.source.text):
                return ""
            image, reference = self.known.facts.image(parsed.name, parsed.fact_tag), parsed
        if image is None and reference is not None and reference.name.endswith("/alpine"):
            # Somebody's own Alpine.
            return MUSL
        return image.libc if image else ""

    def is_file(self, placed: Placed) -> bool:
        """Whether the path names one file, so that nothing else comes with it."""
        path = placed.path or ""
        name = posixpath.basename(path.rstrip("/"))
        if path.endswith(("/", "/.", "/*")) or name in ("", ".", "*"):
            return False
        if isinstance(placed.instruction, Add):
            if "://" in path:
                # Nothing that is fetched is unpacked, but a repository is a folder.
                return ".git" not in path
            if _ARCHIVE.search(name):
                return False
        if "." in name.lstrip("."):
            return True
        if posixpath.join(placed.destination or "/", name) in self.started:
            return True
        source = source_of(self.known, placed)
        if source is None:
            return False
        place = posixpath.normpath("/" + path.lstrip("/"))
        return any(each.path == place and each.ecosystem in _NATIVE for each in self.known.contents(source).products)


def _is_whole(placed: Placed) -> bool:
    """Whether a folder's contents go to `/`."""
    return placed.destination == "/" and bool(placed.path) and posixpath.basename(placed.path or "") in ("", "*")


def _is_for_libraries(target: str) -> bool:
    """Whether what lies at `target` may be a loader, or a folder with one."""
    folder, _, name = target.rpartition("/")
    if _FOLDERS.fullmatch(target):
        return True
    return bool(_FOLDERS.fullmatch(folder)) and bool(_LOADER.fullmatch(name))
