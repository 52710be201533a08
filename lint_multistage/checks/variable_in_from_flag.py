from __future__ import annotations

from collections.abc import Iterator

from lint_multistage.api import (
    Arg,
    Check,
    Edit,
    Env,
    Finding,
    Fix,
    Invalid,
    Reference,
    Safety,
    Severity,
    Survey,
    Valid,
)
from lint_multistage.syntax.expansion import ExpansionError, expand
from lint_multistage.syntax.quoting import shown


class VariableInFromFlag(Check):
    """A variable stands in `COPY --from` or in the `from` of a mount.

    ## Why is this bad?
    BuildKit expands variables in FROM, but neither in `--from=` nor in `--mount=from=`: the build fails, whether the
    stage is needed or not.

    ## Fix safety
    Unsafe: it writes the stage that the ARG's default names, and no build can choose another one any more.
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
            fixed="ARG STAGE=build\nFROM golang AS build\nFROM scratch\nCOPY --from=build /a /a\n",
            message="BuildKit expands no variable in --from",
            hint="FROM $STAGE AS source",
        ),
        Invalid("FROM alpine\nRUN --mount=type=bind,from=«${TOOLS}»,target=/t true\n"),
        # The stage itself, one below, or an image.
        Invalid("ARG S=x\nFROM golang AS x\nCOPY --from=«$S» /a /a\n"),
        Invalid("ARG S=y\nFROM golang AS x\nCOPY --from=«$S» /a /a\nFROM alpine AS y\n"),
        Invalid("ARG V=1\nFROM golang AS x\nCOPY --from=«golang:$V» /a /a\n"),
        # The stage has a value of its own, or whoever builds gives one.
        Invalid("ARG S=b\nFROM golang AS b\nFROM alpine\nARG S=c\nCOPY --from=«$S» /a /a\n"),
        Invalid("ARG S=b\nFROM golang AS b\nFROM alpine\nCOPY --from=«$S» /a /a\n", build_args={"S": "b"}),
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
                fix=_fix(survey, reference),
            )


def _fix(survey: Survey, reference: Reference) -> Fix | None:
    """The stage's name in the place of the variable, where the ARGs above the first FROM say which it is."""
    dockerfile, text = survey.dockerfile, reference.word.text
    scope = dockerfile.scope
    try:
        meant = expand(text, scope.values, dockerfile.escape)
    except ExpansionError:
        return None
    own = {
        setting.name.text
        for instruction in survey.stages[reference.stage].instructions
        if isinstance(instruction, Arg | Env)
        for setting in instruction.settings
        if setting.value
    }
    plain = meant.used and scope.declared.issuperset(meant.used) and not meant.unset and not own & {*meant.used}
    stage = survey.graph.named(meant.text)
    if not plain or scope.given & {*meant.used} or stage is None or stage >= reference.stage:
        return None
    if dockerfile.source[reference.word.span] != text:
        return None
    name = survey.stages[stage].name
    return Fix(f"Write '{shown(name)}'", (Edit(reference.word.span, name),), Safety.UNSAFE)
