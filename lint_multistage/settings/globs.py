"""Path patterns as in .gitignore, over paths with `/`.

`*` and `?` stay within one folder or file name, `**` crosses folders, `[a-z]` and `[!a-z]` are classes. A pattern
without `/` (but for one at its end) matches in any folder, every other is relative to one folder.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from functools import lru_cache

from lint_multistage.late import late_regex

_TOKEN = late_regex(
    r"\\(?P<escaped>.)|\[(?P<negated>[!^]?)(?P<members>\]?(?:\\.|[^\]\\])*)\]|(?P<stars>\*+)|.", re.DOTALL
)


def regex(pattern: str) -> str:
    """The regular expression of one pattern: matches the paths it names; folders are written with `/` at their end."""
    while pattern.startswith("./"):
        pattern = pattern[2:]
    body = pattern.rstrip("/")
    anywhere = "(?:.*/)?" if "/" not in body else ""
    return anywhere + "".join(_parts(body.removeprefix("/"))) + ("/" if pattern.endswith("/") else "/?")


def _parts(body: str) -> Iterator[str]:
    at = 0
    while at < len(body):
        if body.startswith("**/", at) and (at == 0 or body[at - 1] == "/"):
            yield "(?:.*/)?"
            at += 3
            continue
        token = _TOKEN.match(body, at)
        assert token
        alone = body[at - 1 : at] in ("", "/")
        at = token.end()
        if stars := token["stars"]:
            alone = alone and body[at : at + 1] in ("", "/")
            # No name is empty: `a/*` does not match `a/`.
            yield ".+" if alone and stars == "**" else "[^/]+" if alone else "[^/]*"
        elif token["members"] is not None:
            yield f"(?!/)[{'^' if token['negated'] else ''}{_members(token['members'])}]"
        else:
            yield "[^/]" if token[0] == "?" else re.escape(token["escaped"] or token[0])


def _members(members: str) -> str:
    plain = re.sub(r"\\(.)", r"\1", members, flags=re.DOTALL) if "\\" in members else members
    # A range that runs backwards is an error for `re`, and holds nothing elsewhere.
    plain = re.sub(r"(.)-(.)", lambda pair: pair[0] if pair[1] <= pair[2] else pair[1], plain, flags=re.DOTALL)
    return re.sub(r"[\\\[\]^&~|]", r"\\\g<0>", plain)


@lru_cache(maxsize=256)
def exactly(patterns: tuple[str, ...]) -> re.Pattern[str]:
    """For `fullmatch`: the paths that one of `patterns` names; what lies in a folder it names is not matched."""
    return re.compile("|".join(map(regex, patterns)) if patterns else "(?!)", re.DOTALL)


@lru_cache(maxsize=256)
def within(patterns: tuple[str, ...]) -> re.Pattern[str]:
    """For `fullmatch`: the paths that one of `patterns` names, and all that lies in a folder that one names."""
    each = (regex(pattern).removesuffix("/?").removesuffix("/") for pattern in patterns)
    ends = ("/.*" if pattern.endswith("/") else "(?:/.*)?" for pattern in patterns)
    return re.compile("|".join(map("".join, zip(each, ends, strict=True))) if patterns else "(?!)", re.DOTALL)


def moved(pattern: str, folder: str, root: str) -> str:
    """The pattern that means under the absolute `root` what `pattern` means under the absolute `folder`."""
    if folder == root or "/" not in pattern.rstrip("/") or pattern.startswith("**/"):
        return pattern
    way = re.sub(r"[*?\[\]\\]", r"\\\g<0>", relative(folder, root))
    while pattern.startswith("./"):
        pattern = pattern[2:]
    return f"{way}/{pattern.lstrip('/')}"


def relative(path: str, folder: str) -> str:
    """The absolute `path` as seen from the absolute `folder`, with `/`; empty for the folder itself."""
    if path == folder:
        return ""
    start = folder.rstrip(os.sep) + os.sep
    if path.startswith(start):
        inside = path[len(start) :]
    else:
        try:
            inside = os.path.relpath(path, folder)
        except ValueError:
            inside = path
    return inside.replace(os.sep, "/")
