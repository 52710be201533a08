"""The engine: causes, suppressions, failing checks, order."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from lint_multistage.api import Check, Finding, Severity, Span, Survey
from lint_multistage.engine import Linted, foreign_frontend, lint
from lint_multistage.model.build import lone_build
from lint_multistage.model.dockerfile import read_dockerfile
from lint_multistage.plugins import verified
from lint_multistage.text import Source

PLUGINS = verified(())


def run(text: str, checks: tuple[type[Check], ...] = PLUGINS.checks, *, judge: tuple[str, ...] = ()) -> Linted:
    dockerfile = read_dockerfile(Source.of("Dockerfile", text))
    return lint(lone_build(dockerfile), checks, PLUGINS.facts, judge_suppressions=judge)


def codes(linted: Linted) -> list[str]:
    return [finding.code for finding in linted.findings]


class Raises(Check):
    """Raises."""

    code = "XX001"
    severity = Severity.ERROR

    def check(self, survey: Survey) -> Iterator[Finding]:
        yield Finding(span=Span(0, 1), message="one")
        raise RuntimeError("two\nlines")


def test_a_check_that_raises_is_one_failure_and_stops_no_other() -> None:
    linted = run("FROM golang\n", (Raises, *PLUGINS.checks))
    assert codes(linted) == ["MS301"]
    (failure,) = linted.failures
    assert failure.code == "XX001"
    assert failure.path == "Dockerfile"
    assert "\n" not in failure.message
    assert "RuntimeError: two" in failure.message


def test_one_cause_is_one_finding() -> None:
    assert codes(run("FROM golang AS build\nRUN go build -o /a .\nFROM alpine\n")) == ["MS401"]


def test_leaving_out_the_stronger_check_brings_the_weaker_back() -> None:
    checks = tuple(check for check in PLUGINS.checks if check.code != "MS401")
    assert codes(run("FROM golang AS build\nRUN go build -o /a .\nFROM alpine\n", checks)) == ["MS201"]


def test_suppressing_the_stronger_check_does_not_bring_the_weaker_back() -> None:
    text = "FROM golang AS build\nRUN go build -o /a .\n# lint-multistage: ignore[MS401] later\nFROM alpine\n"
    assert codes(run(text)) == []


@pytest.mark.parametrize(
    "text",
    [
        "# lint-multistage: ignore[MS301] a build image\nFROM golang\n",
        "# lint-multistage: ignore[MS3]\nFROM golang\n",
        "# lint-multistage: ignore[ms301]\n# more words\nFROM golang\n",
        "# lint-multistage: ignore[MS301,MS302]\nFROM golang\nRUN apt-get install -y gcc\nCMD app\n",
        "FROM golang\n# lint-multistage: ignore-file[MS301]\n",
        "#lint-multistage:ignore[MS301]\nFROM golang\n",
    ],
)
def test_suppressed(text: str) -> None:
    assert codes(run(text)) == []


@pytest.mark.parametrize(
    "text",
    [
        "# lint-multistage: ignore[MS302]\nFROM golang\n",
        "# lint-multistage: ignore[MS301]\n\nFROM golang\n",
        "# lint-multistage: ignore\nFROM golang\n",
        "FROM golang\n# lint-multistage: ignore[MS301]\nCMD app\n",
    ],
)
def test_not_suppressed(text: str) -> None:
    assert codes(run(text)) == ["MS301"]


def test_unused_suppressions_are_judged_only_when_asked() -> None:
    text = "# lint-multistage: ignore[MS302]\nFROM alpine\n"
    assert codes(run(text)) == []
    assert codes(run(text, judge=tuple(check.code for check in PLUGINS.checks))) == ["MS902"]


def test_findings_stand_in_file_order() -> None:
    text = "FROM golang AS a\nFROM golang AS A\nCOPY --from=9 /x /x\nCOPY --from=$X /y /y\n"
    linted = run(text)
    assert [finding.span for finding in linted.findings] == sorted(finding.span for finding in linted.findings)
    assert len(linted.findings) >= 4


def test_another_frontend_is_passed_over_with_a_note() -> None:
    linted = run("# syntax=example.com/frontend:1\nthis is something else\n")
    assert not linted.findings
    assert [note.kind for note in linted.notes] == ["template"]


@pytest.mark.parametrize(
    ("syntax", "foreign"),
    [
        ("", False),
        ("docker/dockerfile:1", False),
        ("docker.io/docker/dockerfile:1.7-labs", False),
        ("mirror.example.com/docker/dockerfile:1", False),
        ("docker/dockerfile-upstream:master", False),
        ("example.com/other:1", True),
        ("tonistiigi/dockerfile:x", True),
    ],
)
def test_frontends(syntax: str, foreign: bool) -> None:
    assert bool(foreign_frontend(syntax)) is foreign


def test_a_slip_in_from_is_one_finding_not_a_missing_copy_too() -> None:
    from lint_multistage.linting import Linter, Options
    from lint_multistage.plugins import load_plugins

    text = "FROM golang:1.26 AS builder\nRUN go build -o /app .\nFROM alpine:3\nCOPY --from=biulder /app /app\n"
    linter = Linter(load_plugins(()), Options(isolated=True, project=False))
    assert [finding.code for finding in linter.lint_text("Dockerfile", text).findings] == ["MS101"]
