"""What commands print, and where."""

from __future__ import annotations

import os
import sys
import time

_COLUMNS = 120


def coloured(choice: str) -> bool:
    """Whether standard output gets colour; `choice` is that of `--color` (https://no-color.org)."""
    if choice != "auto":
        return choice == "always"
    return not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb" and sys.stdout.isatty()


def columns() -> int:
    """How wide lines may be."""
    try:
        return os.get_terminal_size(sys.stdout.fileno()).columns or _COLUMNS
    except (OSError, ValueError):
        return _COLUMNS


def put(text: str, *, utf_8: bool = False) -> None:
    """Print `text` as it is, in the terminal's encoding (or in UTF-8); what the encoding lacks is escaped."""
    encoding = "utf-8" if utf_8 else sys.stdout.encoding or "utf-8"
    data = text.encode(encoding, "surrogateescape" if utf_8 else "backslashreplace")
    sys.stdout.flush()
    if hasattr(sys.stdout, "buffer"):
        sys.stdout.buffer.write(data)
        sys.stdout.buffer.flush()
    else:
        sys.stdout.write(data.decode(encoding))


class Progress:
    """A line on a terminal that says how far a long run is; `clear` takes it away."""

    def __init__(self, total: int) -> None:
        self.total = total
        self.start = self.shown = time.monotonic()
        self.visible = False

    def __call__(self, done: int) -> None:
        now = time.monotonic()
        if now - self.start > 1 and now - self.shown > 0.1 and sys.stderr.isatty():
            sys.stderr.write(f"\r{done} of {self.total} files")
            sys.stderr.flush()
            self.shown, self.visible = now, True

    def clear(self) -> None:
        if self.visible:
            sys.stderr.write("\r\x1b[K")
            sys.stderr.flush()
