"""Which files of a build context `.dockerignore` keeps out of a build.

As moby/patternmatcher does it (ignorefile.ReadAll, PatternMatcher.MatchesOrParentMatches): patterns are Go's
filepath.Match with `**`, the last one that matches decides, and what lies in a folder that matches matches, too.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Callable, Sequence

from msgspec import Struct

from lint_multistage.text import BOM


class _Pattern(Struct, frozen=True):
    regex: re.Pattern[str]
    excepts: bool


def ignored_by(text: str) -> Callable[[str], bool]:
    """Whether a path, relative to the context, is kept out by the text of a `.dockerignore`.

    A pattern that Docker would refuse keeps nothing out here.
    """
    patterns = _read(text)
    return lambda path: _is_ignored(path, patterns)


def _read(text: str) -> list[_Pattern]:
    found: list[_Pattern] = []
    for line in text.removeprefix(BOM).split("\n"):
        if line.startswith("#"):
            continue
        pattern = line.strip()
        excepts = pattern.startswith("!")
        pattern = pattern.removeprefix("!").strip() if excepts else pattern
        if not pattern:
            continue
        pattern = posixpath.normpath(pattern)
        # Two slashes at the start are kept by POSIX, not by Go.
        pattern = pattern.lstrip("/") if len(pattern) > 1 else pattern
        try:
            found.append(_Pattern(re.compile(_regex(pattern), re.DOTALL), excepts))
        except re.error:
            continue
    return found


def _is_ignored(path: str, patterns: Sequence[_Pattern]) -> bool:
    parts = posixpath.normpath(path).strip("/").split("/")
    ways = ["/".join(parts[: at + 1]) for at in range(len(parts))]
    ignored = False
    for pattern in patterns:
        if ignored == pattern.excepts and any(pattern.regex.fullmatch(way) for way in ways):
            ignored = not pattern.excepts
    return ignored


def _regex(pattern: str) -> str:
    parts: list[str] = []
    at = 0
    while at < len(pattern):
        char = pattern[at]
        at += 1
        if char == "*" and pattern[at : at + 1] == "*":
            at += 1
            slash = pattern[at : at + 1] == "/"
            at += slash
            parts.append(".*" if at == len(pattern) else "(?:.*/)?")
        elif char == "*":
            parts.append("[^/]*")
        elif char == "?":
            parts.append("[^/]")
        elif char == "\\" and at < len(pattern):
            parts.append(re.escape(pattern[at]))
            at += 1
        elif char == "[":
            end = pattern.find("]", at + 1)
            if end < 0:
                raise re.error("no ] for [")
            members = pattern[at:end].replace("[", r"\[")
            parts.append(f"[{members}]")
            at = end + 1
        else:
            parts.append(re.escape(char))
    return "".join(parts)
