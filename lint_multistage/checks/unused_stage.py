from __future__ import annotations

from collections.abc import Iterator, Sequence

from lint_multistage.api import Check, Finding, Fix, Invalid, Related, Safety, Severity, Stage, Survey, Valid
from lint_multistage.removal import removal
from lint_multistage.roles import by_hand
from lint_multistage.syntax.quoting import shown

_SHOWN = 4
_RELATED = 10


class UnusedStage(Check):
    """Nobody builds this stage, and no stage that is built needs it.

    ## Why is this bad?
    BuildKit skips such a stage without a word: what it builds or tests never happens. Often a `COPY --from` was lost,
    or the stage is a leftover.

    The compose files, bake files, workflows, Makefiles and scripts of the repository are read for who builds what. It
    is a mere information where one of them names a target that cannot be read, or speaks of the stage and cannot be
    read itself, for stages that people build by hand by convention (dev, test, lint …) and what starts from those, and
    for a stage that another one pulls as an image of that tag. So it is, where none of them builds the file, for images
    of their own (CMD, ENTRYPOINT) and where the last stage is only another name for an earlier one, as in a file that
    is made for several targets. Nothing is said of a file that only lists images, for a bot that keeps them up to date.
    A stage that named contexts replace counts as needed, and so does what it names itself: a build that gives no
    context runs them.

    ## Fix safety
    Unsafe: the stage is removed, with the comments that stand directly above it; stages below that are named by number
    are counted anew. Somebody may build it in a way that no file tells.
    """

    code = "MS201"
    severity = Severity.WARNING
    yields_to = ("MS310", "MS401", "MS402", "MS404", "MS101", "MS102", "MS103", "MS106")
    valid = (
        Valid("FROM golang AS build\nFROM scratch\nCOPY --from=build /a /a\n"),
        Valid("FROM golang AS build\nFROM scratch\nRUN --mount=from=build,target=/b true\n"),
        Valid("FROM golang AS web\nFROM alpine\n", targets=("web",)),
        Valid("FROM golang AS web\nFROM alpine\n", asked=("web",)),
        Valid("ARG V=a\nFROM alpine AS base-a\nFROM debian AS base-b\nFROM base-${V}\n"),
        # A list of versions.
        Valid("FROM python:3.13 AS python\nFROM golang:1.26 AS go\nFROM node:24 AS node\n"),
        Valid("FROM alpine AS src\nFROM alpine AS base\nONBUILD COPY --from=src /a /a\nFROM base\n"),
    )
    invalid = (
        Invalid(
            "FROM golang AS build\nFROM alpine AS «old»\nFROM scratch\nCOPY --from=build /a /a\n",
            fixed="FROM golang AS build\nFROM scratch\nCOPY --from=build /a /a\n",
            message="stage 'old' is not needed to build '#2'",
        ),
        Invalid(
            "FROM golang AS web\nFROM alpine AS «old»\nFROM scratch\n",
            fixed="FROM golang AS web\nFROM scratch\n",
            message="to build 'web' and '#2'",
            asked=("web",),
        ),
        # People build it by hand.
        Invalid("FROM alpine AS «lint»\nRUN make lint\nFROM alpine\n", severity=Severity.INFO, hint="built by hand"),
        # Another name for an image is there to be copied from, whatever it is.
        Invalid("FROM acme/tests AS «test»\nFROM alpine\n", fixed="FROM alpine\n"),
        # An image of its own, and nothing tells who builds which.
        Invalid("FROM alpine AS «web»\nCMD httpd\nFROM alpine\n", severity=Severity.INFO),
        # What starts from it is for the same people.
        Invalid(
            "FROM alpine AS dev\nRUN true\nFROM dev AS «desk»\nFROM alpine\n",
            severity=Severity.INFO,
        ),
        # It is built and pushed by itself.
        Invalid(
            "FROM alpine AS «base-slim»\nRUN true\nFROM acme/app:base-slim AS base\nRUN true\n",
            severity=Severity.INFO,
        ),
        # Which of several targets is the default.
        Invalid(
            "FROM alpine AS app\nRUN true\nFROM scratch AS «binary»\nCOPY --from=app /a /a\nFROM app AS default\n",
            severity=Severity.INFO,
        ),
        # A chain is one finding, at its end.
        Invalid(
            "FROM alpine AS deps\nFROM deps AS «old»\nFROM alpine AS final\n",
            fixed="FROM alpine AS final\n",
            message="stages 'old' and 'deps' are not needed to build 'final'",
        ),
        # What two such stages share is told with the first.
        Invalid(
            "FROM alpine AS deps\nFROM deps AS «old»\nFROM deps AS «older»\nFROM alpine AS final\n",
            fixed="FROM alpine AS deps\nFROM alpine AS final\n",
            message="stages 'old' and 'deps'",
        ),
        Invalid(
            "FROM «golang»\nFROM alpine\n", fixed="FROM alpine\n", message="stage '#0' is not needed to build '#1'"
        ),
        # A base that defaults to an image chooses among images.
        Invalid("ARG BASE=alpine:3\nFROM golang AS «old»\nFROM ${BASE}\n", fixed="ARG BASE=alpine:3\nFROM ${BASE}\n"),
    )

    def check(self, survey: Survey) -> Iterator[Finding]:
        if _is_list(survey.stages):
            return
        # A build whose target is not literal stands in a file that speaks of these.
        spoken_of = [target.stage for target in survey.build.perhaps if target.kind]
        needed = survey.needed | survey.graph.reached(spoken_of)
        reads: dict[int, list[int]] = {}
        for reference in survey.graph.references:
            if reference.stage not in needed:
                found = [*reference.alternatives, *(() if reference.to is None else (reference.to,))]
                reads.setdefault(reference.stage, []).extend(to for to in found if to != reference.stage)
        read = {to for found in reads.values() for to in found}
        told = set(needed)
        for stage in survey.stages:
            if stage.index not in needed and stage.index not in read:
                chain = _chain(stage.index, reads, told)
                yield self._finding(survey, stage, chain, _without_others(stage.index, chain, reads))

    def _finding(self, survey: Survey, stage: Stage, chain: list[int], alone: list[int]) -> Finding:
        others = [survey.stages[index] for index in chain]
        labels = [f"'{shown(x.label, 40)}'" for x in (stage, *others)]
        if len(labels) > _SHOWN:
            labels[_SHOWN:] = [f"{len(labels) - _SHOWN} more"]
        subject = f"stage {labels[0]}" if len(labels) == 1 else f"stages {', '.join(labels[:-1])} and {labels[-1]}"
        targets = [f"'{shown(x.label, 40)}'" for x in survey.built[:2]]
        if len(survey.built) > 2:
            targets[1:] = [f"{len(survey.built) - 1} more"]
        are, them = ("is", "it") if len(labels) == 1 else ("are", "them")
        related = [
            Related(f"nothing that is built needs stage '{shown(x.label, 40)}' either", x.from_.base.span)
            for x in others[:_RELATED]
        ]
        unclear = [x for x in survey.build.perhaps if x.stage == stage.index] or survey.build.unclear
        related += [Related("this may build it", path=place.path, line=place.line) for place in unclear[:1]]
        reason = "a build may ask for it" if unclear else _may_be_built(survey, stage)
        # Nothing is offered that may remove what somebody builds.
        edits = () if reason else removal(survey.dockerfile, [stage.index, *alone])
        more = f" and {len(alone)} more" if alone else ""
        named = f"name {them} where {them} {are} built (--target {stage.label}), " if stage.name and reason else ""
        hint = f"copy from {them}, {named}or remove {them}"
        return Finding(
            span=(stage.from_.name or stage.from_.base).span,
            message=f"{subject} {are} not needed to build {' and '.join(targets)}: BuildKit skips {them} silently",
            hint=f"{hint}; this is mere information: {reason}" if reason else hint,
            stage=stage.index,
            related=tuple(related),
            fix=Fix(f"Remove stage '{shown(stage.label, 40)}'{more}", edits, Safety.UNSAFE) if edits else None,
            cause=("stage", stage.index),
            severity=Severity.INFO if reason else None,
        )


def _is_list(stages: Sequence[Stage]) -> bool:
    """Whether a file only names images, so that something keeps their tags up to date."""
    return len(stages) > 2 and all(x.name and x.parent is None and len(x.instructions) == 1 for x in stages)


def _may_be_built(survey: Survey, stage: Stage) -> str:
    """Why people may well build a stage though no file of the repository asks for it; "" where nothing hints at it."""
    ancestors = survey.graph.lineage(stage)[-2::-1]
    for other in (stage, *ancestors):
        # An image by another name is there to be copied from.
        if by_hand(other) and (other.parent is not None or len(other.instructions) > 1):
            return f"stages named like '{shown(other.label, 40)}' are often built by hand"
    if _is_pulled(survey, stage):
        return "an image with its name for a tag is pulled here"
    if any(x in survey.built and survey.role(x.index).name == "development" for x in ancestors):
        return "it starts from a development stage"
    if any(target.path for target in survey.build.targets):
        return ""
    if survey.contents(stage.index).starts:
        return "it says what it runs, and may be an image of its own"
    last = survey.stages[-1]
    chooses = last.parent is not None and len(last.instructions) == 1
    return "the last stage only chooses the default among others" if chooses else ""


def _is_pulled(survey: Survey, stage: Stage) -> bool:
    """Whether a stage of the file is FROM an image that has the stage's name for its tag."""
    return any(x.parent is None and x.base.lower().endswith(f":{stage.name}") for x in survey.stages if stage.name)


def _without_others(stage: int, chain: list[int], reads: dict[int, list[int]]) -> list[int]:
    """Those of the `chain` of `stage` that no stage outside both reads, so that they can be removed with it."""
    alone = set(chain)
    if not alone:
        return []
    outside = {reader: found for reader, found in reads.items() if reader != stage and alone.intersection(found)}
    while spoken_for := {to for reader in outside.keys() - alone for to in outside[reader]} & alone:
        alone -= spoken_for
    return sorted(alone)


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
