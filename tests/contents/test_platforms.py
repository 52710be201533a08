"""Which stages, and which programs, are made for the platform of the machine that builds."""

from __future__ import annotations

import pytest

from lint_multistage.contents.platforms import foreign
from lint_multistage.facts.store import load
from lint_multistage.model.build import lone_build
from lint_multistage.model.dockerfile import read_dockerfile
from lint_multistage.survey import Survey
from lint_multistage.text import Source

BUILD = "FROM --platform=$BUILDPLATFORM {} AS build\n{}\n"
SHIP = "FROM debian\nCOPY --from=build {} /app\n"


def found(text: str, *targets: str) -> list[tuple[int, str]]:
    """The stage whose FROM is at fault, and what is built there, "" where the stage itself ships."""
    survey = Survey(lone_build(read_dockerfile(Source.of("Dockerfile", text)), targets), load())
    return [
        (each.root.index, each.arrival.products[-1].command if each.arrival else "")
        for each in foreign(survey, survey.shipped)
    ]


@pytest.mark.parametrize(
    ("image", "run", "path", "command"),
    [
        ("golang:1.22", "RUN CGO_ENABLED=0 GOOS=linux go build -o /app .", "/app", "go build"),
        ("golang:1.22", "RUN --mount=type=cache,target=/root/.cache go build -o /app .", "/app", "go build"),
        ("gcc:13", "RUN gcc -o /app a.c", "/app", "gcc"),
        ("rust:1.80", "WORKDIR /w\nRUN cargo build --release", "/w/target/release/app", "cargo build"),
    ],
)
def test_a_compiler_builds_for_its_own_processor(image: str, run: str, path: str, command: str) -> None:
    assert found(BUILD.format(image, run) + SHIP.format(path)) == [(0, command)]


@pytest.mark.parametrize(
    ("image", "run", "path"),
    [
        ("golang:1.22", "ARG TARGETARCH\nRUN GOARCH=$TARGETARCH go build -o /app .", "/app"),
        ("golang:1.22", "ENV GOARCH=arm64\nRUN go build -o /app .", "/app"),
        ("golang:1.22", "RUN xx-go build -o /app .", "/app"),
        ("golang:1.22", "RUN go build -o /out/arm64/app .", "/out/arm64/app"),
        ("rust:1.80", "ARG TARGET\nRUN cargo build --release --target $TARGET", "/target/x/release/app"),
        ("rust:1.80", "ENV CARGO_BUILD_TARGET=x\nRUN cargo install --root /out app", "/out/bin/app"),
        ("gcc:13", "RUN CC=clang gcc -o /app a.c", "/app"),
        # What the image sets is not known.
        ("registry.example.com/go", "RUN go build -o /app .", "/app"),
        # Runs on every processor.
        ("maven:3-jdk-8", "RUN javac -d /app A.java", "/app"),
        ("node:22", "WORKDIR /app\nRUN npm ci && npm run build", "/app/dist"),
    ],
)
def test_a_stage_that_knows_of_processors_is_left_alone(image: str, run: str, path: str) -> None:
    assert found(BUILD.format(image, run) + SHIP.format(path)) == []


def test_a_stage_from_one_on_the_builders_platform_is_there_too() -> None:
    text = "FROM --platform=$BUILDPLATFORM debian AS base\nFROM base AS app\nCOPY app /app\n"
    assert found(text) == [(0, "")]


def test_one_from_is_named_once() -> None:
    text = "FROM --platform=$BUILDPLATFORM debian AS base\nFROM base AS a\nCOPY a /a\nFROM base AS b\nCOPY b /b\n"
    assert found(text, "a", "b") == [(0, "")]


@pytest.mark.parametrize(
    "text",
    [
        "FROM --platform=$BUILDPLATFORM scratch\nCOPY app /app\n",
        "FROM debian AS base\nFROM --platform=$BUILDPLATFORM base\nCOPY app /app\n",
        "FROM --platform=linux/amd64 debian\nCOPY app /app\n",
        "FROM --platform=$TARGETPLATFORM debian\nCOPY app /app\n",
        "FROM --platform=$BUILDPLATFORM debian AS lint\nCOPY app /app\n",
        # Another argument makes another stage of it.
        "ARG V=a\nFROM --platform=$BUILDPLATFORM debian AS base-a\nFROM debian AS base-b\nFROM base-$V\nCOPY a /a\n",
    ],
)
def test_other_flags_and_stages_that_do_not_ship(text: str) -> None:
    assert found(text) == []
