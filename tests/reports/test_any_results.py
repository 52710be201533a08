"""Whatever a run came to, every report can tell it."""

from __future__ import annotations

import json
from typing import Any

from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from lint_multistage.findings import Failure, Finding, Fix, Note, Related, Safety, Severity
from lint_multistage.model.dockerfile import read_dockerfile
from lint_multistage.reports import concise, text
from lint_multistage.reports import json as json_report
from lint_multistage.results import PlacedFinding, Results, place
from lint_multistage.text import Edit, Source, Span

ANY = st.text(st.characters(exclude_categories=[]), max_size=30) | st.text(
    "\x1b\n\r\t \u2028\u202e\udcff日a:1", max_size=20
)
DOCKERFILES = st.lists(
    st.sampled_from(["FROM ", "RUN ", "\n", "\t", " \\\n", "a" * 90, "日本語", "\udcff", "\x1b[2J", "\r\n"])
)


@st.composite
def findings(draw: st.DrawFn) -> PlacedFinding:
    source = Source.of(draw(ANY), "".join(draw(DOCKERFILES)) + draw(ANY))
    start, end = sorted(draw(st.tuples(*[st.integers(0, len(source.text))] * 2)))
    span = Span(start, end)
    fix = Fix(draw(ANY), (Edit(span, draw(ANY)),), draw(st.sampled_from(Safety)))
    finding = Finding(
        span=span,
        message=draw(ANY),
        hint=draw(ANY),
        related=(Related(draw(ANY), span), Related(draw(ANY), None, draw(ANY), 3)),
        fix=draw(st.sampled_from([fix, None])),
        data=draw(st.dictionaries(ANY, ANY | st.lists(ANY), max_size=2)),
        code="MS999",
    )
    return place(finding, draw(ANY), draw(st.sampled_from(Severity)), draw(ANY), read_dockerfile(source))


RESULTS = st.builds(
    Results,
    files=st.lists(ANY, max_size=2).map(tuple),
    findings=st.lists(findings(), max_size=3).map(tuple),
    notes=st.lists(st.builds(Note, ANY, ANY, ANY, st.none() | st.integers(1)), max_size=2).map(tuple),
    failures=st.lists(st.builds(Failure, ANY, ANY, st.none() | ANY), max_size=2).map(tuple),
    fixed=st.integers(0, 3),
)


def printable(report: str) -> bool:
    """Whether the report holds nothing that steers a terminal, nor what UTF-8 lacks (joiners are harmless)."""
    import unicodedata

    report.encode("utf-8")
    return not any(
        unicodedata.category(char) in ("Cc", "Cf", "Zl", "Zp") for char in report if char not in "\n\u200c\u200d"
    )


@given(RESULTS, st.integers(1, 150))
def test_text(run: Results, columns: int) -> None:
    report = text.render(run, columns=columns)
    assert printable(report)
    assert report.endswith("\n")
    assert report.count(" MS999 ") >= len(run.findings)
    assert len(text.statistics(run).splitlines()) == len({(finding.code, finding.name) for finding in run.findings})


@given(RESULTS)
def test_concise(run: Results) -> None:
    report = concise.render(run)
    assert printable(report)
    assert len(report.splitlines()) == len(run.findings) + len(run.notes) + len(run.failures)


@given(RESULTS)
def test_json(run: Results) -> None:
    report = json_report.render(run)
    report.encode("utf-8")
    read: dict[str, Any] = json.loads(report)
    assert list(read) == ["version", "tool", "files", "findings", "notes", "errors"]
    assert [len(read[name]) for name in ("files", "findings", "notes", "errors")] == [
        len(run.files),
        len(run.findings),
        len(run.notes),
        len(run.failures),
    ]


@given(findings())
def test_the_carets_stay_within_the_columns(finding: PlacedFinding) -> None:
    from lint_multistage.reports.style import width

    run = Results((), (replace(finding, path="", message="", hint="", related=(), fix=None),))
    lines = text.render(run, columns=60).splitlines()
    assert all(width(line) <= 60 + (not line.strip(" │^")) for line in lines if "│" in line)
