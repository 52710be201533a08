"""Build files as arguments: every build that they name is linted, those of inline Dockerfiles in their place."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from lint_multistage.cli import main
from lint_multistage.project.insets import inset_of
from lint_multistage.project.requests import Inline
from lint_multistage.text import Position, Source, Span

COMPOSE = """\
services:
  web:
    build:
      context: web
      target: prod
  tool:
    build:
      dockerfile_inline: |
        # syntax=docker/dockerfile:1
        FROM alpine AS build
        RUN echo $$HOME $$PATH > /a

        FROM alpine
        COPY --from=biuld /a /a
  gone:
    build: ./gone
"""


@pytest.fixture(autouse=True)
def repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    (tmp_path / ".git").mkdir()
    (tmp_path / "web").mkdir()
    (tmp_path / "web" / "Dockerfile").write_text("FROM alpine AS web\n")
    (tmp_path / "Dockerfile").write_text("FROM golang\n")
    (tmp_path / "compose.yaml").write_text(COMPOSE)
    return tmp_path


def report(capsys: pytest.CaptureFixture[str], *arguments: str) -> dict[str, Any]:
    main(["--format", "json", *arguments])
    found: dict[str, Any] = json.loads(capsys.readouterr().out)
    return found


def places(found: dict[str, Any]) -> list[tuple[str, str, int, int, int]]:
    return [(x["code"], x["path"], x["line"], x["column"], x["end_column"]) for x in found["findings"]]


def test_every_build_of_a_compose_file_is_linted(capsys: pytest.CaptureFixture[str]) -> None:
    found = report(capsys, "compose.yaml")
    assert places(found) == [
        # A file with one stage is looked at in the light of the build file, too.
        ("MS202", "compose.yaml", 5, 15, 19),
        ("MS101", "compose.yaml", 14, 21, 26),
    ]
    assert found["files"] == ["web/Dockerfile", "compose.yaml"]
    assert [(note["line"], note["message"]) for note in found["notes"]] == [
        (16, "the build of 'gone' is not looked at: there is no file gone/Dockerfile")
    ]


def test_bake_files_of_any_name_are_read(repository: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (repository / "compose.yaml").unlink()
    (repository / "images.hcl").write_text(
        'target "a" {\n  context = "web"\n  target = "none"\n}\n'
        'target "b" {\n  dockerfile-inline = <<-EOT\n    FROM golang:1.22\n  EOT\n}\n'
        'target "c" {\n  dockerfile-inline = "FROM rust:1.80\\nCMD app\\n"\n}\n'
    )
    assert places(report(capsys, "images.hcl")) == [
        ("MS202", "images.hcl", 3, 13, 17),
        ("MS301", "images.hcl", 7, 10, 21),
        ("MS301", "images.hcl", 11, 3, 50),
    ]


def test_without_the_project_only_named_build_files_count(repository: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (repository / "compose.yaml").unlink()
    (repository / "web" / "Dockerfile").write_text("FROM alpine AS one\nFROM alpine AS two\nFROM alpine\n")
    (repository / "docker-bake.hcl").write_text('target "a" {\n  context = "web"\n  target = "one"\n}\n')
    (repository / "Makefile").write_text("all:\n\tdocker build --target two web\n")

    def unused(*arguments: str) -> list[int]:
        return [line for code, _, line, _, _ in places(report(capsys, *arguments)) if code == "MS201"]

    assert unused("docker-bake.hcl") == []
    assert unused("--no-project", "docker-bake.hcl") == [2]
    assert unused("--no-project", "docker-bake.hcl", "Makefile") == []
    assert unused("--no-project", "web") == [1, 2]


def test_a_build_file_and_its_dockerfile_are_one_file(capsys: pytest.CaptureFixture[str]) -> None:
    assert report(capsys, "web/Dockerfile", "compose.yaml", "web")["files"] == ["web/Dockerfile", "compose.yaml"]


@pytest.mark.parametrize(
    ("name", "text", "message"),
    [
        ("bad.yaml", "a: [", "no YAML: did not find expected node content in line 2"),
        ("bad.hcl", 'target "a" {', "no HCL: it cannot be read in line 1"),
        ("docker-compose.yml", "a\0b", "not read: it is no text"),
    ],
)
def test_a_named_build_file_that_cannot_be_read_is_a_failure(
    repository: Path, capsys: pytest.CaptureFixture[str], name: str, text: str, message: str
) -> None:
    (repository / name).write_text(text)
    assert main(["--format", "concise", name]) == 2
    assert f"{name}: error: {message}" in capsys.readouterr().out.replace("error: " + name, name + ": error")


def test_a_named_file_without_builds_gives_a_note(repository: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (repository / "values.yaml").write_text("a: 1\n")
    found = report(capsys, "values.yaml")
    assert [note["message"] for note in found["notes"]] == ["it names no build of a Dockerfile"]
    assert not found["errors"]


def test_a_named_file_outside_the_root_is_a_failure(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--project-root", "web", "compose.yaml"]) == 2
    assert "lies outside the project root" in capsys.readouterr().out


def test_comments_in_an_inline_dockerfile_silence(repository: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (repository / "compose.yaml").write_text(
        COMPOSE.replace("        COPY", "        # lint-multistage: ignore[MS101] it is there\n        COPY")
    )
    assert [code for code, *_ in places(report(capsys, "compose.yaml"))] == ["MS202"]


def test_fixes_never_touch_a_build_file(repository: Path, capsys: pytest.CaptureFixture[str]) -> None:
    text = "services:\n  a:\n    build:\n      dockerfile_inline: |\n        FROM alpine AS a\n        FROM alpine\n"
    text += "        COPY --from=0 /a /a\n"
    (repository / "compose.yaml").write_text(text)
    found = report(capsys, "--fix", "compose.yaml")
    assert (repository / "compose.yaml").read_text() == text
    assert [(x["code"], x["fix"]) for x in found["findings"]] == [("MS107", None)]


def test_targets_follows_build_files(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["targets", "compose.yaml"]) == 0
    shown = capsys.readouterr()
    assert "no stage 'prod', asked for by compose.yaml:5" in shown.out
    assert "compose.yaml:9: note: an inline Dockerfile is not drawn" in shown.err


@pytest.mark.parametrize(
    ("text", "own", "line", "word", "place"),
    [
        ("a: |\n    FROM a\n    RUN x\n", "FROM a\nRUN x\n", 2, "x", Position(3, 9)),
        ("a: |\n  FROM a\n\n  RUN x\n", "FROM a\n\nRUN x\n", 2, "x", Position(4, 7)),
        ("a: |\n  RUN $$a $$b c\n", "RUN $a $b c\n", 2, "c", Position(2, 15)),
        ("a: |\n  RUN ${A:-x} c\n", "RUN x c\n", 2, "c", Position(2, 3)),
        ("a: FROM a\n", "FROM a", 1, "a", Position(1, 9)),
        ('a: "FROM a\\nRUN x"\n', "FROM a\nRUN x", 1, "x", Position(1, 1)),
        ("a: >\n  FROM a\n\n  RUN x\n", "FROM a\nRUN x\n", 2, "x", Position(2, 3)),
        ("a: |\r\n  FROM a\r\n", "FROM a\n", 2, "a", Position(2, 8)),
    ],
)
def test_where_a_word_stands_in_the_file(text: str, own: str, line: int, word: str, place: Position) -> None:
    source = Source.of("x.yaml", own, inset_of(Inline(own, "x.yaml", line), text))
    at = own.rindex(word)
    assert source.in_file(Span(at, at + 1).start) == place
