from __future__ import annotations

from collections.abc import Iterator

from lint_multistage.api import Check, Finding, Invalid, Severity, Survey, Valid
from lint_multistage.late import late_regex

_MAY_BE_BARE = late_regex(r"scratch|distroless|chainguard")


class DynamicBinaryInScratch(Check):
    """A dynamically linked program, or a command that needs a shell, in an image that has neither loader nor shell.

    ## Why is this bad?
    `scratch` is empty, and distroless static images hold no C library. A dynamically linked program does not start
    there: `exec /app: no such file or directory`, although the file is there. The shell form of RUN, CMD and ENTRYPOINT
    runs `/bin/sh -c`, and fails in the same way where there is no shell.

    An image without ENTRYPOINT and CMD may only carry the program to where it is run, so there it is no warning.

    ## Fix safety
    Unsafe: it starts the stage that ships from an image with the C library, which is larger. To link statically may be
    what was meant.
    """

    code = "MS502"
    severity = Severity.WARNING
    valid = (
        Valid(
            "FROM golang AS build\nRUN CGO_ENABLED=0 go build -o /app .\nFROM scratch\nCOPY --from=build /app /app\n"
        ),
        Valid("FROM gcc AS build\nRUN gcc -static -o /app a.c\nFROM scratch\nCOPY --from=build /app /app\n"),
        # The loader comes along, or may.
        Valid(
            "FROM gcc AS build\nRUN gcc -o /app a.c\nFROM scratch\nCOPY --from=build /app /app\n"
            "COPY --from=build /lib/x86_64-linux-gnu/libc.so.6 /lib/x86_64-linux-gnu/\n"
            "COPY --from=build /lib64/ld-linux-x86-64.so.2 /lib64/\n"
        ),
        Valid(
            "FROM gcc AS build\nRUN gcc -o /out/app a.c && ldd /out/app | xargs -n1 ./collect /out\n"
            "FROM scratch\nCOPY --from=build /out/ /\n"
        ),
        Valid(
            "FROM gcc AS build\nRUN gcc -o /app a.c\nFROM scratch\nADD rootfs.tar.gz /\nCOPY --from=build /app /app\n"
        ),
        Valid(
            "FROM gcc AS build\nRUN gcc -o /app a.c\nFROM scratch\nCOPY --from=debian / /\nCOPY --from=build /app /\n"
        ),
        Valid(
            "FROM dart:stable AS build\nRUN dart compile exe bin/server.dart -o /app/server\nFROM scratch\n"
            "COPY --from=build /runtime/ /\nCOPY --from=build /app/server /app/\n"
        ),
        Valid(
            "FROM rust AS build\nENV RUSTFLAGS=-Ctarget-feature=+crt-static\nRUN cargo build -r\n"
            "FROM scratch\nCOPY --from=build /target/release/app /app\n"
        ),
        # A shell is there, or may be.
        Valid("FROM golang AS build\nFROM gcr.io/distroless/static-debian12:debug\nCMD app\n"),
        Valid("FROM busybox AS box\nFROM scratch\nCOPY --from=box /bin/busybox /bin/sh\nRUN echo\nCMD app\n"),
        Valid("FROM alpine AS root\nFROM scratch\nCOPY --from=root / /\nRUN echo\nCMD app\n"),
        Valid("FROM scratch\nADD alpine-minirootfs.tar.gz /\nRUN apk add curl\nCMD app\n"),
        Valid("FROM scratch\nRUN --mount=from=busybox,target=/ echo\n"),
        Valid('FROM scratch\nCOPY app /app\nENTRYPOINT ["/app"]\n'),
        Valid("FROM scratch AS unused\nRUN echo\nFROM alpine\nRUN echo\n"),
        # CMD is the arguments of node there.
        Valid("FROM gcr.io/distroless/nodejs22-debian12\nCMD server.js\n"),
    )
    invalid = (
        Invalid(
            "FROM gcc:13 AS build\nCOPY a.c .\nRUN gcc -o /app a.c\n"
            'FROM scratch\nCOPY --from=build «/app» /app\nCMD ["/app"]\n',
            fixed=(
                "FROM gcc:13 AS build\nCOPY a.c .\nRUN gcc -o /app a.c\nFROM gcr.io/distroless/cc-debian13\n"
                'COPY --from=build /app /app\nCMD ["/app"]\n'
            ),
            message="'/app' is linked dynamically with glibc, and 'scratch' has no C library",
            hint="link it with -static",
        ),
        Invalid(
            "FROM rust:1-bookworm AS build\nRUN cargo build --release\nFROM gcr.io/distroless/static-debian12\n"
            "COPY --from=build /etc/ssl/certs/ca-certificates.crt /etc/ssl/certs/\n"
            "COPY --from=build «/target/release/app» /\n",
            fixed=(
                "FROM rust:1-bookworm AS build\nRUN cargo build --release\nFROM gcr.io/distroless/cc-debian12\n"
                "COPY --from=build /etc/ssl/certs/ca-certificates.crt /etc/ssl/certs/\n"
                "COPY --from=build /target/release/app /\n"
            ),
            hint="FROM gcr.io/distroless/cc-debian12",
            severity=Severity.INFO,
        ),
        Invalid(
            "FROM golang:alpine AS build\nRUN CGO_ENABLED=1 go build -o /app .\nFROM scratch\n"
            'COPY --from=build «/app» /app\nENTRYPOINT ["/app"]\n',
            fixed=(
                "FROM golang:alpine AS build\nRUN CGO_ENABLED=1 go build -o /app .\nFROM alpine:3\n"
                'COPY --from=build /app /app\nENTRYPOINT ["/app"]\n'
            ),
            message="linked dynamically with musl",
        ),
        # The system beside it has another C library.
        Invalid(
            "FROM gcc AS build\nRUN gcc -o /app a.c\nFROM alpine AS root\nFROM scratch\nCOPY --from=root / /\n"
            'COPY --from=build «/app» /app\nENTRYPOINT ["/app"]\n'
        ),
        Invalid(
            "FROM golang AS build\nRUN CGO_ENABLED=0 go build -o /app .\nFROM scratch\nCOPY --from=build /app /app\n"
            "«ENTRYPOINT» /app --port 80\n",
            message="'scratch' has no shell",
            hint='ENTRYPOINT ["/app", "--port", "80"]',
        ),
        Invalid("FROM gcr.io/distroless/base-debian12\nCOPY app /bin/app\n«CMD» app $PORT\n", hint='["/program"'),
        Invalid(
            "FROM golang AS build\nRUN CGO_ENABLED=0 go build -o /app .\nFROM gcr.io/distroless/static\n"
            "COPY --from=build /app /app\n«RUN» chmod +x /app\n",
            hint="in the stage that builds",
        ),
    )

    def check(self, survey: Survey) -> Iterator[Finding]:
        if not any(_MAY_BE_BARE.search(stage.base) for stage in survey.stages):
            return
        # Most files, and a run that finds nothing, need not load them.
        from lint_multistage.contents.shells import without_shell

        if survey.links_dynamically:
            from lint_multistage.contents.linkage import NONE
            from lint_multistage.contents.loading import mismatches

            for mismatch in mismatches(survey, survey.started, (NONE,)):
                from lint_multistage.advice.linkage import unloadable

                yield unloadable(survey, mismatch)
        needed = [stage for stage in survey.stages if survey.runs(stage.index)]
        for form in without_shell(survey, needed, survey.started):
            from lint_multistage.advice.linkage import no_shell

            yield no_shell(survey, form)
