from __future__ import annotations

from collections.abc import Iterator

from lint_multistage.api import Check, Finding, Fix, Invalid, Reference, Related, Safety, Severity, Stage, Survey, Valid
from lint_multistage.model.images import parse_image
from lint_multistage.model.similar import distance, nearest
from lint_multistage.syntax.quoting import shown
from lint_multistage.text import Edit

_LONGEST_NAME = 128
_MOST_STEPS = 2_000_000
"""What comparing names may cost in one file: nobody writes so many, and the cost grows with the square of a name."""


class UnknownStage(Check):
    """A stage name is misspelt, or no image can have that name.

    ## Why is this bad?
    A name that is no stage is taken for an image: BuildKit asks a registry for it, and the build fails, or worse,
    copies from a stranger's image.

    ## Fix safety
    Safe where `--from` names nothing but one stage that a single letter, or two that changed places, are off. Unsafe
    else: the name that comes nearest is probably the one that was meant.
    """

    code = "MS101"
    severity = Severity.ERROR
    valid = (
        Valid("FROM golang AS build\nFROM scratch\nCOPY --from=build /app /app\n"),
        Valid("FROM golang AS build\nFROM scratch\nCOPY --from=BUILD /app /app\n"),
        # A known image is what it says, however near a stage's name is.
        Valid("FROM golang AS modes\nFROM scratch\nCOPY --from=node /etc/passwd /etc/passwd\n"),
        Valid("FROM golang AS mysql2\nFROM mysql AS db\nCOPY --from=mysql2 /app /app\n"),
        Valid("FROM golang AS build\nFROM scratch\nCOPY --from=ghcr.io/acme/build:1 /app /app\n"),
        Valid("FROM golang AS build\nFROM scratch\nRUN --mount=type=cache,from=build,target=/x true\n"),
        # An unknown name that resembles no stage may be a named context or a local image.
        Valid("FROM golang AS build\nFROM scratch\nCOPY --from=assets /app /app\n"),
        Valid(
            "FROM golang AS builder\nFROM scratch\nCOPY --from=build /app /app\n", contexts={"build": "target:build"}
        ),
    )
    invalid = (
        Invalid(
            "FROM golang AS builder\nFROM scratch\nCOPY --from=«buidler» /app /app\n",
            fixed="FROM golang AS builder\nFROM scratch\nCOPY --from=builder /app /app\n",
            message="there is no stage 'buidler'",
            hint="did you mean 'builder'?",
        ),
        Invalid(
            "FROM golang AS builder\nFROM scratch\nCOPY --from=«build» /app /app\n",
            fixed="FROM golang AS builder\nFROM scratch\nCOPY --from=builder /app /app\n",
        ),
        Invalid(
            "FROM golang AS tools\nFROM alpine\nRUN --mount=from=«tolos»,target=/t true\n",
            fixed="FROM golang AS tools\nFROM alpine\nRUN --mount=from=tools,target=/t true\n",
        ),
        Invalid(
            "FROM alpine AS runtime\nFROM «runtme» AS final\n",
            fixed="FROM alpine AS runtime\nFROM runtime AS final\n",
        ),
        Invalid("FROM «docker.io//app»\n", message="no image can be named"),
        Invalid("FROM «%%BASE%%»\n", message="no image can be named"),
        Invalid("FROM alpine\nCOPY --from=«my_app_» /a /b\n", message="no image can be named"),
    )

    def check(self, survey: Survey) -> Iterator[Finding]:
        meant = _Meant(survey)
        for reference in survey.graph.references:
            if reference.image is None or reference.image == "scratch":
                continue
            parsed = parse_image(reference.image)
            word, values = reference.word.text, survey.dockerfile.scope.values
            if isinstance(parsed, str):
                # Case is MS106's, and a variable without a value MS109's.
                case = not isinstance(parse_image(reference.image.lower()), str)
                empty = any(f"{{{name}}}" in word or f"${name}" in word for name, value in values.items() if not value)
                if not case and not empty and not survey.stages[reference.stage].unset:
                    yield Finding(
                        span=reference.word.span,
                        message=f"no image can be named '{shown(reference.image)}': {shown(parsed, 80)}",
                        hint="write the name of a stage, or an image as registry/name:tag",
                        stage=reference.stage,
                    )
                continue
            stage = None if "$" in reference.word.text else meant.stage(reference)
            if stage:
                certain = reference.kind != "from" and meant.certainly(reference, stage)
                yield _misspelt(reference, stage, Safety.SAFE if certain else Safety.UNSAFE)


class _Meant:
    """Which stage a word that names none probably means."""

    def __init__(self, survey: Survey) -> None:
        self.survey = survey
        self.steps = 0

    def stage(self, reference: Reference) -> Stage | None:
        """The stage whose name the reference nearly has, None where the word is, or may be, an image of its own."""
        survey = self.survey
        name = reference.word.text.lower()
        if len(name) > _LONGEST_NAME or any(mark in name for mark in "/:@"):
            return None
        if survey.is_context(name) or survey.facts.is_known(name):
            return None
        before = reference.stage if reference.kind == "from" else len(survey.stages)
        self.steps += before * len(name) ** 2
        if self.steps > _MOST_STEPS:
            return None
        candidates = {
            stage.name: stage
            for stage in survey.stages[:before]
            if stage.name and stage.index != reference.stage and len(stage.name) <= _LONGEST_NAME
        }
        found = nearest(name, candidates)
        return candidates[found] if found else None

    def certainly(self, reference: Reference, stage: Stage) -> bool:
        """Whether the word is one letter off the name of `stage`, and not near that of any other."""
        name = reference.word.text.lower()
        others = (other.name for other in self.survey.stages if other.name != stage.name)
        return distance(name, stage.name) == 1 and nearest(name, others) is None


def _misspelt(reference: Reference, stage: Stage, safety: Safety) -> Finding:
    assert stage.from_.name
    return Finding(
        span=reference.word.span,
        message=f"there is no stage '{reference.word.text}': BuildKit takes it for an image and pulls it",
        hint=f"did you mean '{stage.name}'?",
        stage=reference.stage,
        related=(Related(f"stage '{stage.label}' starts here", stage.from_.name.span),),
        fix=Fix(f"Write '{stage.name}'", (Edit(reference.word.span, stage.name),), safety),
        cause=("stage", stage.index),
    )
