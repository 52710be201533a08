"""GitHub workflows and actions."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from lint_multistage.project.expressions import evaluate
from lint_multistage.project.requests import BuildRequest

Ask = Callable[..., list[BuildRequest]]
PATH = ".github/workflows/build.yml"


def step(*lines: str, before: str = "", matrix: str = "") -> str:
    strategy = f"    strategy:\n      matrix:\n{matrix}" if matrix else ""
    head = f"on: push\n{before}jobs:\n  image:\n    runs-on: ubuntu-latest\n{strategy}    steps:\n"
    return head + "      - " + "\n        ".join(lines) + "\n"


def push(*inputs: str, before: str = "", matrix: str = "") -> str:
    lines = (f"  {each}" for each in inputs)
    return step("uses: docker/build-push-action@v6", "with:", *lines, before=before, matrix=matrix)


@pytest.mark.parametrize(
    ("inputs", "dockerfile", "target", "context"),
    [
        (["push: true"], "Dockerfile", "", "."),
        (["target: prod"], "Dockerfile", "prod", "."),
        (["context: app", "target: prod"], "app/Dockerfile", "prod", "app"),
        (["context: app", "file: deploy/Dockerfile"], "deploy/Dockerfile", "", "app"),
        (["file: ./deploy/Dockerfile"], "deploy/Dockerfile", "", "."),
        (["context: '{{defaultContext}}:app'", "file: own.Dockerfile"], "app/own.Dockerfile", "", "app"),
        (["context: https://github.com/${{ github.repository }}.git#main:app"], "app/Dockerfile", "", "app"),
        (["context: https://example.org/other.git", "target: a"], None, "a", None),
        (["context: ${{ github.workspace }}/app"], "app/Dockerfile", "", "app"),
        (["target: ${{ needs.x.outputs.y }}"], "Dockerfile", None, "."),
        (["file: ${{ needs.x.outputs.y }}", "target: a"], None, "a", "."),
    ],
)
def test_build_push_action(
    ask: Ask, inputs: list[str], dockerfile: str | None, target: str | None, context: str | None
) -> None:
    (request,) = ask(PATH, push(*inputs))
    assert (request.dockerfile, request.target, request.context) == (dockerfile, target, context)
    assert (request.kind, request.name) == ("workflow", "image")


def test_the_other_inputs_of_build_push_action(ask: Ask) -> None:
    text = push(
        "build-args: |", "  A=1", "  B=${{ github.sha }}", "build-contexts: lib=./lib", "outputs: type=local,dest=x"
    )
    (request,) = ask(PATH, text)
    assert request.arguments == {"A": "1", "B": None}
    assert request.contexts == {"lib": "lib"}
    assert not request.ships


def test_the_place_is_that_of_the_target(ask: Ask) -> None:
    (request,) = ask(PATH, push("context: .", "target: prod"))
    assert (request.line, request.column) == (9, 19)


@pytest.mark.parametrize(
    ("matrix", "expected"),
    [
        ("        stage: [a, b]\n", ["a", "b"]),
        ("        stage: [a, b]\n        os: [x, y]\n", ["a", "b"]),
        ("        include:\n          - stage: a\n          - stage: b\n", ["a", "b"]),
        (
            "        os: [x]\n        include:\n          - {os: x, stage: a}\n          - {os: y, stage: b}\n",
            ["a", "b"],
        ),
        ("        stage: [a, b]\n        exclude:\n          - stage: b\n", ["a"]),
        ("        stage: ${{ fromJSON(needs.x.outputs.y) }}\n", [None]),
        ("        os: [x]\n", [""]),
    ],
)
def test_the_matrix_is_run_through(ask: Ask, matrix: str, expected: list[str | None]) -> None:
    found = ask(PATH, push("target: ${{ matrix.stage }}", matrix=matrix))
    assert [request.target for request in found] == expected


def test_the_values_of_one_combination_stay_together(ask: Ask) -> None:
    matrix = "        image:\n          - {file: a.Dockerfile, stage: a}\n          - {file: b.Dockerfile, stage: b}\n"
    found = ask(PATH, push("file: ${{ matrix.image.file }}", "target: ${{ matrix.image.stage }}", matrix=matrix))
    assert [(r.dockerfile, r.target) for r in found] == [("a.Dockerfile", "a"), ("b.Dockerfile", "b")]


def test_a_huge_matrix_is_not_run_through(ask: Ask) -> None:
    matrix = "".join(f"        k{number}: [1, 2, 3, 4, 5, 6, 7, 8]\n" for number in range(8))
    assert [r.target for r in ask(PATH, push("target: ${{ matrix.k1 }}", matrix=matrix))] == [None]


def test_run_scripts(ask: Ask) -> None:
    text = step(
        "working-directory: app",
        "env: {STAGE: prod}",
        "run: |",
        "  echo start",
        "  docker build \\",
        "    --target $STAGE -f ${{ env.FILE }} .",
        before="env:\n  FILE: own.Dockerfile\n",
    )
    (request,) = ask(PATH, text, "app/own.Dockerfile")
    assert (request.dockerfile, request.target, request.context) == ("app/own.Dockerfile", "prod", "app")
    assert (request.line, request.column) == (13, 22)


def test_other_shells(ask: Ask) -> None:
    assert ask(PATH, step("shell: python", "run: docker build --target a .")) == []
    (request,) = ask(PATH, step("shell: pwsh", "run: |", "  docker build `", "    --target a ."))
    assert request.target == "a"


def test_variables_set_by_an_earlier_step_are_not_known(ask: Ask) -> None:
    text = step('run: echo "STAGE=b" >> $GITHUB_ENV', before="env:\n  STAGE: a\n")
    text += "      - run: docker build --target $STAGE .\n"
    assert [request.target for request in ask(PATH, text)] == [None]


def test_a_repository_checked_out_into_a_folder(ask: Ask) -> None:
    text = step("uses: actions/checkout@v4", "with:", "  path: src")
    text += "      - run: docker build .\n        working-directory: src/app\n"
    text += "      - uses: docker/build-push-action@v6\n        with:\n          context: src/app\n"
    assert {request.dockerfile for request in ask(PATH, text)} == {"app/Dockerfile"}


@pytest.mark.parametrize(
    "lines",
    [
        ["uses: docker/bake-action@v5", "with:", "  targets: app"],
        ["uses: docker/setup-buildx-action@v3"],
        ["uses: hadolint/hadolint-action@v3", "with:", "  dockerfile: Dockerfile"],
        ["run: docker compose build"],
        ["run: docker buildx bake"],
    ],
)
def test_steps_that_build_nothing_of_their_own(ask: Ask, lines: list[str]) -> None:
    assert ask(PATH, step(*lines)) == []


@pytest.mark.parametrize(
    ("uses", "inputs"),
    [
        ("redhat-actions/buildah-build@v2", ["containerfiles: app/Dockerfile", "extra-args: --target prod"]),
        ("depot/build-push-action@v1", ["file: app/Dockerfile", "target: prod"]),
        ("acme/docker-build-and-push@v1", ["dockerfile: app/Dockerfile", "target: prod"]),
    ],
)
def test_other_actions_that_build(ask: Ask, uses: str, inputs: list[str]) -> None:
    (request,) = ask(PATH, step(f"uses: {uses}", "with:", *(f"  {each}" for each in inputs)), "app/Dockerfile")
    assert (request.dockerfile, request.target) == ("app/Dockerfile", "prod")


CALLED = """on:
  workflow_call:
    inputs:
      stage: {type: string, default: prod}
jobs:
  image:
    runs-on: ubuntu-latest
    steps:
      - run: docker build --target ${{ inputs.stage }} .
"""
CALLING = """on: push
jobs:
  one:
    uses: ./.github/workflows/called.yml
    with: {stage: one}
  two:
    strategy: {matrix: {stage: [two, three]}}
    uses: ./.github/workflows/called.yml
    with: {stage: "${{ matrix.stage }}"}
  four:
    uses: ./.github/workflows/called.yml
"""


def test_a_called_workflow_builds_what_its_callers_say(ask: Ask) -> None:
    path = ".github/workflows/called.yml"
    assert [request.target for request in ask(path, CALLED)] == ["prod", None]
    ask(".github/workflows/calling.yml", CALLING)
    assert [request.target for request in ask(path, CALLED)] == ["one", "two", "three", "prod"]


def test_inputs_given_by_hand(ask: Ask) -> None:
    inputs = "      stage: {type: choice, options: [a, b]}\n      other: {default: c}\n"
    dispatch = f"on:\n  workflow_dispatch:\n    inputs:\n{inputs}"
    text = push("target: ${{ inputs.stage }}").replace("on: push\n", dispatch)
    assert [request.target for request in ask(PATH, text)] == ["a", "b"]
    text = push("target: ${{ github.event.inputs.other }}").replace("on: push\n", dispatch)
    assert [request.target for request in ask(PATH, text)] == ["c", None]


def test_actions(ask: Ask) -> None:
    text = "name: build\ninputs:\n  stage: {required: true}\nruns:\n  using: composite\n  steps:\n"
    text += "    - shell: bash\n      run: docker build --target ${{ inputs.stage }} .\n"
    path = ".github/actions/build/action.yml"
    assert [request.target for request in ask(path, text)] == [None]
    ask(PATH, step("uses: ./.github/actions/build", "with: {stage: prod}"))
    assert [request.target for request in ask(path, text)] == ["prod"]
    (image,) = ask("lint/action.yml", "runs:\n  using: docker\n  image: build/Dockerfile\n")
    assert (image.dockerfile, image.target, image.line) == ("lint/build/Dockerfile", "", 3)


@pytest.mark.parametrize(
    ("expression", "values"),
    [
        ("'a'", ("a",)),
        ("known", ("x",)),
        ("known == 'X'", ("true",)),
        ("known != 'x' && 'a' || 'b'", ("b",)),
        ("unknown && 'a' || 'b'", ("b", "a")),
        ("unknown == 1 && 'a' || 'b'", ("b", "a")),
        ("unknown || 'b'", (None, "b")),
        ("empty || 'b'", ("b",)),
        ("!empty && 'a'", ("a",)),
        ("(empty || known) && 'c'", ("c",)),
        ("format('{0}-{1}', known, 'y')", ("x-y",)),
        ("toJSON(known)", (None,)),
        ("known &&", (None,)),
        ("'a", (None,)),
        ("(" * 500, (None,)),
    ],
)
def test_expressions(expression: str, values: tuple[str | None, ...]) -> None:
    known = {"known": ("x",), "empty": ("",)}
    found = evaluate(expression, lambda name: known.get(name, (None,)))
    assert set(found) == set(values)
