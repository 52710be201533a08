"""Which toolchains `COPY --from` takes along."""

from __future__ import annotations

import pytest

from lint_multistage.contents.carried import COPIED, HIDDEN, Carried
from lint_multistage.facts import load
from lint_multistage.model.build import Build, Target, lone_build
from lint_multistage.model.contexts import NamedContext
from lint_multistage.model.dockerfile import read_dockerfile
from lint_multistage.survey import Survey
from lint_multistage.text import Source


def copied(text: str, *contexts: str) -> list[Carried]:
    dockerfile = read_dockerfile(Source.of("Dockerfile", text))
    given = tuple(NamedContext(name, ".") for name in contexts)
    build = Build(dockerfile, (Target(len(dockerfile.stages) - 1, contexts=given),), contexts=given)
    contents = Survey(build, load()).contents(len(dockerfile.stages) - 1)
    return [each for each in contents.carried if each.via == COPIED]


def shown(before: str, copy: str) -> str:
    found = copied(f"{before}\nFROM debian\n{copy}\n")
    return " ".join(f"{'+'.join(each.toolchains)}@{each.path or '?'}" for each in found)


def test_what_is_kept_of_a_copy() -> None:
    text = "FROM golang:1.22-alpine AS b\nFROM debian\nCOPY --from=b /usr/local/go /opt/go\nRUN rm -rf /opt/go\n"
    (go,) = copied(text)
    assert (go.toolchains, go.by, go.stage, go.line) == (("go",), "stage 'b'", 1, 3)
    assert text[go.span.start : go.span.end] == "/usr/local/go"
    assert (go.path, go.state, go.removed_line) == ("/opt/go", HIDDEN, 4)
    assert go.origin is not None
    assert (go.origin.via, go.origin.by, go.origin.stage) == ("base", "golang:1.22-alpine", 0)


@pytest.mark.parametrize(
    ("before", "copy", "expected"),
    [
        ("", "COPY --from=golang /usr/local/go /usr/local/go", "go@/usr/local/go"),
        ("", "COPY --from=golang /usr/local/ /usr/local/", "go@/usr/local/go"),
        ("", "COPY --from=golang /usr/local/* /usr/local/", "go@/usr/local/go"),
        ("", "COPY --from=rust /usr/local/cargo /c", "cargo+rustup@/c"),
        ("", "COPY --from=gcc:13 /usr/local /usr/local", "gcc+g+++gfortran+gccgo@/usr/local/libexec/gcc"),
        ("", "COPY --from=gcc:13 /usr/local/lib64 /usr/local/lib64", ""),
        ("", "COPY --from=golang /usr/local/go/bin/gofmt /usr/bin/", ""),
        ("", "COPY --from=python:3.12 /usr/local /usr/local", ""),
        ("", "COPY --from=eclipse-temurin:21 /opt/java/openjdk $JAVA_HOME", "jdk@?"),
        ("", "COPY --from=eclipse-temurin:21-jre /opt/java/openjdk /j", ""),
        ("", "COPY --from=openjdk:17 /usr/java/openjdk-17 /j", "jdk@/j"),
        ("", "COPY --from=openjdk:11-jdk-slim /usr/local/openjdk-11 /j", "jdk@/j"),
        ("", "COPY --from=openjdk:17-alpine /opt/openjdk-17 /j", "jdk@/j"),
        ("", "COPY --from=sapmachine:21-jdk-alpine /usr/lib/jvm/java-21-sapmachine-jdk /j", "jdk@/j"),
        ("FROM debian AS b\nRUN apt-get install -y openjdk-17-jdk",
         "COPY --from=b /usr/lib/jvm/java-17-openjdk-amd64 /j", "jdk@/j"),
        ("FROM debian AS b\nRUN apt-get install -y gcc", "COPY --from=b /usr/lib /usr/lib", ""),
        ("FROM debian AS b\nRUN apt-get install -y gcc", "COPY --from=b /usr /usr", "gcc@/usr"),
        ("FROM debian AS b\nRUN apt-get install -y gcc\nRUN apt-get purge -y gcc", "COPY --from=b / /", ""),
        ("FROM eclipse-temurin:21 AS b\nRUN jlink --output /opt/jdk-small", "COPY --from=b /opt/jdk-small /j", ""),
        ("FROM debian AS b\nRUN curl -L https://ziglang.org/download/0.13.0/zig-linux-x86_64-0.13.0.tar.xz"
         " | tar -xJC /opt", "COPY --from=b /opt/zig-linux-x86_64-0.13.0 /zig", "zig@/zig"),
        ("FROM golang:alpine AS a\nFROM alpine AS b\nCOPY --from=a /usr/local/go /go", "COPY --from=b /go /go",
         "go@/go"),
        ("FROM golang:alpine AS a\nFROM a AS b\nRUN rm -rf /usr/local/go", "COPY --from=b / /", ""),
        ("FROM golang:alpine AS b", "COPY --from=0 / /", "go@/usr/local/go"),
        ("FROM golang:alpine AS b", "COPY --from=b /app /app", ""),
        ("FROM golang:alpine AS b", "COPY --from=b $UNKNOWN/go /go", ""),
        ("FROM registry.example.com/x AS b", "COPY --from=b / /", ""),
        ("FROM registry.example.com/x AS b", "COPY --from=b /usr/local/go /go", "go@/go"),
        ("FROM mcr.microsoft.com/dotnet/sdk:8.0-nanoserver-ltsc2022 AS b",
         'COPY --from=b ["C:/Program Files/dotnet", "C:/Program Files/dotnet"]', ""),
    ],
)  # fmt: skip
def test_copied(before: str, copy: str, expected: str) -> None:
    assert shown(before, copy) == expected


def test_a_later_stage_is_not_asked() -> None:
    assert copied("FROM debian\nCOPY --from=b / /\nFROM golang AS b\nFROM debian AS c\nCOPY --from=c / /\n") == []


def test_a_named_context_takes_the_place_of_a_stage() -> None:
    text = "FROM golang:alpine AS b\nFROM debian\nCOPY --from=b / /\n"
    assert copied(text)
    assert copied(text, "b") == []


def test_a_stage_is_worked_out_only_where_a_path_may_hold_a_toolchain() -> None:
    dockerfile = read_dockerfile(
        Source.of(
            "Dockerfile", "FROM golang AS b\nRUN go build -o /app\nFROM debian\nCOPY --from=b /app /usr/local/bin/app\n"
        )
    )
    survey = Survey(lone_build(dockerfile), load())
    survey.contents(1)
    assert [stage for stage, _ in survey._contents] == [1]


def test_long_chains_of_copies_do_not_recurse() -> None:
    stages = "".join(f"FROM debian AS s{n}\nCOPY --from=s{n - 1} /usr/local/go /usr/local/go\n" for n in range(1, 3000))
    assert copied("FROM golang:alpine AS s0\n" + stages)
