"""`lint-multistage completion`: what real shells make of the scripts."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

from lint_multistage.cli import main
from lint_multistage.commands.parsers import PARSERS, SHELLS
from lint_multistage.reports import NAMES

BASH = """\
. "$1"
COMP_WORDS=("${@:2}")
COMP_CWORD=$((${#COMP_WORDS[@]} - 1))
_lint_multistage
printf '%s\\n' "${COMPREPLY[@]}"
"""


@pytest.fixture
def script(request: pytest.FixtureRequest, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Path:
    shell: str = request.param
    if not shutil.which(shell):
        pytest.skip(f"{shell} is not installed")
    assert main(["completion", shell]) == 0
    path = tmp_path / f"completion.{shell}"
    path.write_text(capsys.readouterr().out)
    return path


@pytest.mark.parametrize("script", SHELLS, indirect=True)
def test_the_shell_reads_its_script(script: Path) -> None:
    shell = script.suffix[1:]
    done = subprocess.run([shell, "-n", str(script)], capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (0, "")


def bash(script: Path, *words: str) -> list[str]:
    done = subprocess.run(
        ["bash", "-c", BASH, "bash", str(script), "lint-multistage", *words],
        capture_output=True, text=True, check=True, cwd=script.parent,
    )  # fmt: skip
    return done.stdout.split()


@pytest.mark.parametrize("script", ["bash"], indirect=True)
def test_bash(script: Path) -> None:
    (script.parent / "Dockerfile").touch()
    assert bash(script, "gra") == ["graph"]
    assert set(PARSERS) < set(bash(script, ""))
    assert "Dockerfile" in bash(script, "Dock")
    assert bash(script, "--form") == ["--format"]
    assert bash(script, "--format", "") == list(NAMES)
    assert bash(script, "--format", "=", "sa") == ["sarif"]
    assert bash(script, "--fail-on", "e") == ["error"]
    assert bash(script, "--select", "MS101,MS10") == [f"MS101,MS10{number}" for number in range(1, 10)]
    assert bash(script, "graph", "--format", "m") == ["mermaid"]
    assert bash(script, "graph", "--fix") == []
    assert bash(script, "explain", "MS30") == [*(f"MS30{number}" for number in range(1, 10))]
    assert bash(script, "--config", "Dock") == ["Dockerfile"]
    assert bash(script, "completion", "") == list(SHELLS)


@pytest.mark.parametrize("script", ["fish"], indirect=True)
def test_fish(script: Path) -> None:
    def completed(line: str) -> list[str]:
        command = f"source {script}; complete -C '{line}'"
        done = subprocess.run(["fish", "--no-config", "-c", command], capture_output=True, text=True, check=True)
        return [text.partition("\t")[0] for text in done.stdout.splitlines()]

    assert completed("lint-multistage gra") == ["graph"]
    assert completed("lint-multistage --format sa") == ["sarif"]
    assert completed("lint-multistage --select MS301,MS90") == ["MS301,MS901", "MS301,MS902"]
    assert completed("lint-multistage graph --format mer") == ["mermaid"]
    assert "MS301" in completed("lint-multistage explain MS30")


def test_another_shell_is_a_mistake(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as stopped:
        main(["completion", "tcsh"])
    assert stopped.value.code == 2
    assert "'tcsh'" in capsys.readouterr().err
