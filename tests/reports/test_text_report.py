from __future__ import annotations

from typing import Any

import pytest
from msgspec.structs import replace
from report_samples import found, marked, results

from lint_multistage.findings import Failure, Fix, Note, Related, Safety, Severity
from lint_multistage.reports.text import render, statistics
from lint_multistage.text import Edit, Span

CLEAN = "FROM «alpine»\n"


def block(text: str, columns: int = 120, **fields: Any) -> str:
    """What is printed for one finding."""
    return render(results(found(text, **fields)), columns=columns).split("\n\nFound")[0]


def test_a_whole_report() -> None:
    source, span = marked("FROM golang AS build\nFROM scratch\nCOPY --from=«biuld» /app /app\n")
    error = found(
        "FROM golang AS build\nFROM scratch\nCOPY --from=«biuld» /app /app\n",
        Severity.ERROR,
        code="MS102",
        message="there is no stage 'biuld'",
        hint="write --from=build",
        related=(Related("stage 'build' starts here", Span(15, 20)), Related("built here", None, "compose.yaml", 7)),
        fix=Fix("Replace 'biuld' by 'build'", (Edit(span, "build"),), Safety.SAFE),
    )
    warning = replace(found("FROM «gcc:9»\n", message="the shipped stage carries gcc"), path="c/Dockerfile")
    report = render(
        results(
            error,
            warning,
            files=("Dockerfile", "b/Dockerfile", "c/Dockerfile"),
            notes=(
                Note("compose.yaml", "build-file", "'x' cannot be read", 3),
                Note("a.in", "template", "passed over"),
            ),
            failures=(Failure("d/Dockerfile", "permission denied"),),
        )
    )
    assert source.path == "Dockerfile"
    assert (
        report
        == """\
Dockerfile:3:13 MS102 [*] error: there is no stage 'biuld'
   3 │ COPY --from=biuld /app /app
     │             ^^^^^
     hint: write --from=build
     see Dockerfile:1: stage 'build' starts here
     see compose.yaml:7: built here

c/Dockerfile:1:6 MS301 the shipped stage carries gcc
   1 │ FROM gcc:9
     │      ^^^^^

note: compose.yaml:3: 'x' cannot be read
note: a.in: passed over

error: d/Dockerfile: permission denied

[*] 1 fixable with --fix
Found 2 findings (1 error, 1 warning) in 2 of 3 files. Not everything could be done: 1 failure.
"""
    )


@pytest.mark.parametrize(
    ("run", "closing"),
    [
        (results(files=tuple("abcde")), "All clear: 5 files."),
        (results(), "All clear: 1 file."),
        (results(files=()), "No files to lint."),
        (results(fixed=2), "Fixed 2 findings. All clear: 1 file."),
        (results(found(CLEAN), fixed=1), "Fixed 1 finding. Left: 1 finding (1 warning) in 1 file."),
        (results(found(CLEAN, Severity.INFO), found(CLEAN)), "Found 2 findings (1 warning, 1 info) in 1 file."),
        (results(found(CLEAN), files=("a", "b")), "Found 1 finding (1 warning) in 1 of 3 files."),
        (
            results(failures=(Failure("a", "x"), Failure("b", "y"))),
            "No findings in 1 file. Not everything could be done: 2 failures.",
        ),
    ],
)
def test_closing_line(run: object, closing: str) -> None:
    assert render(run).splitlines()[-1] == closing  # type: ignore[arg-type]


def test_infos_and_errors_are_named_warnings_are_not() -> None:
    heads = [block(CLEAN, severity=severity).splitlines()[0] for severity in Severity]
    assert heads == [
        "Dockerfile:1:6 MS301 info: what is wrong",
        "Dockerfile:1:6 MS301 what is wrong",
        "Dockerfile:1:6 MS301 error: what is wrong",
    ]


def test_unsafe_fixes_are_marked_otherwise_and_display_fixes_are_shown() -> None:
    fixes = {safety: Fix("Do it", (Edit(Span(0, 0), "FROM x\nRUN y\n"),), safety) for safety in Safety}
    report = render(
        results(*(found(CLEAN, fix=fixes[safety]) for safety in Safety), found(CLEAN, fix=fixes[Safety.SAFE]))
    )
    lines = report.splitlines()
    assert [line.split(" what")[0] for line in lines if line.startswith("Dockerfile")] == [
        "Dockerfile:1:6 MS301 [*]",
        "Dockerfile:1:6 MS301 [~]",
        "Dockerfile:1:6 MS301",
        "Dockerfile:1:6 MS301 [*]",
    ]
    assert "     suggestion: Do it\n         FROM x\n         RUN y\n" in report
    assert lines[-3:-1] == ["[*] 2 fixable with --fix", "[~] 1 more with --fix --unsafe-fixes"]
    only_unsafe = render(results(found(CLEAN, fix=fixes[Safety.UNSAFE])))
    assert "[~] 1 with --fix --unsafe-fixes\n" in only_unsafe


def test_a_hint_of_several_lines_is_ready_to_be_copied() -> None:
    hint = "ship only the program:\n\n    FROM alpine\n    RUN a && \\\n      b\n"
    assert block(CLEAN, hint=hint).split("^^^^^^\n")[1] == (
        "     hint: ship only the program:\n\n         FROM alpine\n         RUN a && \\\n           b"
    )


def test_carets_stand_under_what_is_printed() -> None:
    assert block("FROM\t«alpine»\n").splitlines()[1:] == ["   1 │ FROM    alpine", "     │         ^^^^^^"]
    assert block("FROM x\nRUN 日本 «語e\u0301» z\n").splitlines()[1:] == [
        "   2 │ RUN 日本 語e\u0301 z",
        "     │          ^^^",
    ]
    assert block("FROM x\nRUN \udcff«\udcfe»\n").splitlines()[1:] == ["   2 │ RUN ��", "     │      ^"]
    assert block("\ufeffFROM «alpine»\r\n").splitlines()[1:] == ["   1 │ FROM alpine", "     │      ^^^^^^"]


def test_an_empty_span_has_one_caret() -> None:
    assert block("«»\n").splitlines()[1:] == ["   1 │", "     │ ^"]
    assert block("FROM x«»\n").splitlines()[1:] == ["   1 │ FROM x", "     │       ^"]


def test_spans_of_many_lines_show_three() -> None:
    assert block("FROM x\nRUN «a \\\n  b \\\n\n  c \\\n  d»\n").splitlines()[1:] == [
        "   2 │ RUN a \\",
        "     │     ^^^",
        "   3 │   b \\",
        "     │   ^^^",
        "   4 │",
        "     ┆",
    ]
    assert block("FROM «x\n  y» z\n").splitlines()[1:] == [
        "   1 │ FROM x",
        "     │      ^",
        "   2 │   y z",
        "     │   ^",
    ]


def test_a_span_that_ends_with_a_line_break_shows_no_line_after_it() -> None:
    assert block("«FROM x\n»RUN y\n").splitlines()[1:] == ["   1 │ FROM x", "     │ ^^^^^^"]


@pytest.mark.parametrize("before", [0, 10, 200])
@pytest.mark.parametrize("after", [0, 10, 200])
def test_long_lines_are_cut_around_the_span(before: int, after: int) -> None:
    _, source, carets = block(f"RUN {'a' * before}«SPAN»{'z' * after}\n", columns=60).splitlines()
    assert max(len(source), len(carets)) <= 60
    assert source[carets.index("^") : carets.rindex("^") + 1] == "SPAN"
    assert (source[7] == "…") == (before == 200)
    assert source.endswith("…") == (after == 200)


def test_a_span_longer_than_a_line_shows_its_start() -> None:
    _, source, carets = block(f"RUN {'a' * 100}«{'b' * 300}»\n", columns=60).splitlines()
    assert source[carets.index("^") :].startswith("bbbb")
    assert len(carets) <= 60


def test_nothing_that_is_printed_steers_the_terminal() -> None:
    evil = "\x1b[31m\x07\x9b2J\u202e\u2028\r"
    finding = found(
        f"FROM «x{evil}»\n",
        message=f"m{evil}\nn",
        hint=f"h{evil}\ti",
        related=(Related(f"r{evil}", None, f"p{evil}", 1),),
    )
    report = render(
        results(
            replace(finding, path=f"p{evil}"),
            files=(f"p{evil}",),
            notes=(Note(f"n{evil}", "facts", evil),),
            failures=(Failure(evil, evil),),
        )
    )
    assert all(char.isprintable() or char == "\n" for char in report)
    assert "FROM x␛[31m␇" in report


def test_colour_changes_nothing_else() -> None:
    import re

    run = results(
        found("FROM «gcc»\n", hint="a\n b", severity=Severity.ERROR), notes=(Note("p", "facts", "m"),), fixed=1
    )
    coloured = render(run, colour=True)
    assert "\x1b[" in coloured
    assert re.sub(r"\x1b\[[0-9;]*m", "", coloured) == render(run)


def test_statistics_count_codes_most_often_first() -> None:
    run = results(
        *[replace(found(CLEAN), code="MS302", name="toolchain-package")] * 2,
        *[replace(found(CLEAN), code="MS102", name="unknown-stage")] * 2,
        *[found(CLEAN)] * 10,
    )
    table = "10  MS301  toolchain-base-image\n 2  MS102  unknown-stage\n 2  MS302  toolchain-package\n"
    assert statistics(run) == table
    assert render(run, statistics=True) == f"{table}\nFound 14 findings (14 warnings) in 1 file.\n"
    assert statistics(results()) == ""
    assert render(results(), statistics=True) == "All clear: 1 file.\n"
