"""One line a finding, in the form that editors and CI parsers take apart."""

from __future__ import annotations

from lint_multistage.findings import Failure, Note
from lint_multistage.late import late_regex
from lint_multistage.reports.style import one_line
from lint_multistage.results import PlacedFinding, Results

_PLACE = late_regex(r":(?=[0-9]+:)")


def render(results: Results) -> str:
    """`path:line:column: severity CODE message` for each finding, then a line for each note and failure.

    Those have no `path:line:` anywhere, so that no parser takes them for findings. Without anything to say, empty.
    """
    lines = [
        *map(_finding, results.findings),
        *map(_note, results.notes),
        *map(_failure, results.failures),
    ]
    return "".join(f"{line}\n" for line in lines)


def _finding(finding: PlacedFinding) -> str:
    place = f"{one_line(finding.path)}:{finding.line}:{finding.column}"
    return f"{place}: {finding.severity.value} {one_line(finding.code)} {one_line(finding.message)}"


def _note(note: Note) -> str:
    line = "" if note.line is None else f" (line {note.line})"
    return _placeless(f"note: {note.path}{line}: {note.message}")


def _failure(failure: Failure) -> str:
    return _placeless(": ".join(part for part in ("error", failure.path, failure.message) if part))


def _placeless(text: str) -> str:
    return _PLACE.sub(": ", one_line(text))
