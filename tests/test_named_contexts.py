"""What named contexts change in what is found, and in what a graph shows."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from lint_multistage.cli import main

BAKE = """\
target "app" {
  contexts = { %s }
}
"""


@pytest.fixture(autouse=True)
def repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / ".git").mkdir()


def write(**texts: str) -> None:
    """Write files; in their names `__` stands for `/` and `_` for `.`."""
    for name, text in texts.items():
        path = Path(name.replace("__", "/").replace("_", "."))
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)


def codes(capsys: pytest.CaptureFixture[str], *arguments: str) -> list[str]:
    main(["--format", "json", *arguments])
    return [f"{found['code']}:{found['line']}" for found in json.loads(capsys.readouterr().out)["findings"]]


def references(capsys: pytest.CaptureFixture[str], path: str) -> list[dict[str, Any]]:
    assert main(["graph", "--format", "json", path]) == 0
    found: list[dict[str, Any]] = json.loads(capsys.readouterr().out)["files"][0]["references"]
    return found


def test_what_a_context_brings_is_unknown_where_every_build_gives_it(capsys: pytest.CaptureFixture[str]) -> None:
    write(Dockerfile="FROM alpine AS conf\nFROM golang\nCOPY --from=conf /a /a\n")
    assert codes(capsys) == ["MS301:2"]
    Path("docker-bake.hcl").write_text(BAKE % '"docker.io/library/golang:latest" = "docker-image://acme/run"')
    assert codes(capsys) == []
    # Another build pulls the image.
    write(Makefile="image:\n\tdocker build .\n")
    assert codes(capsys) == ["MS301:2"]


def test_a_context_of_another_tag_replaces_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    write(Dockerfile="FROM alpine AS conf\nFROM golang:1.22\nCOPY --from=conf /a /a\n")
    Path("docker-bake.hcl").write_text(BAKE % 'golang = "docker-image://acme/run"')
    assert codes(capsys) == ["MS301:2"]


def test_each_stage_is_judged_by_the_builds_that_run_it(capsys: pytest.CaptureFixture[str]) -> None:
    write(Dockerfile="FROM golang AS base\nFROM base AS web\nCMD web\nFROM base AS api\nCMD api\n")
    Path("docker-bake.hcl").write_text(
        'target "web" {\n  target = "web"\n  contexts = { base = "docker-image://acme/run" }\n}\n'
        'target "api" {\n  target = "api"\n}\n'
    )
    assert codes(capsys) == ["MS303:4"]


def test_what_a_replaced_stage_itself_installs_is_not_found_behind_it(capsys: pytest.CaptureFixture[str]) -> None:
    write(Dockerfile="FROM debian AS root\nFROM root AS base\nRUN apt-get install -y gcc\nFROM base\nCMD app\n")
    assert codes(capsys) == ["MS303:4"]
    Path("docker-bake.hcl").write_text(BAKE % 'root = "./root"')
    assert codes(capsys) == ["MS303:4"]
    Path("docker-bake.hcl").write_text(BAKE % 'base = "./base"')
    assert codes(capsys) == []


def test_stages_that_a_replaced_stage_names_are_not_called_unused(capsys: pytest.CaptureFixture[str]) -> None:
    """Without them it could not be built by a build that gives no context."""
    write(Dockerfile="FROM alpine AS deps\nRUN true\nFROM deps AS base\nRUN true\nFROM base\nCMD app\n")
    Path("docker-bake.hcl").write_text(BAKE % 'base = "./base"')
    assert codes(capsys) == []


def test_a_later_stage_that_a_context_replaces_can_be_copied_from(capsys: pytest.CaptureFixture[str]) -> None:
    write(Dockerfile="FROM alpine AS web\nCOPY --from=conf /a /a\nFROM alpine AS conf\nFROM web\nCMD app\n")
    Path("docker-bake.hcl").write_text(BAKE % 'conf = "./conf"')
    assert codes(capsys) == []
    write(Makefile="image:\n\tdocker build .\n")
    assert codes(capsys) == ["MS103:2"]


def test_a_graph_shows_contexts_and_what_they_are_of(capsys: pytest.CaptureFixture[str]) -> None:
    # One stage: the graph shows who builds it all the same.
    write(app__Dockerfile="FROM base\nCOPY --from=src /a /a\nCOPY --from=nginx /b /b\n", base__Dockerfile="FROM a\n")
    Path("docker-bake.hcl").write_text(
        'target "base" {\n  context = "base"\n}\n'
        'target "app" {\n  context = "app"\n  contexts = { base = "target:base", src = "./lib" }\n}\n'
    )
    found = references(capsys, "app/Dockerfile")
    assert [reference["to"] for reference in found] == [{"context": "base"}, {"context": "src"}, {"image": "nginx"}]
    assert [reference.get("given") for reference in found] == [
        [{"value": "target:base", "by": "docker-bake.hcl:4", "target": {"path": "base/Dockerfile", "stage": None}}],
        [{"value": "lib", "by": "docker-bake.hcl:4", "target": None}],
        None,
    ]


def test_paths_of_a_graph_are_relative_to_the_working_directory(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    write(app__Dockerfile="FROM base\nCOPY --from=src /a /a\nFROM alpine\n", base__Dockerfile="FROM a AS b\nFROM a\n")
    write(
        compose_yaml="services:\n  base:\n    build:\n      context: base\n      target: b\n  app:\n    build:\n"
        "      context: app\n      additional_contexts: [base=service:base, src=./lib]\n"
    )
    monkeypatch.chdir("app")
    found = references(capsys, "Dockerfile")
    assert [reference.get("given") for reference in found] == [
        [{"value": "service:base", "by": "../compose.yaml:7", "target": {"path": "../base/Dockerfile", "stage": "b"}}],
        [{"value": "../lib", "by": "../compose.yaml:7", "target": None}],
        None,
    ]


def test_a_context_that_replaces_a_stage_stands_beside_it(capsys: pytest.CaptureFixture[str]) -> None:
    write(Dockerfile="FROM alpine AS base\nFROM base\n")
    Path("docker-bake.hcl").write_text(BAKE % 'base = "https://example.com/base.git"')
    found = references(capsys, "Dockerfile")[1]
    assert found["to"] == {"stage": 0}
    assert [given["value"] for given in found["given"]] == ["https://example.com/base.git"]
    assert main(["graph"]) == 0
    assert "FROM base or context https://example.com/base.git" in capsys.readouterr().out


def test_pictures_lead_from_the_stage_of_another_file(capsys: pytest.CaptureFixture[str]) -> None:
    write(app__Dockerfile="FROM base\n", base__Dockerfile="FROM a AS run\nFROM run AS test\n")
    Path("docker-bake.hcl").write_text(
        'target "base" {\n  context = "base"\n  target = "run"\n}\n'
        'target "app" {\n  context = "app"\n  contexts = { base = "target:base" }\n}\n'
    )
    assert main(["graph"]) == 0
    assert "FROM base (context target:base, stage run of base/Dockerfile)" in capsys.readouterr().out
    assert main(["graph", "--format", "mermaid"]) == 0
    chart = capsys.readouterr().out.splitlines()
    assert '    f0x0[/"base<br/>context target:base, stage run of base/Dockerfile"/]:::context' in chart
    assert "  f1s0 -.-> f0x0" in chart
    assert main(["graph", "--format", "dot"]) == 0
    assert '  f1s0 -> f0x0 [style="dashed"];' in capsys.readouterr().out.splitlines()


def test_the_arguments_of_a_build_say_which_context_is_the_base(capsys: pytest.CaptureFixture[str]) -> None:
    write(Dockerfile="ARG TAG=1.22\nARG BASE=golang:$TAG\nFROM alpine AS conf\nFROM $BASE\nCOPY --from=conf /a /a\n")
    bake = 'target "app" {\n  args = { BASE = "run" }\n  contexts = { %s }\n}\n'
    Path("docker-bake.hcl").write_text(bake % 'other = "./other"')
    assert references(capsys, "Dockerfile")[1]["to"] == {"image": "golang:1.22"}
    Path("docker-bake.hcl").write_text(bake % 'run = "docker-image://acme/run"')
    assert references(capsys, "Dockerfile")[1]["to"] == {"context": "run"}
    assert codes(capsys) == []
    write(Makefile="image:\n\tdocker build .\n")
    assert codes(capsys) == ["MS301:4"]


def test_a_base_without_a_default_is_the_context_that_a_build_names(capsys: pytest.CaptureFixture[str]) -> None:
    write(Dockerfile="ARG BASE\nFROM $BASE\n")
    Path("docker-bake.hcl").write_text('target "app" {\n  args = { BASE = "run" }\n  contexts = { run = "./run" }\n}\n')
    assert references(capsys, "Dockerfile")[0]["to"] == {"context": "run"}
    assert main(["graph"]) == 0
    assert "FROM $BASE (context run)" in capsys.readouterr().out
    assert main(["graph", "--format", "mermaid"]) == 0
    assert capsys.readouterr().out.count("f0x") == 2
