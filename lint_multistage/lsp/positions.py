"""Between places in a text, as the linter counts them, and positions of the language server protocol."""

from __future__ import annotations

from bisect import bisect_right

from lsprotocol.types import Position, PositionEncodingKind, Range

from lint_multistage.late import late_regex
from lint_multistage.text import BOM, Source, Span

_LINE_END = late_regex(r"\r\n|\n|\r")
_BYTES = {PositionEncodingKind.Utf8: 1, PositionEncodingKind.Utf16: 2, PositionEncodingKind.Utf32: 4}


class Positions:
    """The positions of one text under the encoding that client and server agreed on.

    The protocol lets a lone CR end a line, which it does not for BuildKit; so both lines and columns are counted anew.
    """

    def __init__(self, text: str, encoding: PositionEncodingKind | str | None) -> None:
        self.source = Source.of("", text)
        self.encoding = PositionEncodingKind(encoding or PositionEncodingKind.Utf16)
        self.starts = [0, *(match.end() for match in _LINE_END.finditer(text))]

    def at(self, line: int, column: int) -> Position:
        """The position of a line and column, both from 1, the column in code points less a byte order mark."""
        source = self.source
        line = min(max(line, 1), len(source.starts))
        mark = int(line == 1 and source.text.startswith(BOM))
        end = source.starts[line] if line < len(source.starts) else len(source.text)
        return self.of(min(source.starts[line - 1] + max(column, 1) - 1 + mark, end))

    def range(self, span: Span) -> Range:
        """The range of a span of the text."""
        return Range(self.of(span.start), self.of(span.end))

    def of(self, offset: int) -> Position:
        """The position of an offset in the text."""
        line = bisect_right(self.starts, offset) - 1
        return Position(line, self._units(self.source.text[self.starts[line] : offset]))

    def offset(self, position: Position) -> int:
        """The offset in the text of a position; one beyond a line or the text means its end."""
        if position.line >= len(self.starts):
            return len(self.source.text)
        start = self.starts[position.line]
        end = self.starts[position.line + 1] if position.line + 1 < len(self.starts) else len(self.source.text)
        line = self.source.text[start:end]
        line = line.rstrip("\r\n")
        at = min(position.character, len(line))
        if line.isascii():
            return start + at
        units = 0
        for index, char in enumerate(line):
            if units >= position.character:
                return start + index
            units += self._units(char)
        return start + len(line)

    def _units(self, text: str) -> int:
        codec = self.encoding.value if self.encoding is PositionEncodingKind.Utf8 else f"{self.encoding.value}-le"
        return len(text.encode(codec, "surrogatepass")) // _BYTES[self.encoding]
