"""Where the text of an inline Dockerfile stands in its build file."""

from __future__ import annotations

from lint_multistage.project.requests import Inline
from lint_multistage.text import Inset


def inset_of(inline: Inline, text: str) -> Inset:
    """The place of `inline` in the `text` of its file.

    A block of YAML, or a heredoc, holds its lines one by one, each indented, some with variables that were replaced; of
    a text that is written otherwise only the first line is known.
    """
    lines = text.split("\n")
    first = min(inline.line, len(lines)) - 1
    own = inline.text.removesuffix("\n").split("\n")
    written = [line.removesuffix("\r") for line in lines[first : first + len(own)]]
    if len(written) == len(own) and all(map(_same, written, own)):
        return Inset(first + 1, tuple(written))
    return Inset(first + 1, (lines[first].removesuffix("\r"),))


def _same(written: str, own: str) -> bool:
    """Whether a line of the file is a line of the Dockerfile, behind the block's indent."""
    return written.replace("$$", "$").endswith(own.removesuffix("\r")) or "$" in written
