"""The folders that may be a build's context, and the small files in them."""

from __future__ import annotations

import os
import stat
from collections.abc import Sequence

LARGEST_FILE = 256 * 1024
MOST_FILES = 1_000


class Context:
    """Files of a build context, read when they are asked for.

    `folders` are the folders that may be the context, likeliest first; a file is taken from the first that has it.
    Nothing outside them is read, whatever a path or a symbolic link says, and only small, regular files; only so many
    are looked for.
    """

    def __init__(self, folders: Sequence[str] = ()) -> None:
        self._folders = folders
        self._texts: dict[str, str | None] = {}

    def text(self, path: str) -> str | None:
        """The text of the file at `path`, which is relative to the context; None where there is none to be read."""
        if path not in self._texts:
            self._texts[path] = self._read(path) if len(self._texts) < MOST_FILES else None
        return self._texts[path]

    def _read(self, path: str) -> str | None:
        for folder in self._folders:
            data = _small_file(folder, path)
            if data is not None:
                return data.decode("utf-8", "surrogateescape")
        return None


def _small_file(folder: str, path: str) -> bytes | None:
    """The bytes of a regular file of limited size that really lies in `folder`."""
    if "\0" in path:
        return None
    root = os.path.realpath(folder)
    # BuildKit takes a path that leads out of the context for one from its root.
    place = os.path.realpath(os.path.join(root, os.path.normpath("/" + path).lstrip("/")))
    try:
        if os.path.commonpath((root, place)) != root:
            return None
        found = os.stat(place)
        if not stat.S_ISREG(found.st_mode) or found.st_size > LARGEST_FILE:
            return None
        with open(place, "rb") as file:
            return file.read(LARGEST_FILE)
    except (OSError, ValueError):
        return None
