from __future__ import annotations

from collections.abc import Iterator

from lint_multistage.api import Check, Finding, Invalid, Related, Severity, Stage, Survey, Valid
from lint_multistage.syntax.quoting import shown

_SHOWN = 4
_RELATED = 10


class UnusedStage(Check):
    """No stage that is built by default needs this stage.

    ## Why is this bad?
    BuildKit skips such a stage without a word: what it builds or tests never happens in this build. Often a `COPY
    --from` was lost, or the stage is a leftover. But a script or a workflow may well build it with `--target`: so this
    is information only, and `--target NAME` says which other stages are built.
    """

    code = "MS201"
    severity = Severity.INFO
    yields_to = ("MS401", "MS101", "MS102", "MS103", "MS106")
    valid = (
        Valid("FROM golang AS build\nFROM scratch\nCOPY --from=build /a /a\n"),
        Valid("FROM golang AS build\nFROM scratch\nRUN --mount=from=build,target=/b true\n"),
        Valid("FROM golang AS test\nFROM alpine\n", targets=("test",)),
        Valid("ARG V=a\nFROM alpine AS base-a\nFROM debian AS base-b\nFROM base-${V}\n"),
        Valid("FROM alpine AS src\nFROM alpine AS base\nONBUILD COPY --from=src /a /a\nFROM base\n"),
    )
    invalid = (
        Invalid(
            "FROM golang AS build\nFROM alpine AS «lint»\nFROM scratch\nCOPY --from=build /a /a\n",
            message="stage 'lint' is not needed to build '#2'",
        ),
        # A chain is one finding, at its end.
        Invalid(
            "FROM alpine AS deps\nFROM deps AS «tests»\nFROM alpine AS final\n",
            message="stages 'tests' and 'deps' are not needed to build 'final'",
        ),
        # What two such stages share is told with the first.
        Invalid(
            "FROM alpine AS deps\nFROM deps AS «tests»\nFROM deps AS «lint»\nFROM alpine AS final\n",
            message="stages 'tests' and 'deps'",
        ),
        Invalid("FROM «golang»\nFROM alpine\n", message="stage '#0' is not needed to build '#1'"),
        # A base that defaults to an image chooses among images.
        Invalid("ARG BASE=alpine:3\nFROM golang AS «old»\nFROM ${BASE}\n"),
    )

    def check(self, survey: Survey) -> Iterator[Finding]:
        reads: dict[int, list[int]] = {}
        for reference in survey.graph.references:
            if reference.stage not in survey.needed:
                found = [*reference.alternatives, *(() if reference.to is None else (reference.to,))]
                reads.setdefault(reference.stage, []).extend(to for to in found if to != reference.stage)
        read = {to for found in reads.values() for to in found}
        told = set(survey.needed)
        for stage in survey.stages:
            if stage.index not in survey.needed and stage.index not in read:
                yield self._finding(survey, stage, _chain(stage.index, reads, told))

    def _finding(self, survey: Survey, stage: Stage, chain: list[int]) -> Finding:
        others = [survey.stages[index] for index in chain]
        labels = [f"'{shown(x.label, 40)}'" for x in (stage, *others)]
        if len(labels) > _SHOWN:
            labels[_SHOWN:] = [f"{len(labels) - _SHOWN} more"]
        subject = f"stage {labels[0]}" if len(labels) == 1 else f"stages {', '.join(labels[:-1])} and {labels[-1]}"
        targets = [f"'{shown(x.label, 40)}'" for x in survey.shipped[:2]]
        if len(survey.shipped) > 2:
            targets[1:] = [f"{len(survey.shipped) - 1} more"]
        are, them = ("is", "it") if len(labels) == 1 else ("are", "them")
        return Finding(
            span=(stage.from_.name or stage.from_.base).span,
            message=f"{subject} {are} not needed to build {' and '.join(targets)}: BuildKit skips {them} silently",
            hint="copy from it, or remove it if no build asks for it with --target",
            stage=stage.index,
            related=tuple(
                Related(f"nothing that is built needs stage '{shown(x.label, 40)}' either", x.from_.base.span)
                for x in others[:_RELATED]
            ),
            cause=("stage", stage.index),
        )


def _chain(stage: int, reads: dict[int, list[int]], told: set[int]) -> list[int]:
    """The stages that `stage` needs, directly or not, less those that were `told` of, which they now are."""
    told.add(stage)
    todo, found = [stage], []
    while todo:
        for to in reads.get(todo.pop(), ()):
            if to not in told:
                told.add(to)
                todo.append(to)
                found.append(to)
    return sorted(found)
