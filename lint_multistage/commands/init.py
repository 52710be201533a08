"""`lint-multistage init`: a first configuration for a project."""

from __future__ import annotations

import os
from argparse import Namespace
from collections import Counter
from collections.abc import Sequence

from lint_multistage.commands.terminal import put
from lint_multistage.fixing import write
from lint_multistage.linting import FileResults, Linter, Options, lint_files
from lint_multistage.plugins import load_plugins
from lint_multistage.reports.style import counted
from lint_multistage.settings.errors import UsageError
from lint_multistage.settings.files import walk
from lint_multistage.settings.tables import NAME, NAMES, read_table

_OWN, _SHARED = NAMES[0], "pyproject.toml"
_NOT_OURS = frozenset("testdata test-data fixtures third_party third-party vendor external submodules".split())
"""Folders of files that belong to others, or are wrong on purpose."""
_BASELINE = "lint-multistage-baseline.json"


def run(arguments: Namespace) -> int:
    """Write the configuration of the working directory, tell what it is for, and give the exit status."""
    for name in NAMES:
        if read_table(name) is not None:
            raise UsageError(f"{name} configures {NAME} already; change it there, or take it out first")
    linter = Linter(load_plugins(), Options(isolated=True))
    results = list(lint_files(linter, walk(["."], linter.settings).files, 0))
    path = _SHARED if os.path.isfile(_SHARED) else _OWN
    prefix = f"tool.{NAME}" if path == _SHARED else ""
    _write(path, _table(results, prefix))
    put(f"Wrote {path}.\n{_told(results)}")
    return 0


def _table(results: Sequence[FileResults], prefix: str) -> str:
    """The text of our table; `prefix` is its name where it is not the whole file."""
    excluded = ", ".join(f'"{folder}"' for folder in _folders(results))
    exclude = f"extend-exclude = [{excluded}]" if excluded else '# extend-exclude = ["third_party"]'
    head = f"[{prefix}]\n" if prefix else ""
    roles = f"[{prefix}.roles]" if prefix else "[roles]"
    return f"""{head}# Exit 1 from this severity on: error, warning or info.
fail-on = "warning"
{exclude}
# Findings that were there before, written by: {NAME} --write-baseline {_BASELINE}
# baseline = "{_BASELINE}"

# What images are for that carry compilers on purpose; `{NAME} graph` tells how each stage is judged, and why.
# {roles}
# "docker/ci/*" = "ci"
# "Dockerfile:tools" = "development"
"""


def _folders(results: Sequence[FileResults]) -> list[str]:
    """The names of folders with Dockerfiles that are hardly the project's own."""
    found = Counter(part for result in results for part in os.path.dirname(result.path).split(os.sep))
    return sorted(_NOT_OURS & found.keys())


def _write(path: str, table: str) -> None:
    """Write `table` into the file at `path`, behind what is there; nothing of that is touched."""
    before = ""
    try:
        if os.path.exists(path):
            with open(path, encoding="utf-8", newline="") as file:
                before = file.read()
        end = "\r\n" if "\r\n" in before else "\n"
        gap = "" if not before else end if before.endswith("\n") else end * 2
        text = before + gap + table.replace("\n", end)
        _check(path, text)
        write(path, text.encode())
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", "") or "it is not UTF-8"
        raise UsageError(f"{path} cannot be written: {reason}") from None


def _check(path: str, text: str) -> None:
    import tomllib

    try:
        tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise UsageError(f"{path}: our table cannot be added ({error}); mend the file first") from None


def _told(results: Sequence[FileResults]) -> str:
    """What was found, and how to begin."""
    findings = [finding for result in results for finding in result.findings]
    files = len({finding.path for finding in findings})
    if not findings:
        return f"Nothing found in {counted(len(results), 'Dockerfile')}.\n"
    return (
        f"{counted(len(findings), 'finding')} in {files} of {counted(len(results), 'Dockerfile')}: see {NAME}.\n"
        f"To begin with these as known: {NAME} --write-baseline {_BASELINE}, and set baseline in the configuration.\n"
    )
