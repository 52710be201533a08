"""Shell text to a syntax tree, within limits: the parser has none of its own."""

from __future__ import annotations

import gc
import time
from functools import cache
from typing import TYPE_CHECKING

from lint_multistage.late import late_regex
from lint_multistage.syntax.shell_layout import Layout

if TYPE_CHECKING:
    from tree_sitter import Language, Node, Point, Tree

LONGEST_SCRIPT = 256 * 1024
MOST_HEREDOCS = 200
MOST_PIPES = 1_500
LONGEST_PARSING = 0.05
LONGEST_PARSING_A_CHARACTER = 1e-6
"""Seconds of processor time; scripts that are right take a tenth of them."""

_SMALL = 2_048
_CHUNK = 256
_OR = late_regex(r"(?<![\\|])\|\|(?!\|)")
_DOUBLED = late_regex(r"(?<![$(])\(\(")
_MOST_DOUBLED = 20
_HARMLESS = late_regex(r"[\s\\]*")


class TooMuchError(Exception):
    """The script is too large, too deep or too slow to read; the text is the reason."""


class Parsing:
    """What reading one script may cost in all, the scripts inside it included."""

    def __init__(self) -> None:
        self.length = 0
        self.seconds = 0.0

    def read(self, layout: Layout) -> tuple[Node, Layout, bool]:
        """The root of the tree of `layout`, the layout that it was read from, and whether all of it could be read.

        Raises TooMuchError.
        """
        root = self._tree(layout).root_node
        if not root.has_error:
            return root, layout, True
        # The parser takes `((` for arithmetic only, where the shell also tries it as two subshells.
        doubled = [match.end() - 1 for match in _DOUBLED.finditer(layout.text)]
        if 0 < len(doubled) <= _MOST_DOUBLED:
            spaced = layout.spaced(doubled)
            second = self._tree(spaced).root_node
            if not second.has_error:
                return second, spaced, True
        return root, layout, not _hides_commands(root, layout)

    def _tree(self, layout: Layout) -> Tree:
        text = layout.text
        self.length += len(text)
        if self.length > 2 * LONGEST_SCRIPT:
            raise TooMuchError("the script is longer than 256 kB")
        reason = too_much(text)
        if reason:
            raise TooMuchError(reason)
        language = _language()
        longest = LONGEST_PARSING + LONGEST_PARSING_A_CHARACTER * self.length
        data = layout.plain()
        collecting = gc.isenabled()
        # A collection that happens to fall into this time is not the script's fault.
        gc.disable()
        try:
            started = time.thread_time()
            tree, in_time = _parse(data, language, started + longest - self.seconds)
            self.seconds += time.thread_time() - started
        finally:
            if collecting:
                gc.enable()
        if not in_time or self.seconds > longest:
            raise TooMuchError("the shell is too tangled to be parsed in reasonable time")
        return tree


def too_much(text: str) -> str:
    """Why the parser should not be given `text`, empty where it may. Its time is quadratic in what is counted here."""
    if len(text) > LONGEST_SCRIPT:
        return "the script is longer than 256 kB"
    if text.count("<<") > MOST_HEREDOCS:
        return f"the script has more than {MOST_HEREDOCS} heredocs"
    if text.count("|") > MOST_PIPES and text.count("|") - 2 * len(_OR.findall(text)) > MOST_PIPES:
        return f"the script has more than {MOST_PIPES} pipes"
    return ""


def _hides_commands(root: Node, layout: Layout) -> bool:
    """Whether what the parser could not read may hold commands."""
    stack = [root]
    while stack:
        node = stack.pop()
        if node.type == "ERROR":
            if not _HARMLESS.fullmatch(layout.text, node.start_byte, node.end_byte):
                return True
        else:
            stack += [child for child in node.children if child.has_error]
    return False


@cache
def _language() -> Language:
    import tree_sitter_bash
    from tree_sitter import Language

    return Language(tree_sitter_bash.language())


def _parse(data: bytes, language: Language, end: float) -> tuple[Tree, bool]:
    """The tree, and whether all of `data` was read before the thread's clock reached `end`.

    Recovery from errors is quadratic in the parser and cannot be interrupted, but the text can be made to stop.
    """
    from tree_sitter import Parser

    parser = Parser(language)
    if len(data) <= _SMALL:
        return parser.parse(data), True
    in_time = True

    def read(offset: int, _: Point) -> bytes:
        nonlocal in_time
        in_time = in_time and time.thread_time() <= end
        return data[offset : offset + _CHUNK] if in_time else b""

    return parser.parse(read), in_time
