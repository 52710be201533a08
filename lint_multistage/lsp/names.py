"""Names of stages in a Dockerfile: which one stands at a place, and where all of them stand."""

from __future__ import annotations

from collections.abc import Iterator

from lint_multistage.model.stages import Reference, Stage, is_number
from lint_multistage.survey import Survey
from lint_multistage.text import Span


def stage_at(survey: Survey, offset: int) -> tuple[Stage, Span] | None:
    """The stage that is named at an offset, where it begins or is read, and the span of the words."""
    for stage in survey.stages:
        name = stage.from_.name
        if name is not None and _holds(name.span, offset):
            return stage, name.span
    for reference in survey.graph.references:
        if reference.to is not None and _holds(reference.word.span, offset):
            return survey.stages[reference.to], reference.word.span
    return None


def base_at(survey: Survey, offset: int) -> Stage | None:
    """The stage whose base image is named at an offset."""
    return next((x for x in survey.stages if x.parent is None and _holds(x.from_.base.span, offset)), None)


def image_at(survey: Survey, offset: int) -> Reference | None:
    """The reference to an image of `COPY --from` or a mount at an offset."""
    found = (x for x in survey.graph.references if x.image is not None and x.kind != "from")
    return next((reference for reference in found if _holds(reference.word.span, offset)), None)


def home(stage: Stage) -> Span:
    """Where a stage begins: its name, or its base where it has none."""
    return (stage.from_.name or stage.from_.base).span


def readers(survey: Survey, stage: Stage, *, named: bool = False) -> Iterator[Reference]:
    """The references to a stage, in file order; with `named` only those that say its name."""
    for reference in survey.graph.references:
        if reference.to == stage.index and not (named and is_number(reference.word.text)):
            yield reference


def _holds(span: Span, offset: int) -> bool:
    """Whether an offset lies in a span; its end belongs to it, as a cursor behind a word does."""
    return span.start <= offset <= span.end
