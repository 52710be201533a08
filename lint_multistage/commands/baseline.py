"""`--baseline` and `--write-baseline`."""

from __future__ import annotations

import os
from collections.abc import Sequence
from itertools import groupby

from msgspec.structs import replace

from lint_multistage.commands.terminal import put
from lint_multistage.findings import Note
from lint_multistage.linting import FileResults, Linter
from lint_multistage.reports.style import counted
from lint_multistage.settings.baseline import Baseline, Entry, baseline_text, told
from lint_multistage.settings.errors import UsageError


def kept_back(results: Sequence[FileResults], baseline: Baseline) -> list[FileResults]:
    """The results less the findings of the baseline, which are only counted."""
    return [
        replace(result, findings=fresh, baselined=len(result.findings) - len(fresh))
        for result in results
        for fresh in (baseline.fresh(result.findings),)
    ]


def unused(baseline: Baseline, results: Sequence[FileResults], linter: Linter) -> list[Note]:
    """A note for each file of which the baseline holds findings that are gone.

    Nothing is said of files that were not linted but are there, nor of checks that did not run.
    """
    folder = os.path.dirname(os.path.abspath(baseline.path))
    linted = {os.path.abspath(result.path): result.path for result in results}

    def gone(entry: Entry) -> bool:
        path = os.path.normpath(os.path.join(folder, entry.path))
        if path not in linted:
            return not os.path.exists(path)
        settings = linter.settings(linted[path])
        return any(check.code == entry.code for check in linter.checks(linted[path], settings))

    entries = filter(gone, baseline.unused())
    return [
        Note(os.path.relpath(baseline.path), "baseline", told(list(of_file)))
        for _, of_file in groupby(entries, key=lambda entry: entry.path)
    ]


def write_baseline(path: str, results: Sequence[FileResults]) -> None:
    """Write the findings of a run to the file at `path`; UsageError where that cannot be done."""
    from lint_multistage.fixing import write

    findings = [finding for result in results for finding in result.findings]
    try:
        write(path, baseline_text(findings, path).encode())
    except OSError as error:
        raise UsageError(f"--write-baseline: {path} cannot be written: {error.strerror}") from None
    put(f"Wrote {counted(len(findings), 'finding')} to {path}.\n")
