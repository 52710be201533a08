from __future__ import annotations

import re
from collections.abc import Iterator

from lint_multistage.api import (
    Arg,
    Check,
    Edit,
    Env,
    Finding,
    Fix,
    Invalid,
    Safety,
    Severity,
    Span,
    Stage,
    Survey,
    Valid,
    Word,
)
from lint_multistage.late import late_regex
from lint_multistage.model.images import parse_image
from lint_multistage.syntax.expansion import ExpansionError, expand
from lint_multistage.syntax.quoting import shown

_PLATFORM = late_regex(r"[A-Za-z0-9_.-]+(\([^)]*\))?(/[A-Za-z0-9_.-]+){0,2}")
_SHOWN = 3


class BlankBaseImage(Check):
    """FROM names no image, or no platform, because a variable in it has no value.

    ## Why is this bad?
    FROM sees only the ARGs that stand before the first FROM. A variable that none of them declares is empty, whatever
    `--build-arg` says, and the build fails. An ARG without a default makes the build fail unless each caller gives it;
    that is said only under `--no-project`, where nobody else can give it.

    ## Fix safety
    Unsafe: it puts an ARG that stands too late before the first FROM, too, with the default that it has there.
    """

    code = "MS109"
    severity = Severity.ERROR
    valid = (
        Valid("ARG V=1.22\nFROM golang:$V\n"),
        Valid("FROM golang:${V:-1.22}\n"),
        Valid("FROM --platform=$BUILDPLATFORM golang\n"),
        Valid("FROM alpine AS build-amd64\nFROM build-${TARGETARCH}\n"),
        Valid("FROM alpine${SUFFIX}\n"),
        Valid("ARG IMAGE\nFROM $IMAGE\n", build_args={"IMAGE": "alpine"}),
    )
    invalid = (
        Invalid("FROM «$IMAGE»\n", message="no ARG before the first FROM declares IMAGE", hint="ARG IMAGE=…"),
        Invalid(
            "FROM alpine AS a\nARG T=1\nFROM «golang:$T»\n",
            fixed="ARG T=1\nFROM alpine AS a\nARG T=1\nFROM golang:$T\n",
            message="T is declared only after the first FROM",
        ),
        Invalid(
            "# syntax=docker/dockerfile:1\n# The tools.\nFROM alpine AS a\nARG T=1\nFROM «golang:$T»\nFROM x:$T\n",
            fixed="# syntax=docker/dockerfile:1\n# The tools.\nARG T=1\n"
            "FROM alpine AS a\nARG T=1\nFROM golang:$T\nFROM x:$T\n",
        ),
        # No default, several, or one that depends on others; one variable of two.
        Invalid("FROM alpine AS a\nARG T\nFROM «golang:$T»\n"),
        Invalid("FROM alpine AS a\nARG T=1\nFROM alpine AS b\nARG T=2\nFROM «golang:$T»\n"),
        Invalid("FROM alpine AS a\nENV U=1\nARG T=$U\nFROM «golang:$T»\n"),
        Invalid("FROM alpine AS a\nARG T=1\nFROM «$I:$T»\n"),
        Invalid("ARG IMAGE=\nFROM «$IMAGE»\n", message="IMAGE is empty"),
        Invalid("ARG V\nFROM «golang:$V»\n", severity=Severity.INFO, message="every build must pass V"),
        Invalid(
            "ARG OS\nARG V\nFROM «img-$OS:$V» AS build\nFROM img-$OS:$V\nCOPY --from=build /a /a\n",
            severity=Severity.INFO,
            message="every build must pass OS and V: without them",
        ),
        Invalid("ARG V\nFROM «img-${V:?}»\n", severity=Severity.INFO),
        Invalid("FROM «${V:?needed}»\n", message="no ARG before the first FROM declares V"),
        Invalid("ARG arch\nFROM --platform=«linux/${arch}» alpine\n", severity=Severity.INFO),
        Invalid("ARG V=1\nFROM «${V@Q}»\n", message="cannot be expanded"),
    )

    def check(self, survey: Survey) -> Iterator[Finding]:
        told: set[tuple[str, ...]] = set()
        late: dict[str, set[str]] = {}
        for stage in survey.stages:
            for instruction in stage.instructions:
                if isinstance(instruction, Arg | Env):
                    for setting in instruction.settings:
                        value = setting.value.text if setting.value and isinstance(instruction, Arg) else ""
                        late.setdefault(setting.name.text, set()).add(value)
        for stage in survey.stages:
            filled = stage.unset or any(
                not survey.dockerfile.scope.values.get(x) for x in _names(stage.from_.base.text)
            )
            if not stage.base or (filled and stage.parent is None and isinstance(parse_image(stage.base), str)):
                yield from self._finding(survey, stage, stage.from_.base, stage.base_error, "image", late, told)
            platform = stage.from_.flag("platform")
            if platform:
                text, error = _expanded(platform, survey)
                if error or not _PLATFORM.fullmatch(text):
                    yield from self._finding(survey, stage, platform, error, "platform", late, told)

    def _finding(
        self,
        survey: Survey,
        stage: Stage,
        word: Word,
        error: str,
        what: str,
        late: dict[str, set[str]],
        told: set[tuple[str, ...]],
    ) -> Iterator[Finding]:
        scope = survey.dockerfile.scope
        names = [name for name in dict.fromkeys(_names(word.text)) if not scope.values.get(name)]
        undeclared = [name for name in names if name not in scope.declared and name not in scope.values]
        required = [name for name in names if name not in scope.values and name in scope.declared]
        if not re.fullmatch(r"\$\{?\w+\}?", word.text):
            # An empty part of a name is one that every build has to give.
            required += [name for name in names if name in scope.declared and name not in required]
        # One ARG line mends every FROM that reads the same variables.
        if names and tuple(names) in told:
            return
        told.add(tuple(names))
        severity = Severity.ERROR
        fix = None
        if undeclared:
            name = undeclared[0]
            message = (
                f"{shown(name)} is declared only after the first FROM, where no FROM sees it"
                if name in late
                else f"no ARG before the first FROM declares {shown(name)}, so it is empty here"
            )
            hint = f"put ARG {shown(name)}=… before the first FROM"
            fix = _declared(survey, name, late.get(name, set())) if names == [name] else None
        elif required:
            if not survey.build.alone:
                return
            severity = Severity.INFO
            more = f" and {len(required) - _SHOWN} more" if len(required) > _SHOWN else ""
            passed = " and ".join(required) if not more else ", ".join(required[:_SHOWN])
            without = "it" if len(required) == 1 else "them"
            message = f"every build must pass {shown(passed, 100)}{more}: without {without} FROM names no {what}"
            hint = f"give it a default (ARG {shown(required[0])}=…) unless the builds that you know all pass it"
        elif names:
            message = f"{shown(names[0])} is empty, so FROM names no {what}"
            hint = f"give the ARG a default: ARG {shown(names[0])}=…"
        else:
            message = (
                f"'{shown(word.text)}' cannot be expanded: {error}" if error else f"'{shown(word.text)}' is no {what}"
            )
            hint = f"write the {what} out"
        yield Finding(span=word.span, message=message, hint=hint, stage=stage.index, severity=severity, fix=fix)


def _declared(survey: Survey, name: str, defaults: set[str]) -> Fix | None:
    """The ARG before the first FROM, where all that stand below have one default that depends on nothing."""
    value = next(iter(defaults), "")
    if len(defaults) != 1 or not value or "$" in value:
        return None
    at = survey.stages[0].from_.span.start
    line = f"ARG {name}={value}"
    edit = Edit(Span(at, at), line + survey.dockerfile.source.line_end)
    return Fix(f"Add '{shown(line)}' before the first FROM", (edit,), Safety.UNSAFE)


def _expanded(word: Word, survey: Survey) -> tuple[str, str]:
    try:
        return expand(word.text, survey.dockerfile.scope.values, survey.dockerfile.escape).text, ""
    except ExpansionError as error:
        return "", str(error)


def _names(text: str) -> list[str]:
    return re.findall(r"\$\{?(\w+)", text)
