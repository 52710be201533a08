"""`--add-ignores`: silence what is found, for good, with a reason beside it."""

from __future__ import annotations

from collections.abc import Sequence

from msgspec.structs import replace

from lint_multistage.commands.terminal import put
from lint_multistage.findings import Failure, Note
from lint_multistage.fixing import write
from lint_multistage.ignoring import ignore_edits
from lint_multistage.linting import STDIN, FileResults, Linter, internal_error, read_file, read_text, without_template
from lint_multistage.reports.style import counted
from lint_multistage.text import apply_edits

REASON = "known when the linter was introduced"


def run(paths: Sequence[str], linter: Linter, reason: str) -> list[FileResults]:
    """Write the comments into the files; the results are those after that."""
    results: list[FileResults] = []
    silenced = files = 0
    for path in paths:
        result, count = _silenced(path, linter, reason or REASON)
        results.append(result)
        silenced += count
        files += count > 0
    if silenced:
        put(f"Silenced {counted(silenced, 'finding')} in {counted(files, 'file')}.\n")
    return results


def _silenced(path: str, linter: Linter, reason: str) -> tuple[FileResults, int]:
    settings = linter.settings(path)
    try:
        before = without_template(read_file(path, settings, linter.options), linter.options)
        if isinstance(before, Note):
            return FileResults(path, notes=(before,)), 0
        linted = linter.run(before, settings)
        edits = ignore_edits(before, linted.findings, reason)
        if not edits or path == STDIN:
            return linter.results(before, settings, linted), 0
        after = read_text(before.source.path, apply_edits(before.source.text, edits), settings)
        left = linter.run(after, settings)
        # A comment that would break the file, or bring what was not there, does no good.
        if len(after.problems) > len(before.problems) or len(left.findings) >= len(linted.findings):
            message = "the findings cannot be silenced by comments; use per-file-ignores in the configuration"
            result = linter.results(before, settings, linted)
            return replace(result, failures=(*result.failures, Failure(path, message))), 0
        write(path, after.source.encode())
        return linter.results(after, settings, left), len(linted.findings) - len(left.findings)
    except OSError as error:
        return FileResults(path, failures=(Failure(path, f"the file cannot be written: {error.strerror}"),)), 0
    except Exception as error:  # one file must not keep the others from being changed
        return FileResults(path, failures=(internal_error(path, error),)), 0
