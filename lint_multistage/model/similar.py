"""Which known name somebody probably meant."""

from __future__ import annotations

from collections.abc import Iterable

_SHORTEST = 3


def nearest(name: str, known: Iterable[str]) -> str | None:
    """The name of `known` that `name` is a slip of: a letter or two off, or the one a beginning of the other.

    None where none is near; of equally near ones the first.
    """
    if len(name) < _SHORTEST:
        return None
    best: tuple[int, str] | None = None
    for candidate in known:
        if len(candidate) < _SHORTEST or candidate == name:
            continue
        shorter = min(len(name), len(candidate))
        beginning = shorter > _SHORTEST and (name.startswith(candidate) or candidate.startswith(name))
        allowed = 1 if shorter <= 5 else 2
        if not beginning and abs(len(name) - len(candidate)) > allowed:
            continue
        off = distance(name, candidate)
        if (off <= allowed or beginning) and (best is None or off < best[0]):
            best = (off, candidate)
    return best[1] if best else None


def distance(one: str, other: str) -> int:
    """How many letters to add, drop, change or swap with their neighbour turn `one` into `other`."""
    if abs(len(one) - len(other)) > 20:
        return max(len(one), len(other))
    before_last: list[int] = []
    last = list(range(len(other) + 1))
    for i, letter in enumerate(one, 1):
        row = [i]
        for j, against in enumerate(other, 1):
            cost = min(last[j] + 1, row[j - 1] + 1, last[j - 1] + (letter != against))
            if i > 1 and j > 1 and letter == other[j - 2] and one[i - 2] == against:
                cost = min(cost, before_last[j - 2] + 1)
            row.append(cost)
        before_last, last = last, row
    return last[-1]
