"""The XML of JUnit, which CI services show as test results: a suite for each file, a case for each finding."""

from __future__ import annotations

from collections.abc import Sequence

from lint_multistage.findings import Severity
from lint_multistage.reports.xml import DECLARATION, attributes, text
from lint_multistage.results import PlacedFinding, Results

_NAME = "lint-multistage"


def render(results: Results) -> str:
    """Findings are failed cases, those of severity info passed ones that say something; failures are errors.

    A file without findings has one passed case, so that its being linted shows. Notes are the output of the run.
    """
    cases: dict[str, list[str]] = {path: [] for path in results.files}
    for finding in results.findings:
        cases.setdefault(finding.path, []).append(_finding(finding))
    for failure in results.failures:
        error = f"<error{attributes(message=failure.message, type=failure.code or 'failure')}/>"
        cases.setdefault(failure.path, []).append(_case(failure.code or _NAME, failure.path, None, error))
    suites = [(path, inside or [_case(_NAME, path, None, "")], "") for path, inside in cases.items()]
    if results.notes:
        # Only a suite may hold output.
        notes = [f"{note.path}{f':{note.line}' if note.line else ''}: {note.message}" for note in results.notes]
        output = f"  <system-out>{text(chr(10).join(notes))}</system-out>\n"
        suites.append(("notes", [_case("notes", None, None, "")], output))
    counts = attributes(name=_NAME, **_counts([case for _, inside, _ in suites for case in inside]))
    return "".join([DECLARATION, f"<testsuites{counts}>\n", *(_suite(*suite) for suite in suites), "</testsuites>\n"])


def _suite(name: str, cases: Sequence[str], output: str) -> str:
    return f"<testsuite{attributes(name=name or _NAME, **_counts(cases))}>\n{''.join(cases)}{output}</testsuite>\n"


def _counts(cases: Sequence[str]) -> dict[str, int]:
    return {
        "tests": len(cases),
        "failures": sum("<failure " in case for case in cases),
        "errors": sum("<error " in case for case in cases),
        "skipped": 0,
    }


def _finding(finding: PlacedFinding) -> str:
    where = f"{finding.path}:{finding.line}:{finding.column}"
    said = "\n".join(part for part in (where, finding.message, finding.hint, finding.url) if part)
    if finding.severity is Severity.INFO:
        inside = f"<system-out>{text(said)}</system-out>"
    else:
        inside = f"<failure{attributes(message=finding.message, type=finding.severity.value)}>{text(said)}</failure>"
    return _case(f"{finding.code} {finding.name} (line {finding.line})", finding.path, finding.line, inside)


def _case(name: str, path: str | None, line: int | None, inside: str) -> str:
    given = attributes(name=name, classname=path or _NAME, file=path or None, line=line)
    return f"  <testcase{given}>{inside}</testcase>\n" if inside else f"  <testcase{given}/>\n"
