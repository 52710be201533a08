"""Who builds which stage, as a table for people and as JSON."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from lint_multistage.findings import Failure, Note
from lint_multistage.graphs.json import role
from lint_multistage.graphs.states import BUILT, NEEDED, NOT_NEEDED, PERHAPS, SHIPS, stage_states
from lint_multistage.model.build import Build, Place, Target
from lint_multistage.model.stages import Stage
from lint_multistage.reports.json import document, errors, notes
from lint_multistage.reports.style import BLUE, BOLD, DIM, GREEN, YELLOW, Style, one_line, shortened, width
from lint_multistage.roles import stage_role

_LOOKS = {SHIPS: GREEN, BUILT: BLUE, NOT_NEEDED: YELLOW, PERHAPS: DIM, NEEDED: DIM}
_WIDEST = 40


def render(builds: Sequence[Build], colour: bool = False) -> str:
    """For each Dockerfile its stages, what becomes of them and who builds them. Empty without builds."""
    style = Style(colour)
    return "\n".join("\n".join(_table(build, style)) + "\n" for build in builds)


def render_json(builds: Sequence[Build], said: Sequence[Note] = (), failures: Sequence[Failure] = ()) -> str:
    """The same for programs: `files` with their `stages`; `built_by` are the places that ask for one."""
    return document(
        {
            "version": 1,
            "files": [_file(build) for build in builds],
            "notes": notes(said),
            "errors": errors(failures),
        }
    )


def _table(build: Build, style: Style) -> Iterator[str]:
    yield style.paint(one_line(build.dockerfile.source.path), BOLD)
    states = stage_states(build)
    stages = build.dockerfile.stages
    names = [shortened(one_line(stage.label), _WIDEST) for stage in stages]
    columns = max((width(name) for name in names), default=0)
    words = [_state(build, stage, state) for stage, state in zip(stages, states, strict=True)]
    wide = max(map(len, words), default=0)
    for stage, name, state, word in zip(stages, names, states, words, strict=True):
        cells = (
            f"{stage.from_.line:>4}",
            name + " " * (columns - width(name)),
            style.paint(f"{word:{wide}}", _LOOKS[state]),
        )
        yield f"  {'  '.join(cells)}  {one_line(', '.join(_who(build, stage)))}".rstrip()
    for unknown in build.unknown_targets:
        yield f"        no stage '{one_line(unknown.name)}', asked for by {_at(unknown.place)}"
    if build.unclear:
        yield f"        may build others: {', '.join(_at(place) for place in build.unclear[:3])}"


def _state(build: Build, stage: Stage, state: str) -> str:
    return stage_role(build, stage.index).name if state == BUILT else state


def _who(build: Build, stage: Stage) -> Iterator[str]:
    """The places that ask for a stage; `default` is a build without a target, `not read` a file that could not be read
    and may ask.
    """
    asked = [target for target in build.targets if target.stage == stage.index]
    for target in asked:
        if target.path:
            name = f" ({target.name})" if target.name else ""
            yield f"{one_line(target.path)}:{target.line}{name}"
    for target in build.perhaps:
        if target.stage == stage.index:
            yield f"{one_line(target.path)}:{target.line} ({'perhaps' if target.kind else 'not read'})"
    if any(not target.path for target in asked):
        yield "default"


def _at(place: Place) -> str:
    return f"{one_line(place.path)}:{place.line}"


def _file(build: Build) -> dict[str, Any]:
    states = stage_states(build)
    return {
        "path": build.dockerfile.source.path,
        "stages": [
            {
                "index": stage.index,
                "name": stage.from_.name.text if stage.from_.name else None,
                "line": stage.from_.line,
                "state": states[stage.index],
                **role(build, stage.index, states[stage.index]),
                "built_by": [_target(x) for x in build.targets if x.stage == stage.index and x.path],
            }
            for stage in build.dockerfile.stages
        ],
        "unknown_targets": [
            {"name": x.name, "path": x.place.path, "line": x.place.line} for x in build.unknown_targets
        ],
        "unclear": [{"path": place.path, "line": place.line} for place in build.unclear],
    }


def _target(target: Target) -> dict[str, Any]:
    return {"path": target.path, "line": target.line, "kind": target.kind, "name": target.name, "ships": target.ships}
