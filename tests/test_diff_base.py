"""`--diff-base`: only stages that changed since a commit are spoken of."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from lint_multistage.cli import main

TWO = """\
FROM golang:1.22 AS one
RUN echo one
CMD one

FROM golang:1.22 AS two
CMD two
"""
BAKE = """\
target "one" { target = "one" }
target "two" { target = "two" }
"""


def git(*arguments: str) -> None:
    identity = ["-c", "user.name=a", "-c", "user.email=a@example.org", "-c", "core.autocrlf=false"]
    subprocess.run(["git", *identity, *arguments], check=True, capture_output=True)


@pytest.fixture(autouse=True)
def repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    git("init", "--quiet", "--initial-branch=main")
    (tmp_path / "Dockerfile").write_text(TWO)
    (tmp_path / "docker-bake.hcl").write_text(BAKE)
    git("add", ".")
    git("commit", "--quiet", "--message", "first")
    return tmp_path


def places(capsys: pytest.CaptureFixture[str], *arguments: str, base: str = "HEAD") -> list[str]:
    main(["--format", "concise", "--diff-base", base, *arguments])
    captured = capsys.readouterr()
    assert captured.err == ""
    return [" ".join(line.split()[:3]) for line in captured.out.splitlines()]


def test_nothing_changed(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--format", "concise"]) == 1
    assert len(capsys.readouterr().out.splitlines()) >= 2
    assert places(capsys) == []
    assert main(["--diff-base", "HEAD"]) == 0


def test_a_changed_line_brings_all_of_its_stage(capsys: pytest.CaptureFixture[str], repository: Path) -> None:
    (repository / "Dockerfile").write_text(TWO.replace("CMD one", "CMD 1"))
    assert places(capsys) == ["Dockerfile:1:6: warning MS301"]
    (repository / "Dockerfile").write_text(TWO.replace("CMD two\n", ""))
    assert places(capsys) == ["Dockerfile:5:6: warning MS301"]
    (repository / "Dockerfile").write_text(f"ARG X=1\n{TWO}")
    assert places(capsys) == ["Dockerfile:2:6: warning MS301", "Dockerfile:6:6: warning MS301"]


def test_a_stage_changes_with_the_one_it_is_from(capsys: pytest.CaptureFixture[str], repository: Path) -> None:
    text = "FROM debian AS base\nRUN apt-get install -y gcc\nFROM base AS one\nCMD one\nFROM golang AS two\nCMD two\n"
    (repository / "Dockerfile").write_text(text)
    git("commit", "--quiet", "--all", "--message", "second")
    (repository / "Dockerfile").write_text(text.replace("-y gcc", "-y  gcc"))
    assert places(capsys) == ["Dockerfile:3:6: warning MS303"]


def test_commits_of_the_other_side_do_not_count(capsys: pytest.CaptureFixture[str], repository: Path) -> None:
    git("checkout", "--quiet", "-b", "feature")
    (repository / "Dockerfile").write_text(TWO.replace("CMD one", "CMD 1"))
    git("commit", "--quiet", "--all", "--message", "ours")
    git("checkout", "--quiet", "main")
    (repository / "Dockerfile").write_text(TWO.replace("CMD two", "CMD 2"))
    git("commit", "--quiet", "--all", "--message", "theirs")
    git("checkout", "--quiet", "feature")
    assert places(capsys, base="main") == ["Dockerfile:1:6: warning MS301"]


@pytest.mark.parametrize("name", ["new.Dockerfile", "größe ✓/Dockerfile", "a b/Dockerfile", '"q"/Dockerfile'])
def test_new_files_count_whole_and_renamed_ones_by_their_changes(
    capsys: pytest.CaptureFixture[str], repository: Path, name: str
) -> None:
    path = repository / name
    path.parent.mkdir(exist_ok=True)
    path.write_text("FROM rust\nCMD x\n")
    (said,) = places(capsys, name)
    assert said in f"{name}:1:6: warning MS301"
    git("add", ".")
    assert len(places(capsys, name)) == 1
    git("commit", "--quiet", "--message", "second")
    assert places(capsys, name) == []
    git("mv", name, "moved.Dockerfile")
    assert places(capsys, "moved.Dockerfile") == []


def test_a_build_file_speaks_by_its_line(capsys: pytest.CaptureFixture[str], repository: Path) -> None:
    (repository / "docker-bake.hcl").write_text(BAKE + 'target "three" { target = "thre" }\n')
    assert places(capsys) == ["docker-bake.hcl:3:28: error MS202"]


def test_the_repository_is_that_of_the_first_path(
    capsys: pytest.CaptureFixture[str], repository: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir("/")
    assert places(capsys, str(repository)) == []


@pytest.mark.parametrize(
    ("base", "said"),
    [
        ("nope", "git cannot compare with it: Not a valid object name nope"),
        ("--help", "git cannot compare with it: Not a valid object name --help"),
    ],
)
def test_what_git_cannot_do_is_told(capsys: pytest.CaptureFixture[str], base: str, said: str) -> None:
    assert main([f"--diff-base={base}"]) == 2
    assert capsys.readouterr().err == f"lint-multistage: error: --diff-base {base}: {said}\n"


def test_no_repository_and_no_git_are_told(
    capsys: pytest.CaptureFixture[str], tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path_factory.mktemp("bare")
    (folder / "Dockerfile").write_text(TWO)
    assert main(["--diff-base", "HEAD", str(folder)]) == 2
    assert "not a git repository" in capsys.readouterr().err
    monkeypatch.setenv("PATH", str(folder))
    assert main(["--diff-base", "HEAD", str(folder)]) == 2
    assert capsys.readouterr().err == "lint-multistage: error: --diff-base needs git, which is not installed\n"


def test_git_is_the_only_process() -> None:
    script = (
        "import sys\n"
        "def hook(event, arguments):\n"
        "    if event.startswith(('socket.', 'os.system', 'os.exec', 'os.fork', 'os.posix_spawn')):\n"
        "        raise SystemExit('used ' + event)\n"
        "    if event == 'subprocess.Popen' and arguments[1][0] != 'git':\n"
        "        raise SystemExit('started ' + arguments[1][0])\n"
        "sys.addaudithook(hook)\n"
        "from lint_multistage.cli import main\n"
        "sys.exit(main(['--diff-base', 'HEAD', '.']))\n"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (0, "")
