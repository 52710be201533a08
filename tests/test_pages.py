"""What the pages say is true: commands run, examples are the files that they come from, configurations are read."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any

import pytest
import yaml
from jsonschema import Draft202012Validator

from lint_multistage.cli import main
from lint_multistage.reports import NAMES
from lint_multistage.settings.described import KEYS
from lint_multistage.settings.keys import read_value

ROOT = Path(__file__).parent.parent
DOCS = ROOT / "docs"
BIN = Path(sys.executable).parent
PAGES = sorted(path.name for path in DOCS.glob("*.md"))
BLOCK = re.compile(r"^```(\w+)\n(.*?)^```", re.DOTALL | re.MULTILINE)
FROM_FILE = re.compile(r"^<!-- file: (\S+) -->\n```\w*\n(.*?)^```", re.DOTALL | re.MULTILINE)


def text(page: str) -> str:
    return (DOCS / page).read_text(encoding="utf-8")


def blocks(page: str, language: str) -> list[str]:
    return [body for found, body in BLOCK.findall(text(page)) if found == language]


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    """A repository with a Dockerfile in its working directory, one that is at fault, and a branch on its server."""
    git = ["git", "-c", "user.name=t", "-c", "user.email=t@example.com"]
    shutil.copytree(ROOT / "examples" / "c", tmp_path / "c")
    shutil.copy(ROOT / "examples" / "c" / "after" / "Dockerfile", tmp_path)
    for arguments in (
        ["init", "--quiet"],
        ["add", "--all"],
        ["commit", "--quiet", "--message=one"],
        ["update-ref", "refs/remotes/origin/main", "HEAD"],
    ):
        subprocess.run([*git, *arguments], cwd=tmp_path, check=True)
    return tmp_path


@pytest.mark.skipif(shutil.which("git") is None, reason="a page asks git for changes")
@pytest.mark.parametrize("page", PAGES)
def test_commands_run(page: str, repository: Path) -> None:
    environment = {**os.environ, "PATH": f"{BIN}:{os.environ['PATH']}"}
    for block in blocks(page, "console"):
        for line in block.splitlines():
            command = line.removeprefix("$ ")
            # Installing is tested with the README.
            if command.startswith(("git clone", "pip install")):
                continue
            assert "lint-multistage" in command
            done = subprocess.run(
                ["bash", "-c", command], cwd=repository, env=environment, capture_output=True, text=True, check=False
            )
            assert done.returncode in (0, 1), f"{command}: {done.stderr}"
            assert "Traceback" not in done.stderr


@pytest.mark.parametrize("page", PAGES)
def test_what_comes_from_a_file_is_that_file(page: str) -> None:
    for name, body in FROM_FILE.findall(text(page)):
        assert (ROOT / name).read_text(encoding="utf-8") == body, f"{page} shows another {name}"


@pytest.mark.parametrize("page", ["adoption.md", "configuration.md", "judging.md"])
def test_configurations_are_read(page: str) -> None:
    found = blocks(page, "toml")
    assert found
    for block in found:
        table = tomllib.loads(block)
        for key, value in table.get("tool", {}).get("lint-multistage", table).items():
            read_value(key, value, page, text=False)


def test_every_page_is_in_the_site() -> None:
    navigation = yaml.safe_load((ROOT / "mkdocs.yml").read_text(encoding="utf-8"))["nav"]
    named = {path for entry in navigation for path in ([entry] if isinstance(entry, str) else entry.values())}
    assert named == {*PAGES, "checks/README.md"}


def test_the_page_of_ci_uses_inputs_that_the_action_has() -> None:
    inputs = yaml.safe_load((ROOT / "action.yml").read_text(encoding="utf-8"))["inputs"]
    listed = re.findall(
        r"^\| `([\w-]+)` \|", text("ci.md").partition("| input |")[2].partition("\n\n")[0], re.MULTILINE
    )
    assert listed == list(inputs)
    used = 0
    for block in blocks("ci.md", "yaml"):
        for job in (yaml.safe_load(block).get("jobs") or {}).values():
            for step in job["steps"]:
                if step.get("uses", "").startswith("lint-multistage/"):
                    assert set(step.get("with", {})) <= set(inputs)
                    used += 1
    assert used


def test_the_page_of_ci_lists_every_report() -> None:
    rows = text("ci.md").partition("| report |")[2].partition("\n\n")[0]
    assert sorted(re.findall(r"`(\w+)`(?=[^|]*\|[^|]*\|$)", rows, re.MULTILINE)) == sorted(NAMES)


def test_the_command_for_jenkins_runs(repository: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(repository)
    (command,) = re.findall(r"sh 'lint-multistage ([^']+)'", text("ci.md"))
    assert main(command.split()) == 0
    assert Path("lint-multistage.xml").exists()


SCHEMA = json.loads((DOCS / "report.schema.json").read_text(encoding="utf-8"))


@pytest.mark.parametrize(
    "dockerfile",
    [
        "FROM alpine:3\n",
        "FROM gcc:13\nRUN gcc -o /a a.c\n",
        "FROM golang AS build\nFROM scratch\nCOPY --from=0 /a /a\n",
        "FROM alpine AS a\nFROM alpine AS a\nCOPY --from=7 /a /a\n",
        "RUN echo\n",
    ],
)
def test_reports_fit_the_schema(
    dockerfile: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("Dockerfile").write_text(dockerfile)
    Path("compose.yaml").write_text("services: [\n")
    main(["--format", "json", "--target", "absent", "Dockerfile"])
    document: dict[str, Any] = json.loads(capsys.readouterr().out)
    Draft202012Validator(SCHEMA).validate(document)
    assert document["errors"]
    broken = {**document, "errors": [{"path": 1}]}
    assert not Draft202012Validator(SCHEMA).is_valid(broken)
    for finding in document["findings"]:
        assert set(finding) == set(SCHEMA["$defs"]["PlacedFinding"]["properties"])


PEERS = {name: BIN / name for name in ("hadolint", "tally")}
SECTION = re.compile(r"^## (.*?)\n(.*?)^\|---\|---\|---\|\n\| (.*?) \| (.*?) \| \[(\w+)\]", re.DOTALL | re.MULTILINE)
# Rules that tally has for nearly every file, as the page says.
EVERYWHERE = re.compile(r"hadolint/DL3057|tally/(newline-.*|prefer-.*)")


@pytest.mark.skipif(not all(path.exists() for path in PEERS.values()), reason="the extra [dev] has hadolint and tally")
@pytest.mark.parametrize("section", SECTION.findall(text("comparison.md")), ids=lambda section: section[0])
def test_the_comparison_is_true(section: tuple[str, ...], tmp_path: Path) -> None:
    _, body, hadolint, tally, ours = section
    (tmp_path / ".git").mkdir()
    for language, content in BLOCK.findall(body):
        (tmp_path / {"dockerfile": "Dockerfile", "yaml": "compose.yaml"}[language]).write_text(content)

    def said(*command: object) -> Any:
        done = subprocess.run([str(word) for word in command], cwd=tmp_path, capture_output=True, text=True)
        return json.loads(done.stdout)

    peer = {finding["code"] for finding in said(PEERS["hadolint"], "--format", "json", "Dockerfile")}
    assert peer == set(re.findall(r"\w+", hadolint))
    report = said(PEERS["tally"], "lint", "--no-config", "--slow-checks", "off", "--format", "json", "Dockerfile")
    rules = {violation["rule"] for file in report["files"] for violation in file["violations"]}
    assert {rule for rule in rules if not EVERYWHERE.fullmatch(rule)} == set(re.findall(r"`(.*?)`", tally))
    names = [path.name for path in tmp_path.iterdir() if path.is_file()]
    assert {finding["code"] for finding in said(BIN / "lint-multistage", "--format", "json", *names)["findings"]} == {
        ours
    }


def test_settings_are_linked_from_the_configuration() -> None:
    assert "(settings.md)" in text("configuration.md")
    assert all(f"## {described.key}\n" in text("settings.md") for described in KEYS)
