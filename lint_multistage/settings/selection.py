"""Which codes are on, for a run and for a file."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Sequence
from fnmatch import fnmatchcase

from lint_multistage.settings.errors import UsageError, nearest
from lint_multistage.settings.globs import relative, within
from lint_multistage.settings.settings import Settings

ALL = "ALL"


def selected(code: str, settings: Settings, *, preview: bool = False, ignored: tuple[str, ...] = ()) -> bool:
    """Whether the check `code` runs: the longest prefix decides, `ignore` wins a tie.

    Without `select` every code is selected. A `preview` check needs the setting of that name, or its full code in
    `select` or `extend-select`. `ignored` are the prefixes that `ignored_for` a file gives; they always win.
    """
    if _longest(code, ignored) >= 0:
        return False
    if preview and not settings.preview and code not in settings.select and code not in settings.extend_select:
        return False
    on = _longest(code, (*(settings.select or (ALL,)), *settings.extend_select))
    return on > _longest(code, (*settings.ignore, *settings.extend_ignore))


def _longest(code: str, prefixes: Iterable[str]) -> int:
    """The length of the longest of `prefixes` that `code` starts with; ALL counts as 0, no match as -1."""
    longest = -1
    for prefix in prefixes:
        if prefix == ALL:
            longest = max(longest, 0)
        elif len(prefix) > longest and code.startswith(prefix):
            longest = len(prefix)
    return longest


def ignored_for(path: str, settings: Settings) -> tuple[str, ...]:
    """The prefixes that `per-file-ignores` names for the file at `path`."""
    if not settings.per_file_ignores:
        return ()
    inside = relative(os.path.abspath(path), settings.root)
    return tuple(
        code for glob, codes in settings.per_file_ignores if within((glob,)).fullmatch(inside) for code in codes
    )


def is_ignored(code: str, path: str, settings: Settings) -> bool:
    """Whether `per-file-ignores` leaves a code out for the file at `path`."""
    return _longest(code, ignored_for(path, settings)) >= 0


def roles_for(path: str, labels: Sequence[str], settings: Settings) -> dict[int, str]:
    """The roles that `roles` gives stages of the file at `path`, by number; `labels` are what people call its stages.

    A pattern is a glob for files, or `GLOB:STAGE` with a glob for the stage. The first that fits counts.
    """
    found: dict[int, str] = {}
    inside = relative(os.path.abspath(path), settings.root) if settings.roles else ""
    for pattern, role in settings.roles:
        glob, colon, stage = pattern.partition(":")
        if within((glob,)).fullmatch(inside):
            for index, label in enumerate(labels):
                if not colon or fnmatchcase(label.lower(), stage.lower()):
                    found.setdefault(index, role)
    return found


def check_codes(settings: Settings, known: Iterable[str]) -> None:
    """UsageError for the first prefix in `settings` that no known code starts with; `severity` needs full codes."""
    codes = sorted(set(known))
    for key, prefix in _prefixes(settings):
        if prefix == ALL or any(code.startswith(prefix) for code in codes):
            continue
        raise _unknown(settings, key, prefix, codes)
    for code in settings.severity:
        if code not in codes:
            raise _unknown(settings, "severity", code, codes)


def _prefixes(settings: Settings) -> Iterator[tuple[str, str]]:
    for key in ("select", "ignore", "extend-select", "extend-ignore"):
        for prefix in getattr(settings, key.replace("-", "_")):
            yield key, prefix
    for _, prefixes in settings.per_file_ignores:
        for prefix in prefixes:
            yield "per-file-ignores", prefix


def _unknown(settings: Settings, key: str, code: str, codes: list[str]) -> UsageError:
    origin = settings.origins.get(key, "default")
    where = origin if origin.startswith("--") else f"{origin}: '{key}'"
    whole = key == "severity" and any(other.startswith(code) for other in codes)
    what = f"'{code}' is no full code" if whole else f"no check has the code '{code}'"
    near = nearest(code, codes)
    mend = f"did you mean '{near}'?" if near else "mend it, or install the plugin that brings it"
    return UsageError(f"{where}: {what}; {mend}")
