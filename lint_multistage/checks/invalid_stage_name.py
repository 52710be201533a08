from __future__ import annotations

import re
from collections.abc import Iterator

from lint_multistage.api import (
    Check,
    Edit,
    Finding,
    Fix,
    Invalid,
    Safety,
    Severity,
    Stage,
    Survey,
    Valid,
    Word,
)
from lint_multistage.model.images import parse_image
from lint_multistage.syntax.parse import is_stage_name
from lint_multistage.syntax.quoting import shown

_RESERVED = ("scratch", "context")


class InvalidStageName(Check):
    """A stage has a name that BuildKit refuses, or one that means something else.

    ## Why is this bad?
    A stage name starts with a letter and holds letters, digits, `-`, `_` and `.`. One that is no valid image name
    (`app_`, `a..b`) is refused where a FROM uses it, and by builds with named contexts. `scratch` and `context` hide
    the empty image and the build context.

    ## Fix safety
    Unsafe: it renames the stage in the whole file, and what lies outside, such as a `--target`, may still use the old
    name. None is offered where a build file asks for the stage.
    """

    code = "MS108"
    severity = Severity.ERROR
    valid = (
        Valid("FROM alpine AS build-1.2_x\n"),
        Valid("FROM alpine AS BUILD\n"),
        Valid("FROM alpine AS a__b\n"),
    )
    invalid = (
        # No name can be made of it by leaving out what is wrong.
        Invalid("FROM alpine AS «1st»\n", message="'1st' is no valid stage name"),
        Invalid("ARG N=x\nFROM alpine AS «$N»\n", message="no variable is expanded in a stage name"),
        Invalid(
            "FROM golang AS «my/Stage»\nFROM alpine\nCOPY --from=MY/stage /a /a\nCOPY --from=0 /b /b\n",
            fixed="FROM golang AS my-Stage\nFROM alpine\nCOPY --from=my-Stage /a /a\nCOPY --from=0 /b /b\n",
        ),
        Invalid(
            "FROM alpine AS «app_»\nFROM app_\nRUN --mount=from=app_,target=/m true\n",
            fixed="FROM alpine AS app\nFROM app\nRUN --mount=from=app,target=/m true\n",
            message="FROM app_ fails",
        ),
        Invalid(
            "FROM alpine AS «a..b-»\nFROM alpine\n",
            fixed="FROM alpine AS a.b\nFROM alpine\n",
            severity=Severity.WARNING,
        ),
        # The name is taken, by a stage or by an image.
        Invalid("FROM alpine AS «app_»\nFROM alpine AS app\n", severity=Severity.WARNING),
        Invalid("FROM alpine AS «nginx-»\nFROM nginx\n", severity=Severity.WARNING),
        # Something else asks for the stage by its name, or may mean it.
        Invalid("FROM alpine AS «app_»\nFROM alpine\n", severity=Severity.WARNING, asked=("app_",)),
        Invalid("ARG X=app_\nFROM alpine AS «app_»\nFROM $X\n", message="FROM app_ fails"),
        Invalid("FROM alpine AS «scratch»\nFROM alpine\n", severity=Severity.WARNING),
    )

    def check(self, survey: Survey) -> Iterator[Finding]:
        parents = {stage.parent for stage in survey.stages}
        for stage in survey.stages:
            word = stage.from_.name
            if not word:
                continue
            severity = Severity.WARNING
            hint = "start with a letter, then letters, digits, '-', '_' and '.'"
            if "$" in word.text:
                severity = Severity.ERROR
                message = f"no variable is expanded in a stage name: '{shown(word.text)}' fails the build"
                hint = "write the name out"
            elif not is_stage_name(word.text):
                severity = Severity.ERROR
                message = f"'{shown(word.text)}' is no valid stage name: the build fails"
            elif stage.name in _RESERVED:
                hidden = "the empty image" if stage.name == "scratch" else "the build context"
                message = f"stage '{word.text}' hides {hidden} of that name"
                hint = "give the stage another name"
            elif isinstance(parse_image(stage.name), str):
                severity = Severity.ERROR if stage.index in parents else Severity.WARNING
                message = f"'{shown(word.text)}' is no valid image name, so FROM {shown(stage.name)} fails"
                hint = "end the name with a letter or digit, and put one '.', '-' or '_' between them"
            else:
                continue
            yield Finding(
                span=word.span,
                message=message,
                hint=hint,
                stage=stage.index,
                severity=severity,
                fix=_renamed(survey, stage, word),
            )


def _renamed(survey: Survey, stage: Stage, word: Word) -> Fix | None:
    """The stage and all that reads it under a name without what is wrong; None where that cannot be done alone."""
    new = re.sub(r"([-_.])[-_.]+", r"\1", word.text.replace("/", "-").replace(":", "-")).strip("-_.")
    taken = {x.name for x in survey.stages} | {reference.word.text.lower() for reference in survey.graph.references}
    if new.lower() in taken or not is_stage_name(new) or isinstance(parse_image(new.lower()), str):
        return None
    if new.lower() in _RESERVED or survey.facts.is_known(new.lower()):
        return None
    if any(target.stage == stage.index and target.kind for target in (*survey.build.targets, *survey.build.perhaps)):
        return None
    places = {word.span: new}
    for reference in survey.graph.references:
        # A name in FROM has to be in lower case.
        if reference.to == stage.index and reference.word.text.lower() == stage.name:
            places[reference.word.span] = new.lower() if reference.kind == "from" else new
        elif stage.index in reference.alternatives or (reference.to == stage.index and "$" in reference.word.text):
            return None
    if any(survey.dockerfile.source[span].lower() != stage.name for span in places):
        return None
    edits = tuple(Edit(span, text) for span, text in places.items())
    return Fix(f"Rename the stage to '{new}'", edits, Safety.UNSAFE)
