"""Workflow commands, which GitHub Actions shows as annotations on the lines of a pull request."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby

from lint_multistage.findings import Failure, Note, Severity
from lint_multistage.reports.style import one_line, visible
from lint_multistage.results import PlacedFinding, Results

_COMMANDS = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.INFO: "notice"}
_TITLE = "lint-multistage"
_MOST = 10
"""Annotations of each kind that GitHub shows for a step."""


def render(results: Results) -> str:
    """A command for each finding, note and failure, one a line; without anything to say, empty.

    What is said of a file with several findings is a group of the log. Of each kind of annotation GitHub shows ten a
    step: further findings are plain lines of the log, which say where they are as the commands would not.
    """
    # What keeps the linter from its work is shown whatever else there is.
    left = dict.fromkeys(_COMMANDS.values(), _MOST)
    left["error"] -= len(results.failures)
    lines = [*map(_failure, results.failures)]
    for path, found in groupby(results.findings, key=lambda finding: finding.path):
        lines += _of_file(path, list(found), left)
    lines += map(_note, results.notes)
    return "".join(f"{line}\n" for line in lines)


def _of_file(path: str, findings: Sequence[PlacedFinding], left: dict[str, int]) -> Iterator[str]:
    if len(findings) > 1:
        yield f"::group::{_data(f'{path}: {len(findings)} findings')}"
    for finding in findings:
        command = _COMMANDS[finding.severity]
        left[command] -= 1
        yield _finding(finding) if left[command] >= 0 else _plain(command, finding)
    if len(findings) > 1:
        yield "::endgroup::"


def _plain(kind: str, finding: PlacedFinding) -> str:
    """A line without an annotation. The runner obeys `::command` at the start of a line, `##[command]` anywhere."""
    line = one_line(f"{kind}: {finding.path}:{finding.line}:{finding.column}: {finding.code} {finding.message}")
    return line.replace("##[", "## [")


def _finding(finding: PlacedFinding) -> str:
    """Columns only within one line: elsewhere the runner drops them with a complaint."""
    within = finding.line == finding.end_line
    return _command(
        _COMMANDS[finding.severity],
        "\n".join(part for part in (finding.message, finding.hint) if part),
        file=finding.path,
        line=finding.line,
        col=finding.column if within else None,
        endLine=finding.end_line,
        endColumn=finding.end_column if within else None,
        title=f"{finding.code} {finding.name}",
    )


def _note(note: Note) -> str:
    return _command("notice", note.message, file=note.path, line=note.line, title=_TITLE)


def _failure(failure: Failure) -> str:
    title = f"{_TITLE} {failure.code}" if failure.code else _TITLE
    return _command("error", failure.message, file=failure.path, title=title)


def _command(name: str, message: str, **properties: str | int | None) -> str:
    given = ",".join(_properties(properties))
    return f"::{name} {given}::{_data(message)}"


def _properties(properties: dict[str, str | int | None]) -> Iterator[str]:
    for key, value in properties.items():
        if value is not None and value != "":
            yield f"{key}={_property(str(value))}"


def _data(text: str) -> str:
    """`text` as the runner reads it back, on one line; other control characters become marks."""
    escaped = text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")
    return visible(escaped.expandtabs(4))


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")
