"""`--baseline` and `--write-baseline`: old findings are kept back by what they speak of."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from lint_multistage.cli import main
from lint_multistage.findings import Finding, Severity
from lint_multistage.model.dockerfile import read_dockerfile
from lint_multistage.results import PlacedFinding, place
from lint_multistage.settings.baseline import baseline_text, read_baseline
from lint_multistage.text import Source, Span

BAD = 'FROM golang:1.22 AS build\nRUN go build -o /x .\n\nFROM golang:1.22\nCOPY --from=build /x /x\nCMD ["/x"]\n'


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "Dockerfile").write_text(BAD)
    return tmp_path


def lint(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str]:
    status = main(["--format", "concise", *arguments])
    captured = capsys.readouterr()
    return status, captured.out + captured.err


def test_what_is_in_the_baseline_is_no_longer_told(capsys: pytest.CaptureFixture[str], here: Path) -> None:
    assert lint(capsys)[0] == 1
    assert lint(capsys, "--write-baseline", "known.json") == (0, "Wrote 1 finding to known.json.\n")
    assert json.loads((here / "known.json").read_text()) == {
        "version": 1,
        "findings": [
            {"path": "Dockerfile", "code": "MS301", "stage": "#1", "text": "FROM golang:1.22", "count": 1},
        ],
    }
    assert lint(capsys, "--baseline", "known.json") == (0, "")
    assert main(["--baseline", "known.json"]) == 0
    assert capsys.readouterr().out == "All clear: 1 file. 1 more in the baseline.\n"


def test_edits_elsewhere_change_nothing(capsys: pytest.CaptureFixture[str], here: Path) -> None:
    lint(capsys, "--write-baseline", "known.json")
    moved = BAD.replace("FROM golang:1.22\n", "# the image\n\nFROM   golang:1.22\nRUN echo\n")
    (here / "Dockerfile").write_text(f"# syntax=docker/dockerfile:1\n{moved}")
    assert lint(capsys, "--baseline", "known.json") == (0, "")


def test_what_is_new_is_told(capsys: pytest.CaptureFixture[str], here: Path) -> None:
    lint(capsys, "--write-baseline", "known.json")
    (here / "Dockerfile").write_text(BAD + "RUN apt-get install -y gcc\n")
    status, said = lint(capsys, "--baseline", "known.json")
    assert status == 1
    assert said.startswith("Dockerfile:7:24: warning MS302 ")
    (here / "other").mkdir()
    (here / "other" / "Dockerfile").write_text(BAD)
    assert "other/Dockerfile:4:6: warning MS301" in lint(capsys, "--baseline", "known.json")[1]


def test_entries_are_used_up(capsys: pytest.CaptureFixture[str], here: Path) -> None:
    (here / "Dockerfile").write_text("FROM alpine\nRUN apk add gcc\nCMD x\n")
    lint(capsys, "--write-baseline", "known.json")
    (here / "Dockerfile").write_text("FROM alpine\nRUN apk add gcc\nRUN apk add gcc\nCMD x\n")
    status, said = lint(capsys, "--baseline", "known.json")
    assert (status, said.count("MS302")) == (1, 1)


def test_unused_entries_are_reported_where_the_run_could_have_found_them(
    capsys: pytest.CaptureFixture[str], here: Path
) -> None:
    lint(capsys, "--write-baseline", "known.json")
    (here / "Dockerfile").write_text("FROM alpine\nCMD x\n")
    note = "note: known.json: 1 entry for Dockerfile (MS301) matches nothing any more: write the baseline anew\n"
    assert lint(capsys, "--baseline", "known.json") == (0, note)
    assert lint(capsys, "--baseline", "known.json", "--select", "MS1") == (0, "")
    (here / "other.Dockerfile").write_text("FROM alpine\nCMD x\n")
    assert lint(capsys, "--baseline", "known.json", "other.Dockerfile") == (0, "")
    (here / "Dockerfile").unlink()
    assert lint(capsys, "--baseline", "known.json", "other.Dockerfile") == (0, note)


def test_the_baseline_is_found_from_its_own_folder(
    capsys: pytest.CaptureFixture[str], here: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (here / ".lint-multistage.toml").write_text('baseline = "ci/known.json"\n')
    (here / "ci").mkdir()
    (here / "deep").mkdir()
    assert lint(capsys, "--write-baseline", "ci/known.json")[0] == 0
    assert '"path":"../Dockerfile"' in (here / "ci" / "known.json").read_text()
    monkeypatch.chdir(here / "deep")
    assert lint(capsys, "../Dockerfile") == (0, "")
    assert lint(capsys, "..") == (0, "")


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (None, "cannot be read (No such file or directory); write it with --write-baseline"),
        ("[]", "is no baseline (Expected `object`, got `array`); write it anew with --write-baseline"),
        ('{"version": 2, "findings": []}', "has version 2, not 1; write it anew with --write-baseline"),
    ],
)
def test_a_baseline_that_cannot_be_used_is_told(
    capsys: pytest.CaptureFixture[str], here: Path, content: str | None, said: str
) -> None:
    if content is not None:
        (here / "known.json").write_text(content)
    assert lint(capsys, "--baseline", "known.json") == (
        2,
        f"lint-multistage: error: --baseline: known.json {said}\n",
    )


def test_fail_on_counts_what_is_left(capsys: pytest.CaptureFixture[str], here: Path) -> None:
    (here / "Dockerfile").write_text(BAD + "RUN apt-get install -y gcc\n")
    lint(capsys, "--write-baseline", "known.json", "--select", "MS301")
    assert lint(capsys, "--baseline", "known.json")[0] == 1
    assert lint(capsys, "--baseline", "known.json", "--fail-on", "error")[0] == 0
    assert lint(capsys, "--baseline", "known.json", "--exit-zero")[0] == 0


def test_a_file_that_cannot_be_written_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    status, said = lint(capsys, "--write-baseline", "no/such/folder.json")
    assert (status, said) == (
        2,
        "lint-multistage: error: --write-baseline: no/such/folder.json cannot be written: No such file or directory\n",
    )


def found(text: str) -> PlacedFinding:
    """A finding on the whole of an instruction."""
    source = Source.of("Dockerfile", text)
    finding = Finding(span=Span(0, len(text)), message="m", code="MS301")
    return place(finding, "n", Severity.WARNING, "", read_dockerfile(source))


TEXTS = st.text(st.characters(exclude_categories=[]), max_size=300)


@given(st.lists(st.builds(lambda text, path: replace(found(text), path=path or "x"), TEXTS, TEXTS), max_size=6))
def test_any_findings_come_back_from_their_baseline(findings: list[PlacedFinding]) -> None:
    import tempfile

    findings = [replace(finding, path=finding.path.replace("\0", "")) for finding in findings]
    with tempfile.TemporaryDirectory() as folder:
        path = f"{folder}/known.json"
        text = baseline_text(findings, path)
        Path(path).write_text(text, encoding="utf-8")
        baseline = read_baseline(path, "--baseline")
        assert baseline.fresh(findings) == ()
        assert baseline.unused() == []
        assert baseline_text(reversed(findings), path) == text
