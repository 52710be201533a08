"""The data files: well formed, without repetition, and consistent with each other."""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path

import msgspec
import pytest

from lint_multistage.facts import fill, load
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
).split()


class TestImages:
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


class TestPackages:
    def test_families_are_those_of_the_managers(self) -> None:
        assert set(PACKAGES.managers) == set(FAMILIES.values())

    def test_each_record_is_a_name_or_a_pattern(self) -> None:
        for package in ALL_PACKAGES:
            assert bool(package.name) != bool(package.pattern), package
            re.compile(package.pattern)

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

    def test_the_text_that_every_match_contains_is_in_its_pattern(self) -> None:
        def plain(package: Package) -> str:
            return re.sub(r"[\\()]", "", package.pattern)

        assert [
            package for package in ALL_PACKAGES if package.contains and package.contains not in plain(package)
        ] == []


def test_weights_are_known_words() -> None:
    assert set(built_in_weights().values()) == {"toolchain", "runtime-ok", "aux"}
