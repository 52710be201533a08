"""The data about installers and places: well formed, consistent, and found by what people write."""

from __future__ import annotations

import re
from pathlib import Path

import msgspec
import pytest

from lint_multistage.contents.carried import INSTALLING
from lint_multistage.facts import load
from lint_multistage.facts.installers import InstallerFile, PlaceFile
from lint_multistage.facts.store import DATA, built_in_weights
from lint_multistage.model.images import parse_image

INSTALLERS = msgspec.json.decode(Path(DATA, "installers.json").read_bytes(), type=InstallerFile)
PLACES = msgspec.json.decode(Path(DATA, "places.json").read_bytes(), type=PlaceFile)


def test_the_day_of_the_check_is_a_day() -> None:
    for checked in (INSTALLERS.checked, PLACES.checked):
        assert re.fullmatch(r"20\d\d-\d\d-\d\d", checked)


def test_words_are_those_of_the_vocabulary() -> None:
    for installer in INSTALLERS.installers:
        assert installer.kind in ("archive", "script", "program", "clone", "command"), installer
        assert set(installer.toolchains) <= set(built_in_weights()), installer
    assert {*PLACES.packages, *PLACES.usual} <= set(built_in_weights())
    assert {name for record in PLACES.images for name in record.places} <= set(built_in_weights())
    for names in PLACES.telling.values():
        assert set(names) <= set(built_in_weights())


def test_each_can_be_recognised_and_has_a_source() -> None:
    for installer in INSTALLERS.installers:
        assert installer.urls or installer.file or installer.programs or installer.commands, installer
        assert bool(installer.file) <= bool(installer.contains), installer
        assert installer.sources, installer
        re.compile(installer.file)
        re.compile(installer.unless)
    assert all(record.sources for record in PLACES.images)


def test_sources_can_be_looked_up() -> None:
    sources = {source for installer in INSTALLERS.installers for source in installer.sources}
    sources |= {source for record in PLACES.images for source in record.sources}
    # A page, or a file or repository as one commit has it.
    form = re.compile(r"https://\S+|[\w.-]+/[\w.-]+(?::\S+)?@[0-9a-f]{7,40}")
    assert [source for source in sources if not form.fullmatch(source)] == []


def test_what_is_put_into_a_folder_of_others_can_be_told() -> None:
    for installer in INSTALLERS.installers:
        assert not installer.core.startswith("/"), installer
        # Where it is unpacked into no folder of its own, or into one that is given.
        assert not installer.core or installer.kind in ("archive", "script"), installer
        assert not installer.core or installer.inside or installer.into, installer


def test_the_programs_that_install_are_those_of_the_data() -> None:
    programs = {program for installer in INSTALLERS.installers for program in installer.programs}
    commands = {
        command.split()[0]
        for installer in INSTALLERS.installers
        for command in (*installer.commands, *installer.removed_by)
    }
    assert programs | commands == INSTALLING


def test_places_are_absolute() -> None:
    for record in PLACES.images:
        assert all(place.startswith("/") for place in record.places.values()), record
    for place in (*PLACES.packages.values(), *PLACES.telling, *(p for places in PLACES.usual.values() for p in places)):
        assert place.startswith("/"), place


def test_images_are_known_and_have_what_lies_there() -> None:
    for record in PLACES.images:
        for name in record.repositories:
            reference = parse_image(name)
            assert not isinstance(reference, str)
            assert load().is_known(name), name
    for installer in INSTALLERS.installers:
        assert not installer.image or load().is_known(installer.image), installer


@pytest.mark.parametrize(
    ("url", "toolchain"),
    [
        ("https://go.dev/dl/go1.22.0.linux-amd64.tar.gz", "go"),
        ("https://go.dev/dl/go*.linux-*.tar.gz", "go"),
        ("https://mirror.example.com/golang/go1.21.4.linux-arm64.tar.gz", "go"),
        ("https://go.dev/dl/*", "go"),
        ("https://go.dev/dl/?mode=json", ""),
        ("https://go.dev/dl/go1.22.0.linux-amd64.tar.gz.sha256", ""),
        ("https://sh.rustup.rs", "rust"),
        ("https://static.rust-lang.org/rustup/dist/x86_64-unknown-linux-gnu/rustup-init", "rust"),
        ("https://github.com/adoptium/temurin21-binaries/releases/download/x/OpenJDK21U-jdk_x64_linux_hotspot_21.tar.gz",
         "jdk"),
        ("https://github.com/adoptium/temurin21-binaries/releases/download/x/OpenJDK21U-jre_x64_linux_hotspot_21.tar.gz",
         ""),
        ("https://api.adoptium.net/v3/binary/latest/21/ga/linux/x64/jdk/hotspot/normal/eclipse", "jdk"),
        ("https://api.adoptium.net/v3/binary/latest/21/ga/linux/x64/jre/hotspot/normal/eclipse", ""),
        ("https://corretto.aws/downloads/resources/21.0.1/amazon-corretto-21.0.1-linux-x64.tar.gz", "jdk"),
        ("https://download.java.net/java/GA/jdk17/x/openjdk-17_linux-x64_bin.tar.gz", "jdk"),
        ("https://repo1.maven.org/maven2/x/bcprov-jdk15on-1.70.jar", ""),
        ("https://archive.apache.org/dist/maven/maven-3/3.9.9/binaries/apache-maven-3.9.9-bin.tar.gz", "maven"),
        ("https://services.gradle.org/distributions/gradle-*-bin.zip", "gradle"),
        ("https://builds.dotnet.microsoft.com/dotnet/Sdk/8.0.1/dotnet-sdk-8.0.1-linux-x64.tar.gz", "dotnet-sdk"),
        ("https://builds.dotnet.microsoft.com/dotnet/Runtime/8.0.1/dotnet-runtime-8.0.1-linux-x64.tar.gz", ""),
        ("https://github.com/Kitware/CMake/releases/download/v3.30.0/cmake-3.30.0-linux-x86_64.sh", "cmake"),
        ("https://github.com/Kitware/CMake/releases/download/v3.30.0/cmake-3.30.0.tar.gz", ""),
        ("https://github.com/bazelbuild/bazelisk/releases/download/v1.25.0/bazelisk-linux-amd64", "bazel"),
        ("https://nodejs.org/dist/v22.1.0/node-v22.1.0-linux-x64.tar.xz", ""),
        ("https://dlcdn.apache.org/flink/flink-1.20.0/flink-1.20.0-bin-scala_2.12.tgz", ""),
        ("https://musl.cc/x86_64-linux-musl-cross.tgz", "gcc"),
        ("https://static.rust-lang.org/dist/rust-1.80.0-x86_64-unknown-linux-gnu.tar.xz", "rust"),
        ("https://static.rust-lang.org/dist/rust-*-*-unknown-linux-gnu.tar.gz", "rust"),
        ("https://static.rust-lang.org/dist/rust-std-1.80.0-x86_64-unknown-linux-musl.tar.xz", ""),
        ("https://static.rust-lang.org/dist/rustc-1.80.0-src.tar.xz", ""),
        ("https://github.com/llvm/llvm-project/releases/download/llvmorg-20.1.0/LLVM-20.1.0-Linux-X64.tar.xz", "clang"),
        ("https://github.com/llvm/llvm-project/releases/download/llvmorg-20.1.0/LLVM-20.1.0-macOS-ARM64.tar.xz", ""),
        ("https://github.com/llvm/llvm-project/releases/download/x/clang+llvm-18.1.8-x86_64-linux-gnu.tar.xz", "clang"),
        ("https://corretto.aws/downloads/latest/amazon-corretto-21-x64-linux-jdk.tar.gz", "jdk"),
        ("https://corretto.aws/downloads/latest/amazon-corretto-8-x64-linux-jre.tar.gz", ""),
        ("https://cdn.azul.com/zulu/bin/zulu25.30.17-ca-jdk25.0.1-linux_x64.tar.gz", "jdk"),
        ("https://cdn.azul.com/zulu/bin/zulu25.30.17-ca-jre25.0.1-linux_x64.tar.gz", ""),
        ("https://download.oracle.com/graalvm/21/latest/graalvm-jdk-21_linux-x64_bin.tar.gz", "jdk"),
        ("https://aka.ms/download-jdk/microsoft-jdk-21-linux-x64.tar.gz", "jdk"),
        ("https://dl.google.com/android/repository/commandlinetools-linux-11076708_latest.zip", "android-sdk"),
        ("https://dl.google.com/android/repository/commandlinetools-mac-11076708_latest.zip", ""),
        ("https://dl.google.com/android/android-sdk_r24.4.1-linux.tgz", "android-sdk"),
        ("https://dl.google.com/android/repository/android-ndk-r26d-linux.zip", "android-sdk"),
        ("https://developer.download.nvidia.com/compute/cuda/x/cuda_12.6.0_560.28.03_linux.run", "nvcc"),
        ("https://developer.nvidia.com/compute/cuda/9.2/Prod2/local_installers/cuda_9.2.148_396.37_linux", "nvcc"),
        ("https://registrationcenter-download.intel.com/x/intel-oneapi-base-toolkit-2025.0.0.885_offline.sh", "oneapi"),
        ("https://registrationcenter-download.intel.com/x/l_BaseKit_p_2022.3.0.8767_offline.sh", "oneapi"),
        ("https://github.com/scala/scala3/releases/download/3.3.6/scala3-3.3.6.tar.gz", "scala"),
        ("https://github.com/protocolbuffers/protobuf/releases/download/v34.1/protoc-34.1-linux-x86_64.zip", "protoc"),
        ("https://developer.arm.com/x/binrel/arm-gnu-toolchain-13.3.rel1-x86_64-arm-none-eabi.tar.xz", "gcc"),
    ],
)  # fmt: skip
def test_urls(url: str, toolchain: str) -> None:
    found = load().installers.of_url(url)
    assert (found.toolchains[0] if found else "") == toolchain
