"""The `${{ … }}` expressions of GitHub workflows: which values they may have."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

from msgspec import Struct

from lint_multistage.late import late_regex

Values = tuple[str | None, ...]
"""The values that an expression may have; None stands for those that are not known."""

LONGEST = 1_000
MOST_VALUES = 16
_DEEPEST = 20
_TOKEN = late_regex(
    r"\s*(?:'((?:[^']|'')*)'|([A-Za-z_][\w-]*(?:\s*\.\s*[\w*-]+|\[[^\[\]]*\])*)|(&&|\|\||[=!<>]=|[!()<>,])|(-?[\d.]+))"
)
_INDEX = late_regex(r"\[\s*'([^']*)'\s*\]")
_FALSE = ("", "false", "0", "null")

UNKNOWN: Values = (None,)


def evaluate(expression: str, lookup: Callable[[str], Values]) -> Values:
    """The values that `expression` may have where `lookup` gives those of `matrix.x`, `env.x` …"""
    tokens = _tokens(expression)
    if tokens is None:
        return UNKNOWN
    reading = _Reading(tokens, lookup)
    values = reading.either(0)
    return values if reading.at == len(tokens) else UNKNOWN


class _Token(Struct, frozen=True):
    """A literal, a name or an operator."""

    kind: str
    text: str


def _tokens(expression: str) -> list[_Token] | None:
    tokens: list[_Token] = []
    expression = expression.strip()
    if len(expression) > LONGEST:
        return None
    at = 0
    while at < len(expression):
        match = _TOKEN.match(expression, at)
        if match is None:
            return None
        at = match.end()
        if match[1] is not None:
            tokens.append(_Token("literal", match[1].replace("''", "'")))
        elif match[2] is not None:
            word = match[2]
            kind = "literal" if word in ("true", "false", "null") else "name"
            tokens.append(_Token(kind, _INDEX.sub(r".\1", word).replace(" ", "")))
        elif match[3] is not None:
            tokens.append(_Token("operator", match[3]))
        else:
            tokens.append(_Token("literal", match[4]))
    return tokens


class _Reading:
    """A walk over the tokens of one expression."""

    def __init__(self, tokens: Sequence[_Token], lookup: Callable[[str], Values]) -> None:
        self.tokens = tokens
        self.lookup = lookup
        self.at = 0

    def operator(self, *texts: str) -> bool:
        """Whether one of `texts` comes next; it is taken then."""
        if self.at < len(self.tokens):
            token = self.tokens[self.at]
            if token.kind == "operator" and token.text in texts:
                self.at += 1
                return True
        return False

    def either(self, depth: int) -> Values:
        """`a || b`."""
        values = self.both(depth)
        while self.operator("||"):
            after = self.both(depth)
            found = [value for value in values if not _is_false(value)]
            values = _distinct((*found, *after) if len(found) < len(values) or None in values else found)
        return values

    def both(self, depth: int) -> Values:
        """`a && b`."""
        values = self.comparison(depth)
        while self.operator("&&"):
            after = self.comparison(depth)
            # Where it is not known whether the first holds, the whole is false or the second.
            false = ["" if value is None else value for value in values if value is None or _is_false(value)]
            values = _distinct((*false, *after) if len(false) < len(values) or None in values else false)
        return values

    def comparison(self, depth: int) -> Values:
        """`a == b`, and those that are not followed."""
        values = self.single(depth)
        if self.operator("==", "!=", "<", ">", "<=", ">="):
            sign = self.tokens[self.at - 1].text
            other = self.single(depth)
            if len(values) != 1 or len(other) != 1 or values[0] is None or other[0] is None or sign[0] in "<>":
                return UNKNOWN
            same = values[0].casefold() == other[0].casefold()
            return ("true" if same == (sign == "==") else "false",)
        return values

    def single(self, depth: int) -> Values:
        """A literal, a name, a call, or something in brackets."""
        if depth > _DEEPEST or self.at >= len(self.tokens):
            return UNKNOWN
        if self.operator("!"):
            values = self.single(depth + 1)
            return _distinct([None if value is None else str(_is_false(value)).lower() for value in values])
        if self.operator("("):
            values = self.either(depth + 1)
            return values if self.operator(")") else UNKNOWN
        token = self.tokens[self.at]
        self.at += 1
        if token.kind == "literal":
            return (token.text,)
        if token.kind == "operator":
            self.at -= 1
            return UNKNOWN
        if not self.operator("("):
            return self.lookup(token.text)
        arguments: list[Values] = []
        while not self.operator(")"):
            if self.at >= len(self.tokens):
                return UNKNOWN
            before = self.at
            arguments.append(self.either(depth + 1))
            self.operator(",")
            if self.at == before:
                return UNKNOWN
        return _format(arguments) if token.text == "format" else UNKNOWN


def _format(arguments: Sequence[Values]) -> Values:
    if not arguments or any(len(values) != 1 or values[0] is None for values in arguments):
        return UNKNOWN
    texts = [values[0] or "" for values in arguments]
    return (re.sub(r"\{(\d{1,2})\}", lambda match: "".join(texts[int(match[1]) + 1 :][:1]), texts[0]),)


def _is_false(value: str | None) -> bool:
    return value is not None and value in _FALSE


def _distinct(values: Sequence[str | None]) -> Values:
    return tuple(dict.fromkeys(values))[:MOST_VALUES]
