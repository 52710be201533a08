"""Mistakes of the user, told in one line."""

from __future__ import annotations

from lint_multistage.model.similar import nearest

__all__ = ["UsageError", "nearest"]


class UsageError(Exception):
    """A mistake in a flag or a configuration file: one line that names the place and how to mend it. Exit status 2."""
