"""Programs that a stage brings and cannot load: their C library is not there."""

from __future__ import annotations

import re
from collections.abc import Container, Iterable, Iterator

from msgspec import Struct

from lint_multistage.contents.arrivals import Arrival, arrivals
from lint_multistage.contents.brings import GATHERS, Places, tells
from lint_multistage.contents.linkage import GLIBC, MUSL, NONE, needed, offered
from lint_multistage.contents.placed import Known
from lint_multistage.contents.products import Product
from lint_multistage.late import late_regex
from lint_multistage.model.stages import Stage
from lint_multistage.text import Span

# A stage that speaks of these has another C library than its own: what it makes of it is not followed.
_OTHER = {
    GLIBC: late_regex(r"\bld-linux|\bglibc|gcompat|libc6-compat|patchelf|dynamic-linker|\bnix\b"),
    MUSL: late_regex(r"musl|patchelf|dynamic-linker|\bnix\b"),
}
# So has a builder that speaks of these.
_REPLACED = late_regex(r"patchelf|staticx|dynamic-linker|\bnix\b")
_MUSL_TOOLS = late_regex(r"\bmusl-(?:gcc|clang|tools|cross)\b")
_STATIC_RUST = late_regex(r"crt-static|\w-musl\b")
_CARGO_SETTINGS = late_regex(r"crt-static|-static\b|^\s*target\s*=|\w-musl\b", re.MULTILINE)
# Names of packages that are worked out from what programs are linked with.
_NEEDED_OBJECTS = late_regex(r"\bscanelf\b")
# A release may be made to run on the Erlang that is there.
_ERLANG = frozenset(("elixir", "erlang"))


class Mismatch(Struct, frozen=True):
    """A program that needs the C library `needs`, in the stage `stage` that ships and offers `offers` only."""

    stage: Stage
    arrival: Arrival
    product: Product
    needs: str
    offers: str


def mismatches(known: Known, shipped: Iterable[Stage], offering: Container[str]) -> Iterator[Mismatch]:
    """The programs that stages which are started bring and cannot load, where those offer one of `offering`; each once.

    A COPY in a stage that several are FROM is at fault only where none of them can run what it brings.
    """
    found: dict[Span, Mismatch] = {}
    right: set[Span] = set()
    stages = [(stage, _offered(known, stage)) for stage in shipped]
    if not any(offers in offering for _, offers in stages):
        return
    for stage, offers in stages:
        places = Places(known, stage)
        for arrival in (each for above in known.dockerfile.graph.lineage(stage) for each in arrivals(known, above)):
            mismatch = _judged(known, places, offers, arrival) if offers else None
            if mismatch is None:
                right.add(arrival.placed.word.span)
            elif offers in offering:
                found.setdefault(arrival.placed.word.span, mismatch)
    for span, mismatch in found.items():
        if span not in right:
            yield mismatch


def _offered(known: Known, stage: Stage) -> str:
    contents = known.contents(stage.index)
    return offered(contents, not contents.asked.complete and tells(known, stage, _NEEDED_OBJECTS))


def _judged(known: Known, places: Places, offers: str, arrival: Arrival) -> Mismatch | None:
    builder = known.contents(arrival.stages[-1])
    needs = {needed(product, builder) for product in arrival.products}
    if len(needs) != 1 or not needs.isdisjoint(("", NONE, offers)):
        return None
    need = needs.pop()
    product = arrival.products[-1]
    stage = places.stage
    image = known.contents(stage.index).image
    if product.ecosystem in _ERLANG and image and not _ERLANG.isdisjoint(image.repositories):
        return None
    if places.tells(stage, _OTHER[need]):
        return None
    if product.ecosystem == "rust" and _is_configured(known):
        return None
    makers = [known.dockerfile.stages[index] for index in arrival.stages]
    if any(places.tells(maker, pattern) for pattern in _makers(product, need, offers) for maker in makers):
        return None
    if any(not arrival.is_only(each) for each in places.loaders(need, offers)):
        return None
    return Mismatch(stage, arrival, product, need, offers)


def _is_configured(known: Known) -> bool:
    """Whether the project's own settings of cargo, where they are at hand, choose a target or a way to link."""
    texts = (known.context.text(f".cargo/{name}") for name in ("config.toml", "config"))
    return any(text is not None and _CARGO_SETTINGS.search(text) for text in texts)


def _makers(product: Product, need: str, offers: str) -> Iterator[re.Pattern[str]]:
    """What a stage that makes the program, or hands it on, may speak of where it is not linked as it seems."""
    yield GATHERS if offers == NONE else _REPLACED
    if need == GLIBC and not product.libc:
        yield _STATIC_RUST if product.ecosystem == "rust" else _MUSL_TOOLS
