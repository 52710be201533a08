"""GitLab's code quality report, against a schema written from GitLab's documentation."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import jsonschema
from hypothesis import given
from msgspec.structs import replace
from report_samples import found, results
from test_any_results import RESULTS

from lint_multistage.findings import Failure, Note, Severity
from lint_multistage.reports.gitlab import render
from lint_multistage.results import Results

SCHEMA = json.loads((Path(__file__).parent.parent / "schemas" / "gitlab-code-quality.schema.json").read_text())


def read(run: Results) -> list[dict[str, Any]]:
    report = render(run)
    report.encode("utf-8")
    read: list[dict[str, Any]] = json.loads(report)
    jsonschema.validate(read, SCHEMA)
    return read


def test_a_finding() -> None:
    (issue,) = read(results(found("RUN x\nFROM «gcc:9»\n", message="it ships\ngcc", hint="write:\n  FROM a")))
    fingerprint = issue.pop("fingerprint")
    assert len(fingerprint) == 40
    assert issue == {
        "description": "MS301: it ships gcc",
        "check_name": "toolchain-base-image",
        "content": {"body": "it ships\ngcc\n\nwrite:\n  FROM a\n\nhttps://example.org/MS301"},
        "categories": ["Performance"],
        "severity": "major",
        "location": {"path": "Dockerfile", "lines": {"begin": 2, "end": 2}},
    }


def test_severities() -> None:
    run = results(
        *(found("FROM «a»\n", severity) for severity in (Severity.ERROR, Severity.WARNING, Severity.INFO)),
        notes=(Note("n", "facts", "note"),),
        failures=(Failure("", "failed"),),
    )
    assert [issue["severity"] for issue in read(run)] == ["critical", "major", "info", "info", "blocker"]


def test_fingerprints_tell_places_apart_and_stay_when_lines_move() -> None:
    finding = found("FROM «a»\n")
    moved = found("# a comment\n\nFROM «a»\n")
    elsewhere = replace(finding, path="other/Dockerfile")
    first, again, other = (issue["fingerprint"] for issue in read(results(finding, finding, elsewhere)))
    assert len({first, again, other}) == 3
    assert read(results(moved))[0]["fingerprint"] == first


def test_nothing_found_is_an_empty_list() -> None:
    assert render(results()) == "[]\n"


@given(RESULTS)
def test_any_run(run: Results) -> None:
    # Paths that no checkout has are not the reader's business.
    run = replace(run, findings=tuple(replace(x, path=f"a/{x.path}") for x in run.findings))
    run = replace(run, notes=tuple(replace(x, path=f"a/{x.path}") for x in run.notes))
    run = replace(run, failures=tuple(replace(x, path=f"a/{x.path}") for x in run.failures))
    issues = [x for x in json.loads(render(run)) if x["description"]]
    jsonschema.validate(issues, SCHEMA)
    fingerprints = [issue["fingerprint"] for issue in issues]
    assert len(set(fingerprints)) == len(fingerprints)
    assert len(json.loads(render(run))) >= len(run.findings)
