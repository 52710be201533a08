"""Phrases that several checks share."""

from __future__ import annotations

from collections.abc import Sequence

from lint_multistage.model.stages import Stage
from lint_multistage.survey import Survey

_SHOWN = 3


def ships(survey: Survey, stage: Stage) -> str:
    """`the image ships`, or which stage ships where there are several."""
    return "the image ships" if len(survey.stages) == 1 else f"stage '{stage.label}' ships"


def listed(names: Sequence[str]) -> str:
    """`'a'`, `'a' and 'b'`, `'a', 'b' and 'c'`."""
    quoted = [f"'{name}'" for name in names]
    return quoted[0] if len(quoted) == 1 else f"{', '.join(quoted[:-1])} and {quoted[-1]}"


def toolchains(names: Sequence[str]) -> str:
    """The first few of some toolchains, and how many more: `gcc, g++, make and 3 more`."""
    if not names:
        return "the toolchain"
    shown = list(names[:_SHOWN])
    more = len(names) - len(shown)
    if more:
        return f"{', '.join(shown)} and {more} more"
    return shown[0] if len(shown) == 1 else f"{', '.join(shown[:-1])} and {shown[-1]}"


def bare(image: str) -> str:
    """An image without its digest."""
    return image.partition("@")[0]
