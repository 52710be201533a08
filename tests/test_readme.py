"""What the README says is true: its commands run, and print what it shows.

With UPDATE_README=1 in the environment the output that it shows is written anew.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")
CONSOLE = re.compile(r"```console\n(.*?)```", re.DOTALL)
URL = "https://github.com/lint-multistage/lint-multistage"


def commands() -> list[tuple[str, str]]:
    """Each command with the output that is shown below it."""
    found = []
    for block in CONSOLE.findall(README):
        for part in re.split(r"^\$ ", block, flags=re.MULTILINE)[1:]:
            command, _, output = part.partition("\n")
            found.append((command, output.rstrip("\n")))
    return found


@pytest.fixture(scope="module")
def clone(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A fresh clone in which `make demo` has run."""
    folder = tmp_path_factory.mktemp("clone") / "lint-multistage"
    ignored = shutil.ignore_patterns(".git", ".venv", "*.egg-info", "__pycache__", ".*_cache", ".hypothesis", "build")
    shutil.copytree(ROOT, folder, ignore=ignored)
    (folder / ".git").mkdir()
    done = subprocess.run(["make", "demo"], cwd=folder, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "MS301" in done.stdout
    return folder


def run(command: str, clone: Path) -> subprocess.CompletedProcess[str]:
    path = f"{clone / '.venv' / 'bin'}:{os.environ['PATH']}"
    environment = {**os.environ, "PATH": path, "NO_COLOR": "1"}
    return subprocess.run(command, shell=True, cwd=clone, env=environment, capture_output=True, text=True)


def test_install(clone: Path, tmp_path: Path) -> None:
    """Cloned and installed as written, with the clone at hand for the one on the network."""
    steps = [command for command, _ in commands() if command.startswith(("git ", "pip "))]
    assert steps == [f"git clone {URL}", "pip install ./lint-multistage"]
    subprocess.run(["python3", "-m", "venv", tmp_path / "env"], check=True)
    subprocess.run(
        [tmp_path / "env" / "bin" / "pip", "install", "--quiet", "./lint-multistage"], cwd=clone.parent, check=True
    )
    program = tmp_path / "env" / "bin" / "lint-multistage"
    (tmp_path / "Dockerfile").write_text("FROM gcc:9.4\n")
    done = subprocess.run([program], cwd=tmp_path, capture_output=True, text=True)
    assert done.returncode == 1
    assert "MS301" in done.stdout


@pytest.mark.parametrize(
    ("command", "output"), [x for x in commands() if x[0].startswith("lint-multistage")], ids=lambda x: x[:60]
)
def test_command(command: str, output: str, clone: Path) -> None:
    shutil.copy(clone / "examples" / "c" / "after" / "Dockerfile", clone / "Dockerfile")
    done = run(command, clone)
    assert done.returncode in (0, 1), done.stderr
    assert "Traceback" not in done.stderr
    if output and os.environ.get("UPDATE_README"):
        text = (ROOT / "README.md").read_text(encoding="utf-8")
        new = f"$ {command}\n{done.stdout.rstrip()}\n```"
        (ROOT / "README.md").write_text(text.replace(f"$ {command}\n{output}\n```", new), encoding="utf-8")
    elif output:
        assert done.stdout.rstrip("\n") == output


def test_make_targets_are_there() -> None:
    makefile = (ROOT / "Makefile").read_text()
    targets = re.findall(r"`make (\w+)`", README)
    assert {"demo", "test", "check"} <= set(targets)
    for target in targets:
        assert re.search(rf"^{target}:", makefile, re.MULTILINE)


@pytest.mark.parametrize(
    "page", ["README.md", "CONTRIBUTING.md", *sorted(f"docs/{path.name}" for path in (ROOT / "docs").glob("*.md"))]
)
def test_links_lead_somewhere(page: str) -> None:
    path = ROOT / page
    for target in re.findall(r"\]\(([^)#]+)", path.read_text(encoding="utf-8")):
        if "://" not in target:
            assert (path.parent / target).exists(), target
