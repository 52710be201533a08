"""Stages, and the graph of which stage reads which (moby/buildkit frontend/dockerfile/dockerfile2llb: addState,
toCommand).
"""

from __future__ import annotations

from collections.abc import Container, Iterable, Iterator, Sequence

from msgspec import Struct

from lint_multistage.late import late_regex
from lint_multistage.model.scope import PLATFORM, GlobalScope
from lint_multistage.syntax.expansion import ANYTHING, ExpansionError, expand
from lint_multistage.syntax.instructions import Copy, From, Instruction, Onbuild, Run, Word
from lint_multistage.syntax.mounts import has_variable
from lint_multistage.syntax.patterns import Pattern, read_pattern

_LIKE_IMAGE = late_regex(r"[:/@]")
_NAMES_IMAGE = late_regex(r"(?i)\$\{?\w*(?:image|img|(?<![a-z])from(?![a-z]))\w*\}?$")
_NAMES_BASE = late_regex(r"(?i)\$\{?base\}?$")
_NUMBER = late_regex(r"[+-]?[0-9]+")
_SPECIAL = late_regex(r"[*?\\}/]")
MOST_CYCLES = 20
MOST_STEPS = 200_000
MOST_TRIGGERS = 20_000
"""Cycles that are told of, references that are followed to find them, and triggers that fire, in one file."""


class Stage(Struct, frozen=True):
    """A build stage: its FROM and what follows up to the next one (`instructions` has the FROM first).

    `base` is the base after expansion, empty where it cannot be expanded (`base_error` says why) or is blank;
    `parent` is the index of the stage it names, None for an image. `unset` are the names it reads that have no value;
    `alternatives` the earlier stages that other arguments could make of it.
    """

    index: int
    name: str
    from_: From
    instructions: tuple[Instruction, ...]
    base: str
    base_error: str
    unset: tuple[str, ...]
    parent: int | None
    alternatives: tuple[int, ...]

    @property
    def shown_base(self) -> str:
        """The base as people know it: expanded, or as written where a variable in it has no value."""
        return self.from_.base.text if self.unset else self.base

    @property
    def label(self) -> str:
        """How people call the stage: its name as written, `#2` where it has none."""
        return self.from_.name.text if self.from_.name else f"#{self.index}"


class Reference(Struct, frozen=True, kw_only=True):
    """One stage reading something: an edge of the graph.

    `kind` is from, copy-from, mount-from or onbuild (a trigger of the base stage). Exactly one of `to` (a stage's
    index), `image` and `unknown` (a word with variables that BuildKit does not expand, or an impossible number) is
    set. `alternatives` are other stages that a FROM may mean under other arguments.
    """

    kind: str
    stage: int
    word: Word
    line: int
    to: int | None = None
    image: str | None = None
    unknown: str | None = None
    alternatives: tuple[int, ...] = ()


class StageGraph(Struct, frozen=True):
    """Who reads whom. References stand in file order."""

    stages: tuple[Stage, ...]
    references: tuple[Reference, ...]

    def of(self, stage: int) -> tuple[Reference, ...]:
        """The references that stage number `stage` makes."""
        return tuple(reference for reference in self.references if reference.stage == stage)

    def reached(self, targets: Iterable[int], replaced: Container[int] = ()) -> frozenset[int]:
        """The stages needed to build `targets` under any arguments, `targets` among them.

        What stages that are `replaced` by named contexts need is not: their instructions do not run.
        """
        reads: dict[int, list[int]] = {}
        for reference in self.references:
            more = [*reference.alternatives, *(() if reference.to is None else (reference.to,))]
            reads.setdefault(reference.stage, []).extend(more)
        seen: set[int] = set()
        todo = list(targets)
        while todo:
            stage = todo.pop()
            if stage not in seen:
                seen.add(stage)
                if stage not in replaced:
                    todo += reads.get(stage, ())
        return frozenset(seen)

    def lineage(self, stage: Stage) -> list[Stage]:
        """The stage and those that it is FROM, from the first on."""
        found = [stage]
        while found[-1].parent is not None:
            found.append(self.stages[found[-1].parent])
        return found[::-1]

    def root(self, stage: Stage) -> Stage:
        """The stage at which the FROMs of `stage` end: the one whose base is an image."""
        while stage.parent is not None:
            stage = self.stages[stage.parent]
        return stage

    def named(self, name: str, before: int | None = None) -> int | None:
        """The last stage of that name, case ignored, among those `before` an index if one is given."""
        wanted = name.lower()
        return next((stage.index for stage in reversed(self.stages[:before]) if stage.name == wanted), None)

    def cycles(self) -> tuple[tuple[Reference, ...], ...]:
        """The cycles that COPY and mount edges close, each as its references, the first from the lowest stage."""
        edges = _on_cycles(self.references)
        found: dict[tuple[int, ...], tuple[Reference, ...]] = {}
        steps = 0
        for start in edges:
            if len(found) >= MOST_CYCLES or steps > MOST_STEPS:
                break
            cycle, more = _cycle(start, edges)
            steps += more
            if cycle:
                found.setdefault(tuple(sorted(reference.stage for reference in cycle)), cycle)
        return tuple(found.values())


def _on_cycles(references: Iterable[Reference]) -> dict[int, list[Reference]]:
    """The COPY and mount edges, by stage, without most of those that no cycle holds: dead ends are taken away."""
    edges: dict[int, list[Reference]] = {}
    readers: dict[int, list[int]] = {}
    for reference in references:
        if reference.to is not None and reference.kind != "from":
            edges.setdefault(reference.stage, []).append(reference)
            readers.setdefault(reference.to, []).append(reference.stage)
    left = {stage: len(found) for stage, found in edges.items()}
    ends = [stage for stage in readers if stage not in edges]
    while ends:
        for reader in readers.get(ends.pop(), ()):
            left[reader] -= 1
            if not left[reader]:
                ends.append(reader)
    return {
        stage: [reference for reference in found if left.get(reference.to if reference.to is not None else -1)]
        for stage, found in edges.items()
        if left[stage]
    }


def _cycle(start: int, edges: dict[int, list[Reference]]) -> tuple[tuple[Reference, ...], int]:
    """The shortest way from `start` back to it over stages not before it, so that each cycle is found once; and how
    many references were followed.
    """
    steps = 0
    came_by: dict[int, Reference] = {}
    todo = [start]
    for stage in todo:
        for reference in edges.get(stage, ()):
            to = reference.to
            steps += 1
            if to is None or to < start:
                continue
            if to == start:
                way = [reference]
                while way[-1].stage != start:
                    way.append(came_by[way[-1].stage])
                return tuple(reversed(way)), steps
            if to not in came_by:
                came_by[to] = reference
                todo.append(to)
    return (), steps


def read_stages(instructions: Sequence[Instruction], scope: GlobalScope, escape: str) -> tuple[Stage, ...]:
    """The stages of a file, from its first FROM on."""
    starts = [at for at, instruction in enumerate(instructions) if isinstance(instruction, From)]
    anything = {name: ANYTHING for name in (*PLATFORM, *scope.declared) if name not in scope.given}
    any_values = {**scope.values, **anything}
    known: dict[tuple[str, int], tuple[int, ...]] = {}
    named = 0
    by_name: dict[str, int] = {}
    stages: list[Stage] = []
    for index, start in enumerate(starts):
        from_ = instructions[start]
        assert isinstance(from_, From)
        end = starts[index + 1] if index + 1 < len(starts) else len(instructions)
        base, error, unset = _expanded(from_.base.text, scope.values, escape)
        parent = by_name.get(base)
        stages.append(
            Stage(
                index=index,
                name=from_.name.text.lower() if from_.name else "",
                from_=from_,
                instructions=tuple(instructions[start:end]),
                base=base,
                base_error=error,
                unset=unset,
                parent=parent,
                alternatives=_alternatives(from_.base.text, base, parent, any_values, by_name, named, known, escape),
            )
        )
        if stages[-1].name:
            by_name[stages[-1].name] = index
            named = index
    return tuple(stages)


def _expanded(word: str, values: dict[str, str], escape: str) -> tuple[str, str, tuple[str, ...]]:
    try:
        expansion = expand(word, values, escape)
    except ExpansionError as error:
        return "", str(error), ()
    return expansion.text, "", expansion.unset


def _alternatives(
    word: str,
    base: str,
    parent: int | None,
    values: dict[str, str],
    by_name: dict[str, int],
    named: int,
    known: dict[tuple[str, int], tuple[int, ...]],
    escape: str,
) -> tuple[int, ...]:
    """The earlier stages that `word` can name when any argument may be given.

    A whole base taken from an argument whose default is written like an image (`golang:1.22`), or that calls itself an
    image (`BASE_IMAGE`; `BASE`, where no stage does), chooses among images. `known` holds what was found before, by
    pattern and by the last stage that has a name (`named`).
    """
    if "$" not in word or not by_name:
        return ()
    pattern = _expanded(word, values, escape)[0]
    if ANYTHING not in pattern:
        return ()
    if not pattern.strip(ANYTHING) and parent is None:
        base_image = _NAMES_BASE.search(word) and not any("base" in name for name in by_name)
        if _LIKE_IMAGE.search(base) or _NAMES_IMAGE.search(word) or base_image:
            return ()
    if (pattern, named) not in known:
        found = read_pattern(_SPECIAL.sub(r"\\\g<0>", pattern).replace(ANYTHING, "*"))
        known[pattern, named] = tuple(index for name, index in by_name.items() if _is_like(name, found))
    return tuple(index for index in known[pattern, named] if index != parent)


def _is_like(name: str, pattern: Pattern) -> bool:
    return not pattern.trimmed(name, end=False, longest=True)


def read_graph(stages: tuple[Stage, ...]) -> StageGraph:
    """Resolve every reference of `stages`."""
    names = {stage.name: stage.index for stage in stages if stage.name}
    triggered = 0
    references: list[Reference] = []
    for stage in stages:
        references.append(
            Reference(
                kind="from",
                stage=stage.index,
                word=stage.from_.base,
                line=stage.from_.line,
                to=stage.parent,
                image=stage.base if stage.parent is None and stage.base else None,
                unknown=None if stage.parent is not None or stage.base else stage.from_.base.text,
                alternatives=stage.alternatives,
            )
        )
        if stage.parent is not None:
            for instruction in stages[stage.parent].instructions:
                if isinstance(instruction, Onbuild) and instruction.trigger and triggered < MOST_TRIGGERS:
                    triggered += 1
                    references += _references(instruction.trigger, names, len(stages), stage.index, "onbuild")
        for instruction in stage.instructions:
            references += _references(instruction, names, len(stages), stage.index)
    return StageGraph(stages, tuple(references))


def _references(
    instruction: Instruction, names: dict[str, int], count: int, stage: int, kind: str = ""
) -> Iterator[Reference]:
    if isinstance(instruction, Copy) and instruction.source:
        word = instruction.source
        to, image, unknown = _copied(word.text, names, count)
        yield Reference(
            kind=kind or "copy-from", stage=stage, word=word, line=instruction.line, to=to, image=image, unknown=unknown
        )
    elif isinstance(instruction, Run):
        for mount in instruction.mounts:
            if mount.source:
                to = names.get(mount.source.text.lower())
                variable = has_variable(mount.source)
                yield Reference(
                    kind=kind or "mount-from",
                    stage=stage,
                    word=mount.source,
                    line=instruction.line,
                    to=to,
                    image=mount.source.text if to is None and not variable else None,
                    unknown=mount.source.text if to is None and variable else None,
                )


def _copied(text: str, names: dict[str, int], count: int) -> tuple[int | None, str | None, str | None]:
    """What `COPY --from=text` reads: a stage, an image, or something that cannot be."""
    if is_number(text):
        number = int(text)
        return (number, None, None) if 0 <= number < count else (None, None, text)
    to = names.get(text.lower())
    if to is not None:
        return to, None, None
    return (None, None, text) if "$" in text else (None, text, None)


def is_number(text: str) -> bool:
    """Whether `--from=text` is read as a stage's index (Go's strconv.Atoi)."""
    return len(text) < 20 and bool(_NUMBER.fullmatch(text))
