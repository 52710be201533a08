from __future__ import annotations

import re

import pytest
from hypothesis import given
from msgspec.structs import replace
from report_samples import found, results
from test_any_results import RESULTS

from lint_multistage.findings import Failure, Note, Severity
from lint_multistage.reports.github import render
from lint_multistage.results import Results

COMMAND = re.compile(r"::(error|warning|notice) ((?:\w+=[^:,%\r\n]*(?:%(?:25|0A|0D|3A|2C)[^:,%\r\n]*)*,?)*)::(.*)")


def read(line: str) -> tuple[str, dict[str, str], str]:
    """A line as the runner of GitHub Actions reads it: the command, its properties and its message."""
    match = COMMAND.fullmatch(line)
    assert match, line
    properties = dict(part.split("=", 1) for part in match[2].split(",")) if match[2] else {}
    return match[1], {key: unescaped(value) for key, value in properties.items()}, unescaped(match[3])


def unescaped(text: str) -> str:
    for code, char in (("%3A", ":"), ("%2C", ","), ("%0D", "\r"), ("%0A", "\n"), ("%25", "%")):
        text = text.replace(code, char)
    return text


def test_a_finding() -> None:
    finding = found("RUN x\nFROM «gcc:9»\n", message="it ships gcc", hint="write two stages:\n  FROM a")
    assert render(results(finding)) == (
        "::warning file=Dockerfile,line=2,col=6,endLine=2,endColumn=11,title=MS301 toolchain-base-image"
        "::it ships gcc%0Awrite two stages:%0A  FROM a\n"
    )


@pytest.mark.parametrize(
    ("severity", "command"),
    [(Severity.ERROR, "error"), (Severity.WARNING, "warning"), (Severity.INFO, "notice")],
)
def test_severities(severity: Severity, command: str) -> None:
    assert render(results(found("FROM «a»\n", severity))).startswith(f"::{command} ")


def test_columns_only_within_one_line() -> None:
    _, properties, _ = read(render(results(found("FROM «a\nRUN b»\n"))).rstrip("\n"))
    assert properties == {"file": "Dockerfile", "line": "1", "endLine": "2", "title": "MS301 toolchain-base-image"}


def test_notes_and_failures() -> None:
    run = results(
        notes=(Note("a", "facts", "n: 1"), Note("b", "template", "m", 3)),
        failures=(Failure("c", "f"), Failure("", "g", "MS301")),
    )
    assert render(run).splitlines() == [
        "::error file=c,title=lint-multistage::f",
        "::error title=lint-multistage MS301::g",
        "::notice file=a,title=lint-multistage::n: 1",
        "::notice file=b,line=3,title=lint-multistage::m",
    ]


def test_what_would_end_a_property_or_the_message_is_escaped() -> None:
    finding = replace(
        found("FROM «a»\n", message="100% sure\r\n::error::no", hint=""), path="a,b=1::c%2C/Dockerfile", name="x:y,z"
    )
    report = render(results(finding))
    assert report.count("\n") == 1
    assert "file=a%2Cb=1%3A%3Ac%252C/Dockerfile,line=" in report
    assert report.endswith(",title=MS301 x%3Ay%2Cz::100%25 sure%0D%0A::error::no\n")
    command, properties, message = read(report.rstrip("\n"))
    assert (command, properties["file"], properties["title"], message) == (
        "warning",
        "a,b=1::c%2C/Dockerfile",
        "MS301 x:y,z",
        "100% sure\r\n::error::no",
    )


def test_nothing_to_say_is_nothing() -> None:
    assert render(results()) == ""


def test_findings_of_one_file_are_a_group() -> None:
    finding = found("FROM «a»\n")
    other = replace(finding, path="b/Dockerfile")
    lines = render(results(finding, finding, other)).splitlines()
    assert lines[0] == "::group::Dockerfile: 2 findings"
    assert [line.partition(" ")[0] for line in lines[1:]] == ["::warning", "::warning", "::endgroup::", "::warning"]


def test_what_github_would_not_annotate_is_told_in_the_log() -> None:
    warning, error = (
        found("FROM «a»\n", hint="h", message="what is ##[error] wrong"),
        found("FROM «a»\n", Severity.ERROR),
    )
    run = results(*[warning] * 12, error, failures=(Failure("c", "f"),) * 10)
    lines = render(run).splitlines()
    assert sum(line.startswith("::warning ") for line in lines) == 10
    assert lines[-4:] == [
        "warning: Dockerfile:1:6: MS301 what is ## [error] wrong",
        "warning: Dockerfile:1:6: MS301 what is ## [error] wrong",
        "error: Dockerfile:1:6: MS301 what is wrong",
        "::endgroup::",
    ]


@given(RESULTS)
def test_any_run_is_one_command_a_line(run: Results) -> None:
    report = render(run)
    report.encode("utf-8")
    lines = [line for line in report.splitlines() if not line.startswith(("::group::", "::endgroup::"))]
    assert len(lines) == len(run.findings) + len(run.notes) + len(run.failures)
    commands = [read(line)[0] for line in lines]
    assert commands[: len(run.failures)] == ["error"] * len(run.failures)
    assert commands[len(commands) - len(run.notes) :] == ["notice"] * len(run.notes)
