"""What a stage is for, told from names and build files."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from lint_multistage.facts import load
from lint_multistage.model.build import Target, lone_build
from lint_multistage.model.dockerfile import read_dockerfile
from lint_multistage.roles import Role, by_hand, role_of
from lint_multistage.survey import Survey
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
        ("images/app-builder/Dockerfile", "toolchain"),
        ("images/runner-e2e-v2/Dockerfile", "test"),
        ("build/cross-images/arm.dockerfile", "toolchain"),
        ("tools/toolchain/Dockerfile", "toolchain"),
        ("tools/Dockerfile", "ci"),
        ("tools/proxy/Dockerfile", "runtime"),
        ("compose/local/web/Dockerfile", "development"),
        ("rootfs/usr/local/Dockerfile", "runtime"),
        ("build/package/Dockerfile", "runtime"),
        ("vendor/acme/Dockerfile", "runtime"),
        ("load_tests/logger/Dockerfile", "test"),
        ("images/test-runner/rootfs/Dockerfile", "test"),
        ("tools/TestSuite/images/db/Dockerfile", "test"),
        ("playwright/compose/db/Dockerfile", "test"),
        ("services/playwright-service/Dockerfile", "runtime"),
        ("services/ab-test/Dockerfile", "runtime"),
        ("services/contest/Dockerfile", "runtime"),
        ("2.11/windows-builder/ltsc2022/Dockerfile.base", "toolchain"),
        ("tools/linux/Dockerfile", "runtime"),
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


def judged(text: str, *targets: Target) -> Role:
    """The role of the last stage of a Dockerfile whose names say nothing."""
    build = lone_build(read_dockerfile(Source.of("Dockerfile", text)))
    build = replace(build, targets=(*build.targets, *targets))
    return Survey(build, load()).role(len(build.dockerfile.stages) - 1)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        # A compiler, a build tool or a build script is what it starts.
        ('FROM debian\nCMD ["make", "test"]\n', "toolchain"),
        ('FROM debian\nENTRYPOINT ["gcc"]\n', "toolchain"),
        ("FROM maven\nCOPY . .\nCMD mvn verify\n", "toolchain"),
        ("FROM maven\nCOPY . .\nCMD mvn spring-boot:run\n", "runtime"),
        ('FROM gradle\nCMD ["gradle", "bootRun"]\n', "runtime"),
        ('FROM golang\nCMD ["go", "test", "./..."]\n', "toolchain"),
        ('FROM golang\nCMD ["go", "run", "."]\n', "runtime"),
        ('FROM node\nCMD ["npm", "run", "build"]\n', "toolchain"),
        ('FROM node\nCMD ["npm", "start"]\n', "runtime"),
        ('FROM debian\nENTRYPOINT ["/scripts/build.sh"]\n', "toolchain"),
        ('FROM debian\nENTRYPOINT ["/start.sh"]\n', "runtime"),
        ('FROM debian\nCMD ["/bin/bash", "-c", "cd /src && make -j4 && cpack -G DEB"]\n', "toolchain"),
        ('FROM erlang\nCOPY app /app\nCMD ["erl", "-pa", "/app/ebin"]\n', "runtime"),
        # A shell.
        ("FROM debian\nRUN apt-get install -y gcc\nCMD bash\n", "development"),
        ('FROM debian\nCMD ["sh", "/app/run.sh"]\n', "runtime"),
        ("FROM golang\nCOPY . .\nRUN go build -o /app .\nCMD bash\n", "runtime"),
        # Nothing.
        ("FROM debian\nRUN apt-get install -y gcc\n", "toolchain"),
        ("FROM debian\nRUN apt-get install -y gcc\nCOPY app /usr/bin/\n", "runtime"),
        ("FROM debian\nRUN apt-get install -y gcc\nCOPY setup.sh /\nCOPY apt.list /etc/apt/\n", "toolchain"),
        ("FROM acme/base\nRUN apt-get install -y gcc\n", "toolchain"),
        ("FROM acme/app\nRUN apt-get install -y gcc\n", "runtime"),
        ("FROM golang\nRUN go install example.com/cmd/tool@v1\n", "runtime"),
        ("FROM golang AS a\nFROM debian\nRUN true\nCOPY --from=a /x /x\n", "runtime"),
        ("FROM golang\n", "runtime"),
        # An interpreter that waits for a program.
        (
            "FROM buildpack-deps\nRUN curl x | tar x\nCOPY docker-entrypoint.sh /\n"
            'ENTRYPOINT ["docker-entrypoint.sh"]\nCMD ["node"]\n',
            "toolchain",
        ),
        ('FROM debian\nRUN apt-get install -y gcc\nCOPY . /app\nCMD ["python3"]\n', "runtime"),
        ('FROM debian\nRUN apt-get install -y gcc\nCMD ["node", "app.js"]\n', "runtime"),
        ("FROM node:22-slim\nRUN apt-get install -y gcc xvfb\n", "toolchain"),
        ("FROM python:3-slim\nRUN apt-get install -y gcc && pip install uwsgi\n", "runtime"),
        ("FROM python:3-slim\nRUN apt-get install -y gcc\nCOPY app /app\n", "runtime"),
        ("FROM nginx\nRUN apt-get install -y gcc\n", "runtime"),
        # What was built is handed out.
        ('FROM rust\nRUN cargo build --release\nENTRYPOINT ["tar", "cf", "-", "vmm"]\n', "export"),
        ("FROM rust\nRUN cargo build --release\nCMD cp a b && ./vmm\n", "runtime"),
        # What its labels say.
        ('FROM debian\nLABEL org.opencontainers.image.title="acme build environment"\nCMD /run\n', "toolchain"),
        ('FROM debian\nLABEL org.opencontainers.image.title="acme builder service"\nCMD /run\n', "runtime"),
    ],
)
def test_by_the_contents(text: str, expected: str) -> None:
    assert judged(text).name == expected


def test_what_a_compose_file_builds_is_run() -> None:
    service = Target(0, "compose.yaml", 3, kind="compose", name="tool")
    text = "FROM debian\nRUN apt-get install -y gcc\n"
    assert judged(text).name == "toolchain"
    assert judged(text, service).name == "runtime"


def test_the_configuration_has_the_last_word() -> None:
    build = lone_build(read_dockerfile(Source.of("Dockerfile", "FROM debian AS dev\nCMD make\n")))
    survey = Survey(replace(build, roles={0: ("runtime", "the configuration says so")}), load())
    assert survey.role(0) == Role("runtime", "the configuration says so")
