"""Whole runs of the program: `tests/cases/NAME/` holds a `command`, files to run it on, and what is `expected`.

With UPDATE_CASES=1 in the environment the expected output is written anew.
"""

from __future__ import annotations

import os
import shlex
import shutil
from pathlib import Path

import pytest

from lint_multistage.cli import main

CASES = Path(__file__).parent / "cases"


@pytest.mark.parametrize("case", sorted(path.name for path in CASES.iterdir() if path.is_dir()))
def test_case(case: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    folder = tmp_path / case
    shutil.copytree(CASES / case, folder)
    (folder / ".git").mkdir()
    for name in ("command", "expected"):
        (folder / name).unlink(missing_ok=True)
    monkeypatch.chdir(folder)
    program, *arguments = shlex.split((CASES / case / "command").read_text())
    assert program == "lint-multistage"
    status = main(arguments)
    printed = capsys.readouterr()
    said = f"{printed.out}{printed.err}exit {status}\n"
    expected = CASES / case / "expected"
    if os.environ.get("UPDATE_CASES"):
        expected.write_text(said, encoding="utf-8")
    assert said == expected.read_text(encoding="utf-8")
