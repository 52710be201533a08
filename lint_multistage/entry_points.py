"""Which plugins are installed."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from importlib.metadata import EntryPoint

GROUP = "lint_multistage"
_OWN = "lint_multistage"
_METADATA = (".dist-info", ".egg-info", ".egg")


def plugin_entry_points() -> list[EntryPoint]:
    """The entry points of our group, sorted; our own distribution's is not among them unless another brings one too.

    importlib.metadata takes as long to import as most of this program, so a look at the files decides whether it has
    anything to find.
    """
    if not any(map(_may_hold_plugin, sys.path)):
        return []
    from importlib.metadata import entry_points

    return sorted(entry_points(group=GROUP), key=lambda entry: (entry.name, entry.value))


def _may_hold_plugin(folder: str) -> bool:
    """Whether a distribution other than ours in a folder of `sys.path` names our group, as far as can be seen."""
    folder = folder or "."
    try:
        names = os.listdir(folder)
    except NotADirectoryError:
        # A zip file, say. The one that holds the standard library has no distributions.
        return not os.path.basename(folder).startswith("python")
    except OSError:
        return False
    if folder.endswith(".egg") and _names_group(os.path.join(folder, "EGG-INFO", "entry_points.txt")):
        return True
    return any(
        _names_group(os.path.join(folder, name, part))
        for name in names
        if name.endswith(_METADATA) and name.partition("-")[0].partition(".")[0] != _OWN
        for part in ("entry_points.txt", os.path.join("EGG-INFO", "entry_points.txt"))
    )


def _names_group(path: str) -> bool:
    try:
        with open(path, "rb") as file:
            return f"[{GROUP}]".encode() in file.read()
    except OSError:
        return False
