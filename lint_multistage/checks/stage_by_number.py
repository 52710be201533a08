from __future__ import annotations

from collections.abc import Iterator

from lint_multistage.api import Check, Finding, Fix, Invalid, Reference, Safety, Severity, Stage, Survey, Valid
from lint_multistage.model.stages import is_number
from lint_multistage.syntax.quoting import shown
from lint_multistage.text import Edit, Span


class StageByNumber(Check):
    """`COPY --from` names a stage by its number.

    ## Why is this bad?
    Stages count from the top of the file. Adding, moving or removing one renumbers the rest, and the build then
    copies from another stage without any error.

    ## Fix safety
    Safe where the stage has a name that is its own: the name means the same stage. Unsafe where the stage is given a
    name.
    """

    code = "MS107"
    severity = Severity.INFO
    valid = (
        Valid("FROM golang AS build\nFROM scratch\nCOPY --from=build /a /a\n"),
        Valid("FROM golang AS build\nFROM scratch\nCOPY --from=9 /a /a\n"),
        Valid("FROM golang AS build\nCOPY --from=0 /a /a\n"),
    )
    invalid = (
        Invalid(
            "FROM golang AS build\nFROM scratch\nCOPY --from=«0» /a /a\n",
            fixed="FROM golang AS build\nFROM scratch\nCOPY --from=build /a /a\n",
            message="stage 'build' is copied from by its number",
        ),
        Invalid(
            "FROM golang\nFROM scratch\nCOPY --from=«0» /a /a\nCOPY --from=«0» /b /b\n",
            fixed="FROM golang AS builder\nFROM scratch\nCOPY --from=builder /a /a\nCOPY --from=builder /b /b\n",
            hint="FROM golang AS builder",
        ),
        # The last stage of a name is what COPY --from=name takes, so the name would mean another stage.
        Invalid("FROM golang AS x\nFROM rust AS x\nFROM scratch\nCOPY --from=«0» /a /a\n", hint="a name of its own"),
    )

    def check(self, survey: Survey) -> Iterator[Finding]:
        last = {stage.name: stage.index for stage in survey.stages if stage.name}
        taken = {*last, *(reference.word.text for reference in survey.graph.references)}
        for reference in survey.graph.references:
            if (
                reference.kind != "copy-from"
                or reference.to in (None, reference.stage)
                or not is_number(reference.word.text)
            ):
                continue
            assert reference.to is not None
            stage = survey.stages[reference.to]
            own = last.get(stage.name) == stage.index
            yield self._finding(reference, stage, own=own, new=_new_name(stage, taken))

    def _finding(self, reference: Reference, stage: Stage, *, own: bool, new: str) -> Finding:
        fix = None
        if stage.name and own:
            hint = f"write --from={shown(stage.name)}"
            fix = Fix(f"Write '{shown(stage.name)}'", (Edit(reference.word.span, stage.name),), Safety.SAFE)
        elif stage.name:
            hint = f"two stages are named '{shown(stage.name)}': give this one a name of its own"
        else:
            hint = f"name the stage (FROM {shown(stage.from_.base.text)} AS {new}) and write --from={new}"
            end = stage.from_.base.span.end
            edits = (Edit(Span(end, end), f" AS {new}"), Edit(reference.word.span, new))
            fix = Fix(f"Name the stage '{new}'", edits, Safety.UNSAFE)
        return Finding(
            span=reference.word.span,
            message=f"stage '{shown(stage.label)}' is copied from by its number,"
            " which changes when a stage is added above it",
            hint=hint,
            stage=reference.stage,
            fix=fix,
        )


def _new_name(stage: Stage, taken: set[str]) -> str:
    """A name that the file does not use yet."""
    name = "builder"
    number = stage.index
    while name in taken:
        name = f"builder{number}"
        number += 1
    return name
