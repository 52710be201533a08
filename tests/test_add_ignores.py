"""`--add-ignores`: comments that silence what is found, and nothing else changes."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lint_multistage.cli import main
from lint_multistage.ignoring import ignore_edits
from lint_multistage.linting import Linter, Options
from lint_multistage.model.dockerfile import read_dockerfile
from lint_multistage.plugins import load_plugins
from lint_multistage.text import Source, apply_edits


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def added(text: str, *arguments: str) -> str:
    Path("Dockerfile").write_bytes(text.encode("utf-8", "surrogateescape"))
    main(["--add-ignores", "--reason", "why", *arguments])
    return Path("Dockerfile").read_bytes().decode("utf-8", "surrogateescape")


def test_a_comment_stands_above_the_instruction() -> None:
    text = "# syntax=docker/dockerfile:1\n# escape=`\nFROM golang\nRUN go build `\n  # inner\n  .\nCMD x\n"
    assert added(text) == text.replace("FROM", "# lint-multistage: ignore[MS301] why\nFROM")
    assert main([]) == 0


def test_indentation_and_line_ends_are_kept() -> None:
    text = "FROM alpine AS a\r\nRUN make\r\nFROM alpine\r\n  COPY --from=a /x /x\r\n\tRUN apk add gcc\r\nCMD x"
    expected = text.replace("\tRUN", "\t# lint-multistage: ignore[MS302] why\r\n\tRUN")
    assert added(text) == expected


def test_codes_join_a_comment_that_is_there() -> None:
    text = (
        "FROM alpine AS a\nRUN make\nFROM alpine\n# lint-multistage: ignore[MS107] old\n# more\nCOPY --from=0 /x /{}\n"
    )
    # What it silences already is not written again.
    assert added(text.format("x")) == text.format("x")
    both = (
        "FROM golang AS a\nFROM alpine\n# lint-multistage: ignore[MS107] old\nCOPY --from=0 /usr/local/go /go\nCMD x\n"
    )
    assert added(both) == both.replace("[MS107]", "[MS107, MS304]")


def test_a_byte_order_mark_and_odd_bytes_survive() -> None:
    assert added("\ufeffFROM golang\nLABEL a=\udcff\n") == (
        "\ufeff# lint-multistage: ignore[MS301] why\nFROM golang\nLABEL a=\udcff\n"
    )


def test_a_second_run_changes_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    once = added("FROM golang\nRUN apt-get install -y cmake\nFROM rust\nRUN apt-get install -y gcc cmake\nCMD x\n")
    assert "Silenced" in capsys.readouterr().out
    assert added(once) == once
    assert "All clear" in capsys.readouterr().out


def test_without_a_reason_there_is_one() -> None:
    Path("Dockerfile").write_text("FROM golang\n")
    main(["--add-ignores"])
    assert Path("Dockerfile").read_text() == (
        "# lint-multistage: ignore[MS301] known when the linter was introduced\nFROM golang\n"
    )


def test_what_stands_in_a_build_file_is_left_and_told(capsys: pytest.CaptureFixture[str]) -> None:
    Path("docker-bake.hcl").write_text('target "x" { target = "nope" }\n')
    text = "FROM alpine AS a\nFROM a AS x\nCMD x\n"
    assert added(text) == text
    assert "MS202" in capsys.readouterr().out
    assert Path("docker-bake.hcl").read_text() == 'target "x" { target = "nope" }\n'


def test_a_file_that_cannot_be_written_is_told_and_the_others_are_done(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    from lint_multistage.commands import ignores

    def write(path: str, data: bytes) -> None:
        if path.startswith("a"):
            raise PermissionError(13, "Permission denied")
        Path(path).write_bytes(data)

    monkeypatch.setattr(ignores, "write", write)
    Path("a.Dockerfile").write_text("FROM golang\n")
    Path("b.Dockerfile").write_text("FROM golang\n")
    assert main(["--add-ignores"]) == 2
    assert "error: a.Dockerfile: the file cannot be written: Permission denied" in capsys.readouterr().out
    assert "ignore[MS301]" in Path("b.Dockerfile").read_text()


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--reason", "x"], "--reason goes with --add-ignores"),
        (["--add-ignores", "--fix"], "--fix and --add-ignores cannot be done in one run; do one after the other"),
        (
            ["--add-ignores", "--write-baseline", "b"],
            "--add-ignores and --write-baseline cannot be done in one run; do one after the other",
        ),
    ],
)
def test_mistakes_in_usage(capsys: pytest.CaptureFixture[str], arguments: list[str], said: str) -> None:
    assert main(arguments) == 2
    assert capsys.readouterr().err == f"lint-multistage: error: {said}\n"


LINES = st.sampled_from(
    [
        "FROM golang AS a",
        "FROM alpine AS b",
        "FROM a",
        "  FROM gcc:9",
        "RUN apt-get install -y gcc \\\n  # inner\n  make",
        "RUN <<EOF\napt-get install -y g++\nEOF",
        "COPY --from=0 /usr/local/go /usr/local/go",
        "COPY --from=7 /x /x",
        "# lint-multistage: ignore[MS302] old",
        "# lint-multistage: ignore-file[MS1]",
        "# a comment",
        "",
        "CMD x",
    ]
)
LINTER = Linter(load_plugins(()), Options(isolated=True, project=False))


@settings(deadline=None)
@given(st.lists(LINES, max_size=12), st.sampled_from(["\n", "\r\n"]), st.sampled_from(["", "# escape=\\\n", "\ufeff"]))
def test_what_can_be_silenced_is_silent_and_the_rest_is_untouched(lines: list[str], end: str, head: str) -> None:
    text = head + "".join(f"{line}{end}" for line in lines).replace("\n", end if end == "\n" else "\n")
    before = read_dockerfile(Source.of("Dockerfile", text))
    found = LINTER.run(before, LINTER.settings("Dockerfile")).findings
    edits = ignore_edits(before, found, "why")
    changed = apply_edits(text, edits)
    after = read_dockerfile(Source.of("Dockerfile", changed))
    assert [x.keyword.text for x in after.instructions()] == [x.keyword.text for x in before.instructions()]
    assert len(after.problems) == len(before.problems)
    left = LINTER.run(after, LINTER.settings("Dockerfile"))
    if not before.problems:
        assert [finding.code for finding in left.findings if finding.code != "MS902"] == []
        assert ignore_edits(after, left.findings, "why") == ()
    # Without what was inserted it is what it was.
    for edit in edits:
        changed = changed.replace(edit.text, "", 1)
    assert changed == text
