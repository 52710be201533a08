from __future__ import annotations

from collections.abc import Iterator

from lint_multistage.api import Check, Finding, Invalid, Severity, Survey, Valid


class LibcMismatch(Check):
    """A program is linked with one C library and runs where there is only another.

    ## Why is this bad?
    A dynamically linked program names the loader of its C library: `/lib64/ld-linux-x86-64.so.2` of glibc (Debian,
    Ubuntu, Fedora …) or `/lib/ld-musl-x86_64.so.1` of musl (Alpine). Where that file is missing the program does not
    start, and the kernel reports the missing loader as if the program were missing: `exec /app: no such file or
    directory`.

    Go's programs need a C library where cgo is on (`CGO_ENABLED=1`); without such a word the linter does not know, and
    is silent. Rust's need glibc unless they are built for a musl target. Some packages of Node.js and Python are
    compiled for one C library; where what asks for them is at hand, they are told by their names.

    ## Fix safety
    Unsafe: it starts the stage that ships from another distribution. It is offered only where that stage is FROM a bare
    system, runs nothing and brings no program that needs the C library which is there now.
    """

    code = "MS501"
    severity = Severity.WARNING
    valid = (
        Valid("FROM golang AS build\nRUN CGO_ENABLED=0 go build -o /app .\nFROM alpine\nCOPY --from=build /app /app\n"),
        # Whether cgo is used is not known.
        Valid("FROM golang AS build\nRUN go build -o /app .\nFROM alpine\nCOPY --from=build /app /app\n"),
        Valid(
            "FROM golang AS build\nENV CGO_ENABLED=1\n"
            "RUN go build -ldflags '-linkmode external -extldflags \"-static\"' -o /app .\n"
            "FROM alpine\nCOPY --from=build /app /app\n"
        ),
        Valid(
            "FROM golang AS build\nRUN CGO_ENABLED=1 CC=musl-gcc go build -o /app .\n"
            "FROM alpine\nCOPY --from=build /app /app\n"
        ),
        Valid("FROM gcc AS build\nRUN gcc -static -o /app a.c\nFROM alpine\nCOPY --from=build /app /app\n"),
        Valid(
            "FROM golang:alpine AS build\nRUN CGO_ENABLED=1 go build -o /app .\n"
            "FROM alpine\nCOPY --from=build /app /app\n"
        ),
        Valid(
            "FROM rust AS build\nRUN cargo build --release --target x86_64-unknown-linux-musl\n"
            "FROM alpine\nCOPY --from=build /target/x86_64-unknown-linux-musl/release/app /app\n"
        ),
        # rustup links statically for musl.
        Valid(
            "FROM rust:alpine AS build\nRUN cargo build --release\n"
            "FROM debian\nCOPY --from=build /target/release/app /app\n"
        ),
        # The stage has the other C library, too.
        Valid(
            "FROM gcc AS build\nRUN gcc -o /app a.c\nFROM alpine\nRUN apk add --no-cache gcompat\n"
            "COPY --from=build /app /app\n"
        ),
        Valid(
            "FROM gcc AS build\nRUN gcc -o /app a.c\nFROM alpine\nCOPY --from=debian /lib64/ /lib64/\n"
            "COPY --from=build /app /app\n"
        ),
        Valid("FROM gcc AS build\nRUN gcc -o /app a.c\nFROM alpine\nRUN ./get glibc\nCOPY --from=build /app /app\n"),
        Valid(
            "FROM alpine AS build\nRUN apk add gcc musl-dev && gcc -o /app a.c\n"
            "FROM debian\nRUN apt-get update && apt-get install -y musl\nCOPY --from=build /app /app\n"
        ),
        # Its packages are not known.
        Valid(
            "FROM gcc AS build\nRUN gcc -o /app a.c\nFROM alpine\nCOPY packages .\nRUN apk add $(cat packages)\n"
            "COPY --from=build /app /app\n"
        ),
        # Without a C compiler Go turns cgo off, and what it then builds runs anywhere.
        Valid("FROM golang:alpine AS build\nRUN go build -o /app .\nFROM debian\nCOPY --from=build /app /app\n"),
        # Whether any package is compiled for one C library is not known.
        Valid("FROM node:22 AS deps\nRUN npm ci\nFROM node:22-alpine\nCOPY --from=deps /node_modules /node_modules\n"),
        Valid(
            "FROM python:3.12 AS build\nRUN python -m venv /venv && /venv/bin/pip install flask\n"
            "FROM python:3.12-alpine\nCOPY --from=build /venv /venv\n"
        ),
        # A library, not a program: what loads it decides.
        Valid("FROM gcc AS build\nRUN gcc -shared -o /a.so a.c\nFROM alpine\nCOPY --from=build /a.so /lib/\n"),
        Valid("FROM gcc AS build\nRUN gcc -o /app a.c\nFROM registry.example.com/base\nCOPY --from=build /app /app\n"),
        Valid("FROM gcc AS build\nRUN gcc -o /app a.c && make\nFROM alpine\nCOPY --from=build /other /app\n"),
        # Erlang comes with the image.
        Valid(
            "FROM elixir:1.17 AS build\nENV MIX_ENV=prod\nRUN mix release app\n"
            "FROM elixir:1.17-alpine\nCOPY --from=build /_build/prod/rel/app /app\n"
        ),
        Valid(
            "FROM debian AS build\nRUN apt-get install -y gcc-mingw-w64 && x86_64-w64-mingw32-gcc -o /app.exe a.c\n"
            "FROM alpine\nCOPY --from=build /app.exe /\n"
        ),
    )
    invalid = (
        Invalid(
            "FROM golang:1.22-bookworm AS build\nENV CGO_ENABLED=1\nRUN go build -o /app .\nFROM alpine:3.20\n"
            "COPY --from=build «/app» /usr/bin/\n",
            fixed=(
                "FROM golang:1.22-bookworm AS build\nENV CGO_ENABLED=1\nRUN go build -o /app .\n"
                "FROM debian:bookworm-slim\nCOPY --from=build /app /usr/bin/\n"
            ),
            message="'alpine:3.20' has musl: it will not start (exec /usr/bin/app: no such file or directory)",
            hint="CGO_ENABLED=0",
        ),
        Invalid(
            "FROM rust:1-bookworm AS build\nWORKDIR /src\nRUN cargo build --release\nFROM alpine AS app\n"
            "COPY --from=build «/src/target/release/app» /app\n",
            fixed=(
                "FROM rust:1-bookworm AS build\nWORKDIR /src\nRUN cargo build --release\n"
                "FROM debian:bookworm-slim AS app\nCOPY --from=build /src/target/release/app /app\n"
            ),
            message="linked dynamically with glibc",
            hint="--target x86_64-unknown-linux-musl, or start stage 'app' FROM debian:bookworm-slim",
        ),
        Invalid(
            "FROM alpine AS build\nRUN apk add gcc musl-dev && gcc -o /out/app a.c\n"
            "FROM debian:stable-slim\nCOPY --from=build «/out» /opt\n",
            fixed=(
                "FROM alpine AS build\nRUN apk add gcc musl-dev && gcc -o /out/app a.c\nFROM alpine\n"
                "COPY --from=build /out /opt\n"
            ),
            message="with musl, and 'debian:stable-slim' has glibc: it will not start (exec /opt/app: no such",
            hint="-static",
        ),
        Invalid(
            "FROM python:3.12 AS build\nRUN python -m venv /venv && /venv/bin/pip install flask numpy==2.1.0\n"
            'FROM python:3.12-alpine\nCOPY --from=build «/venv» /venv\nCMD ["/venv/bin/flask"]\n',
            message="'numpy' is installed for glibc in stage 'build', and 'python:3.12-alpine' has musl",
            hint="run 'pip install' in a stage FROM 'python:3.12-alpine'",
        ),
        # Through a stage that only hands it on, and into one that others start from.
        Invalid(
            "FROM gcc:13 AS build\nRUN gcc -o /out/app a.c\nFROM debian AS pack\nCOPY --from=build /out /pack/\n"
            'FROM alpine AS base\nCOPY --from=pack «/pack/app» /app\nFROM base\nCMD ["/app"]\n'
        ),
        Invalid(
            "FROM eclipse-temurin:21 AS build\nRUN jlink --add-modules java.base --output /jre\n"
            "FROM alpine\nCOPY --from=build «/jre» /opt/jre\n",
            hint="build stage 'build' on an image that has musl",
        ),
        Invalid(
            "FROM alpine AS build\nRUN dotnet publish -r linux-x64 --self-contained -o /out\n"
            "FROM alpine\nCOPY --from=build «/out» /app\n",
            fixed=(
                "FROM alpine AS build\nRUN dotnet publish -r linux-x64 --self-contained -o /out\n"
                "FROM debian:stable-slim\nCOPY --from=build /out /app\n"
            ),
            hint="-r linux-musl-x64",
        ),
        # What else the image has is needed, or made for it: no other base is written.
        Invalid(
            "FROM gcc AS build\nRUN gcc -o /app a.c\nFROM nginx:1.27-alpine\nCOPY --from=build «/app» /app\n",
            hint="FROM nginx:1.27",
        ),
        Invalid(
            "FROM gcc AS build\nRUN gcc -o /app a.c\nFROM node:22-alpine3.20\nCOPY --from=build «/app» /app\n",
            hint="FROM node:22-slim",
        ),
        Invalid(
            "FROM gcc AS build\nRUN gcc -o /app a.c\nFROM alpine\nRUN adduser -S app\nCOPY --from=build «/app» /app\n"
        ),
    )

    def check(self, survey: Survey) -> Iterator[Finding]:
        if len(survey.stages) < 2:
            return
        # A file of one stage, and a run that finds nothing, need not load them.
        if survey.installs_addons:
            from lint_multistage.contents.addons import unloadable_addons

            for addon in unloadable_addons(survey, survey.started):
                from lint_multistage.advice.addons import unloadable as unloadable_addon

                yield unloadable_addon(survey, addon)
        if not survey.links_dynamically:
            return
        from lint_multistage.contents.linkage import GLIBC, MUSL
        from lint_multistage.contents.loading import mismatches

        for mismatch in mismatches(survey, survey.started, (GLIBC, MUSL)):
            from lint_multistage.advice.linkage import unloadable

            yield unloadable(survey, mismatch)
