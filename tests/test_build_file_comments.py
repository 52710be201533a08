"""Comments in build files silence what is found there."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from lint_multistage.cli import main

COMPOSE = """\
services:
  web:
    build:
      context: .
      # one
      target: wbe  # two
  tool:
    build:
      # three
      dockerfile_inline: |
        FROM alpine AS build
        # four
        FROM alpine
        COPY --from=biuld /a /a
"""


@pytest.fixture(autouse=True)
def repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    (tmp_path / ".git").mkdir()
    (tmp_path / "Dockerfile").write_text("FROM alpine AS web\nFROM scratch\nCOPY --from=web /a /a\n")
    return tmp_path


def codes(capsys: pytest.CaptureFixture[str], *arguments: str) -> list[str]:
    main(["--format", "json", *arguments])
    return [finding["code"] for finding in json.loads(capsys.readouterr().out)["findings"]]


def test_without_comments(repository: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (repository / "compose.yaml").write_text(COMPOSE)
    assert codes(capsys, "compose.yaml") == ["MS202", "MS101"]


@pytest.mark.parametrize(
    ("word", "comment", "left"),
    [
        ("# one", "# lint-multistage: ignore[MS202] soon", ["MS101"]),
        ("# two", "# lint-multistage: ignore[MS2] soon", ["MS101"]),
        ("# two", "# lint-multistage: ignore[MS101] another code", ["MS202", "MS101"]),
        ("# two", "# lint-multistage: ignore-file[MS101]", ["MS202"]),
        ("# three", "# lint-multistage: ignore[MS1]", ["MS202"]),
        ("# three", "# lint-multistage: ignore-file[MS1, MS2]", []),
        # It is the inline Dockerfile's own, and says nothing of the file around it.
        ("# four", "# lint-multistage: ignore[MS101]", ["MS202"]),
        ("# four", "# lint-multistage: ignore-file[MS1, MS202]", ["MS202", "MS902"]),
    ],
)
def test_comments(
    repository: Path, capsys: pytest.CaptureFixture[str], word: str, comment: str, left: list[str]
) -> None:
    (repository / "compose.yaml").write_text(COMPOSE.replace(word, comment))
    assert codes(capsys, "compose.yaml") == left


def test_a_comment_that_silences_nothing_is_not_reported(repository: Path, capsys: pytest.CaptureFixture[str]) -> None:
    text = COMPOSE.replace("wbe", "web").replace("# one", "# lint-multistage: ignore[MS202]")
    (repository / "compose.yaml").write_text(text)
    assert codes(capsys) == []


def test_what_is_found_in_the_dockerfile_is_silenced_there(
    repository: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (repository / "Dockerfile").write_text("FROM alpine AS web\nFROM alpine AS old\nFROM scratch\n")
    (repository / "build.sh").write_text("docker build --target web . # lint-multistage: ignore-file[MS2]\n")
    assert codes(capsys) == ["MS201"]
    (repository / "Dockerfile").write_text(
        "FROM alpine AS web\nFROM scratch\nCOPY --from=web /a /a\n# lint-multistage: ignore-file[MS202]\n"
    )
    (repository / "build.sh").write_text("docker build --target wbe .\n")
    assert codes(capsys) == []


def test_a_command_that_is_continued(repository: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (repository / "Makefile").write_text(
        "image:\n\t# lint-multistage: ignore[MS202] soon\n\tdocker build \\\n\t  --target wbe \\\n\t  .\n"
        "other:\n\tdocker build --target wbe .\n"
    )
    main(["--format", "json"])
    assert [finding["line"] for finding in json.loads(capsys.readouterr().out)["findings"]] == [7]


def test_files_without_comments_are_left_out_by_the_configuration(
    repository: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (repository / "package.json").write_text('{"scripts": {"image": "docker build --target wbe ."}}\n')
    assert codes(capsys) == ["MS202"]
    assert codes(capsys, "--per-file-ignores", "package.json:MS202") == []
    assert codes(capsys, "--per-file-ignores", "*.yaml:MS202") == ["MS202"]
