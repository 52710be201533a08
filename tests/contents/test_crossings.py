"""What is built for one version of a runtime and shipped with another, where the build context settles it."""

from __future__ import annotations

from pathlib import Path

import pytest
from msgspec.structs import replace

from lint_multistage.contents.crossings import crossings
from lint_multistage.facts.store import load
from lint_multistage.model.build import lone_build
from lint_multistage.model.dockerfile import read_dockerfile
from lint_multistage.survey import Survey
from lint_multistage.text import Source


def found(text: str, folder: Path | None = None) -> list[tuple[str, str, str]]:
    """The kind, what it is built for and what is there, of everything that does not fit."""
    build = lone_build(read_dockerfile(Source.of("Dockerfile", text)))
    if folder is not None:
        build = replace(build, folders=(str(folder),))
    survey = Survey(build, load())
    return [(each.kind, each.built, each.runs) for each in crossings(survey, survey.shipped)]


MAVEN = (
    "FROM maven:3.9-eclipse-temurin-21 AS build\nWORKDIR /src\nCOPY . .\nRUN mvn package\n"
    "FROM eclipse-temurin:{}-jre\nCOPY --from=build /src/target/app.jar /app.jar\n"
)


@pytest.mark.parametrize(
    ("pom", "runs", "kinds"),
    [
        ("<maven.compiler.release>17</maven.compiler.release>", "11", [("class", "17", "11")]),
        ("<maven.compiler.target>1.8</maven.compiler.target>", "8", []),
        ("<maven.compiler.release>17</maven.compiler.release>", "17", []),
        ("spring-boot-starter-parent <java.version>21</java.version>", "17", [("class", "21", "17")]),
        # Without Spring's parent, nothing says what reads the property.
        ("<java.version>21</java.version>", "17", []),
        (
            "<maven.compiler.target>21</maven.compiler.target><maven.compiler.release>11</maven.compiler.release>",
            "11",
            [],
        ),
        ("<project/>", "11", []),
    ],
)
def test_the_pom_says_which_java(tmp_path: Path, pom: str, runs: str, kinds: list[tuple[str, str, str]]) -> None:
    (tmp_path / "pom.xml").write_text(pom)
    assert found(MAVEN.format(runs), tmp_path) == kinds


def test_an_option_overrules_the_pom(tmp_path: Path) -> None:
    (tmp_path / "pom.xml").write_text("<maven.compiler.release>17</maven.compiler.release>")
    text = MAVEN.format("11").replace("mvn package", "mvn package -Dmaven.compiler.release=11")
    assert found(text, tmp_path) == []


@pytest.mark.parametrize(
    "line",
    [
        "java { toolchain { languageVersion = JavaLanguageVersion.of(17) } }",
        "kotlin { jvmToolchain(17) }",
        "targetCompatibility = JavaVersion.VERSION_17",
        "targetCompatibility = '17'",
    ],
)
def test_the_gradle_file_says_which_java(tmp_path: Path, line: str) -> None:
    (tmp_path / "build.gradle").write_text(line)
    text = (
        "FROM gradle:8-jdk17 AS build\nWORKDIR /src\nCOPY . .\nRUN gradle build\n"
        "FROM eclipse-temurin:11-jre\nCOPY --from=build /src/build/libs/app.jar /app.jar\n"
    )
    assert found(text, tmp_path) == [("class", "17", "11")]
    assert found(text.replace(":11-jre", ":17-jre"), tmp_path) == []


def test_a_java_of_its_own_is_not_judged() -> None:
    text = (
        "FROM eclipse-temurin:21 AS build\nRUN javac -d /out A.java\nFROM eclipse-temurin:17-jre\n"
        "COPY --from=eclipse-temurin:21-jre /opt/java/openjdk /opt/java/openjdk\nCOPY --from=build /out /app\n"
    )
    assert found(text) == []


DOTNET = (
    "FROM mcr.microsoft.com/dotnet/sdk:9.0 AS build\nCOPY . .\nRUN dotnet publish web.csproj -o /out\n"
    "FROM mcr.microsoft.com/dotnet/{}\nWORKDIR /app\nCOPY --from=build /out .\n"
    'ENTRYPOINT ["dotnet", "web.dll"]\n'
)
WEB = '<Project Sdk="Microsoft.NET.Sdk.Web"><PropertyGroup>{}</PropertyGroup></Project>'


@pytest.mark.parametrize(
    ("project", "image", "kinds"),
    [
        ("<TargetFramework>net9.0</TargetFramework>", "aspnet:8.0", [("dotnet", "9.0", "8.0")]),
        ("<TargetFramework>net8.0</TargetFramework>", "aspnet:8.0", []),
        ("<TargetFramework>net8.0</TargetFramework>", "aspnet:9.0", [("dotnet", "8.0", "9.0")]),
        ("<TargetFramework>net8.0</TargetFramework><RollForward>Major</RollForward>", "aspnet:9.0", []),
        ("<TargetFramework>net8.0</TargetFramework><SelfContained>true</SelfContained>", "aspnet:9.0", []),
        ("<TargetFramework>net8.0</TargetFramework>", "runtime:8.0", [("dotnet-web", "", "")]),
        ("<TargetFramework>net8.0</TargetFramework>", "runtime-deps:8.0", [("dotnet-none", "", "")]),
    ],
)
def test_the_project_file_says_which_framework(
    tmp_path: Path, project: str, image: str, kinds: list[tuple[str, str, str]]
) -> None:
    (tmp_path / "web.csproj").write_text(WEB.format(project))
    assert found(DOTNET.format(image), tmp_path) == kinds


def test_a_newer_sdk_alone_proves_nothing() -> None:
    assert found(DOTNET.format("aspnet:8.0")) == []


def test_an_older_sdk_cannot_build_for_the_runtime() -> None:
    assert found(DOTNET.format("aspnet:10.0")) == [("dotnet", "9.0", "10.0")]
    assert found(DOTNET.format("aspnet:10.0").replace("-o /out", "-o /out --self-contained")) == []
    assert found(DOTNET.format("aspnet:10.0\nENV DOTNET_ROLL_FORWARD=Major")) == []


VENV = "FROM python:3.12 AS build\nRUN python -m venv /venv && /venv/bin/pip install x\n"


@pytest.mark.parametrize(
    ("build", "rest"),
    [
        (
            VENV,
            "FROM alpine AS between\nCOPY --from=build /venv /opt/venv\n"
            "FROM python:3.11\nCOPY --from=between /opt/venv /venv\n",
        ),
        (
            "FROM python:3.12 AS build\nWORKDIR /app\nRUN uv venv && uv sync\n",
            "FROM python:3.11\nCOPY --from=build /app /app\n",
        ),
        (
            "FROM python:3.12 AS build\nRUN virtualenv /venv\n",
            "FROM python:3.11\nCOPY --from=build /venv /venv\n",
        ),
        (
            "FROM python:3.12 AS build\nRUN virtualenv /venv\n",
            "FROM python:3.11 AS base\nFROM base\nCOPY --from=build /venv /venv\n",
        ),
    ],
)
def test_an_environment_belongs_to_its_python(build: str, rest: str) -> None:
    assert found(build + rest) == [("venv", "3.12", "3.11")]


@pytest.mark.parametrize(
    "rest",
    [
        "FROM python:3.11\nCOPY --from=build /venv /venv\nENV PYTHONPATH=/venv/lib/python3.12/site-packages\n",
        "FROM python:3.11\nCOPY --from=build /venv /venv\nRUN python -m venv --upgrade /venv\n",
        "FROM python:3.11\nCOPY --from=build /usr/local /usr/local\nCOPY --from=build /venv /venv\n",
        "FROM python:3.11\nCOPY --from=build /venv/share/data /data\n",
        "FROM python:3.11\nRUN apt-get install -y python3.12\nCOPY --from=build /venv /venv\n",
        "FROM python:3.11 AS test\nCOPY --from=build /venv /venv\n",
    ],
)
def test_another_python_may_be_there(rest: str) -> None:
    assert found(VENV + rest) == []


def test_a_copy_that_suits_one_of_two_images_is_right() -> None:
    text = (
        f"ARG V=3.12\n{VENV}FROM python:3.11 AS app\nCOPY --from=build /venv /venv\n"
        "FROM python:3.12 AS other\nCOPY --from=build /venv /venv\n"
    )
    dockerfile = read_dockerfile(Source.of("Dockerfile", text))
    survey = Survey(lone_build(dockerfile, ("app", "other")), load())
    assert [each.placed.stage for each in crossings(survey, survey.shipped)] == [1]


EXTENSIONS = "/usr/local/lib/php/extensions"


@pytest.mark.parametrize(
    ("text", "kinds"),
    [
        (
            "FROM ruby:3.2 AS b\nRUN bundle install\nFROM ruby:3.3\n"
            "COPY --from=b /x/ruby/3.2.0 /usr/local/bundle/ruby/3.2.0\n",
            [("gems", "3.2", "3.3")],
        ),
        (
            "FROM ruby:3.2 AS b\nWORKDIR /app\nRUN bundle install --deployment\n"
            "FROM ruby:3.3\nCOPY --from=b /app /app\n",
            [("gems", "3.2", "3.3")],
        ),
        (
            "FROM ruby:3.2 AS b\nRUN bundle install\n"
            "FROM ruby:3.3\nCOPY --from=b /usr/local/bundle /usr/local/bundle\nRUN bundle install\n",
            [],
        ),
        (
            f"FROM php:8.2 AS b\nFROM php:8.3\nCOPY --from=b {EXTENSIONS}/no-debug-non-zts-20220829/x.so /x/\n",
            [("php", "8.2", "8.3")],
        ),
        (f"FROM php:8.3 AS b\nFROM php:8.3\nCOPY --from=b {EXTENSIONS} {EXTENSIONS}\n", []),
    ],
)
def test_extensions_belong_to_their_version(text: str, kinds: list[tuple[str, str, str]]) -> None:
    assert found(text) == kinds
