from __future__ import annotations

from collections.abc import Iterator

from lint_multistage.api import Check, Finding, Invalid, Severity, Survey, Valid

_GO = "FROM --platform=$BUILDPLATFORM golang:1.22 AS build\n"


class PlatformMismatch(Check):
    """What ships is made for the platform of the machine that builds, not for the one that is asked for.

    ## Why is this bad?
    `--platform=$BUILDPLATFORM` starts a stage on the machine's own platform, so that a compiler need not be emulated.
    On the stage that ships it gives every platform the same image, that of the machine that happened to build it; and a
    compiler that is not told of `TARGETARCH` builds for its own processor. `docker build --platform=linux/arm64` then
    succeeds, and the container stops with `exec format error`.

    ## Fix safety
    The fix removes the flag of a stage that ships. That is unsafe, since the stage's RUN instructions are then emulated
    where the target is another platform.
    """

    code = "MS504"
    severity = Severity.WARNING
    valid = (
        Valid(
            f"{_GO}ARG TARGETOS TARGETARCH\nRUN GOOS=$TARGETOS GOARCH=$TARGETARCH go build -o /app .\n"
            "FROM alpine\nCOPY --from=build /app /app\n"
        ),
        Valid(
            "FROM --platform=$BUILDPLATFORM tonistiigi/xx AS xx\nFROM --platform=$BUILDPLATFORM golang AS build\n"
            "COPY --from=xx / /\nRUN xx-go build -o /app .\nFROM alpine\nCOPY --from=build /app /app\n"
        ),
        Valid(
            "FROM --platform=$BUILDPLATFORM node:22 AS web\nRUN npm run build\nFROM nginx\n"
            "COPY --from=web /dist /usr/share/nginx/html\n"
        ),
        # The flag counts for nothing there.
        Valid(
            f"{_GO}RUN GOARCH=arm64 go build -o /app .\nFROM --platform=$BUILDPLATFORM scratch\n"
            "COPY --from=build /app /app\n"
        ),
        Valid("FROM nginx AS base\nFROM --platform=$BUILDPLATFORM base\nCOPY site /usr/share/nginx/html\n"),
        Valid("FROM --platform=linux/amd64 debian\nCOPY app /app\n"),
        Valid("FROM --platform=$TARGETPLATFORM debian\nCOPY app /app\n"),
        Valid("FROM --platform=$BUILDPLATFORM debian AS lint\nRUN lint .\n"),
        # Somebody builds it for its cache.
        Valid(
            f"{_GO}ARG TARGETARCH\nRUN GOARCH=$TARGETARCH go build -o /app .\n"
            "FROM alpine\nCOPY --from=build /app /app\n",
            asked=("build", ""),
        ),
        # Made on the machine that it is for.
        Valid(
            "FROM golang AS build\nRUN go build -o /tool .\nFROM --platform=$BUILDPLATFORM golang AS dev\n"
            'COPY --from=build /tool /usr/bin/tool\nCMD ["bash"]\n'
        ),
        # The image is chosen by its name, and every processor's program is built.
        Valid("FROM --platform=$BUILDPLATFORM registry.example.com/base-$TARGETARCH\nCOPY app /app\n"),
        Valid(
            f"{_GO}RUN for a in amd64 arm64; do GOARCH=$a go build -o /out/$a/app .; done\n"
            "FROM alpine\nARG TARGETARCH\nCOPY --from=build /out/$TARGETARCH/app /app\n"
        ),
        # What a script or a makefile builds for is not known.
        Valid(f"{_GO}RUN make build\nFROM alpine\nCOPY --from=build /src/app /app\n"),
        Valid(f"{_GO}RUN go build -o /app .\nFROM --platform=linux/amd64 alpine\nCOPY --from=build /app /app\n"),
        Valid(
            "FROM golang:1.22 AS build\nRUN go build -o /app .\nFROM alpine\nCOPY --from=build /app /app\n",
        ),
    )
    invalid = (
        Invalid(
            f"{_GO}ARG TARGETARCH\nRUN GOARCH=$TARGETARCH go build -o /app .\n"
            "FROM «--platform=$BUILDPLATFORM» alpine:3.20\nCOPY --from=build /app /app\n",
            fixed=(
                f"{_GO}ARG TARGETARCH\nRUN GOARCH=$TARGETARCH go build -o /app .\n"
                "FROM alpine:3.20\nCOPY --from=build /app /app\n"
            ),
            message="stage '#1' ships for the platform of the machine that builds",
            hint="write 'FROM alpine:3.20'",
        ),
        # Developers run it, and so do others.
        Invalid(
            "# Dockerfile for development purposes\nFROM golang AS build\nRUN go build -o /app .\n"
            'FROM «--platform=$BUILDPLATFORM» alpine\nCOPY --from=build /app /bin/app\nENTRYPOINT ["/bin/app"]\n',
            fixed="# Dockerfile for development purposes\nFROM golang AS build\nRUN go build -o /app .\n"
            'FROM alpine\nCOPY --from=build /app /bin/app\nENTRYPOINT ["/bin/app"]\n',
        ),
        Invalid(
            "FROM «--platform=${BUILDPLATFORM:-linux/amd64}» debian AS base\nFROM base\nCOPY app /app\n",
            fixed="FROM debian AS base\nFROM base\nCOPY app /app\n",
            message="being FROM 'base'",
        ),
        Invalid(
            "FROM «--platform=$BUILDPLATFORM» debian\nRUN apt-get update && apt-get install -y gcc make\n",
            fixed="FROM debian\nRUN apt-get update && apt-get install -y gcc make\n",
        ),
        Invalid(
            "FROM «--platform=$BUILDPLATFORM» golang:1.22 AS build\nRUN CGO_ENABLED=0 GOOS=linux go build -o /app .\n"
            "FROM alpine\nCOPY --from=build /app /app\n",
            message="'go build' in stage 'build' builds for the machine that builds",
            hint="GOARCH=$TARGETARCH go build",
        ),
        Invalid(
            "FROM «--platform=$BUILDPLATFORM» rust:1.80 AS build\nWORKDIR /src\n"
            "RUN --mount=type=cache,target=/usr/local/cargo/registry cargo build --release\n"
            "FROM --platform=$TARGETPLATFORM debian\nCOPY --from=build /src/target/release/app /app\n",
            hint="cargo build --target",
        ),
        Invalid(
            "FROM «--platform=$BUILDPLATFORM» gcc:13 AS build\nRUN gcc -o /app a.c\nFROM debian\n"
            "COPY --from=build /app /app\n",
            hint="tonistiigi/xx",
        ),
    )

    def check(self, survey: Survey) -> Iterator[Finding]:
        if "BUILDPLATFORM" not in survey.dockerfile.source.text:
            return
        # Few files speak of platforms.
        from lint_multistage.advice.platforms import wrong_platform
        from lint_multistage.contents.platforms import foreign, starts_what_it_copies

        shipped = list(survey.shipped)
        last = survey.stages[-1]
        role = survey.role(last.index).name
        # An image that people build in is for their machines, too; a builder that is built by itself is not. One for
        # development is made where it is used, unless it starts what the other stages build.
        if last in survey.built and (
            role == "toolchain" or (role == "development" and starts_what_it_copies(survey, last))
        ):
            shipped.append(last)
        for each in foreign(survey, shipped):
            yield wrong_platform(survey, each)
