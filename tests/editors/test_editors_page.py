"""What the page about editors tells to paste is what it says it is."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent.parent
PAGE = (ROOT / "docs" / "editors.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"^```(\w+)\n(.*?)^```$", PAGE, re.DOTALL | re.MULTILINE)


@pytest.mark.parametrize(("language", "text"), BLOCKS)
def test_blocks_parse(language: str, text: str) -> None:
    if language == "json":
        json.loads(text)
    elif language == "toml":
        tomllib.loads(text)
    elif language == "elisp":
        assert text.count("(") == text.count(")")
    else:
        assert language in ("lua", "vim", "sh")


@pytest.mark.skipif(not shutil.which("nvim"), reason="nvim is not installed")
@pytest.mark.parametrize("text", [text for language, text in BLOCKS if language == "vim"])
def test_vim_reads_its_blocks(text: str, tmp_path: Path) -> None:
    """The plugins are not there: functions of their names take what they are given."""
    taken = tmp_path / "taken"
    for name in ("ale/linter", "lsp"):
        path = tmp_path / f"autoload/{name}.vim"
        path.parent.mkdir(parents=True, exist_ok=True)
        for function in ("Define", "register_server"):
            with path.open("a") as file:
                body = f"call writefile([string(a:000)], '{taken}')"
                file.write(f"function {name.replace('/', '#')}#{function}(...)\n  {body}\nendfunction\n")
    (tmp_path / "block.vim").write_text(text)
    editor = ["nvim", "--headless", "-u", "NONE", "-n", "--cmd", f"set runtimepath^={tmp_path}"]
    after = ["-S", "block.vim", "-c", "silent! doautocmd User lsp_setup", "-c", "quitall!"]
    done = subprocess.run([*editor, *after], capture_output=True, text=True, timeout=60, cwd=tmp_path)
    assert done.stderr.strip() == ""
    assert "'lint-multistage'" in taken.read_text()


def test_blocks_are_the_files_they_stand_for() -> None:
    found = re.findall(r"<!-- file: (\S+) -->\n```\w+\n(.*?)^```$", PAGE, re.DOTALL | re.MULTILINE)
    assert len(found) == 2
    for name, text in found:
        assert text == (ROOT / name).read_text(encoding="utf-8")


def test_each_configuration_starts_the_server() -> None:
    for part in PAGE.split("\n## ")[2:-1]:
        title = part.partition("\n")[0]
        if title not in ("Visual Studio Code", "Zed"):
            assert "lint-multistage" in part
            assert re.search(r"\blsp\b", part), title


@pytest.mark.skipif(not shutil.which("emacs"), reason="emacs is not installed")
def test_emacs_reads_its_block() -> None:
    (text,) = [text for language, text in BLOCKS if language == "elisp"]
    done = subprocess.run(["emacs", "--batch", "--eval", f"(progn {text})"], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
