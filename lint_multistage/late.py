"""What is made when it is first used: most runs need few of the regular expressions that the modules name."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

__all__ = ["late_regex"]

if TYPE_CHECKING:
    from re import compile as late_regex
else:

    class late_regex:  # noqa: N801  it stands where `re.compile` stands
        """`re.compile`, put off until the pattern is asked for something.

        Compiling those that a run on a small file never asks would cost about a tenth of its time. A mistake in one
        shows when it is first used; that all compile is tested.
        """

        def __init__(self, pattern: str | bytes, flags: int = 0) -> None:
            self._made = (pattern, flags)

        def __getattr__(self, name: str) -> Any:
            value = getattr(re.compile(*self._made), name)
            # What is asked again is found at once.
            setattr(self, name, value)
            return value
