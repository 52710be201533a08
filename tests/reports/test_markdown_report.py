"""The summary in Markdown, read as GitHub renders it."""

from __future__ import annotations

import re

from hypothesis import given
from markdown_it import MarkdownIt
from msgspec.structs import replace
from report_samples import found, results
from test_any_results import RESULTS

from lint_multistage.findings import Failure, Note, Severity
from lint_multistage.reports.markdown import render
from lint_multistage.results import Results


def rows(report: str) -> list[list[str]]:
    """The cells of the tables' bodies."""
    html = MarkdownIt("commonmark").enable("table").render(report)
    bodies = re.findall(r"<tbody>(.*?)</tbody>", html, re.DOTALL)
    return [
        re.findall(r"<td>(.*?)</td>", row, re.DOTALL)
        for body in bodies
        for row in re.findall(r"<tr>(.*?)</tr>", body, re.S)
    ]


def test_a_run() -> None:
    run = results(
        found("RUN x\nFROM «gcc:9»\n", message="it ships 'gcc'", hint="write:\n  FROM a"),
        found("FROM «a»\n", Severity.INFO),
        notes=(Note("compose.yaml", "build-file", "not read", 7),),
        failures=(Failure("broken", "failed"),),
    )
    assert render(run) == (
        "### lint-multistage: 2 findings (1 warning, 1 info) in 1 file\n"
        "\n| | Where | Finding |\n| --- | --- | --- |\n"
        "| warning | <code>Dockerfile&#58;2</code> | [MS301](https://example.org/MS301) it ships 'gcc' |\n"
        "| info | <code>Dockerfile&#58;1</code> | [MS301](https://example.org/MS301) what is wrong |\n"
        "\n<details><summary>What to write instead</summary>\n"
        "\n<code>Dockerfile&#58;2</code>\n\n```dockerfile\nwrite:\n  FROM a\n```\n\n</details>\n"
        "\n- **error**: <code>broken</code> failed\n"
        "- note: <code>compose.yaml&#58;7</code> not read\n"
    )


def test_nothing_found() -> None:
    assert render(results()) == "### lint-multistage: nothing found in 1 file\n"


def test_a_hint_is_told_once_for_all_its_places() -> None:
    finding = found("FROM «a»\n", hint="do this")
    report = render(results(finding, replace(finding, path="other")))
    assert report.count("do this") == 1
    assert "<code>Dockerfile&#58;1</code>, <code>other&#58;1</code>" in report


def test_what_markdown_would_take_for_its_own_is_text() -> None:
    finding = replace(
        found("FROM «a»\n", message="a|b `c` <img src=x> *d* @user #1 [e](f) https://x.y", hint="```\n</details>"),
        path="x|y`z/Dockerfile",
    )
    report = render(results(finding))
    ((_, where, what),) = rows(report)
    assert where == "<code>x|y`z/Dockerfile:1</code>"
    assert what.endswith("a|b `c` &lt;img src=x&gt; *d* @user #1 [e](f) https://x.y")
    assert "````dockerfile\n```\n</details>\n````\n" in report


def test_a_run_of_any_size_fits_into_a_summary() -> None:
    finding = found("FROM «a»\n", message="m" * 500, hint="h" * 500)
    many = [replace(finding, path=f"{number}/Dockerfile", hint=f"{number}" * 100) for number in range(5000)]
    notes = tuple(Note("n", "facts", "x" * 500) for _ in range(2000))
    report = render(results(*many, notes=notes))
    assert len(report.encode()) < 1024 * 1024
    assert report.startswith("### lint-multistage: 5000 findings (5000 warnings)")
    assert re.search(r"… and \d+ more\.", report)


@given(RESULTS)
def test_any_run_has_a_row_for_each_finding(run: Results) -> None:
    report = render(run)
    report.encode("utf-8")
    assert len(rows(report)) == len(run.findings)
    assert all(len(row) == 3 for row in rows(report))
