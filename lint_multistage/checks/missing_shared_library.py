from __future__ import annotations

from collections.abc import Iterator

from lint_multistage.api import Check, Finding, Invalid, Severity, Survey, Valid


class MissingSharedLibrary(Check):
    """A program is linked with a shared library that the stage which ships it lacks.

    ## Why is this bad?
    The `-dev` package that a program is built with brings the library for building; where it runs, the library itself
    must be installed. Without it the program stops at once: `error while loading shared libraries: libpq.so.5: cannot
    open shared object file`. What the compiler adds by itself counts, too: Rust's programs need libgcc, those of C++
    libstdc++, and Alpine and `distroless/base` have neither.

    ## Fix safety
    Unsafe: it installs the library, or starts from the distroless image that has it. Another release of a distribution
    may call the package by another name.
    """

    code = "MS505"
    severity = Severity.INFO
    valid = (
        Valid(
            "FROM rust:1 AS build\nRUN cargo build --release\nFROM debian:stable-slim\n"
            "COPY --from=build /target/release/app /app\n"
        ),
        Valid(
            "FROM rust:1 AS build\nRUN cargo build --release\nFROM gcr.io/distroless/cc\n"
            "COPY --from=build /target/release/app /app\n"
        ),
        # A crate may bring the library itself, or not be used at all.
        Valid(
            "FROM rust:1 AS build\nRUN apt-get install -y libpq-dev && cargo build --release\n"
            "FROM debian:stable-slim\nCOPY --from=build /target/release/app /app\n"
        ),
        Valid(
            "FROM debian AS build\nRUN apt-get install -y gcc libpq-dev && gcc -o /app a.c -lpq\n"
            "FROM debian\nRUN apt-get update && apt-get install -y libpq5\nCOPY --from=build /app /app\n"
        ),
        # Others may bring it.
        Valid(
            "FROM debian AS build\nRUN apt-get install -y gcc libpq-dev && gcc -o /app a.c -lpq\n"
            "FROM debian\nRUN apt-get update && apt-get install -y postgresql-client\nCOPY --from=build /app /app\n"
        ),
        Valid(
            "FROM debian AS build\nRUN apt-get install -y gcc libpq-dev && gcc -o /app a.c -lpq\n"
            "FROM debian\nCOPY --from=build /usr/lib/x86_64-linux-gnu/libpq.so.5 /usr/lib/x86_64-linux-gnu/\n"
            "COPY --from=build /app /app\n"
        ),
        # Debian has zlib, and ca-certificates brings OpenSSL.
        Valid(
            "FROM debian AS build\nRUN apt-get install -y gcc zlib1g-dev libssl-dev && gcc -o /app a.c -lz -lssl\n"
            "FROM debian\nRUN apt-get update && apt-get install -y ca-certificates\nCOPY --from=build /app /app\n"
        ),
        Valid(
            "FROM debian AS build\nRUN apt-get install -y gcc libpq-dev && gcc -static -o /app a.c -lpq\n"
            "FROM debian\nCOPY --from=build /app /app\n"
        ),
        Valid(
            "FROM alpine AS build\nRUN apk add g++ && g++ -o /app a.cc\nFROM alpine\n"
            "RUN apk add --no-cache libstdc++\nCOPY --from=build /app /app\n"
        ),
        Valid(
            "FROM alpine AS build\nRUN apk add g++ && g++ -static-libstdc++ -static-libgcc -o /app a.cc\nFROM alpine\n"
            "COPY --from=build /app /app\n"
        ),
    )
    invalid = (
        Invalid(
            "FROM rust:1-bookworm AS build\nRUN cargo build --release\nFROM gcr.io/distroless/base-debian12\n"
            "COPY --from=build «/target/release/app» /app\n",
            fixed=(
                "FROM rust:1-bookworm AS build\nRUN cargo build --release\nFROM gcr.io/distroless/cc-debian12\n"
                "COPY --from=build /target/release/app /app\n"
            ),
            message="libgcc_s",
            hint="gcr.io/distroless/cc-debian12",
        ),
        Invalid(
            "FROM alpine AS build\nRUN apk add g++ && g++ -o /app a.cc\nFROM alpine\nCOPY --from=build «/app» /app\n",
            fixed=(
                "FROM alpine AS build\nRUN apk add g++ && g++ -o /app a.cc\nFROM alpine\n"
                "RUN apk add --no-cache libstdc++\nCOPY --from=build /app /app\n"
            ),
            message="libstdc++",
            hint="apk add --no-cache libstdc++",
        ),
        Invalid(
            "FROM debian AS build\nRUN apt-get install -y gcc libpq-dev && gcc -o /app a.c -lpq\n"
            "FROM debian:stable-slim\nCOPY --from=build «/app» /app\n",
            fixed=(
                "FROM debian AS build\nRUN apt-get install -y gcc libpq-dev && gcc -o /app a.c -lpq\n"
                "FROM debian:stable-slim\n"
                "RUN apt-get update && apt-get install -y --no-install-recommends libpq5"
                " && rm -rf /var/lib/apt/lists/*\n"
                "COPY --from=build /app /app\n"
            ),
            message="libpq",
            hint="libpq5",
        ),
        Invalid(
            "FROM alpine AS build\nRUN apk add gcc musl-dev curl-dev && gcc a.c $(pkg-config --libs libcurl) -o /app\n"
            "FROM alpine\nCOPY --from=build «/app» /app\n",
            fixed=(
                "FROM alpine AS build\n"
                "RUN apk add gcc musl-dev curl-dev && gcc a.c $(pkg-config --libs libcurl) -o /app\nFROM alpine\n"
                "RUN apk add --no-cache libcurl\nCOPY --from=build /app /app\n"
            ),
            message="libcurl",
            hint="apk add --no-cache libcurl",
        ),
        # Beside what is installed already.
        Invalid(
            "FROM debian AS build\nRUN apt-get install -y gcc libpq-dev && gcc -o /app a.c -lpq\nFROM debian\n"
            "RUN apt-get update && apt-get install -y ca-certificates tini\nCOPY --from=build «/app» /app\n",
            fixed=(
                "FROM debian AS build\nRUN apt-get install -y gcc libpq-dev && gcc -o /app a.c -lpq\nFROM debian\n"
                "RUN apt-get update && apt-get install -y ca-certificates tini libpq5\nCOPY --from=build /app /app\n"
            ),
            message="libpq.so.5",
            hint="or link it with -static",
        ),
    )

    def check(self, survey: Survey) -> Iterator[Finding]:
        if len(survey.stages) < 2 or not survey.links_dynamically:
            return
        # A file of one stage, and a run that finds nothing, need not load them.
        from lint_multistage.contents.libraries import missing_libraries

        for missing in missing_libraries(survey, survey.started):
            from lint_multistage.advice.libraries import lacks_library

            yield lacks_library(survey, missing)
