"""Text for terminals: colour, the width of characters, and text that cannot steer the terminal."""

from __future__ import annotations

from msgspec import Struct

BOLD = "1"
DIM = "2"
RED = "1;31"
GREEN = "32"
YELLOW = "1;33"
BLUE = "1;34"
MAGENTA = "35"
CYAN = "36"

_UNKNOWN = "\ufffd"
_JOINERS = "\u200c\u200d"


class Style(Struct, frozen=True):
    """Whether what is printed has colour."""

    colour: bool = False

    def paint(self, text: str, look: str) -> str:
        """`text` in the given look (one of the constants above)."""
        return f"\x1b[{look}m{text}\x1b[0m" if self.colour and text else text


def visible(text: str) -> str:
    """`text` with a mark, one column wide, for every character that a terminal or an encoding would not print.

    Those are control characters, what turns the direction of writing, line separators, and bytes that are not UTF-8.
    """
    return text if text.isprintable() else "".join(map(_visible, text))


def _visible(char: str) -> str:
    if char.isprintable() or char in _JOINERS:
        return char
    code = ord(char)
    if code < 0x20:
        return chr(0x2400 + code)
    if code == 0x7F:
        return "\u2421"
    from unicodedata import category

    # Blanks other than the space, unassigned and private characters do no harm.
    return char if category(char) in ("Zs", "Cn", "Co") else _UNKNOWN


def one_line(text: str) -> str:
    """`text` on one line, safe to print: line breaks and tabs, with the blanks around them, become one space."""
    if text.isprintable():
        return text
    lines = (" ".join(line.split("\t")).strip(" ") for line in text.splitlines())
    return visible(" ".join(line for line in lines if line))


def width(text: str) -> int:
    """The columns that `text`, made `visible`, takes in a terminal."""
    return len(text) if text.isascii() else sum(map(char_width, text))


def char_width(char: str) -> int:
    """0 for what combines with the character before it, 2 for wide characters of East Asia and most emoji, else 1."""
    if char.isascii():
        return 1
    from unicodedata import category, east_asian_width

    if category(char) in ("Mn", "Me", "Cf"):
        return 0
    return 2 if east_asian_width(char) in ("W", "F") else 1


def shortened(text: str, columns: int) -> str:
    """`text`, its end cut off where it takes more than `columns`."""
    if width(text) <= columns:
        return text
    kept: list[str] = []
    left = columns - 1
    for char in text:
        left -= char_width(char)
        if left < 0:
            break
        kept.append(char)
    return "".join(kept) + "…"


def counted(number: int, noun: str) -> str:
    """`1 file`, `2 files`."""
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"
