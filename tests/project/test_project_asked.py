"""What a repository asks of a Dockerfile, and the build that follows."""

from __future__ import annotations

from pathlib import Path

import pytest

from lint_multistage.model.build import Build, Place
from lint_multistage.model.contexts import NamedContext
from lint_multistage.model.dockerfile import read_dockerfile
from lint_multistage.project.builds import asked_build
from lint_multistage.project.project import Project
from lint_multistage.text import Source

DOCKERFILE = "FROM a AS one\nFROM b AS two\nFROM c AS three\nFROM d AS last\n"


def build(root: Path, path: str = "Dockerfile", text: str = DOCKERFILE) -> Build:
    dockerfile = read_dockerfile(Source.of(path, text))
    names = {stage.name for stage in dockerfile.stages}
    return asked_build(dockerfile, path, Project(str(root)).asked(path, names))


def write(root: Path, files: dict[str, str]) -> None:
    for path, text in files.items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text(text)


def built(build: Build) -> dict[str, list[str]]:
    """The places that ask for each stage."""
    found: dict[str, list[str]] = {}
    for target in build.targets:
        found.setdefault(build.dockerfile.stages[target.stage].name, []).append(f"{target.path}:{target.line}")
    return found


@pytest.fixture(autouse=True)
def dockerfile(tmp_path: Path) -> None:
    write(tmp_path, {"Dockerfile": DOCKERFILE})


def test_targets_are_the_union_of_all_builds(tmp_path: Path) -> None:
    write(
        tmp_path,
        {
            "compose.yaml": "services:\n  a:\n    build:\n      context: .\n      target: one\n",
            "Makefile": "image:\n\tdocker build --target two .\n",
            ".github/workflows/x.yml": (
                "jobs:\n  x:\n    steps:\n      - uses: docker/build-push-action@v6\n"
                "        with:\n          target: ONE\n"
            ),
        },
    )
    assert built(build(tmp_path)) == {
        "last": [":0"],
        "one": [".github/workflows/x.yml:6", "compose.yaml:5"],
        "two": ["Makefile:2"],
    }
    assert build(tmp_path).targets_complete


def test_a_target_that_no_stage_has(tmp_path: Path) -> None:
    write(tmp_path, {"compose.yaml": "services:\n  a:\n    build:\n      context: .\n      target: four\n"})
    (unknown,) = build(tmp_path).unknown_targets
    assert (unknown.name, unknown.place) == ("four", Place("compose.yaml", 5, 15))


def test_a_build_of_another_dockerfile_changes_nothing(tmp_path: Path) -> None:
    write(
        tmp_path,
        {
            "other/Dockerfile": "FROM x AS one\n",
            "compose.yaml": "services:\n  a:\n    build:\n      context: other\n      target: one\n",
            "build.sh": "docker build --target $T other\n",
        },
    )
    assert built(build(tmp_path)) == {"last": [":0"]}
    assert build(tmp_path).targets_complete


def test_a_target_that_is_not_literal_leaves_the_world_open(tmp_path: Path) -> None:
    write(tmp_path, {"build.sh": 'docker build --target "$1" .\n'})
    assert not build(tmp_path).targets_complete
    assert build(tmp_path).unclear == (Place("build.sh", 1, 23),)


def test_the_names_beside_a_target_that_is_not_literal_are_what_it_may_be(tmp_path: Path) -> None:
    write(tmp_path, {"build.sh": 'T=$(choose one)\ndocker build --target "$T" .\n'})
    assert built(build(tmp_path)).keys() == {"last"}
    assert [(target.stage, target.line) for target in build(tmp_path).perhaps] == [(0, 1)]


@pytest.mark.parametrize("line", ["# one", "cp /srv/one/x .", "one: 1", "echo $one ${one} $(one)", "docker one"])
def test_words_that_are_no_values_are_no_targets(tmp_path: Path, line: str) -> None:
    write(tmp_path, {"build.sh": f'{line}\ndocker build --target "$T" .\n'})
    assert build(tmp_path).perhaps == ()


def test_a_stage_named_in_a_build_of_an_unknown_dockerfile_is_built(tmp_path: Path) -> None:
    write(tmp_path, {"build.sh": 'docker build -f "$F" --target two .\n'})
    assert built(build(tmp_path)).keys() == {"last", "two"}
    assert build(tmp_path).targets_complete


def test_named_contexts(tmp_path: Path) -> None:
    write(tmp_path, {"build.sh": "docker build --build-context assets=./web .\n"})
    assert build(tmp_path).contexts == (NamedContext("assets", "web", by="build.sh:1"),)


def test_each_build_gives_its_own_contexts(tmp_path: Path) -> None:
    write(
        tmp_path,
        {
            "a.sh": "docker build --target one --build-context docker.io/library/x:latest=docker-image://y .\n",
            "b.sh": "docker build --target two .\n",
            "c.sh": 'docker build --target "$1" --build-context lib=./lib --build-context gen="$DIR" .\n',
        },
    )
    found = build(tmp_path)
    x = NamedContext("x", "docker-image://y", by="a.sh:1")
    assert {target.path: target.contexts for target in found.targets} == {"": (), "a.sh": (x,), "b.sh": ()}
    # A build of which the target is not known may give them to any.
    assert set(found.contexts) == {x, NamedContext("lib", "lib", by="c.sh:1"), NamedContext("gen", by="c.sh:1")}


def test_nothing_is_read_outside_of_the_root(tmp_path: Path) -> None:
    root = tmp_path / "root"
    write(root, {"Dockerfile": DOCKERFILE})
    write(tmp_path, {"compose.yaml": "services:\n  a:\n    build:\n      context: root\n      target: one\n"})
    (root / "compose.yaml").symlink_to(tmp_path / "compose.yaml")
    assert built(build(root)) == {"last": [":0"]}


def test_a_stage_that_is_built_of_the_dockerfile_beside_is_unclear(tmp_path: Path) -> None:
    script = {"build.sh": "docker build -f Dockerfile.other --target two .\n"}
    write(tmp_path, {"Dockerfile.other": "FROM alpine AS three\n", **script})
    assert built(build(tmp_path)).keys() == {"last"}
    assert [place.path for place in build(tmp_path).unclear] == ["build.sh"]
    # Where that Dockerfile has the stage, it is the one that is meant.
    write(tmp_path, {"Dockerfile.other": DOCKERFILE, **script})
    assert build(tmp_path).unclear == ()
