"""Findings to report, made of Dockerfiles in which « and » mark the span."""

from __future__ import annotations

from typing import Any

from lint_multistage.findings import Finding, Severity
from lint_multistage.model.dockerfile import read_dockerfile
from lint_multistage.results import PlacedFinding, Results, place
from lint_multistage.text import Source, Span


def marked(text: str) -> tuple[Source, Span]:
    """The Dockerfile without its marks, and the span between them."""
    start, end = text.index("«"), text.index("»") - 1
    return Source.of("Dockerfile", text.replace("«", "").replace("»", "")), Span(start, end)


def found(text: str, severity: Severity = Severity.WARNING, **fields: Any) -> PlacedFinding:
    """A finding at the marks in `text`."""
    source, span = marked(text)
    values = {"message": "what is wrong", "code": "MS301", **fields}
    finding = Finding(span=span, **values)
    return place(finding, "toolchain-base-image", severity, "https://example.org/MS301", read_dockerfile(source))


def results(*findings: PlacedFinding, files: tuple[str, ...] = ("Dockerfile",), **fields: Any) -> Results:
    return Results(files, findings, **fields)
