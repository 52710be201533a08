"""Programs that are copied to where their C library, a library or a shell is not."""

from __future__ import annotations

from pathlib import Path

import pytest

from lint_multistage.contents.arrivals import arrivals
from lint_multistage.contents.libraries import missing_libraries
from lint_multistage.contents.linkage import GLIBC, MUSL, NONE, needed, offered
from lint_multistage.contents.loading import mismatches
from lint_multistage.contents.shells import without_shell
from lint_multistage.facts import load
from lint_multistage.model.build import Build, Target, lone_build
from lint_multistage.model.contexts import NamedContext
from lint_multistage.model.dockerfile import read_dockerfile
from lint_multistage.survey import Survey
from lint_multistage.text import Source

GCC = "FROM gcc:13 AS build\nRUN gcc -o /out/app a.c\n"
CARGO = "FROM rust:1-bookworm AS build\nWORKDIR /src\nRUN cargo build --release\n"


def survey(text: str, *contexts: str, folder: Path | None = None) -> Survey:
    dockerfile = read_dockerfile(Source.of("Dockerfile", text))
    given = tuple(NamedContext(name, ".") for name in contexts)
    folders = () if folder is None else (str(folder),)
    target = Target(len(dockerfile.stages) - 1, contexts=given)
    return Survey(Build(dockerfile, (target,), contexts=given, folders=folders), load())


def found(text: str, *contexts: str, folder: Path | None = None) -> str:
    """Each mismatch as `path: needed, offered`."""
    asked = survey(text, *contexts, folder=folder)
    return " | ".join(
        f"{each.arrival.placed.path}: {each.needs}, {each.offers}"
        for each in mismatches(asked, asked.shipped, (GLIBC, MUSL, NONE))
    )


@pytest.mark.parametrize(
    ("text", "libc"),
    [
        (GCC, GLIBC),
        ("FROM alpine\nRUN gcc -o /app a.c\n", MUSL),
        ("FROM registry.example.com/c\nRUN gcc -o /app a.c\n", ""),
        ("FROM gcc\nRUN gcc -static -o /app a.c\n", NONE),
        ("FROM gcc\nRUN make\n", ""),
        (CARGO, GLIBC),
        ("FROM rust:alpine\nRUN cargo build\n", NONE),
        # Alpine's own Rust links with musl, unless it is told otherwise.
        ("FROM alpine\nRUN apk add cargo\nRUN cargo build\n", ""),
        ("FROM alpine\nRUN curl https://sh.rustup.rs | sh\nRUN cargo build\n", ""),
        ("FROM golang\nRUN go build\n", ""),
        ("FROM golang\nRUN CGO_ENABLED=1 go build\n", GLIBC),
        # What a file of the project says is not known.
        ("FROM nimlang/nim\nRUN nim c -o:/app a.nim\n", ""),
        ("FROM debian\nRUN nim c -o:/app a.nim\n", ""),
    ],
)
def test_the_c_library_that_a_program_needs(text: str, libc: str) -> None:
    contents = survey(text).contents(0)
    assert needed(contents.products[-1], contents) == libc


@pytest.mark.parametrize(
    ("text", "libc"),
    [
        ("FROM alpine\n", MUSL),
        ("FROM debian:stable-slim\n", GLIBC),
        ("FROM scratch\n", NONE),
        ("FROM gcr.io/distroless/static-debian12:nonroot\n", NONE),
        ("FROM gcr.io/distroless/base-debian12\n", GLIBC),
        ("FROM alpine\nRUN apk add gcompat\n", ""),
        ("FROM alpine\nRUN apk add --allow-untrusted /tmp/glibc-2.35-r1.apk\n", ""),
        ("FROM alpine\nRUN apk add musl-utils\n", MUSL),
        ("FROM debian\nRUN apt-get install -y musl\n", ""),
        ("FROM alpine\nRUN apk add $(cat list)\n", ""),
        ("FROM mcr.microsoft.com/windows/nanoserver:ltsc2022\n", ""),
        ("FROM registry.example.com/base\n", ""),
    ],
)
def test_the_c_library_that_a_stage_has(text: str, libc: str) -> None:
    assert offered(survey(text).contents(0)) == libc


@pytest.mark.parametrize(
    "copies",
    [
        "COPY --from=build /out/app /app",
        "COPY --from=build /out /opt",
        "COPY --from=build out/app /usr/bin/",
        "COPY --from=build /out/* /opt/",
        'COPY --from=build ["/out/app", "/app"]',
        "ENV DIR=/out\nCOPY --from=build $DIR/app /app",
        "COPY --from=0 /out/app /app",
        "COPY etc /etc/app\nCOPY --from=build /out/app /app",
        "COPY rootfs /\nCOPY --from=build /out/app /app",
    ],
)
def test_a_program_without_its_c_library_is_found(copies: str) -> None:
    assert found(f"{GCC}FROM alpine\n{copies}\n").endswith(": glibc, musl")


@pytest.mark.parametrize(
    "copies",
    [
        "COPY --from=build / /",
        "COPY --from=build /out/other /app",
        "COPY --from=build /out/app.so /lib/",
        "COPY --from=build /out/$NAME /app",
        "COPY --from=build /lib64/ld-linux-x86-64.so.2 /lib64/\nCOPY --from=build /out/app /app",
        "COPY --from=debian /lib /lib\nCOPY --from=build /out/app /app",
        "COPY --from=frolvlad/alpine-glibc / /\nCOPY --from=build /out/app /app",
        "RUN wget https://example.com/glibc.apk && tar -xf glibc.apk\nCOPY --from=build /out/app /app",
        "COPY --from=build /out/app /app\nRUN patchelf --set-interpreter /x /app",
    ],
)
def test_where_the_c_library_may_be_there_nothing_is_said(copies: str) -> None:
    assert not found(f"{GCC}FROM alpine\n{copies}\n")


def test_what_stages_hand_on_is_followed() -> None:
    text = f"{GCC}FROM debian AS one\nWORKDIR /w\nCOPY --from=build /out .\nFROM one AS two\nFROM alpine\n"
    assert found(f"{text}COPY --from=two /w/app /app\n") == "/w/app: glibc, musl"
    assert found(f"{text}COPY --from=two /w /opt\n") == "/w: glibc, musl"
    assert not found(f"{text}COPY --from=two /app /app\n")
    asked = survey(f"{text}COPY --from=two /w/app /app\n")
    (arrival,) = arrivals(asked, asked.stages[-1])
    assert arrival.stages == (2, 0)
    assert arrival.made == 0


def test_a_stage_that_several_start_from_is_at_fault_where_none_of_them_mends_it() -> None:
    base = f"{GCC}FROM alpine AS base\nCOPY --from=build /out/app /app\n"
    assert found(f'{base}FROM base\nCMD ["/app"]\n') == "/out/app: glibc, musl"
    assert not found(f"{base}FROM base\nRUN apk add gcompat\n")
    asked = survey(f"{base}FROM base AS last\n")
    assert [stage.index for stage in asked.graph.lineage(asked.stages[-1])] == [1, 2]


def test_a_named_context_stands_for_what_it_replaces() -> None:
    text = f"{GCC}FROM alpine\nCOPY --from=build /out/app /app\n"
    assert found(text)
    assert not found(text, "build")
    assert not found(text, "alpine")


def test_settings_of_cargo_may_choose_another_way_to_link(tmp_path: Path) -> None:
    text = f"{CARGO}FROM alpine\nCOPY --from=build /src/target/release/app /app\n"
    (tmp_path / ".cargo").mkdir()
    settings = tmp_path / ".cargo" / "config.toml"
    settings.write_text("[net]\nretry = 3\n")
    assert found(text, folder=tmp_path) == "/src/target/release/app: glibc, musl"
    settings.write_text('[target.x86_64-unknown-linux-gnu]\nrustflags = ["-C", "target-feature=+crt-static"]\n')
    assert not found(text, folder=tmp_path)


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("/src/target/release/app", "glibc, musl"),
        ("/src/target/x86_64-unknown-linux-gnu/release/app", ""),
        ("/src/target/x86_64-unknown-linux-musl/release/app", ""),
        ("/src/app", ""),
    ],
)
def test_cargo_puts_programs_where_the_target_says(path: str, expected: str) -> None:
    assert found(f"{CARGO}FROM alpine\nCOPY --from=build {path} /app\n").partition(": ")[2] == expected


def test_one_of_several_builds_of_the_same_path_may_be_static() -> None:
    both = "FROM gcc AS build\nARG S\nRUN if [ $S ]; then gcc -static -o /app a.c; else gcc -o /app a.c; fi\n"
    assert not found(f"{both}FROM alpine\nCOPY --from=build /app /app\n")


@pytest.mark.parametrize(
    ("lines", "is_found"),
    [
        ("COPY --from=build /out/app .", True),
        ("COPY --from=build /out/ /", True),
        ("COPY --from=build /out/app /app\nCOPY usr/ /usr/", True),
        ("COPY --from=build /out/app /app\nCOPY rootfs /", False),
        ("COPY --from=build /out/app /app\nCOPY app.conf /", True),
        ("COPY --from=build /out/app /app\nARG X\nCOPY dist/$X /opt", True),
        ("COPY --from=build /out/app /app\nARG X\nCOPY dist/$X /", False),
        ("COPY --from=build /out/app /app\nADD https://example.com/x /", True),
        ("COPY --from=build /out/app /app\nADD rootfs.tar.xz /", False),
        ("COPY --from=build /out/app /app\nCOPY --from=build /usr/share/zoneinfo /usr/share/zoneinfo", True),
        ("COPY --from=build /out/app /app\nCOPY --from=alpine / /", True),
        ("COPY --from=build /out/app /app\nCOPY --from=alpine /lib /lib", True),
        ("COPY --from=build /out/app /app\nCOPY --from=debian /lib /lib", False),
    ],
)
def test_what_else_may_bring_the_loader_into_scratch(lines: str, is_found: bool) -> None:
    assert bool(found(f"{GCC}FROM scratch\n{lines}\n")) is is_found


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        ("FROM scratch\nCOPY app /app\nCMD /app\n", [3]),
        ("FROM scratch\nCOPY app /app\nENTRYPOINT /app\nCMD x\n", [3]),
        ('FROM scratch\nCOPY app /app\nENTRYPOINT ["/app"]\nCMD x\n', []),
        ("FROM scratch\nCOPY bin /bin\nCMD app\n", []),
        ("FROM scratch\nCOPY app /usr/local/bin/app\nCMD app\n", [3]),
        ("FROM scratch AS base\nCOPY app /app\nCMD /app\nFROM base\nEXPOSE 80\n", [3]),
        ('FROM scratch\nCOPY sh /shell\nSHELL ["/shell", "-c"]\nRUN x\nCMD x\n', []),
        ("FROM gcr.io/distroless/static\nCMD app\n", [2]),
        ("FROM gcr.io/distroless/static:debug\nCMD app\n", []),
        ("FROM gcr.io/distroless/java21-debian12\nCMD app.jar\n", []),
        ("FROM gcr.io/distroless/java21-debian12\nENTRYPOINT java -jar app.jar\n", [2]),
        ("FROM gcr.io/distroless/python3-debian12\nENTRYPOINT python app.py\n", []),
        ("FROM busybox\nRUN x\nCMD x\n", []),
        ("FROM scratch\nRUN x\n", [2]),
        ('FROM scratch\nRUN ["/x"]\n', []),
    ],
)
def test_instructions_without_a_shell(text: str, lines: list[int]) -> None:
    asked = survey(text)
    forms = without_shell(asked, asked.stages, asked.shipped)
    assert [form.instruction.line for form in forms] == lines


@pytest.mark.parametrize(
    ("build", "last", "library"),
    [
        ("apt-get install -y libcurl4-openssl-dev && gcc -o /app a.c -lcurl", "debian", "libcurl"),
        ("apt-get install -y libcurl4-openssl-dev && gcc -o /app a.c", "debian", ""),
        ("gcc -o /app a.c -lcurl", "debian", ""),
        ("apt-get install -y libssl-dev && gcc -o /app a.c -lssl -lcrypto", "debian", "libssl"),
        ("apt-get install -y libssl-dev && gcc -o /app a.c -lssl", "ubuntu", ""),
        ("apt-get install -y libssl-dev && gcc -o /app a.c -lssl", "gcr.io/distroless/base-debian12", ""),
        ("apt-get install -y libpq-dev && gcc -o /app a.c -lpq", "gcr.io/distroless/base-debian12", "libpq"),
        ("g++ -o /app a.cc", "gcr.io/distroless/base-debian12", "libstdc++"),
        ("g++ -o /app a.cc", "gcr.io/distroless/cc-debian12", ""),
        ("g++ -o /app a.cc", "busybox:glibc", "libstdc++"),
        ("g++ -o /app a.cc", "debian", ""),
        ("apt-get install -y libpq-dev && gcc -o /app a.c -lpq", "postgres", ""),
    ],
)
def test_libraries_that_are_not_there(build: str, last: str, library: str) -> None:
    asked = survey(f"FROM debian AS build\nRUN {build}\nFROM {last}\nCOPY --from=build /app /app\n")
    assert "".join(each.library for each in missing_libraries(asked, asked.shipped)) == library


def test_a_lone_build_is_judged_alike() -> None:
    dockerfile = read_dockerfile(Source.of("Dockerfile", f"{GCC}FROM alpine\nCOPY --from=build /out/app /app\n"))
    asked = Survey(lone_build(dockerfile), load())
    assert len(list(mismatches(asked, asked.shipped, (MUSL,)))) == 1
    assert not list(mismatches(asked, asked.shipped, (NONE,)))
