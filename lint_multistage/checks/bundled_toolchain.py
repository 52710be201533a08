from __future__ import annotations

from collections.abc import Iterator

from lint_multistage.api import Check, Finding, Invalid, Severity, Survey, Valid
from lint_multistage.wording import bare, ships, toolchains


class BundledToolchain(Check):
    """A stage that ships starts from the full image of an interpreter, which carries a C toolchain too.

    ## Why is this bad?
    Images such as `python:3.12` and `node:20` hold gcc, make and the headers of dozens of libraries, so that packages
    can be compiled in them. What runs needs none of that, and there is a slim variant of the same release. Compile
    packages that need it in a stage from the full image, and ship the slim one.
    """

    code = "MS306"
    severity = Severity.INFO
    valid = (
        Valid("FROM python:3.12-slim\n"),
        Valid("FROM node:20-alpine\n"),
        Valid("FROM node:20 AS build\nFROM nginx\nCOPY --from=build /dist /usr/share/nginx/html\n"),
        Valid("FROM registry.example.com/python:3.12\n"),
    )
    invalid = (
        Invalid("FROM «python:3.12»\n", message="gcc", hint="FROM python:3.12-slim"),
        Invalid("FROM «node:20-bookworm» AS base\nFROM base AS app\n", hint="FROM node:20-bookworm-slim"),
        Invalid("FROM «docker.io/library/ruby:3.3» AS app\n"),
    )

    def check(self, survey: Survey) -> Iterator[Finding]:
        told: set[int] = set()
        for stage in survey.shipped:
            contents = survey.contents(stage.index)
            root = survey.graph.root(stage)
            if contents.image is None or contents.image.role != "bundled" or root.index in told:
                continue
            # A run that finds nothing need not load it.
            from lint_multistage.advice.sizes import cost
            from lint_multistage.advice.stages import slim_base

            hint = slim_base(survey, stage, root)
            if hint is None:
                continue
            told.add(root.index)
            size = cost(root)
            names = [name for name in contents.image.toolchains if survey.facts.heavy(name)]
            yield Finding(
                span=root.from_.base.span,
                message=f"{ships(survey, stage)} with {toolchains(names)} of '{bare(root.shown_base)}'{size.clause},"
                " beside the interpreter",
                hint=hint,
                stage=stage.index,
                data={"toolchains": names, "via": "bundled", **size.data},
            )
