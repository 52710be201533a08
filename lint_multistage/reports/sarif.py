"""The report that code scanning services read: SARIF 2.1.0."""

from __future__ import annotations

import os
from typing import Any

from lint_multistage import __version__
from lint_multistage.findings import Failure, Note, Safety, Severity
from lint_multistage.reports.fingerprints import fingerprints
from lint_multistage.reports.json import document
from lint_multistage.results import Place, PlacedFinding, PlacedFix, Results, Rule
from lint_multistage.text import Position

SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"
HOME = "https://github.com/lint-multistage/lint-multistage"
FINGERPRINT = "findingContent/v1"
_LEVELS = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.INFO: "note"}
# GitHub's own names, which decide how alerts are sorted.
_PROBLEMS = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.INFO: "recommendation"}
_MOST_DESCRIPTION = 1024
"""GitHub refuses descriptions of more characters."""


def render(results: Results) -> str:
    """The run as one SARIF log with one run. Files are named relative to the working directory (`%SRCROOT%`)."""
    rules = _rules(results)
    index = {rule.code: at for at, rule in enumerate(rules)}
    run = {
        "tool": {
            "driver": {
                "name": "lint-multistage",
                "version": __version__,
                "informationUri": HOME,
                "rules": [_rule(rule) for rule in rules],
            }
        },
        "columnKind": "unicodeCodePoints",
        "originalUriBaseIds": {"%SRCROOT%": {"description": {"text": "The working directory of the run."}}},
        "artifacts": [{"location": _artifact(path)} for path in dict.fromkeys(results.files)],
        "invocations": [
            {
                "executionSuccessful": not results.failures,
                "toolExecutionNotifications": [
                    *map(_note, results.notes),
                    *(_failure(failure, index) for failure in results.failures),
                ],
            }
        ],
        "results": [
            _result(finding, index[finding.code], fingerprint)
            for finding, fingerprint in zip(results.findings, fingerprints(results.findings), strict=True)
        ],
    }
    return document({"$schema": SCHEMA, "version": "2.1.0", "runs": [run]})


def _rules(results: Results) -> list[Rule]:
    """The rules of the run; a finding of a check that is not among them brings its own."""
    rules = {rule.code: rule for rule in results.rules}
    for finding in results.findings:
        rules.setdefault(finding.code, Rule(finding.code, finding.name, finding.severity, finding.url))
    return [rules[code] for code in sorted(rules)]


def _rule(rule: Rule) -> dict[str, Any]:
    from inspect import cleandoc

    text = cleandoc(rule.documentation).strip() or rule.name
    paragraph = " ".join(text.partition("\n\n")[0].split())
    described = {
        "id": rule.code,
        "name": rule.name,
        "shortDescription": {"text": _shortened(text.partition("\n")[0].rstrip("."))},
        "fullDescription": {"text": _shortened(paragraph)},
        "help": {"text": text, "markdown": text},
        "defaultConfiguration": {"level": _LEVELS[rule.severity]},
        "properties": {"problem.severity": _PROBLEMS[rule.severity], "tags": ["docker", "multi-stage"]},
    }
    if rule.url:
        described["helpUri"] = rule.url
    return described


def _shortened(text: str) -> str:
    return text if len(text) <= _MOST_DESCRIPTION else text[: _MOST_DESCRIPTION - 1] + "…"


def _result(finding: PlacedFinding, rule: int, fingerprint: str) -> dict[str, Any]:
    start = Position(finding.line, finding.column)
    end = Position(finding.end_line, finding.end_column)
    result: dict[str, Any] = {
        "ruleId": finding.code,
        "ruleIndex": rule,
        "level": _LEVELS[finding.severity],
        "message": {"text": "\n".join(part for part in (finding.message, finding.hint) if part)},
        "locations": [_location(finding.path, _region(start, end))],
        "partialFingerprints": {FINGERPRINT: fingerprint},
    }
    if finding.related:
        result["relatedLocations"] = [_related(at, place) for at, place in enumerate(finding.related, 1)]
    if finding.fix and finding.fix.edits and finding.fix.safety != Safety.DISPLAY.value:
        result["fixes"] = [_fix(finding.fix)]
    return result


def _related(at: int, place: Place) -> dict[str, Any]:
    region = {"startLine": place.line, "startColumn": place.column} if place.line > 0 else None
    return {"id": at, **_location(place.path, region), "message": {"text": place.message}}


def _fix(fix: PlacedFix) -> dict[str, Any]:
    caution = " (look at it: it may change what is built)" if fix.safety == Safety.UNSAFE.value else ""
    paths = dict.fromkeys(edit.path for edit in fix.edits)
    return {
        "description": {"text": fix.title + caution},
        "artifactChanges": [
            {
                "artifactLocation": _artifact(path),
                "replacements": [
                    {"deletedRegion": _region(edit.start, edit.end), "insertedContent": {"text": edit.text}}
                    for edit in fix.edits
                    if edit.path == path
                ],
            }
            for path in paths
        ],
    }


def _note(note: Note) -> dict[str, Any]:
    region = {"startLine": note.line} if note.line else None
    return {
        "level": "note",
        "message": {"text": note.message},
        "locations": [_location(note.path, region)],
        "properties": {"kind": note.kind},
    }


def _failure(failure: Failure, index: dict[str, int]) -> dict[str, Any]:
    notification: dict[str, Any] = {"level": "error", "message": {"text": failure.message}}
    if failure.path:
        notification["locations"] = [_location(failure.path, None)]
    if failure.code is not None and failure.code in index:
        notification["associatedRule"] = {"id": failure.code, "index": index[failure.code]}
    return notification


def _location(path: str, region: dict[str, int] | None) -> dict[str, Any]:
    place: dict[str, Any] = {"artifactLocation": _artifact(path)}
    if region:
        place["region"] = region
    return {"physicalLocation": place}


def _region(start: Position, end: Position) -> dict[str, int]:
    return {
        "startLine": start.line,
        "startColumn": start.column,
        "endLine": end.line,
        "endColumn": end.column,
    }


def _artifact(path: str) -> dict[str, str]:
    """Where a file is: below the working directory, else by its whole path."""
    if os.path.isabs(path) or path == ".." or path.startswith("../"):
        return {"uri": f"file:///{_quoted(os.path.abspath(path).replace(os.sep, '/').lstrip('/'))}"}
    return {"uri": _quoted(path), "uriBaseId": "%SRCROOT%"}


def _quoted(path: str) -> str:
    """`path` percent-encoded byte by byte, as it is on disk."""
    from urllib.parse import quote

    try:
        return quote(path.encode("utf-8", "surrogateescape"))
    except UnicodeEncodeError:
        return quote(path, errors="replace")
