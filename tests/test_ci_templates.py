"""The action and the GitLab template, run as their runners run them."""

from __future__ import annotations

import json
import os
import re
import shlex
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).parent.parent
ACTION: dict[str, Any] = yaml.safe_load((ROOT / "action.yml").read_text())
GITLAB: dict[str, Any] = yaml.safe_load((ROOT / "templates" / "lint-multistage.gitlab-ci.yml").read_text())
STEPS: list[dict[str, Any]] = ACTION["runs"]["steps"]
BAD = "FROM golang:1.26\nRUN go build -o /app .\n"


def test_inputs_reach_scripts_only_through_the_environment() -> None:
    used = set()
    for step in STEPS:
        assert "${{" not in step["run"]
        assert step["shell"] == "bash"
        used |= set(re.findall(r"inputs\.([\w-]+)", json.dumps(step["env"])))
    assert used == set(ACTION["inputs"])
    assert all(value["value"].startswith("${{ steps.lint.outputs.") for value in ACTION["outputs"].values())


@pytest.mark.parametrize("step", STEPS, ids=lambda step: step["name"])
def test_scripts_are_bash(step: dict[str, Any]) -> None:
    done = subprocess.run(["bash", "-n", "-c", step["run"]], capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (0, "")


def action(folder: Path, **inputs: str) -> tuple[int, str, dict[str, str], str]:
    """The step that lints: its status, what it prints, its outputs and its summary."""
    program = folder / "temp" / "lint-multistage" / "bin" / "lint-multistage"
    program.parent.mkdir(parents=True, exist_ok=True)
    if not program.exists():
        program.write_text(f'#!/bin/sh\nexec {shlex.quote(sys.executable)} -m lint_multistage "$@"\n')
        program.chmod(0o755)
    for name in ("output", "summary"):
        (folder / name).write_text("")
    values = {key: inputs.get(key.replace("-", "_"), value["default"]) for key, value in ACTION["inputs"].items()}
    environment = {
        name: re.sub(r"\$\{\{ inputs\.([\w-]+) \}\}", lambda match: values[match[1]], value)
        for name, value in STEPS[1]["env"].items()
    }
    done = subprocess.run(
        ["bash", "--noprofile", "--norc", "-e", "-o", "pipefail", "-c", STEPS[1]["run"]],
        capture_output=True, text=True, cwd=folder,
        env=os.environ
        | environment
        | {
            "RUNNER_TEMP": str(folder / "temp"),
            "GITHUB_OUTPUT": str(folder / "output"),
            "GITHUB_STEP_SUMMARY": str(folder / "summary"),
        },
    )  # fmt: skip
    outputs = dict(line.split("=", 1) for line in (folder / "output").read_text().splitlines())
    return done.returncode, done.stdout + done.stderr, outputs, (folder / "summary").read_text()


def test_the_action_reports_and_fails(tmp_path: Path) -> None:
    (tmp_path / "Dockerfile").write_text(BAD)
    status, said, outputs, summary = action(tmp_path, sarif_file="found.sarif")
    assert status == 1
    assert said.startswith("::warning file=Dockerfile,line=1,col=6,")
    assert outputs == {"sarif-file": "found.sarif", "exit-code": "1"}
    assert summary.startswith("### lint-multistage: 1 finding (1 warning) in 1 file")
    assert json.loads((tmp_path / "found.sarif").read_text())["runs"][0]["results"][0]["ruleId"] == "MS301"


def test_the_action_takes_arguments_as_they_are(tmp_path: Path) -> None:
    (tmp_path / "a b.Dockerfile").write_text(BAD)
    (tmp_path / "other.Dockerfile").write_text(BAD)
    status, said, outputs, summary = action(
        tmp_path, paths="a b.Dockerfile", args="--ignore=MS301\n--fail-on=error", format="concise", summary="false"
    )
    assert (status, said, outputs, summary) == (0, "", {"exit-code": "0"}, "")
    hostile = "$(touch owned)\n`touch owned`; touch owned"
    status, *_ = action(tmp_path, paths=hostile)
    assert status == 2
    assert not (tmp_path / "owned").exists()


def test_a_path_is_no_flag(tmp_path: Path) -> None:
    (tmp_path / "--exit-zero").write_text(BAD)
    status, said, *_ = action(tmp_path, paths="--exit-zero", format="concise")
    assert status == 1
    assert "--exit-zero:1:6" in said


def test_a_mistake_is_said_once_and_no_report_is_promised(tmp_path: Path) -> None:
    (tmp_path / "Dockerfile").write_text(BAD)
    status, said, outputs, summary = action(tmp_path, args="--select=NOPE1", sarif_file="found.sarif")
    assert (status, outputs, summary) == (2, {"exit-code": "2"}, "")
    assert said.count("error:") == 1


def test_the_name_of_a_report_sets_no_other_output(tmp_path: Path) -> None:
    (tmp_path / "Dockerfile").write_text(BAD)
    status, said, outputs, _ = action(tmp_path, sarif_file="a\nexit-code=0")
    assert (status, outputs) == (2, {"exit-code": "2"})
    assert "::error::" in said


def test_a_long_summary_is_cut_where_github_would_refuse_it(tmp_path: Path) -> None:
    (tmp_path / "Dockerfile").write_text(BAD)
    program = tmp_path / "temp" / "lint-multistage" / "bin" / "lint-multistage"
    program.parent.mkdir(parents=True)
    program.write_text("#!/bin/sh\nhead -c 3000000 /dev/zero | tr '\\0' x\n")
    program.chmod(0o755)
    *_, summary = action(tmp_path, format="concise")
    assert len(summary) == 1_000_000


def test_the_action_installs_itself_and_plugins(tmp_path: Path) -> None:
    environment = {"PYTHON": sys.executable, "PLUGINS": f"{ROOT / 'examples' / 'plugin'}\n"}
    environment |= {"RUNNER_TEMP": str(tmp_path), "ACTION": str(ROOT)}
    command = ["bash", "--noprofile", "--norc", "-e", "-o", "pipefail", "-c", STEPS[0]["run"]]
    done = subprocess.run(command, capture_output=True, text=True, cwd=tmp_path, env=os.environ | environment)
    assert done.returncode == 0, done.stdout + done.stderr
    program = tmp_path / "lint-multistage" / "bin" / "lint-multistage"
    said = subprocess.run([program, "explain", "ACME001"], capture_output=True, text=True, cwd=tmp_path).stdout
    assert "Acme" in said
    environment["PLUGINS"] = "--index-url=https://example.invalid"
    done = subprocess.run(command, capture_output=True, text=True, cwd=tmp_path, env=os.environ | environment)
    assert (done.returncode, "::error::" in done.stdout) == (2, True)


def test_the_template_writes_its_report(tmp_path: Path) -> None:
    job = GITLAB["lint-multistage"]
    (tmp_path / "Dockerfile").write_text(BAD)
    bin_ = tmp_path / "bin"
    bin_.mkdir()
    (bin_ / "lint-multistage").write_text(f'#!/bin/sh\nexec {shlex.quote(sys.executable)} -m lint_multistage "$@"\n')
    (bin_ / "lint-multistage").chmod(0o755)
    script = "\n".join(line for line in job["script"] if "pip install" not in line)
    done = subprocess.run(
        ["sh", "-e", "-c", script], capture_output=True, text=True, cwd=tmp_path,
        env=os.environ | job["variables"] | {"PATH": f"{bin_}:{os.environ['PATH']}"},
    )  # fmt: skip
    assert done.returncode == 1
    assert "MS301" in done.stdout
    report = json.loads((tmp_path / job["artifacts"]["reports"]["codequality"]).read_text())
    assert report[0]["location"] == {"path": "Dockerfile", "lines": {"begin": 1, "end": 1}}
