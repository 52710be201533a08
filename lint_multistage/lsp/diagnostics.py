"""Findings as diagnostics."""

from __future__ import annotations

import os
from collections.abc import Iterable

from lsprotocol import types
from pygls.uris import from_fs_path

from lint_multistage.findings import Severity
from lint_multistage.lsp.positions import Positions
from lint_multistage.results import Place, PlacedFinding

NAME = "lint-multistage"
_SEVERITIES = {
    Severity.ERROR: types.DiagnosticSeverity.Error,
    Severity.WARNING: types.DiagnosticSeverity.Warning,
    Severity.INFO: types.DiagnosticSeverity.Information,
}
# What is there for nothing: editors show it faded.
_UNNECESSARY = frozenset(("MS201", "MS203", "MS902"))


def diagnostics(findings: Iterable[PlacedFinding], uri: str, path: str, positions: Positions) -> list[types.Diagnostic]:
    """The diagnostics of those findings that lie in the document `uri`, the file at `path`."""

    def related(place: Place) -> types.DiagnosticRelatedInformation:
        if place.path == path:
            where, start = uri, positions.at(place.line, place.column)
        else:
            where = from_fs_path(os.path.abspath(place.path)) or uri
            start = types.Position(max(place.line - 1, 0), 0)
        location = types.Location(where, types.Range(start, start))
        return types.DiagnosticRelatedInformation(location, sendable(place.message))

    return [
        types.Diagnostic(
            range=types.Range(
                positions.at(finding.line, finding.column), positions.at(finding.end_line, finding.end_column)
            ),
            severity=_SEVERITIES[finding.severity],
            code=finding.code,
            code_description=types.CodeDescription(finding.url) if finding.url else None,
            source=NAME,
            message=sendable("\n".join(part for part in (finding.message, finding.hint) if part)),
            tags=[types.DiagnosticTag.Unnecessary] if finding.code in _UNNECESSARY else None,
            related_information=list(map(related, finding.related)) or None,
        )
        for finding in findings
        if finding.path == path
    ]


def sendable(text: str) -> str:
    """`text` without surrogates, which no message to the client can hold."""
    return text.encode("utf-8", "replace").decode("utf-8")
