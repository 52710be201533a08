"""The stages of a file as an editor's outline, folds, lenses and inlay hints."""

from __future__ import annotations

from collections.abc import Iterator

from lsprotocol import types

from lint_multistage.advice.sizes import cost
from lint_multistage.lsp.names import home, readers
from lint_multistage.lsp.positions import Positions
from lint_multistage.model.stages import Stage
from lint_multistage.survey import Survey
from lint_multistage.syntax.instructions import Instruction
from lint_multistage.text import Span

_MOST = 3
_LONGEST = 60


def symbols(survey: Survey, positions: Positions) -> list[types.DocumentSymbol]:
    """Stages as a tree, each with its instructions."""
    return [
        types.DocumentSymbol(
            stage.label,
            types.SymbolKind.Class,
            positions.range(Span(stage.from_.span.start, _end(stage.instructions[-1]))),
            positions.range(home(stage)),
            detail=f"FROM {stage.shown_base}",
            children=[_instruction(x, survey, positions) for x in stage.instructions[1:]],
        )
        for stage in survey.stages
    ]


def _instruction(instruction: Instruction, survey: Survey, positions: Positions) -> types.DocumentSymbol:
    value = " ".join(survey.dockerfile.source[instruction.value.span].split())
    name = f"{instruction.keyword.text.upper()} {value}"
    return types.DocumentSymbol(
        name if len(name) <= _LONGEST else f"{name[: _LONGEST - 1]}…",
        types.SymbolKind.Event,
        positions.range(Span(instruction.span.start, _end(instruction))),
        positions.range(instruction.keyword.span),
    )


def _end(instruction: Instruction) -> int:
    return max(span.end for span in instruction.spans)


def folds(survey: Survey, positions: Positions) -> Iterator[types.FoldingRange]:
    """Each stage of more than a line."""
    for stage in survey.stages:
        first = positions.of(stage.from_.span.start).line
        last = positions.of(_end(stage.instructions[-1])).line
        if last > first:
            yield types.FoldingRange(first, last)


def lenses(survey: Survey, positions: Positions) -> Iterator[types.CodeLens]:
    """Above each stage what becomes of it: what builds it, what reads it, or that nothing does."""
    for stage in survey.stages:
        command = types.Command(_fate(survey, stage), "")
        yield types.CodeLens(positions.range(stage.from_.keyword.span), command=command)


def _fate(survey: Survey, stage: Stage) -> str:
    parts: list[str] = []
    targets = [x for x in survey.build.targets if x.stage == stage.index]
    if targets:
        places = list(dict.fromkeys(f"{x.path}:{x.line}" for x in targets if x.path)) or ["docker build"]
        verb = "ships" if survey.role(stage.index).runs else survey.role(stage.index).name
        parts.append(f"{verb}: {_listed(places)}")
    if used := list(dict.fromkeys(survey.stages[x.stage].label for x in readers(survey, stage))):
        parts.append(f"used by {_listed(used)}")
    return " · ".join(parts) or "not built by anything"


def _listed(names: list[str]) -> str:
    more = len(names) - _MOST
    return ", ".join(names[:_MOST]) + (f" and {more} more" if more > 0 else "")


def inlays(survey: Survey, positions: Positions) -> Iterator[types.InlayHint]:
    """Behind each base image its size, where it is known."""
    for stage in survey.stages:
        size = cost(stage).clause.strip(" ()") if stage.parent is None else ""
        if size:
            at = positions.of(stage.from_.base.span.end)
            yield types.InlayHint(at, size, padding_left=True)
