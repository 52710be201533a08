from __future__ import annotations

from collections.abc import Iterator

from lint_multistage.api import Check, Edit, Finding, Fix, Invalid, Safety, Severity, Survey, Valid
from lint_multistage.model.stages import is_number
from lint_multistage.syntax.quoting import shown


class StageNumberOutOfRange(Check):
    """A number names no stage of the file.

    ## Why is this bad?
    Stages count from 0 at the top of the file, so the build fails on a number that is too large. In `RUN
    --mount=from=` a number is never a stage: it is taken for an image of that name.

    ## Fix safety
    Unsafe: it writes the name of the stage that a mount's number would be in `COPY --from`.
    """

    code = "MS102"
    severity = Severity.ERROR
    valid = (
        Valid("FROM golang\nFROM scratch\nCOPY --from=0 /app /app\n"),
        Valid("FROM golang AS build\nFROM scratch\nCOPY --from=build /app /app\n"),
        # BuildKit checks nothing about a trigger in the file that holds it.
        Valid("FROM golang\nONBUILD COPY --from=9 /app /app\n"),
        Valid("FROM golang\nRUN --mount=from=0,target=/m true\n", contexts={"0": "./tools"}),
    )
    invalid = (
        Invalid(
            "FROM golang\nFROM scratch\nCOPY --from=«7» /app /app\n",
            message="7 names no stage of this file: it has 2, numbered 0 and 1",
        ),
        Invalid("FROM golang AS a\nCOPY --from=«-1» /app /app\n", message="it has 1, numbered 0"),
        Invalid("FROM golang\nFROM golang\nFROM alpine\nCOPY --from=«3» /a /a\n", message="numbered 0 to 2"),
        Invalid(
            "FROM golang AS build\nFROM alpine\nRUN --mount=from=«0»,target=/m true\n",
            fixed="FROM golang AS build\nFROM alpine\nRUN --mount=from=build,target=/m true\n",
            message="a number in --mount=from= is the name of an image, never a stage",
            hint="write from=build",
        ),
        # The name would mean another stage, or the stage itself.
        Invalid("FROM golang AS x\nFROM rust AS x\nFROM alpine\nRUN --mount=from=«0»,target=/m true\n"),
        Invalid("FROM golang AS x\nRUN --mount=from=«0»,target=/m true\n"),
    )

    def check(self, survey: Survey) -> Iterator[Finding]:
        stages = survey.stages
        for reference in survey.graph.references:
            text = reference.word.text
            if reference.kind == "from" or reference.to is not None or not is_number(text):
                continue
            if reference.image is not None and survey.is_context(text):
                continue
            if reference.image is None:
                yield Finding(
                    span=reference.word.span,
                    message=f"{text} names no stage of this file: it has {len(stages)}, numbered {_range(len(stages))}",
                    hint="name the stage (FROM image AS name) and write --from=name",
                    stage=reference.stage,
                )
            else:
                number = int(text)
                named = stages[number].name if 0 <= number < len(stages) else ""
                own = bool(named) and number < reference.stage and survey.graph.named(named) == number
                yield Finding(
                    span=reference.word.span,
                    message="a number in --mount=from= is the name of an image, never a stage",
                    hint=f"write from={shown(named) or 'and the name of the stage'}",
                    stage=reference.stage,
                    fix=Fix(f"Write '{shown(named)}'", (Edit(reference.word.span, named),), Safety.UNSAFE)
                    if own and survey.dockerfile.source[reference.word.span] == text
                    else None,
                    cause=("stage", number),
                )


def _range(count: int) -> str:
    return "0" if count == 1 else "0 and 1" if count == 2 else f"0 to {count - 1}"
