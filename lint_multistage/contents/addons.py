"""Packages of Node.js and Python that are compiled for one C library, and ship where there is only another."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from msgspec import Struct

from lint_multistage.contents.carried import within
from lint_multistage.contents.crossings.shipping import origins
from lint_multistage.contents.linkage import offered
from lint_multistage.contents.placed import Known, Placed, placed_in
from lint_multistage.contents.products import Product
from lint_multistage.contents.says import says
from lint_multistage.late import late_regex
from lint_multistage.model.stages import Stage
from lint_multistage.syntax.instructions import Copy

_INSTALLS_AGAIN = late_regex(
    r"\b(?:npm|pnpm|yarn|bun|node-gyp|prebuild\w*|pip3?|uv|poetry|pipenv|pdm|conda|mamba)\b|\bpy3-"
)
_FOR_ANOTHER = late_regex(r"(?i)libc|musl|npm_config_|--platform|ignore.?scripts|supportedarchitectures")


class Unloadable(Struct, frozen=True):
    """What `placed` brings of `product`, the packages of the stage number `made`: `addon` needs the C library `needs`,
    and `stage` has `offers`.
    """

    placed: Placed
    product: Product
    made: int
    stage: Stage
    addon: str
    needs: str
    offers: str


def unloadable_addons(known: Known, shipped: Iterable[Stage]) -> Iterator[Unloadable]:
    """The addons that cannot be loaded in the stages `shipped`, one for each path of a COPY."""
    told = set()
    for stage in shipped:
        lineage = known.dockerfile.graph.lineage(stage)
        libc = offered(known.contents(stage.index))
        if not libc or says(known, stage, _INSTALLS_AGAIN):
            continue
        for placed in (each for above in lineage for each in placed_in(known, above)):
            found = _brought(known, placed, libc) if isinstance(placed.instruction, Copy) else None
            if found and placed.word.span not in told:
                told.add(placed.word.span)
                made, product, needs = found
                yield Unloadable(placed, product, made, stage, product.addons[0], needs, libc)


def _brought(known: Known, placed: Placed, libc: str) -> tuple[int, Product, str] | None:
    """The stage and the command that installed what a COPY brings, if for another C library than `libc`."""
    for made, place in origins(known, placed):
        for product in known.contents(made).products:
            path = product.path or ""
            if path and product.addons and (within(place, path) or within(path, place)) is not None:
                needs = offered(known.contents(made))
                fits = not needs or needs == libc or says(known, known.dockerfile.stages[made], _FOR_ANOTHER)
                return None if fits else (made, product, needs)
    return None
