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
BIN = Path(sys.executable).parent
# The harness types a comment above the first line, so that all is a line further down.
USED = """\
commands missing 0
diagnostic MS101 4:12 there is no stage 'biulder': BuildKit takes it for an image and pulls it
page https://github.com/lint-multistage/lint-multistage/blob/main/docs/checks/MS101.md
fixed true 4:13-4:15 ui
graph f0s0["builder&lt;br/&gt;line 2: not needed"]:::unneeded
script true network false
again 1
messages []
"""
packed = pytest.mark.skipif(not (NODE and PACKED.exists()) and not REQUIRED, reason="make editors packs the extension")


def run(
    folder: Path, settings: dict[str, str], python: Path | None = None, path: str | None = None, inside: bool = False
) -> str:
    """What a user of the packed extension sees, with the interpreter that the Python extension has chosen, and the
    folder open or not."""
    assert NODE, "node is not installed"
    with zipfile.ZipFile(PACKED) as archive:
        archive.extractall(folder)
    dockerfile = folder / "Dockerfile"
    dockerfile.write_text(SLIP)
    named = {f"lint-multistage.{key}": value for key, value in settings.items()}
    given = json.dumps(named | ({"folder": str(folder)} if inside else {}))
    command = [NODE, str(FOLDER / "test" / "run.js"), str(folder), str(dockerfile), given]
    environment = os.environ | ({} if path is None else {"PATH": path})
    done = subprocess.run(
        command + ([str(python)] if python else []), capture_output=True, text=True, timeout=120, env=environment
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@packed
def test_the_packed_extension_shows_what_the_server_finds(tmp_path: Path) -> None:
    assert run(tmp_path, {"path": str(BIN / "lint-multistage")}) == USED


@packed
def test_the_program_is_found_beside_the_chosen_interpreter(tmp_path: Path) -> None:
    assert run(tmp_path, {}, python=BIN / "python", path="/usr/bin:/bin") == USED


@packed
@pytest.mark.parametrize("settings", [{}, {"path": "${workspaceFolder}/.venv/bin/lint-multistage"}])
def test_the_program_is_found_in_the_folder(tmp_path: Path, settings: dict[str, str]) -> None:
    """It comes before the interpreter that is chosen, which has none here."""
    (tmp_path / ".venv" / "bin").mkdir(parents=True)
    (tmp_path / ".venv" / "bin" / "lint-multistage").symlink_to(BIN / "lint-multistage")
    assert run(tmp_path, settings, python=tmp_path / "python", path="/usr/bin:/bin", inside=True) == USED


@packed
def test_the_program_is_found_on_the_path(tmp_path: Path) -> None:
    assert run(tmp_path, {}, path=f"{BIN}:/usr/bin:/bin") == USED


@packed
@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({}, "The program lint-multistage was not found; install it, or set lint-multistage.path."),
        ({"path": "/nowhere/lint"}, "lint-multistage.path: there is no program /nowhere/lint."),
    ],
)
def test_an_absent_program_is_told_of_once(tmp_path: Path, settings: dict[str, str], message: str) -> None:
    (tmp_path / "empty").mkdir()
    said = run(tmp_path, settings, path=str(tmp_path / "empty"))
    assert said == f"commands missing 0\nmessages {json.dumps([message])}\n"


@packed
def test_a_server_that_refuses_to_start_is_quoted(tmp_path: Path) -> None:
    program = tmp_path / "old"
    program.write_text("#!/bin/sh\necho 'it needs the extra' >&2\nexit 2\n")
    program.chmod(0o755)
    message = "lint-multistage lsp could not be started: it needs the extra"
    assert run(tmp_path, {"path": str(program)}) == f'commands missing 0\nmessages ["{message}"]\n'


@packed
def test_only_what_runs_is_packed() -> None:
    with zipfile.ZipFile(PACKED) as archive:
        names = {name for name in archive.namelist() if name.startswith("extension/dist/")}
        notices = archive.read("extension/dist/NOTICES.txt").decode()
    assert names == {f"extension/dist/{name}" for name in ("extension.js", "mermaid.min.js", "NOTICES.txt")}
    assert re.search(r"^mermaid \d", notices, re.MULTILINE)
    assert re.search(r"^vscode-languageclient \d", notices, re.MULTILINE)


def test_the_manifest_fits_the_code() -> None:
    manifest = json.loads((FOLDER / "package.json").read_text())
    assert manifest["version"] == __version__
    source = "".join(path.read_text() for path in sorted((FOLDER / "src").glob("*.ts")))
    registered = re.findall(r"registerCommand\(`\$\{NAME\}\.(\w+)`", source)
    assert [x["command"] for x in manifest["contributes"]["commands"]] == [f"lint-multistage.{x}" for x in registered]
    read = set(re.findall(r'get<[^>]+>\("(\w+)"', source))
    settings = {key.removeprefix("lint-multistage.") for key in manifest["contributes"]["configuration"]["properties"]}
    assert read == settings - {"trace.server"}, "vscode-languageclient reads trace.server"


def test_the_lock_file_names_no_registry() -> None:
    lock = json.loads((FOLDER / "package-lock.json").read_text())
    assert [name for name, entry in lock["packages"].items() if "resolved" in entry] == []
