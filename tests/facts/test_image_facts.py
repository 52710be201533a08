"""What the facts say of base images."""

from __future__ import annotations

import subprocess
import sys

import pytest

from lint_multistage.facts import Facts, Image, Package, Runtime, load, normalise
from lint_multistage.model.images import parse_image

# Image -> role, and a toolchain that it carries or "".
ROLES = {
    "golang": ("toolchain", "go"),
    "golang:1.18-alpine3.17": ("toolchain", "go"),
    "golang:1.22-bookworm": ("toolchain", "gcc"),
    "golang:1.22-windowsservercore-ltsc2022": ("toolchain", "go"),
    "gcc:9.4": ("toolchain", "gcc"),
    "rust:1.80": ("toolchain", "cargo"),
    "rust:1.80-slim-bookworm": ("toolchain", "gcc"),
    "rust:alpine": ("toolchain", "rust"),
    "lukemathwalker/cargo-chef:latest-rust-1.85.1": ("toolchain", "rust"),
    "ekidd/rust-musl-builder": ("toolchain", "rust"),
    "clux/muslrust:stable": ("toolchain", "rust"),
    "messense/rust-musl-cross:x86_64-musl": ("toolchain", "rust"),
    "silkeh/clang:17": ("toolchain", "clang"),
    "buildpack-deps:bookworm": ("toolchain", "gcc"),
    "buildpack-deps:24.04": ("toolchain", "gcc"),
    "buildpack-deps:bookworm-curl": ("os", ""),
    "buildpack-deps:bookworm-scm": ("os", ""),
    "maven:3.9-eclipse-temurin-21": ("toolchain", "maven"),
    "gradle:8-jdk17-alpine": ("toolchain", "gradle"),
    "sbtscala/scala-sbt:eclipse-temurin-17.0.4_1.7.1_3.2.0": ("toolchain", "sbt"),
    "eclipse-temurin:21": ("toolchain", "jdk"),
    "eclipse-temurin:17-jdk-ubi9-minimal": ("toolchain", "jdk"),
    "eclipse-temurin:21-jre": ("runtime", ""),
    "eclipse-temurin:21.0.2_13-jre-alpine": ("runtime", ""),
    "amazoncorretto:21": ("toolchain", "jdk"),
    "amazoncorretto:17-al2023-jdk": ("toolchain", "jdk"),
    "amazoncorretto:17-al2023-headless": ("runtime", ""),
    "amazoncorretto:8-alpine3.18-jre": ("runtime", ""),
    "openjdk:11-jdk-slim": ("toolchain", "jdk"),
    "openjdk:17-slim": ("toolchain", "jdk"),
    "openjdk:8-alpine": ("toolchain", "jdk"),
    "openjdk:8-jre-alpine": ("runtime", ""),
    "openjdk:11.0-jre-slim": ("runtime", ""),
    "java:8": ("toolchain", "jdk"),
    "java:8-jre": ("runtime", ""),
    "azul-zulu:21-jdk-debian13": ("toolchain", "jdk"),
    "azul-zulu:21-jre-headless": ("runtime", ""),
    "azul/zulu-openjdk:17": ("toolchain", "jdk"),
    "azul/zulu-openjdk:17-jre": ("runtime", ""),
    "bellsoft/liberica-openjdk-debian:17": ("toolchain", "jdk"),
    "bellsoft/liberica-openjre-alpine-musl:17": ("runtime", ""),
    "bellsoft/liberica-runtime-container:jdk-21-slim-musl": ("toolchain", "jdk"),
    "bellsoft/liberica-runtime-container:jre-21-slim-musl": ("runtime", ""),
    "sapmachine:21-jdk-headless": ("toolchain", "jdk"),
    "sapmachine:21-jre-ubuntu": ("runtime", ""),
    "ibm-semeru-runtimes:open-17-jdk": ("toolchain", "jdk"),
    "ibm-semeru-runtimes:open-17-jre-jammy": ("runtime", ""),
    "mcr.microsoft.com/openjdk/jdk:21-ubuntu": ("toolchain", "jdk"),
    "mcr.microsoft.com/openjdk/jdk:21-distroless": ("minimal", ""),
    "ghcr.io/graalvm/native-image-community:21": ("toolchain", "native-image"),
    "ghcr.io/graalvm/jdk-community:21": ("toolchain", "jdk"),
    "ghcr.io/graalvm/graalvm-ce:22.3.1": ("toolchain", "jdk"),
    "tomcat:11": ("bundled", "jdk"),
    "tomcat:9-jre17": ("runtime", ""),
    "tomcat:8.0": ("runtime", ""),
    "tomcat:8.5.32-alpine": ("runtime", ""),
    "tomcat:9.0.91": ("bundled", "jdk"),
    "mcr.microsoft.com/dotnet/sdk:8.0": ("toolchain", "dotnet-sdk"),
    "mcr.microsoft.com/dotnet/sdk:8.0-alpine": ("toolchain", "dotnet-sdk"),
    "mcr.microsoft.com/dotnet/aspnet:8.0": ("runtime", ""),
    "mcr.microsoft.com/dotnet/runtime:8.0-alpine": ("runtime", ""),
    "mcr.microsoft.com/dotnet/runtime-deps:8.0-jammy-chiseled": ("minimal", ""),
    "nvidia/cuda:12.4.1-devel-ubuntu22.04": ("toolchain", "nvcc"),
    "nvidia/cuda:12.4.1-cudnn-runtime-ubuntu22.04": ("runtime", ""),
    "nvidia/cuda:12.4.1-base-ubuntu22.04": ("runtime", ""),
    "python:3.12": ("bundled", "gcc"),
    "python:3.12-bookworm": ("bundled", "gcc"),
    "python:3.12-slim": ("runtime", ""),
    "python:3.12-alpine": ("runtime", ""),
    "node:20": ("bundled", "gcc"),
    "node:20-bookworm-slim": ("runtime", ""),
    "node:20-alpine": ("runtime", ""),
    "ruby:3.3": ("bundled", "gcc"),
    "ruby:3.3-slim": ("runtime", ""),
    "perl:5.38": ("bundled", "gcc"),
    "perl:5.38-slim": ("runtime", ""),
    "php:8.3-apache": ("bundled", "gcc"),
    "php:8.3-fpm-alpine": ("runtime", ""),
    "composer:2": ("bundled", "make"),
    "haskell:9-slim": ("toolchain", "ghc"),
    "swift:5.10-jammy": ("toolchain", "swift"),
    "swift:5.10-jammy-slim": ("runtime", ""),
    "dart:3": ("toolchain", "dart-sdk"),
    "erlang:26": ("bundled", "gcc"),
    "erlang:26-alpine": ("runtime", ""),
    "elixir:1.16-alpine": ("toolchain", "elixir-mix"),
    "julia:1.10": ("runtime", ""),
    "crystallang/crystal:1.11": ("toolchain", "crystal"),
    "goreleaser/goreleaser:v1.24.0": ("toolchain", "go"),
    "tinygo/tinygo:0.31.0": ("toolchain", "go"),
    "emscripten/emsdk:3.1.55": ("toolchain", "emscripten"),
    "cimg/go:1.22": ("toolchain", "go"),
    "cimg/node:lts": ("bundled", "gcc"),
    "circleci/golang:1.15": ("toolchain", "go"),
    "oven/bun:1": ("runtime", ""),
    "denoland/deno:alpine": ("runtime", ""),
    "ghcr.io/astral-sh/uv:0.5": ("minimal", ""),
    "ghcr.io/astral-sh/uv:python3.12-bookworm": ("bundled", "gcc"),
    "ghcr.io/astral-sh/uv:python3.12-bookworm-slim": ("runtime", ""),
    "cgr.dev/chainguard/go:latest-dev": ("toolchain", "go"),
    "cgr.dev/chainguard/jdk": ("toolchain", "jdk"),
    "cgr.dev/chainguard/gcc-glibc:latest-dev": ("toolchain", "gcc"),
    "cgr.dev/chainguard/node:latest-dev": ("runtime", ""),
    "cgr.dev/chainguard/python": ("minimal", ""),
    "registry.access.redhat.com/ubi8/go-toolset:1.20": ("toolchain", "go"),
    "registry.access.redhat.com/ubi8/openjdk-17:1.18": ("toolchain", "jdk"),
    "registry.access.redhat.com/ubi8/openjdk-17-runtime:1.18": ("runtime", ""),
    "quay.io/pypa/manylinux2014_x86_64": ("toolchain", "gcc"),
    "quay.io/pypa/manylinux_2_28_x86_64:2024.07.01-1": ("toolchain", "gcc"),
    "caddy:2-builder": ("toolchain", "go"),
    "caddy:2-alpine": ("runtime", ""),
    "nginx:1.27-alpine": ("runtime", ""),
    "postgres:16": ("runtime", ""),
    "ubuntu:22.04": ("os", ""),
    "debian:bookworm-slim": ("os", ""),
    "alpine:3.20": ("os", ""),
    "archlinux:base-devel": ("toolchain", "gcc"),
    "archlinux": ("os", ""),
    "tomcat:10": ("bundled", "jdk"),
    "rabbitmq:4.1": ("runtime", ""),
    "wordpress:6-apache": ("bundled", "gcc"),
    "wordpress:6-fpm-alpine": ("runtime", ""),
    "quay.io/jupyter/base-notebook:2024-05-27": ("runtime", ""),
    "quay.io/jupyter/scipy-notebook": ("bundled", "gcc"),
    "golangci/golangci-lint:v2.1": ("toolchain", "go"),
    "ghcr.io/pyo3/maturin": ("toolchain", "rust"),
    "84codes/crystal:1.20.0-ubuntu-24.04": ("toolchain", "crystal"),
    "mono:6": ("toolchain", "dotnet-sdk"),
    "mono:6-slim": ("runtime", ""),
    "tiangolo/uvicorn-gunicorn-fastapi:python3.11": ("bundled", "gcc"),
    "tiangolo/uvicorn-gunicorn-fastapi:python3.11-slim": ("runtime", ""),
    "nikolaik/python-nodejs:python3.12-nodejs22": ("bundled", "gcc"),
    "busybox:musl": ("minimal", ""),
    "scratch": ("minimal", ""),
    "gcr.io/distroless/static-debian12:nonroot": ("minimal", ""),
    "gcr.io/distroless/java17-debian12": ("minimal", ""),
}


def image(text: str, facts: Facts | None = None) -> Image | None:
    reference = parse_image(text)
    assert not isinstance(reference, str)
    return (facts or load()).image(reference.name, reference.fact_tag)


@pytest.mark.parametrize("text", ROLES)
def test_role(text: str) -> None:
    role, carried = ROLES[text]
    found = image(text)
    assert found
    assert found.role == role
    heavy = [name for name in found.toolchains if load().heavy(name)]
    assert (carried in heavy) if carried else not heavy


@pytest.mark.parametrize(
    ("text", "distro", "libc"),
    [
        ("golang:1.22-alpine", "alpine", "musl"),
        ("golang:1.22", "debian", "glibc"),
        ("alpine", "alpine", "musl"),
        ("ubuntu:24.04", "ubuntu", "glibc"),
        ("scratch", "", "none"),
        ("gcr.io/distroless/static", "debian", "none"),
        ("gcr.io/distroless/base-debian12", "debian", "glibc"),
        ("rockylinux:9", "rockylinux", "glibc"),
        ("golang:1.22-nanoserver", "windows", "none"),
        # Alpine with the C library of others laid in.
        ("denoland/deno:alpine", "alpine", ""),
    ],
)
def test_system(text: str, distro: str, libc: str) -> None:
    found = image(text)
    assert found
    assert (found.distro, found.libc) == (distro, libc)


@pytest.mark.parametrize(
    ("text", "directory"),
    [
        ("golang:1.22", "/go"),
        ("debian:12", "/"),
        ("python:3.12-slim", "/"),
        ("php:8.3-fpm", "/var/www/html"),
        ("tomcat:10", "/usr/local/tomcat"),
        # Not looked up, or another for each variant: unknown.
        ("cimg/go:1.22", ""),
        ("gcr.io/distroless/static:nonroot", ""),
        ("caddy@sha256:" + "0" * 64, ""),
    ],
)
def test_working_directory(text: str, directory: str) -> None:
    found = image(text)
    assert (found.directory if found else "") == directory


@pytest.mark.parametrize(
    "text",
    [
        "registry.corp/golang:1.22",
        "acme/golang",
        "golang-builder",
        "nvidia/cuda:12.4.1",
        "microsoft/dotnet:2-core",
        "ghcr.io/acme/app",
    ],
)
def test_what_nobody_knows(text: str) -> None:
    assert image(text) is None


@pytest.mark.parametrize(
    "text",
    [
        "golang:1.22-alpine",
        "library/golang:1.22-alpine",
        "docker.io/golang:1.22-alpine",
        "docker.io/library/golang:1.22-alpine",
        "index.docker.io/library/golang:1.22-alpine",
        "public.ecr.aws/docker/library/golang:1.22-alpine",
        "mirror.gcr.io/library/golang:1.22-alpine",
        "registry.corp/proxy/library/golang:1.22-alpine",
        "registry.corp:5000/library/golang:1.22-alpine",
        "arm64v8/golang:1.22-alpine",
        "golang:1.22-alpine@sha256:" + "0" * 64,
    ],
)
def test_mirrors_hold_the_official_image(text: str) -> None:
    assert image(text) == image("golang:1.22-alpine")
    assert image(text) is not None


def test_normalise_keeps_other_registries() -> None:
    assert normalise("registry.corp/golang") == "registry.corp/golang"
    assert normalise("quay.io/arm64v8/golang") == "quay.io/arm64v8/golang"
    assert normalise("library") == "library"


def test_no_tag_is_latest() -> None:
    facts = load()
    assert facts.image("python", "") == facts.image("python", "latest")
    assert facts.image("python", "") != facts.image("python", "3-slim")
    uv = facts.image("ghcr.io/astral-sh/uv", "")
    assert uv
    assert uv.role == "minimal"


class TestDigestOnly:
    """Where only a digest is written, what all variants share is known."""

    def test_role_and_toolchains_that_all_share(self) -> None:
        found = load().image("golang", None)
        assert found
        assert (found.role, found.toolchains, found.distro, found.libc) == ("toolchain", ("go",), "", "")

    def test_runtimes_that_all_share_are_kept(self) -> None:
        found = load().image("golang", None)
        assert found
        assert [runtime.image for runtime in found.runtimes] == [
            "alpine:{alpine}",
            "gcr.io/distroless/static-debian12",
            "scratch",
        ]

    def test_disagreement_is_unknown(self) -> None:
        found = load().image("node", None)
        assert found
        assert found.role == ""
        assert "gcc" not in found.toolchains

    def test_one_variant_is_that_variant(self) -> None:
        found = load().image("ubuntu", None)
        assert found
        assert (found.role, found.libc) == ("os", "glibc")

    def test_unknown_repository(self) -> None:
        assert load().image("acme/app", None) is None

    def test_records_that_no_tag_can_reach_have_no_say(self) -> None:
        facts = load().extended([Image(("golang",), role="runtime", libc="glibc")], {})
        found = facts.image("golang", None)
        assert found
        assert (found.role, found.libc) == ("runtime", "glibc")

    def test_nothing_shared(self) -> None:
        facts = load().extended(
            [
                Image(("acme/mix",), tags="a", role="os", libc="musl"),
                Image(("acme/mix",), role="runtime", libc="glibc"),
            ],
            {},
        )
        assert facts.image("acme/mix", None) is None


class TestKnownNames:
    @pytest.mark.parametrize(
        "name",
        "alpine centos golang httpd java library/nginx mysql nginx node openjdk postgres redis scratch ubuntu "
        "rocket.chat nvidia/cuda bitnami/golang arm64v8/mysql".split(),
    )
    def test_known(self, name: str) -> None:
        assert load().is_known(name)

    @pytest.mark.parametrize(
        "name", ["build", "builder", "base", "app", "runtime", "acme/nginx", "golan", "nvidia", ""]
    )
    def test_unknown(self, name: str) -> None:
        assert not load().is_known(name)

    def test_facts_of_a_plugin_count(self) -> None:
        facts = load().extended([Image(("acme/base",), role="os")], {})
        assert facts.is_known("acme/base")
        assert not load().is_known("acme/base")


class TestExtended:
    def test_added_facts_are_asked_first(self) -> None:
        mine = Image(("golang",), tags="^corp", role="runtime")
        facts = load().extended([mine], {})
        assert facts.image("golang", "corp-1") == mine
        assert facts.image("docker.io/library/golang", "corp-1") == mine
        other = facts.image("golang", "1.22")
        assert other
        assert other.role == "toolchain"

    def test_the_last_added_wins(self) -> None:
        first, second = Image(("acme/x",), role="os"), Image(("acme/x",), role="runtime")
        assert load().extended([first], {}).extended([second], {}).image("acme/x", "1") == second

    def test_the_facts_extended_stay_as_they_were(self) -> None:
        facts = load()
        facts.extended([Image(("acme/x",), role="os")], {"apt": [Package("acme-sdk")]})
        assert facts.image("acme/x", "1") is None
        assert facts.package("apt", "acme-sdk") is None

    def test_a_toolchain_that_only_a_plugin_knows_is_heavy(self) -> None:
        assert load().heavy("acme-sdk")
        assert not load().heavy("git")

    def test_a_bad_pattern_is_named(self) -> None:
        with pytest.raises(ValueError, match=r"'\('"):
            load().extended([Image(("acme/x",), tags="(")], {})

    def test_an_unknown_package_manager_is_named(self) -> None:
        with pytest.raises(ValueError, match="npm"):
            load().extended([], {"npm": []})

    def test_runtimes_have_defaults(self) -> None:
        assert Runtime("alpine:3") == Runtime("alpine:3", "any", "")


def test_loading_reads_nothing_and_asking_little() -> None:
    """In a process of its own: `load` opens no file, a question only the one that answers it."""
    script = """
import sys
opened = []
sys.addaudithook(lambda event, args: opened.append(str(args[0])) if event == "open" else None)
from lint_multistage.facts import load
opened.clear()
facts = load()
assert not opened, opened
facts.image("golang", "1.22")
assert [path.rpartition("data")[2][1:] for path in opened] == ["images.json"], opened
heavy = {"tree_sitter", "pathspec", "difflib", "tomllib", "lint_multistage.model", "importlib.metadata"}
assert not heavy & set(sys.modules), heavy & set(sys.modules)
"""
    ran = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True)
    assert ran.returncode == 0, ran.stderr
