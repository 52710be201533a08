"""Variables in compose files: `.env` files, and `${NAME:-default}` in values."""

from __future__ import annotations

from collections.abc import Mapping

from msgspec import Struct

from lint_multistage.late import late_regex

MAX_LENGTH = 10_000
MAX_DEPTH = 20

NAME = late_regex(r"[A-Za-z_][A-Za-z0-9_]*")
OPERATOR = late_regex(r":?[-?+]")
BRACE = late_regex(r"\$\{|\}")
ENV_NAME = late_regex(r"(?:export\s+)?([A-Za-z_][A-Za-z0-9_.-]*)\s*[=:]")
COMMENT = late_regex(r"(?:^|\s)#.*")


class Expanded(Struct, frozen=True):
    """A value with its variables replaced.

    `text` is None where a variable has no known value. `free` tells that there were variables: whoever builds may set
    them, so that the text is one of several that are possible.
    """

    text: str | None
    free: bool = False


UNKNOWN = Expanded(None, True)


def expand(text: str, variables: Mapping[str, str | None]) -> Expanded:
    """`text` as compose reads it, with the values of `variables`, of which None is not known."""
    if "$" not in text:
        return Expanded(text)
    return _expand(text, variables, 0)


def _expand(text: str, variables: Mapping[str, str | None], depth: int) -> Expanded:
    if depth > MAX_DEPTH:
        return UNKNOWN
    parts: list[str] = []
    free = False
    at = length = 0
    while at < len(text):
        dollar = text.find("$", at)
        if dollar < 0:
            parts.append(text[at:])
            break
        parts.append(text[at:dollar])
        if text.startswith("$$", dollar):
            parts.append("$")
            at = dollar + 2
            continue
        free = True
        if text.startswith("${", dollar):
            end = _closing(text, dollar + 2)
            value = _braced(text[dollar + 2 : end], variables, depth) if end else None
            at = end + 1
        else:
            name = NAME.match(text, dollar + 1)
            value = variables.get(name[0]) if name else None
            at = name.end() if name else len(text)
        length += len(value or "")
        if value is None or length > MAX_LENGTH:
            return UNKNOWN
        parts.append(value)
    return Expanded("".join(parts), free)


def _closing(text: str, start: int) -> int:
    """The place of the brace that closes the one before `start`; 0 where there is none."""
    depth = 1
    for brace in BRACE.finditer(text, start):
        depth += 1 if brace[0] == "${" else -1
        if depth == 0:
            return brace.start()
        if depth > MAX_DEPTH:
            return 0
    return 0


def _braced(inside: str, variables: Mapping[str, str | None], depth: int) -> str | None:
    name = NAME.match(inside)
    if not name:
        return None
    known = name[0] in variables
    value = variables.get(name[0])
    rest = inside[name.end() :]
    if not rest:
        return value
    operator = OPERATOR.match(rest)
    if not operator or (known and value is None):
        return None
    there = bool(value) if operator[0].startswith(":") else known
    word = rest[operator.end() :]
    if operator[0].endswith("-"):
        return value if there else _expand(word, variables, depth + 1).text
    if operator[0].endswith("+"):
        # Nothing is what it gives as long as nobody sets the variable.
        return _expand(word, variables, depth + 1).text if there else ""
    return value if there else None


def read_env(text: str) -> dict[str, str | None]:
    """The variables of a `.env` file; None where a value is not literal."""
    variables: dict[str, str | None] = {}
    for line in text.splitlines():
        line = line.strip()
        found = ENV_NAME.match(line)
        if not found:
            continue
        name, value = found[1], line[found.end() :].lstrip()
        if value.startswith("'"):
            variables[name] = value[1:].partition("'")[0]
            continue
        if value.startswith('"'):
            value = value[1:].partition('"')[0]
        else:
            value = COMMENT.sub("", value).rstrip()
        variables[name] = expand(value, variables).text
    return variables
