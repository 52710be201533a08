from __future__ import annotations

from collections.abc import Iterator

from lint_multistage.api import Check, Finding, Invalid, Reference, Related, Severity, Survey, Valid
from lint_multistage.syntax.quoting import shown


class DuplicateStageName(Check):
    """Two stages have one name, or a stage has the name of an image that the file also uses.

    ## Why is this bad?
    `COPY --from` and `--target` take the last stage of a name, `FROM` the last one above it: which stage is meant
    depends on where the reference stands. A stage named like an image hides that image from every line below.
    """

    code = "MS104"
    severity = Severity.WARNING
    valid = (
        Valid("FROM golang AS build\nFROM alpine AS final\nCOPY --from=build /a /a\n"),
        # A stage may be named after its own base.
        Valid("FROM alpine AS alpine\nFROM scratch\nCOPY --from=alpine /etc/passwd /etc/passwd\n"),
        Valid("FROM alpine AS build\nFROM alpine AS alpine\nCOPY --from=build /a /a\nFROM alpine\n"),
        Valid(
            "FROM redis AS cache\nFROM golang AS redis\nFROM cache\nCOPY --from=redis /a /a\n",
            contexts={"redis": "./redis"},
        ),
        Valid("FROM nginx:1.27 AS nginx\nFROM alpine\nCOPY --from=nginx:1.27 /etc/nginx /etc/nginx\n"),
    )
    invalid = (
        Invalid(
            "FROM golang AS build\nFROM rust AS «Build»\nFROM scratch\nCOPY --from=build /a /a\n",
            message="a second stage is named 'build'",
        ),
        Invalid(
            "FROM redis AS cache\nFROM golang AS «redis»\nFROM scratch\n"
            "COPY --from=redis /a /a\nCOPY --from=cache /b /b\n",
            message="stage 'redis' has the name of an image that this file uses",
        ),
    )

    def check(self, survey: Survey) -> Iterator[Finding]:
        first: dict[str, int] = {}
        uses: dict[str, list[Reference]] = {}
        for reference in survey.graph.references:
            if reference.image:
                uses.setdefault(reference.image, []).append(reference)
        for stage in survey.stages:
            word = stage.from_.name
            if not word:
                continue
            if stage.name in first:
                earlier = survey.stages[first[stage.name]].from_.name
                assert earlier
                yield Finding(
                    span=word.span,
                    message=f"a second stage is named '{shown(stage.name)}':"
                    " COPY --from and --target take the last one",
                    hint="give each stage a name of its own",
                    stage=stage.index,
                    related=(Related("the first stage of this name", earlier.span),),
                )
                continue
            first[stage.name] = stage.index
            # A named context replaces stage and image alike.
            if stage.base == stage.name or survey.is_context(stage.name):
                continue
            use = next((use for use in uses.get(stage.name, ()) if use.stage != stage.index), None)
            if use:
                yield Finding(
                    span=word.span,
                    message=f"stage '{shown(stage.name)}' has the name of an image that this file uses:"
                    " below, the name means the stage",
                    hint="give the stage another name",
                    stage=stage.index,
                    related=(Related("here the name means the image", use.word.span),),
                )
