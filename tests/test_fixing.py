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
    text = "FROM golang AS builder\nFROM alpine\nCOPY --from=build /app /app\n"
    path.write_text(text)
    assert main(["--fix", "--isolated", "Dockerfile"]) == 1
    assert path.read_text() == text
    assert main(["--fix", "--unsafe-fixes", "--isolated", "Dockerfile"]) == 0
    assert path.read_text() == text.replace("=build", "=builder")


def test_a_slip_with_one_candidate_is_safe_to_mend() -> None:
    path = Path("Dockerfile")
    for names, written, meant in (
        (["builder"], "buidler", "builder"),
        (["builder", "assets"], "asets", "assets"),
        # Two are near, and one is two letters off.
        (["build1", "build2"], "build3", ""),
        (["builder"], "bulldr", ""),
    ):
        stages = "".join(f"FROM alpine AS {name}\nRUN make\n" for name in names)
        text = f"{stages}FROM alpine\nCOPY --from={written} /a /a\n"
        path.write_text(text)
        main(["--fix", "--fix-only", "MS101", "--isolated", "Dockerfile"])
        assert path.read_text() == text.replace(f"={written}", f"={meant or written}")


def test_a_fix_that_does_no_good_is_not_made_and_stops_no_other(monkeypatch: pytest.MonkeyPatch) -> None:
    from collections.abc import Iterator

    from lint_multistage.api import Check, Edit, Finding, Fix, Safety, Severity, Survey
    from lint_multistage.facts import load
    from lint_multistage.fixing import FixOptions, fix
    from lint_multistage.linting import Linter, Options
    from lint_multistage.model.dockerfile import read_dockerfile
    from lint_multistage.plugins import Plugins
    from lint_multistage.text import Source, Span

    class Word(Check):
        """A word is there."""

        code = "XX001"
        severity = Severity.INFO

        def check(self, survey: Survey) -> Iterator[Finding]:
            text = survey.dockerfile.source.text
            for word, better in (("bad", "good"), ("worse", "worse worse"), ("worst", "best")):
                if word in text:
                    at = text.index(word)
                    span = Span(at, at + len(word))
                    fixed = Fix("mend", (Edit(span, better),), Safety.SAFE)
                    yield Finding(span=span, message=f"there is {word}", fix=fixed)

    linter = Linter(Plugins((Word,), {}, load()), Options(isolated=True, project=False))
    dockerfile = read_dockerfile(Source.of("Dockerfile", "FROM alpine\nLABEL a=bad b=worse c=worst\n"))
    fixed = fix(linter, dockerfile, linter.settings("Dockerfile"), FixOptions())
    assert fixed.dockerfile.source.text == "FROM alpine\nLABEL a=good b=worse c=best\n"
    assert fixed.count == 2


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


def test_a_read_only_file_is_told_and_the_others_are_fixed(capsys: pytest.CaptureFixture[str]) -> None:
    names = [f"{letter}.Dockerfile" for letter in "abc"]
    for name in names:
        Path(name).write_bytes(BEFORE)
    Path(names[1]).chmod(0o444)
    assert main(["--fix", "--isolated", *names]) == 2
    assert [Path(name).read_bytes() for name in names] == [AFTER, BEFORE, AFTER]
    assert stat.S_IMODE(Path(names[1]).stat().st_mode) == 0o444
    assert sorted(os.listdir()) == names
    told = [line for line in capsys.readouterr().out.splitlines() if "b.Dockerfile" in line]
    assert len(told) == 1
    assert "the fixed file cannot be written: Permission denied; make it writable" in told[0]


def test_a_wrong_setting_is_told_before_any_file_is_changed() -> None:
    Path("a.Dockerfile").write_bytes(BEFORE)
    Path("b").mkdir()
    Path("b/Dockerfile").write_bytes(BEFORE)
    Path("b/.lint-multistage.toml").write_text("select = 3\n")
    assert main(["--fix", "a.Dockerfile", "b/Dockerfile"]) == 2
    assert Path("a.Dockerfile").read_bytes() == BEFORE


def test_a_fix_that_brings_an_error_is_not_made() -> None:
    from collections.abc import Iterator

    from lint_multistage.api import Check, Edit, Finding, Fix, Safety, Severity, Survey
    from lint_multistage.facts import load
    from lint_multistage.fixing import FixOptions, fix
    from lint_multistage.linting import Linter, Options
    from lint_multistage.model.dockerfile import read_dockerfile
    from lint_multistage.plugins import Plugins
    from lint_multistage.text import Source, Span

    class Word(Check):
        """A word is there; its fix brings another one."""

        code = "XX001"
        severity = Severity.INFO

        def check(self, survey: Survey) -> Iterator[Finding]:
            text = survey.dockerfile.source.text
            for word, better in (("bad", "broken"), ("dull", "dim")):
                if word in text:
                    span = Span(text.index(word), text.index(word) + len(word))
                    yield Finding(span=span, message=word, fix=Fix("mend", (Edit(span, better),), Safety.SAFE))

    class Consequence(Check):
        """What the fixes of the other check bring."""

        code = "XX002"
        severity = Severity.WARNING

        def check(self, survey: Survey) -> Iterator[Finding]:
            text = survey.dockerfile.source.text
            for word, severity in (("broken", Severity.ERROR), ("dim", None)):
                if word in text:
                    yield Finding(span=Span(0, 4), message=word, severity=severity)

    linter = Linter(Plugins((Word, Consequence), {}, load()), Options(isolated=True, project=False))
    dockerfile = read_dockerfile(Source.of("Dockerfile", "FROM alpine\nLABEL a=bad b=dull\n"))
    fixed = fix(linter, dockerfile, linter.settings("Dockerfile"), FixOptions())
    assert fixed.dockerfile.source.text == "FROM alpine\nLABEL a=bad b=dim\n"
    assert fixed.count == 1
