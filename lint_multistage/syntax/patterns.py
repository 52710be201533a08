"""Shell patterns in `${V#p}`, `${V%p}` and `${V/p/r}`, matched without backtracking: many `*` cost no more than one.

What BuildKit matches is the same: it turns patterns into Go's regular expressions, which do not backtrack either.
"""

from __future__ import annotations

import re

from msgspec import Struct

MOST_STEPS = 200_000
"""The length of a value times that of a pattern with `?`, which is searched place by place."""

_ESCAPABLE = ("*", "?", "\\", "}", "/")


class PatternError(Exception):
    """A pattern that BuildKit refuses."""


class SlowPatternError(Exception):
    """A pattern that would take too long to match here."""


class Pattern(Struct, frozen=True):
    """A pattern cut at its `*`: each piece is text in which None stands for `?`. One piece means that it has no `*`."""

    pieces: tuple[tuple[str | None, ...], ...]

    def trimmed(self, value: str, *, end: bool, longest: bool) -> str:
        """`value` without the shortest or the longest part that matches at its start, or at its `end`."""
        if end:
            backwards = Pattern(tuple(piece[::-1] for piece in self.pieces[::-1]))
            return backwards.trimmed(value[::-1], end=False, longest=longest)[::-1]
        found = _Search(self.pieces, value).at(0, longest=longest)
        return value if found is None else value[found:]

    def replaced(self, value: str, replacement: str, *, everywhere: bool, most: int) -> str:
        """`value` with the first match, or every one, replaced; ValueError where it gets longer than `most`."""
        search = _Search(self.pieces, value)
        parts: list[str] = []
        done = at = length = 0
        while at <= len(value) and (found := search.first(at)):
            start, stop = found
            empty = start == stop
            # Like Go, and unlike Python, no empty match directly behind another match.
            if not (empty and parts and start == done):
                parts += (value[done:start], replacement)
                length += start - done + len(replacement)
                done = stop
                if length > most:
                    raise ValueError
            if not everywhere:
                break
            at = stop + empty
        return "".join(parts) + value[done:]


def read_pattern(text: str) -> Pattern:
    """Read a pattern; a backslash makes the character behind it ordinary."""
    pieces: list[list[str | None]] = [[]]
    characters = iter(text)
    for char in characters:
        if char == "*":
            pieces.append([])
        elif char == "?":
            pieces[-1].append(None)
        elif char == "\\":
            escaped = next(characters, "")
            if escaped not in _ESCAPABLE:
                raise PatternError(f"invalid escape '\\{escaped}'")
            pieces[-1].append(escaped)
        else:
            pieces[-1].append(char)
    # Several `*` in a row are one.
    kept = [piece for at, piece in enumerate(pieces) if piece or at in (0, len(pieces) - 1)]
    return Pattern(tuple(tuple(piece) for piece in kept))


class _Search:
    """The matches of a pattern in one value."""

    def __init__(self, pieces: tuple[tuple[str | None, ...], ...], value: str) -> None:
        self.value = value
        self.backwards = value[::-1]
        self.pieces = [_Piece(piece, len(value)) for piece in pieces]
        self.last = _Piece(pieces[-1][::-1], len(value))

    def at(self, start: int, *, longest: bool) -> int | None:
        """Where the shortest or longest match that begins at `start` ends."""
        first, *rest = self.pieces
        if not first.fits(self.value, start):
            return None
        stop = start + first.length
        for number, piece in enumerate(rest, 1):
            if longest and number == len(rest):
                return self._last(stop)
            found = piece.find(self.value, stop)
            if found < 0:
                return None
            stop = found + piece.length
        return stop

    def first(self, start: int) -> tuple[int, int] | None:
        """The first match at or behind `start`, as long as it can be."""
        found = self.pieces[0].find(self.value, start)
        stop = None if found < 0 else self.at(found, longest=True)
        # Where what follows the first piece is not found, it is not found behind a later one either.
        return None if stop is None else (found, stop)

    def _last(self, start: int) -> int | None:
        """The end of the last place, at or behind `start`, where the last piece fits."""
        length = len(self.value)
        found = self.last.find(self.backwards, 0)
        return None if found < 0 or length - found - self.last.length < start else length - found


class _Piece:
    def __init__(self, piece: tuple[str | None, ...], length: int) -> None:
        self.length = len(piece)
        self.text = None if None in piece else "".join(char or "" for char in piece)
        self.regex: re.Pattern[str] | None = None
        if self.text is None:
            if self.length * length > MOST_STEPS:
                raise SlowPatternError
            self.regex = re.compile("".join("." if char is None else re.escape(char) for char in piece), re.DOTALL)

    def fits(self, value: str, at: int) -> bool:
        if self.regex is not None:
            return self.regex.match(value, at) is not None
        return value.startswith(self.text or "", at)

    def find(self, value: str, at: int) -> int:
        if self.regex is None:
            return value.find(self.text or "", at)
        match = self.regex.search(value, at)
        return match.start() if match else -1
