"""Plugins: loaded, verified, and told in one line when they are broken."""

from __future__ import annotations

import shutil
import subprocess
import sys
import types
from collections.abc import Iterator
from importlib.metadata import EntryPoint
from pathlib import Path
from typing import Any

import pytest

from lint_multistage.api import Check, Finding, Image, Invalid, MoreFacts, Severity, Survey, Valid, hookimpl
from lint_multistage.cli import main
from lint_multistage.plugins import PluginError, load_plugins, verified
from lint_multistage.results import Results

ROOT = Path(__file__).parent.parent


class NoMaintainer(Check):
    """Somebody wrote MAINTAINER.

    ## Why is this bad?
    It is deprecated.
    """

    code = "ZZ001"
    severity = Severity.WARNING
    valid = (Valid("FROM alpine\n"),)
    invalid = (Invalid("FROM alpine\n«MAINTAINER me»\n"),)

    def check(self, survey: Survey) -> Iterator[Finding]:
        for instruction in survey.dockerfile.instructions():
            if instruction.keyword.text == "MAINTAINER":
                yield Finding(span=instruction.span, message="MAINTAINER is deprecated")


def plugin(**hooks: Any) -> types.SimpleNamespace:
    return types.SimpleNamespace(**{name: hookimpl(function) for name, function in hooks.items()})


def checks_of(*checks: type[Check]) -> types.SimpleNamespace:
    def lint_multistage_checks() -> list[type[Check]]:
        return list(checks)

    return plugin(lint_multistage_checks=lint_multistage_checks)


def test_checks_facts_and_reports_are_added() -> None:
    def facts() -> MoreFacts:
        return MoreFacts(images=(Image(repositories=("registry.example.com/cc",), role="toolchain"),))

    def reports() -> dict[str, Any]:
        return {"count": lambda results: f"{len(results.findings)}\n"}

    def checks() -> list[type[Check]]:
        return [NoMaintainer]

    found = verified(
        [
            (
                "ZZ",
                "zz-lint",
                plugin(lint_multistage_checks=checks, lint_multistage_facts=facts, lint_multistage_reports=reports),
            )
        ]
    )
    assert found.checks[-1] is NoMaintainer
    image = found.facts.image("registry.example.com/cc", "1")
    assert image is not None
    assert image.role == "toolchain"
    assert found.reports["count"](Results((), ())) == "0\n"


def test_order_of_installation_does_not_matter() -> None:
    class Other(NoMaintainer):
        """Other."""

        code = "YY001"

    one, two = ("ZZ", "zz-lint", checks_of(NoMaintainer)), ("YY", "yy-lint", checks_of(Other))
    assert verified([one, two]).checks == verified([two, one]).checks


def with_code(code: str) -> type[Check]:
    return type("Renamed", (NoMaintainer,), {"code": code})


@pytest.mark.parametrize(
    ("plugins", "message"),
    [
        ([("zz", "zz-lint", checks_of(NoMaintainer))], "zz-lint: its entry point is named 'zz'"),
        ([("MS", "zz-lint", checks_of(NoMaintainer))], "lint-multistage and zz-lint both claim the prefix MS"),
        ([("ZZ", "a-lint", checks_of()), ("ZZ", "b-lint", checks_of())], "a-lint and b-lint both claim the prefix ZZ"),
        ([("ZZ", "zz-lint", checks_of(with_code("MS301")))], "the code 'MS301' of Renamed must be ZZ and three digits"),
        ([("ZZ", "zz-lint", checks_of(with_code("ZZ1")))], "must be ZZ and three digits"),
        ([("ZZ", "zz-lint", checks_of(NoMaintainer, NoMaintainer))], "the code ZZ001 is given twice"),
        ([("ZZ", "zz-lint", checks_of(str))], "is no subclass of lint_multistage.api.Check"),  # type: ignore[arg-type]
        ([("ZZ", "zz-lint", plugin(lint_multistage_checks=lambda: None))], "must return check classes"),
        ([("ZZ", "zz-lint", plugin(lint_multistage_checks=lambda: 1 / 0))], "ZeroDivisionError"),
        ([("ZZ", "zz-lint", plugin(lint_multistage_facts=lambda: {"a": 1}))], "must return MoreFacts"),
        ([("ZZ", "zz-lint", plugin(lint_multistage_reports=lambda: {"text": str}))], "already a report named 'text'"),
        ([("ZZ", "zz-lint", plugin(lint_multistage_chekcs=lambda: None))], "lint_multistage_chekcs"),
        (
            [("ZZ", "zz-lint", plugin(lint_multistage_facts=lambda: MoreFacts(images=(Image(("x",), tags="("),))))],
            "zz-lint",
        ),
    ],
)
def test_broken_plugins_are_named(plugins: list[tuple[str, str, object]], message: str) -> None:
    with pytest.raises(PluginError) as error:
        verified(plugins)
    assert message in str(error.value)
    assert "\n" not in str(error.value)


def test_a_plugin_that_cannot_be_imported(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    entry = EntryPoint("ZZ", "no_such_module_zz", "lint_multistage")
    monkeypatch.setattr("lint_multistage.plugins.plugin_entry_points", lambda: [entry])
    with pytest.raises(PluginError, match=r"no_such_module_zz \(ZZ\) cannot be loaded: ModuleNotFoundError"):
        load_plugins()
    assert main(["--show-files"]) == 2
    assert "Traceback" not in capsys.readouterr().err


def test_an_absent_plugin_that_is_required(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("setup.cfg").write_text("[lint-multistage]\nrequire-plugins = acme-absent\n")
    Path("Dockerfile").write_text("FROM alpine\n")
    assert main(["Dockerfile"]) == 2
    assert capsys.readouterr().err.endswith("acme-absent, which is not installed: pip install acme-absent\n")


def test_the_example_plugin_in_an_environment_of_its_own(tmp_path: Path) -> None:
    """Installed for real: its check, its fact, its tests."""
    project = tmp_path / "project"
    ignored = shutil.ignore_patterns(".git", ".venv", "*.egg-info", "__pycache__", ".*_cache", ".hypothesis", "build")
    shutil.copytree(ROOT, project, ignore=ignored)
    example = project / "examples" / "plugin"
    environment = tmp_path / "environment"
    subprocess.run([sys.executable, "-m", "venv", environment], check=True)
    python = environment / "bin" / "python"
    subprocess.run(
        [
            python,
            "-m",
            "pip",
            "install",
            "--quiet",
            "--disable-pip-version-check",
            project,
            example,
            "pytest",
        ],
        check=True,
        cwd=tmp_path,
    )
    (tmp_path / "Dockerfile").write_text("FROM images.acme.example/go:1\nRUN go build -o /app .\n")
    (tmp_path / "Other").write_text("FROM debian:12\n")
    done = subprocess.run(
        [environment / "bin" / "lint-multistage", "--format", "concise", "Dockerfile", "Other"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 1, done.stderr
    assert "MS301" in done.stdout
    assert "ACME001 'debian:12' comes from docker.io" in done.stdout
    subprocess.run(
        [python, "-m", "pytest", "-q", "-p", "no:cacheprovider", example / "tests"], cwd=tmp_path, check=True
    )
