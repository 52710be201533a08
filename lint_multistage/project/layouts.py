"""Layouts of scripts that stand inside other files: in YAML scalars, with parts of them replaced."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING

from lint_multistage.late import late_regex
from lint_multistage.syntax.shell_layout import Layout
from lint_multistage.text import Source, Span

if TYPE_CHECKING:
    from lint_multistage.project.yaml_nodes import Node

LONGEST = 256 * 1024
UNKNOWN = "\x01"
"""The character with which values begin that are not known."""

_NO_NAME = late_regex(r"\W+")
_LONGEST_NAME = 100
_WORD = late_regex(r"\S+")
_WINDOW = 4_000


def of_text(text: str, offset: int = 0) -> Layout:
    """The layout of text that stands at `offset` as it is."""
    return Layout(text, ((0, offset),))


def of_node(node: Node, source: Source) -> Layout:
    """The layout of a YAML scalar of `source`, exact at the start of each word whatever its style."""
    line = min(node.text_line, len(source.starts))
    start = source.starts[line - 1] + (0 if node.style in ("|", ">") else node.column - 1)
    return aligned(node.text[:LONGEST], source, start)


def aligned(value: str, source: Source, start: int) -> Layout:
    """The layout of `value`, whose words stand at or behind `start` in that order, other blanks between them."""
    text = source.text
    start = min(start, len(text))
    pieces: list[tuple[int, int]] = []
    at = start
    for match in _WORD.finditer(value):
        found = text.find(match[0], at, at + _WINDOW + len(match[0]))
        if found >= 0:
            at = found
        pieces.append((match.start(), at))
        if found >= 0:
            at += len(match[0])
    if not pieces or pieces[0][0]:
        pieces.insert(0, (0, start))
    return Layout(value, tuple(pieces))


def replaced(layout: Layout, pattern: re.Pattern[str], value: Callable[[re.Match[str]], str | None]) -> Layout:
    """`layout` with what `pattern` matches replaced, unless `value` gives None; new words stand where it stood."""
    found = ((match, value(match)) for match in pattern.finditer(layout.text))
    return substituted(layout, ((*match.span(), text) for match, text in found if text is not None))


def substituted(layout: Layout, changes: Iterable[tuple[int, int, str]]) -> Layout:
    """`layout` with the text from start to end of each change, ascending, put in place of what stood there."""
    parts: list[str] = []
    pieces: list[tuple[int, int]] = []
    length = done = 0
    changed = False

    def keep(start: int, end: int) -> None:
        nonlocal length
        if end > start:
            part = layout.part(start, end)
            pieces.extend((length + at, offset) for at, offset in part.pieces)
            parts.append(part.text)
            length += end - start

    for start, end, text in changes:
        changed = True
        keep(done, start)
        offset = layout.place(start, start).start
        pieces.extend((length + word.start(), offset) for word in _WORD.finditer(text))
        parts.append(text)
        length += len(text)
        done = end
        if length > LONGEST:
            break
    if not changed:
        return layout
    keep(done, len(layout.text))
    text = "".join(parts)
    if layout.whole is not None:
        return Layout(text, (), layout.whole)
    if not pieces or pieces[0][0]:
        pieces.insert(0, (0, layout.place(0, 0).start))
    return Layout(text, tuple(pieces))


def unknown(name: str) -> str:
    """What stands in a script for a value called `name` that is not known; blanks may be in it."""
    return f"{UNKNOWN}{_NO_NAME.sub('_', name[:_LONGEST_NAME])}\x02"


def whole(text: str, span: Span) -> Layout:
    """Text all of which stands for `span`."""
    return Layout(text, (), span)
