"""From lines and columns as reports count them to positions as the language server protocol does."""

from __future__ import annotations

from bisect import bisect_right

from lsprotocol.types import Position, PositionEncodingKind

from lint_multistage.late import late_regex
from lint_multistage.text import BOM, Source

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
        return self._of(min(source.starts[line - 1] + max(column, 1) - 1 + mark, end))

    def _of(self, offset: int) -> Position:
        line = bisect_right(self.starts, offset) - 1
        before = self.source.text[self.starts[line] : offset]
        codec = self.encoding.value if self.encoding is PositionEncodingKind.Utf8 else f"{self.encoding.value}-le"
        return Position(line, len(before.encode(codec, "surrogatepass")) // _BYTES[self.encoding])
