"""Fixes keep every other byte, and are written in one step."""

from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest

from lint_multistage.cli import main

BEFORE = b"FROM golang AS build\nRUN go build -o /app .\nFROM alpine\nCOPY --from=0 /app /app\n"
AFTER = BEFORE.replace(b"--from=0", b"--from=build")


@pytest.fixture(autouse=True)
def in_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


@pytest.mark.parametrize(
    "change",
    [
        lambda data: data,
        lambda data: data.replace(b"\n", b"\r\n"),
        lambda data: b"\xef\xbb\xbf" + data,
        lambda data: data.replace(b"RUN ", b"RUN\t\t"),
        lambda data: data.removesuffix(b"\n"),
        lambda data: b"# \xff\xfe not UTF-8\n" + data,
        lambda data: data + b"\n\n\n",
    ],
    ids=["plain", "crlf", "bom", "tabs", "no last newline", "not utf-8", "blank lines"],
)
def test_other_bytes_are_kept(change: object) -> None:
    path = Path("Dockerfile")
    path.write_bytes(change(BEFORE))  # type: ignore[operator]
    assert main(["--fix", "--isolated", "Dockerfile"]) == 0
    assert path.read_bytes() == change(AFTER)  # type: ignore[operator]


def test_nothing_is_written_where_nothing_changes() -> None:
    path = Path("Dockerfile")
    path.write_bytes(AFTER)
    before = path.stat()
    main(["--fix", "--isolated", "Dockerfile"])
    assert (path.stat().st_ino, path.stat().st_mtime_ns) == (before.st_ino, before.st_mtime_ns)


def test_mode_and_symbolic_links_are_kept() -> None:
    path, link = Path("real"), Path("Dockerfile")
    path.write_bytes(BEFORE)
    path.chmod(0o751)
    link.symlink_to(path)
    main(["--fix", "--isolated", "Dockerfile"])
    assert link.is_symlink()
    assert path.read_bytes() == AFTER
    assert stat.S_IMODE(path.stat().st_mode) == 0o751
    assert sorted(os.listdir()) == ["Dockerfile", "real"]


def test_unsafe_fixes_wait_to_be_asked_for() -> None:
    path = Path("Dockerfile")
    text = "FROM golang AS builder\nFROM alpine\nCOPY --from=buidler /app /app\n"
    path.write_text(text)
    assert main(["--fix", "--isolated", "Dockerfile"]) == 1
    assert path.read_text() == text
    assert main(["--fix", "--unsafe-fixes", "--isolated", "Dockerfile"]) == 0
    assert path.read_text() == text.replace("buidler", "builder")


def test_fix_only(capsys: pytest.CaptureFixture[str]) -> None:
    path = Path("Dockerfile")
    path.write_bytes(b"# lint-multistage: ignore[MS999]\n" + BEFORE)
    main(["--fix", "--fix-only", "MS902", "--isolated", "Dockerfile"])
    assert path.read_bytes() == BEFORE
    assert "--from=0" in capsys.readouterr().out


def test_diff_changes_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    path = Path("Dockerfile")
    path.write_bytes(BEFORE)
    assert main(["--diff", "--isolated", "Dockerfile"]) == 1
    assert path.read_bytes() == BEFORE
    printed = capsys.readouterr()
    assert printed.out == (
        "--- a/Dockerfile\n+++ b/Dockerfile\n@@ -1,4 +1,4 @@\n FROM golang AS build\n RUN go build -o /app .\n"
        " FROM alpine\n-COPY --from=0 /app /app\n+COPY --from=build /app /app\n"
    )


def test_diff_of_a_clean_file_is_empty(capsys: pytest.CaptureFixture[str]) -> None:
    Path("Dockerfile").write_bytes(AFTER)
    assert main(["--diff", "--isolated", "Dockerfile"]) == 0
    assert capsys.readouterr().out == ""


def test_a_file_that_cannot_be_replaced_is_told_and_kept(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    path = Path("Dockerfile")
    path.write_bytes(BEFORE)

    def refuse(*_: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(os, "replace", refuse)
    assert main(["--fix", "--isolated", "Dockerfile"]) == 2
    assert path.read_bytes() == BEFORE
    assert os.listdir() == ["Dockerfile"]
    assert "Permission denied" in capsys.readouterr().out


def test_a_stage_without_a_name_gets_one_under_unsafe_fixes() -> None:
    path = Path("Dockerfile")
    path.write_text("FROM golang\nRUN go build -o /app .\nFROM alpine\nCOPY --from=0 /app /app\nCOPY --from=0 /b /b\n")
    main(["--fix", "--unsafe-fixes", "--isolated", "Dockerfile"])
    text = path.read_text()
    assert "--from=0" not in text
    name = text.splitlines()[0].rpartition(" AS ")[2]
    assert text.count(f"--from={name} ") == 2
