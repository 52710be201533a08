"""The extension for Visual Studio Code as it is packed: a stub of the editor, the real server, a real Dockerfile."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from lint_multistage import __version__

FOLDER = Path(__file__).parent.parent.parent / "editors" / "vscode"
PACKED = FOLDER / "dist" / "lint-multistage.vsix"
NODE = shutil.which("node")
REQUIRED = os.environ.get("EDITORS_REQUIRED")
SLIP = "FROM golang:1.26 AS builder\nRUN go build -o /app .\nFROM alpine:3\nCOPY --from=biulder /app /app\n"


@pytest.mark.skipif(not (NODE and PACKED.exists()) and not REQUIRED, reason="make editors packs the extension")
def test_the_packed_extension_shows_what_the_server_finds(tmp_path: Path) -> None:
    assert NODE, "node is not installed"
    with zipfile.ZipFile(PACKED) as packed:
        packed.extractall(tmp_path)
        assert {name for name in packed.namelist() if name.endswith((".ts", ".map"))} == set()
    path = tmp_path / "Dockerfile"
    path.write_text(SLIP)
    program = Path(sys.executable).parent / "lint-multistage"
    done = subprocess.run(
        [NODE, str(FOLDER / "test" / "run.js"), str(tmp_path), str(program), str(path)],
        capture_output=True, text=True, timeout=120,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.splitlines() == [
        "diagnostic MS101 3:12",
        "commands missing: 0",
        "graph # Dockerfile||```mermaid|flowchart LR",
        "messages: []",
    ]


def test_the_manifest_fits_the_code() -> None:
    manifest = json.loads((FOLDER / "package.json").read_text())
    assert manifest["version"] == __version__
    source = (FOLDER / "src" / "extension.ts").read_text()
    registered = re.findall(r"registerCommand\(`\$\{NAME\}\.(\w+)`", source)
    assert [x["command"] for x in manifest["contributes"]["commands"]] == [f"lint-multistage.{x}" for x in registered]
    read = set(re.findall(r'get<[^>]+>\("(\w+)"', source))
    settings = {key.removeprefix("lint-multistage.") for key in manifest["contributes"]["configuration"]["properties"]}
    assert read == settings - {"trace.server"}, "vscode-languageclient reads trace.server"


def test_the_lock_file_names_no_registry() -> None:
    lock = json.loads((FOLDER / "package-lock.json").read_text())
    assert [name for name, entry in lock["packages"].items() if "resolved" in entry] == []
