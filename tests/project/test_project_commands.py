"""Command lines that build images, and the shell scripts around them."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from lint_multistage.project.requests import BuildRequest

Ask = Callable[..., list[BuildRequest]]


@pytest.mark.parametrize(
    ("command", "dockerfile", "target", "context"),
    [
        ("docker build .", "Dockerfile", "", "."),
        ("docker build --target prod .", "Dockerfile", "prod", "."),
        ("docker build --target=prod app", "app/Dockerfile", "prod", "app"),
        ("docker build . --target prod -t x:1", "Dockerfile", "prod", "."),
        ("docker build -f deploy/Dockerfile --target 'prod' .", "deploy/Dockerfile", "prod", "."),
        ("docker build -fdeploy/Dockerfile app/", "deploy/Dockerfile", "", "app"),
        ("docker build --file=./deploy/../Dockerfile .", "Dockerfile", "", "."),
        ("docker build -qt name:1 --rm --no-cache --pull=true app", "app/Dockerfile", "", "app"),
        ("docker build --new-flag --new-option=value -t x app", "app/Dockerfile", "", "app"),
        ("docker --context remote -D build --target a .", "Dockerfile", "a", "."),
        ("docker buildx build --builder b --platform linux/amd64 --target a --push .", "Dockerfile", "a", "."),
        ("docker buildx --builder b build --target a .", "Dockerfile", "a", "."),
        ("docker image build --target a .", "Dockerfile", "a", "."),
        ("docker builder build --target a .", "Dockerfile", "a", "."),
        ("/usr/bin/docker build --target a .", "Dockerfile", "a", "."),
        ("sudo -E DOCKER_BUILDKIT=1 docker build --target a .", "Dockerfile", "a", "."),
        ("env DOCKER_BUILDKIT=1 time docker build --target a .", "Dockerfile", "a", "."),
        ("retry 3 docker build --target a .", "Dockerfile", "a", "."),
        ("$SUDO docker build --target a .", "Dockerfile", "a", "."),
        ("${CONTAINER_ENGINE} build --target a .", "Dockerfile", "a", "."),
        ("podman build --target a -v /x:/y app", "app/Dockerfile", "a", "app"),
        ("podman build --target a", "Dockerfile", "a", "."),
        ("podman build -f deploy/Dockerfile", "deploy/Dockerfile", "", "deploy"),
        ("buildah bud --target a -f Dockerfile app", "Dockerfile", "a", "app"),
        ("buildah build --layers -f own.Dockerfile app", "app/own.Dockerfile", "", "app"),
        ("nerdctl --namespace k8s.io build --target a .", "Dockerfile", "a", "."),
        ("img build -t x --target a .", "Dockerfile", "a", "."),
        ("depot build --project p --target a .", "Dockerfile", "a", "."),
        ("az acr build -r registry -t x:1 --target a -f Dockerfile app", "Dockerfile", "a", "app"),
        ("flyctl deploy --dockerfile deploy/Dockerfile --build-target a", "deploy/Dockerfile", "a", "."),
        ("/kaniko/executor --context app --dockerfile own.Dockerfile --target a", "app/own.Dockerfile", "a", "app"),
        ("bash -c 'docker build --target a .'", "Dockerfile", "a", "."),
        ("id=$(docker build -q --target a .)", "Dockerfile", "a", "."),
        ("if ! docker build --target a .; then exit 1; fi", "Dockerfile", "a", "."),
        ("cd app && docker build --target a .", "app/Dockerfile", "a", "app"),
        ("(cd app; docker build ..)", "Dockerfile", "", "."),
        ("docker build -t x:$TAG --target a .", "Dockerfile", "a", "."),
        ("docker build --cache-from $CACHE --target a .", "Dockerfile", "a", "."),
        ("docker build $CACHE_FROM $PUSH .", "Dockerfile", "", "."),
        ("docker build --target $(git describe) .", "Dockerfile", None, "."),
        ("docker build --target ${1} .", "Dockerfile", None, "."),
        ("docker build --target stage-$X .", "Dockerfile", None, "."),
        ('docker build "$@" .', "Dockerfile", None, "."),
        ("docker build $EXTRA_ARGS .", "Dockerfile", None, "."),
        ("docker build $EXTRA_ARGS --target a .", "Dockerfile", "a", "."),
        ("docker build -f $FILE --target a .", None, "a", "."),
        ('docker build --target a "$DIRECTORY"', None, "a", None),
        ('docker build -f "$ROOT_DIR/deploy/Dockerfile" --target a "$ROOT_DIR"', "deploy/Dockerfile", "a", "."),
        ("docker build --target a - < Dockerfile", None, "a", None),
        ("docker build --target a https://example.org/x.git#main", None, "a", None),
        ("docker build --target a ../elsewhere", None, "a", None),
        ("docker build --target a /srv/app", None, "a", None),
    ],
)
def test_a_command_names_dockerfile_stage_and_context(
    ask: Ask, command: str, dockerfile: str | None, target: str | None, context: str | None
) -> None:
    (request,) = ask("build.sh", command, "Dockerfile", "app/Dockerfile", "app/own.Dockerfile", "deploy/Dockerfile")
    assert (request.dockerfile, request.target, request.context) == (dockerfile, target, context)
    assert request.kind == "script"


@pytest.mark.parametrize(
    "command",
    [
        "docker compose build app",
        "docker compose up --build",
        "docker buildx bake app",
        "docker run image docker build --target a .",
        "echo docker build --target a .",
        'echo "run docker build --target a ."',
        "# docker build --target a .",
        "cat <<EOF\ndocker build --target a .\nEOF",
        "cargo build --target a",
        "cmake --build . --target docker",
        "docker pull build",
        "ssh host docker build --target a .",
    ],
)
def test_what_builds_nothing_asks_for_nothing(ask: Ask, command: str) -> None:
    assert ask("build.sh", command) == []


@pytest.mark.parametrize(
    ("options", "ships"),
    [
        ("", True),
        ("--push", True),
        ("-o type=local,dest=out", False),
        ("--output=type=tar,dest=x.tar", False),
        ("--output type=cacheonly", False),
        ("-o out", False),
        ("-o type=local,dest=out --output type=registry", True),
        ("-o type=image,push=true", True),
        ("-o $OUTPUT", True),
        ("-o out --load", True),
        ("--check", False),
    ],
)
def test_only_images_ship(ask: Ask, options: str, ships: bool) -> None:
    (request,) = ask("build.sh", f"docker build {options} .")
    assert request.ships is ships


def test_arguments_and_named_contexts(ask: Ask) -> None:
    (request,) = ask(
        "scripts/build.sh",
        "docker buildx build --build-arg A=1 --build-arg=B=$X --build-arg C --build-context lib=./lib"
        " --build-context base=docker-image://alpine --build-context other=$DIR .",
    )
    assert request.arguments == {"A": "1", "B": None, "C": None}
    assert request.contexts == {"lib": "lib", "base": "docker-image://alpine", "other": ""}


def test_the_place_is_that_of_the_target_or_else_of_the_command(ask: Ask) -> None:
    text = "#!/bin/sh\ndocker build \\\n  --target one .\n  docker build --target=two .\ndocker build .\n"
    assert [(r.line, r.column) for r in ask("build.sh", text)] == [(3, 12), (4, 25), (5, 1)]


def test_variables_arrays_loops_and_functions(ask: Ask) -> None:
    text = """
TARGET=one
docker build --target $TARGET .
for stage in two three; do docker build --target "$stage" .; done
args=(-f deploy/Dockerfile)
args+=(--target four)
docker build "${args[@]}" .
build() { docker build --target "$1" .; }
build five
DOCKER="podman"
$DOCKER build --target six .
"""
    found = [(r.dockerfile, r.target) for r in ask("build.sh", text)]
    assert found == [
        ("Dockerfile", "one"),
        ("Dockerfile", "two"),
        ("Dockerfile", "three"),
        ("deploy/Dockerfile", "four"),
        ("Dockerfile", "five"),
        ("Dockerfile", "six"),
    ]


def test_a_default_is_one_of_the_targets_that_a_script_may_ask_for(ask: Ask) -> None:
    found = ask("build.sh", "docker build --target ${STAGE:-prod} .")
    assert [request.target for request in found] == ["prod", None]


@pytest.mark.parametrize(
    "change",
    [
        'cd "$(dirname "$0")/.."',
        "cd `dirname $0`/..",
        'cd "$(git rev-parse --show-toplevel)"',
        'HERE="$(cd "$(dirname "${BASH_SOURCE[0]}")" >/dev/null 2>&1 && pwd)"; cd "$HERE/.."',
        'cd "${0%/*}/.."',
        'TOP=$(realpath "$(dirname "$0")/.."); cd "$TOP"',
    ],
)
def test_scripts_find_their_own_folder(ask: Ask, change: str) -> None:
    (request,) = ask(
        "tools/build.sh", f"{change}\ndocker build --target a app", "app/Dockerfile", "tools/app/Dockerfile"
    )
    assert (request.dockerfile, request.context) == ("app/Dockerfile", "app")


def test_a_script_is_started_in_the_root_or_in_its_own_folder(ask: Ask) -> None:
    assert ask("tools/a.sh", "docker build app", "app/Dockerfile")[0].dockerfile == "app/Dockerfile"
    assert ask("tools/b.sh", "docker build own", "tools/own/Dockerfile")[0].dockerfile == "tools/own/Dockerfile"
    assert ask("x/y/z/c.sh", "docker build own", "x/y/own/Dockerfile")[0].dockerfile == "x/y/own/Dockerfile"


def test_a_file_found_from_both_folders_is_not_known(ask: Ask) -> None:
    (request,) = ask("tools/build.sh", "docker build --target a .", "Dockerfile", "tools/Dockerfile")
    assert (request.dockerfile, request.target) == (None, "a")


def test_a_script_that_cannot_be_read_in_full_still_tells_of_its_builds(ask: Ask) -> None:
    found = ask("build.sh", "(((\nif x; then \\\n  y; docker build --target a .; \\\n  else [ \n")
    assert [request.target for request in found] == ["a"]


def test_package_scripts(ask: Ask) -> None:
    text = """{"name": "x", "scripts": {
  "test": "jest",
  "image": "docker build --target \\"prod\\" -f Dockerfile ."
}}"""
    (request,) = ask("web/package.json", text, "web/Dockerfile")
    assert (request.kind, request.name, request.line, request.target) == ("package", "image", 3, "prod")
    assert request.dockerfile == "web/Dockerfile"


def test_a_function_around_docker_builds_as_docker_does(ask: Ask) -> None:
    (request,) = ask("build.sh", "buildxCmd build --target one --file x.Dockerfile .\n")
    assert (request.target, request.dockerfile) == ("one", "x.Dockerfile")
    assert ask("build.sh", "docker-compose build --build-arg A=b web\n") == []
