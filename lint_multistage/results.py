"""What a run came to, with positions instead of spans: the data that reports print."""

from __future__ import annotations

from bisect import bisect_right
from typing import Any

from msgspec import UNSET, Struct, UnsetType

from lint_multistage.findings import Failure, Finding, Note, Severity
from lint_multistage.model.dockerfile import Dockerfile
from lint_multistage.syntax.instructions import Instruction
from lint_multistage.text import Position, Source


class Place(Struct, frozen=True):
    """A related place."""

    path: str
    line: int
    column: int
    message: str


class PlacedEdit(Struct, frozen=True):
    """An edit as readers of the JSON report see it; `end` is exclusive."""

    path: str
    start: Position
    end: Position
    text: str


class PlacedFix(Struct, frozen=True):
    title: str
    safety: str
    edits: tuple[PlacedEdit, ...]


class PlacedFinding(Struct, frozen=True):
    """A finding as the JSON report shows it: lines and columns from 1, the end exclusive.

    `instruction_line` is the first line of the instruction concerned; `stage` is its stage's name or `#index`.
    `source` holds the lines that the span covers, for reports that show them, and `content` the text of the instruction
    or the words concerned, blanks evened out, by which a baseline knows it again; JSON leaves both out. A Dockerfile
    that stands inside another file has no fix: edits of its text are none of the file's.
    """

    code: str
    name: str
    severity: Severity
    path: str
    line: int
    column: int
    end_line: int
    end_column: int
    instruction_line: int
    message: str
    hint: str
    stage: str | None
    url: str
    related: tuple[Place, ...]
    data: dict[str, Any]
    fix: PlacedFix | None
    source: tuple[str, ...] | UnsetType = UNSET
    content: str | UnsetType = UNSET


class Rule(Struct, frozen=True):
    """A check as reports tell of it: `severity` is its own, `documentation` its docstring in Markdown."""

    code: str
    name: str
    severity: Severity
    url: str = ""
    documentation: str = ""


class Results(Struct, frozen=True):
    """A whole run: the files that were linted and what was said of them, each list sorted.

    `fixed` counts the fixes that were made, `baselined` the findings that a baseline keeps back; `rules` are the
    installed checks, run or not, in order of codes.
    """

    files: tuple[str, ...]
    findings: tuple[PlacedFinding, ...]
    notes: tuple[Note, ...] = ()
    failures: tuple[Failure, ...] = ()
    fixed: int = 0
    baselined: int = 0
    rules: tuple[Rule, ...] = ()


def place(finding: Finding, name: str, severity: Severity, url: str, dockerfile: Dockerfile) -> PlacedFinding:
    """`finding` of `dockerfile` with positions."""
    source = dockerfile.source
    start, end = source.in_file(finding.span.start), source.in_file(finding.span.end)
    if end <= start and finding.span.end > finding.span.start:
        end = Position(start.line, len(source.file_line(start.line)) + 1)
    path = source.path
    number = source.line_number(finding.span.start)
    instruction = instruction_at(dockerfile, number)
    line = source.line_in_file(instruction.line if instruction else number)
    content = source[instruction.span if instruction else finding.span]
    if place := finding.elsewhere:
        path, line, start = place.path, place.line, Position(place.line, place.column)
        end = Position(place.line, place.column + len(place.words))
        content = place.words
    return PlacedFinding(
        code=finding.code,
        name=name,
        severity=severity,
        path=path,
        line=start.line,
        column=start.column,
        end_line=end.line,
        end_column=end.column,
        instruction_line=line,
        message=finding.message,
        hint=finding.hint,
        stage=None if finding.stage is None else dockerfile.stages[finding.stage].label,
        url=url,
        related=tuple(
            Place(related.path or source.path, *_line_and_column(related.span, related.line, source), related.message)
            for related in finding.related
        ),
        data=finding.data,
        fix=_placed(finding, source),
        source=UNSET
        if finding.elsewhere
        else tuple(source.file_line(line) for line in range(start.line, min(end.line, start.line + 2) + 1)),
        content=" ".join(content.split()),
    )


def instruction_at(dockerfile: Dockerfile, line: int) -> Instruction | None:
    """The instruction that `line` belongs to; None outside any."""
    at = bisect_right(dockerfile.stages, line, key=lambda stage: stage.from_.line) - 1
    instructions = dockerfile.stages[at].instructions if at >= 0 else dockerfile.before
    return next((x for x in instructions if x.line <= line <= x.end_line), None)


def _line_and_column(span: Any, line: int, source: Source) -> tuple[int, int]:
    if span is None:
        return line, 1
    position = source.in_file(span.start)
    return position.line, position.column


def _placed(finding: Finding, source: Source) -> PlacedFix | None:
    fix, place = finding.fix, finding.elsewhere
    if fix is None or (place is None and source.inset is not None):
        return None
    if place is not None:
        start, end = Position(place.line, place.column), Position(place.line, place.column + len(place.words))
        return PlacedFix(fix.title, fix.safety.value, (PlacedEdit(place.path, start, end, fix.words),))
    edits = tuple(
        PlacedEdit(source.path, source.position(edit.span.start), source.position(edit.span.end), edit.text)
        for edit in fix.edits
    )
    return PlacedFix(fix.title, fix.safety.value, edits)
