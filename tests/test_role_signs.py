"""What an image is for, told by what it has beside its compilers, by its comments, and by what is built of it."""

from __future__ import annotations

from pathlib import Path

import pytest
from msgspec.structs import replace

from lint_multistage.facts import load
from lint_multistage.model.build import Target, lone_build
from lint_multistage.model.dockerfile import read_dockerfile
from lint_multistage.survey import Survey
from lint_multistage.text import Source

GO = "RUN curl -fsSL https://go.dev/dl/go1.26.0.linux-amd64.tar.gz | tar -xz -C /usr/local\n"
GCC = "RUN apt-get update && apt-get install -y gcc\n"
END = 'ENTRYPOINT ["/opt/tool/bin/tool"]\n'


def role(text: str, *folders: Path) -> str:
    """The role of the last stage."""
    build = replace(lone_build(read_dockerfile(Source.of("Dockerfile", text))), folders=tuple(map(str, folders)))
    return Survey(build, load()).role(len(build.dockerfile.stages) - 1).name


@pytest.mark.parametrize(
    "text",
    [
        f"FROM golang:1.22\nENV GOMODCACHE=/data/cache/go\n{END}",
        f"FROM debian\n{GO}ENV GOPATH=/go PATH=/usr/local/go/bin:$PATH\nCOPY entrypoint.sh /\n{END}",
        f"FROM golang AS go\nFROM debian\nCOPY --from=go /usr/local/go /usr/local/go\nENV GOPATH=/go\n{END}",
        f"FROM mcr.microsoft.com/dotnet/sdk:8.0\nENV DOTNET_ROLL_FORWARD=Major\n{END}",
        "FROM ubuntu AS base\nFROM base\nRUN apt-get install -y g++-aarch64-linux-gnu\nCOPY toolchain.cmake /opt/\n"
        f"ENV CC_aarch64_unknown_linux_gnu=aarch64-linux-gnu-gcc\n{END}",
        f"FROM ubuntu\n{GCC}ENV CARGO_TARGET_ARMV7_UNKNOWN_LINUX_GNU_LINKER=arm-gcc\n{END}",
    ],
)
def test_variables_of_a_compiler_where_nothing_is_built(text: str) -> None:
    assert role(text) == "toolchain"


@pytest.mark.parametrize(
    "text",
    [
        # Something is built, or brought.
        f"FROM golang:1.22\nENV GOPATH=/go\nCOPY . .\nRUN go build -o /app .\n{END}",
        f"FROM golang:1.22\nENV GOPATH=/go\nCOPY . /src\n{END}",
        f"FROM golang:1.22\nENV GOPATH=/go\nCOPY app /usr/bin/\n{END}",
        f"FROM golang:1.22 AS build\nRUN go build -o /app .\nFROM golang:1.22\nENV GOPATH=/go\n"
        f"COPY --from=build /app /app\n{END}",
        # It is set in a stage that does not ship.
        f"FROM golang AS build\nENV GOPATH=/go\nFROM debian\n{GCC}{END}",
        # It is about another toolchain than the one that is there, or about no compiler.
        f"FROM debian\n{GCC}ENV GOPATH=/go\n{END}",
        f"FROM debian\n{GCC}ENV LD_LIBRARY_PATH=/opt/lib CC=gcc JAVA_HOME=/opt/jre\n{END}",
    ],
)
def test_variables_that_do_not_tell(text: str) -> None:
    assert role(text) == "runtime"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (f"FROM debian\n{GO}RUN apt-get install -y openjdk-21-jdk maven\n{END}", "toolchain"),
        (f"FROM debian\n{GO}RUN apt-get install -y openjdk-21-jdk\nCOPY app /app\n{END}", "runtime"),
        # They go together.
        (f"FROM debian\nRUN apt-get install -y openjdk-21-jdk maven gcc make\n{END}", "runtime"),
        (f"FROM maven:3-eclipse-temurin-21\n{END}", "runtime"),
    ],
)
def test_several_sdks(text: str, expected: str) -> None:
    assert role(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (f"FROM ubuntu\nRUN apt-get install -y build-essential docker.io\nCOPY entrypoint.sh /\n{END}", "ci"),
        (f"FROM ubuntu\n{GCC}VOLUME /var/lib/docker\n{END}", "ci"),
        (f"FROM ubuntu\nRUN apt-get install -y build-essential docker.io\nCOPY . /app\n{END}", "runtime"),
        (f"FROM ubuntu\nRUN apt-get install -y docker.io\n{END}", "runtime"),
        (
            "FROM ubuntu\nRUN curl -L https://github.com/actions/runner/releases/download/v2.3/r.tar.gz | tar xz && "
            f"apt-get install -y libyaml-dev\nCOPY . /\n{END}",
            "ci",
        ),
        (f"FROM ubuntu\n{GCC}COPY agent /opt/agent\nUSER buildagent\n{END}", "ci"),
        (f"FROM ubuntu\n{GCC}COPY agent /opt/agent\nUSER agent\n{END}", "runtime"),
    ],
)
def test_runners_of_ci_jobs(text: str, expected: str) -> None:
    assert role(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            f"FROM ubuntu\nRUN apt-get install -y php8.3-cli php8.3-xdebug\nCOPY start-app /usr/bin/\n{END}",
            "development",
        ),
        (f"FROM ubuntu\nRUN apt-get install -y php8.3-cli php8.3-xdebug\nCOPY . /var/www\n{END}", "runtime"),
        (f"FROM ubuntu\nRUN if $DEV; then apt-get install -y php8.3-xdebug; fi\n{END}", "runtime"),
    ],
)
def test_debuggers(text: str, expected: str) -> None:
    assert role(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (f"FROM erlang:26\nWORKDIR /app\nONBUILD COPY . .\nONBUILD RUN rebar3 release\n{END}", "toolchain"),
        (f"FROM erlang:26\nONBUILD COPY . .\n{END}", "runtime"),
        # They run in the stage that starts from it.
        (f"FROM erlang:26 AS base\nONBUILD RUN rebar3 release\nFROM base\n{END}", "runtime"),
        ("FROM maven@sha256:" + 64 * "0" + "\n", "toolchain"),
        ("FROM maven@sha256:" + 64 * "0" + f"\n{END}", "runtime"),
        (f"FROM acme/tf:devel-manylinux2014\n{GCC}{END}", "toolchain"),
        (f"FROM acme/python-builder\n{GCC}COPY . .\n{END}", "runtime"),
        (f"FROM acme/developer-portal\n{GCC}{END}", "runtime"),
        ("FROM hexpm/elixir AS builder\nCOPY mix.exs ./\nRUN mix deps.get\n", "toolchain"),
        (f"FROM hexpm/elixir AS builder\nCOPY mix.exs ./\nRUN mix deps.get\n{END}", "runtime"),
        ("FROM golang AS builder\nCOPY . .\nRUN go build -o /app .\n", "runtime"),
    ],
)
def test_bases_of_other_images(text: str, expected: str) -> None:
    assert role(text) == expected


@pytest.mark.parametrize(
    ("comment", "expected"),
    [
        ("# This Dockerfile is for a small\n# cluster used in testing.\n", "test"),
        ("# This image is used only to verify that it builds.\n", "test"),
        ("# A Dockerfile to build a container for running tests\n", "test"),
        ("# Dockerfile for development purposes.\n", "development"),
        ("# This image is not for production.\n", "development"),
        ("# Not suitable for production use\n", "development"),
        ("# Dockerfile for the image used in the acme CI tests\n", "ci"),
        ("# This file creates a build environment for the modules\n", "toolchain"),
        ("# We use this stage in development.\n", "development"),
        ("# This Dockerfile is designed for production, not development.\n", "runtime"),
        ("# Build image\n", "runtime"),
        ("# Multi-stage build for optimized production image\n", "runtime"),
        ("# Use Debian testing-slim until the bug is mended\n", "runtime"),
        ("# The demo is used for testing things.\n", "runtime"),
        # That is about an argument.
        ("# Of the image used for testing.\nARG TAG=1\n", "runtime"),
    ],
)
def test_comments(comment: str, expected: str) -> None:
    assert role(f"{comment}FROM debian\n{GCC}COPY . /app\n{END}") == expected


def test_a_comment_on_the_first_stage_is_not_about_the_last() -> None:
    start = "# We use this stage in development.\nFROM node AS deps\n"
    assert role(f"{start}FROM debian\n{GCC}COPY . /app\n{END}") == "runtime"
    above = "# This image is not used in production.\n"
    assert role(f"FROM node AS a\n\n{above}FROM debian\n{GCC}COPY . /app\n{END}") == "development"
    assert role(f"{above}FROM node AS a\nFROM debian\n{GCC}COPY . /app\n{END}") == "development"
    assert role(f"FROM node AS a\n{above}FROM node AS b\nFROM debian\n{GCC}COPY . /app\n{END}") == "runtime"


def test_python_packages_that_compile_when_they_run(tmp_path: Path) -> None:
    (tmp_path / "requirements.txt").write_text("torch\ndeepspeed==0.1\n")
    (tmp_path / "other.txt").write_text("torch\nnot-deepspeed\n")
    text = f"FROM python:3-slim\n{GCC}COPY {{}} .\nRUN pip install -r {{}}\nCMD python3 train.py\n"
    assert role(text.format("requirements.txt", "requirements.txt"), tmp_path) == "toolchain"
    assert role(text.format("other.txt", "other.txt"), tmp_path) == "runtime"
    direct = f"FROM python:3-slim\n{GCC}RUN pip install --no-cache-dir {{}}\nCMD python3 train.py\n"
    assert role(direct.format('"vllm>=0.5" torch')) == "toolchain"
    assert role(direct.format("vllm-client torch")) == "runtime"


def test_scripts_without_an_ending_are_no_program(tmp_path: Path) -> None:
    (tmp_path / "helper").write_text("#!/bin/sh\n")
    (tmp_path / "program").write_bytes(b"\x7fELF")
    text = "FROM golang\nENV GOPATH=/go\nCOPY {} /usr/bin/\n" + END
    assert role(text.format("helper"), tmp_path) == "toolchain"
    assert role(text.format("program"), tmp_path) == "runtime"
    assert role(text.format("absent"), tmp_path) == "runtime"


def test_a_stage_that_starts_nothing_and_that_another_copies_from_is_inner() -> None:
    text = f"FROM debian AS pkg\nCOPY . /src\n{GCC}RUN make -C /src\n{{}}FROM debian\nCOPY --from=pkg /src/a /a\n{END}"

    def first(start: str, *targets: Target) -> str:
        build = lone_build(read_dockerfile(Source.of("Dockerfile", text.format(start))))
        return Survey(replace(build, targets=(*build.targets, *targets)), load()).role(0).name

    make = Target(0, "Makefile", 3, kind="make")
    assert first("", make) == "export"
    assert first("CMD /src/a\n", make) == "runtime"
    assert first("", Target(0, "compose.yaml", 3, kind="compose")) == "runtime"
    # Whoever asks for it on the command line means it.
    assert first("", Target(0)) == "runtime"


SDK = (
    "RUN curl -O https://dl.google.com/android/repository/commandlinetools-linux-1_latest.zip && unzip *.zip -d /sdk\n"
)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        # Nothing that runs in a container is built with the SDK of Android, whatever else is there.
        (f"FROM debian\n{SDK}COPY app /app\n{END}", "toolchain"),
        (f"FROM debian AS sdk\n{SDK}FROM debian\n{GCC}COPY app /app\n{END}", "runtime"),
        # Hooks of a repository run on its sources.
        ("FROM ruby:3.2\nCOPY Gemfile .\nRUN pip3 install pre-commit && pre-commit install-hooks\nCOPY . .\n", "ci"),
        (f"FROM ruby:3.2\nCOPY . .\nRUN pip3 install pre-commit\n{END}", "runtime"),
        # It starts compilers for its users.
        (f'FROM debian\n{GCC}COPY --from=pulumi /bin/pulumi /bin/pulumi\nCMD ["pulumi"]\n', "toolchain"),
        # Of an image that is not known.
        (f"FROM acme/base\n{GCC}RUN curl -O https://example.org/x.tgz && make install\n", "toolchain"),
        (f"FROM acme/base\n{GCC}COPY app /app\n", "runtime"),
        (f"FROM acme/base\n{GCC}{END}", "runtime"),
    ],
)
def test_images_for_those_who_use_them(text: str, expected: str) -> None:
    assert role(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (f"FROM debian\n{GCC}COPY . .\nRUN make && mkdir /out && tar -cf /out/x.tar bin\n", "export"),
        (f"FROM debian\n{GCC}COPY . .\nRUN make \\\n && dpkg-deb --build pkg\n", "export"),
        (f"FROM debian\n{GCC}COPY . .\nRUN g++ -shared -o /lib/libx.so x.cpp\n", "export"),
        # They unpack, start what they made, or make a program beside the library.
        (f"FROM debian\n{GCC}COPY . .\nRUN tar -xf x.tar && make -C x install\n", "runtime"),
        (f"FROM debian\n{GCC}COPY . .\nRUN make && tar -cf /backup.tar bin\n{END}", "runtime"),
        (f"FROM debian\n{GCC}COPY . .\nRUN gcc -shared -o libx.so x.c && gcc -o /bin/x main.c\n", "runtime"),
    ],
)
def test_images_that_hand_out_what_they_make(text: str, expected: str) -> None:
    assert role(text) == expected


def test_a_comment_tells_how_to_take_out_what_is_built() -> None:
    head = "# After the build the binary is in /root/build.\n# You can copy the binary using docker cp.\n"
    assert role(f"{head}FROM debian\n{GCC}COPY . .\nRUN make -C src install\n") == "export"
    other = "# Settings come from a volume, or by docker cp.\n"
    assert role(f"{other}FROM debian\n{GCC}COPY . .\n{END}") == "runtime"


def test_a_head_that_speaks_of_development_is_not_believed_where_a_product_is_copied() -> None:
    head = "# Dockerfile for development purposes.\n"
    assert role(f"{head}FROM golang\nCOPY . .\n{END}") == "development"
    product = f"FROM golang AS build\nRUN go build -o /x .\nFROM alpine AS app\nCOPY --from=build /x /x\n{END}"
    assert role(head + product) == "runtime"
    above = product.replace("FROM alpine", f"{head}FROM alpine")
    assert role(above) == "development"


def test_what_others_wrote_is_kept_in_vendor() -> None:
    from lint_multistage.roles.names import role_of_path

    assert role_of_path("vendor/github.com/acme/pty/Dockerfile") == ("ci", "it lies in 'vendor/github.com'")
    assert role_of_path("services/vendor/Dockerfile") == ("", "")
    assert role_of_path("vendor/api/Dockerfile") == ("", "")
