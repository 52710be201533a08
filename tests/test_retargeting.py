"""Fixes of what is found in build files."""

from __future__ import annotations

import json
import stat
from pathlib import Path

import pytest

from lint_multistage.cli import main

DOCKERFILE = "FROM golang AS build\nRUN go build -o /a .\nFROM alpine AS production\nCOPY --from=build /a /a\n"
COMPOSE = (
    b'\xef\xbb\xbfservices:\r\n  a:\r\n    build:\r\n      context: .\r\n      target: "prodution" # prodution\r\n'
    b"  b:\r\n    build: {context: ., target: prodution}"
)
BAKE = 'target "x" {\n  target = "prodution"\n}\n'
MAKE = "x:\n\tdocker build --target prodution .\n\tdocker build --target=prodution -t prodution .\n"


@pytest.fixture(autouse=True)
def repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path(".git").mkdir()
    Path("Dockerfile").write_text(DOCKERFILE)
    Path("compose.yaml").write_bytes(COMPOSE)
    Path("docker-bake.hcl").write_text(BAKE)
    Path("Makefile").write_text(MAKE)


def texts() -> tuple[bytes, str, str]:
    return Path("compose.yaml").read_bytes(), Path("docker-bake.hcl").read_text(), Path("Makefile").read_text()


FIXED = (
    COMPOSE.replace(b'"prodution"', b'"production"').replace(b" prodution}", b" production}"),
    BAKE.replace("prodution", "production"),
    MAKE.replace("--target prodution", "--target production").replace("--target=prodution", "--target=production"),
)


def test_every_build_file_is_mended_and_nothing_else_changes(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--fix", "--unsafe-fixes"]) == 0
    assert texts() == FIXED
    assert "Fixed 5 findings." in capsys.readouterr().out
    assert main(["--fix", "--unsafe-fixes"]) == 0
    assert texts() == FIXED
    assert "Fixed" not in capsys.readouterr().out


def test_it_waits_to_be_asked_for() -> None:
    for arguments in (["--fix"], ["--fix", "--unsafe-fixes", "--fix-only", "MS1"]):
        assert main(arguments) == 1
        assert texts() == (COMPOSE, BAKE, MAKE)


def test_a_diff_changes_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    Path("compose.yaml").unlink()
    Path("Makefile").unlink()
    assert main(["--diff", "--unsafe-fixes"]) == 1
    assert Path("docker-bake.hcl").read_text() == BAKE
    assert '-  target = "prodution"\n+  target = "production"\n' in capsys.readouterr().out


def test_a_read_only_build_file_is_told_and_the_others_are_fixed(capsys: pytest.CaptureFixture[str]) -> None:
    Path("docker-bake.hcl").chmod(stat.S_IRUSR)
    assert main(["--fix", "--unsafe-fixes"]) == 2
    assert texts() == (FIXED[0], BAKE, FIXED[2])
    told = [line for line in capsys.readouterr().out.splitlines() if "docker-bake.hcl: " in line]
    assert [line.partition("docker-bake.hcl: ")[2] for line in told if "error" in line] == [
        "the fixed file cannot be written: Permission denied; make it writable, or exclude it"
    ]


def test_words_that_another_build_shares_are_left_where_its_dockerfile_has_that_stage() -> None:
    Path("Makefile").unlink()
    Path("docker-bake.hcl").unlink()
    Path("other").mkdir()
    Path("other/Dockerfile").write_text(DOCKERFILE.replace("production", "prodution"))
    text = (
        "services:\n  a:\n    build:\n      context: .\n      target: &t prodution\n"
        "  b:\n    build:\n      context: other\n      target: *t\n"
    )
    Path("compose.yaml").write_text(text)
    assert main(["--fix", "--unsafe-fixes"]) == 1
    assert Path("compose.yaml").read_text() == text


def test_words_that_do_not_stand_there_as_they_are_have_no_fix(capsys: pytest.CaptureFixture[str]) -> None:
    Path("Makefile").write_text("T = prodution\nx:\n\tdocker build --target $(T) .\n")
    Path("docker-bake.hcl").unlink()
    Path("compose.yaml").unlink()
    main(["--format", "json"])
    found = [x for x in json.loads(capsys.readouterr().out)["findings"] if x["code"] == "MS202"]
    assert [x["fix"] for x in found] == [None]


def test_the_report_says_what_to_write_where(capsys: pytest.CaptureFixture[str]) -> None:
    main(["--format", "json", "--select", "MS202"])
    for finding in json.loads(capsys.readouterr().out)["findings"]:
        (edit,) = finding["fix"]["edits"]
        line = Path(edit["path"]).read_text(encoding="utf-8-sig").split("\n")[edit["start"]["line"] - 1]
        assert line[edit["start"]["column"] - 1 : edit["end"]["column"] - 1] == "prodution"
        assert edit["text"] == "production"
