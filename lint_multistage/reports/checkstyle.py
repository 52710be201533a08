"""The XML of Checkstyle, which many CI services and review tools read."""

from __future__ import annotations

from collections.abc import Iterator

from lint_multistage.reports.xml import DECLARATION, attributes
from lint_multistage.results import PlacedFinding, Results

# Of the format, not of the linter: what readers of it expect.
_VERSION = "8.0"


def render(results: Results) -> str:
    """An element for each file that was linted or spoken of, with an `error` for each finding, note and failure."""
    said: dict[str, list[str]] = {path: [] for path in results.files}
    for finding in results.findings:
        said.setdefault(finding.path, []).append(_finding(finding))
    for note in results.notes:
        said.setdefault(note.path, []).append(_error(note.line or 1, None, "info", note.message, note.kind))
    for failure in results.failures:
        said.setdefault(failure.path, []).append(_error(1, None, "error", failure.message, failure.code or "failure"))
    return "".join([DECLARATION, f"<checkstyle{attributes(version=_VERSION)}>\n", *_files(said), "</checkstyle>\n"])


def _files(said: dict[str, list[str]]) -> Iterator[str]:
    for path, errors in said.items():
        yield f"  <file{attributes(name=path)}>\n"
        yield from errors
        yield "  </file>\n"


def _finding(finding: PlacedFinding) -> str:
    message = "\n".join(part for part in (finding.message, finding.hint) if part)
    return _error(finding.line, finding.column, finding.severity.value, message, f"{finding.code}.{finding.name}")


def _error(line: int, column: int | None, severity: str, message: str, source: str) -> str:
    given = attributes(line=line, column=column, severity=severity, message=message, source=f"lint-multistage.{source}")
    return f"    <error{given}/>\n"
