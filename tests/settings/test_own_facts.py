"""What a configuration knows of a company's images and packages."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from lint_multistage.facts import load
from lint_multistage.linting import Linter, Options
from lint_multistage.plugins import verified
from lint_multistage.settings.config import settings_for
from lint_multistage.settings.errors import UsageError
from lint_multistage.settings.own_facts import with_own_facts
from lint_multistage.settings.settings import show


@pytest.fixture(autouse=True)
def _here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / ".git").mkdir()
    monkeypatch.chdir(tmp_path)


def lint(text: str, config: str, name: str = "pyproject.toml") -> list[tuple[str, str, str]]:
    """Code, message and hint of each finding under a configuration."""
    Path(name).write_text(config, encoding="utf-8")
    linter = Linter(verified(()), Options())
    results = linter.lint_text("Dockerfile", text)
    assert not results.failures
    return [(placed.code, placed.message, placed.hint) for placed in results.findings]


def codes(text: str, config: str, name: str = "pyproject.toml") -> list[str]:
    return [code for code, _, _ in lint(text, config, name)]


def fails(config: str, name: str = ".lint-multistage.toml") -> str:
    """The one line of error that a configuration gives."""
    Path(name).write_text(config, encoding="utf-8")
    with pytest.raises(UsageError) as caught:
        Linter(verified(()), Options()).settings("Dockerfile")
    message = str(caught.value)
    assert message.startswith(f"{name}: ")
    assert "\n" not in message
    return message


BUILDER = """\
[tool.lint-multistage.images."registry.corp/go-builder"]
toolchains = ["go"]
runtime = "registry.corp/base"
"""
GO = 'FROM registry.corp/go-builder:7\nRUN go build -o /app .\nENTRYPOINT ["/app"]\n'


class TestImages:
    def test_a_private_image_is_unknown_by_itself(self) -> None:
        assert codes(GO, "") == []

    def test_a_toolchain_image(self) -> None:
        [(code, message, hint)] = lint(GO, BUILDER)
        assert code == "MS301"
        assert "ships with go of 'registry.corp/go-builder:7', which only building needs" in message
        assert "FROM registry.corp/base\n" in hint

    def test_one_that_carries_nothing(self) -> None:
        config = '[tool.lint-multistage.images."golang"]\ntoolchains = []\n'
        assert codes("FROM golang:1.22\nRUN ./x\nCMD x\n", "") == ["MS301"]
        assert codes("FROM golang:1.22\nRUN ./x\nCMD x\n", config) == []

    def test_a_toolchain_of_which_only_the_company_knows(self) -> None:
        config = '[tool.lint-multistage.images."registry.corp/x"]\ntoolchains = ["acme-sdk"]\n'
        assert codes("FROM registry.corp/x\n", config) == ["MS301"]

    def test_what_is_worth_no_finding_elsewhere_is_none_here(self) -> None:
        config = '[tool.lint-multistage.images."registry.corp/x"]\ntoolchains = ["git"]\n'
        assert codes("FROM registry.corp/x\n", config) == []

    def test_a_tag_goes_before_all_others(self) -> None:
        config = """\
[tool.lint-multistage.images]
"registry.corp/python" = {toolchains = []}
"registry.corp/python:3.12-full" = {toolchains = ["gcc"], role = "bundled", runtime = "registry.corp/python:3.12"}
"""
        assert codes("FROM registry.corp/python:3.12\n", config) == []
        assert codes("FROM registry.corp/python:3.12-full-2\n", config) == []
        [(code, _, hint)] = lint("FROM registry.corp/python:3.12-full\n", config)
        assert (code, hint) == ("MS306", "start FROM registry.corp/python:3.12")

    def test_a_runtime_of_the_same_tag(self) -> None:
        config = BUILDER.replace("base", "base:{tag}")
        assert "FROM registry.corp/base:7\n" in lint(GO, config)[0][2]

    def test_a_mirror_holds_what_the_original_holds(self) -> None:
        config = '[tool.lint-multistage.images."registry.corp:5000/hub/python"]\nlike = "python"\n'
        assert codes("FROM registry.corp:5000/hub/python:3.12\n", config) == ["MS306"]
        assert codes("FROM registry.corp:5000/hub/python:3.12-slim\n", config) == []
        assert codes("FROM registry.corp:5000/hub/node:20\n", config) == []

    def test_the_distribution_decides_what_apt_brings(self) -> None:
        text = "FROM registry.corp/os\nRUN apt-get update && apt-get install -y python3-pip\nCMD x\n"
        config = '[tool.lint-multistage.images."registry.corp/os"]\nrole = "os"\ndistro = "debian"\nlibc = "glibc"\n'
        assert codes(text, "") == []
        assert codes(text, config) == ["MS302"]


class TestPackages:
    def test_a_package_of_the_company(self) -> None:
        text = "FROM debian:12\nRUN apt-get update && apt-get install -y --no-install-recommends acme-sdk-7\nCMD x\n"
        assert codes(text, "") == []
        assert codes(text, '[tool.lint-multistage.packages.apt]\nacme-sdk-7 = ["gcc"]\n') == ["MS302"]
        assert codes(text, '[tool.lint-multistage.packages.apt]\n"acme-*-7" = ["acme-sdk"]\n') == ["MS302"]
        assert codes(text, '[tool.lint-multistage.packages.apt]\n"acme-*-8" = ["acme-sdk"]\n') == []
        assert codes(text, '[tool.lint-multistage.packages.apk]\nacme-sdk-7 = ["gcc"]\n') == []

    def test_one_that_is_fine_at_run_time(self) -> None:
        text = "FROM alpine:3\nRUN apk add --no-cache cmake\nCMD x\n"
        assert codes(text, "") == ["MS302"]
        assert codes(text, "[tool.lint-multistage.packages.apk]\ncmake = []\n") == []

    def test_managers_of_one_family_share_them(self) -> None:
        text = "FROM fedora:41\nRUN dnf install -y acme-sdk\nCMD x\n"
        assert codes(text, '[tool.lint-multistage.packages.yum]\nacme-sdk = ["gcc"]\n') == ["MS302"]


class TestForms:
    def test_ini(self) -> None:
        config = """\
[lint-multistage]
images =
    registry.corp:5000/go-builder = toolchains=go,gcc runtime=registry.corp/base
    registry.corp/golang = like=golang
packages =
    apk = acme-sdk=gcc cmake=
"""
        Path("setup.cfg").write_text(config, encoding="utf-8")
        settings = settings_for("Dockerfile")
        assert settings.images == {
            "registry.corp:5000/go-builder": {"toolchains": ("go", "gcc"), "runtime": "registry.corp/base"},
            "registry.corp/golang": {"like": "golang"},
        }
        assert settings.packages == {"apk": {"acme-sdk": ("gcc",), "cmake": ()}}
        assert codes("FROM registry.corp/golang:1.22\nRUN ./x\nCMD x\n", config, "setup.cfg") == ["MS301"]

    def test_ini_one_key_an_image(self) -> None:
        config = "[lint-multistage]\nimages.registry.corp/x = toolchains=go\nimages.registry.corp/y = toolchains=gcc\n"
        Path("tox.ini").write_text(config, encoding="utf-8")
        assert list(settings_for("Dockerfile").images) == ["registry.corp/x", "registry.corp/y"]

    def test_they_are_shown_as_a_file_has_them(self) -> None:
        Path("pyproject.toml").write_text(BUILDER, encoding="utf-8")
        lines = show(settings_for("Dockerfile"))
        assert (
            'images = {"registry.corp/go-builder" = {"toolchains" = ["go"], "runtime" = "registry.corp/base"}}'
            "  # pyproject.toml"
        ) in lines

    def test_those_of_a_base_file_stay(self) -> None:
        Path("base.toml").write_text(
            '[images]\na = {toolchains = ["go"]}\nb = {toolchains = ["go"]}\n[packages.apt]\nx = ["gcc"]\ny = ["gcc"]\n'
            '[packages.apk]\nz = ["gcc"]\n',
            encoding="utf-8",
        )
        Path(".lint-multistage.toml").write_text(
            'extend = "base.toml"\n[images]\nb = {runtime = "c"}\n[packages.apt]\nx = []\n', encoding="utf-8"
        )
        settings = settings_for("Dockerfile")
        assert settings.images == {"a": {"toolchains": ("go",)}, "b": {"runtime": "c"}}
        assert settings.packages == {"apt": {"x": (), "y": ("gcc",)}, "apk": {"z": ("gcc",)}}

    def test_each_folder_has_its_own(self) -> None:
        os.makedirs("a")
        Path("a/pyproject.toml").write_text(BUILDER, encoding="utf-8")
        linter = Linter(verified(()), Options())
        assert [f.code for f in linter.lint_text("a/Dockerfile", GO).findings] == ["MS301"]
        assert linter.lint_text("Dockerfile", GO).findings == ()

    def test_facts_without_own_ones_are_the_same_object(self) -> None:
        plugins = verified(())
        linter = Linter(plugins, Options())
        linter.settings("Dockerfile")
        assert linter._facts == {}


class TestMistakes:
    @pytest.mark.parametrize(
        ("config", "said"),
        [
            ('images = ["x"]', "'images' must be a table of image names, not ['x']"),
            ('images.x = "go"', "'images.x' must be a table, such as {toolchains = ['go']}, not 'go'"),
            ("images.x = {}", "'images.x' says nothing; give toolchains, which may be none: []"),
            ('images.x.toolchain = ["go"]', "'images.x.toolchain': unknown key; did you mean 'toolchains'?"),
            ('images.x.toolchains = "Go!"', "'images.x.toolchains': 'Go!' is no name of a toolchain"),
            ("images.x.toolchains = [1]", "'images.x.toolchains' must be a list of toolchains, not [1]"),
            ("images.x.runtime = 1", "'images.x.runtime' must be a string, not 1"),
            ('images.x.runtime = "Base"', "'images.x.runtime': an image name must be lower case"),
            ('images.x.role = "builder"', "'images.x.role' must be toolchain, bundled, runtime, minimal or os"),
            ('images.x.libc = "uclibc"', "'images.x.libc' must be glibc, musl or none, not 'uclibc'"),
            ('images.X.toolchains = ["go"]', "'images.X': an image name must be lower case"),
            ('images."x@sha256:' + "0" * 64 + '".role = "os"', "leave the digest out"),
            ('images.x = {like = "golang", role = "os"}', "'images.x': 'like' says all"),
            ('images.x.like = "golang:1.22"', "'images.x.like': leave the tag out"),
            ('images."x:1".like = "golang"', "'images.x:1': leave the tag out"),
            ('images.x.like = "acme/x"', "'images.x.like': nothing is known of 'acme/x'"),
            ('packages.app.x = ["gcc"]', "'packages.app': unknown package manager; did you mean 'apt'?"),
            ('packages.apt = ["x"]', "'packages.apt' must be a table of packages and toolchains, not ['x']"),
            ("packages.apt.x = true", "'packages.apt.x' must be a list of toolchains, not True"),
            ('image.x.toolchains = ["go"]', "unknown key 'image'; did you mean 'images'?"),
        ],
    )
    def test_they_name_file_and_key(self, config: str, said: str) -> None:
        assert said in fails(config)

    @pytest.mark.parametrize("line", ["registry.corp/x", "registry.corp/x = go", "registry.corp/x ="])
    def test_in_an_ini_file(self, line: str) -> None:
        assert "must be like NAME = key=value key=value" in fails(f"[lint-multistage]\nimages =\n  {line}\n", "tox.ini")

    def test_the_exit_status_is_2(self) -> None:
        Path("pyproject.toml").write_text(BUILDER.replace("toolchains", "toolchain"), encoding="utf-8")
        Path("Dockerfile").write_text("FROM alpine\n", encoding="utf-8")
        ran = subprocess.run(
            [sys.executable, "-m", "lint_multistage", "Dockerfile"], capture_output=True, text=True, check=False
        )
        assert ran.returncode == 2
        assert "pyproject.toml: 'images.registry.corp/go-builder.toolchain': unknown key" in ran.stderr + ran.stdout


def test_what_plugins_know_stands_below() -> None:
    Path("pyproject.toml").write_text(BUILDER, encoding="utf-8")
    facts = with_own_facts(load(), settings_for("Dockerfile"))
    image = facts.image("registry.corp/go-builder", "1")
    assert image
    assert image.role == "toolchain"
    assert facts.image("golang", "1.22") == load().image("golang", "1.22")


def test_plain_configurations_load_nothing_for_it(tmp_path: Path) -> None:
    Path("pyproject.toml").write_text('[tool.lint-multistage]\nignore = ["MS306"]\n', encoding="utf-8")
    Path("Dockerfile").write_text("FROM alpine\n", encoding="utf-8")
    script = (
        "import sys; from lint_multistage.cli import main; main(['Dockerfile']); "
        "print('lint_multistage.settings.own_facts' in sys.modules)"
    )
    ran = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert ran.stdout.splitlines()[-1] == "False"
