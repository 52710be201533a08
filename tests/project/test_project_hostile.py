"""Build files that are made to be slow, deep, endless or elsewhere: read in bounded time, with one note at most."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from lint_multistage.project import files as module
from lint_multistage.project.project import Asked, Project

BUILD = "docker build --target one . "
DEEP = 10_000
LONG = 400_000
MOST_SECONDS = 2.0


def asked(root: Path) -> tuple[Asked, list[tuple[str, str]]]:
    """What is asked of the Dockerfile of the root, and the notes."""
    project = Project(str(root))
    start = time.process_time()
    found = project.asked("Dockerfile", {"one"})
    assert time.process_time() - start < MOST_SECONDS
    return found, project.files.notes


def write(root: Path, files: dict[str, str]) -> None:
    for path, text in files.items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text(text, errors="surrogateescape")


def places(found: Asked) -> list[tuple[str, int]]:
    return [(request.path, request.line) for request in found.requests if request.target]


@pytest.fixture(autouse=True)
def root(tmp_path: Path) -> Path:
    write(tmp_path / "root", {"Dockerfile": "FROM a AS one\nFROM b\n"})
    return tmp_path / "root"


ALIASES = "\n".join(
    [f"x0: &a0 {{build: {{target: one, args: {{A: '{BUILD}'}}}}}}"]
    + [f"x{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]" for n in range(1, 30)]
)

PATHS = (
    "compose.yaml docker-bake.hcl docker-bake.json .github/workflows/x.yml action.yml .gitlab-ci.yml "
    ".circleci/config.yml azure-pipelines.yml Jenkinsfile cloudbuild.yaml Makefile justfile Taskfile.yml build.sh "
    "package.json skaffold.yaml Tiltfile devcontainer.json Earthfile werf.yaml"
).split()

TEXTS = {
    "brackets": "[" * DEEP + BUILD,
    "closed brackets": "[" * DEEP + BUILD + "]" * DEEP,
    "braces": '{"a":' * DEEP + f'"{BUILD}"' + "}" * DEEP,
    "parentheses": BUILD + "(" * DEEP + ")" * DEEP,
    "substitutions": BUILD + "$(" * DEEP + ")" * DEEP,
    "defaults": BUILD + "${A:-" * DEEP + "x" + "}" * DEEP,
    "expressions": BUILD + "${{ " * DEEP + " }}" * DEEP,
    "indentation": "\n".join(" " * depth + "a:" for depth in range(1_300)) + " " + BUILD,
    "items": "- " * DEEP + BUILD,
    "a long word": BUILD + "x" * LONG,
    "a long gap": BUILD + " " * LONG + "x",
    "an open quote": BUILD + "'" + "x " * LONG,
    "backslashes": BUILD + "\\" * LONG,
    "variables": BUILD + "$A" * LONG,
    "commands": BUILD * 10_000,
    "control characters": BUILD + "\x01\x02\x7f" * 1_000,
    "bytes that are no UTF-8": BUILD + "\udcff\udcfe" * 1_000,
}


@pytest.mark.parametrize("text", TEXTS)
def test_one_file_of_each_kind(root: Path, text: str) -> None:
    for path in PATHS:
        write(root, {path: TEXTS[text]})
        _, notes = asked(root)
        assert len(notes) <= 1
        (root / path).unlink()


def test_many_folders_in_a_jenkinsfile(root: Path) -> None:
    write(root, {"Jenkinsfile": "dir('a') { " * 30_000 + "sh 'docker build .'\n" * 200 + "}" * 30_000})
    assert asked(root)[1] == []


def test_aliases_in_a_bake_file_do_not_multiply(root: Path) -> None:
    write(root, {"docker-bake.json": ALIASES + "\ntarget: {a: {target: one, args: *a29}, b: {matrix: *a29}}\n"})
    found, notes = asked(root)
    assert [path for path, _ in notes] == ["docker-bake.json"]
    assert [request.target for request in found.perhaps] == ["one"]


@pytest.mark.parametrize("text", ["a\0b", "\x7fELF\0\0" + BUILD * 100])
def test_a_binary_file_is_passed_over(root: Path, text: str) -> None:
    write(root, {"compose.yaml": text})
    found, notes = asked(root)
    assert found.requests == ()
    assert notes == [("compose.yaml", "not read: it is no text")]


CIRCLES = {
    "extends": {
        "compose.yaml": (
            "services:\n  a:\n    extends: b\n    build:\n      context: .\n      target: one\n"
            "  b:\n    extends: {service: a, file: ./compose.yaml}\n"
        )
    },
    "extends itself": {
        "compose.yaml": "services:\n  a:\n    extends: a\n    build:\n      context: .\n      target: one\n"
    },
    "include": {
        "compose.yaml": (
            "include: [b.yaml, compose.yaml]\nservices:\n  a:\n    build:\n      context: .\n      target: one\n"
        ),
        "b.yaml": "include: [compose.yaml, {path: [b.yaml, ./b.yaml]}]\n",
    },
    "bake": {
        "docker-bake.hcl": (
            'target "a" {\n  inherits = ["b"]\n  target = "one"\n}\n'
            'target "b" {\n  inherits = ["a", "b"]\n}\ngroup "g" {\n  targets = ["g", "a"]\n}\n'
        )
    },
    "variables of bake": {
        "docker-bake.hcl": (
            'variable "A" {\n  default = "${B}"\n}\nvariable "B" {\n  default = "${A}"\n}\n'
            'target "a" {\n  target = "one"\n  context = A\n}\n'
        )
    },
    "actions": {
        ".github/workflows/x.yml": (
            "on: {workflow_call: {inputs: {t: {type: string}}}}\njobs:\n  a:\n    uses: ./.github/workflows/x.yml\n"
            "    with: {t: '${{ inputs.t }}'}\n  b:\n    steps:\n      - run: docker build --target one .\n"
        )
    },
    "makefiles": {
        "Makefile": "include Makefile\nA = $(B)$(B)\nB = $(A)$(A)\na: a\n\tdocker build --target one . $(A)\n"
    },
    "functions": {"build.sh": "f() { g; g; }\ng() { f; f; }\nf\ndocker build --target one .\n"},
    "aliases": {"compose.yaml": ALIASES + "\nservices:\n  a:\n    build:\n      context: .\n      target: one\n"},
    "merged aliases": {
        "compose.yaml": "services:\n  a: &a\n    <<: *a\n    build:\n      context: .\n      target: one\n"
    },
}


@pytest.mark.parametrize("name", [name for name in CIRCLES if name != "merged aliases"])
def test_what_goes_in_a_circle_is_read_once(root: Path, name: str) -> None:
    write(root, CIRCLES[name])
    found, notes = asked(root)
    assert {path for path, _ in places(found)} == set(list(CIRCLES[name])[:1])
    assert len(notes) <= 1


def test_an_anchor_that_holds_itself_ends(root: Path) -> None:
    write(root, CIRCLES["merged aliases"])
    assert len(asked(root)[1]) <= 1


def test_a_chain_of_files_ends(root: Path) -> None:
    write(root, {f"c{n}.yaml": f"include: [c{n + 1}.yaml, c{n + 2}.yaml]\n" for n in range(300)})
    write(root, {"compose.yaml": "include: [c0.yaml]\nservices:\n  a:\n    build: {context: ., target: one}\n"})
    found, notes = asked(root)
    assert places(found) == [("compose.yaml", 4)]
    assert len(notes) <= 1


def test_thousands_of_build_files_end_in_one_note(root: Path) -> None:
    for number in range(module.MAX_FILES + 5):
        (root / f"b{number:04}.sh").touch()
    (root / "a.sh").write_text(BUILD)
    found, notes = asked(root)
    assert places(found) == [("a.sh", 1)]
    assert notes == [("", "more than 5,000 build files; the rest of them was not read")]


def test_megabytes_of_build_files_end_in_one_note(root: Path) -> None:
    for number in range(60):
        with open(root / f"b{number:04}.sh", "wb") as file:
            file.truncate(module.MAX_FILE_BYTES)
    (root / "a.sh").write_text(BUILD)
    project = Project(str(root))
    assert len(project.files.paths()) <= module.MAX_BYTES // module.MAX_FILE_BYTES
    assert project.files.notes == [("", "more than 50 MB; the rest of them was not read")]


def test_links_in_a_circle_are_not_followed(root: Path) -> None:
    (root / "down").mkdir()
    (root / "down" / "up").symlink_to(root, target_is_directory=True)
    (root / "compose.yaml").symlink_to(root / "compose.yaml")
    (root / "docker-compose.yml").symlink_to(root / "compose.yml")
    (root / "compose.yml").symlink_to(root / "docker-compose.yml")
    write(root, {"down/build.sh": BUILD.replace(".", "..")})
    found, notes = asked(root)
    assert places(found) == [("down/build.sh", 1)]
    assert notes == []


def test_pipes_and_folders_of_a_build_files_name_are_not_opened(root: Path) -> None:
    os.mkfifo(root / "compose.yaml")
    os.mkfifo(root / "release")
    (root / "build.sh").mkdir()
    found, notes = asked(root)
    assert (found.requests, notes) == ((), [])


OUTSIDE = {
    "compose.yaml": (
        "include: [../outside/compose.yaml, linked/compose.yaml, /PLACE/compose.yaml]\nservices:\n"
        "  a:\n    extends: {file: ../outside/compose.yaml, service: a}\n"
        "  b:\n    extends: {file: linked/compose.yaml, service: a}\n"
        "  c:\n    build: {context: ., target: '${STAGE:-last}'}\n"
    ),
    "docker-bake.hcl": 'target "a" {\n  inherits = ["b"]\n}\n',
    "Makefile": "include ../outside/Makefile linked/Makefile /PLACE/Makefile\n",
    "build.sh": ". ../outside/build.sh\n. linked/build.sh\nsource /PLACE/build.sh\n",
}

OPENED = """
import sys
from lint_multistage.project.project import Project
project = Project(sys.argv[1])
import lint_multistage.project.yaml_nodes, hcl2, yaml
before = []
def hook(event, arguments):
    if event == "open" and isinstance(arguments[0], str):
        before.append(arguments[0])
    if event in ("subprocess.Popen", "os.system", "os.exec", "os.posix_spawn", "os.fork", "socket.connect"):
        before.append(event)
sys.addaudithook(hook)
project.asked("Dockerfile", {"one"})
print(*before, sep="\\n")
"""


def test_nothing_outside_is_opened_and_nothing_is_started(tmp_path: Path, root: Path) -> None:
    outside = tmp_path / "outside"
    services = "services:\n  a:\n    build: {context: ../root, target: one}\n"
    scripts = {"build.sh": BUILD, "Makefile": f"a:\n\t{BUILD}\n", ".env": "STAGE=one\n", "docker-bake.json": "{}"}
    write(outside, {"compose.yaml": services, **scripts})
    write(root, {path: text.replace("/PLACE", str(outside)) for path, text in OUTSIDE.items()})
    write(root, {"touch.sh": "#!/bin/sh\ntouch $0.ran; docker build .\n", "a.mk": "A := $(shell touch a.mk.ran)\n"})
    (root / "touch.sh").chmod(0o755)
    (root / "linked").symlink_to(outside, target_is_directory=True)
    (root / ".env").symlink_to(outside / ".env")
    (root / "docker-bake.json").symlink_to(outside / "docker-bake.json")
    (root / "release").symlink_to(outside / "build.sh")
    done = subprocess.run([sys.executable, "-c", OPENED, root], capture_output=True, text=True, check=True, cwd=root)
    opened = [path for path in done.stdout.split() if not path.startswith("/") or path.startswith(f"{tmp_path}/")]
    assert f"{root}/compose.yaml" in opened
    assert [path for path in opened if not path.startswith(f"{root}/") or "/linked/" in path] == []
    assert not list(root.rglob("*.ran"))
