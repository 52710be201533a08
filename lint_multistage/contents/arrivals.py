"""What the stages that ship get from those that build: each program, where it was made, and the COPY that brings it."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator
from itertools import islice
from typing import Protocol

from msgspec import Struct

from lint_multistage.contents.copied import stage_of
from lint_multistage.contents.products import Product
from lint_multistage.contents.products.call import DEFAULT, DYNAMIC, libc_of_target
from lint_multistage.contents.stage import Contents, joined
from lint_multistage.context import Context
from lint_multistage.facts import Facts
from lint_multistage.model.dockerfile import Dockerfile
from lint_multistage.model.scope import expanded
from lint_multistage.model.stages import Stage
from lint_multistage.syntax.instructions import Add, Copy, Word

_DEEPEST = 8
MOST_PLACED = 300
"""Paths of the COPY instructions of one stage that are looked at."""
_GLOB = re.compile(r"[*?\[]")
# Where cargo and swift put a program whose name the manifest tells.
_OUTPUT = {
    "rust": re.compile(r".*/target/(?:(?P<triple>\w+-[\w.-]+)/)?[\w-]+/(?:examples/)?[^/]+"),
    "swift": re.compile(r".*/\.build/(?:(?P<triple>\w+-[\w.-]+)/)?(?:release|debug)/[^/]+"),
}
_SHARED_LIBRARY = re.compile(r".*\.so(?:\.\d+)*")
# Cargo puts programs of others there; whether an image's user or the build needs them, they are what is copied.
_INSTALLING = re.compile(r"(?:cargo|go|xx-go) install")


class Known(Protocol):
    """What is known of a build: a Survey."""

    facts: Facts

    @property
    def context(self) -> Context: ...

    @property
    def dockerfile(self) -> Dockerfile: ...

    def contents(self, stage: int) -> Contents: ...

    def start(self, stage: int) -> Contents: ...

    def is_context(self, name: str) -> bool: ...


class Placed(Struct, frozen=True):
    """One path of a COPY or ADD: `path` is expanded (None where it cannot be), `destination` absolute.

    `into` is true where the destination is certainly a folder that the path is put into.
    """

    instruction: Copy | Add
    stage: int
    word: Word
    path: str | None
    destination: str | None
    into: bool

    @property
    def targets(self) -> tuple[str, ...]:
        """Where it may lie, as a file or a folder."""
        if self.destination is None or self.path is None:
            return ()
        inside = posixpath.join(self.destination, posixpath.basename(self.path.rstrip("/")))
        return (inside, self.destination) if self.into else (self.destination,)


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


def lineage(dockerfile: Dockerfile, stage: Stage) -> list[Stage]:
    """The stage and those that it is FROM, from the first on."""
    found = [stage]
    while found[-1].parent is not None:
        found.append(dockerfile.stages[found[-1].parent])
    return found[::-1]


def placed_in(known: Known, stage: Stage) -> Iterator[Placed]:
    """What COPY and ADD put into a stage, word by word."""
    dockerfile = known.dockerfile
    instructions = stage.instructions
    if not any(isinstance(each, Copy | Add) for each in instructions):
        return
    start = known.start(stage.index)
    directory = start.directory
    for instruction, variables in dockerfile.with_variables(stage.index, start.variables):
        if instruction.keyword.text == "WORKDIR":
            directory = joined(directory, expanded(instruction.value.text, variables, dockerfile.escape))
        if not isinstance(instruction, Copy | Add):
            continue
        text = expanded(instruction.destination.text, variables, dockerfile.escape)
        into = len(instruction.paths) > 1 or (text is not None and (text.endswith("/") or text in (".", "..")))
        for word in instruction.paths:
            path = expanded(word.text, variables, dockerfile.escape)
            yield Placed(instruction, stage.index, word, path, joined(directory, text), into)


def arrivals(known: Known, stage: Stage) -> Iterator[Arrival]:
    """The programs that the stage's own COPY instructions bring from stages that make them."""
    for placed in islice(placed_in(known, stage), MOST_PLACED):
        source = source_of(known, placed)
        if source is not None and placed.path:
            found = _found(known, source, placed.path, _DEEPEST)
            if found is not None:
                yield Arrival(placed, found[0], found[1])


def source_of(known: Known, placed: Placed) -> int | None:
    """The stage that a COPY reads, None where it reads none, or a named context may stand for it."""
    copy = placed.instruction
    if not isinstance(copy, Copy) or copy.source is None or known.is_context(copy.source.text):
        return None
    source = stage_of(known.dockerfile, copy.source, placed.stage)
    return None if source is None or known.is_context(known.dockerfile.stages[source].name) else source


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
    for fits in (lambda path: path == place, lambda path: _holds(path, place)):
        found = tuple(each for each in contents.products if each.path and fits(each.path))
        if found:
            return found if _settled(found) else ()
    inside: dict[str, list[Product]] = {}
    for each in contents.products:
        if each.path and _holds(place, each.path) and not _SHARED_LIBRARY.fullmatch(each.path):
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
    for each in reversed(lineage(dockerfile, dockerfile.stages[stage])):
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
        if _holds(place, target):
            return placed.path
        if _holds(target, place):
            return posixpath.join(placed.path or "/", place[len(target) :].lstrip("/"))
    return None


def _holds(folder: str, path: str) -> bool:
    """Whether `path` is `folder` or lies in it; both are absolute and plain."""
    return path == folder or path.startswith(folder.rstrip("/") + "/")
