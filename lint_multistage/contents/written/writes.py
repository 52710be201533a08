"""Where a command may write, and the parts from which readers put that together."""

from __future__ import annotations

import posixpath
from collections.abc import Iterable

from msgspec import Struct

from lint_multistage.contents.products.call import Call
from lint_multistage.late import late_regex

SYSTEM_FOLDERS = tuple(
    "/usr /etc /var /opt /lib /lib32 /lib64 /libx32 /bin /sbin /run /root /home /srv /tmp /boot /dev /proc /sys /media "
    "/mnt".split()
)
"""The folders of every Linux system (Filesystem Hierarchy Standard 3.0)."""

_SPECIAL = late_regex(r"[*?\[\]{}$`\n]")
_ABSOLUTE = late_regex(r"(?:^|[=,:@])(/[\w./+@-]+)")


class Writes(Struct, frozen=True):
    """What a command may leave: the files and folders `paths`, and anything at or below `trees`.

    `removed` are trees that it certainly takes away. `anywhere` is true where it may write to any other place, too;
    `usual` where it could, but tools of its kind do not.
    """

    paths: tuple[str, ...] = ()
    trees: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()
    anywhere: bool = False
    usual: bool = False

    def __or__(self, other: Writes) -> Writes:
        return Writes(
            (*self.paths, *other.paths),
            (*self.trees, *other.trees),
            (*self.removed, *other.removed),
            self.anywhere or other.anywhere,
            self.usual or other.usual,
        )


NOTHING = Writes()
ANYWHERE = Writes(anywhere=True)
SYSTEM = Writes(trees=SYSTEM_FOLDERS)


def file_at(call: Call, text: str | None) -> Writes:
    """The one file or folder that `text` names; below its known part where it holds a pattern."""
    place = call.place(text)
    if place is not None:
        return Writes(paths=(place,))
    return _below(call, text)


def tree_at(call: Call, text: str | None) -> Writes:
    """`text` and all below it."""
    place = call.place(text)
    if place is not None:
        return Writes(trees=(place,)) if place != "/" else ANYWHERE
    return _below(call, text)


def file_of(call: Call, at: int) -> Writes:
    """The file that argument number `at` names."""
    known = call.text(at)
    return file_at(call, known) if known is not None else _below(call, _head(call, at))


def tree_of(call: Call, at: int) -> Writes:
    """The tree that argument number `at` names."""
    known = call.text(at)
    return tree_at(call, known) if known is not None else _below(call, _head(call, at))


def _head(call: Call, at: int) -> str | None:
    # `/out/$NAME`: what stands in front of the variable is a folder.
    head = call.heads[at] if 0 <= at < len(call.heads) else ""
    return f"{head}*" if head else None


def _below(call: Call, text: str | None) -> Writes:
    """The folder that the known part of `text` names."""
    found = _SPECIAL.search(text) if text else None
    if text is None or found is None or text.startswith("~"):
        return ANYWHERE
    folder = text[: found.start()].rpartition("/")[0]
    if found.start() == 0:
        return ANYWHERE
    place = call.place(folder or ("/" if text.startswith("/") else "."))
    return Writes(trees=(place,)) if place not in (None, "/") else ANYWHERE


def all_of(parts: Iterable[Writes]) -> Writes:
    """All of `parts`."""
    found = NOTHING
    for part in parts:
        found = found | part
    return found


def top(place: str | None) -> Writes:
    """The outermost folder of a path: where a tool that is run in it may write."""
    name = place.split("/")[1] if place else ""
    return Writes(trees=(f"/{name}",)) if name else ANYWHERE


def absolute(call: Call) -> Writes:
    """The trees of all absolute paths among the arguments."""
    trees = [place for head in call.heads for place in _ABSOLUTE.findall(head)]
    return Writes(trees=tuple(posixpath.normpath(place) for place in trees if place.strip("/")))
