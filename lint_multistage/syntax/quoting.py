"""Words of the file in messages: short, whatever the file holds."""

from __future__ import annotations

_LONGEST = 60


def shown(text: str, most: int = _LONGEST) -> str:
    """`text` on one line, and no longer than `most` characters."""
    if "\n" in text or "\r" in text:
        text = " ".join(text[: most + 2].split())
    return text if len(text) <= most else text[: most - 1] + "…"
