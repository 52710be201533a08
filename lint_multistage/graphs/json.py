"""The stage graph that programs read."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from lint_multistage.facts.sizes import Size
from lint_multistage.findings import Failure, Note
from lint_multistage.graphs.reads import Contexts, contexts_of, given
from lint_multistage.graphs.sizes import base_sizes
from lint_multistage.graphs.states import BUILT, SHIPS, stage_states
from lint_multistage.model.build import Build
from lint_multistage.model.contexts import NamedContext
from lint_multistage.model.stages import Reference, Stage
from lint_multistage.reports.json import VERSION, document, errors, notes
from lint_multistage.roles import stage_role
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
    contexts = contexts_of(build)
    sizes = base_sizes(build)
    return {
        "path": dockerfile.source.path,
        "directives": [
            {"name": directive.name, "value": directive.value, "line": line_number(directive.span.start)}
            for directive in dockerfile.directives
        ],
        "before": _instructions(dockerfile.before),
        "stages": [
            _stage(stage, build, state, sizes)
            for stage, state in zip(dockerfile.stages, stage_states(build), strict=True)
        ],
        "references": [_reference(reference, build, contexts) for reference in dockerfile.graph.references],
        "problems": [
            {"line": line_number(problem.span.start), "message": problem.message} for problem in dockerfile.problems
        ],
    }


def _stage(stage: Stage, build: Build, state: str, sizes: dict[int, Size]) -> dict[str, Any]:
    targets = [target for target in build.targets if target.stage == stage.index]
    return {
        "index": stage.index,
        "name": stage.from_.name.text if stage.from_.name else None,
        "base": stage.from_.base.text,
        "image": stage.base if stage.parent is None and stage.base else None,
        "size": sizes[stage.index].data if stage.index in sizes else None,
        "line": stage.from_.line,
        "end_line": stage.instructions[-1].end_line,
        "shipped": state == SHIPS,
        **role(build, stage.index, state),
        "targets": [f"{target.path}:{target.line}" for target in targets if target.path],
        "instructions": _instructions(stage.instructions),
    }


def role(build: Build, stage: int, state: str) -> dict[str, Any]:
    """What the image of a stage that somebody builds is for, and why that is thought; null for the others."""
    found = stage_role(build, stage) if state in (SHIPS, BUILT) else None
    return {"role": found.name if found else None, "role_reason": found.reason or None if found else None}


def _instructions(instructions: Iterable[Instruction]) -> list[dict[str, Any]]:
    return [
        {"keyword": instruction.keyword.text, "line": instruction.line, "end_line": instruction.end_line}
        for instruction in instructions
    ]


def _reference(reference: Reference, build: Build, contexts: Contexts) -> dict[str, Any]:
    """What other arguments could make of a FROM is left out: `to` is what this build reads.

    `given` is there only where some build gives a named context: what each gives in place of the stage or image.
    """
    found = given(reference, build.dockerfile.stages, contexts)
    to: dict[str, Any]
    if reference.to is not None:
        to = {"stage": reference.to}
    elif found:
        to = {"context": found[0].name}
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
        **({"given": [_given(context) for context in found]} if found else {}),
    }


def _given(context: NamedContext) -> dict[str, Any]:
    source = context.source
    return {
        "value": context.value or None,
        "by": context.by,
        "target": {"path": source.path, "stage": source.stage or None} if source else None,
    }
