from __future__ import annotations

from collections.abc import Sequence

from hypothesis import given
from hypothesis import strategies as st

from lint_multistage.graphs.lanes import Cell, Edge, breadth, draw

UP, DOWN, LEFT, RIGHT = "UDLR"
DIRECTIONS = {
    "│": {UP, DOWN},
    "┆": {UP, DOWN},
    "─": {LEFT, RIGHT},
    "┄": {LEFT, RIGHT},
    "╰": {UP, RIGHT},
    "╯": {UP, LEFT},
    "╭": {DOWN, RIGHT},
    "╮": {DOWN, LEFT},
    "├": {UP, DOWN, RIGHT},
    "┤": {UP, DOWN, LEFT},
    "┬": {DOWN, LEFT, RIGHT},
    "┴": {UP, LEFT, RIGHT},
    "┼": {UP, DOWN, LEFT, RIGHT},
}
JOINTS = "╰╯╭╮├┤┬┴┼"


def drawn(count: int, *edges: Edge) -> list[str]:
    return [text(row.cells) for row in draw("o" * count, edges)]


def text(cells: Sequence[Cell]) -> str:
    return "".join(cell.char for cell in cells)


def test_rows_without_edges_stand_in_one_column() -> None:
    assert drawn(2) == ["o", "o"]


def test_a_chain() -> None:
    assert drawn(3, Edge(0, 1), Edge(1, 2)) == ["o", "╰─o", "  ╰─o"]


def test_lines_that_cross_do_not_meet() -> None:
    assert drawn(4, Edge(0, 2), Edge(1, 3)) == ["o", "│ o", "╰─│─o", "  ╰─o"]


def test_lines_that_end_together_meet() -> None:
    assert drawn(3, Edge(0, 2), Edge(1, 2)) == ["o", "│ o", "╰─┴─o"]


def test_a_later_row_is_reached_from_above() -> None:
    assert drawn(2, Edge(1, 0)) == ["o─╮", "  o"]


def test_dotted_edges_beside_certain_ones() -> None:
    assert drawn(4, Edge(0, 1), Edge(0, 3, dotted=True)) == ["o", "├─o", "┆ o", "╰┄o"]
    assert drawn(3, Edge(0, 2), Edge(0, 2, dotted=True)) == ["o", "│ o", "╰─o"]


def test_an_edge_to_itself_is_not_drawn() -> None:
    assert drawn(1, Edge(0, 0)) == ["o"]


def test_what_lies_below_a_row() -> None:
    rows = draw("ooo", [Edge(0, 1, dotted=True), Edge(1, 2), Edge(0, 2)])
    assert [text(row.below) for row in rows] == ["│", "│ │", ""]


GRAPHS = st.integers(1, 14).flatmap(
    lambda count: st.tuples(
        st.just(count),
        st.lists(
            st.builds(Edge, st.integers(0, count - 1), st.integers(0, count - 1), st.booleans()), max_size=3 * count
        ),
    )
)


@given(GRAPHS)
def test_the_joints_of_a_row_are_what_it_reads(graph: tuple[int, list[Edge]]) -> None:
    count, edges = graph
    for number, row in enumerate(draw("o" * count, edges)):
        joints = {cell.row for cell in row.cells if cell.char in JOINTS}
        assert joints == {edge.source for edge in edges if edge.reader == number != edge.source}
        assert [cell.row for cell in row.cells if cell.char == "o"] == [number]


@given(GRAPHS)
def test_no_line_ends_in_the_air(graph: tuple[int, list[Edge]]) -> None:
    count, edges = graph
    rows = draw("o" * count, edges)

    def at(cells: Sequence[Cell], place: int) -> Cell:
        return cells[place] if 0 <= place < len(cells) else Cell(" ")

    for number, row in enumerate(rows):
        above = rows[number - 1].below if number else ()
        for place in range(max(len(row.cells), len(row.below), len(above))):
            cell, over, under = (at(cells, place) for cells in (row.cells, above, row.below))
            if cell.char == "o":
                assert {over.row, under.row} <= {None, number}
                continue
            ways = DIRECTIONS.get(cell.char, set())
            assert (UP in ways) == (over.row is not None)
            assert (DOWN in ways) == (under.row is not None)
            assert {over.row, under.row} <= {None, cell.row}
            for way, beside in ((LEFT, place - 1), (RIGHT, place + 1)):
                # A line passes behind a whole vertical one: look beyond it.
                neighbour = at(row.cells, beside)
                if way in ways:
                    assert neighbour.char != " "


@given(GRAPHS)
def test_breadth(graph: tuple[int, list[Edge]]) -> None:
    count, edges = graph
    assert breadth(count, edges) >= max(len(row.cells) for row in draw("o" * count, edges))
