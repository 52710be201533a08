"""`--fix` and `--diff`."""

from __future__ import annotations

from argparse import Namespace
from collections.abc import Sequence

from msgspec.structs import replace

from lint_multistage.commands.terminal import put
from lint_multistage.findings import Failure, Note, Safety
from lint_multistage.fixing import FixOptions, difference, fix, write
from lint_multistage.linting import STDIN, FileResults, Linter, internal_error, read_file, without_template
from lint_multistage.results import PlacedFinding
from lint_multistage.retargeting import Linted, retarget
from lint_multistage.text import Source, encode


def run(paths: Sequence[str], linter: Linter, arguments: Namespace) -> tuple[list[FileResults], int]:
    """Fix files, or print what would change; the results are those after the fixes.

    The second value is 1 where `--diff` shows a change.
    """
    only = tuple(code.strip().upper() for text in arguments.fix_only or () for code in text.split(",") if code.strip())
    options = FixOptions(arguments.unsafe_fixes, only)
    linted: dict[int, Linted] = {}
    results: list[FileResults] = []
    for path in paths:
        found, each = _fixed(path, linter, options, diff=arguments.diff)
        if each is not None and path != STDIN:
            linted[len(results)] = each
        results.append(found)
    if options.unsafe and any(x.fix and x.path != each.path for each in results for x in each.findings):
        results = _retargeted(results, linted, linter, options, diff=arguments.diff)
    return results, int(arguments.diff and any(result.fixed for result in results))


def _fixed(path: str, linter: Linter, options: FixOptions, *, diff: bool) -> tuple[FileResults, Linted | None]:
    """Fix one Dockerfile; the second value is None where it could not be read or written."""
    settings = linter.settings(path)
    try:
        before = without_template(read_file(path, settings, linter.options), linter.options)
        if isinstance(before, Note):
            return FileResults(path, notes=(before,)), None
        after = fix(linter, before, settings, options)
        if diff:
            put(difference(before.source.path, before.source.text, after.dockerfile.source.text), utf_8=True)
        elif path == STDIN:
            put(after.dockerfile.source.text, utf_8=True)
        elif after.count:
            write(path, after.dockerfile.source.encode())
        results = replace(linter.results(after.dockerfile, settings, after.linted), fixed=after.count)
        return results, Linted(after.dockerfile, results)
    except OSError as error:
        return FileResults(path, failures=(_unwritten(path, error),)), None
    except Exception as error:  # one file must not keep the others from being fixed
        return FileResults(path, failures=(internal_error(path, error),)), None


def _retargeted(
    results: Sequence[FileResults], linted: dict[int, Linted], linter: Linter, options: FixOptions, *, diff: bool
) -> list[FileResults]:
    """Fix what was found in build files; the results are those after that."""

    def is_wanted(finding: PlacedFinding) -> bool:
        unsafe = finding.fix is not None and finding.fix.safety == Safety.UNSAFE.value
        return unsafe and (not options.only or finding.code.startswith(options.only))

    def save(before: Source, text: str) -> None:
        if diff:
            put(difference(before.path, before.text, text), utf_8=True)
        else:
            write(before.path, encode(text))

    done = retarget(linter, [*linted.values()], is_wanted, save)
    found = list(results)
    for at, after in zip(linted, done.results, strict=True):
        found[at] = after
    failures = tuple(_unwritten(path, error) for path, error in done.failed)
    first = found[0]
    found[0] = replace(first, fixed=first.fixed + done.count, failures=(*first.failures, *failures))
    return found


def _unwritten(path: str, error: OSError) -> Failure:
    mend = "; make it writable, or exclude it" if isinstance(error, PermissionError) else ""
    return Failure(path, f"the fixed file cannot be written: {error.strerror}{mend}")
