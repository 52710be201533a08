"""What the facts say of packages."""

from __future__ import annotations

import pytest

from lint_multistage.facts import Package, load


@pytest.mark.parametrize(
    ("manager", "name", "kind", "toolchain"),
    [
        ("apt-get", "build-essential", "compiler", "gcc"),
        ("apt", "gcc", "compiler", "gcc"),
        ("apt", "gcc=4:12.2.0-3", "compiler", "gcc"),
        ("apt", "gcc:amd64", "compiler", "gcc"),
        ("apt", "gcc/bookworm-backports", "compiler", "gcc"),
        ("apt", "g++-12", "compiler", "g++"),
        ("apt", "gcc-aarch64-linux-gnu", "compiler", "gcc"),
        ("apt", "g++-mingw-w64-x86-64", "compiler", "gcc"),
        ("apt", "gfortran-arm-linux-gnueabihf", "compiler", "gfortran"),
        ("apt", "openjdk-17-jdk", "sdk", "jdk"),
        ("apt", "golang-1.21", "sdk", "go"),
        ("apt", "dotnet-sdk-8.0", "sdk", "dotnet-sdk"),
        ("apt", "linux-headers-amd64", "dev-headers", "kernel-headers"),
        ("apt", "libpq-dev", "dev-headers", "c-dev-headers"),
        ("apt", "git", "vcs", "git"),
        ("apt", "golang-any", "sdk", "go"),
        ("apt", "gcc-avr", "compiler", "gcc"),
        ("apt", "dotnet8", "sdk", "dotnet-sdk"),
        ("apt", "cuda-12-4", "sdk", "nvcc"),
        ("apt", "cuda-minimal-build-12-4", "compiler", "nvcc"),
        ("apt", "cuda-cudart-dev-12-4", "dev-headers", "cuda-dev-headers"),
        ("apt", "libc6-dev-arm64-cross", "dev-headers", "c-dev-headers"),
        ("apt", "linux-libc-dev-arm64-cross", "dev-headers", "kernel-headers"),
        ("apt", "dh-autoreconf", "build-tool", "autotools"),
        ("apt", "autoconf2.69", "build-tool", "autotools"),
        ("apt", "bellsoft-java21", "sdk", "jdk"),
        ("yum", "cuda-minimal-build-10-1-10.1.243-1", "compiler", "nvcc"),
        ("pacman", "mingw-w64-gcc", "compiler", "gcc"),
        ("conda", "sysroot_linux-64", "dev-headers", "c-dev-headers"),
        ("apk", "build-base", "compiler", "gcc"),
        ("apk", "gcc~=12", "compiler", "gcc"),
        ("apk", "go@edge", "sdk", "go"),
        ("apk", "openjdk17", "sdk", "jdk"),
        ("apk", "musl-dev", "dev-headers", "c-dev-headers"),
        ("dnf", "gcc-c++", "compiler", "g++"),
        ("yum", "gcc-12.2.0", "compiler", "gcc"),
        ("microdnf", "gcc-toolset-12", "compiler", "gcc"),
        ("dnf", "gcc.x86_64", "compiler", "gcc"),
        ("dnf", "@development-tools", "compiler", "gcc"),
        ("dnf", "java-17-openjdk-devel", "sdk", "jdk"),
        ("dnf", "golang-github-acme-lib-devel", "sdk", "go"),
        ("zypper", "devel_basis", "compiler", "gcc"),
        ("pacman", "base-devel", "compiler", "gcc"),
        ("pacman", "extra/gcc", "compiler", "gcc"),
        ("micromamba", "conda-forge::gxx=12", "compiler", "g++"),
    ],
)
def test_found(manager: str, name: str, kind: str, toolchain: str) -> None:
    package = load().package(manager, name)
    assert package
    assert package.kind == kind
    assert toolchain in package.toolchains


@pytest.mark.parametrize(
    ("manager", "name"),
    [
        # What every image has, and the runtime beside each toolchain.
        ("apt", "gcc-12-base"),
        ("apt", "gcc-mingw-w64-base"),
        ("apt", "gcc-doc"),
        ("apt", "libgcc-s1"),
        ("apt", "libstdc++6"),
        ("apt", "libllvm14"),
        ("apt", "default-jre"),
        ("apt", "openjdk-17-jre-headless"),
        ("apt", "dotnet-runtime-8.0"),
        ("apt", "bellsoft-java21-runtime"),
        ("apt", "cuda-runtime-12-4"),
        ("apt", "cuda-cudart-12-4"),
        ("apt", "libc6-i386"),
        ("apt", "ca-certificates"),
        ("apt", "python3"),
        ("apk", "libgcc"),
        ("apk", "libstdc++"),
        ("apk", "openjdk17-jre"),
        ("apk", "gcompat"),
        ("dnf", "java-17-openjdk-headless"),
        ("dnf", "libgcc"),
        ("pacman", "gcc-libs"),
        # What programs call at run time, and the only way to Java there.
        ("apt", "cpp"),
        ("apt", "groovy"),
        ("apk", "protobuf"),
        ("dnf", "golang-github-acme-exporter"),
        ("conda", "openjdk=17"),
        ("conda", "python"),
        ("pip", "gcc"),
    ],
)
def test_nothing_to_speak_of(manager: str, name: str) -> None:
    assert load().package(manager, name) is None


@pytest.mark.parametrize("name", ["python3-dev", "ruby-dev", "git", "npm", "pkg-config", "m4", "clang-format"])
def test_light_packages_are_no_finding_by_themselves(name: str) -> None:
    package = load().package("apt", name)
    assert package
    assert not any(load().heavy(toolchain) for toolchain in package.toolchains)


def test_an_exact_name_comes_before_a_pattern() -> None:
    facts = load().extended(
        [],
        {"apk": [Package(pattern="acme-.*", kind="sdk"), Package("acme-lib", kind="vcs")]},
    )
    exact, matched = facts.package("apk", "acme-lib"), facts.package("apk", "acme-x")
    assert exact
    assert matched
    assert (exact.kind, matched.kind) == ("vcs", "sdk")


def test_added_packages_come_first_and_serve_the_whole_family() -> None:
    facts = load().extended([], {"yum": [Package("gcc", kind="vcs", toolchains=("acme",))]})
    package = facts.package("dnf", "gcc")
    assert package
    assert package.toolchains == ("acme",)
    apt = facts.package("apt", "gcc")
    assert apt
    assert apt.toolchains == ("gcc",)


def test_a_bad_pattern_is_named() -> None:
    with pytest.raises(ValueError, match=r"'\['"):
        load().extended([], {"apt": [Package(pattern="[")]})
