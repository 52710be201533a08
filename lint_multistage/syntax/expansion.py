"""BuildKit's word lexer: quotes, escapes and `$` forms (moby/buildkit frontend/dockerfile/shell/lex.go)."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from msgspec import Struct

from lint_multistage.late import late_regex
from lint_multistage.syntax.patterns import PatternError, SlowPatternError, read_pattern
from lint_multistage.syntax.quoting import shown

LONGEST_GROWTH = 16_384
"""Characters that variables may add to a word. Values that double with every line would fill the memory."""

ANYTHING = "\ue000"
"""A value that stands for any text: an expression that reads it gives ANYTHING back."""

# What Go's unicode.IsSpace accepts; Python's str.isspace also accepts \x1c to \x1f.
SPACES = (
    "\t\n\v\f\r \x85\xa0\u1680\u2000\u2001\u2002\u2003\u2004\u2005"
    "\u2006\u2007\u2008\u2009\u200a\u2028\u2029\u202f\u205f\u3000"
)
_SPACE = late_regex(f"[{SPACES}]+")
_NAME = late_regex(r"[0-9]+|[@*#?\-$!]|[^\W\d]\w*")
_HEREDOC_OPERATOR = late_regex(r"[0-9]*<<")
_MODIFIERS = ":+-?#%/"


class ExpansionError(Exception):
    """A word that BuildKit cannot expand. `required` is the variable that `${V:?}` asks for, else empty."""

    def __init__(self, reason: str, *, required: str = "") -> None:
        super().__init__(reason)
        self.required = required


class TooLongError(ExpansionError):
    """A word that is not expanded here because it gets too long or takes too long; BuildKit may manage."""


class Expansion(Struct, frozen=True):
    """A word after expansion and the names it read, those that had no value apart."""

    text: str
    used: tuple[str, ...]
    unset: tuple[str, ...]


def expand(word: str, values: Mapping[str, str], escape: str = "\\") -> Expansion:
    """Expand `word` as BuildKit does: quotes and escapes removed, variables replaced, unset ones by nothing.

    Raises ExpansionError for a bad substitution, an unset `${V:?}` or an open quote, TooLongError for a word that
    grows by more than LONGEST_GROWTH characters.
    """
    if not any(mark in word for mark in ("$", "'", '"', escape)):
        return Expansion(word, (), ())
    lexer = _Lexer(word, values, escape)
    text = "".join(part for _, part in lexer.parts())
    return Expansion(text, tuple(dict.fromkeys(lexer.used)), tuple(dict.fromkeys(lexer.unset)))


def heredoc_words(line: str) -> list[str]:
    """The words of `line` in which BuildKit looks for heredocs, quotes kept; none where its lexer fails.

    Blanks after `<<` belong to the word, so that `<< EOF` opens a heredoc.
    """
    try:
        words = _words(_Lexer(line, {}, "\\", raw=True).parts())
    except ExpansionError:
        return []
    joined: list[str] = []
    for word in words:
        if joined and _HEREDOC_OPERATOR.fullmatch(joined[-1]):
            joined[-1] += " " + word
        else:
            joined.append(word)
    return joined


def heredoc_name(rest: str) -> tuple[str, bool] | None:
    """The name that ends a heredoc opened by `<<rest`, and whether its body is expanded; None where none opens."""
    try:
        plain = _words(_Lexer(rest, {}, "\\", keep_unset=True).parts())
        quoted = _words(_Lexer(rest, {}, "\\", raw=True).parts())
    except ExpansionError:
        return None
    return (plain[0], plain == quoted) if len(plain) == 1 else None


def _words(parts: Iterator[tuple[bool, str]]) -> list[str]:
    """Join parts to words: blanks split the plain ones (True) only."""
    words: list[str] = []
    open_word = False
    for plain, part in parts:
        pieces = _SPACE.split(part) if plain else [part]
        for number, piece in enumerate(pieces):
            if number:
                open_word = False
            if piece:
                if open_word:
                    words[-1] += piece
                else:
                    words.append(piece)
                open_word = True
    return words


class _Lexer:
    def __init__(
        self, text: str, values: Mapping[str, str], escape: str, *, raw: bool = False, keep_unset: bool = False
    ) -> None:
        self.text = text
        self.values = values
        self.escape = escape
        self.raw = raw
        self.keep_unset = raw or keep_unset
        self.at = 0
        self.grown = 0
        self.used: list[str] = []
        self.unset: list[str] = []
        self.ordinary = re.compile(f"[^'\"$/}}{re.escape(escape)}]+")

    def parts(self) -> Iterator[tuple[bool, str]]:
        """The whole text, in parts; True marks those whose blanks separate words."""
        try:
            yield from self._until("", self.raw)
        except RecursionError:
            raise ExpansionError("substitutions are nested too deeply") from None

    def _until(self, stop: str, raw_escapes: bool) -> Iterator[tuple[bool, str]]:
        text = self.text
        while self.at < len(text):
            char = text[self.at]
            if char == stop:
                self.at += 1
                return
            if char == "$":
                yield True, self._dollar()
            elif char == "'":
                yield False, self._single_quoted()
            elif char == '"':
                yield False, self._double_quoted(raw_escapes)
            elif char == self.escape:
                self.at += 1
                escaped = text[self.at : self.at + 1]
                self.at += 1
                yield False, (char + escaped) if raw_escapes else escaped
            else:
                match = self.ordinary.match(text, self.at)
                run = match[0] if match else char
                self.at += len(run)
                yield True, run
        if stop:
            raise ExpansionError(f"unexpected end of statement while looking for matching {stop}")

    def _single_quoted(self) -> str:
        end = self.text.find("'", self.at + 1)
        if end < 0:
            raise ExpansionError("unexpected end of statement while looking for matching single-quote")
        inner = self.text[self.at + 1 : end]
        self.at = end + 1
        return f"'{inner}'" if self.raw else inner

    def _double_quoted(self, raw_escapes: bool) -> str:
        text = self.text
        self.at += 1
        parts = ['"'] if self.raw else []
        while self.at < len(text):
            char = text[self.at]
            if char == '"':
                self.at += 1
                return "".join(parts) + ('"' if self.raw else "")
            if char == "$":
                parts.append(self._dollar())
            elif char == self.escape:
                self.at += 1
                following = text[self.at : self.at + 1]
                if following and following in ('"', "$", self.escape):
                    self.at += 1
                    parts.append((char if raw_escapes else "") + following)
                else:
                    parts.append(char * (2 if raw_escapes else 1) if following else "")
            else:
                match = self.ordinary.match(text, self.at)
                run = match[0] if match else char
                self.at += len(run)
                parts.append(run)
        raise ExpansionError("unexpected end of statement while looking for matching double-quote")

    def _dollar(self) -> str:
        self.at += 1
        if self.text[self.at : self.at + 1] != "{":
            name = self._name()
            if not name:
                return "$"
            value = self._value(name)
            return value if value is not None else "$" + name if self.keep_unset else ""
        self.at += 1
        following = self.text[self.at : self.at + 1]
        if not following:
            raise ExpansionError("missing '}'")
        if following in "{}:":
            raise ExpansionError("bad substitution")
        name = self._name()
        modifier = self.text[self.at : self.at + 1]
        self.at += 1
        if modifier == "}":
            value = self._value(name)
            return value if value is not None else f"${{{name}}}" if self.keep_unset else ""
        if not modifier or modifier not in _MODIFIERS:
            raise ExpansionError(f"unsupported modifier ({modifier}) in substitution")
        if modifier == "/":
            return self._replaced(name)
        return self._modified(name, modifier)

    def _modified(self, name: str, modifier: str) -> str:
        null_is_unset = modifier == ":"
        marks = modifier
        if null_is_unset:
            modifier = self.text[self.at : self.at + 1]
            marks += modifier
            self.at += 1
        word = self._inner("}", raw=modifier in ("#", "%"))
        value = self._value(name)
        if value == ANYTHING:
            return ANYTHING
        if value is None and self.keep_unset:
            return f"${{{name}{marks}{word}}}"
        missing = value is None or (null_is_unset and value == "")
        match modifier:
            case "-":
                return word if missing or value is None else value
            case "+":
                return "" if missing else word
            case "?":
                if missing or value is None:
                    default = f"is not allowed to be {'unset' if value is None else 'empty'}"
                    raise ExpansionError(f"{shown(name)}: {shown(word) or default}", required=name)
                return value
            case "#" | "%":
                return _trimmed(value or "", modifier, word)
        raise ExpansionError(f"unsupported modifier ({marks}) in substitution")

    def _replaced(self, name: str) -> str:
        everywhere = self.text[self.at : self.at + 1] == "/"
        self.at += everywhere
        pattern = self._inner("/", raw=True)
        replacement = self._inner("}", raw=True)
        value = self._value(name)
        if value == ANYTHING:
            return ANYTHING
        if value is None and self.keep_unset:
            return f"${{{name}/{pattern}/{replacement}}}"
        most = LONGEST_GROWTH + len(value or "")
        try:
            return read_pattern(pattern).replaced(value or "", replacement, everywhere=everywhere, most=most)
        except (PatternError, SlowPatternError, ValueError) as error:
            raise _refused(pattern, error) from None

    def _inner(self, stop: str, *, raw: bool) -> str:
        try:
            return "".join(part for _, part in self._until(stop, raw))
        except TooLongError:
            raise
        except ExpansionError:
            if self.at >= len(self.text):
                raise ExpansionError(f"missing '{stop}'") from None
            raise

    def _name(self) -> str:
        match = _NAME.match(self.text, self.at)
        if not match:
            return ""
        self.at = match.end()
        return match[0]

    def _value(self, name: str) -> str | None:
        value = self.values.get(name)
        if value is None:
            self.unset.append(name)
            return None
        self.used.append(name)
        self.grown += len(value) if value != ANYTHING else 0
        if self.grown > LONGEST_GROWTH:
            raise TooLongError("it is too long to be expanded")
        return value


def _trimmed(value: str, modifier: str, word: str) -> str:
    """`${V#p}` and `${V%p}` take away the shortest match, doubled the longest."""
    longest = word.startswith(modifier)
    pattern = word[1:] if longest else word
    try:
        return read_pattern(pattern).trimmed(value, end=modifier == "%", longest=longest)
    except (PatternError, SlowPatternError) as error:
        raise _refused(pattern, error) from None


def _refused(pattern: str, error: Exception) -> ExpansionError:
    if isinstance(error, PatternError):
        return ExpansionError(f"invalid pattern ({shown(pattern)}) in substitution: {error}")
    return TooLongError("it is too long to be expanded")
