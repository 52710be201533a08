"""The report that GitLab's code quality shows in merge requests.

https://docs.gitlab.com/ci/testing/code_quality/#code-quality-report-format
"""

from __future__ import annotations

from collections.abc import Iterator
from hashlib import sha256
from typing import Any

from lint_multistage.findings import Severity
from lint_multistage.reports.fingerprints import fingerprints
from lint_multistage.reports.json import document
from lint_multistage.results import Results

_SEVERITIES = {Severity.ERROR: "critical", Severity.WARNING: "major", Severity.INFO: "info"}
_NAME = "lint-multistage"


def render(results: Results) -> str:
    """A JSON list of findings, notes and failures, each with a fingerprint of its own that outlives moved lines."""
    return document([*_findings(results), *_others(results)])


def _findings(results: Results) -> Iterator[dict[str, Any]]:
    for finding, fingerprint in zip(results.findings, fingerprints(results.findings), strict=True):
        yield {
            "description": " ".join(f"{finding.code}: {finding.message}".split()),
            "check_name": finding.name,
            "content": {"body": "\n\n".join(part for part in (finding.message, finding.hint, finding.url) if part)},
            "categories": ["Bug Risk" if finding.severity is Severity.ERROR else "Performance"],
            "fingerprint": _digest(finding.path, fingerprint),
            "severity": _SEVERITIES[finding.severity],
            "location": {"path": finding.path, "lines": {"begin": finding.line, "end": finding.end_line}},
        }


def _others(results: Results) -> Iterator[dict[str, Any]]:
    said = [(note.path, note.line or 1, note.message, "info") for note in results.notes]
    said += [(failure.path, 1, failure.message, "blocker") for failure in results.failures]
    for path, line, message, severity in dict.fromkeys(said):
        yield {
            "description": " ".join(message.split()),
            "check_name": _NAME,
            "fingerprint": _digest(path, message, str(line), severity),
            "severity": severity,
            "location": {"path": path or ".", "lines": {"begin": line}},
        }


def _digest(*parts: str) -> str:
    return sha256("\0".join(parts).encode("utf-8", "surrogatepass")).hexdigest()[:40]
