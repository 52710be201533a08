"""Hints: what to write instead, in lines that build and run; where a path is not known, none is made up."""

from __future__ import annotations

import pytest

from lint_multistage.engine import lint
from lint_multistage.model.build import lone_build
from lint_multistage.model.dockerfile import read_dockerfile
from lint_multistage.plugins import verified
from lint_multistage.text import Source

PLUGINS = verified(())


def hints(text: str) -> dict[str, str]:
    """The hint of each finding on `text`, by code."""
    linted = lint(lone_build(read_dockerfile(Source.of("Dockerfile", text))), PLUGINS.checks, PLUGINS.facts)
    assert not linted.failures
    return {finding.code: finding.hint or "" for finding in linted.findings}


def hint(text: str, code: str = "MS301") -> list[str]:
    """The lines of one hint."""
    found = hints(text)
    assert code in found, found
    return [line.strip() for line in found[code].splitlines()]


def copies(lines: list[str]) -> list[str]:
    return [line for line in lines if line.startswith("COPY")]


# Two stages for one.


def test_the_two_stages_are_shown_in_the_form_of_a_hint() -> None:
    text = 'FROM gcc:13\nWORKDIR /src\nCOPY . .\nRUN gcc -static -o hello hello.c\nENTRYPOINT ["/src/hello"]\n'
    assert hints(text)["MS301"].splitlines() == [
        "build in this stage and ship another one:",
        "  FROM gcc:13 AS builder",
        "  …",
        "  FROM alpine:3",
        "  COPY --from=builder /src/hello /src/hello",
        '  ENTRYPOINT ["/src/hello"]',
    ]


def test_a_static_program_is_offered_alpine_at_the_builders_release() -> None:
    text = "FROM golang:1.22-alpine3.19\nRUN CGO_ENABLED=0 go build -o /app .\n"
    assert "FROM alpine:3.19" in hint(text)
    assert "FROM debian:bookworm-slim" in hint("FROM gcc:13-bookworm\nRUN gcc -o /app a.c\n")


def test_a_program_started_by_a_relative_path_keeps_its_working_directory() -> None:
    lines = hint('FROM golang:1.22\nWORKDIR /srv\nCOPY . .\nRUN go build -o server .\nCMD ["./server"]\n')
    assert copies(lines) == ["COPY --from=builder /srv/server /srv/server"]
    assert lines[-2:] == ["WORKDIR /srv", 'CMD ["./server"]']


def test_what_the_image_starts_tells_where_a_command_put_its_output() -> None:
    lines = hint('FROM rust:1.80\nWORKDIR /a\nCOPY . .\nRUN cargo build --release\nCMD ["./target/release/shop"]\n')
    assert copies(lines) == ["COPY --from=builder /a/target/release/shop /a/target/release/shop"]


@pytest.mark.parametrize(
    "start",
    [
        'ENTRYPOINT ["tini", "--", "/opt/shop"]',
        'ENTRYPOINT ["gosu", "app", "/opt/shop"]',
        'CMD ["sh", "-c", "exec /opt/shop --port $PORT"]',
        "CMD cd /opt && ./shop",
        "ENV HOME_OF=/opt\nCMD $HOME_OF/shop",
    ],
)
def test_wrappers_are_seen_through(start: str) -> None:
    assert copies(hint(f"FROM rust:1.80\nRUN cargo build --release\n{start}\n")) == [
        "COPY --from=builder /opt/shop /opt/shop"
    ]


def test_an_entry_script_from_the_context_is_copied_too() -> None:
    text = (
        "FROM golang:1.22\nCOPY run.sh /run.sh\nRUN CGO_ENABLED=0 go build -o /app .\n"
        'ENTRYPOINT ["/run.sh"]\nCMD ["/app"]\n'
    )
    assert copies(hint(text)) == ["COPY --from=builder /run.sh /run.sh", "COPY --from=builder /app /app"]


def test_settings_that_the_image_runs_with_are_not_forgotten() -> None:
    text = "FROM golang:1.22\nRUN go build -o /app .\nENV PORT=80\nUSER 1000\n"
    assert "…  (ca-certificates where it speaks TLS; ENV and USER as they stand)" in hint(text)
    assert "ENV" not in "\n".join(hint("FROM golang:1.22\nENV CGO_ENABLED=0 GOOS=linux\nRUN go build -o /app .\n"))


def test_a_long_command_is_taken_over_as_it_stands() -> None:
    words = ", ".join(f'"--option-{number}"' for number in range(20))
    assert hint(f'FROM golang:1.22\nRUN go build -o /app .\nENTRYPOINT ["/app", {words}]\n')[-1] == "ENTRYPOINT …"


def test_a_programs_folder_is_not_copied_with_the_toolchain_in_it() -> None:
    lines = hint("FROM rust:1.80\nWORKDIR /a\nCOPY . .\nRUN cargo install --path .\n")
    assert lines[1:3] == ["FROM rust:1.80 AS builder", "ENV CARGO_INSTALL_ROOT=/out"]
    assert copies(lines) == ["COPY --from=builder /out/bin /usr/local/bin"]


def test_programs_that_are_installed_from_sources_are_what_such_an_image_is_for() -> None:
    assert copies(hint("FROM golang:1.22\nRUN go install example.org/tool/cmd/grr@v1\n")) == [
        "COPY --from=builder /go/bin/grr /go/bin/grr"
    ]
    many = "".join(f"RUN go install example.org/{name}@v1\n" for name in "abcd")
    assert copies(hint(f"FROM golang:1.22\n{many}")) == ["COPY --from=builder /go/bin /go/bin"]
    # Beside a program that is built here, they are tools of the build.
    text = "FROM golang:1.22\nRUN go install example.org/gen@v1\nRUN go build -o /app .\n"
    assert copies(hint(text)) == ["COPY --from=builder /app /app"]


def test_many_programs_are_not_all_listed() -> None:
    builds = "".join(f"RUN gcc -o /out-{name} {name}.c\n" for name in "abcdefg")
    lines = copies(hint(f"FROM gcc:13\n{builds}"))
    assert len(lines) == 5
    assert lines[-1] == "COPY --from=builder …  (3 more)"


# Nothing is made up: a likely place is one to be adapted.


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("FROM gcc:13\nRUN make\n", "copy what 'make' makes (line 2) with COPY --from=builder:"),
        ("FROM golang:1.22\nWORKDIR /a\nRUN go build\n", "copy what 'go build' makes (line 3)"),
        ("FROM maven:3-eclipse-temurin-21\nRUN mvn package\nCMD java -jar target/*.jar\n", "copy what 'mvn package'"),
        ("FROM gcc:13\nRUN make\nWORKDIR /b\nRUN cmake --build .\n", "copy what 'make' (line 2) and 'cmake --build'"),
        ("FROM gcc:13\nRUN make\nRUN make install\n", "copy what 'make install' makes (line 3)"),
        ('FROM rust:1.80\nRUN cargo build --release\nCMD ["shop"]\n', "copy what 'cargo build' makes (line 2)"),
        ("FROM rust:1.80\nRUN cargo build --release\nCMD $UNKNOWN/shop\n", "copy what 'cargo build' makes (line 2)"),
    ],
)
def test_where_no_path_is_known_the_hint_says_whose_output_to_copy(text: str, said: str) -> None:
    lines = hint(text)
    assert said in lines[0]
    assert all(line.endswith("(to be adapted)") for line in copies(lines))


@pytest.mark.parametrize(
    ("text", "copy"),
    [
        ("FROM gcc:13\nWORKDIR /src\nRUN make\n", "/src/… /usr/local/bin/"),
        ('FROM gcc:13\nWORKDIR /src\nRUN make -C app\nCMD ["shop"]\n', "/src/app/shop /usr/local/bin/"),
        ("FROM gcc:13\nWORKDIR /src\nRUN cmake --build out\n", "/src/out/… /usr/local/bin/"),
        ('FROM rust:1.80\nWORKDIR /a\nRUN cargo build -r\nCMD ["shop"]\n', "/a/target/release/shop /usr/local/bin/"),
        ("FROM rust:1.80\nRUN cd /a && cargo build\n", "/a/target/debug/… /usr/local/bin/"),
        ("FROM maven:3-eclipse-temurin-21\nWORKDIR /a\nRUN mvn package\n", "/a/target/*.jar /a/target/"),
        # Of a shell, or of a package, nothing is built here.
        ('FROM gcc:13\nWORKDIR /src\nRUN make\nCMD ["bash"]\n', "/src/… /usr/local/bin/"),
        (
            'FROM gcc:13\nWORKDIR /src\nRUN apt-get install -y cron && make\nCMD ["cron"]\n',
            "/src/… /usr/local/bin/",
        ),
        ("FROM gcc:13\nWORKDIR /src\nRUN ./configure && make && make install\n", "/out /"),
    ],
)
def test_where_it_likely_lies_is_shown_as_something_to_adapt(text: str, copy: str) -> None:
    assert copies(hint(text)) == [f"COPY --from=builder {copy}  (to be adapted)"]


def test_a_folder_of_everything_is_no_likely_place() -> None:
    assert not copies(hint("FROM gcc:13\nRUN make\n"))


def test_what_is_installed_goes_into_a_folder_of_its_own() -> None:
    build = "RUN ./configure{} && make && make install\n"
    system = f"FROM debian\nWORKDIR /src\nRUN apt-get install -y gcc make\n{build}CMD app\n"
    assert copies(hint(system.format(""), "MS302")) == ["COPY --from=builder /usr/local /usr/local"]
    assert copies(hint(system.format(" --prefix=/opt/app"), "MS302")) == ["COPY --from=builder /opt/app /opt/app"]
    # Among the system's own files the program alone is known.
    assert copies(hint(system.format(" --prefix=/usr"), "MS302")) == [
        "COPY --from=builder /usr/bin/app /usr/bin/app  (to be adapted)"
    ]
    # Extensions of PHP lie where PHP looks for them.
    assert not copies(hint(system.format("").replace("./configure", "phpize && ./configure"), "MS302"))
    # There it is the toolchain's.
    assert "ENV DESTDIR=/out" in hint("FROM gcc:13\nRUN make && make install\n")


def test_a_stage_of_which_nothing_is_known_gets_no_paths() -> None:
    assert hint("FROM golang:1.22-alpine3.19\nRUN ./build.sh\nCMD server\n") == [
        "name this stage 'builder', and copy what it makes into a last one FROM alpine:3.19, with COPY --from=builder"
    ]
    assert hint("FROM golang:1.22-alpine3.19 AS app\nRUN ./build.sh\nCMD server\n")[0].startswith(
        "copy what this stage makes"
    )


def test_a_program_that_only_a_script_can_have_made_is_copied() -> None:
    text = 'FROM golang:1.22-alpine3.19\nWORKDIR /app\nCOPY . .\nRUN ./build.sh\nCMD ["./main"]\n'
    lines = hint(text)
    assert copies(lines) == ["COPY --from=builder /app/main /app/main"]
    assert lines[-2:] == ["WORKDIR /app", 'CMD ["./main"]']


def test_a_program_for_windows_gets_no_linux_image() -> None:
    assert hint("FROM golang:1.22\nRUN GOOS=windows go build -o /app.exe .\n") == [
        "build in this stage, and copy '/app.exe' into a last one without the toolchain"
    ]


# Where products are put.


@pytest.mark.parametrize(
    ("script", "path"),
    [
        ("gcc -o app a.c && mv app /usr/bin/", "/usr/bin/app"),
        ("gcc -o app a.c && cp app /usr/local/bin/shop", "/usr/local/bin/shop"),
        ("gcc -o app a.c && install -m 755 app /usr/local/bin", "/usr/local/bin/app"),
        ("gcc -o app a.c && install -Dm755 -t /opt/x app", "/opt/x/app"),
        ("make && mv shop /usr/bin/", "/usr/bin/shop"),
        ("cargo build --release && cp target/release/shop /shop", "/shop"),
        ("mvn package && mv target/*.jar /app.jar", "/app.jar"),
        # What lies there for a while only, and what is copied ahead of the build, is no result.
        ("gcc -o app a.c && cp app /tmp/app", "/src/app"),
        ("cp app /old && gcc -o app a.c", "/src/app"),
        ("gcc -o app a.c && cp app $DESTINATION", "/src/app"),
        ("gcc -o app a.c; if [ -f b ]; then cp app /b; fi", "/src/app"),
    ],
)
def test_products_are_followed_to_where_they_are_put(script: str, path: str) -> None:
    assert copies(hint(f"FROM gcc:13\nWORKDIR /src\nRUN {script}\n")) == [f"COPY --from=builder {path} {path}"]


@pytest.mark.parametrize("script", ["make && cp shop.conf /etc/shop.conf", "make && cp -r doc /opt", "make && mv a b"])
def test_what_is_put_elsewhere_after_a_build_is_not_always_its_result(script: str) -> None:
    assert copies(hint(f"FROM gcc:13\nWORKDIR /src\nRUN {script}\n")) == [
        "COPY --from=builder /src/… /usr/local/bin/  (to be adapted)"
    ]


def test_a_build_that_installs_is_not_mistaken_for_what_is_copied_afterwards() -> None:
    text = "FROM gcc:13\nWORKDIR /src\nRUN make && make install\nRUN cp helper /usr/local/bin/\n"
    lines = hint(text)
    assert "what 'make install' makes (line 3)" in lines[0]
    assert not any("helper" in line for line in lines)


# Languages with a runtime.


def test_a_jar_runs_on_a_jre() -> None:
    text = (
        'FROM maven:3.9-eclipse-temurin-21\nWORKDIR /a\nRUN mvn package\nENTRYPOINT ["java", "-jar", "target/a.jar"]\n'
    )
    lines = hint(text)
    assert "FROM eclipse-temurin:21-jre" in lines
    assert copies(lines) == ["COPY --from=builder /a/target/a.jar /a/target/a.jar"]


def test_classes_are_copied_with_their_folder() -> None:
    lines = hint('FROM eclipse-temurin:21\nWORKDIR /a\nRUN javac Main.java\nCMD ["java", "Main"]\n')
    assert copies(lines) == ["COPY --from=builder /a /a"]


def test_where_nothing_is_compiled_a_smaller_image_is_all_it_takes() -> None:
    text = 'FROM {}\nCOPY a.jar /a.jar\nCMD ["java", "-jar", "/a.jar"]\n'
    assert hint(text.format("openjdk:17-slim")) == [
        "nothing is compiled here, and a JRE runs it: start FROM eclipse-temurin:17-jre (109 MB compressed)"
    ]
    # There is none of Java 16.
    assert hint(text.format("openjdk:16-alpine")) == [
        "nothing is compiled here, and a JRE runs it: start from a JRE image of that version or a later one"
    ]
    assert hint('FROM golang:1.22-alpine3.19\nCOPY shop /shop\nENTRYPOINT ["/shop"]\n') == [
        "nothing is compiled here: start FROM alpine:3.19"
    ]


def test_a_version_that_the_tag_does_not_tell_is_left_open() -> None:
    lines = hint('FROM maven\nRUN mvn package\nCMD ["java", "-jar", "/a.jar"]\n')
    assert lines[0] == "build in this stage and ship another one, N being the version in the builder:"
    assert "FROM eclipse-temurin:N-jre" in lines


def test_dotnet_publish_is_copied_from_its_output() -> None:
    lines = hint(
        'FROM mcr.microsoft.com/dotnet/sdk:8.0\nWORKDIR /a\nRUN dotnet publish -o out\nCMD ["dotnet", "out/A.dll"]\n'
    )
    assert "FROM mcr.microsoft.com/dotnet/aspnet:8.0" in lines
    assert copies(lines) == ["COPY --from=builder /a/out /a/out"]
    native = hint("FROM mcr.microsoft.com/dotnet/sdk:8.0\nRUN dotnet publish -o /out --self-contained\n")
    assert "FROM mcr.microsoft.com/dotnet/runtime-deps:8.0" in native


def test_an_image_that_compiles_at_every_start_is_told_so() -> None:
    assert hint('FROM golang:1.22-alpine3.19\nWORKDIR /a\nCOPY . .\nCMD ["go", "run", "."]\n') == [
        "'go run' compiles at every start: compile in this stage, and copy the result into a last one FROM alpine:3.19"
        " (COPY --from=builder …)"
    ]


def test_cuda_runs_on_its_runtime_image() -> None:
    lines = hint("FROM nvidia/cuda:12.4.1-devel-ubuntu22.04\nRUN nvcc -o /app a.cu\n")
    assert "FROM nvidia/cuda:12.4.1-runtime-ubuntu22.04" in lines


# Stages that take from others.


def test_a_last_stage_that_copies_its_program_only_changes_its_base() -> None:
    text = "FROM golang:1.22 AS build\nRUN go build -o /app .\nFROM golang:1.22\nCOPY --from=build /app /app\n"
    assert hint(text) == ["start it FROM debian:stable-slim: what it runs is copied from stage 'build'"]


def test_files_from_a_stage_that_builds_nothing_are_not_taken_for_the_program() -> None:
    text = "FROM debian AS files\nFROM golang:1.22\nCOPY --from=files /etc/a /etc/a\nRUN ./build.sh\n"
    assert "what it runs is copied" not in hint(text)[0]


def test_a_stage_from_its_builder_starts_small() -> None:
    text = 'FROM rust:1.80-alpine3.20 AS build\nRUN cargo build\nFROM build AS final\nCMD ["/target/debug/a"]\n'
    assert hint(text, "MS303") == [
        "start from a small image and copy the result:",
        "FROM alpine:3.20 AS final",
        "COPY --from=build /target/debug/a /target/debug/a",
        'CMD ["/target/debug/a"]',
    ]
    copied = "FROM debian AS build\nRUN apt-get install -y gcc && gcc -o /a a.c\nFROM build\nCOPY --from=build /a /b\n"
    assert hint(copied, "MS303") == ["start FROM debian: what is needed is copied from stage 'build' already"]


def test_a_forgotten_copy_goes_to_where_the_program_is_started() -> None:
    text = 'FROM golang:1.22 AS build\nRUN go build -o /out/app .\nFROM alpine\nCMD ["/usr/bin/app"]\n'
    assert hint(text, "MS401") == ["add to stage '#1': COPY --from=build /out/app /usr/bin/app"]


# Build packages.


def test_python_packages_are_compiled_into_an_environment() -> None:
    text = "FROM python:3.12-slim\nRUN apt-get update && apt-get install -y gcc libpq-dev\nRUN pip install psycopg2\n"
    assert hint(text, "MS302") == [
        "compile in a stage of its own and ship the virtual environment:",
        "FROM python:3.12-slim AS builder",
        "RUN python3 -m venv /opt/venv",
        "ENV PATH=/opt/venv/bin:$PATH",
        "…",
        "FROM python:3.12-slim",
        "COPY --from=builder /opt/venv /opt/venv",
        "ENV PATH=/opt/venv/bin:$PATH",
        "…  (libpq5 for libpq-dev, or what this release calls it)",
    ]


def test_an_environment_that_is_there_is_used() -> None:
    text = (
        "FROM python:3.12-slim\nRUN apt-get install -y gcc\nRUN python -m venv /venv\nENV PATH=/venv/bin:$PATH\n"
        "ENV VIRTUAL_ENV=/venv\nRUN /venv/bin/pip install uwsgi\n"
    )
    lines = hint(text, "MS302")
    assert copies(lines) == ["COPY --from=builder /venv /venv"]
    assert "/opt/venv" not in "\n".join(lines)


def test_build_tools_that_pip_does_not_compile_with_get_no_environment() -> None:
    text = "FROM python:3.12-slim\nRUN apt-get install -y maven\nRUN pip install requests\n"
    assert "venv" not in "\n".join(hint(text, "MS302"))


def test_modules_of_node_are_compiled_where_they_lie() -> None:
    text = "FROM node:20-slim\nRUN apt-get install -y g++ make\nWORKDIR /app\nCOPY . .\nRUN npm ci\n"
    assert copies(hint(text, "MS302")) == ["COPY --from=builder /app/node_modules /app/node_modules"]


def test_an_application_that_is_interpreted_is_copied_with_its_folder() -> None:
    text = (
        "FROM node:20-slim\nRUN apt-get install -y g++\nWORKDIR /app\nCOPY . .\nRUN npm ci && npm run build\n"
        'CMD ["npm", "start"]\n'
    )
    lines = hint(text, "MS302")
    assert copies(lines) == ["COPY --from=builder /app /app"]
    assert lines[-2:] == ["WORKDIR /app", 'CMD ["npm", "start"]']


def test_packages_that_only_one_run_needs_may_be_removed_in_it() -> None:
    (line,) = hint("FROM debian\nRUN apt-get install -y gcc make && ./setup.sh\nCMD server\n", "MS302")
    assert line.endswith("remove them at its end: apt-get purge -y --auto-remove gcc make")
    (line,) = hint("FROM alpine\nRUN apk add --virtual .tools gcc make && ./setup.sh\nCMD server\n", "MS302")
    assert line.endswith("apk del .tools")


def test_packages_that_their_run_only_installs_are_not_to_be_removed_in_it() -> None:
    (line,) = hint("FROM debian\nRUN apt-get update && apt-get install -y gcc\nRUN ./setup.sh\nCMD server\n", "MS302")
    assert line == "install it in a stage that is not shipped, and copy with COPY --from what is built with it"


def test_the_c_library_needs_no_package() -> None:
    (line,) = hint("FROM debian\nRUN apt-get install -y libc6-dev libpq-dev\nCOPY app /\nCMD /app\n", "MS307")
    assert line.startswith("install what runs: nothing for libc6-dev, libpq5 for libpq-dev")


def test_what_nothing_here_is_built_with_may_be_left_out() -> None:
    text = "FROM debian\nRUN apt-get update && apt-get install -y gcc\nRUN {}\nCMD app\n"
    (line,) = hint(text.format("app --version && cp a b"), "MS302")
    assert line.startswith("nothing here is built with it: leave it out, or build in a stage that is not shipped")
    assert "nothing here" not in hint(text.format("./setup.sh"), "MS302")[0]


def test_packages_on_a_toolchain_image_stay_with_it() -> None:
    found = hints("FROM golang:1.22\nRUN apt-get install -y cmake\nRUN go build -o /app .\n")
    assert "COPY --from=builder /app /app" in found["MS301"]
    assert found["MS302"] == (
        "leave it, with 'golang:1.22', in a stage that is not shipped, and copy only what is built"
    )


class TestWhatTheSecondStageInstalls:
    def installed(self, text: str, code: str = "MS302") -> list[str]:
        return [line for line in hint(text, code) if line.startswith(("RUN", "…  ("))]

    def test_packages_that_run_are_installed_there_and_compilers_are_not(self) -> None:
        text = (
            "FROM debian:bookworm\nRUN apt-get update && apt-get install -y --no-install-recommends tini g++ \\\n"
            '  && g++ -o /app a.cc\nENTRYPOINT ["tini", "/app"]\n'
        )
        assert self.installed(text) == [
            "RUN apt-get update && apt-get install -y --no-install-recommends tini && rm -rf /var/lib/apt/lists/*"
        ]

    def test_a_runtime_takes_the_place_of_an_sdk(self) -> None:
        text = (
            "FROM ubuntu:22.04\nRUN apt-get install -y openjdk-17-jdk-headless maven\n{}CMD java -jar /a/target/a.jar\n"
        )
        built = text.format("WORKDIR /a\nRUN mvn package\n")
        assert self.installed(built) == [
            "RUN apt-get update && apt-get install -y openjdk-17-jre-headless && rm -rf /var/lib/apt/lists/*"
        ]
        (line,) = hint(text.format(""), "MS302")
        assert line.startswith("install openjdk-17-jre-headless in place of 'openjdk-17-jdk-headless'")
        assert line.endswith("build with 'maven' in a stage that is not shipped")

    def test_programs_in_cpp_need_its_library_on_alpine(self) -> None:
        text = "FROM alpine\nRUN apk add --no-cache g++ postgresql-dev && g++ -o /app a.cc\nCMD /app\n"
        assert self.installed(text) == ["RUN apk add --no-cache libstdc++ libpq"]
        assert self.installed("FROM alpine\nRUN apk add --no-cache gcc && gcc -o /app a.c\nCMD /app\n") == []

    def test_names_with_the_number_of_a_release_are_not_taken_for_granted(self) -> None:
        text = "FROM alpine\nRUN apk add gcc llvm19-dev && gcc -o /app a.c\nCMD /app\n"
        assert self.installed(text) == ["…  (llvm-libs for llvm19-dev, or what this release calls it)"]

    def test_packages_of_other_sources_are_told_and_not_installed_by_name(self) -> None:
        text = (
            "FROM debian\nRUN echo deb http://x >> /etc/apt/sources.list && apt-get install -y shop gcc\n"
            "RUN gcc -o /app a.c\nCMD /app\n"
        )
        assert self.installed(text) == ["…  (the packages but gcc)"]

    def test_on_another_system_they_have_other_names(self) -> None:
        text = "FROM golang:1.22\nRUN apt-get install -y git ffmpeg\nRUN CGO_ENABLED=0 go build -o /app .\n"
        assert self.installed(text, "MS301") == ["…  (the packages that run, by their names there: ffmpeg)"]

    def test_a_static_program_loads_no_library(self) -> None:
        text = "FROM golang:1.22-bookworm\nRUN apt-get install -y libpcap-dev\nRUN {} go build -o /app .\n"
        assert "libpcap0.8 for libpcap-dev" in "".join(self.installed(text.format("GOOS=linux"), "MS301"))
        assert "libpcap" not in "".join(self.installed(text.format("CGO_ENABLED=0"), "MS301"))

    def test_who_runs_it_is_made_there(self) -> None:
        text = "FROM golang:1.22-alpine\nRUN go build -o /app .\nRUN adduser -D me\nUSER me\n"
        assert self.installed(text, "MS301") == ["…  (USER as it stands; what it needs of the RUN of line 3)"]

    def test_it_is_built_for_the_platform_that_is_asked_for(self) -> None:
        text = "FROM --platform={} golang:1.22-alpine\nRUN go build -o /app .\n"
        assert "FROM --platform=linux/arm64 alpine:3" in hint(text.format("linux/arm64"))
        assert "FROM alpine:3" in hint(text.format("$BUILDPLATFORM"))


class TestEnvironments:
    def test_one_that_is_in_front_of_path_is_used(self) -> None:
        text = (
            "FROM python:3.12-slim\nRUN apt-get install -y gcc\nRUN python -m venv /srv/env\n"
            'ENV PATH="/srv/env/bin:$PATH"\nRUN pip install uwsgi\n'
        )
        assert copies(hint(text, "MS302")) == ["COPY --from=builder /srv/env /srv/env"]

    def test_where_python_is_installed_first_it_is_made_afterwards(self) -> None:
        text = "FROM debian\nRUN apt-get install -y gcc python3-pip\nRUN pip install uwsgi\nCMD app\n"
        lines = hint(text, "MS302")
        assert lines[2:4] == ["…  (installs python3-venv with the packages)", "RUN python3 -m venv /opt/venv"]

    def test_what_the_image_brings_is_still_seen(self) -> None:
        text = "FROM pytorch/pytorch:2.4.0-cuda12.1-cudnn9-runtime\nRUN apt-get install -y gcc\nRUN pip install uwsgi\n"
        assert "RUN python3 -m venv --system-site-packages /opt/venv" in hint(text, "MS302")

    def test_other_installers_ask_a_variable(self) -> None:
        text = "FROM python:3.12-slim\nRUN apt-get install -y gcc\nRUN poetry install\n"
        assert "ENV VIRTUAL_ENV=/opt/venv PATH=/opt/venv/bin:$PATH" in hint(text, "MS302")


@pytest.mark.parametrize(
    ("base", "setting", "path"),
    [
        ("ruby:3.3-slim", "", "/usr/local/bundle"),
        ("ruby:3.3-slim", "RUN bundle config set --local path vendor/gems\n", "/app/vendor/gems"),
        ("ruby:3.3-slim", "RUN bundle config set deployment true\n", "/app/vendor/bundle"),
        ("ruby:3.3-slim", "ENV BUNDLE_PATH=/gems\n", "/gems"),
    ],
)
def test_gems_are_copied_from_where_they_are_installed(base: str, setting: str, path: str) -> None:
    text = f"FROM {base}\nRUN apt-get install -y gcc\nWORKDIR /app\n{setting}RUN bundle install\nCMD bundle exec app\n"
    assert f"COPY --from=builder {path} {path}" in hint(text, "MS302")


def test_programs_that_an_archives_toolchain_installs_are_copied() -> None:
    text = (
        "FROM debian\nRUN curl -L https://go.dev/dl/go1.22.0.linux-amd64.tar.gz | tar -C /usr/local -xz\n"
        "RUN go install example.org/a@v1\nCMD a\n"
    )
    lines = hint(text, "MS308")
    assert "ENV GOBIN=/out/bin" in lines
    assert copies(lines) == ["COPY --from=builder /out/bin /usr/local/bin"]


def test_an_archive_of_a_jdk_has_a_runtime() -> None:
    text = (
        "FROM debian\nRUN curl -L https://example.com/OpenJDK21U-jdk_x64_linux_hotspot_21.0.4_7.tar.gz"
        " | tar -C /opt -xz\nCMD app\n"
    )
    (line,) = hint(text, "MS308")
    assert line.endswith("COPY --from=eclipse-temurin:21-jre /opt/java/openjdk /opt/java/openjdk brings one")


# Full images of interpreters.


def test_a_full_image_has_a_slim_one() -> None:
    assert hint("FROM node:20\nCOPY . .\nCMD node .\n", "MS306") == ["start FROM node:20-slim (70.9 MB compressed)"]
    lines = hint("FROM python:3.12\nRUN pip install uwsgi\n", "MS306")
    assert lines[0].endswith("do so in a stage of its own and ship the virtual environment:")
    assert copies(lines) == ["COPY --from=builder /opt/venv /opt/venv"]
    # What is made here decides what is copied.
    assert "in a stage FROM python:3.12," in hint("FROM python:3.12\nRUN pip install a && make\n", "MS306")[0]


def test_a_slim_image_lacks_programs_that_the_full_one_has() -> None:
    text = "FROM node:20\nRUN {}\nHEALTHCHECK CMD curl -f http://localhost/\nCMD node .\n"
    assert hint(text.format("git clone x"), "MS306")[0].endswith(", and install 'curl' and 'git', which it lacks")
    assert "lacks" not in hint("FROM php:8.3-cli\nRUN curl -O http://x/y\nCMD php y\n", "MS306")[0]
    installed = text.format("apt-get install -y curl && echo git")
    assert "lacks" not in hint(installed, "MS306")[0]


def test_packages_of_debian_are_not_those_of_alpine() -> None:
    (line,) = hint("FROM php:8.3-cli\nRUN apt-get install -y libpq5\n", "MS306")
    assert "with apk and its names in place of apt-get" in line


def test_php_with_apache_has_no_smaller_image() -> None:
    (line,) = hint("FROM php:8.3-apache\nRUN docker-php-ext-install gd\n", "MS306")
    assert line == (
        "no image of PHP with Apache comes without a compiler: leave 'php:8.3-apache', or, where a web server stands in"
        " front, start FROM php:8.3-fpm-alpine and build the extensions there"
    )


def test_a_mirror_of_docker_hub_has_the_smaller_image_too() -> None:
    (line,) = hint("FROM public.ecr.aws/docker/library/node:20\nCMD node .\n", "MS306")
    assert line.startswith("start FROM public.ecr.aws/docker/library/node:20-slim")
    (line,) = hint("FROM arm32v7/node:20\nCMD node .\n", "MS306")
    assert line == "start FROM arm32v7/node:20-slim"


class TestSizes:
    def test_the_replacement_is_told_in_the_measure_of_the_base(self) -> None:
        assert hint("FROM python:3.12\nCOPY . .\nCMD python app.py\n", "MS306") == [
            "start FROM python:3.12-slim (about 43 MB compressed, like 3.12.13-slim-trixie)"
        ]

    def test_a_program_that_was_measured_tells_more_than_its_base(self) -> None:
        lines = hint('FROM gcc:9.4\nRUN gcc -static -o /a a.c\nENTRYPOINT ["/a"]\n')
        assert lines[0] == (
            "build in this stage and ship another one on alpine:3"
            " (a static C program on alpine:3.13.5 is 6.55 MB unpacked):"
        )

    def test_it_stands_in_the_first_line_and_not_among_those_to_paste(self) -> None:
        lines = hint("FROM golang:1.26-bookworm AS b\nRUN CGO_ENABLED=0 go build -o /app\nFROM b\n", "MS303")
        assert lines[0] == "start from alpine:3 (about 3.9 MB compressed, like 3.24.1) and copy the result:"
        assert lines[1].strip() == "FROM alpine:3"


def test_the_library_that_is_preloaded_has_a_version_in_its_name() -> None:
    text = "FROM debian\nRUN apt-get install -y {}\nCMD app\n"
    assert "LD_PRELOAD" in hint(text.format("libjemalloc-dev"), "MS307")[0]
    assert "LD_PRELOAD" not in hint(text.format("libpq-dev"), "MS307")[0]


def test_a_stage_with_triggers_is_not_left() -> None:
    text = "FROM eclipse-temurin:17-jdk AS build\n{}FROM build\nCOPY app.jar /\nCMD java -jar /app.jar\n"
    (kept,) = hint(text.format("ONBUILD COPY lib /lib\n"), "MS303")
    assert kept.startswith("start stage 'build' FROM eclipse-temurin:17-jre")
    assert "COPY --from=build" in hint(text.format(""), "MS303")[0]
