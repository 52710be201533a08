"""The text of a shell script and where each part of it stands in the Dockerfile."""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from operator import itemgetter
from typing import TYPE_CHECKING

from msgspec import Struct

from lint_multistage.late import late_regex
from lint_multistage.syntax.expansion import SPACES
from lint_multistage.syntax.instructions import Instruction
from lint_multistage.syntax.lines import Heredoc
from lint_multistage.text import Source, Span

if TYPE_CHECKING:
    from tree_sitter import Node

_LINE = late_regex(r"[^\n]*\n|[^\n]+")
_NOT_PLAIN = late_regex(r"[^\x01-\x7f]")

_text_offset = itemgetter(0)


class Layout(Struct, frozen=True):
    """Script text with `pieces` (offset in text, offset in source), ascending.

    `whole` is set instead where single characters have no place: all of the text stands for that span.
    """

    text: str
    pieces: tuple[tuple[int, int], ...]
    whole: Span | None = None

    def place(self, start: int, end: int) -> Span:
        """The source span of `text[start:end]`."""
        if self.whole is not None:
            return self.whole
        pieces = self.pieces
        index = self._piece(start)
        text_at, source_at = pieces[index]
        first = source_at + start - text_at
        if end <= start:
            return Span(first, first)
        if index + 1 < len(pieces) and end > pieces[index + 1][0]:
            text_at, source_at = pieces[self._piece(end - 1)]
        return Span(first, source_at + end - text_at)

    def _piece(self, at: int) -> int:
        return bisect_right(self.pieces, at, key=_text_offset) - 1 if len(self.pieces) > 1 else 0

    def _offset(self, at: int) -> int:
        text_at, source_at = self.pieces[self._piece(at)]
        return source_at + at - text_at

    def find(self, offset: int) -> int | None:
        """The place in the text of what stands at `offset` in the source, None where that is not known."""
        if self.whole is not None or not self.pieces:
            return None
        index = max(bisect_right(self.pieces, offset, key=lambda piece: piece[1]) - 1, 0)
        return self.pieces[index][0] + offset - self.pieces[index][1]

    def part(self, start: int, end: int, text: str | None = None) -> Layout:
        """The layout of `text[start:end]`; `text` is its value where quote removal changed it."""
        raw = self.text[start:end]
        if text is None:
            text = raw
        elif raw[1:-1] == text and raw[:1] in "'\"":
            start, end = start + 1, end - 1
        elif raw != text:
            return Layout(text, (), self.place(start, end))
        if self.whole is not None:
            return Layout(text, (), self.whole)
        first = bisect_right(self.pieces, start, key=_text_offset)
        last = bisect_left(self.pieces, end, first, key=_text_offset)
        inner = [(at - start, offset) for at, offset in self.pieces[first:last]]
        return Layout(text, ((0, self._offset(start)), *inner))

    def spaced(self, offsets: list[int]) -> Layout:
        """The layout with a blank put in at each of `offsets`, ascending."""
        parts: list[str] = []
        cuts = [*offsets, len(self.text)]
        pieces = [
            (at + sum(1 for cut in offsets if cut <= at), offset) for at, offset in self.pieces if at not in offsets
        ]
        before = 0
        for number, cut in enumerate(cuts):
            parts.append(self.text[before:cut])
            if number < len(offsets) and self.whole is None:
                pieces += ((cut + number, self._offset(cut)), (cut + number + 1, self._offset(cut)))
            before = cut
        return Layout(" ".join(parts), tuple(sorted(pieces)), self.whole)

    def plain(self) -> bytes:
        """The text for the parser: one byte for each character, so that byte offsets are character offsets."""
        text = self.text
        if text.isascii() and "\0" not in text:
            return text.encode("ascii")
        return _NOT_PLAIN.sub("@", text).encode("ascii")


def of_value(run: Instruction, source: Source, escape: str) -> Layout:
    """The layout of a shell-form instruction's own lines, joined as BuildKit joins them."""
    value = run.value
    raw = source[value.span]
    if raw == value.text:
        return Layout(raw, ((0, value.span.start),))
    mark = re.escape(escape)
    continued = re.compile(rf"(?<!{mark}){mark}[ \t]*$")
    parts: list[str] = []
    pieces: list[tuple[int, int]] = []
    length, offset = 0, value.span.start
    for line in raw.split("\n"):
        start = offset
        offset += len(line) + 1
        stripped = line.lstrip(SPACES)
        if pieces and (not stripped or stripped.startswith("#")):
            continue
        kept = line.rstrip("\r")
        match = continued.search(kept)
        if match:
            kept = kept[: match.start()]
        if kept or not pieces:
            pieces.append((length, start))
        parts.append(kept)
        length += len(kept)
    joined = "".join(parts)
    if joined != value.text:
        return Layout(value.text, (), value.span)
    return Layout(joined, tuple(pieces))


def of_heredoc(heredoc: Heredoc, source: Source) -> Layout:
    """The layout of a heredoc's lines, without their leading tabs where it is a `<<-`."""
    start = heredoc.body.start
    body = source[heredoc.body].replace("\r\n", " \n")
    if not heredoc.chomp or "\t" not in body:
        return Layout(body, ((0, start),))
    parts: list[str] = []
    pieces: list[tuple[int, int]] = []
    length = 0
    for line in _LINE.findall(body):
        kept = line.lstrip("\t")
        if kept:
            pieces.append((length, start + len(line) - len(kept)))
        parts.append(kept)
        length += len(kept)
        start += len(line)
    return Layout("".join(parts), tuple(pieces) or ((0, start),))


def with_heredocs(layout: Layout, run: Instruction, source: Source) -> Layout:
    """A command line followed by its heredocs, as BuildKit hands both to the shell."""
    parts = [layout.text]
    pieces = list(layout.pieces)
    length = len(layout.text)
    for heredoc in run.heredocs:
        body = source[heredoc.body].replace("\r\n", " \n")
        pieces += ((length, heredoc.body.start - 1), (length + 1, heredoc.body.start))
        parts.append(f"\n{body}{heredoc.name}")
        length += 1 + len(body) + len(heredoc.name)
    text = "".join(parts)
    last = run.heredocs[-1]
    if last.body.end + len(last.name) > len(source.text):
        # The heredoc is not closed, so what closes it here has no place.
        return Layout(text, (), Span(run.value.span.start, last.body.end))
    return Layout(text, (), layout.whole) if layout.whole is not None else Layout(text, tuple(pieces))


def text_of(node: Node, layout: Layout) -> str:
    """The text of a node."""
    return layout.text[node.start_byte : node.end_byte]
