"""The variables of a Makefile, and text with references to them expanded where that can be done without running it."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Callable, Iterator, Mapping

from msgspec import Struct

from lint_multistage.late import late_regex
from lint_multistage.project.layouts import UNKNOWN, unknown
from lint_multistage.project.shells import ROOT, START

DEEPEST = 20
LONGEST = 20_000
MOST_STEPS = 5_000
_MOST_WORDS = 100
_SHELL = late_regex(r"\s*(?:(?P<pwd>pwd(?: -P)?)|(?P<top>git rev-parse --show-toplevel)|echo\s+(?P<text>[\w./-]+))\s*$")
_FUNCTION = late_regex(r"([a-z-]+)[ \t]+", re.DOTALL)
_NAME = late_regex(r"[\w.@%<^*+?|/-]+$")
_CLOSING = {"(": ")", "{": "}"}


class Variable(Struct, frozen=True):
    """A variable's text as written; `given` is whether people are meant to give it another value (`?=`)."""

    text: str
    given: bool = False


class Expansion:
    """Expands the references in one Makefile's text, within bounds that hold for all of its uses.

    A value that is not known stays in the text as `unknown` writes it.
    """

    def __init__(self, path: str, variables: Mapping[str, Variable]) -> None:
        self.path = path
        self.variables = variables
        self.values: Mapping[str, str] = {}
        """What holds for the rule, or the call, at hand: `@`, `*`, `1` … and values given on purpose."""
        self.literal_defaults = True
        """Whether a variable that may be given has the value that it has otherwise."""
        self.steps = 0

    def expand(self, text: str, depth: int = 0) -> str:
        """`text` with its references expanded."""
        if "$" not in text:
            return text
        parts: list[str] = []
        done = length = 0
        for start, end, value in self.changes(text, depth):
            parts += (text[done:start], value)
            length += start - done + len(value)
            done = end
            if length > LONGEST:
                return unknown("long")
        parts.append(text[done:])
        return "".join(parts)

    def changes(self, text: str, depth: int = 0) -> Iterator[tuple[int, int, str]]:
        """Each reference in `text`: its start and end, and what it becomes."""
        at = text.find("$")
        while 0 <= at < len(text) - 1:
            mark = text[at + 1]
            if mark == "$":
                end, value = at + 2, "$"
            elif mark in _CLOSING:
                end = _end(text, at + 1)
                if end < 0:
                    return
                value = self._reference(text[at + 2 : end - 1], depth + 1)
            else:
                end, value = at + 2, self._reference(mark, depth + 1)
            yield at, end, value
            at = text.find("$", end)

    def _reference(self, content: str, depth: int) -> str:
        self.steps += 1
        if depth > DEEPEST or self.steps > MOST_STEPS:
            return unknown(content)
        match = _FUNCTION.match(content)
        if match is not None:
            return self._function(match[1], content[match.end() :], depth)
        name, colon, change = content.partition(":")
        if colon and "=" in change:
            before, _, after = change.partition("=")
            if "%" not in before:
                before, after = "%" + before, "%" + after
            value = self._variable(name, depth)
            return _by_word(value, lambda word: _patsubst(self.expand(before), self.expand(after), word), name)
        return self._variable(self.expand(content, depth), depth)

    def _variable(self, name: str, depth: int) -> str:
        if name in self.values:
            return self.values[name]
        if name in ("CURDIR", "PWD"):
            return START
        if name == "MAKEFILE_LIST":
            return posixpath.join(ROOT, self.path)
        if name[:1] in "@<^*?" and name[1:] in ("D", "F") and name[:1] in self.values:
            part = posixpath.dirname if name[1] == "D" else posixpath.basename
            return _by_word(self.values[name[0]], lambda word: part(word) or ".", name)
        variable = self.variables.get(name)
        if variable is None or not _NAME.match(name) or (variable.given and not self.literal_defaults):
            return unknown(name)
        return self.expand(variable.text, depth)

    def _function(self, name: str, rest: str, depth: int) -> str:
        texts = _arguments(rest)
        if name == "shell":
            return self._shell(self.expand(rest, depth), rest)
        if name == "foreach" and len(texts) >= 3:
            return self._foreach(self.expand(texts[0], depth), self.expand(texts[1], depth), texts[2], depth)
        if name == "if" and len(texts) >= 2:
            return self._if(texts, depth)
        arguments = [self.expand(text, depth) for text in texts]
        if name == "call":
            return self._call(arguments, depth)
        if name in ("info", "warning", "error", "eval"):
            return ""
        if UNKNOWN in "".join(arguments[:-1]):
            return unknown(rest)
        last = arguments[-1]
        if name in ("strip", "abspath", "realpath", "sort"):
            return last.strip()
        if name in ("dir", "notdir", "basename", "firstword", "lastword"):
            return _part(name, last)
        if name in ("subst", "patsubst") and len(arguments) == 3:
            before, after, text = arguments
            if name == "subst":
                return unknown(rest) if UNKNOWN in text else text.replace(before, after)
            return _by_word(text, lambda word: _patsubst(before, after, word), rest)
        if name in ("addprefix", "addsuffix") and len(arguments) == 2:
            added = arguments[0]
            return _by_word(last, lambda word: added + word if name == "addprefix" else word + added, rest)
        return unknown(rest)

    def _shell(self, command: str, rest: str) -> str:
        match = _SHELL.match(command)
        if match is None:
            return unknown(rest)
        return START if match["pwd"] else ROOT if match["top"] else match["text"]

    def _if(self, texts: list[str], depth: int) -> str:
        condition = self.expand(texts[0], depth).strip()
        if UNKNOWN in condition:
            return unknown("_".join(texts))
        chosen = texts[1] if condition else ",".join(texts[2:])
        return self.expand(chosen, depth)

    def _foreach(self, name: str, items: str, text: str, depth: int) -> str:
        before = self.values
        parts = []
        for word in items.split()[:_MOST_WORDS]:
            self.values = {**before, name.strip(): word}
            parts.append(self.expand(text, depth))
        self.values = before
        return " ".join(parts)

    def _call(self, arguments: list[str], depth: int) -> str:
        variable = self.variables.get(arguments[0].strip())
        if variable is None:
            return unknown(arguments[0])
        before = self.values
        given = {str(number): text.strip() for number, text in enumerate(arguments[1:], 1)}
        self.values = {**before, **dict.fromkeys("123456789", ""), **given}
        text = self.expand(variable.text, depth)
        self.values = before
        return text


def _end(text: str, at: int) -> int:
    """The offset behind the bracket that closes the one at `at`; -1 where none does."""
    opening, closing = text[at], _CLOSING[text[at]]
    depth = 0
    for number in range(at, min(len(text), at + LONGEST)):
        if text[number] == opening:
            depth += 1
        elif text[number] == closing:
            depth -= 1
            if depth == 0:
                return number + 1
    return -1


def _arguments(text: str) -> list[str]:
    """The arguments of a function, split at the commas outside brackets."""
    parts: list[str] = []
    depth = start = 0
    for at, character in enumerate(text):
        if character in "({":
            depth += 1
        elif character in ")}":
            depth -= 1
        elif character == "," and depth == 0:
            parts.append(text[start:at])
            start = at + 1
    parts.append(text[start:])
    return parts


def _part(name: str, text: str) -> str:
    words = text.split()
    if name in ("firstword", "lastword"):
        return words[0 if name == "firstword" else -1] if words else ""
    if name == "dir":
        return _by_word(text, lambda word: posixpath.dirname(word) + "/" if "/" in word else "./", text)
    if name == "notdir":
        return _by_word(text, posixpath.basename, text)
    return _by_word(text, lambda word: posixpath.splitext(word)[0], text)


def _by_word(text: str, change: Callable[[str], str], name: str) -> str:
    """`text` with each of its words changed; unknown where it is not known."""
    return unknown(name) if UNKNOWN in text else " ".join(change(word) for word in text.split())


def _patsubst(before: str, after: str, word: str) -> str:
    """What `$(patsubst before,after,word)` is."""
    prefix, percent, suffix = before.partition("%")
    if not percent:
        return after if word == before else word
    if len(word) < len(prefix) + len(suffix) or not word.startswith(prefix) or not word.endswith(suffix):
        return word
    return after.replace("%", word[len(prefix) : len(word) - len(suffix)], 1)
