from __future__ import annotations

import re

from msgspec.structs import replace
from report_samples import found, results

from lint_multistage.findings import Failure, Note, Severity
from lint_multistage.reports.concise import render


def test_one_line_a_finding() -> None:
    run = results(
        found("FROM «gcc:9»\n", Severity.ERROR, message="carries\n\tgcc", hint="a hint\nof two lines"),
        replace(found("FROM a\nFROM «b»\n"), path="x y/Dockerfile"),
    )
    assert render(run) == ("Dockerfile:1:6: error MS301 carries gcc\nx y/Dockerfile:2:6: warning MS301 what is wrong\n")


def test_notes_and_failures_are_shown_but_are_no_findings_to_a_parser() -> None:
    run = results(
        notes=(Note("compose.yaml", "build-file", "see compose.yaml:7:3: no such stage", 7), Note("a", "facts", "b")),
        failures=(Failure("Dockerfile", "permission denied"), Failure("", "bake.hcl:3: odd")),
    )
    report = render(run)
    assert report == (
        "note: compose.yaml (line 7): see compose.yaml: 7: 3: no such stage\n"
        "note: a: b\n"
        "error: Dockerfile: permission denied\n"
        "error: bake.hcl: 3: odd\n"
    )
    assert not re.search(r"^.+?:[0-9]+:", report, re.MULTILINE)


def test_nothing_to_say() -> None:
    assert render(results()) == ""
