"""Comments in build files that silence the findings placed there."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from lint_multistage.late import late_regex
from lint_multistage.model.build import Ignored
from lint_multistage.syntax.ignore_comments import NAME, read_ignore

# A comment opens with `#`, or as in HCL, Jenkinsfiles and devcontainer.json with `//` or `/*`.
_COMMENT = late_regex(rf"(?:^|[\s;@])(?P<mark>#|//|/\*)(?=\s*{NAME})")
_ONLY_COMMENT = late_regex(r"[\s@]*(?:#|//|/\*)")
_BLOCK_SCALAR = late_regex(r"[:\-\w]\s+[|>][-+0-9]{0,2}$")
_YAML = (".yaml", ".yml")
_MOST_COMMENTS = 1_000
_MOST_LINES = 400
_LONGEST_HEAD = 200


def ignored_in(path: str, text: str, without: Iterable[range] = ()) -> tuple[Ignored, ...]:
    """What the comments of the build file at `path` silence; lines `without` are no part of it.

    A comment by itself covers the line below its block of comments, another one its own line. Lines that are continued
    with a backslash are one, and so are a YAML block scalar and the line that opens it: no comment can stand inside a
    command without ending it.
    """
    if NAME not in text:
        return ()
    lines = text.split("\n")
    left_out = {number for each in without for number in each}
    found: list[Ignored] = []
    marked = [number for number, line in enumerate(lines, 1) if NAME in line and number not in left_out]
    for number in marked[:_MOST_COMMENTS]:
        line = lines[number - 1]
        match = _COMMENT.search(line)
        ignore = read_ignore(line[match.end() :]) if match is not None else None
        if match is None or ignore is None or not ignore.codes:
            continue
        codes = tuple(code for code, _ in ignore.codes)
        if ignore.whole_file:
            found.append(Ignored(path, 1, len(lines), codes))
        else:
            alone = not line[: match.start("mark")].strip(" \t@")
            if at := _below(lines, number) if alone else number:
                found.append(Ignored(path, *_whole(lines, at, path.lower().endswith(_YAML)), codes))
    return tuple(found)


def _below(lines: Sequence[str], number: int) -> int:
    """The line directly below the block of comments that line `number` is part of; 0 where it is blank."""
    for below, line in enumerate(lines[number : number + _MOST_LINES], number + 1):
        if not _ONLY_COMMENT.match(line):
            return below if line.strip() else 0
    return 0


def _whole(lines: Sequence[str], number: int, yaml: bool) -> tuple[int, int]:
    """The first and last of the lines that are one with line `number`."""
    first = last = number
    while first > max(1, number - _MOST_LINES) and _continued(lines[first - 2]):
        first -= 1
    end = min(len(lines), number + _MOST_LINES)
    while last < end and _continued(lines[last - 1]):
        last += 1
    if yaml and _BLOCK_SCALAR.search(lines[last - 1].partition(" #")[0].rstrip()[-_LONGEST_HEAD:]):
        opening = lines[last - 1]
        deeper = " " * (len(opening) - len(opening.lstrip(" ")) + 1)
        while last < end and (lines[last].startswith(deeper) or not lines[last].strip()):
            last += 1
    return first, last


def _continued(line: str) -> bool:
    return line.rstrip().endswith("\\")
