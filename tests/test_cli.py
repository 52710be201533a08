"""The command line as people meet it: exit statuses, odd files, mistakes."""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from lint_multistage.cli import main

CLEAN = "FROM alpine:3\nCOPY app /app\n"
FLAGGED = "FROM golang:1.22\nRUN go build -o /app .\n"


@pytest.fixture(autouse=True)
def in_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    (tmp_path / ".git").mkdir()
    return tmp_path


def lint(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, dict[str, Any]]:
    status = main(["--format", "json", *arguments])
    return status, json.loads(capsys.readouterr().out)


def codes(document: dict[str, Any]) -> list[tuple[str, str]]:
    return [(finding["path"], finding["code"]) for finding in document["findings"]]


def test_clean_is_0_and_findings_are_1() -> None:
    Path("Dockerfile").write_text(CLEAN)
    assert main(["Dockerfile"]) == 0
    Path("Dockerfile").write_text(FLAGGED)
    assert main(["Dockerfile"]) == 1
    assert main(["--exit-zero", "Dockerfile"]) == 0
    assert main(["--fail-on", "error", "Dockerfile"]) == 0


def test_info_does_not_fail_unless_asked() -> None:
    Path("Dockerfile").write_text("FROM python:3.12\n")
    assert main(["Dockerfile"]) == 0
    assert main(["--fail-on", "info", "Dockerfile"]) == 1


def test_without_arguments_the_folder_is_walked(capsys: pytest.CaptureFixture[str]) -> None:
    Path("a").mkdir()
    Path("a/Dockerfile").write_text(FLAGGED)
    Path("b.Dockerfile").write_text(FLAGGED)
    Path("README.md").write_text(FLAGGED)
    assert codes(lint(capsys)[1]) == [("a/Dockerfile", "MS301"), ("b.Dockerfile", "MS301")]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "empty"),
        (b" \n\t\n", "empty"),
        (b"\x7fELF\x00\x01\x02 FROM nothing\n", "binary"),
        (b"FROM alpine\n" + b"# " + b"x" * 3000, "larger than 2000 bytes"),
    ],
)
def test_files_that_are_no_dockerfile_are_one_finding_each(
    content: bytes, message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    Path("Dockerfile").write_bytes(content)
    Path("Good.Dockerfile").write_text(FLAGGED)
    status, document = lint(capsys, "--max-file-size", "2000")
    assert status == 1
    assert codes(document) == [("Dockerfile", "MS901"), ("Good.Dockerfile", "MS301")]
    assert message in document["findings"][0]["message"]


@pytest.mark.skipif(os.geteuid() == 0, reason="root reads everything")
def test_an_unreadable_file_is_one_finding(capsys: pytest.CaptureFixture[str]) -> None:
    Path("Dockerfile").write_text(FLAGGED)
    Path("Dockerfile").chmod(0)
    Path("Good.Dockerfile").write_text(FLAGGED)
    assert codes(lint(capsys)[1]) == [("Dockerfile", "MS901"), ("Good.Dockerfile", "MS301")]


def test_a_file_that_fails_to_be_read_is_one_finding(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    Path("Dockerfile").write_text(FLAGGED)
    Path("Good.Dockerfile").write_text(FLAGGED)
    opened = open

    def refuse(path: Any, *arguments: Any, **named: Any) -> Any:
        if str(path) == "Dockerfile":
            raise PermissionError(13, "Permission denied", str(path))
        return opened(path, *arguments, **named)

    monkeypatch.setattr("builtins.open", refuse)
    status, document = lint(capsys)
    assert status == 1
    assert codes(document) == [("Dockerfile", "MS901"), ("Good.Dockerfile", "MS301")]
    assert "Permission denied" in document["findings"][0]["message"]


def test_two_paths_to_one_file_are_linted_once(capsys: pytest.CaptureFixture[str]) -> None:
    Path("Dockerfile").write_text(FLAGGED)
    Path("link").symlink_to("Dockerfile")
    document = lint(capsys, "Dockerfile", "./Dockerfile", "link", ".")[1]
    assert codes(document) == [("Dockerfile", "MS301")]


def test_after_two_dashes_all_words_are_files(capsys: pytest.CaptureFixture[str]) -> None:
    for name in ("-x.Dockerfile", "Dockerfile"):
        Path(name).write_text(FLAGGED)
    assert codes(lint(capsys, "--", "-x.Dockerfile")[1]) == [("-x.Dockerfile", "MS301")]
    document = lint(capsys, "Dockerfile", "--exit-zero", "--", "-x.Dockerfile")[1]
    assert codes(document) == [("-x.Dockerfile", "MS301"), ("Dockerfile", "MS301")]


def test_a_loop_of_links_is_harmless(capsys: pytest.CaptureFixture[str]) -> None:
    Path("a").mkdir()
    Path("a/Dockerfile").write_text(FLAGGED)
    Path("a/again").symlink_to("..")
    assert codes(lint(capsys)[1]) == [("a/Dockerfile", "MS301")]


def test_gitignore_is_respected_when_walking_but_not_for_named_files(capsys: pytest.CaptureFixture[str]) -> None:
    Path(".gitignore").write_text("/old/\n")
    Path("old").mkdir()
    Path("old/Dockerfile").write_text(FLAGGED)
    assert codes(lint(capsys)[1]) == []
    assert codes(lint(capsys, "old/Dockerfile")[1]) == [("old/Dockerfile", "MS301")]


def test_templates(capsys: pytest.CaptureFixture[str]) -> None:
    Path("Dockerfile.j2").write_text(FLAGGED)
    Path("Dockerfile").write_text("{% if x %}\nFROM golang\n{% endif %}\n")
    status, document = lint(capsys)
    assert status == 0
    assert codes(document) == []
    assert [(note["path"], note["kind"]) for note in document["notes"]] == [
        ("Dockerfile", "template"),
        ("Dockerfile.j2", "template"),
    ]
    status, document = lint(capsys, "Dockerfile", "Dockerfile.j2")
    assert codes(document) == [("Dockerfile", "MS901"), ("Dockerfile.j2", "MS901")]


def test_a_heredoc_of_template_text_is_no_template(capsys: pytest.CaptureFixture[str]) -> None:
    Path("Dockerfile").write_text("FROM golang\nCOPY <<EOF /a\n{{ x }}\nEOF\n")
    assert codes(lint(capsys)[1]) == [("Dockerfile", "MS301")]


def test_standard_input(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(FLAGGED.encode())))
    status, document = lint(capsys, "--stdin-display-name", "images/Dockerfile", "-")
    assert status == 1
    assert codes(document) == [("images/Dockerfile", "MS301")]


def test_targets_and_build_arguments(capsys: pytest.CaptureFixture[str]) -> None:
    Path("Dockerfile").write_text(
        "ARG BASE=alpine\nFROM golang AS tool\nFROM ${BASE} AS final\nCOPY --from=tool /a /a\n"
    )
    assert codes(lint(capsys, "--target", "tool")[1]) == [("Dockerfile", "MS301")]
    assert codes(lint(capsys, "--build-arg", "BASE=rust:1.80")[1]) == [("Dockerfile", "MS301")]
    status, document = lint(capsys, "--target", "tol")
    assert status == 2
    assert "no stage 'tol'" in document["errors"][0]["message"]


def test_severity_of_the_configuration(capsys: pytest.CaptureFixture[str]) -> None:
    Path("Dockerfile").write_text("FROM python:3.12\n")
    Path("setup.cfg").write_text("[lint-multistage]\nseverity.MS306 = error\n")
    status, document = lint(capsys)
    assert status == 1
    assert document["findings"][0]["severity"] == "error"


def test_a_failing_check_is_told_and_the_rest_reported(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    from lint_multistage.checks.unused_stage import UnusedStage

    def fail(*_: object) -> None:
        raise ZeroDivisionError("oh no")

    monkeypatch.setattr(UnusedStage, "check", fail)
    Path("Dockerfile").write_text(FLAGGED)
    status, document = lint(capsys)
    assert status == 2
    assert codes(document) == [("Dockerfile", "MS301")]
    assert document["errors"] == [
        {
            "path": "Dockerfile",
            "code": "MS201",
            "message": "check MS201 (unused-stage) failed on this file: ZeroDivisionError: oh no",
        }
    ]


def test_a_fault_of_ours_is_one_line(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> None:
        raise IndexError("out of range")

    monkeypatch.setattr("lint_multistage.linting.read_dockerfile", fail)
    Path("Dockerfile").write_text(FLAGGED)
    status, document = lint(capsys)
    assert status == 2
    assert "please report it: IndexError" in document["errors"][0]["message"]


def test_a_fault_outside_of_any_file_is_one_line(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise LookupError("no\nway")

    monkeypatch.setattr("lint_multistage.commands.lint.walk", fail)
    assert main([]) == 2
    assert capsys.readouterr().err.startswith(
        "lint-multistage: internal error, please report it: LookupError: no way (LINT_MULTISTAGE_TRACEBACK=1"
    )
    monkeypatch.setenv("LINT_MULTISTAGE_TRACEBACK", "1")
    with pytest.raises(LookupError):
        main([])


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--select", "MS999"], "MS999"),
        (["--format", "jsn"], "did you mean 'json'?"),
        (["missing/Dockerfile"], "missing/Dockerfile"),
        (["--fail-on", "fatal"], "--fail-on"),
        (["--config", "none.toml"], "none.toml"),
        (["--isolated", "--config", "x"], "--isolated"),
        (["--statistics", "--format", "json"], "--statistics"),
        (["--unsafe-fixes"], "--fix"),
        (["--project-root", "nowhere"], "nowhere"),
        (["--max-file-size", "big"], "--max-file-size"),
        (["--per-file-ignores", "x"], "--per-file-ignores"),
        (["explain", "MS3O1"], "did you mean 'MS301'?"),
    ],
)
def test_mistakes_are_one_line_and_2(arguments: list[str], message: str, capsys: pytest.CaptureFixture[str]) -> None:
    Path("Dockerfile").write_text(CLEAN)
    assert main(arguments) == 2
    printed = capsys.readouterr()
    assert printed.out == ""
    assert printed.err.startswith("lint-multistage: error: ")
    assert printed.err.count("\n") == 1
    assert message in printed.err


def test_show_files(capsys: pytest.CaptureFixture[str]) -> None:
    Path("Dockerfile").write_text(CLEAN)
    Path("x.dockerfile").write_text(CLEAN)
    assert main(["--show-files"]) == 0
    assert capsys.readouterr().out == "Dockerfile\nx.dockerfile\n"


def test_show_settings(capsys: pytest.CaptureFixture[str]) -> None:
    Path("setup.cfg").write_text("[lint-multistage]\nignore = MS306\n")
    assert main(["--show-settings", "Dockerfile"]) == 0
    assert 'ignore = ["MS306"]  # setup.cfg' in capsys.readouterr().out


def test_output_file(capsys: pytest.CaptureFixture[str]) -> None:
    Path("Dockerfile").write_text(FLAGGED)
    assert main(["--format", "concise", "--output-file", "report.txt"]) == 1
    assert capsys.readouterr().out == ""
    assert "MS301" in Path("report.txt").read_text()


def test_statistics(capsys: pytest.CaptureFixture[str]) -> None:
    Path("Dockerfile").write_text(FLAGGED)
    main(["--statistics"])
    assert "1  MS301  toolchain-base-image" in capsys.readouterr().out


def test_many_files_in_processes_say_the_same_as_one_by_one(capsys: pytest.CaptureFixture[str]) -> None:
    for number in range(60):
        Path(f"{number}.Dockerfile").write_text(FLAGGED if number % 3 else CLEAN)
    one = lint(capsys, "-j", "1")
    assert one == lint(capsys, "-j", "3")
    assert len(one[1]["findings"]) == 40


def test_explain(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["explain", "ms301"]) == 0
    page = capsys.readouterr().out
    assert page.startswith("MS301 toolchain-base-image\n")
    assert "Why is this bad?" in page
    assert main(["explain", "toolchain-base-image"]) == 0
    assert capsys.readouterr().out == page
    assert main(["explain"]) == 0
    assert "MS901  unreadable-dockerfile" in capsys.readouterr().out


def run(*arguments: str, **named: Any) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "lint_multistage", *arguments], text=True, capture_output=True, **named
    )


def test_the_module_runs() -> None:
    Path("Dockerfile").write_text(FLAGGED)
    done = run()
    assert done.returncode == 1
    assert "MS301" in done.stdout
    assert done.stderr == ""
    assert "lint-multistage 0.1.0" in run("--version").stdout


@pytest.mark.parametrize("encoding", ["ascii", "latin-1", "utf-8"])
def test_any_encoding_of_the_terminal_will_do(encoding: str) -> None:
    Path("Dockerfile").write_bytes("FROM golang # é \udcff\n".encode("utf-8", "surrogateescape"))
    done = run(env={**os.environ, "PYTHONIOENCODING": encoding}, encoding=encoding)
    assert done.returncode == 1
    assert done.stderr == ""


def test_a_reader_that_stops_reading_is_no_error() -> None:
    Path("Dockerfile").write_text("FROM alpine\n" + "COPY --from=$X /a /a\n" * 5000)
    process = subprocess.Popen(
        [sys.executable, "-m", "lint_multistage"], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    assert process.stdout
    assert process.stderr
    process.stdout.readline()
    process.stdout.close()
    assert process.stderr.read() == ""
    process.wait()


def test_colour(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    Path("Dockerfile").write_text(FLAGGED)
    main([])
    assert "\x1b" not in capsys.readouterr().out
    main(["--color", "always"])
    assert "\x1b[" in capsys.readouterr().out
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True, raising=False)
    monkeypatch.setenv("NO_COLOR", "1")
    main([])
    assert "\x1b" not in capsys.readouterr().out


def test_no_network_and_no_processes() -> None:
    Path("Dockerfile").write_text(FLAGGED)
    script = (
        "import sys\n"
        "def hook(event, arguments):\n"
        "    if event.startswith(('socket.', 'subprocess.', 'os.system', 'os.exec', 'os.fork', 'os.posix_spawn')):\n"
        "        raise SystemExit('used ' + event)\n"
        "sys.addaudithook(hook)\n"
        "from lint_multistage.cli import main\n"
        "sys.exit(main(['.']))\n"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True)
    assert done.returncode == 1, done.stderr
    assert "MS301" in done.stdout
