"""Which files of a build context are read."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from lint_multistage.context import Context
from lint_multistage.context.folder import LARGEST_FILE


def test_files_are_read_below_the_folder(tmp_path: Path) -> None:
    (tmp_path / "scripts").mkdir()
    (tmp_path / "scripts" / "a.sh").write_text("make\n")
    context = Context((str(tmp_path),))
    assert [context.text(path) for path in ("scripts/a.sh", "./scripts/../scripts/a.sh", "/scripts/a.sh")] == [
        "make\n"
    ] * 3
    assert context.text("scripts") is None
    assert context.text("scripts/b.sh") is None
    assert Context().text("scripts/a.sh") is None


def test_the_first_folder_that_has_a_file_counts(tmp_path: Path) -> None:
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "b.sh").write_text(name)
    (tmp_path / "two" / "a.sh").write_text("two")
    context = Context((str(tmp_path / "one"), str(tmp_path / "two")))
    assert (context.text("a.sh"), context.text("b.sh")) == ("two", "one")


def test_nothing_outside_is_read(tmp_path: Path) -> None:
    (tmp_path / "context").mkdir()
    (tmp_path / "secret").write_text("s")
    (tmp_path / "context" / "link").symlink_to(tmp_path / "secret")
    (tmp_path / "context" / "folder").symlink_to(tmp_path)
    context = Context((str(tmp_path / "context"),))
    for path in ("../secret", "link", "folder/secret", str(tmp_path / "secret"), "a\0b", ""):
        assert context.text(path) is None, path


def test_large_files_are_not_read(tmp_path: Path) -> None:
    (tmp_path / "a.sh").write_text("x" * (LARGEST_FILE + 1))
    assert Context((str(tmp_path),)).text("a.sh") is None


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="needs named pipes")
def test_pipes_are_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "a.sh")
    assert Context((str(tmp_path),)).text("a.sh") is None


def test_bytes_that_are_no_text_do_not_matter(tmp_path: Path) -> None:
    (tmp_path / "a.sh").write_bytes(b"make \xff\n")
    assert Context((str(tmp_path),)).text("a.sh") == "make \udcff\n"
