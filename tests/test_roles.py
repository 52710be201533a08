"""What a stage is for, told from names and build files."""

from __future__ import annotations

import pytest

from lint_multistage.model.build import Target
from lint_multistage.model.dockerfile import read_dockerfile
from lint_multistage.roles import by_hand, role_of
from lint_multistage.text import Source


def role(name: str = "", path: str = "Dockerfile", *targets: Target) -> str:
    text = f"FROM alpine{' AS ' + name if name else ''}\n"
    return role_of(read_dockerfile(Source.of("Dockerfile", text)).stages[0], path, targets).name


def test_what_only_a_dev_container_builds_is_for_development() -> None:
    container = Target(0, "devcontainer.json", 3, kind="devcontainer")
    assert role("app", "Dockerfile", container) == "development"
    assert role("app", "Dockerfile", container, Target(0, "compose.yaml", 3, kind="compose")) == "runtime"


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("", "runtime"),
        ("app", "runtime"),
        ("production", "runtime"),
        ("dev", "development"),
        ("app-dev", "development"),
        ("Dev_Shell", "development"),
        ("test", "test"),
        ("integration-tests", "test"),
        ("lint", "ci"),
        ("artifact", "export"),
        ("dist", "runtime"),
        ("builder", "toolchain"),
        ("devices", "runtime"),
        ("contest", "runtime"),
    ],
)
def test_by_the_name_of_the_stage(name: str, expected: str) -> None:
    assert role(name) == expected


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("Dockerfile", "runtime"),
        ("services/api/Dockerfile", "runtime"),
        ("Dockerfile.dev", "development"),
        ("dev.Dockerfile", "development"),
        ("Dockerfile-test", "test"),
        ("ci/Dockerfile", "ci"),
        (".devcontainer/Dockerfile", "development"),
        ("e2e/images/Dockerfile", "test"),
        ("docs/Dockerfile", "runtime"),
        ("Dockerfile.prod", "runtime"),
        ("final-from-builder.Dockerfile", "runtime"),
        ("api-dev.dockerfile", "development"),
    ],
)
def test_by_the_path_of_the_file(path: str, expected: str) -> None:
    assert role("", path) == expected


def test_by_what_is_made_of_it() -> None:
    local = Target(0, "Makefile", 3, ships=False)
    assert role("", "Dockerfile", local) == "export"
    assert role("", "Dockerfile", local, Target(0, "compose.yaml", 2)) == "runtime"


def test_the_reason_is_told() -> None:
    stage = read_dockerfile(Source.of("Dockerfile", "FROM alpine AS dev\n")).stages[0]
    assert role_of(stage, "Dockerfile", ()).reason == "the stage is named 'dev'"


@pytest.mark.parametrize(
    ("name", "expected"), [("dev", True), ("lint", True), ("builder", False), ("web", False), ("xdev", False)]
)
def test_stages_that_people_build_by_hand(name: str, expected: bool) -> None:
    assert by_hand(read_dockerfile(Source.of("Dockerfile", f"FROM alpine AS {name}\n")).stages[0]) is expected
