"""The stage graph that programs read."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from lint_multistage.findings import Failure, Note
from lint_multistage.model.build import Build
from lint_multistage.model.stages import Reference, Stage
from lint_multistage.reports.json import VERSION, document, errors, notes
from lint_multistage.syntax.instructions import Instruction


def render(entries: Sequence[Build], said: Sequence[Note] = (), failures: Sequence[Failure] = ()) -> str:
    """One JSON object with an entry for each build, in the order given."""
    return document(
        {
            "version": VERSION,
            "files": [_file(build) for build in entries],
            "notes": notes(said),
            "errors": errors(failures),
        }
    )


def _file(build: Build) -> dict[str, Any]:
    dockerfile = build.dockerfile
    line_number = dockerfile.source.line_number
    return {
        "path": dockerfile.source.path,
        "directives": [
            {"name": directive.name, "value": directive.value, "line": line_number(directive.span.start)}
            for directive in dockerfile.directives
        ],
        "before": _instructions(dockerfile.before),
        "stages": [_stage(stage, build) for stage in dockerfile.stages],
        "references": [_reference(reference) for reference in dockerfile.graph.references],
        "problems": [
            {"line": line_number(problem.span.start), "message": problem.message} for problem in dockerfile.problems
        ],
    }


def _stage(stage: Stage, build: Build) -> dict[str, Any]:
    targets = [target for target in build.targets if target.stage == stage.index]
    return {
        "index": stage.index,
        "name": stage.from_.name.text if stage.from_.name else None,
        "base": stage.from_.base.text,
        "image": stage.base if stage.parent is None and stage.base else None,
        "line": stage.from_.line,
        "end_line": stage.instructions[-1].end_line,
        "shipped": bool(targets),
        "targets": [f"{target.path}:{target.line}" for target in targets if target.path],
        "instructions": _instructions(stage.instructions),
    }


def _instructions(instructions: Iterable[Instruction]) -> list[dict[str, Any]]:
    return [
        {"keyword": instruction.keyword.text, "line": instruction.line, "end_line": instruction.end_line}
        for instruction in instructions
    ]


def _reference(reference: Reference) -> dict[str, Any]:
    """What other arguments could make of a FROM is left out: `to` is what this build reads."""
    to: dict[str, Any]
    if reference.to is not None:
        to = {"stage": reference.to}
    elif reference.image is not None:
        to = {"image": reference.image}
    else:
        to = {"unknown": reference.unknown or ""}
    return {
        "stage": reference.stage,
        "kind": reference.kind,
        "line": reference.line,
        "word": reference.word.text,
        "to": to,
    }
