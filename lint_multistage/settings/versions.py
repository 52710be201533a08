"""Does a version meet a requirement such as `>=0.1,<2`? Release numbers only: pre-releases count as their release."""

from __future__ import annotations

import re
from itertools import zip_longest

from lint_multistage.late import late_regex

_CLAUSE = late_regex(r"\s*(==|!=|~=|<=|>=|<|>|)\s*v?(\d+(?:\.\d+)*)(\.\*)?\s*")


def meets(version: str, requirement: str) -> bool:
    """Whether `version` meets every clause of `requirement`, a bare number meaning `==`; ValueError names a bad one."""
    met = [_meets_clause(_release(version), clause) for clause in requirement.split(",")]
    return all(met)


def _release(version: str) -> tuple[int, ...]:
    match = re.match(r"v?(\d+(?:\.\d+)*)", version)
    return tuple(map(int, match[1].split("."))) if match else ()


def _meets_clause(version: tuple[int, ...], clause: str) -> bool:
    match = _CLAUSE.fullmatch(clause)
    if not match:
        raise ValueError(f"{clause.strip()!r} is no version requirement")
    operator, wanted, any_after = match[1] or "==", _release(match[2]), bool(match[3])
    if (any_after and operator not in ("==", "!=")) or (operator == "~=" and len(wanted) < 2):
        raise ValueError(f"{clause.strip()!r} is no version requirement")
    order = _compare(version[: len(wanted)] if any_after else version, wanted)
    if operator == "~=":
        return order >= 0 and _compare(version[: len(wanted) - 1], wanted[:-1]) == 0
    return {
        "==": order == 0,
        "!=": order != 0,
        "<=": order <= 0,
        ">=": order >= 0,
        "<": order < 0,
        ">": order > 0,
    }[operator]


def _compare(left: tuple[int, ...], right: tuple[int, ...]) -> int:
    for one, other in zip_longest(left, right, fillvalue=0):
        if one != other:
            return 1 if one > other else -1
    return 0
