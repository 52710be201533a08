"""Which runtime a stage has, by its image's tag and its packages."""

from __future__ import annotations

import pytest

from lint_multistage.contents.versions import DOTNET, JAVA, PHP, PYTHON, RUBY, version_of
from lint_multistage.facts.store import load
from lint_multistage.model.build import lone_build
from lint_multistage.model.dockerfile import read_dockerfile
from lint_multistage.survey import Survey
from lint_multistage.text import Source


def found(text: str, language: str) -> str | None:
    survey = Survey(lone_build(read_dockerfile(Source.of("Dockerfile", text))), load())
    version = version_of(survey, len(survey.stages) - 1, language)
    return f"{version.text} {version.prefix}".strip() if version else None


@pytest.mark.parametrize(
    ("image", "language", "version"),
    [
        ("python:3.12", PYTHON, "3.12 /usr/local"),
        ("python:3.12.4-slim-bookworm", PYTHON, "3.12 /usr/local"),
        ("python:3.14-rc-alpine", PYTHON, "3.14 /usr/local"),
        ("docker.io/library/python:3.9", PYTHON, "3.9 /usr/local"),
        ("ghcr.io/astral-sh/uv:0.5-python3.12-bookworm-slim", PYTHON, "3.12 /usr/local"),
        ("ghcr.io/astral-sh/uv:python3.13-alpine", PYTHON, "3.13 /usr/local"),
        ("gcr.io/distroless/python3-debian12", PYTHON, "3.11 /usr"),
        ("python:3", PYTHON, None),
        ("python", PYTHON, None),
        ("python:slim", PYTHON, None),
        ("registry.example.com/python:3.12", PYTHON, None),
        ("debian:12", PYTHON, None),
        ("eclipse-temurin:21-jre-alpine", JAVA, "21"),
        ("eclipse-temurin:17.0.9_9-jdk", JAVA, "17"),
        ("openjdk:8u181-jre", JAVA, "8"),
        ("openjdk:11-jre-slim", JAVA, "11"),
        ("maven:3.9-eclipse-temurin-21-alpine", JAVA, "21"),
        ("maven:3-jdk-8", JAVA, "8"),
        ("maven:3.9.6", JAVA, None),
        ("gradle:8.5-jdk17", JAVA, "17"),
        ("gradle:jdk21-alpine", JAVA, "21"),
        ("gradle:8.5", JAVA, None),
        ("gcr.io/distroless/java17-debian12", JAVA, "17"),
        ("gcr.io/distroless/java17-debian12:nonroot", JAVA, "17"),
        ("gcr.io/distroless/java-base-debian12", JAVA, None),
        ("tomcat:10.1-jre17", JAVA, "17"),
        ("tomcat:10.1", JAVA, None),
        ("mcr.microsoft.com/dotnet/sdk:8.0-alpine", DOTNET, "8.0"),
        ("mcr.microsoft.com/dotnet/aspnet:6.0.30", DOTNET, "6.0"),
        ("mcr.microsoft.com/dotnet/aspnet:latest", DOTNET, None),
        ("ruby:3.3-slim", RUBY, "3.3"),
        ("ruby:3", RUBY, None),
        ("php:8.3.1-fpm-alpine", PHP, "8.3"),
    ],
)
def test_the_tag_tells(image: str, language: str, version: str | None) -> None:
    assert found(f"FROM {image}\n", language) == version


@pytest.mark.parametrize(
    ("text", "language", "version"),
    [
        ("FROM debian:12-slim\nRUN apt-get install -y python3-venv\n", PYTHON, "3.11 /usr"),
        ("FROM debian:bookworm-slim\nRUN apt-get install -y python3\n", PYTHON, "3.11 /usr"),
        ("FROM ubuntu:jammy-20240111\nRUN apt-get install -y python3\n", PYTHON, "3.10 /usr"),
        ("FROM ubuntu:24.04\nRUN apt-get install -y python3\n", PYTHON, "3.12 /usr"),
        ("FROM alpine:3.20.1\nRUN apk add python3\n", PYTHON, "3.12 /usr"),
        ("FROM alpine\nRUN apk add python3\n", PYTHON, None),
        ("FROM ubuntu:22.04\nRUN apt-get install -y python3 python3.11\n", PYTHON, None),
        ("FROM ubuntu:22.04\nRUN apt-get install -y $PACKAGES python3\n", PYTHON, None),
        ("FROM alpine:3.20\nRUN apk add openjdk17-jre-headless\n", JAVA, "17"),
        ("FROM debian:12\nRUN apt-get install -y openjdk-17-jre\n", JAVA, "17"),
        ("FROM fedora:40\nRUN dnf install -y java-1.8.0-openjdk\n", JAVA, "8"),
        ("FROM debian:12\nRUN apt-get install -y openjdk-17-jre openjdk-11-jre\n", JAVA, None),
        ("FROM maven:3-jdk-8\nRUN apt-get install -y openjdk-17-jdk\n", JAVA, None),
    ],
)
def test_the_packages_tell(text: str, language: str, version: str | None) -> None:
    assert found(text, language) == version


def test_a_stage_has_the_runtime_of_what_it_is_from() -> None:
    assert found("ARG V=3.11\nFROM python:$V-slim AS base\nFROM base\n", PYTHON) == "3.11 /usr/local"


def test_a_tag_that_no_build_is_sure_of_tells_nothing() -> None:
    assert found("ARG V\nFROM python:$V-slim\n", PYTHON) is None
