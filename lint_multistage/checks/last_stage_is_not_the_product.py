from __future__ import annotations

from collections.abc import Iterator

from lint_multistage.api import Check, Finding, Invalid, Related, Severity, Survey, Valid

_BY_HAND = ("development", "test", "ci")


class LastStageIsNotTheProduct(Check):
    """The last stage is for tests or development, though a stage that people run stands before it.

    ## Why is this bad?
    `docker build .` makes the last stage. Whoever forgets `--target` ships the test or development image. Put the stage
    that ships last.

    Nothing is said where a build file of the repository asks for the stage that ships.
    """

    code = "MS310"
    severity = Severity.INFO
    valid = (
        Valid('FROM golang AS build\nFROM alpine AS app\nCMD ["/app"]\n'),
        Valid('FROM alpine AS app\nCMD ["/app"]\nFROM app AS test\nFROM app\n'),
        # It is built on purpose.
        Valid('FROM alpine AS app\nCMD ["/app"]\nFROM app AS test\n', asked=("app",)),
        # Nothing before it is meant to run.
        Valid("FROM golang AS deps\nFROM deps AS test\nRUN go test ./...\n"),
        Valid('FROM golang AS builder\nCMD ["go"]\nFROM builder AS test\n'),
    )
    invalid = (
        Invalid(
            'FROM golang AS build\nFROM alpine AS app\nCOPY --from=build /app /app\nCMD ["/app"]\n'
            "FROM build AS «test»\nRUN go test ./...\n",
            message="a build without --target makes stage 'test', not stage 'app'",
            hint="put stage 'app' last",
        ),
    )

    def check(self, survey: Survey) -> Iterator[Finding]:
        if len(survey.stages) < 2 or any(target.path and target.ships for target in survey.build.targets):
            return
        last = survey.stages[-1]
        if last.from_.name is None or survey.role(last.index).name not in _BY_HAND:
            return
        for stage in reversed(survey.stages[:-1]):
            if stage.from_.name and survey.role(stage.index).runs and survey.contents(stage.index).starts:
                yield Finding(
                    span=last.from_.name.span,
                    message=f"a build without --target makes stage '{last.label}', not stage '{stage.label}'",
                    hint=f"put stage '{stage.label}' last",
                    stage=last.index,
                    related=(Related(f"stage '{stage.label}' starts here", stage.from_.name.span),),
                    cause=("stage", stage.index),
                )
                return
