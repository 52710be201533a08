"""What the stages that ship get from those that build: each program, where it was made, and the COPY that brings it."""

from __future__ import annotations

import posixpath
from collections.abc import Iterator
from itertools import islice

from msgspec import Struct

from lint_multistage.contents.paths import holds
from lint_multistage.contents.placed import Known, Placed, placed_in, source_of
from lint_multistage.contents.products import Product
from lint_multistage.contents.products.call import DEFAULT, DYNAMIC, libc_of_target
from lint_multistage.contents.stage import Contents
from lint_multistage.late import late_regex
from lint_multistage.model.stages import Stage

_DEEPEST = 8
MOST_PLACED = 300
"""Paths of the COPY instructions of one stage that are looked at."""
_GLOB = late_regex(r"[*?\[]")
# Where cargo and swift put a program whose name the manifest tells.
_OUTPUT = {
    "rust": late_regex(r".*/target/(?:(?P<triple>\w+-[\w.-]+)/)?[\w-]+/(?:examples/)?[^/]+"),
    "swift": late_regex(r".*/\.build/(?:(?P<triple>\w+-[\w.-]+)/)?(?:release|debug)/[^/]+"),
}
_SHARED_LIBRARY = late_regex(r".*\.so(?:\.\d+)*")
# Cargo puts programs of others there; whether an image's user or the build needs them, they are what is copied.
_INSTALLING = late_regex(r"(?:cargo|go|xx-go) install")


class Arrival(Struct, frozen=True):
    """What `placed` brings: `products` are all that made the one thing.

    `stages` are the numbers of the stages that it comes through, that which makes it last.
    """

    placed: Placed
    products: tuple[Product, ...]
    stages: tuple[int, ...]

    @property
    def made(self) -> int:
        """The number of the stage that makes it."""
        return self.stages[-1]

    def is_only(self, placed: Placed) -> bool:
        """Whether `placed` is what brings the product, and nothing but the product."""
        path = posixpath.normpath("/" + (placed.path or "").lstrip("/"))
        same = {product.path for product in self.products} <= {path, None}
        return placed.word.span == self.placed.word.span and same


def arrivals(known: Known, stage: Stage) -> Iterator[Arrival]:
    """The programs that the stage's own COPY instructions bring from stages that make them."""
    for placed in islice(placed_in(known, stage), MOST_PLACED):
        source = source_of(known, placed)
        if source is not None and placed.path:
            found = _found(known, source, placed.path, _DEEPEST)
            if found is not None:
                yield Arrival(placed, found[0], found[1])


def _found(known: Known, stage: int, path: str, depth: int) -> tuple[tuple[Product, ...], tuple[int, ...]] | None:
    """The products of one path that `path` of a stage names or holds, and the stages that they come through."""
    place = posixpath.normpath("/" + path.lstrip("/"))
    place = place.removesuffix("/*") or "/"
    if place == "/" or _GLOB.search(place) or not depth:
        return None
    contents = known.contents(stage)
    if contents.not_understood:
        return None
    products = _made(place, contents)
    if products:
        return products, (stage,)
    return _followed(known, stage, place, depth)


def _made(place: str, contents: Contents) -> tuple[Product, ...]:
    """The products of a stage that `place` names, or of the one path in it that is most to the point."""
    if place in contents.brought or _SHARED_LIBRARY.fullmatch(place):
        return ()
    for fits in (lambda path: path == place, lambda path: holds(path, place)):
        found = tuple(each for each in contents.products if each.path and fits(each.path))
        if found:
            return found if _settled(found) else ()
    inside: dict[str, list[Product]] = {}
    for each in contents.products:
        if each.path and holds(place, each.path) and not _SHARED_LIBRARY.fullmatch(each.path):
            inside.setdefault(each.path, []).append(each)
    for group in inside.values():
        if _settled(group) and all(each.link in (DEFAULT, DYNAMIC) for each in group):
            return tuple(group)
    return _hidden(place, contents)


def _settled(products: tuple[Product, ...] | list[Product]) -> bool:
    """Whether at least one of the products is certainly what is built."""
    return any(each.certain or _INSTALLING.match(each.command) for each in products)


def _hidden(place: str, contents: Contents) -> tuple[Product, ...]:
    """The products that lie where their tool puts them, where the command does not tell the name."""
    tool, match = next(
        ((tool, match) for tool, form in _OUTPUT.items() if (match := form.fullmatch(place))), ("", None)
    )
    found = tuple(each for each in contents.products if each.ecosystem == tool and each.path is None)
    if match is None or not found or not _settled(found):
        return ()
    triple = match["triple"] if tool == "rust" else None
    if not triple:
        return found if all(not each.libc for each in found) else ()
    libc = libc_of_target(triple)
    same = tuple(each for each in found if each.libc == libc)
    return same if libc and same else ()


def _followed(known: Known, stage: int, place: str, depth: int) -> tuple[tuple[Product, ...], tuple[int, ...]] | None:
    """The same where the stage got it by a COPY of its own."""
    dockerfile = known.dockerfile
    for each in reversed(dockerfile.graph.lineage(dockerfile.stages[stage])):
        for placed in reversed(list(islice(placed_in(known, each), MOST_PLACED))):
            rest = _rest(placed, place)
            if rest is None:
                continue
            source = source_of(known, placed)
            found = None if source is None else _found(known, source, rest, depth - 1)
            return (found[0], (stage, *found[1])) if found else None
    return None


def _rest(placed: Placed, place: str) -> str | None:
    """Where `place` lay before the COPY put it there, None where the COPY did not."""
    for target in placed.targets:
        if holds(place, target):
            return placed.path
        if holds(target, place):
            return posixpath.join(placed.path or "/", place[len(target) :].lstrip("/"))
    return None
