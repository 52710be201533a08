"""Makefiles, justfiles and Taskfiles."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from lint_multistage.project.requests import BuildRequest

Ask = Callable[..., list[BuildRequest]]


def targets(found: list[BuildRequest]) -> list[str | None]:
    return [request.target for request in found]


def test_a_recipe_with_variables_and_continued_lines(ask: Ask) -> None:
    text = (
        "DOCKER := podman\n"
        "DIR = deploy# where it lies\n"
        "FILE = $(DIR)/Dockerfile\n\n"
        ".PHONY: image\n"
        "image: deps ## build it\n"
        "\t@echo building\n"
        "\t@$(DOCKER) build \\\n"
        "\t\t-f ${FILE} \\\n"
        "\t\t--target prod \\\n"
        "\t\t-t x:$$(git describe) .\n"
    )
    (request,) = ask("Makefile", text, "deploy/Dockerfile")
    assert (request.kind, request.name, request.dockerfile) == ("make", "image", "deploy/Dockerfile")
    assert (request.target, request.context, request.line, request.column) == ("prod", ".", 10, 12)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a b:\n\tdocker build --target $@ .\n", ["a", "b"]),
        ("build-a build-b: build-%:\n\tdocker build --target $* .\n", ["a", "b"]),
        ("build-%:\n\tdocker build --target $* .\n", [None]),
        ("build-%:\n\tdocker build --target $(@:build-%=%) .\n", [None]),
        ("build-a:\n\tdocker build --target $(@:build-%=%) .\n", ["a"]),
        ("build-a:\n\tdocker build --target $(patsubst build-%,%,$@) .\n", ["a"]),
        ("build-a:\n\tdocker build --target $(subst build-,,$@) .\n", ["a"]),
        ("IMAGES = a b\n$(IMAGES):\n\tdocker build --target $@ .\n", ["a", "b"]),
        ("a: ; docker build --target a .\n", ["a"]),
        ("a:\n\tfor t in x y; do docker build --target $$t .; done\n", ["x", "y"]),
        ("a:\n\t$(foreach t,x y,docker build --target $(t) . &&) true\n", ["x", "y"]),
        ("define build\ndocker build --target $(1) .\nendef\na:\n\t$(call build,x)\n\t$(call build,y)\n", ["x", "y"]),
        ("FLAGS = --pull\nFLAGS += --target x\na:\n\tdocker build $(FLAGS) .\n", ["x"]),
        ("a:\n\tdocker build $(FLAGS) .\n", [None]),
        ("a:\n\tdocker build $(CACHE_FLAGS) .\n", [""]),
        ("a:\n\tdocker build --target $(TARGET) .\n", [None]),
        ("a:\n\tdocker build --target '$(TARGET)' .\n", [None]),
        ("TARGET := $(shell cat target)\na:\n\tdocker build --target $(TARGET) .\n", [None]),
        ("TARGET = $(TARGET)x\na:\n\tdocker build --target $(TARGET) .\n", [None]),
        ("a:\n\t$(CONTAINER_TOOL) build --target x .\n", ["x"]),
        ("a:\n\t$(Q)docker build --target x .\n", ["x"]),
        ("a:\n\tdocker build $(if $(PUSH),--push) --target x .\n", ["x"]),
        ("a:\n\t-@docker build --target x .\n", ["x"]),
        (".ONESHELL:\na:\n\tT=x\n\tdocker build --target $$T .\n", ["x"]),
        ("a:\n\tT=x\n\tdocker build --target $$T .\n", [None]),
        ("# a:\n#\tdocker build --target x .\n", []),
        ("a:\n\t# docker build --target x .\n", []),
        ("a:\n\t@echo docker build --target x .\n", []),
        ("ifeq ($(CI),1)\nT = x\nelse\nT = y\nendif\na:\n\tdocker build --target $(T) .\n", [None]),
    ],
)
def test_targets_of_recipes(ask: Ask, text: str, expected: list[str | None]) -> None:
    assert targets(ask("Makefile", text)) == expected


def test_values_that_people_may_give_leave_the_target_open(ask: Ask) -> None:
    found = ask("Makefile", "T ?= prod\nF ?= Dockerfile\na:\n\tdocker build -f $(F) --target $(T) .\n")
    assert [(request.dockerfile, request.target) for request in found] == [("Dockerfile", "prod"), ("Dockerfile", None)]


def test_values_for_some_targets_hold_together(ask: Ask) -> None:
    text = (
        "dev: T = dev\ndev: F = dev.Dockerfile\ndev: build\n"
        "build:\n\tdocker build -f $(F) --target $(T) .\n"
        "prod:\n\t$(MAKE) build T=prod F=Dockerfile\n"
    )
    found = {(request.dockerfile, request.target) for request in ask("Makefile", text)}
    assert found == {(None, None), ("dev.Dockerfile", "dev"), ("Dockerfile", "prod")}


def test_a_makefile_runs_in_its_own_folder(ask: Ask) -> None:
    (own,) = ask("sub/Makefile", "a:\n\tdocker build .\n", "Dockerfile", "sub/Dockerfile")
    assert own.dockerfile == "sub/Dockerfile"
    (up,) = ask("sub/Makefile", "a:\n\tcd .. && docker build $(CURDIR)\n", "Dockerfile", "sub/Dockerfile")
    assert up.dockerfile == "sub/Dockerfile"
    (from_root,) = ask("sub/Makefile", "a:\n\tdocker build -f sub/x.Dockerfile .\n", "sub/x.Dockerfile")
    assert (from_root.dockerfile, from_root.context) == ("sub/x.Dockerfile", ".")


def test_variables_come_from_included_files_too(ask: Ask) -> None:
    ask("common.mk", "T := prod\ninclude Makefile\n")
    found = ask("Makefile", "include common.mk missing.mk\na:\n\tdocker build --target $(T) .\n")
    assert targets(found) == ["prod"]


def test_justfile(ask: Ask) -> None:
    text = (
        'image := "deploy"\n\n'
        "# builds it\n"
        "build stage='prod':\n"
        "    @docker build -f {{image}}/Dockerfile \\\n"
        "      --target {{stage}} .\n\n"
        "dev:\n"
        "    #!/usr/bin/env bash\n"
        "    cd {{justfile_directory()}}\n"
        "    docker build --target dev .\n"
    )
    found = ask("justfile", text, "Dockerfile", "deploy/Dockerfile")
    assert [(r.name, r.dockerfile, r.target, r.line) for r in found] == [
        ("build", "deploy/Dockerfile", "prod", 6),
        ("build", "deploy/Dockerfile", None, 6),
        ("dev", "Dockerfile", "dev", 11),
    ]


def test_taskfile(ask: Ask) -> None:
    text = """version: '3'
vars:
  FILE: deploy/Dockerfile
tasks:
  build:
    cmds:
      - docker build -f {{.FILE}} --target {{.STAGE}} .
      - cmd: docker build --target test .
        silent: true
  prod:
    cmds:
      - task: build
        vars: {STAGE: prod}
  app:
    dir: app
    cmd: docker build --target app .
"""
    found = ask("Taskfile.yml", text, "Dockerfile", "deploy/Dockerfile", "app/Dockerfile")
    assert [(r.name, r.dockerfile, r.target, r.line) for r in found] == [
        ("build", "deploy/Dockerfile", None, 7),
        ("build", "deploy/Dockerfile", "prod", 7),
        ("build", "Dockerfile", "test", 8),
        ("app", "app/Dockerfile", "app", 16),
    ]
