from __future__ import annotations

from collections.abc import Iterator

from lint_multistage.api import Check, Finding, Fix, Invalid, Safety, Severity, Survey, Valid
from lint_multistage.model.images import parse_image
from lint_multistage.model.similar import nearest
from lint_multistage.syntax.quoting import shown
from lint_multistage.text import Edit

_LONGEST = 128
"""Letters of a name that is compared with those of stages: the cost grows with the square."""


class StageNameCase(Check):
    """A name in FROM, or an image's name anywhere, has capital letters.

    ## Why is this bad?
    BuildKit keeps stage names in lower case. `COPY --from` ignores case, FROM does not: `FROM Builder` is taken for an
    image, image names must be lower case, and the build fails.

    ## Fix safety
    Safe where a stage, or an image that is known, has the name in lower case: the build fails as it stands, and the
    name can mean nothing else. Unsafe for other images, and for a name that nearly is a stage's. The tag is left
    alone: there, case counts.
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
        Invalid(
            "FROM «Ubuntu:22.04»\n",
            fixed="FROM ubuntu:22.04\n",
            message="the image name 'Ubuntu:22.04' has capital letters",
        ),
        Invalid(
            "FROM «ghcr.io/Acme/App:RC1»\n", fixed="FROM ghcr.io/acme/app:RC1\n", hint="write 'ghcr.io/acme/app:RC1'"
        ),
        Invalid(
            "FROM alpine\nCOPY --from=«Nginx» /a /a\n", fixed="FROM alpine\nCOPY --from=nginx /a /a\n", hint="nginx"
        ),
        Invalid("FROM «Scratch»\n", fixed="FROM scratch\n"),
        # A stage's name, misspelt: lower case alone would not mend it.
        Invalid(
            "FROM golang AS builder\nFROM alpine\nCOPY --from=«Buildre» /a /a\n",
            fixed="FROM golang AS builder\nFROM alpine\nCOPY --from=builder /a /a\n",
            hint="did you mean 'builder'?",
        ),
        Invalid("FROM golang AS modes\nFROM «Node»\n", fixed="FROM golang AS modes\nFROM node\n"),
        # What is written is a variable, and its value stands elsewhere.
        Invalid("ARG V=1\nFROM «Ubuntu:$V»\n", hint="write 'ubuntu:1'"),
        # A word that something else is to fill in.
        Invalid("FROM «BASE-IMAGE»\n", hint="or a variable", severity=Severity.INFO),
    )

    def check(self, survey: Survey) -> Iterator[Finding]:
        for reference in survey.graph.references:
            image = reference.image
            if image is None or image == image.lower() or not isinstance(parse_image(image), str):
                continue
            lower = _lowered(image)
            if isinstance(parse_image(lower), str):
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
                # A word to be filled in.
                blank = image.isupper() and not set("/:@") & set(image)
                known = lower == "scratch" or survey.facts.is_known(lower.partition("@")[0].partition(":")[0])
                stages = [stage.name for stage in survey.stages[: reference.stage] if stage.name]
                near = None if known or set("/:@") & set(image) or len(image) > _LONGEST else nearest(lower, stages)
                meant = near or lower
                yield Finding(
                    span=span,
                    message=f"the image name '{shown(image)}' has capital letters: the build fails",
                    severity=Severity.INFO if blank else None,
                    hint=f"did you mean '{shown(near)}'?"
                    if near
                    else f"write '{shown(lower)}'"
                    + (", or a variable where it stands for another name" if image.isupper() else ""),
                    stage=reference.stage,
                    fix=None
                    if image.isupper() or survey.dockerfile.source[span] != image
                    else Fix(f"Write '{shown(meant)}'", (Edit(span, meant),), Safety.SAFE if known else Safety.UNSAFE),
                )


def _lowered(image: str) -> str:
    """An image's name in lower case, its tag and digest as they are."""
    name, at, digest = image.partition("@")
    folder, slash, last = name.rpartition("/")
    last, colon, tag = last.partition(":")
    return f"{folder}{slash}{last}".lower() + colon + tag + at + digest
