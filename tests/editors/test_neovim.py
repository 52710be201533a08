"""A real Neovim with the configuration that the documentation shows: what it is shown, and a fix that it makes."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent.parent
NEOVIM = shutil.which("nvim")
REQUIRED = os.environ.get("EDITORS_REQUIRED")
SLIP = "FROM golang:1.26 AS builder\nRUN go build -o /app .\nFROM alpine:3\nCOPY --from=biulder /app /app\n"


@pytest.mark.skipif(NEOVIM is None and not REQUIRED, reason="nvim is not installed")
def test_a_finding_is_shown_and_mended(tmp_path: Path) -> None:
    assert NEOVIM, "nvim is not installed"
    path = tmp_path / "Dockerfile"
    path.write_text(SLIP)
    environment = os.environ | {
        "LINT_MULTISTAGE_BIN": str(Path(sys.executable).parent),
        "LINT_MULTISTAGE_LUA": str(ROOT / "editors/neovim/lint-multistage-0.7.lua"),
        "LINT_MULTISTAGE_FILE": str(path),
        "XDG_STATE_HOME": str(tmp_path / "state"),
        "XDG_CACHE_HOME": str(tmp_path / "cache"),
        "XDG_DATA_HOME": str(tmp_path / "data"),
    }
    done = subprocess.run(
        [NEOVIM, "--headless", "-u", "NONE", "-n", "-S", str(ROOT / "tests/editors/edit.lua")],
        capture_output=True, text=True, env=environment, timeout=120,
    )  # fmt: skip
    lines = (done.stdout + done.stderr).splitlines()
    assert [line for line in lines if line.startswith(("diagnostic", "offered", "written"))] == [
        "diagnostic MS101 3:12",
        "offered Write 'builder'",
        "offered Ignore MS101 here",
        "written",
    ], done.stdout + done.stderr
    assert done.returncode == 0
    assert path.read_text() == SLIP.replace("biulder", "builder")


@pytest.mark.skipif(NEOVIM is None and not REQUIRED, reason="nvim is not installed")
@pytest.mark.parametrize("name", ["lint-multistage.lua", "lint-multistage-0.7.lua"])
def test_the_configurations_are_lua(name: str) -> None:
    """That for 0.11 and later needs a newer Neovim than Debian has: only its syntax is looked at."""
    assert NEOVIM, "nvim is not installed"
    path = ROOT / "editors" / "neovim" / name
    command = f"lua assert(loadfile([[{path}]]))"
    done = subprocess.run(
        [NEOVIM, "--headless", "-u", "NONE", "-n", "-c", command, "-c", "quitall!"],
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert (done.returncode, done.stderr.strip()) == (0, "")
