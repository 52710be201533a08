"""The hooks, run by the real pre-commit and the real prek on a real repository."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
BAD = "FROM golang:1.22 AS build\nRUN go build -o /app .\nFROM alpine\nCOPY --from=0 /app /app\nCOPY --from=7 /b /b\n"
GOOD = "FROM alpine:3\nCOPY app /app\n"

HAS_GIT = shutil.which("git") is not None
pytestmark = pytest.mark.skipif(not HAS_GIT, reason="pre-commit needs git")


def git(folder: Path, *arguments: str) -> None:
    identity = ["-c", "user.name=t", "-c", "user.email=t@example.com", "-c", "protocol.file.allow=always"]
    subprocess.run(["git", *identity, *arguments], cwd=folder, check=True, capture_output=True)


@pytest.fixture(scope="module")
def hooks(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """This project as a repository of its own, as it stands."""
    folder = tmp_path_factory.mktemp("hooks")
    ignored = shutil.ignore_patterns(".git", ".venv", "*.egg-info", "__pycache__", ".*_cache", ".hypothesis", "build")
    shutil.copytree(ROOT, folder, dirs_exist_ok=True, ignore=ignored)
    git(folder, "init", "--quiet")
    git(folder, "add", "--all")
    git(folder, "commit", "--quiet", "--message=one")
    return folder


@pytest.fixture(params=["pre-commit", "prek"])
def tool(request: pytest.FixtureRequest) -> str:
    path = Path(sys.executable).parent / request.param
    if not path.exists():
        pytest.fail(f"{request.param} is not installed; the extra [test] has it")
    return str(path)


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    folder = tmp_path / "repository"
    (folder / "images").mkdir(parents=True)
    (folder / "Dockerfile").write_text(BAD)
    (folder / "images" / "good.dockerfile").write_text(GOOD)
    (folder / "images" / "Dockerfile.dockerignore").write_text("FROM nothing\n")
    git(folder, "init", "--quiet")
    return folder


def run(tool: str, repository: Path, tmp_path: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    git(repository, "add", "--all")
    home = {"PRE_COMMIT_HOME": str(tmp_path / "home"), "PREK_HOME": str(tmp_path / "home")}
    environment = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
    return subprocess.run(
        [tool, *arguments], cwd=repository, env=environment | home, capture_output=True, text=True, check=False
    )


def configuration(hooks: Path, hook: str) -> str:
    head = subprocess.run(["git", "rev-parse", "HEAD"], cwd=hooks, check=True, capture_output=True, text=True).stdout
    return (
        f"repos:\n- repo: {hooks}\n  rev: {head.strip()}\n  hooks:\n  - id: {hook}\n    args: [--format, concise]\n"
        f"    additional_dependencies: ['{hooks / 'examples' / 'plugin'}']\n"
    )


def test_the_hook_lints_with_a_plugin(tool: str, hooks: Path, repository: Path, tmp_path: Path) -> None:
    (repository / ".pre-commit-config.yaml").write_text(configuration(hooks, "lint-multistage"))
    done = run(tool, repository, tmp_path, "run", "--all-files")
    assert done.returncode == 1, done.stdout + done.stderr
    assert "Dockerfile:5:13: error MS102" in done.stdout
    assert "ACME001" in done.stdout
    assert "dockerignore" not in done.stdout
    (repository / "Dockerfile").write_text(GOOD.replace("alpine:3", "images.acme.example/base"))
    (repository / "images" / "good.dockerfile").unlink()
    done = run(tool, repository, tmp_path, "run", "--all-files")
    assert done.returncode == 0, done.stdout + done.stderr


def test_the_project_hook_runs_when_a_build_file_changes(
    tool: str, hooks: Path, repository: Path, tmp_path: Path
) -> None:
    (repository / "Dockerfile").write_text("FROM golang AS build\nFROM alpine\nCOPY --from=build /a /a\n")
    (repository / ".pre-commit-config.yaml").write_text(configuration(hooks, "lint-multistage-project"))
    (repository / "compose.yaml").write_text("services:\n  a:\n    build:\n      context: .\n      target: biuld\n")
    done = run(tool, repository, tmp_path, "run", "--files", "compose.yaml")
    assert done.returncode == 1, done.stdout + done.stderr
    assert "compose.yaml:5:15: error MS202" in done.stdout
    done = run(tool, repository, tmp_path, "run", "--files", "images/Dockerfile.dockerignore")
    assert done.returncode == 0, done.stdout + done.stderr


def test_the_fix_hook_changes_the_file(tool: str, hooks: Path, repository: Path, tmp_path: Path) -> None:
    (repository / "Dockerfile").write_text(BAD.replace("COPY --from=7 /b /b\n", ""))
    done = run(tool, repository, tmp_path, "try-repo", str(hooks), "lint-multistage-fix", "--all-files")
    assert done.returncode == 1, done.stdout + done.stderr
    assert "files were modified by this hook" in done.stdout
    assert "COPY --from=build /app /app" in (repository / "Dockerfile").read_text()
    git(repository, "add", "--all")
    done = run(tool, repository, tmp_path, "try-repo", str(hooks), "lint-multistage", "--all-files")
    assert done.returncode == 0, done.stdout + done.stderr
