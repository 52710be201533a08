from __future__ import annotations

from collections.abc import Iterator

from lint_multistage.api import Check, Finding, Invalid, Severity, Survey, Valid
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
    """

    code = "MS108"
    severity = Severity.ERROR
    valid = (
        Valid("FROM alpine AS build-1.2_x\n"),
        Valid("FROM alpine AS BUILD\n"),
        Valid("FROM alpine AS a__b\n"),
    )
    invalid = (
        Invalid("FROM alpine AS «1st»\n", message="'1st' is no valid stage name"),
        Invalid("ARG N=x\nFROM alpine AS «$N»\n", message="no variable is expanded in a stage name"),
        Invalid("FROM alpine AS «my/stage»\n"),
        Invalid("FROM alpine AS «app_»\nFROM app_\n", message="FROM app_ fails"),
        Invalid("FROM alpine AS «app-»\nFROM alpine\n", severity=Severity.WARNING),
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
            yield Finding(span=word.span, message=message, hint=hint, stage=stage.index, severity=severity)
