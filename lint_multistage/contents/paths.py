"""Absolute paths in a stage, and how they lie to each other."""

from __future__ import annotations

import posixpath


def joined(directory: str | None, path: str | None) -> str | None:
    """The absolute path that `path` is in `directory`, without a slash at its end; None where either is unknown."""
    if path is None or (directory is None and not path.startswith("/")):
        return None
    absolute = posixpath.normpath(posixpath.join(directory or "/", path))
    # POSIX lets two slashes at the start mean something else; Linux does not.
    return absolute[1:] if absolute.startswith("//") else absolute


def holds(folder: str, path: str) -> bool:
    """Whether `path` is `folder` or lies in it."""
    return path == folder or path.startswith(f"{folder.rstrip('/')}/")


def is_below(path: str, folder: str) -> bool:
    """Whether `path` lies in `folder`, and is not the folder itself."""
    return path != folder and holds(folder, path)


def overlap(one: str, other: str) -> bool:
    """Whether one of two paths holds the other."""
    return holds(one, other) or holds(other, one)
