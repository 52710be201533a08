"""`lint-multistage targets`, and findings that rest on who builds what."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from lint_multistage.cli import main

DOCKERFILE = (
    "FROM golang AS build\nFROM alpine AS web\nFROM alpine AS old\nFROM alpine AS dev\nRUN true\n"
    "FROM alpine\nCOPY --from=build /a /a\n"
)
COMPOSE = (
    "services:\n  web:\n    build:\n      context: .\n      target: web\n"
    "  dev:\n    build:\n      context: .\n      target: dev\n"
)


@pytest.fixture(autouse=True)
def repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    (tmp_path / ".git").mkdir()
    (tmp_path / "app").mkdir()
    (tmp_path / "app" / "Dockerfile").write_text(DOCKERFILE)
    (tmp_path / "app" / "compose.yaml").write_text(COMPOSE)
    return tmp_path


def findings(capsys: pytest.CaptureFixture[str], *arguments: str) -> list[dict[str, Any]]:
    main(["--format", "json", *arguments])
    found: list[dict[str, Any]] = json.loads(capsys.readouterr().out)["findings"]
    return found


def test_the_table(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["targets"]) == 0
    assert capsys.readouterr().out == (
        "app/Dockerfile\n"
        "     1  build  needed\n"
        "     2  web    ships        app/compose.yaml:5 (web)\n"
        "     3  old    not needed\n"
        "     4  dev    development  app/compose.yaml:9 (dev)\n"
        "     6  #4     ships        default\n"
    )


def test_the_table_as_json(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["targets", "--format", "json"]) == 0
    (file,) = json.loads(capsys.readouterr().out)["files"]
    assert [(stage["name"], stage["state"], stage["role"]) for stage in file["stages"]] == [
        ("build", "needed", None),
        ("web", "ships", "runtime"),
        ("old", "not needed", None),
        ("dev", "built", "development"),
        (None, "ships", "runtime"),
    ]
    assert file["stages"][1]["built_by"] == [
        {"path": "app/compose.yaml", "line": 5, "kind": "compose", "name": "web", "ships": True}
    ]


def test_a_stage_that_a_compose_file_builds_is_used(capsys: pytest.CaptureFixture[str]) -> None:
    assert [(x["code"], x["stage"], x["severity"]) for x in findings(capsys)] == [("MS201", "old", "warning")]
    alone = findings(capsys, "--no-project")
    assert [(x["code"], x["stage"], x["severity"]) for x in alone] == [
        ("MS201", "web", "warning"),
        ("MS201", "old", "warning"),
        ("MS201", "dev", "info"),
    ]


def test_an_unclear_target_makes_it_an_information(repository: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (repository / "app" / "build.sh").write_text("cd app && docker build --target $1 .\n")
    (finding,) = findings(capsys)
    assert finding["severity"] == "info"
    assert finding["related"] == [{"path": "app/build.sh", "line": 1, "column": 1, "message": "this may build it"}]


def test_an_unknown_target_is_told_where_it_is_asked_for(
    repository: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    (repository / "app" / "compose.yaml").write_text(COMPOSE.replace("target: web", "target: wbe"))
    monkeypatch.chdir(repository / "app")
    first = findings(capsys)[0]
    assert (first["code"], first["path"], first["line"], first["column"], first["end_column"]) == (
        "MS202",
        "compose.yaml",
        5,
        15,
        18,
    )
    assert first["hint"] == "did you mean 'web'?"
    assert first["related"][0]["path"] == "Dockerfile"


def test_a_file_with_one_stage_reads_no_build_files(
    repository: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    (repository / "app" / "Dockerfile").write_text("FROM alpine\n")
    monkeypatch.setattr("lint_multistage.project.files.ProjectFiles.paths", lambda _: 1 / 0)
    assert findings(capsys) == []


def test_a_build_file_that_cannot_be_read_is_one_note(repository: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (repository / "other").mkdir()
    (repository / "other" / "Dockerfile").write_text(DOCKERFILE)
    (repository / "docker-compose.yml").write_text("services: [\n")
    main(["--format", "json"])
    notes = json.loads(capsys.readouterr().out)["notes"]
    assert [(note["path"], note["kind"]) for note in notes] == [("docker-compose.yml", "build-file")]
