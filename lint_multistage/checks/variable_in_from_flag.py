from __future__ import annotations

from collections.abc import Iterator

from lint_multistage.api import Check, Finding, Invalid, Severity, Survey, Valid
from lint_multistage.syntax.quoting import shown


class VariableInFromFlag(Check):
    """A variable stands in `COPY --from` or in the `from` of a mount.

    ## Why is this bad?
    BuildKit expands variables in FROM, but neither in `--from=` nor in `--mount=from=`: the build fails, whether the
    stage is needed or not.
    """

    code = "MS105"
    severity = Severity.ERROR
    valid = (
        Valid("ARG V=1\nFROM golang:$V AS build\nFROM scratch\nCOPY --from=build /a /a\n"),
        Valid("FROM golang AS build\nENV D=/out\nFROM scratch\nCOPY --from=build $D/a /a\n"),
        Valid("FROM alpine\nONBUILD COPY --from=$X /a /a\n"),
    )
    invalid = (
        Invalid(
            "ARG STAGE=build\nFROM golang AS build\nFROM scratch\nCOPY --from=«$STAGE» /a /a\n",
            message="BuildKit expands no variable in --from",
            hint="FROM $STAGE AS source",
        ),
        Invalid("FROM alpine\nRUN --mount=type=bind,from=«${TOOLS}»,target=/t true\n"),
    )

    def check(self, survey: Survey) -> Iterator[Finding]:
        for reference in survey.graph.references:
            text = reference.word.text
            if reference.kind == "from" or reference.unknown is None or "$" not in text:
                continue
            word = shown(text)
            yield Finding(
                span=reference.word.span,
                message=f"BuildKit expands no variable in --from: '{word}' fails the build",
                hint=f"name a stage for it above this one (FROM {word} AS source, with the ARG before the first FROM)"
                " and write --from=source",
                stage=reference.stage,
            )
