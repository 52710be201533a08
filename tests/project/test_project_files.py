"""Which files of a repository are build files, and what of them is read."""

from __future__ import annotations

from pathlib import Path

import pytest

from lint_multistage.project import files as module
from lint_multistage.project.files import SKIPPED, ProjectFiles, joined, kind_of
from lint_multistage.settings.settings import DEFAULT_EXCLUDE


def write(root: Path, *paths: str, text: str = "x: 1\n") -> None:
    for path in paths:
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text(text)


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("compose.yaml", "compose"),
        ("deploy/docker-compose.prod.yml", "compose"),
        ("docker-compose-dev.YML", "compose"),
        ("docker-bake.hcl", "bake"),
        ("docker-bake.override.json", "bake"),
        ("images/gpu.hcl", "bake"),
        (".github/workflows/ci.yml", "workflow"),
        ("sub/.github/workflows/ci.yaml", "workflow"),
        ("tools/build/action.yml", "action"),
        (".gitlab-ci.yml", "gitlab"),
        ("ci/docker.gitlab-ci.yml", "gitlab"),
        (".circleci/config.yml", "circleci"),
        ("azure-pipelines-release.yml", "azure"),
        ("Jenkinsfile.release", "jenkins"),
        ("cloudbuild.json", "cloudbuild"),
        ("GNUmakefile", "make"),
        ("build/docker.mk", "make"),
        ("justfile", "just"),
        ("Taskfile.yml", "taskfile"),
        ("deep/down/build.sh", "script"),
        ("hack/build-image", "script"),
        ("release", "script"),
        ("package.json", "package"),
        ("skaffold.yaml", "skaffold"),
        ("Tiltfile", "tilt"),
        (".devcontainer/devcontainer.json", "devcontainer"),
        ("Earthfile", "earthly"),
        ("werf.yaml", "werf"),
        ("src/build-image", None),
        ("Dockerfile", None),
        ("values.yaml", None),
        ("decompose.yaml", None),
        ("workflows/ci.yml", None),
        ("main.py", None),
    ],
)
def test_the_kind_of_a_build_file_shows_in_its_path(path: str, kind: str | None) -> None:
    assert kind_of(path) == kind


def test_the_folders_left_out_are_those_of_the_walk_for_dockerfiles() -> None:
    assert set(DEFAULT_EXCLUDE) == SKIPPED


def test_build_files_are_listed_sorted_and_relative(tmp_path: Path) -> None:
    write(tmp_path, "b/compose.yaml", "Makefile", "a.py", "node_modules/x/compose.yaml", ".git/hooks/x.sh")
    assert ProjectFiles(str(tmp_path)).paths() == ("Makefile", "b/compose.yaml")


def test_a_file_without_a_suffix_is_a_script_where_its_first_line_names_a_shell(tmp_path: Path) -> None:
    write(tmp_path, "scripts/build", text="#!/usr/bin/env bash\ndocker build .\n")
    write(tmp_path, "scripts/serve", text="#!/usr/bin/python3\n")
    write(tmp_path, "src/build", text="#!/bin/sh\n")
    assert ProjectFiles(str(tmp_path)).paths() == ("scripts/build",)


def test_an_hcl_file_of_another_name_bakes_where_it_has_targets(tmp_path: Path) -> None:
    write(tmp_path, "gpu.hcl", text='variable "A" {}\ntarget "gpu" {\n  context = "."\n}\n')
    write(tmp_path, "policy.hcl", text='path "secret/*" {\n  capabilities = ["read"]\n}\n')
    write(tmp_path, "docker-bake.hcl", text="")
    assert ProjectFiles(str(tmp_path)).paths() == ("docker-bake.hcl", "gpu.hcl")


def test_nothing_outside_the_root_is_listed_or_read(tmp_path: Path) -> None:
    write(tmp_path, "outside/compose.yaml", "root/Makefile", "root/docker/compose.yaml")
    root = tmp_path / "root"
    (root / "compose.yaml").symlink_to(tmp_path / "outside" / "compose.yaml")
    (root / "linked").symlink_to(tmp_path / "outside", target_is_directory=True)
    (root / "compose.dev.yaml").symlink_to(root / "docker" / "compose.yaml")
    files = ProjectFiles(str(root))
    assert files.paths() == ("Makefile", "compose.dev.yaml", "docker/compose.yaml")
    assert files.read("compose.yaml") is None
    assert files.read("../outside/compose.yaml") is None
    assert files.read(str(tmp_path / "outside" / "compose.yaml")) is None
    assert not files.exists("linked/compose.yaml")
    assert files.read("compose.dev.yaml") == "x: 1\n"


def test_too_many_build_files_end_the_listing_with_one_note(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MAX_FILES", 3)
    write(tmp_path, "z/compose.yaml", *(f"a{number}.sh" for number in range(3)))
    files = ProjectFiles(str(tmp_path))
    assert files.paths() == ("a0.sh", "a1.sh", "a2.sh")
    assert [path for path, _ in files.notes] == [""]


def test_too_large_build_files_end_the_listing_with_one_note(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MAX_BYTES", 10)
    write(tmp_path, "a.sh", "b.sh", "c.sh", text="12345678")
    files = ProjectFiles(str(tmp_path))
    assert files.paths() == ("a.sh",)
    assert len(files.notes) == 1


def test_what_is_no_text_or_too_large_is_passed_over_with_a_note(tmp_path: Path) -> None:
    write(tmp_path, "compose.yaml", text="a: \0")
    write(tmp_path, "compose.big.yaml", text="#" * (module.MAX_FILE_BYTES + 1))
    files = ProjectFiles(str(tmp_path))
    assert [files.read(path) for path in files.paths() * 2] == [None] * 4
    assert sorted(path for path, _ in files.notes) == ["compose.big.yaml", "compose.yaml"]


def test_yaml_that_cannot_be_read_gives_one_note(tmp_path: Path) -> None:
    write(tmp_path, "compose.yaml", text="a: [1\nb: 2\n")
    files = ProjectFiles(str(tmp_path))
    assert files.yaml("compose.yaml") == files.yaml("compose.yaml") == ()
    assert [path for path, _ in files.notes] == ["compose.yaml"]


@pytest.mark.parametrize(
    ("folder", "path", "whole"),
    [
        ("", ".", "."),
        ("", "./a/../b", "b"),
        ("deploy", "..", "."),
        ("deploy", "../..", None),
        (".", "Dockerfile", "Dockerfile"),
        ("a", r"..\b", "b"),
        ("a", "/etc", None),
        ("a", "~/x", None),
        ("a", "C:/x", None),
    ],
)
def test_paths_are_joined_within_the_root(folder: str, path: str, whole: str | None) -> None:
    assert joined(folder, path) == whole
