"""`--fix` and `--diff`."""

from __future__ import annotations

from argparse import Namespace
from collections.abc import Sequence

from msgspec.structs import replace

from lint_multistage.commands.terminal import put
from lint_multistage.findings import Failure, Note
from lint_multistage.fixing import FixOptions, difference, fix, write
from lint_multistage.linting import STDIN, FileResults, Linter, internal_error, read_file, without_template


def run(paths: Sequence[str], linter: Linter, arguments: Namespace) -> tuple[list[FileResults], int]:
    """Fix files, or print what would change; the results are those after the fixes.

    The second value is 1 where `--diff` shows a change.
    """
    only = tuple(code.strip().upper() for text in arguments.fix_only or () for code in text.split(",") if code.strip())
    options = FixOptions(arguments.unsafe_fixes, only)
    results = [_fixed(path, linter, options, diff=arguments.diff) for path in paths]
    return results, int(arguments.diff and any(result.fixed for result in results))


def _fixed(path: str, linter: Linter, options: FixOptions, *, diff: bool) -> FileResults:
    settings = linter.settings(path)
    try:
        before = without_template(read_file(path, settings, linter.options), linter.options)
        if isinstance(before, Note):
            return FileResults(path, notes=(before,))
        after = fix(linter, before, settings, options)
        if diff:
            put(difference(before.source.path, before.source.text, after.dockerfile.source.text), utf_8=True)
        elif path == STDIN:
            put(after.dockerfile.source.text, utf_8=True)
        elif after.count:
            write(path, after.dockerfile.source.encode())
        results = linter.results(after.dockerfile, settings, after.linted)
        return replace(results, fixed=after.count)
    except OSError as error:
        mend = "; make it writable, or exclude it" if isinstance(error, PermissionError) else ""
        reason = f"the fixed file cannot be written: {error.strerror}{mend}"
        return FileResults(path, failures=(Failure(path, reason),))
    except Exception as error:  # one file must not keep the others from being fixed
        return FileResults(path, failures=(internal_error(path, error),))
