"""For authors of checks: run a check's own examples.

from lint_multistage.testing import check_examples

def test_no_latest_tag():
    check_examples(NoLatestTag)
"""

from __future__ import annotations

from collections.abc import Sequence

from lint_multistage.check import Check, Invalid, Valid
from lint_multistage.engine import lint
from lint_multistage.facts import Facts
from lint_multistage.findings import Finding
from lint_multistage.model.build import Build, lone_build
from lint_multistage.model.dockerfile import read_dockerfile
from lint_multistage.plugins import verified
from lint_multistage.project.builds import asked_build
from lint_multistage.project.project import Asked
from lint_multistage.project.requests import BuildRequest
from lint_multistage.text import Edit, Source, Span, apply_edits

OPEN, CLOSE = "«", "»"


def check_examples(check: type[Check], facts: Facts | None = None) -> None:
    """Run every example of `check`; AssertionError shows the first that does not behave as it says.

    `facts` are those that the check works from, the built-in ones where none are given.
    """
    assert check.valid, f"{check.code} has no valid example"
    assert check.invalid, f"{check.code} has no invalid example"
    for valid in check.valid:
        check_example(check, valid, facts)
    for invalid in check.invalid:
        check_example(check, invalid, facts)


def check_example(check: type[Check], example: Valid | Invalid, facts: Facts | None = None) -> None:
    """Run one example of `check`."""
    text, spans = _marked(example.text) if isinstance(example, Invalid) else (example.text, [])
    build = _build(text, example)
    found = _findings(check, build, facts)
    shown = [(text[finding.span.start : finding.span.end], finding.message) for finding in found]
    assert [finding.span for finding in found] == spans, f"{check.code} found {shown} in:\n{example.text}"
    if not isinstance(example, Invalid):
        return
    first = found[0]
    assert example.message in first.message, f"{example.message!r} is not in the message {first.message!r}"
    assert example.hint in first.hint, f"{example.hint!r} is not in the hint {first.hint!r}"
    severity = first.severity or check.severity
    wanted = example.severity or check.severity
    assert severity is wanted, f"{check.code} says {severity.value}, not {wanted.value}, of:\n{example.text}"
    words = first.fix.words if first.fix else ""
    assert words == example.words, f"{check.code} writes {words!r} in the other file:\n{example.text}"
    edits = _edits(found)
    fixed = apply_edits(text, edits) if edits else None
    assert fixed == example.fixed, f"{check.code} fixes this to {fixed!r}:\n{example.text}"


def _findings(check: type[Check], build: Build, facts: Facts | None) -> Sequence[Finding]:
    """What the check says; one that judges suppressions needs the others beside it."""
    plugins = verified(())
    others = plugins.checks if check.last else ()
    checks = [*(other for other in others if other.code != check.code), check]
    known = [other.code for other in checks] if check.last else ()
    linted = lint(build, checks, facts or plugins.facts, judge_suppressions=known)
    assert not linted.failures, linted.failures[0].message
    return [finding for finding in linted.findings if finding.code == check.code]


def _build(text: str, example: Valid | Invalid) -> Build:
    dockerfile = read_dockerfile(Source.of("Dockerfile", text), example.build_args)
    if example.asked is None and not example.contexts:
        return lone_build(dockerfile, example.targets)
    names = example.asked or ("",)
    requests = tuple(
        BuildRequest(path="compose.yaml", line=line, kind="compose", target=name, contexts=example.contexts)
        for line, name in enumerate(names, 1)
    )
    return asked_build(
        dockerfile, "Dockerfile", Asked(requests), example.targets, line_of=lambda path, line: names[line - 1]
    )


def _marked(text: str) -> tuple[str, list[Span]]:
    """The text without its marks, and the spans that stood between them."""
    spans: list[Span] = []
    plain, start = "", 0
    for char in text:
        if char == OPEN:
            start = len(plain)
        elif char == CLOSE:
            spans.append(Span(start, len(plain)))
        else:
            plain += char
    assert spans, f"an invalid example marks what is found with {OPEN} and {CLOSE}:\n{text}"
    return plain, spans


def _edits(findings: Sequence[Finding]) -> list[Edit]:
    return list(dict.fromkeys(edit for finding in findings if finding.fix for edit in finding.fix.edits))
