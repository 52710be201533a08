"""Stages on the platform of the machine that builds: what ships on it, and what is built on it for another."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from msgspec import Struct

from lint_multistage.contents.arrivals import Arrival, arrivals
from lint_multistage.contents.placed import Known, placed_in, source_of
from lint_multistage.contents.started import started
from lint_multistage.late import late_regex
from lint_multistage.model.stages import Stage
from lint_multistage.syntax.instructions import Flag

# Languages whose compilers build for one processor, unless told otherwise that of the machine they run on.
_NATIVE = frozenset("go rust c swift zig haskell d nim crystal ocaml odin pascal ada gnatmake".split())
_PORTABLE = late_regex(r"wasm|trunk|^em(?:cc|\+\+)")
# A stage that speaks of these knows of other processors: what it makes of them is not followed.
_CROSS = late_regex(
    r"(?i)(?<![,=/])(?:\b|_)target(?!/)|arch\b|_arch|platform|triple|cross|\bxx\b|xx-|--target|--host\b|\bCC=|multilib|qemu"
    r"|amd64|x86|arm64|aarch|armv|riscv|i[36]86|s390|ppc64|goreleaser|\bgox\b|\bko\b"
)
_BUILD = late_regex(r"\$\{?BUILDPLATFORM(?::?[-+][^}]*)?\}?")
_TARGET = late_regex(r"\$\{?TARGETPLATFORM(?::?[-+][^}]*)?\}?")


class Foreign(Struct, frozen=True):
    """What reaches the stage `stage`, which ships, on the platform that `flag` of stage number `root` names.

    `arrival` is the program that is built there, None where the stage itself is FROM there.
    """

    stage: Stage
    root: Stage
    flag: Flag
    arrival: Arrival | None = None


def foreign(known: Known, shipped: Iterable[Stage]) -> Iterator[Foreign]:
    """What ships for the wrong platform where the target is another than that of the machine that builds.

    Each FROM is named once.
    """
    seen: set[int] = set()
    for stage in shipped:
        for each in _of(known, stage):
            if each.root.index not in seen:
                seen.add(each.root.index)
                yield each


def starts_what_it_copies(known: Known, stage: Stage) -> bool:
    """Whether an image starts a program that it gets from another stage: it ships that, whatever it is for."""
    files = {path for start in started(known.contents(stage.index)) for path in start.files}
    return any(
        source_of(known, placed) is not None and not files.isdisjoint(placed.targets)
        for above in known.dockerfile.graph.lineage(stage)
        for placed in placed_in(known, above)
    )


def _of(known: Known, stage: Stage) -> Iterator[Foreign]:
    root = _root(known, stage)
    if root is None:
        return
    flag = _platform(root)
    text = flag.value.text if flag and flag.value else ""
    if flag and _BUILD.fullmatch(text):
        # A name with the target's processor in it chooses the right image by itself.
        if root.base != "scratch" and "TARGET" not in root.from_.base.text:
            yield Foreign(stage, root, flag)
    elif not flag or _TARGET.fullmatch(text):
        for above in known.dockerfile.graph.lineage(stage):
            yield from _built(known, stage, above)


def _built(known: Known, stage: Stage, above: Stage) -> Iterator[Foreign]:
    """The programs that `above`, which `stage` is or is FROM, gets from stages on the builder's own platform."""
    for arrival in arrivals(known, above):
        made = known.dockerfile.stages[arrival.made]
        root = _root(known, made)
        flag = _platform(root) if root else None
        if root is None or flag is None or not flag.value or not _BUILD.fullmatch(flag.value.text):
            continue
        if _is_native(arrival) and known.contents(made.index).image and not _crosses(known, made, arrival):
            yield Foreign(stage, root, flag, arrival)


def _is_native(arrival: Arrival) -> bool:
    return all(each.ecosystem in _NATIVE and not _PORTABLE.search(each.command) for each in arrival.products)


def _crosses(known: Known, made: Stage, arrival: Arrival) -> bool:
    """Whether the stage that builds, or the COPY that brings, speaks of processors."""
    source = known.dockerfile.source
    copy = arrival.placed.instruction
    texts = [source[copy.span]]
    for stage in known.dockerfile.graph.lineage(made):
        texts.append(stage.from_.base.text)
        texts += (source[span] for each in stage.instructions[1:] for span in each.spans)
    return any(_CROSS.search(text) for text in texts)


def _root(known: Known, stage: Stage) -> Stage | None:
    """The stage whose FROM decides the platform; None where arguments or named contexts may choose another."""
    stages = known.dockerfile.graph.lineage(stage)
    replaced = any(each.alternatives or known.is_context(each.name) for each in stages)
    return None if replaced or known.is_context(stages[0].base) else stages[0]


def _platform(stage: Stage) -> Flag | None:
    return next((flag for flag in stage.from_.flags if flag.name == "platform"), None)
