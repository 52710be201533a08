"""What the readers of each language share: the stage that ships, and where a COPY gets its paths."""

from __future__ import annotations

import posixpath
from collections.abc import Iterator

from msgspec import Struct

from lint_multistage.contents.carried import within
from lint_multistage.contents.placed import Known, Placed, placed_in, source_of
from lint_multistage.contents.products import Product
from lint_multistage.late import late_regex
from lint_multistage.model.stages import Stage
from lint_multistage.syntax.instructions import Copy

_DEEPEST = 8
_GLOB = late_regex(r"[?\[]|\*.*/|\*\w")


class Shipping(Struct, frozen=True):
    """A stage that ships: what COPY and ADD put there, and the text of all its other instructions."""

    stage: Stage
    placed: tuple[Placed, ...]
    text: str


class Crossing(Struct, frozen=True):
    """What `placed` brings into `stage` and its runtime cannot use.

    `kind` says how they do not fit; `built` and `runs` are versions, as text; `product` is what made it in the stage
    number `made`, None where only the path tells, which then is `path`.
    """

    placed: Placed
    stage: Stage
    kind: str
    built: str
    runs: str
    made: int | None = None
    product: Product | None = None
    path: str = ""


def told(known: Known, stage: Stage, *, copies: bool = True) -> str:
    """The text of a stage's instructions and of those that it is FROM, without the FROMs; COPY and ADD if `copies`."""
    source = known.dockerfile.source
    found: list[str] = []
    for above in known.dockerfile.graph.lineage(stage):
        for each in above.instructions[1:]:
            if copies or each.keyword.text not in ("COPY", "ADD"):
                found += (source[span] for span in each.spans)
    return "\n".join(found)


def origins(known: Known, placed: Placed) -> Iterator[tuple[int, str]]:
    """The stages that a path of a COPY comes through, nearest first, each with the absolute path there.

    None where a pattern hides which paths those are, or a stage has a RUN that could not be read.
    """
    at, path = placed, placed.path
    for _ in range(_DEEPEST):
        source = source_of(known, at)
        if source is None or path is None or _GLOB.search(path) or known.contents(source).not_understood:
            return
        place = posixpath.normpath("/" + path.lstrip("/"))
        yield source, place
        found = next(_before(known, source, place), None)
        if found is None:
            return
        at, path = found


def _before(known: Known, stage: int, place: str) -> Iterator[tuple[Placed, str]]:
    """The COPY that put `place` into a stage, last first, and where it lay before."""
    dockerfile = known.dockerfile
    for above in reversed(dockerfile.graph.lineage(dockerfile.stages[stage])):
        for placed in reversed(list(placed_in(known, above))):
            for target in placed.targets:
                rest = within(target, place)
                if rest is not None and isinstance(placed.instruction, Copy):
                    yield placed, posixpath.join(placed.path or "/", rest)
