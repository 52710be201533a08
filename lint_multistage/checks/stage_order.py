from __future__ import annotations

from collections.abc import Iterator

from lint_multistage.api import Check, Finding, Invalid, Reference, Related, Severity, Survey, Valid
from lint_multistage.syntax.quoting import shown

_SHOWN = 3
_RELATED = 10


class StageOrder(Check):
    """A stage reads itself, a stage that reads it, or one that is defined further down.

    ## Why is this bad?
    BuildKit builds a stage only from stages above it. A stage that copies from itself, or a circle of such stages,
    fails the whole file; a stage that copies from a later one fails as soon as it is needed. And `FROM` a later
    stage's name is no reference to that stage at all: an image of that name is pulled.
    """

    code = "MS103"
    severity = Severity.ERROR
    valid = (
        Valid("FROM golang AS build\nFROM scratch\nCOPY --from=build /app /app\n"),
        Valid("FROM alpine AS alpine\nFROM alpine\n"),
        Valid("FROM nginx AS web\nFROM alpine AS nginx\nCOPY --from=web /etc/nginx /etc/nginx\n"),
        Valid("FROM golang AS x\nFROM golang AS y\nCOPY --from=x /a /a\nFROM alpine\nCOPY --from=y /a /a\n"),
        Valid("FROM alpine AS x\nCOPY --from=y /a /b\nFROM golang AS y\nFROM x\n", contexts={"y": "./y"}),
        Valid("FROM base AS x\nFROM alpine AS base\nFROM x\n", contexts={"base": "target:base"}),
    )
    invalid = (
        Invalid("FROM golang AS x\nCOPY --from=«x» /a /b\n", message="stage 'x' copies from itself"),
        Invalid("FROM golang\nCOPY --from=«0» /a /b\n", message="stage '#0' copies from itself"),
        Invalid(
            "FROM golang AS x\nCOPY --from=«y» /a /b\nFROM alpine AS y\nCOPY --from=x /a /b\nFROM alpine\n",
            message="stages 'x' and 'y' need each other",
        ),
        Invalid(
            "FROM alpine AS x\nCOPY --from=«y» /a /b\nFROM golang AS y\nFROM x\n",
            message="stage 'x' needs stage 'y', which is defined further down",
        ),
        Invalid("FROM alpine AS x\nCOPY --from=«y» /a /b\nFROM golang AS y\nFROM alpine\n", severity=Severity.WARNING),
        Invalid(
            "FROM alpine AS q\nRUN --mount=from=«tools»,target=/m true\nFROM golang AS tools\nFROM q\n",
            message="stage 'q' needs stage 'tools'",
        ),
        Invalid(
            "FROM «base» AS x\nFROM alpine AS base\nFROM x\n",
            message="'base' is no stage yet where this FROM stands: an image of that name is pulled",
            severity=Severity.WARNING,
        ),
    )

    def check(self, survey: Survey) -> Iterator[Finding]:
        last = {stage.name: stage.index for stage in survey.stages if stage.name}
        cycles = survey.graph.cycles()
        for cycle in cycles:
            yield self._cycle(survey, cycle)
        in_cycle = {id(reference) for cycle in cycles for reference in cycle}
        for reference in survey.graph.references:
            if id(reference) in in_cycle:
                continue
            if reference.kind == "from":
                if last.get(reference.image or "", 0) > reference.stage:
                    yield from self._from_later(survey, reference)
            elif (
                reference.to is not None
                and reference.to > reference.stage
                # A named context in the later stage's place is there from the start.
                and not survey.replaced(reference.stage, survey.stages[reference.to].name)
            ):
                yield self._later(survey, reference, reference.to)

    def _cycle(self, survey: Survey, cycle: tuple[Reference, ...]) -> Finding:
        labels = [f"'{shown(survey.stages[reference.stage].label, 40)}'" for reference in cycle]
        if len(cycle) == 1:
            message = f"stage {labels[0]} copies from itself"
            hint = "write the name of the stage that makes the file, or drop --from to copy from the build context"
        elif len(cycle) == 2:
            message = f"stages {labels[0]} and {labels[1]} need each other"
            hint = "move what both need into a stage above them"
        else:
            more = f" and {len(labels) - _SHOWN} more" if len(labels) > _SHOWN else ""
            message = f"stages {', '.join(labels[:_SHOWN])}{more} need each other in a circle"
            hint = "move what they need into a stage above them"
        return Finding(
            span=cycle[0].word.span,
            message=f"{message}: the build fails, whichever stage is asked for",
            hint=hint,
            stage=cycle[0].stage,
            related=tuple(Related("and here", reference.word.span) for reference in cycle[1:][:_RELATED]),
        )

    def _later(self, survey: Survey, reference: Reference, later: int) -> Finding:
        needed = survey.runs(reference.stage)
        own, other = shown(survey.stages[reference.stage].label, 40), shown(survey.stages[later].label, 40)
        return Finding(
            span=reference.word.span,
            message=f"stage '{own}' needs stage '{other}', which is defined further down"
            + ("" if needed else ": a build that needs the stage will fail"),
            hint=f"move stage '{other}' above stage '{own}'",
            stage=reference.stage,
            related=(Related(f"stage '{other}' starts here", survey.stages[later].from_.base.span),),
            severity=Severity.ERROR if needed else Severity.WARNING,
            cause=("stage", later),
        )

    def _from_later(self, survey: Survey, reference: Reference) -> Iterator[Finding]:
        name = reference.image
        if name is None:
            return
        later = next((stage for stage in survey.stages[reference.stage + 1 :] if stage.name == name), None)
        if later and not survey.facts.is_known(name) and not survey.is_context(name):
            yield Finding(
                span=reference.word.span,
                message=f"'{shown(name)}' is no stage yet where this FROM stands: an image of that name is pulled",
                hint=f"move stage '{shown(name)}' above this one",
                stage=reference.stage,
                related=(Related(f"stage '{shown(later.label)}' starts here", later.from_.base.span),),
                severity=Severity.WARNING,
                cause=("stage", later.index),
            )
