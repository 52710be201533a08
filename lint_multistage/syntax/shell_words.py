"""Shell words: quote removal, variables and word splitting."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING

from lint_multistage.late import late_regex
from lint_multistage.syntax.expansion import ExpansionError, expand
from lint_multistage.syntax.shell_commands import ShellWord
from lint_multistage.syntax.shell_layout import Layout, text_of
from lint_multistage.syntax.shell_parse import TooMuchError

if TYPE_CHECKING:
    from tree_sitter import Node

DEEPEST_WORD = 20
LONGEST_VALUE = 16_384
LONGEST_MATCHING = 100_000
MOST_WORDS = 200_000
MOST_CHARACTERS = 4_000_000
_EXPANSIONS = frozenset(
    (
        "expansion",
        "simple_expansion",
        "command_substitution",
        "arithmetic_expansion",
        "process_substitution",
        "translated_string",
    )
)
SUBSTITUTIONS = frozenset(("command_substitution", "process_substitution"))
_ESCAPED = late_regex(r"\\(.)", re.DOTALL)
_ESCAPED_IN_QUOTES = late_regex(r'\\([$`"\\\n])')
_BLANKS = late_regex(r"[ \t\n]+")
_PARAMETER = late_regex(r"\$\{([A-Za-z_]\w*|\d+|[@*])(\[[@*]\])?(?:(:?[-+=?])|([#%/]))?(.*)\}", re.DOTALL)
_BRACES = late_regex(r"\{([^{}\s\"'$]*,[^{}\s\"'$]*)\}")
_MOST_BRACES = 64
_MOST_STARS = 3
_ANSI = {"n": "\n", "t": "\t", "r": "\r", "\\": "\\", "'": "'", '"': '"'}


class Expander:
    """Expands words with the values of a walk, which changes `values` (absent: not known) as it goes.

    Values that are tuples are arrays. Command substitutions met on the way are put into `substitutions`.
    """

    def __init__(self, values: Mapping[str, str | tuple[str | None, ...] | None]) -> None:
        self.values = values
        self.substitutions: list[Node] = []
        self.made = 0
        self.spent = 0

    def words(self, node: Node, layout: Layout) -> list[ShellWord]:
        """The words that one argument becomes: none for an unquoted empty variable, several where it splits."""
        start, end = node.start_byte, node.end_byte
        raw = layout.text[start:end]
        span = layout.place(start, end)
        if node.type in ("word", "number") and "\\" not in raw and "{" not in raw and "$" not in raw and "`" not in raw:
            self._pay(1, 0)
            return [ShellWord(raw, raw, span)]
        return [ShellWord(text, raw, span) for text in self.fields(node, layout)]

    def fields(self, node: Node, layout: Layout) -> list[str | None]:
        """The texts that one argument becomes."""
        fields = _Fields()
        self._add(fields, node, layout, False, 0)
        done = fields.done()
        self._pay(len(done), fields.length)
        raw = text_of(node, layout)
        if "{" in raw and len(done) == 1 and done[0] == raw:
            return list(_braces(raw))
        return done

    def value(self, node: Node, layout: Layout) -> str | None:
        """The text of a word that is not split, such as an assigned value."""
        fields = _Fields(whole=True)
        self._add(fields, node, layout, False, 0)
        done = fields.done()
        self._pay(len(done), fields.length)
        return done[0] if done else ""

    def _pay(self, words: int, characters: int) -> None:
        self.made += words
        self.spent += characters
        if self.made > MOST_WORDS or self.spent > MOST_CHARACTERS:
            raise TooMuchError("the script's variables and words expand to too much text")

    def collect(self, node: Node) -> None:
        """Note the command substitutions inside `node`, without their own."""
        stack = [node]
        while stack:
            node = stack.pop()
            if node.type in SUBSTITUTIONS:
                self.substitutions.append(node)
            else:
                stack += reversed(node.named_children)

    def _add(self, fields: _Fields, node: Node, layout: Layout, quoted: bool, depth: int) -> None:
        kind = node.type
        if kind == "raw_string":
            fields.literal(layout.text[node.start_byte + 1 : node.end_byte - 1])
        elif kind == "string":
            fields.literal("")
            self._parts(fields, node, layout, node.start_byte + 1, node.end_byte - 1, True, depth)
        elif kind == "translated_string":
            for child in node.named_children:
                self._add(fields, child, layout, quoted, depth + 1)
        elif kind == "ansi_c_string":
            fields.literal(
                _ESCAPED.sub(lambda m: _ANSI.get(m[1], m[0]), layout.text[node.start_byte + 2 : node.end_byte - 1])
            )
        elif kind in SUBSTITUTIONS:
            self.substitutions.append(node)
            fields.unknown()
        elif kind == "simple_expansion":
            self._read(fields, layout.text[node.start_byte + 1 : node.end_byte], "", quoted)
        elif kind == "expansion" and depth < DEEPEST_WORD:
            self._expansion(fields, node, layout, quoted, depth)
        elif kind in ("expansion", "arithmetic_expansion"):
            self.collect(node)
            fields.unknown()
        elif kind == "concatenation" and depth < DEEPEST_WORD:
            self._parts(fields, node, layout, node.start_byte, node.end_byte, quoted, depth)
        else:
            if node.named_child_count:
                self.collect(node)
            text = text_of(node, layout)
            if ("$" in text or "`" in text) and "\\" not in text:
                fields.literal(text) if text == "$" else fields.unknown()
                return
            fields.literal(_unescaped(text, quoted))

    def _parts(
        self, fields: _Fields, node: Node, layout: Layout, start: int, end: int, quoted: bool, depth: int
    ) -> None:
        """The parts of a string or concatenation; what lies between its children is text."""
        text = layout.text
        for child in node.children:
            # The parser leaves blanks in front of an expansion out of every node.
            if quoted and child.type not in _EXPANSIONS:
                continue
            if child.start_byte > start:
                fields.literal(_unescaped(text[start : child.start_byte], quoted))
            self._add(fields, child, layout, quoted, depth + 1)
            start = max(start, child.end_byte)
        if start < end:
            fields.literal(_unescaped(text[start:end], quoted))

    def _read(self, fields: _Fields, name: str, index: str, quoted: bool) -> None:
        """`$name`, `${name[@]}`."""
        value = self.values.get(name)
        if value is None:
            fields.unknown()
        elif isinstance(value, tuple):
            chosen = value if index or name in "@*" else value[:1]
            if quoted and (index == "[*]" or name == "*"):
                fields.literal(" ".join(text or "" for text in chosen)) if None not in chosen else fields.unknown()
            else:
                fields.several(chosen, quoted)
        elif quoted:
            fields.literal(value)
        else:
            fields.split(value)

    def _expansion(self, fields: _Fields, node: Node, layout: Layout, quoted: bool, depth: int) -> None:
        """`${…}`."""
        text = text_of(node, layout)
        match = _PARAMETER.fullmatch(text)
        operator = (match[3] or match[4] or "") if match else ""
        if not match or (match[5] and not operator):
            self.collect(node)
            fields.unknown()
            return
        name, index = match[1], match[2] or ""
        value = self.values.get(name)
        if not operator:
            self._read(fields, name, index, quoted)
        elif value is None or isinstance(value, tuple):
            self.collect(node)
            fields.unknown()
        elif match[4]:
            self.collect(node)
            try:
                changed = expand(text, {name: value}).text if self._matches_quickly(match[5], value) else None
            except (ExpansionError, re.error):
                changed = None
            if changed is None:
                fields.unknown()
            elif quoted:
                fields.literal(changed)
            else:
                fields.split(changed)
        elif (value == "" and operator[0] == ":") == (operator[-1] != "+"):
            if operator[-1] == "?":
                fields.unknown()
                return
            operand = node.start_byte + match.start(5)
            inside = [child for child in node.children if operand <= child.start_byte < node.end_byte - 1]
            at = operand
            for child in inside:
                if child.start_byte > at:
                    fields.literal(_unescaped(layout.text[at : child.start_byte], quoted))
                if child.type == "word" and not quoted:
                    fields.split(_unescaped(text_of(child, layout), quoted))
                else:
                    self._add(fields, child, layout, quoted, depth + 1)
                at = max(at, child.end_byte)
            fields.literal(_unescaped(layout.text[at : node.end_byte - 1], quoted)) if at < node.end_byte - 1 else None
        elif operator[-1] == "+":
            fields.literal("") if quoted else None
        elif quoted:
            fields.literal(value)
        else:
            fields.split(value)

    def _matches_quickly(self, pattern: str, value: str) -> bool:
        """Whether the pattern is literal and cannot take long to match."""
        if "$" in pattern or "`" in pattern or pattern.count("*") > _MOST_STARS:
            return False
        steps: int = (len(value) + 1) ** (pattern.count("*") + 1)
        if steps > LONGEST_MATCHING:
            return False
        self._pay(0, steps // 10)
        return True


class _Fields:
    """Words under construction. `whole` keeps all in one word."""

    def __init__(self, *, whole: bool = False) -> None:
        self.whole = whole
        self.words: list[str | None] = []
        self.open = False
        self.length = 0

    def literal(self, text: str) -> None:
        self.length += len(text)
        if self.length > LONGEST_VALUE:
            self.unknown()
        elif not self.open:
            self.words.append(text)
            self.open = True
        elif self.words[-1] is not None:
            self.words[-1] += text

    def unknown(self) -> None:
        if self.open:
            self.words[-1] = None
        else:
            self.words.append(None)
            self.open = True

    def split(self, text: str) -> None:
        if self.whole or self.length + len(text) > LONGEST_VALUE:
            self.literal(text)
            return
        for number, part in enumerate(_BLANKS.split(text)):
            if number:
                self.open = False
            if part:
                self.literal(part)

    def several(self, texts: tuple[str | None, ...], quoted: bool) -> None:
        for number, text in enumerate(texts):
            if number:
                if self.whole:
                    self.literal(" ")
                else:
                    self.open = False
            if text is None:
                self.unknown()
            elif quoted:
                self.literal(text)
            else:
                self.split(text)

    def done(self) -> list[str | None]:
        return self.words


def _unescaped(text: str, quoted: bool) -> str:
    if "\\" not in text:
        return text
    if quoted:
        return _ESCAPED_IN_QUOTES.sub(lambda match: "" if match[1] == "\n" else match[1], text)
    return _ESCAPED.sub(lambda match: "" if match[1] == "\n" else match[1], text)


def _braces(text: str) -> list[str]:
    """`lib{a,b}` as Bash reads it; other shells refuse to find such a file or package, so nothing is lost there."""
    words = [text]
    while len(words) < _MOST_BRACES:
        match = next(((word, found) for word in words if (found := _BRACES.search(word))), None)
        if match is None:
            break
        word, found = match
        at = words.index(word)
        words[at : at + 1] = [word[: found.start()] + choice + word[found.end() :] for choice in found[1].split(",")]
    return words
