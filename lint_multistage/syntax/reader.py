"""dockerfile-parse's seat: it splits each logical line into keyword and value."""

from __future__ import annotations

from collections.abc import Sequence
from io import BytesIO

from dockerfile_parse import DockerfileParser

from lint_multistage.late import late_regex
from lint_multistage.syntax.lines import LogicalLine

# The library takes more characters for blanks than BuildKit does, and reads UTF-8 only.
_FOREIGN = late_regex(r"[^\t\v\f\r -\x7e]")

# Ends each line: without it a last escape character would look like a continuation, and a bare keyword like no
# instruction.
_GUARD = " \x7f"


def read_statements(lines: Sequence[LogicalLine]) -> list[tuple[str, int]]:
    """For each of `lines`, in order: its keyword, and the offset in its text at which the value starts.

    The library gets one canonical line an instruction (joined, without comments, heredocs and foreign characters),
    which it reads as BuildKit does; positions and text stay ours.
    """
    canonical = [_FOREIGN.sub("x", line.text.rstrip(" \t\v\f\r")) + _GUARD for line in lines]
    parser = DockerfileParser(fileobj=BytesIO("\n".join(canonical).encode()), env_replace=False)
    rows = parser.structure
    if len(rows) != len(lines):
        raise AssertionError(f"dockerfile-parse sees {len(rows)} instructions where there are {len(lines)}")
    return [
        (row["instruction"], min(len(text) - len(row["value"]), len(line.text)))
        for row, text, line in zip(rows, canonical, lines, strict=True)
    ]
