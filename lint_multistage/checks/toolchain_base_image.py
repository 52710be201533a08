from __future__ import annotations

from collections.abc import Iterator

from lint_multistage.api import Check, Finding, Invalid, Severity, Survey, Valid
from lint_multistage.wording import bare, ships, toolchains


class ToolchainBaseImage(Check):
    """A stage that ships starts from a compiler or SDK image.

    ## Why is this bad?
    The compiler, its headers and its package caches go along wherever the image goes: hundreds of megabytes to pull and
    to scan, and tools for whoever breaks in. Only building needs them. Build in one stage, and ship another that
    starts from a small image and copies the result.
    """

    code = "MS301"
    severity = Severity.WARNING
    yields_to = ("MS303",)
    valid = (
        Valid(
            "FROM gcc:13 AS build\nRUN gcc -static -o /hello hello.c\nFROM scratch\nCOPY --from=build /hello /hello\n"
        ),
        Valid("FROM eclipse-temurin:21-jre\nCOPY app.jar /app.jar\n"),
        Valid("FROM openjdk:17-jre-slim\nCOPY app.jar /app.jar\n"),
        Valid("FROM mcr.microsoft.com/dotnet/aspnet:8.0\nCOPY app /app\n"),
        Valid("FROM nvidia/cuda:12.4.1-runtime-ubuntu22.04\n"),
        # Only Docker Hub's own golang is known; a company's may be anything.
        Valid("FROM registry.example.com/team/golang:1.22\n"),
        Valid("ARG IMAGE\nFROM ${IMAGE}\n"),
        # The images of a language, and of a tool that needs it.
        Valid('FROM buildpack-deps:bookworm\nRUN make && make install\nCMD ["erl"]\n'),
        Valid("FROM rust\nRUN cargo install cargo-chef\n"),
        Valid("FROM swift:5.10-slim\nCOPY app /app\n"),
        # The builds give something else in the image's place.
        Valid("FROM golang:latest\n", contexts={"golang": "docker-image://acme/go-runtime"}),
    )
    invalid = (
        Invalid(
            "FROM «gcc:9.4»\nCOPY hello.c /src/hello.c\nWORKDIR /src\nRUN gcc --static -o hello hello.c\n"
            'ENTRYPOINT ["/src/hello"]\n',
            message="'gcc:9.4' (1.14 GB unpacked)",
            hint="COPY --from=builder /src/hello /src/hello",
        ),
        Invalid(
            "FROM «golang:1.22-alpine3.19»\nWORKDIR /src\nCOPY . .\nRUN CGO_ENABLED=0 go build -o /bin/app .\n",
            hint="FROM alpine:3.19",
        ),
        Invalid("FROM docker.io/library/golang:1.22 AS a\nFROM «public.ecr.aws/docker/library/rust:1.80» AS b\n"),
        Invalid(
            "ARG GO=1.22\nFROM «golang:${GO}-bookworm»\nRUN go build -o /app .\n", message="'golang:1.22-bookworm'"
        ),
        Invalid(
            'FROM «eclipse-temurin:17»\nCOPY app.jar /app.jar\nENTRYPOINT ["java", "-jar", "/app.jar"]\n',
            hint="FROM eclipse-temurin:17-jre",
        ),
        Invalid(
            'FROM «maven:3.9-eclipse-temurin-21»\nCOPY . .\nRUN mvn package\nCMD ["java", "-jar", "/app.jar"]\n',
            hint="COPY --from=builder /app.jar /app.jar",
        ),
        Invalid("FROM «mcr.microsoft.com/dotnet/sdk:8.0»\nRUN dotnet publish -o /out\n", hint="dotnet/aspnet:8.0"),
        # A context replaces the images of its tag alone.
        Invalid("FROM «golang:1.22»\n", contexts={"golang": "docker-image://acme/go-runtime"}),
        Invalid("FROM «golang» AS api\nFROM «rust» AS web\n", targets=("api",)),
    )

    def check(self, survey: Survey) -> Iterator[Finding]:
        for stage in survey.shipped:
            image = survey.contents(stage.index).image
            if stage.parent is not None or image is None or image.role != "toolchain":
                continue
            # A run that finds nothing need not load it.
            from lint_multistage.advice.sizes import cost
            from lint_multistage.advice.stages import two_stages

            size = cost(stage)
            names = [name for name in image.toolchains if survey.facts.heavy(name)]
            yield Finding(
                span=stage.from_.base.span,
                message=f"{ships(survey, stage)} with {toolchains(names)} of '{bare(stage.shown_base)}'{size.clause},"
                " which only building needs",
                hint=two_stages(survey, stage),
                stage=stage.index,
                cause=("toolchain", stage.index),
                data={"toolchains": names, "via": "base", **size.data},
            )
