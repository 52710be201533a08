"""`lint-multistage init`: a first configuration that is read as it was meant."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest

from lint_multistage.cli import main
from lint_multistage.settings.config import settings_for


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    (tmp_path / ".git").mkdir()
    return tmp_path


def test_a_project_without_python_gets_a_file_of_its_own(capsys: pytest.CaptureFixture[str]) -> None:
    Path("Dockerfile").write_text("FROM golang\nRUN go build -o /x .\nCMD /x\n")
    assert main(["init"]) == 0
    assert capsys.readouterr().out == (
        "Wrote .lint-multistage.toml.\n1 finding in 1 of 1 Dockerfile: see lint-multistage.\n"
        "To begin with these as known: lint-multistage --write-baseline lint-multistage-baseline.json,"
        " and set baseline in the configuration.\n"
    )
    settings = settings_for("Dockerfile")
    assert settings.origins["fail-on"] == ".lint-multistage.toml"
    assert settings.extend_exclude == ()


def test_what_is_proposed_can_be_taken_as_it_stands() -> None:
    Path("pyproject.toml").write_text("[project]\nname = 'x'\n")
    main(["init"])
    text = Path("pyproject.toml").read_text()
    proposed = text.replace('# "', '"').replace("# [", "[").replace("# baseline", "baseline").replace("# ext", "ext")
    Path("pyproject.toml").write_text(proposed)
    settings = settings_for("Dockerfile")
    assert settings.roles == (("docker/ci/*", "ci"), ("Dockerfile:tools", "development"))
    assert settings.extend_exclude == ("third_party",)
    assert settings.baseline.endswith("lint-multistage-baseline.json")


@pytest.mark.parametrize("before", ["", "[project]\nname = 'x'", "[project]\r\nname = 'ü'\r\n", "[[tool.x]]\na = 1\n"])
def test_what_is_in_pyproject_is_kept(before: str) -> None:
    Path("pyproject.toml").write_bytes(before.encode())
    assert main(["init"]) == 0
    after = Path("pyproject.toml").read_bytes().decode()
    assert after.startswith(before)
    assert ("\r\n" in after) == ("\r\n" in before)
    assert tomllib.loads(after)["tool"]["lint-multistage"]["fail-on"] == "warning"


def test_folders_of_others_are_left_out() -> None:
    for folder in ("app", "pkg/testdata/a", "third_party/x"):
        Path(folder).mkdir(parents=True)
        Path(folder, "Dockerfile").write_text("FROM alpine\n")
    main(["init"])
    assert settings_for("Dockerfile").extend_exclude == ("testdata", "third_party")


@pytest.mark.parametrize(
    ("name", "text"),
    [
        (".lint-multistage.toml", ""),
        ("pyproject.toml", "[tool.lint-multistage]\n"),
        ("setup.cfg", "[lint-multistage]\nignore = MS3\n"),
    ],
)
def test_a_configuration_that_is_there_is_left_alone(capsys: pytest.CaptureFixture[str], name: str, text: str) -> None:
    Path(name).write_text(text)
    assert main(["init"]) == 2
    assert capsys.readouterr().err == (
        f"lint-multistage: error: {name} configures lint-multistage already; change it there, or take it out first\n"
    )
    assert Path(name).read_text() == text


def test_a_broken_file_is_left_alone_and_told(capsys: pytest.CaptureFixture[str]) -> None:
    Path("pyproject.toml").write_text("[project\n")
    assert main(["init"]) == 2
    said = capsys.readouterr().err
    assert said.startswith("lint-multistage: error: pyproject.toml: our table cannot be added (")
    assert said.endswith("); mend the file first\n")
    assert Path("pyproject.toml").read_text() == "[project\n"
