"""Names of contexts, and what runs where builds give some."""

from __future__ import annotations

import pytest

from lint_multistage.model.build import Build, Target
from lint_multistage.model.contexts import IMAGE, NOTHING, NamedContext, context_name, named_contexts
from lint_multistage.model.dockerfile import read_dockerfile
from lint_multistage.model.runs import Run, runs
from lint_multistage.text import Source


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("alpine", "alpine"),
        ("alpine:latest", "alpine"),
        ("docker.io/library/alpine:latest", "alpine"),
        ("index.docker.io/library/alpine", "alpine"),
        ("alpine:3.18", "alpine:3.18"),
        ("docker.io/acme/app:1", "acme/app:1"),
        ("ghcr.io/acme/app:latest", "ghcr.io/acme/app"),
        (f"alpine@sha256:{'a' * 64}", f"alpine@sha256:{'a' * 64}"),
        (f"alpine:latest@sha256:{'a' * 64}", f"alpine:latest@sha256:{'a' * 64}"),
        ("base::linux/arm64", "base"),
        ("Base", "Base"),
        ("", ""),
    ],
)
def test_the_name_that_is_compared(text: str, name: str) -> None:
    assert context_name(text) == name


def test_reserved_names_replace_nothing() -> None:
    given = {"scratch": "./a", "Context": "./b", "library/golang:latest": "./c"}
    assert named_contexts(given) == {"golang": "./c"}


def test_what_runs_and_what_is_replaced_above_each_stage() -> None:
    text = (
        "FROM golang AS base\nFROM base AS build\nFROM build AS tool\nFROM docker.io/library/alpine:latest AS web\n"
        "COPY --from=build /a /a\nFROM alpine:3.18\nCOPY --from=web /a /a\n"
    )
    build_context, alpine = NamedContext("build", "./x"), NamedContext("alpine", "./y")
    build = Build(
        read_dockerfile(Source.of("Dockerfile", text)),
        (Target(4), Target(4, "a", 1, contexts=(build_context,)), Target(3, "b", 2, contexts=(alpine,))),
        contexts=(build_context, alpine),
    )
    none = (NOTHING,) * 5
    assert runs(build) == (
        Run(frozenset(), frozenset((0, 1, 3, 4)), False, none),
        Run(frozenset(["build"]), frozenset((3, 4)), True, (NOTHING, NOTHING, 1, NOTHING, NOTHING)),
        Run(frozenset(["alpine"]), frozenset((0, 1, 3)), True, (NOTHING, NOTHING, NOTHING, IMAGE, NOTHING)),
        Run(frozenset(["alpine", "build"]), frozenset(), False, (NOTHING, NOTHING, 1, IMAGE, NOTHING)),
    )
