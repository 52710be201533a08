"""Skaffold, werf, Tilt, development containers and Earthly."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from lint_multistage.project.requests import BuildRequest, Inline

Ask = Callable[..., list[BuildRequest]]


def facts(found: list[BuildRequest]) -> list[tuple[str, str | None, str | None, str | None, int]]:
    return [(r.name, r.dockerfile, r.target, r.context, r.line) for r in found]


def test_skaffold(ask: Ask) -> None:
    text = """build:
  artifacts:
    - image: app
      context: app
      docker:
        dockerfile: own.Dockerfile
        target: prod
    - image: plain
    - image: kaniko
      kaniko: {dockerfile: Dockerfile, target: "{{.STAGE}}"}
    - image: bazel
      bazel: {target: "//:x"}
profiles:
  - name: dev
    build:
      artifacts:
        - image: app
          docker: {target: dev}
"""
    assert facts(ask("deploy/skaffold.yaml", text)) == [
        ("app", "deploy/app/own.Dockerfile", "prod", "deploy/app", 7),
        ("plain", "deploy/Dockerfile", "", "deploy", 8),
        ("kaniko", "deploy/Dockerfile", None, "deploy", 10),
        ("app", "deploy/Dockerfile", "dev", "deploy", 18),
    ]


def test_werf(ask: Ask) -> None:
    text = "project: x\n---\nimage: app\ndockerfile: Dockerfile\ncontext: app\ntarget: prod\n"
    assert facts(ask("werf.yaml", text)) == [("app", "app/Dockerfile", "prod", "app", 6)]


def test_tilt(ask: Ask) -> None:
    text = """
load('ext://restart_process', 'docker_build_with_restart')
stage = 'prod'
docker_build('app', 'app', target=stage, build_args={'A': '1'})
docker_build('x', '.', dockerfile='deploy/Dockerfile', target=config.get('x'))
docker_build_with_restart('y', '..', target='dev', entrypoint=[])
custom_build('z', 'docker build --target %s -f %s .' % (stage, name), ['.'])
docker_build('inline', '.', dockerfile_contents='FROM scratch')
"""
    found = ask("Tiltfile", text)
    assert sorted(facts(found), key=lambda fact: fact[4]) == [
        ("app", "app/Dockerfile", "prod", "app", 4),
        ("x", "deploy/Dockerfile", None, ".", 5),
        ("y", None, "dev", None, 6),
        ("", None, "prod", ".", 7),
        ("inline", None, "", ".", 8),
    ]
    assert found[0].arguments == {"A": "1"}
    assert [request.inline for request in found if request.name == "inline"] == [Inline("FROM scratch", "Tiltfile", 8)]


@pytest.mark.parametrize("text", ["docker_build(", "docker_build" + "(" * 500, "docker = 1" + "+1" * 20_000])
def test_a_tiltfile_that_python_cannot_parse(ask: Ask, text: str) -> None:
    assert ask("Tiltfile", text) == []


def test_devcontainer(ask: Ask) -> None:
    text = """// how we work
{
  "name": "dev", /* not "target": "x" */
  "build": {
    "dockerfile": "Dockerfile",
    "context": "..",
    "target": "dev", // the stage
    "args": {"A": "1", "B": "${localEnv:B}",},
  },
}
"""
    (request,) = ask(".devcontainer/devcontainer.json", text)
    assert facts([request])[0][:4] == ("dev", ".devcontainer/Dockerfile", "dev", ".")
    assert request.arguments == {"A": "1", "B": None}
    (old,) = ask(".devcontainer.json", '{"dockerFile": "deploy/Dockerfile", "context": "."}')
    assert facts([old]) == [("", "deploy/Dockerfile", "", ".", 1)]
    assert ask(".devcontainer.json", '{"image": "x"} // dockerfile') == []
    assert ask(".devcontainer.json", '{"dockerFile": [') == []


def test_earthly(ask: Ask) -> None:
    text = "VERSION 0.8\nimage:\n    FROM DOCKERFILE -f deploy/Dockerfile --target prod .\n    SAVE IMAGE x\n"
    (request,) = ask("Earthfile", text)
    assert facts([request]) == [("image", "deploy/Dockerfile", "prod", ".", 3)]
    assert not request.ships
