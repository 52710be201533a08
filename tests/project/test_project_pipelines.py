"""Pipelines of other services."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from lint_multistage.project.requests import BuildRequest

Ask = Callable[..., list[BuildRequest]]


def facts(found: list[BuildRequest]) -> list[tuple[str, str | None, str | None, int]]:
    return [(request.name, request.dockerfile, request.target, request.line) for request in found]


def test_gitlab(ask: Ask) -> None:
    text = """variables:
  FILE: deploy/Dockerfile
.base:
  script:
    - echo
build:
  variables: {STAGE: prod}
  before_script:
    - cd app
  script:
    - !reference [.base, script]
    - docker build --target $STAGE .
    - |
      docker build -f $CI_PROJECT_DIR/$FILE --target "$OTHER" .
kaniko:
  image: {name: "gcr.io/kaniko-project/executor:debug", entrypoint: [""]}
  script:
    - /kaniko/executor --context $CI_PROJECT_DIR --dockerfile $CI_PROJECT_DIR/$FILE --target kaniko
many:
  parallel: {matrix: [{STAGE: [a, b]}]}
  script: docker build --target $STAGE .
"""
    assert facts(ask(".gitlab-ci.yml", text, "app/Dockerfile", "Dockerfile", "deploy/Dockerfile")) == [
        ("build", "app/Dockerfile", "prod", 12),
        ("build", "deploy/Dockerfile", None, 14),
        ("kaniko", "deploy/Dockerfile", "kaniko", 18),
        ("many", "Dockerfile", "a", 21),
        ("many", "Dockerfile", "b", 21),
    ]


def test_circleci(ask: Ask) -> None:
    text = """version: 2.1
orbs: {docker: circleci/docker@2}
jobs:
  image:
    parameters: {stage: {type: string, default: prod}}
    environment: {FILE: deploy/Dockerfile}
    steps:
      - checkout
      - run: docker build --target one .
      - run:
          name: build
          working_directory: ~/project/app
          command: |
            docker build --target << parameters.stage >> .
      - when:
          condition: true
          steps:
            - run: docker build -f $FILE --target two .
      - docker/build: {image: x, path: app, dockerfile: own.Dockerfile, extra_build_args: --target three}
"""
    assert facts(ask(".circleci/config.yml", text, "app/Dockerfile", "Dockerfile", "deploy/Dockerfile")) == [
        ("image", "Dockerfile", "one", 9),
        ("image", "app/Dockerfile", "prod", 14),
        ("image", "app/Dockerfile", None, 14),
        ("image", "deploy/Dockerfile", "two", 18),
        ("image", "app/own.Dockerfile", "three", 19),
    ]


def test_azure(ask: Ask) -> None:
    text = """variables:
  folder: app
steps:
- script: docker build --target $(stage.name) -f $(Build.SourcesDirectory)/Dockerfile .
  workingDirectory: $(folder)
- bash: |
    docker build --target one .
- task: Docker@2
  displayName: image
  inputs:
    command: build
    Dockerfile: '$(Build.SourcesDirectory)/$(folder)/Dockerfile'
    buildContext: .
    arguments: --target two --build-arg A=1
- task: Docker@2
  inputs: {command: push}
"""
    assert facts(ask("azure-pipelines.yml", text, "app/Dockerfile", "Dockerfile")) == [
        ("", "Dockerfile", None, 4),
        ("", "Dockerfile", "one", 7),
        ("image", "app/Dockerfile", "two", 14),
    ]


def test_jenkins(ask: Ask) -> None:
    text = """
def stage = 'prod'
node {
  sh 'docker build --target $STAGE .'
  sh "docker build --target ${stage} ."
  sh(script: \"\"\"
    docker build --target ${params.OTHER} .
  \"\"\")
  dir('app') {
    sh returnStdout: true, script: 'docker build --target three .'
    docker.build("x:${env.TAG}", '--target four -f own.Dockerfile .')
  }
  docker.build('x')
  // nothing: echo 'docker build --target five .'
}
"""
    found = ask("Jenkinsfile", text, "Dockerfile", "app/Dockerfile")
    assert sorted(facts(found), key=lambda fact: fact[3]) == [
        ("", "Dockerfile", None, 4),
        ("", "Dockerfile", "prod", 5),
        ("", "Dockerfile", None, 7),
        ("", "app/Dockerfile", "three", 10),
        ("", "app/own.Dockerfile", "four", 11),
        ("", "Dockerfile", "", 13),
    ]


def test_cloudbuild(ask: Ask) -> None:
    text = """substitutions: {_STAGE: prod}
steps:
- id: one
  name: gcr.io/cloud-builders/docker
  args: ['build', '-t', 'gcr.io/$PROJECT_ID/x', '--target', '${_STAGE}', '-f', 'deploy/Dockerfile', '.']
- name: gcr.io/kaniko-project/executor:latest
  args:
  - --dockerfile=Dockerfile
  - --target=two
  - --context=dir:///workspace
- name: gcr.io/cloud-builders/docker
  dir: app
  entrypoint: bash
  args: ['-c', 'docker build --target three .']
- name: gcr.io/cloud-builders/docker
  args: [push, x]
"""
    found = ask("cloudbuild.yaml", text, "Dockerfile", "deploy/Dockerfile", "app/Dockerfile")
    assert facts(found) == [
        ("one", "deploy/Dockerfile", "prod", 5),
        ("", "Dockerfile", "two", 9),
        ("", "app/Dockerfile", "three", 14),
    ]


@pytest.mark.parametrize("path", [".gitlab-ci.yml", ".circleci/config.yml", "azure-pipelines.yml", "cloudbuild.yaml"])
@pytest.mark.parametrize(
    "text", ["docker build", "a: [docker, build", "- docker build\n", "jobs: docker build\nsteps: 1\n"]
)
def test_what_is_no_pipeline_asks_for_nothing(ask: Ask, path: str, text: str) -> None:
    assert ask(path, text) == []
