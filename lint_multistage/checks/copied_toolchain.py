from __future__ import annotations

from collections.abc import Iterator

from lint_multistage.api import Check, Finding, Invalid, Related, Severity, Stage, Survey, Valid
from lint_multistage.contents.carried import COPIED, Carried
from lint_multistage.wording import ships, toolchains


class CopiedToolchain(Check):
    """A stage that ships copies a toolchain from another stage or image.

    ## Why is this bad?
    `COPY --from=golang /usr/local/go` brings the compiler and the sources of its library as surely as starting FROM
    golang does, and so does copying all of a stage that builds. Copy what is built, not what it is built with.
    """

    code = "MS304"
    severity = Severity.WARNING
    valid = (
        Valid("FROM golang AS build\nRUN go build -o /app .\nFROM alpine\nCOPY --from=build /app /app\n"),
        Valid("FROM debian\nCOPY --from=eclipse-temurin:21-jre /opt/java/openjdk /opt/java/openjdk\n"),
        Valid("FROM debian\nCOPY --from=mcr.microsoft.com/dotnet/aspnet:8.0 /usr/share/dotnet /usr/share/dotnet\n"),
        # A runtime lies there.
        Valid(
            "FROM python:3.12 AS build\nRUN pip install x\nFROM python:3.12-slim\n"
            "COPY --from=build /usr/local /usr/local\n"
        ),
        Valid("FROM node:22 AS node\nFROM debian\nCOPY --from=node /usr/local /usr/local\n"),
        # One layer holds what is there in the end.
        Valid(
            "FROM debian AS all\nRUN apt-get install -y gcc\nRUN make\nRUN apt-get purge -y gcc\n"
            "FROM scratch\nCOPY --from=all / /\n"
        ),
        Valid("FROM golang AS all\nRUN rm -rf /usr/local/go\nFROM alpine\nCOPY --from=all /usr/local /usr/local\n"),
        # A program, a cache, and libraries.
        Valid(
            "FROM rust AS build\nRUN cargo install x\nFROM debian\nCOPY --from=build /usr/local/cargo/bin/x /usr/bin/\n"
        ),
        Valid(
            "FROM maven AS build\nRUN mvn package\nFROM eclipse-temurin:21-jre\nCOPY --from=build /root/.m2 /root/.m2\n"
        ),
        Valid("FROM gcc:13 AS build\nRUN make\nFROM debian\nCOPY --from=build /usr/local/lib64 /usr/local/lib64\n"),
        Valid("FROM registry.example.com/tools AS tools\nFROM debian\nCOPY --from=tools / /\n"),
        Valid("FROM golang AS build\nFROM debian AS test\nCOPY --from=build /usr/local/go /usr/local/go\n"),
        # What jlink makes of it is a runtime.
        Valid(
            "FROM eclipse-temurin:21 AS jre\nRUN jlink --add-modules java.base --output /javaruntime\n"
            "FROM debian\nCOPY --from=jre /javaruntime /opt/java\n"
        ),
    )
    invalid = (
        Invalid(
            "FROM debian\nCOPY --from=golang:1.22 «/usr/local/go» /usr/local/go\n",
            message="go of 'golang:1.22'",
            hint="--mount=from=golang:1.22,source=/usr/local/go",
        ),
        Invalid(
            "FROM golang AS build\nRUN go build -o /app .\nFROM alpine AS app\n"
            "COPY --from=build «/usr/local/» /usr/local/\n",
            message="stage 'app' ships with go of stage 'build'",
            hint="COPY --from=build /app /app",
        ),
        Invalid(
            "FROM debian AS build\nRUN curl -sSf https://sh.rustup.rs | sh -s -- -y\nRUN make\n"
            "FROM debian\nCOPY --from=build «/root/.rustup» /root/.rustup\n",
            message="rust of stage 'build'",
        ),
        Invalid("FROM rust AS build\nFROM debian\nCOPY --from=build «/usr/local/cargo» /usr/local/cargo\n"),
        Invalid(
            "FROM debian\nCOPY --from=eclipse-temurin:21 «/opt/java/openjdk» /opt/java/openjdk\n",
            hint="COPY --from=eclipse-temurin:21-jre /opt/java/openjdk /opt/java/openjdk",
        ),
        Invalid(
            "FROM mcr.microsoft.com/dotnet/sdk:8.0 AS sdk\nFROM debian\n"
            "COPY --from=sdk «/usr/share/dotnet» /usr/share/dotnet\n",
            hint="mcr.microsoft.com/dotnet/aspnet:8.0",
        ),
        Invalid(
            "FROM debian AS all\nRUN apt-get install -y gcc make\nFROM scratch\nCOPY --from=all «/» /\n",
            message="gcc and make",
        ),
        Invalid("FROM golang AS a\nFROM a AS b\nFROM scratch\nCOPY --from=b «/» /\n"),
        Invalid("FROM registry.example.com/go AS go\nFROM debian\nCOPY --from=go «/usr/local/go» /usr/local/go\n"),
        Invalid(
            "FROM amazoncorretto:17 AS jdk\nFROM debian\n"
            "COPY --from=jdk «/usr/lib/jvm/java-17-amazon-corretto» /opt/jdk\n"
        ),
    )

    def check(self, survey: Survey) -> Iterator[Finding]:
        for stage in survey.shipped:
            by_path: dict[int, list[Carried]] = {}
            for carried in survey.contents(stage.index).added_toolchains:
                # Those of the stage that it is FROM are spoken of there.
                if carried.via == COPIED and carried.stage == stage.index:
                    by_path.setdefault(carried.span.start, []).append(carried)
            for brought in by_path.values():
                yield self._finding(survey, stage, brought)

    def _finding(self, survey: Survey, stage: Stage, brought: list[Carried]) -> Finding:
        # A run that finds nothing need not load it.
        from lint_multistage.advice.toolchains import copy_instead

        names = list(dict.fromkeys(name for each in brought for name in each.toolchains))
        origin = brought[0].origin
        related = (Related("it comes in here", origin.span),) if origin and origin.stage != stage.index else ()
        return Finding(
            span=brought[0].span,
            message=f"{ships(survey, stage)} with {toolchains(names)} of {brought[0].by}, which only building needs",
            hint=copy_instead(survey, stage, brought),
            stage=stage.index,
            related=related,
            cause=("copied", stage.index, brought[0].line),
            data={"toolchains": names, "via": COPIED},
        )
