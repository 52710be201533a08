"""The data files: well formed, without repetition, and consistent with each other."""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path

import msgspec
import pytest

from lint_multistage.facts import Image, fill, load
from lint_multistage.facts.packages import FAMILIES, Package
from lint_multistage.facts.store import DATA, ImageFile, PackageFile, built_in_weights, official_images
from lint_multistage.model.images import parse_image

IMAGES = msgspec.json.decode(Path(DATA, "images.json").read_bytes(), type=ImageFile)
PACKAGES = msgspec.json.decode(Path(DATA, "packages.json").read_bytes(), type=PackageFile)
ALL_PACKAGES = [package for packages in PACKAGES.managers.values() for package in packages]

# Tags as these images have them; each runtime template must be filled by one that its record covers.
PLAUSIBLE = (
    "latest 1 17 21 3.12 1.22 8.0 9.0.100 20 1.22-bookworm 1.22-alpine3.20 8-alpine "
    "1.22-windowsservercore-ltsc2022 8.0-nanoserver-ltsc2022 8.0-alpine3.18-aot 9.0-aot 17-jdk 17-jdk-alpine "
    "17-jdk-nanoserver-ltsc2022 9-jdk17 jdk17 open-17-jdk 8-jdk 8 11-jdk-slim 3.9-eclipse-temurin-21 "
    "3.9-eclipse-temurin-21-alpine 8-jdk21 8-jdk21-alpine eclipse-temurin-17.0.4_1.7.1_3.2.0 "
    "eclipse-temurin-alpine-17.0.4_1.7.1_3.2.0 temurin-21-lein temurin-21-lein-alpine 12.4.1-devel-ubuntu22.04 "
    "2.1.0-cuda12.1-cudnn8-devel 22-build base-devel builder 2.7-builder latest-dev 24.04 noble "
    "python3.12-bookworm 8.3-fpm 8.3-apache 8.3-zts 8.3 2.1-sdk 2.1-sdk-alpine java17-22.3 17-slim 5.10-jammy "
    "debian-12 1.16-slim jdk-21-slim-musl jdk-21-glibc 4.0-jdk 1.22-azurelinux3.0 "
    "python3.11 python3.11-slim python3.11-nodejs20 "
).split()


# Images as Dockerfiles name them: each is the business of exactly one record.
COMMON = (
    "golang:latest golang:1.26 golang:1.26.5-bookworm golang:1.26-alpine3.24 golang:1.22-nanoserver-ltsc2022 "
    "node:latest node:22 node:20-bookworm-slim node:20-alpine node:lts node:current-slim "
    "python:latest python:3.12 python:3.12-slim-bookworm python:3.13-alpine python:3.12-windowsservercore-ltsc2022 "
    "ruby:3.4 ruby:3.4-slim ruby:3.4-alpine php:8.4 php:8.4-fpm php:8.4-apache php:8.4-zts php:8.4-fpm-alpine "
    "gcc:9.4 gcc:latest rust:1 rust:1.98-slim rust:alpine buildpack-deps:bookworm buildpack-deps:trixie-scm "
    "buildpack-deps:trixie-curl eclipse-temurin:21 eclipse-temurin:21-jre eclipse-temurin:21-jre-alpine "
    "eclipse-temurin:17-jdk-alpine eclipse-temurin:17-jdk-nanoserver-ltsc2022 openjdk:17 openjdk:17-slim openjdk:8-jre "
    "openjdk:11-jre-slim openjdk:8-jdk-alpine amazoncorretto:21 amazoncorretto:21-alpine amazoncorretto:17-al2023-jdk "
    "maven:3 maven:3.9-eclipse-temurin-21 maven:3.9-eclipse-temurin-21-alpine gradle:9-jdk21 gradle:9-jdk21-alpine "
    "tomcat:10 tomcat:10-jdk17 tomcat:10-jre17 tomcat:8.0 tomcat:8.5.20 tomcat:8.5.20-jdk8 tomcat:9-alpine "
    "tomcat:9.0.20-jre8 tomcat:9-jdk8-alpine mcr.microsoft.com/dotnet/sdk:8.0 mcr.microsoft.com/dotnet/sdk:8.0-alpine "
    "mcr.microsoft.com/dotnet/sdk:9.0-alpine-aot mcr.microsoft.com/dotnet/sdk:9.0-noble-aot "
    "mcr.microsoft.com/dotnet/sdk:8.0-nanoserver-ltsc2022 mcr.microsoft.com/dotnet/aspnet:8.0 "
    "mcr.microsoft.com/dotnet/aspnet:8.0-alpine mcr.microsoft.com/dotnet/aspnet:8.0-jammy-chiseled "
    "nvidia/cuda:12.4.1-devel-ubuntu22.04 nvidia/cuda:12.4.1-base-ubuntu22.04 nvidia/cuda:12.4.1-runtime-ubuntu22.04 "
    "nvidia/cuda:12.4.1-cudnn-devel-ubuntu22.04 haskell:9 haskell:9-slim swift:6.0 swift:6.0-slim dart:stable "
    "erlang:27 erlang:27-slim erlang:27-alpine elixir:1.19 elixir:1.19-alpine elixir:1.19-slim perl:5 perl:5-slim "
    "julia:1 pypy:3 pypy:3-slim composer:2 alpine:3 alpine:latest debian:12 debian:bookworm-slim ubuntu:24.04 busybox "
    "busybox:musl fedora:41 archlinux:latest archlinux:base-devel nginx:1 nginx:alpine httpd:2 httpd:2-alpine redis:7 "
    "redis:7-alpine postgres:16 postgres:16-alpine caddy:2 caddy:2-builder ghcr.io/astral-sh/uv:0.5 "
    "ghcr.io/astral-sh/uv:python3.12-bookworm ghcr.io/astral-sh/uv:python3.12-alpine ghcr.io/astral-sh/uv:debian-slim "
    "gcr.io/distroless/static gcr.io/distroless/base-debian12:nonroot gcr.io/distroless/java21-debian12 "
    "rabbitmq:4 rabbitmq:4-management-alpine wordpress:6 wordpress:php8.3-fpm-alpine wordpress:cli mono:6 mono:6-slim "
    "fluent/fluentd:v1.16-1 fluent/fluentd:v1.16-debian-1 pandoc/core:3 pandoc/core:3.7-ubuntu pandoc/latex:3-debian "
    "golangci/golangci-lint:v2.1 golangci/golangci-lint:v2.1-alpine 84codes/crystal:latest-alpine "
    "tiangolo/uvicorn-gunicorn-fastapi:python3.11 tiangolo/uvicorn-gunicorn-fastapi:python3.11-slim "
    "nikolaik/python-nodejs:python3.12-nodejs22 nikolaik/python-nodejs:python3.12-nodejs22-slim "
).split()


class TestImages:
    @pytest.mark.parametrize("text", COMMON)
    def test_every_tag_has_exactly_one_record(self, text: str) -> None:
        reference = parse_image(text)
        assert not isinstance(reference, str)
        variants = load().variants(reference.name)
        assert len([image for image in variants if re.search(image.tags, reference.fact_tag or "")]) == 1

    def test_no_tag_has_two_records(self) -> None:
        variants: dict[str, list[Image]] = {}
        for image in IMAGES.images:
            for name in image.repositories:
                variants.setdefault(name, []).append(image)
        for name, images in variants.items():
            for tag in PLAUSIBLE:
                assert len([image.tags for image in images if re.search(image.tags, tag)]) < 2, f"{name}:{tag}"

    def test_the_day_of_the_check_is_a_day(self) -> None:
        assert re.fullmatch(r"20\d\d-\d\d-\d\d", IMAGES.checked)

    def test_no_record_is_given_twice(self) -> None:
        counted = Counter((name, image.tags) for image in IMAGES.images for name in image.repositories)
        assert [key for key, count in counted.items() if count > 1] == []

    def test_tag_patterns_compile(self) -> None:
        for image in IMAGES.images:
            re.compile(image.tags)

    def test_every_record_can_be_reached(self) -> None:
        closed: set[str] = set()
        for image in IMAGES.images:
            assert image.repositories
            for name in image.repositories:
                assert name not in closed, f"{name}: a record after the one that covers every tag"
                if not image.tags:
                    closed.add(name)

    def test_repositories_are_familiar_names(self) -> None:
        for image in IMAGES.images:
            for name in image.repositories:
                reference = parse_image(name)
                assert not isinstance(reference, str), name
                assert (reference.name, reference.tag, reference.digest) == (name, "", "")

    def test_words_are_those_of_the_vocabulary(self) -> None:
        for image in IMAGES.images:
            assert image.role in ("", "toolchain", "bundled", "runtime", "minimal", "os"), image
            assert image.libc in ("", "glibc", "musl", "none"), image
            assert set(image.toolchains) <= set(built_in_weights()), image
            assert len(set(image.toolchains)) == len(image.toolchains), image
            for runtime in image.runtimes:
                assert runtime.link in ("static", "dynamic", "any"), image

    def test_roles_fit_what_is_carried(self) -> None:
        for image in IMAGES.images:
            heavy = [name for name in image.toolchains if built_in_weights()[name] == "toolchain"]
            if image.role in ("toolchain", "bundled"):
                assert heavy, image
            elif image.role:
                assert not heavy, image

    def test_libc_fits_the_distribution(self) -> None:
        for image in IMAGES.images:
            if image.distro in ("debian", "ubuntu", "fedora", "ubi", "centos", "amazonlinux", "oraclelinux"):
                assert image.libc in ("glibc", "none"), image
            if image.distro == "alpine":
                assert image.libc in ("musl", ""), image

    def test_working_directories_are_absolute(self) -> None:
        for image in IMAGES.images:
            assert image.directory == "" or image.directory.startswith("/"), image

    def test_sources_are_named(self) -> None:
        assert [image.repositories[0] for image in IMAGES.images if not image.sources] == []

    def test_every_runtime_can_be_filled(self) -> None:
        for image in IMAGES.images:
            tags = [tag for tag in PLAUSIBLE if re.search(image.tags, tag)]
            for runtime in image.runtimes:
                filled = [name for tag in tags if (name := fill(runtime, image, tag))]
                assert filled, f"{image.repositories[0]} {image.tags}: {runtime.image}"

    def test_no_runtime_is_a_toolchain(self) -> None:
        for image in IMAGES.images:
            for tag in (tag for tag in PLAUSIBLE if re.search(image.tags, tag)):
                for runtime in image.runtimes:
                    reference = parse_image(fill(runtime, image, tag) or "scratch")
                    assert not isinstance(reference, str)
                    found = load().image(reference.name, reference.fact_tag)
                    if found:
                        assert found.role not in ("toolchain", "bundled"), (
                            f"{image.repositories[0]}:{tag} {reference.text}"
                        )


class TestOfficial:
    def test_names_are_names_of_official_images(self) -> None:
        for name in official_images():
            assert re.fullmatch(r"[a-z0-9]+([._-][a-z0-9]+)*", name), name

    def test_none_is_given_twice(self) -> None:
        written = msgspec.json.decode(Path(DATA, "official.json").read_bytes(), type=list[str])
        assert written == sorted(set(written))

    @pytest.mark.parametrize("name", ["adminer", "centos", "java", "openjdk", "rocket.chat", "scratch", "zookeeper"])
    def test_old_and_new_ones_are_there(self, name: str) -> None:
        assert name in official_images()


PACKAGE_NAMES = (
    "gcc-12 gcc-12-aarch64-linux-gnu gcc-aarch64-linux-gnu g++-12 g++-arm-linux-gnueabihf g++-mingw-w64-x86-64 "
    "gcc-13-go gcc-toolset-13 gcc-toolset-13-gcc-c++ devtoolset-11-gcc clang-17 clang17 clang-tools-17 llvm-17 "
    "llvm-17-dev llvm17-dev libclang-17-dev libstdc++-12-dev libgcc-12-dev libcudnn9-dev-cuda-12 libcudnn8-devel "
    "libpython3.11-dev python3.11-dev python311-devel ruby3.1-dev php8.3-dev php83-dev openjdk-21-jdk "
    "openjdk-21-jdk-headless openjdk17-jdk openjdk21 java-21-openjdk-devel java-17-amazon-corretto-devel "
    "java-17-amazon-corretto-jdk temurin-21-jdk zulu17-jdk jdk-openjdk jdk17-openjdk jdk11-openjdk golang-1.22 "
    "golang-1.22-go go1.22 rustc-1.80 dotnet-sdk-8.0 dotnet8 dotnet8-sdk cuda-12-4 cuda-toolkit-12-4 "
    "cuda-nvcc-12-4 cuda-compiler-12-4 cuda-minimal-build-12-4 cuda-libraries-dev-12-4 cuda-cudart-dev-12-4 "
    "cuda-cudart-devel-12-4 cuda-libraries-devel-12-4 cuda-nvml-dev-10-1-10.1.243-1 "
    "intel-oneapi-compiler-dpcpp-cpp intel-oneapi-mkl-devel intel-basekit rocm-dev rocm-hip-sdk "
    "linux-headers-6.1.0-9-amd64 kernel-devel-6.1 libc6-dev-arm64-cross linux-libc-dev-arm64-cross "
    "crossbuild-essential-arm64 binutils-aarch64-linux-gnu qtbase5-dev qt6-base-dev autoconf2.69 automake-1.15 "
    "automake1.11 libpq-dev "
).split()


class TestPackages:
    def test_families_are_those_of_the_managers(self) -> None:
        assert set(PACKAGES.managers) == set(FAMILIES.values())

    def test_each_record_is_a_name_or_a_pattern(self) -> None:
        for package in ALL_PACKAGES:
            assert bool(package.name) != bool(package.pattern), package
            re.compile(package.pattern)

    def test_recommended_packages_are_toolchains(self) -> None:
        for name, brought in PACKAGES.recommends.apt.items():
            for each in brought:
                package = load().package("apt", each)
                assert package, (name, each)
                assert any(load().heavy(toolchain) for toolchain in package.toolchains), (name, each)

    def test_no_record_is_given_twice(self) -> None:
        for family, packages in PACKAGES.managers.items():
            counted = Counter((package.name, package.pattern) for package in packages)
            assert [key for key, count in counted.items() if count > 1] == [], family

    def test_words_are_those_of_the_vocabulary(self) -> None:
        kinds = ("compiler", "build-tool", "sdk", "dev-headers", "vcs", "debugger")
        for package in ALL_PACKAGES:
            assert package.kind in kinds, package
            assert package.toolchains, package
            assert set(package.toolchains) <= set(built_in_weights()), package

    def test_no_two_patterns_speak_of_one_name(self) -> None:
        # The last ones of a family are for whatever no other knows.
        last = ("lib.*-dev", ".*-dev", ".*-devel", ".*-dev(el)?")
        for family, packages in PACKAGES.managers.items():
            specific = [x.pattern for x in packages if x.pattern and x.pattern not in last]
            names = {package.name for package in packages if package.name}
            for name in set(PACKAGE_NAMES) - names:
                matching = [pattern for pattern in specific if re.fullmatch(pattern, name)]
                assert len(matching) < 2, f"{family}: {name}: {matching}"

    def test_the_text_that_every_match_contains_is_in_its_pattern(self) -> None:
        def plain(package: Package) -> str:
            return re.sub(r"[\\()]", "", package.pattern)

        assert [
            package for package in ALL_PACKAGES if package.contains and package.contains not in plain(package)
        ] == []


def test_weights_are_known_words() -> None:
    assert set(built_in_weights().values()) == {"toolchain", "runtime-ok", "aux"}
