"""The source lines of a finding, with carets under what it speaks of."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import accumulate

from lint_multistage.reports.style import BLUE, Style, char_width, visible, width
from lint_multistage.results import PlacedFinding

GUTTER = 4
_TAB = 4
_MOST_LINES = 3
_LEAST_ROOM = 20


def excerpt(finding: PlacedFinding, style: Style, look: str, columns: int) -> Iterator[str]:
    """The lines to print, at most `columns` wide; carets are painted in `look`.

    A span of many lines shows its first three. A line too long is cut around the span.
    """
    lines = finding.source or ()
    digits = max(GUTTER, len(str(finding.line + len(lines))))
    room = max(_LEAST_ROOM, columns - digits - 3)
    for at, line in enumerate(lines[:_MOST_LINES]):
        number = finding.line + at
        start = finding.column - 1 if at == 0 else len(line) - len(line.lstrip())
        end = finding.end_column - 1 if number == finding.end_line else len(line)
        if at and number == finding.end_line and end <= 0:  # the span ends with the line break before
            break
        text, before, under = _window(line, start, end, room)
        yield f"{style.paint(f'{number:>{digits}} │', BLUE)} {text}".rstrip()
        if at and not line.strip():
            continue
        yield f"{style.paint(' ' * digits + ' │', BLUE)} {' ' * before}{style.paint('^' * under, look)}"
    if len(lines) >= _MOST_LINES and finding.end_line > finding.line + _MOST_LINES - 1:
        yield style.paint(" " * digits + " ┆", BLUE)


def _window(line: str, start: int, end: int, room: int) -> tuple[str, int, int]:
    """The part of `line` around the characters from `start` to `end` that fits, the caret's place, and how many."""
    cells = list(_cells(line))
    sizes = [width(cell) if len(cell) > 1 else char_width(cell) for cell in cells]
    offsets = [0, *accumulate(sizes)]
    total = offsets[-1]
    first = offsets[min(max(start, 0), len(cells))]
    last = offsets[min(max(end, start, 0), len(cells))]
    if total <= room:
        return "".join(cells), first, max(1, last - first)
    inner = room - 2  # an ellipsis on each side
    left = min(max(0, first - max(0, inner - (last - first)) // 2), max(0, total - inner))
    kept = [at for at, offset in enumerate(offsets[:-1]) if left <= offset and offsets[at + 1] <= left + inner]
    low, high = offsets[kept[0]], offsets[kept[-1] + 1]
    head = "…" if kept[0] > 0 else ""
    tail = "…" if kept[-1] < len(cells) - 1 else ""
    text = head + "".join(cells[at] for at in kept) + tail
    begin = min(max(first, low), high)
    return text, len(head) + begin - low, max(1, min(last, high) - begin)


def _cells(line: str) -> Iterator[str]:
    """What is printed for each character."""
    column = 0
    for char in line:
        cell = " " * (_TAB - column % _TAB) if char == "\t" else visible(char)
        column += len(cell) if char == "\t" else char_width(cell)
        yield cell
