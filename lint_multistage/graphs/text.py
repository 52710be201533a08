"""The stage graph as a picture for a terminal: which stage feeds which, what ships, what nobody needs."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator, Sequence

from lint_multistage.graphs.lanes import Cell, Edge, breadth, draw
from lint_multistage.graphs.reads import contexts_of, drawn_alternatives, label_of, reads, wrapped
from lint_multistage.graphs.sizes import base_sizes
from lint_multistage.graphs.states import BUILT, stage_states
from lint_multistage.model.build import Build
from lint_multistage.model.stages import Reference, Stage
from lint_multistage.reports.style import (
    BLUE,
    BOLD,
    CYAN,
    DIM,
    GREEN,
    MAGENTA,
    RED,
    YELLOW,
    Style,
    counted,
    one_line,
    width,
)
from lint_multistage.roles import stage_role

_MARKS = {"ships": "●", "built": "◉", "needed": "○", "perhaps": "◌", "not needed": "·"}
_LOOKS = {"ships": f"{BOLD};{GREEN}", "built": f"{BOLD};{BLUE}", "needed": BOLD, "perhaps": YELLOW, "not needed": DIM}
_LANES = (CYAN, MAGENTA, BLUE, YELLOW, GREEN)
_NAME_COLUMN = 36
_LEAST_DRAWING = 16
_LEAST_ROOM = 24


def render(builds: Sequence[Build], colour: bool = False, columns: int = 120) -> str:
    """A picture of each build and a legend, for a terminal of so many columns; empty without builds."""
    if not builds:
        return ""
    style = Style(colour)
    blocks = [list(_picture(build, style, columns)) for build in builds]
    blocks.append([_legend(builds, style)])
    return "\n\n".join("\n".join(block) for block in blocks) + "\n"


def _picture(build: Build, style: Style, columns: int) -> Iterator[str]:
    dockerfile = build.dockerfile
    stages = dockerfile.stages
    states = stage_states(build)
    sizes = base_sizes(build)
    yield f"{style.paint(one_line(dockerfile.source.path), BOLD)}: {_summary(states)}"
    for problem in dockerfile.problems:
        at = dockerfile.source.line_number(problem.span.start)
        yield f"{style.paint('!', RED)} line {at}: {one_line(problem.message)}"
    edges, left_out = _fitting(len(stages), list(_edges(dockerfile.graph.references)), columns // 3)
    rows = draw([_MARKS[state] for state in states], edges)
    labels = [label_of(stage) for stage in stages]
    references: dict[int, list[Reference]] = {stage.index: [] for stage in stages}
    for reference in dockerfile.graph.references:
        references[reference.stage].append(reference)
    contexts = contexts_of(build)
    digits = max((len(str(stage.from_.line)) for stage in stages), default=0)
    drawing = max((len(row.cells) for row in rows), default=0)
    names = min(_NAME_COLUMN, columns // 4, max(map(width, labels), default=0))
    said = [_word(build, stage, state) for stage, state in zip(stages, states, strict=True)]
    words = max(map(len, said), default=0)
    for stage, row, label, state, told in zip(stages, rows, labels, states, said, strict=True):
        line_number = style.paint(f"{stage.from_.line:>{digits + 2}}", DIM)
        name = style.paint(label, _LOOKS[state]) + " " * (names - width(label))
        word = style.paint(told, _LOOKS[state]) + " " * (words - len(told))
        indent = digits + 2 + 2 + drawing + 2 + names + 2 + words + 2
        pieces = [
            *reads(references[stage.index], stages, contexts, sizes.get(stage.index)),
            *_builders(build, stage),
            *_purpose(build, stage, state),
        ]
        if stage.index in left_out:
            pieces.append(("", ["(its lines are not drawn)"]))
        lines = wrapped(pieces, style, max(_LEAST_ROOM, columns - indent))
        yield f"{line_number}  {_painted(row.cells, states, style, drawing)}  {name}  {word}  {lines[0]}"
        for line in lines[1:]:
            below = _painted(row.below, states, style, drawing)
            yield f"{' ' * (digits + 2)}  {below}  {' ' * (names + 2 + words)}  {line}"


def _word(build: Build, stage: Stage, state: str) -> str:
    """What becomes of a stage; of one that is built to another end than to be run, that end."""
    return stage_role(build, stage.index).name if state == BUILT else state


def _purpose(build: Build, stage: Stage, state: str) -> Iterator[tuple[str, list[str]]]:
    """Why a stage is thought to be built to another end than to be run."""
    reason = one_line(stage_role(build, stage.index).reason) if state == BUILT else ""
    if reason:
        yield "", [f"({reason})"]


def _summary(states: Sequence[str]) -> str:
    if not states:
        return "no stages"
    counts = [f"{states.count(state)} {state}" for state in _MARKS if state in states]
    counts[0] = counts[0].replace("ships", "ship") if states.count("ships") > 1 else counts[0]
    return f"{counted(len(states), 'stage')}, {', '.join(counts)}"


def _edges(references: Sequence[Reference]) -> Iterator[Edge]:
    for reference in references:
        if reference.to is not None:
            yield Edge(reference.to, reference.stage)
        for other in drawn_alternatives(reference):
            yield Edge(other, reference.stage, dotted=True)


def _fitting(count: int, edges: list[Edge], columns: int) -> tuple[list[Edge], set[int]]:
    """The edges to draw in `columns`, and the stages whose edges are left out: as few as do, those that read most."""
    most = max(columns, _LEAST_DRAWING)
    lengths: dict[int, list[int]] = {}
    for edge in edges:
        lengths.setdefault(edge.reader, []).append(abs(edge.reader - edge.source))
    readers = sorted(lengths, key=lambda reader: (-len(lengths[reader]), -sum(lengths[reader]), reader))

    def kept(number: int) -> list[Edge]:
        out = set(readers[:number])
        return [edge for edge in edges if edge.reader not in out]

    number = bisect_left(range(len(readers)), True, key=lambda number: breadth(count, kept(number)) <= most)
    return kept(number), set(readers[:number])


def _builders(build: Build, stage: Stage) -> Iterator[tuple[str, list[str]]]:
    places = [f"{one_line(x.path)}:{x.line}" for x in build.targets if x.stage == stage.index and x.path]
    if places:
        yield "built by ", [*dict.fromkeys(places)]


def _painted(cells: Sequence[Cell], states: Sequence[str], style: Style, columns: int) -> str:
    text = "".join(
        style.paint(
            cell.char, _LOOKS[states[cell.row]] if cell.char in _MARKS.values() else _LANES[cell.row % len(_LANES)]
        )
        if cell.row is not None
        else cell.char
        for cell in cells
    )
    return text + " " * (columns - len(cells))


def _legend(builds: Sequence[Build], style: Style) -> str:
    references = [reference for build in builds for reference in build.dockerfile.graph.references]
    built = any(BUILT in stage_states(build) for build in builds)
    shown = ("ships", *([BUILT] if built else []), "needed", "not needed")
    chosen = any(reference.alternatives for reference in references)
    parts = [f"{style.paint(mark, _LOOKS[state])} {state}" for state, mark in _MARKS.items() if state in shown]
    if chosen:
        parts.append(f"{style.paint('◌ ┄', _LOOKS['perhaps'])} perhaps: if a build argument chooses it")
    if any(reference.unknown is not None for reference in references):
        parts.append("? unknown")
    return "   ".join(parts)
