from __future__ import annotations

from collections.abc import Iterator

from lint_multistage.api import Check, Finding, Fix, Invalid, Safety, Severity, Survey, Valid
from lint_multistage.model.images import parse_image
from lint_multistage.syntax.quoting import shown
from lint_multistage.text import Edit


class StageNameCase(Check):
    """A name in FROM, or an image's name anywhere, has capital letters.

    ## Why is this bad?
    BuildKit keeps stage names in lower case. `COPY --from` ignores case, FROM does not: `FROM Builder` is taken for an
    image, image names must be lower case, and the build fails.

    ## Fix safety
    Safe where a stage has the name in lower case: the build fails as it stands.
    """

    code = "MS106"
    severity = Severity.ERROR
    valid = (
        Valid("FROM alpine AS Builder\nFROM builder\n"),
        Valid("FROM alpine AS builder\nFROM scratch\nCOPY --from=Builder /a /a\n"),
        Valid("FROM ghcr.io/acme/app:V1\n"),
        Valid("FROM localhost:5000/app\n"),
    )
    invalid = (
        Invalid(
            "FROM alpine AS builder\nFROM «Builder»\n",
            fixed="FROM alpine AS builder\nFROM builder\n",
            message="FROM does not ignore case: 'Builder' is not the stage 'builder'",
        ),
        Invalid("FROM «Ubuntu:22.04»\n", message="the image name 'Ubuntu:22.04' has capital letters"),
        Invalid("FROM alpine\nCOPY --from=«Nginx» /a /a\n", hint="nginx"),
        Invalid("FROM «Scratch»\n"),
        # A word that something else is to fill in.
        Invalid("FROM «BASE-IMAGE»\n", hint="or a variable", severity=Severity.INFO),
    )

    def check(self, survey: Survey) -> Iterator[Finding]:
        for reference in survey.graph.references:
            image = reference.image
            if image is None or image == image.lower() or not isinstance(parse_image(image), str):
                continue
            if isinstance(parse_image(image.lower()), str):
                continue
            span = reference.word.span
            stage = survey.graph.named(image, before=reference.stage) if reference.kind == "from" else None
            if stage is not None:
                name = survey.stages[stage].name
                yield Finding(
                    span=span,
                    message=f"FROM does not ignore case: '{shown(image)}' is not the stage '{shown(name)}',"
                    " and the build fails",
                    hint=f"write FROM {shown(name)}",
                    stage=reference.stage,
                    fix=Fix(f"Write '{shown(name)}'", (Edit(span, name),), Safety.SAFE)
                    if reference.word.text == image
                    else None,
                    cause=("stage", stage),
                )
            else:
                yield Finding(
                    span=span,
                    message=f"the image name '{shown(image)}' has capital letters: the build fails",
                    # A word to be filled in.
                    severity=Severity.INFO if image.isupper() and not set("/:@") & set(image) else None,
                    hint=f"write '{shown(image.lower())}'"
                    + (", or a variable where it stands for another name" if image.isupper() else ""),
                    stage=reference.stage,
                )
