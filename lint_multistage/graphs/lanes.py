"""Draw a graph of rows as lanes of box-drawing characters, one line of text a row."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from msgspec import Struct

_WIDE = 12
"""Lanes up to which a reader is put to the right of all that it reads; beyond, where the way is shortest."""

_UP, _DOWN, _LEFT, _RIGHT = 1, 2, 4, 8
_JOINTS = {
    _UP | _RIGHT: "╰",
    _UP | _LEFT: "╯",
    _UP | _LEFT | _RIGHT: "┴",
    _DOWN | _RIGHT: "╭",
    _DOWN | _LEFT: "╮",
    _DOWN | _LEFT | _RIGHT: "┬",
    _UP | _DOWN | _RIGHT: "├",
    _UP | _DOWN | _LEFT: "┤",
    _UP | _DOWN | _LEFT | _RIGHT: "┼",
}


class Edge(Struct, frozen=True):
    """Row `reader` reads row `source`; a dotted one only perhaps."""

    source: int
    reader: int
    dotted: bool = False


class Cell(Struct, frozen=True):
    """One character of a drawing, and the row whose lane or mark it belongs to (None for blanks)."""

    char: str
    row: int | None = None


class Row(Struct, frozen=True):
    """The drawing of a row, and of a line of text below it that belongs to the row too."""

    cells: tuple[Cell, ...]
    below: tuple[Cell, ...]


class _Lane(Struct, frozen=True):
    """A row's own lane: its column, the first and last rows that it touches, and those that it touches for certain."""

    row: int
    column: int
    first: int
    last: int
    sure_first: int
    sure_last: int


def draw(marks: Sequence[str], edges: Iterable[Edge]) -> list[Row]:
    """A row for each of `marks`; a row's lane runs from its mark to the rows that read it.

    Where lines cross without meeting, the vertical one is whole: a joint always means that the lane is read there.
    """
    all_edges = [edge for edge in edges if edge.source != edge.reader]
    lanes = _lanes(len(marks), all_edges)
    reads: dict[int, list[Edge]] = {}
    for edge in all_edges:
        reads.setdefault(edge.reader, []).append(edge)
    opening: dict[int, list[_Lane]] = {}
    for lane in lanes:
        opening.setdefault(lane.first, []).append(lane)
    rows: list[Row] = []
    here: list[_Lane] = []
    for row, mark in enumerate(marks):
        here = [lane for lane in here if row <= lane.last] + opening.get(row, [])
        below = _verticals([lane for lane in here if row < lane.last], row)
        rows.append(Row(_trimmed(_row(row, mark, here, reads.get(row, []), lanes)), _trimmed(below)))
    return rows


def breadth(count: int, edges: Iterable[Edge]) -> int:
    """How many characters wide the drawing of `count` rows is."""
    return 2 * max((lane.column for lane in _lanes(count, [*edges])), default=0) + 1


def _lanes(count: int, edges: Sequence[Edge]) -> list[_Lane]:
    """Give every row a column, reusing those that became free."""
    first, last = list(range(count)), list(range(count))
    sure_first, sure_last = list(range(count)), list(range(count))
    sources: dict[int, list[int]] = {}
    for edge in edges:
        source, reader = edge.source, edge.reader
        first[source], last[source] = min(first[source], reader), max(last[source], reader)
        if not edge.dotted:
            sure_first[source], sure_last[source] = min(sure_first[source], reader), max(sure_last[source], reader)
        sources.setdefault(reader, []).append(source)
    opening: dict[int, list[int]] = {}
    for row, start in enumerate(first):
        opening.setdefault(start, []).append(row)
    lanes: dict[int, _Lane] = {}
    open_lanes: list[_Lane] = []
    for at in range(count):
        open_lanes = [lane for lane in open_lanes if lane.last >= at]
        for row in opening.get(at, ()):
            taken = {lane.column for lane in open_lanes}
            read = [lanes[source].column for source in sources.get(row, ()) if source in lanes]
            lane = _Lane(row, _column(taken, read), first[row], last[row], sure_first[row], sure_last[row])
            lanes[row] = lane
            open_lanes.append(lane)
    return [lanes[row] for row in range(count)]


def _column(taken: set[int], read: Sequence[int]) -> int:
    """A free column for a row that reads the lanes in the columns `read`."""
    free = [column for column in range(max(taken, default=-1) + 2) if column not in taken]
    if not read:
        return free[0]
    right = next(column for column in free if column > max(read) or column == free[-1])
    if right < _WIDE:
        return right
    return min(free, key=lambda column: (sum(abs(column - other) for other in read), column))


def _verticals(lanes: Sequence[_Lane], row: int) -> dict[int, Cell]:
    """The lanes that run down from `row`, by place in the line of text."""
    return {2 * lane.column: Cell("│" if lane.sure_first <= row < lane.sure_last else "┆", lane.row) for lane in lanes}


def _row(row: int, mark: str, here: Sequence[_Lane], reads: Sequence[Edge], lanes: Sequence[_Lane]) -> dict[int, Cell]:
    """The characters of a row by place: what it reads, lanes that pass, its mark."""
    own = 2 * lanes[row].column
    # The nearest is drawn last, so that each stretch has the colour of the nearest lane that it comes from.
    sources = sorted(reads, key=lambda edge: -abs(2 * lanes[edge.source].column - own))
    places = [2 * lanes[edge.source].column for edge in sources]
    cells: dict[int, Cell] = {}
    certain: set[int] = set()
    for edge, place in zip(sources, places, strict=True):
        for between in range(min(place, own) + 1, max(place, own)):
            if not edge.dotted:
                certain.add(between)
            cells[between] = Cell("─" if between in certain else "┄", edge.source)
    cells |= _verticals([lane for lane in here if lane.row != row], row)
    for edge, place in zip(sources, places, strict=True):
        lane = lanes[edge.source]
        directions = _LEFT if place > own or min(places) < place else 0
        directions |= _RIGHT if place < own or max(places) > place else 0
        directions |= _UP if lane.first < row else 0
        directions |= _DOWN if row < lane.last else 0
        cells[place] = Cell(_JOINTS[directions], lane.row)
    cells[own] = Cell(mark, row)
    return cells


def _trimmed(cells: dict[int, Cell]) -> tuple[Cell, ...]:
    return tuple(cells.get(place, Cell(" ")) for place in range(max(cells, default=-1) + 1))
