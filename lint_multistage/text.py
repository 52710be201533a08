"""Text and places in it; knows nothing of Docker."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable

from msgspec import Struct

BOM = "\ufeff"


class Span(Struct, frozen=True, order=True):
    """A half-open range of character offsets in a source's text."""

    start: int
    end: int


class Position(Struct, frozen=True, order=True):
    """A place as people count: line and column from 1, columns in Unicode code points."""

    line: int
    column: int


class Edit(Struct, frozen=True):
    """Replace what `span` covers by `text`; an empty span inserts."""

    span: Span
    text: str


class Inset(Struct, frozen=True):
    """Where a text stands inside a file: indented, as the block of a YAML file is, or written as one string.

    `first` is the number of the file's line on which it starts, `lines` are the file's lines that hold its own, one
    each; a single one where the text is written in another form, so that this line is all that can be shown. `$$` in
    them may stand for a `$` of the text.
    """

    first: int
    lines: tuple[str, ...]

    def position(self, line: int, column: int, text: str) -> Position:
        """The place in the file of a `column` in line `line` of the text, which reads `text`."""
        number = min(line, len(self.lines))
        written = self.lines[number - 1]
        at = len(written) - len(written.lstrip())
        if line == number and written.endswith(text):
            at = len(written) - len(text) + column - 1
        elif line == number and written.replace("$$", "$").endswith(text):
            at = len(written) - len(text) - written.count("$$")
            for _ in range(column - 1):
                at += 2 if written.startswith("$$", at) else 1
        return Position(self.first + number - 1, at + 1)


class Source(Struct, frozen=True):
    """A file's text with the offsets at which its lines start. Made by `Source.of` or `Source.decode`.

    Lines end at LF alone, as BuildKit splits them; a CR before it belongs to the line's text. `inset` says where the
    text stands in the file where it is a part of it: lines and columns are the text's own but where `in_file` is asked.
    """

    path: str
    text: str
    starts: tuple[int, ...]
    inset: Inset | None = None

    @classmethod
    def of(cls, path: str, text: str, inset: Inset | None = None) -> Source:
        """Index `text`; `path` is what reports print."""
        starts = [0]
        at = text.find("\n")
        while at >= 0:
            starts.append(at + 1)
            at = text.find("\n", at + 1)
        return cls(path, text, tuple(starts), inset)

    @classmethod
    def decode(cls, path: str, data: bytes) -> Source:
        """Read UTF-8; bytes that are not UTF-8 are kept as surrogates, so that `encode` gives them back."""
        return cls.of(path, data.decode("utf-8", "surrogateescape"))

    def encode(self) -> bytes:
        """The bytes of the file, exactly as they were decoded."""
        return encode(self.text)

    def __getitem__(self, span: Span) -> str:
        return self.text[span.start : span.end]

    @property
    def line_end(self) -> str:
        """What ends the lines of the file: a line that is added ends the same way."""
        first = self.text.find("\n")
        return "\r\n" if first > 0 and self.text[first - 1] == "\r" else "\n"

    def line_number(self, offset: int) -> int:
        """The line, from 1, that holds the character at `offset`."""
        return bisect_right(self.starts, offset)

    def position(self, offset: int) -> Position:
        """Where `offset` is; a byte order mark is no column."""
        line = bisect_right(self.starts, offset)
        column = offset - self.starts[line - 1] + 1
        if line == 1 and self.text.startswith(BOM):
            column = max(1, column - 1)
        return Position(line, column)

    def line(self, number: int) -> str:
        """The text of line `number` (from 1) without its line end or byte order mark."""
        start = self.starts[number - 1]
        end = self.starts[number] - 1 if number < len(self.starts) else len(self.text)
        return self.text[start:end].removesuffix("\r").removeprefix(BOM if number == 1 else "")

    def in_file(self, offset: int) -> Position:
        """Where `offset` is in the file that people see."""
        position = self.position(offset)
        if self.inset is None:
            return position
        return self.inset.position(position.line, position.column, self.line(position.line))

    def line_in_file(self, number: int) -> int:
        """The file's line that holds line `number` of the text."""
        return number if self.inset is None else self.inset.position(number, 1, "").line

    def file_line(self, number: int) -> str:
        """The text of the file's line `number`, which holds a part of this text."""
        return self.line(number) if self.inset is None else self.inset.lines[number - self.inset.first]


def encode(text: str) -> bytes:
    """The bytes that `Source.decode` would read as `text`."""
    return text.encode("utf-8", "surrogateescape")


def apply_edits(text: str, edits: Iterable[Edit]) -> str:
    """`text` with `edits` made; they must not overlap (ValueError)."""
    parts: list[str] = []
    at = 0
    for edit in sorted(edits, key=lambda edit: edit.span):
        if edit.span.start < at:
            raise ValueError("edits overlap")
        parts += (text[at : edit.span.start], edit.text)
        at = edit.span.end
    parts.append(text[at:])
    return "".join(parts)
