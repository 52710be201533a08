"""Runtime images named for the tag of a builder."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lint_multistage.facts import Image, Runtime, fill, load
from lint_multistage.facts.store import built_in_images
from lint_multistage.model.images import parse_image


def runtimes(text: str) -> list[str]:
    """What may stand in the place of an image, best first."""
    reference = parse_image(text)
    assert not isinstance(reference, str)
    image = load().image(reference.name, reference.fact_tag)
    assert image
    filled = [fill(runtime, image, reference.fact_tag or "") for runtime in image.runtimes]
    return [name for name in filled if name]


@pytest.mark.parametrize(
    ("text", "first"),
    [
        ("gcc:9.4", "alpine:3"),
        ("golang", "alpine:3"),
        ("golang:alpine", "alpine:3"),
        ("golang:1.18-alpine3.17", "alpine:3.17"),
        ("rust:1.80-alpine3.20", "alpine:3.20"),
        ("hexpm/elixir:1.19.4-erlang-27-alpine-3.22.2", "alpine:3.22.2"),
        ("node:20", "node:20-slim"),
        ("node:20.11.1-bookworm", "node:20.11.1-bookworm-slim"),
        ("node", "node:slim"),
        ("node:lts", "node:lts-slim"),
        ("node:iron", "node:iron-slim"),
        ("python:3.12", "python:3.12-slim"),
        ("python:3.12-bookworm", "python:3.12-slim-bookworm"),
        ("python:bookworm", "python:slim-bookworm"),
        ("ruby:3.3", "ruby:3.3-slim"),
        ("php:8.3-fpm", "php:8.3-fpm-alpine"),
        ("eclipse-temurin:21", "eclipse-temurin:21-jre"),
        ("eclipse-temurin:17-jdk-jammy", "eclipse-temurin:17-jre-jammy"),
        ("openjdk:8-jdk-alpine", "eclipse-temurin:8-jre-alpine"),
        ("maven:3.9-eclipse-temurin-21", "eclipse-temurin:21-jre"),
        ("maven:3.8.5-openjdk-17-slim", "eclipse-temurin:17-jre"),
        ("maven:3-jdk-8", "eclipse-temurin:8-jre"),
        ("gradle:8.7.0-jdk17", "eclipse-temurin:17-jre"),
        ("gradle:7-jdk11-alpine", "eclipse-temurin:11-jre-alpine"),
        ("hseeberger/scala-sbt:8u222_1.3.5_2.13.1", "eclipse-temurin:8-jre"),
        ("sbtscala/scala-sbt:graalvm-ce-21.3.0-java17_1.7.1_2.13.8", "eclipse-temurin:17-jre"),
        ("oracle/graalvm-ce:20.1.0-java11", "eclipse-temurin:11-jre"),
        ("ghcr.io/graalvm/graalvm-community:21", "eclipse-temurin:21-jre"),
        ("cimg/openjdk:17.0", "eclipse-temurin:17-jre"),
        ("amazoncorretto:17", "amazoncorretto:17-al2023-headless"),
        ("mcr.microsoft.com/dotnet/sdk:8.0", "mcr.microsoft.com/dotnet/aspnet:8.0"),
        ("mcr.microsoft.com/dotnet/sdk:8.0.100-alpine3.18", "mcr.microsoft.com/dotnet/aspnet:8.0-alpine"),
        ("mcr.microsoft.com/devcontainers/python:1-3.12-bookworm", "python:3.12-slim"),
        ("nvidia/cuda:12.4.1-devel-ubuntu22.04", "nvidia/cuda:12.4.1-runtime-ubuntu22.04"),
        ("swift:5.9", "swift:5.9-slim"),
        ("swift:5.9-jammy", "swift:5.9-jammy-slim"),
        ("swift", "swift:slim"),
        ("caddy:2.7-builder-alpine", "caddy:2.7-alpine"),
        ("ghcr.io/astral-sh/uv:0.5-python3.12-bookworm", "python:3.12-slim-bookworm"),
        ("golang:1.22-windowsservercore-ltsc2022", "mcr.microsoft.com/windows/nanoserver:ltsc2022"),
    ],
)
def test_best_runtime(text: str, first: str) -> None:
    assert runtimes(text)[0] == first


@pytest.mark.parametrize(
    ("text", "dynamic"),
    [
        ("golang:1.22-bookworm", ["debian:bookworm-slim", "gcr.io/distroless/base-debian12"]),
        ("rust:1.80-slim-bullseye", ["debian:bullseye-slim", "gcr.io/distroless/cc-debian12"]),
        ("gcc:14-trixie", ["debian:trixie-slim", "gcr.io/distroless/cc-debian13"]),
        ("rust:1.80", ["debian:stable-slim", "gcr.io/distroless/cc-debian13"]),
        # No distroless image has so new a C library.
        ("golang:1.22-forky", ["debian:forky-slim"]),
        ("buildpack-deps:24.04", ["ubuntu:24.04"]),
        ("buildpack-deps:noble", ["ubuntu:noble"]),
        ("golang:1.22-alpine", ["alpine:3"]),
    ],
)
def test_dynamic_programs_get_the_builders_system(text: str, dynamic: list[str]) -> None:
    reference = parse_image(text)
    assert not isinstance(reference, str)
    image = load().image(reference.name, reference.fact_tag)
    assert image
    filled = [fill(runtime, image, reference.tag) for runtime in image.runtimes if runtime.link == "dynamic"]
    assert [name for name in filled if name] == dynamic


@pytest.mark.parametrize(
    "text",
    [
        # No Java version, or a GraalVM one, or one of which no runtime was published.
        "maven:latest",
        "openjdk",
        "eclipse-temurin:latest",
        "ghcr.io/graalvm/graalvm-ce:22.3.1",
        "ghcr.io/graalvm/graalvm-community:22.3.0",
        "maven:3-jdk-7",
        "openjdk:14-jdk",
        "mcr.microsoft.com/dotnet/sdk:latest",
        "python:nightly",
        "golang:1.22-windowsservercore-1809",
    ],
)
def test_no_number_is_invented(text: str) -> None:
    assert runtimes(text) == []


def test_static_comes_before_dynamic_for_compiled_languages() -> None:
    for name in ("golang", "gcc", "rust", "haskell", "crystallang/crystal"):
        image = load().image(name, "latest")
        assert image
        assert image.runtimes[0].link == "static"


def test_a_word_that_is_not_in_the_tag_gives_none() -> None:
    image = Image(("acme/x",))
    assert fill(Runtime("acme/x:{tag/devel/runtime}"), image, "1-devel") == "acme/x:1-runtime"
    assert fill(Runtime("acme/x:{tag/devel/runtime}"), image, "1") is None


def test_an_unknown_placeholder_gives_none() -> None:
    assert fill(Runtime("acme/x:{flavour}"), Image(("acme/x",)), "1") is None


def test_no_tag_is_longer_than_a_tag_may_be() -> None:
    image = Image(("acme/x",))
    assert fill(Runtime("acme/x:{tag}-slim"), image, "1" * 123) == f"acme/x:{'1' * 123}-slim"
    assert fill(Runtime("acme/x:{tag}-slim"), image, "1" * 124) is None


def test_other_registries_have_no_floating_tags() -> None:
    image = Image(("acme/x",))
    assert fill(Runtime("acme/run:{distro}-slim"), image, "1") == "acme/run:slim"
    assert fill(Runtime("registry.corp/run:{distro}-slim"), image, "1") is None
    assert fill(Runtime("acme/run:{distro}"), image, "1") is None


WORDS = st.sampled_from(
    "1 3.12 1.22.3 17 8u222 9.0.100 20 lts latest stable jdk jdk17 jdk-21 jre openjdk java11 graalvm-ce "
    "eclipse-temurin alpine alpine3.17 slim bookworm trixie noble jammy forky ubuntu22.04 debian-12 debian13 ltsc2022 "
    "nanoserver windowsservercore devel builder fpm erlang-25 python3.12 build rc1 nightly otp-26 al2023 "
    "99999999999999999999".split()
)
TAGS = st.one_of(
    st.just(""),
    st.from_regex(r"\A[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}\Z"),
    st.lists(WORDS, min_size=1, max_size=5).map("-".join),
    st.lists(WORDS, min_size=1, max_size=5).map("_".join),
)


@given(TAGS)
def test_every_filled_template_is_an_image(tag: str) -> None:
    for records in built_in_images()._by_repository.values():
        for image in records:
            for runtime in image.runtimes:
                filled = fill(runtime, image, tag)
                if filled is not None:
                    assert "{" not in filled
                    assert not isinstance(parse_image(filled), str), filled
