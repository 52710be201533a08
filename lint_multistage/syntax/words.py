"""How BuildKit cuts an instruction's value into words (moby/buildkit frontend/dockerfile/parser: line_parsers.go,
split_command.go).

A piece is a word's text with its offsets in the logical line; for flags and JSON strings the text has its quotes
removed.
"""

from __future__ import annotations

import re

from msgspec import Struct

from lint_multistage.late import late_regex
from lint_multistage.syntax.expansion import SPACES
from lint_multistage.syntax.lines import BLANKS, json_array

_BLANKS = late_regex(f"[{BLANKS}]+")
_JSON_STRING = late_regex(r'"(?:[^"\\]|\\.)*"', re.DOTALL)


class Piece(Struct, frozen=True):
    """A word and the range of the logical line it was read from."""

    text: str
    start: int
    end: int


def split_flags(text: str, at: int, escape: str) -> tuple[list[Piece], int]:
    """The leading `--flags` of `text` from offset `at`, and the offset where the rest begins."""
    flags: list[Piece] = []
    while True:
        at = _past_spaces(text, at)
        if not text.startswith("--", at):
            return flags, at
        start = at
        parts: list[str] = []
        quote = ""
        while at < len(text) and (quote or text[at] not in SPACES):
            char = text[at]
            if char == escape and at + 1 < len(text):
                at += 1
                parts.append(text[at])
            elif char == escape:
                pass
            elif quote:
                if char == quote:
                    quote = ""
                else:
                    parts.append(char)
            elif char in "'\"":
                quote = char
            else:
                parts.append(char)
            at += 1
        word = "".join(parts)
        if word == "--":
            return flags, _past_spaces(text, at)
        flags.append(Piece(word, start, at))


def split_blanks(text: str, start: int, end: int) -> list[Piece]:
    """Words between blanks; quotes mean nothing."""
    pieces: list[Piece] = []
    at = start
    for match in _BLANKS.finditer(text, start, end):
        if match.start() > at:
            pieces.append(Piece(text[at : match.start()], at, match.start()))
        at = match.end()
    if at < end:
        pieces.append(Piece(text[at:end], at, end))
    return pieces


def split_quoted(text: str, start: int, end: int, escape: str) -> list[Piece]:
    """Words of ENV, ARG and LABEL: quotes keep blanks together and stay in the text."""
    ordinary = re.compile(f"[^{SPACES}'\"{re.escape(escape)}]+")
    pieces: list[Piece] = []
    at = _past_spaces(text, start)
    while at < end:
        first = at
        quote = ""
        parts: list[str] = []
        while at < end and (quote or text[at] not in SPACES):
            char = text[at]
            match = None if quote else ordinary.match(text, at, end)
            if match:
                parts.append(match[0])
                at = match.end()
                continue
            if char == escape and quote != "'":
                if at + 1 == end:
                    at += 1
                    break
                parts.append(char)
                at += 1
                char = text[at]
            elif char == quote:
                quote = ""
            elif char in "'\"" and not quote:
                quote = char
            parts.append(char)
            at += 1
        if parts:
            pieces.append(Piece("".join(parts), first, at))
        at = _past_spaces(text, at)
    return pieces


def split_json(text: str, start: int, end: int) -> list[Piece] | None:
    """The strings of a JSON array; None where the value is none. Raises ValueError where an element is no string."""
    inner = text[start:end]
    if not inner.startswith("["):
        return None
    value = json_array(inner)
    if value is None:
        return None
    pieces: list[Piece] = []
    matches = _JSON_STRING.finditer(inner)
    for element in value:
        if not isinstance(element, str):
            raise ValueError("a JSON array must hold strings only")
        match = next(matches)
        pieces.append(Piece(element, start + match.start(), start + match.end()))
    return pieces


def _past_spaces(text: str, at: int) -> int:
    while at < len(text) and text[at] in SPACES:
        at += 1
    return at
