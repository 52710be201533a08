"""BuildKit's line loop: physical lines to logical ones, with comments, parser directives and heredocs.

Follows Parse in moby/buildkit frontend/dockerfile/parser/parser.go and directives.go.
"""

from __future__ import annotations

import json
import re
from bisect import bisect_right

from msgspec import Struct

from lint_multistage.late import late_regex
from lint_multistage.syntax.expansion import SPACES, heredoc_name, heredoc_words
from lint_multistage.syntax.quoting import shown
from lint_multistage.text import BOM, Source, Span

LONGEST_LINE = 65_535
"""Bytes a physical line may have without its line end (Go's bufio.MaxScanTokenSize less one)."""

MOST_INSTRUCTIONS = 120_000
"""Instructions that are read of one file; BuildKit cannot send nearly so many to its workers."""

BLANKS = "\t\v\f\r "
_SPLIT = late_regex(f"[{BLANKS}]+")
_DIRECTIVE = late_regex(rf"#[{SPACES}]*([a-zA-Z][a-zA-Z0-9]*)\s*=\s*(.+?)\s*", re.ASCII)
_DIRECTIVES = ("syntax", "escape", "check")
_HEREDOC = late_regex(r"[0-9]*<<(-?)\s*([^<]*)")
_OPENER = late_regex(rf"""(?:^|[{SPACES}'"}}])[0-9]*<<""")
_HEREDOC_KEYWORDS = ("ADD", "COPY", "RUN")


class Problem(Struct, frozen=True):
    """What BuildKit refuses about the text, and where."""

    span: Span
    message: str


class Directive(Struct, frozen=True):
    """A parser directive (`# syntax=…`, `# escape=…`, `# check=…`) at the top of the file."""

    name: str
    value: str
    span: Span


class Comment(Struct, frozen=True):
    """A comment line outside heredocs, from its `#` to the end of the line; `inner` inside a continued instruction."""

    span: Span
    line: int
    inner: bool


class Heredoc(Struct, frozen=True):
    """A heredoc of an instruction. `body` spans its lines; `expand` is false where the name is quoted; `chomp` for
    `<<-`.
    """

    name: str
    body: Span
    expand: bool
    chomp: bool


class LogicalLine(Struct, frozen=True):
    """An instruction's line after joining its continuations, heredoc bodies apart.

    `pieces` says which part of `text` stands where: (offset in text, offset in source), ascending. `first` and `last`
    are physical lines, heredocs included; `span` covers the instruction's own lines in the source.
    """

    text: str
    pieces: tuple[tuple[int, int], ...]
    span: Span
    first: int
    last: int
    heredocs: tuple[Heredoc, ...] = ()

    def place(self, start: int, end: int) -> Span:
        """The source span of `text[start:end]`; it takes in the line breaks that lie inside."""
        first = self._offset(start)
        return Span(first, first if end <= start else self._offset(end - 1) + 1)

    def _offset(self, at: int) -> int:
        text_at, source_at = self.pieces[bisect_right(self.pieces, at, key=lambda piece: piece[0]) - 1]
        return source_at + at - text_at


class Lines(Struct, frozen=True):
    """A file as logical lines. `escape` is its escape character."""

    directives: tuple[Directive, ...]
    escape: str
    comments: tuple[Comment, ...]
    lines: tuple[LogicalLine, ...]
    problems: tuple[Problem, ...]


def read_lines(source: Source) -> Lines:
    """Split `source` as BuildKit does. What BuildKit refuses becomes a problem, and reading goes on behind it."""
    return _Loop(source).run()


def upper(keyword: str) -> str:
    """The keyword as Docker's documentation writes it; letters that only look like ASCII in upper case stay."""
    return keyword.upper() if keyword.isascii() else keyword


def keyword_of(text: str) -> str:
    """The keyword of a logical line, as written."""
    return _SPLIT.split(text.strip(SPACES), maxsplit=1)[0]


class _Loop:
    def __init__(self, source: Source) -> None:
        self.source = source
        self.count = len(source.starts) - (source.starts[-1] == len(source.text))
        self.next = 0
        self.directives: list[Directive] = []
        self.directives_over = False
        self.comments: list[Comment] = []
        self.lines: list[LogicalLine] = []
        self.problems: list[Problem] = []
        self.escape = "\\"
        self.continued = _continuation("\\")

    def run(self) -> Lines:
        while self.next < self.count:
            number, start, text = self._take()
            if number == 1 and text.startswith(BOM):
                start, text = start + 1, text[1:]
            stripped = text.lstrip(SPACES)
            start += len(text) - len(stripped)
            if not self.directives_over:
                self._directive(start, stripped)
            if stripped.startswith("#"):
                self.comments.append(Comment(Span(start, start + len(stripped)), number, False))
                continue
            if stripped:
                if len(self.lines) >= MOST_INSTRUCTIONS:
                    place = Span(start, start + len(stripped))
                    more = f"the file has more than {MOST_INSTRUCTIONS} instructions: the rest is not read"
                    self.problems.append(Problem(place, more))
                    break
                self._instruction(number, start, stripped)
        if not self.lines:
            self.problems.append(Problem(Span(0, 0), "the file has no instructions"))
        return Lines(tuple(self.directives), self.escape, tuple(self.comments), tuple(self.lines), tuple(self.problems))

    def _take(self) -> tuple[int, int, str]:
        """The next physical line: its number, offset, and text without the line end."""
        source, index = self.source, self.next
        self.next += 1
        start = source.starts[index]
        end = source.starts[index + 1] if index + 1 < len(source.starts) else len(source.text)
        text = source.text[start:end].rstrip("\r\n")
        if len(text) * 3 > LONGEST_LINE and len(text.encode("utf-8", "surrogatepass")) > LONGEST_LINE:
            self.problems.append(Problem(Span(start, start + 1), f"the line is longer than {LONGEST_LINE} bytes"))
        return index + 1, start, text

    def _directive(self, start: int, text: str) -> None:
        match = _DIRECTIVE.fullmatch(text)
        name = match[1].lower() if match else ""
        if not match or name not in _DIRECTIVES:
            self.directives_over = True
            return
        span = Span(start, start + len(text))
        value = match[2]
        if any(directive.name == name for directive in self.directives):
            self.problems.append(Problem(span, f"only one '{name}' parser directive can be used"))
        elif name == "escape" and value not in ("\\", "`"):
            self.problems.append(Problem(span, f"the escape character must be \\ or `, not '{shown(value)}'"))
        else:
            self.directives.append(Directive(name, value, span))
            if name == "escape":
                self.escape = value
                self.continued = _continuation(value)

    def _instruction(self, first: int, start: int, text: str) -> None:
        parts: list[str] = []
        pieces: list[tuple[int, int]] = []
        length = 0
        match = self.continued.search(text)
        while True:
            kept = (
                text[: match.start(1) + len(match[1])]
                if match and match[1]
                else text[: match.start()]
                if match
                else text
            )
            pieces.append((length, start))
            parts.append(kept)
            length += len(kept)
            end = start + len(text)
            if not match or (line := self._continuation_line()) is None:
                break
            start, text = line
            match = self.continued.search(text)
        joined = "".join(parts)
        line_ = LogicalLine(joined, tuple(pieces), Span(pieces[0][1], end), first, self.next)
        if joined.strip(SPACES):
            self.lines.append(self._with_heredocs(line_))

    def _continuation_line(self) -> tuple[int, str] | None:
        """The next line that continues the instruction: comments and blank lines are passed over."""
        while self.next < self.count:
            number, start, text = self._take()
            stripped = text.lstrip(SPACES)
            if stripped.startswith("#"):
                at = start + len(text) - len(stripped)
                self.comments.append(Comment(Span(at, at + len(stripped)), number, True))
            elif stripped:
                return start, text
        return None

    def _with_heredocs(self, line: LogicalLine) -> LogicalLine:
        if "<<" not in line.text or not _takes_heredocs(line.text) or not _OPENER.search(line.text):
            return line
        heredocs: list[Heredoc] = []
        refused = len(self.problems)
        for word in heredoc_words(line.text):
            opener = _HEREDOC.fullmatch(word)
            named = heredoc_name(opener[2]) if opener and opener[2] else None
            if opener and named:
                heredocs.append(self._heredoc(line, named, chomp=bool(opener[1])))
                if len(self.problems) > refused:
                    # It took the rest of the file, so nothing is left for further ones.
                    break
        if not heredocs:
            return line
        return LogicalLine(line.text, line.pieces, line.span, line.first, self.next, tuple(heredocs))

    def _heredoc(self, line: LogicalLine, named: tuple[str, bool], *, chomp: bool) -> Heredoc:
        name, expand = named
        source = self.source
        start = source.starts[self.next] if self.next < self.count else len(source.text)
        while self.next < self.count:
            _, at, text = self._take()
            if (text.lstrip("\t") if chomp else text) == name:
                return Heredoc(name, Span(start, at), expand, chomp)
        self.problems.append(Problem(line.span, f"unterminated heredoc: no line '{shown(name)}' follows"))
        return Heredoc(name, Span(start, len(source.text)), expand, chomp)


def _takes_heredocs(text: str) -> bool:
    words = _SPLIT.split(text.strip(SPACES), maxsplit=2)
    if words[0].upper() == "ONBUILD" and len(words) == 3:
        words = [words[1], words[2]]
    return words[0].upper() in _HEREDOC_KEYWORDS and not is_json_array(" ".join(words[1:]))


def is_json_array(text: str) -> bool:
    """Whether BuildKit reads `text` as the JSON form of an instruction."""
    return text.lstrip(SPACES).startswith("[") and json_array(text) is not None


def json_array(text: str) -> list[object] | None:
    """`text` as a JSON array, None where it is none."""
    try:
        value = json.loads(text.strip(SPACES))
    except (ValueError, RecursionError):
        return None
    return value if isinstance(value, list) else None


def _continuation(escape: str) -> re.Pattern[str]:
    """What marks a line that goes on: one escape character and blanks, not two escape characters; group 1 is kept."""
    mark = re.escape(escape)
    return re.compile(rf"([^{mark}]){mark}[ \t]*$|^{mark}[ \t]*$")
