"""Sizes: which number says something of which tag, and how it is put in words."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import msgspec
import pytest

from lint_multistage.advice.sizes import cost, in_words, instead
from lint_multistage.facts.images import normalise
from lint_multistage.facts.sizes import Size, SizeFile, sizes_of
from lint_multistage.facts.store import DATA
from lint_multistage.model.dockerfile import read_dockerfile
from lint_multistage.model.images import ImageReference, parse_image
from lint_multistage.text import Source

FILE = msgspec.json.decode(Path(DATA, "sizes.json").read_bytes(), type=SizeFile)


def reference(text: str) -> ImageReference:
    found = parse_image(text)
    assert isinstance(found, ImageReference)
    return found


def size(text: str, measure: str = "compressed") -> Size | None:
    image = reference(text)
    return next((found for found in sizes_of(image.name, image.tag).values() if found.measure == measure), None)


def clause(line: str) -> str:
    return cost(read_dockerfile(Source.of("Dockerfile", line)).stages[0]).clause


class TestWhichTag:
    @pytest.mark.parametrize(
        ("asked", "mb"),
        [
            ("golang:1.26.5-bookworm", 296.8),
            ("docker.io/library/golang:1.26.5-bookworm", 296.8),
            ("public.ecr.aws/docker/library/golang:1.26.5-bookworm", 296.8),
            ("amd64/golang:1.26.5-bookworm", 296.8),
            ("alpine:3.24.1", 3.85),
        ],
    )
    def test_the_tag_that_was_measured(self, asked: str, mb: float) -> None:
        found = size(asked)
        assert found
        assert (found.mb, found.exact) == (mb, True)

    @pytest.mark.parametrize(
        ("asked", "like"),
        [
            # The same release, and the one beside it.
            ("golang:1.26-bookworm", "golang:1.26.5-bookworm"),
            ("golang:1.26.1-bookworm", "golang:1.26.5-bookworm"),
            ("golang:1.27-bookworm", "golang:1.26.5-bookworm"),
            # What a tag without a version meant on the day.
            ("golang:1-bookworm", "golang:1.26.5-bookworm"),
            ("alpine", "alpine:3.24.1"),
            ("python:3", "python:3.14.7-trixie"),
            # Which release of Alpine is no matter.
            ("golang:1.25-alpine3.23", "golang:1.25.13-alpine3.24"),
            ("golang:1.26-alpine", "golang:1.27.1-alpine3.24"),
            # Some count their releases by the first number.
            ("node:22.3.0-slim", "node:22-slim"),
            ("eclipse-temurin:17.0.9_9-jre", "eclipse-temurin:17-jre"),
        ],
    )
    def test_one_that_is_like_it(self, asked: str, like: str) -> None:
        found = size(asked)
        assert found
        assert (found.image, found.exact) == (like, False)

    def test_the_nearest_counts(self) -> None:
        found = size("python:3.13-slim")
        assert found
        assert found.image in ("python:3.12.13-slim-trixie", "python:3.14.7-slim-trixie")
        found = size("python:3.12.1-slim")
        assert found
        assert found.image == "python:3.12.13-slim-trixie"

    @pytest.mark.parametrize(
        "asked",
        [
            # Much older or newer.
            "golang:1.22-bookworm",
            "golang:1.29-bookworm",
            "rust:1.79",
            "python:2.7",
            "alpine:3.13.5",
            "eclipse-temurin:25-jre",
            "mcr.microsoft.com/dotnet/sdk:8.0",
            # Another variant.
            "golang:1.26-bullseye",
            "golang:1.22",
            "node:22-bullseye",
            "buildpack-deps:trixie-svn",
            # Neither says which version.
            "golang:alpine3.20",
            "golang:nanoserver",
            "perl:5.20-trixie",
            # Another image, or for another processor.
            "registry.corp/golang:1.26.5-bookworm",
            "bitnami/golang:1.26.5-bookworm",
            "arm64v8/golang:1.26.5-bookworm",
            "acme",
        ],
    )
    def test_no_number_is_made_up(self, asked: str) -> None:
        assert size(asked) is None

    def test_measures_are_apart(self) -> None:
        compressed, unpacked = size("gcc:15"), size("gcc:15", "unpacked")
        assert compressed
        assert unpacked
        assert (compressed.mb, unpacked.mb) == (552.0, 1540)
        assert size("gcc:9.4") is None


class TestWords:
    @pytest.mark.parametrize(
        ("mb", "exact", "about"),
        [
            (1140, "1.14 GB", "about 1.1 GB"),
            (873.8, "874 MB", "about 874 MB"),
            (43.4, "43.4 MB", "about 43 MB"),
            (8.42, "8.42 MB", "about 8.4 MB"),
        ],
    )
    def test_a_number_names_its_measure_and_its_tag(self, mb: float, exact: str, about: str) -> None:
        assert in_words(Size(mb, "unpacked", "acme/x:1", distance=0)) == f"{exact} unpacked"
        assert in_words(Size(mb, "unpacked", "acme/x:1")) == f"{about} unpacked, like 1"

    @pytest.mark.parametrize(
        ("line", "said"),
        [
            ("FROM gcc:9.4", " (1.14 GB unpacked)"),
            ("FROM --platform=$BUILDPLATFORM gcc:9.4", " (1.14 GB unpacked)"),
            ("FROM --platform=linux/amd64 gcc:9.4", " (1.14 GB unpacked)"),
            ("FROM --platform=linux/arm64 gcc:9.4", ""),
            ("ARG V=9.4\nFROM gcc:$V", " (1.14 GB unpacked)"),
            ("ARG V\nFROM python:$V", ""),
            ("FROM python@sha256:" + "0" * 64, ""),
            # The tag may have moved since.
            ("FROM gcc:9.4@sha256:" + "0" * 64, " (about 1.1 GB unpacked, like 9.4)"),
            ("FROM scratch", ""),
            ("FROM $", ""),
        ],
    )
    def test_of_a_base_image(self, line: str, said: str) -> None:
        assert clause(f"{line}\n") == said

    def test_the_best_known_measure_is_told(self) -> None:
        # Compressed is what a pull costs, but only where both are known equally well.
        assert clause("FROM gcc:15.3.0-trixie\n") == " (552 MB compressed)"
        assert clause("FROM alpine:3.24.2\n") == " (8.42 MB unpacked)"
        assert clause("FROM golang:1.26\n") == " (about 874 MB unpacked, like 1.26.7-trixie)"

    def test_two_measures_are_never_compared(self) -> None:
        assert instead(reference("golang:1.26.7-trixie"), "debian:trixie-slim") == " (83.9 MB unpacked)"
        assert instead(reference("golang:1.26.7-trixie"), "debian:bookworm-slim") == ""
        assert instead(reference("golang:1.26.5-bookworm"), "debian:bookworm-slim") == " (28.2 MB compressed)"

    def test_a_replacement_alone_says_nothing(self) -> None:
        assert instead(reference("golang:1.20"), "alpine:3") == ""

    def test_what_was_measured_with_a_program_in_it(self) -> None:
        said = " (a static C program on alpine:3.13.5 is 6.55 MB unpacked)"
        assert instead(reference("gcc:9.4"), "alpine:3") == said
        assert instead(reference("gcc:9.4"), "debian:trixie-slim") == " (83.9 MB unpacked)"
        assert instead(reference("gcc:15"), "alpine:3") != said


class TestFile:
    def test_the_day_of_the_check_is_a_day(self) -> None:
        assert re.fullmatch(r"20\d\d-\d\d-\d\d", FILE.checked)

    def test_names_are_normal_and_tags_are_told_once(self) -> None:
        for name, line in FILE.images.items():
            assert name == normalise(name)
            for measure in ("compressed", "unpacked"):
                tags = [tag for x in line.sizes if x.measure == measure for tag in (x.tag, *x.also)]
                assert len(tags) == len(set(tags)), name
            for measured in line.sizes:
                assert measured.mb > 0
                assert measured.source
                assert isinstance(parse_image(f"{name}:{measured.tag}"), ImageReference)

    def test_unpacked_is_more_than_compressed(self) -> None:
        for name, line in FILE.images.items():
            by_tag = {(x.tag, x.measure): x.mb for x in line.sizes}
            for (tag, measure), mb in by_tag.items():
                if measure == "unpacked":
                    assert mb > by_tag.get((tag, "compressed"), 0), f"{name}:{tag}"

    def test_examples_are_of_known_images(self) -> None:
        for example in FILE.examples:
            assert size(example.builder, example.measure), example
            assert example.source


def test_it_is_read_only_for_a_finding(tmp_path: Path) -> None:
    script = """
import sys
opened = []
sys.addaudithook(lambda event, args: opened.append(str(args[0])) if event == "open" else None)
from lint_multistage.cli import main
main(["--no-project", "--isolated", sys.argv[1]])
print(any(path.endswith("sizes.json") for path in opened))
"""
    for text, read in (("FROM gcc:9.4 AS b\nFROM alpine\nCOPY --from=b /a /a\n", "False"), ("FROM gcc:9.4\n", "True")):
        file = tmp_path / "Dockerfile"
        file.write_text(text)
        ran = subprocess.run([sys.executable, "-c", script, file], capture_output=True, text=True, check=True)
        assert ran.stdout.splitlines()[-1] == read
