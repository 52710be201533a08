"""The nodes and arrows of a stage graph, for the formats that other programs lay out."""

from __future__ import annotations

from collections.abc import Iterator

from msgspec import Struct

from lint_multistage.graphs.reads import drawn_alternatives, fit, label_of
from lint_multistage.graphs.states import stage_states
from lint_multistage.model.build import Build
from lint_multistage.model.stages import Reference
from lint_multistage.reports.style import counted, one_line

IMAGE, UNKNOWN = "image", "unknown"
_KINDS = {"from": "FROM", "copy-from": "COPY", "mount-from": "mount", "onbuild": "ONBUILD"}
_MOST_PLACES = 3


class Node(Struct, frozen=True):
    """A stage, or something outside the file that one reads.

    `identifier` is a letter and a number; `lines` are the text to show; `look` is a state of a stage, or image or
    unknown.
    """

    identifier: str
    lines: tuple[str, ...]
    look: str


class Arrow(Struct, frozen=True):
    """`reader` reads `source`, both identifiers of nodes; a dotted one only perhaps."""

    source: str
    reader: str
    label: str
    dotted: bool = False


class Parts(Struct, frozen=True):
    """What is to be drawn of a build, all of it without line breaks. `problems` are what BuildKit refuses."""

    title: str
    nodes: tuple[Node, ...]
    arrows: tuple[Arrow, ...]
    problems: tuple[str, ...]


def parts(build: Build) -> Parts:
    """The parts of a build's graph, stages first, in file order. What two stages read of one kind is one arrow."""
    dockerfile = build.dockerfile
    outside: dict[tuple[str, str], str] = {}
    labels: dict[tuple[str, str, bool], dict[str, None]] = {}
    for reference in dockerfile.graph.references:
        for source, dotted in _sources(reference, outside):
            arrow = (source, f"s{reference.stage}", dotted)
            labels.setdefault(arrow, {})[_KINDS[reference.kind]] = None
    others = [Node(identifier, (text,), look) for (look, text), identifier in outside.items()]
    return Parts(
        one_line(dockerfile.source.path),
        (*_stages(build), *others),
        tuple(Arrow(source, reader, ", ".join(kinds), dotted) for (source, reader, dotted), kinds in labels.items()),
        tuple(
            f"line {dockerfile.source.line_number(problem.span.start)}: {one_line(problem.message)}"
            for problem in dockerfile.problems
        ),
    )


def _stages(build: Build) -> Iterator[Node]:
    for stage, state in zip(build.dockerfile.stages, stage_states(build), strict=True):
        places = [f"{one_line(x.path)}:{x.line}" for x in build.targets if x.stage == stage.index and x.path]
        lines = [label_of(stage), f"line {stage.from_.line}: {state}"]
        if places:
            more = [counted(len(places) - _MOST_PLACES, "other")] if len(places) > _MOST_PLACES else []
            lines.append(f"built by {', '.join([*places[:_MOST_PLACES], *more])}")
        yield Node(f"s{stage.index}", tuple(lines), state)


def _sources(reference: Reference, outside: dict[tuple[str, str], str]) -> Iterator[tuple[str, bool]]:
    """The nodes that `reference` leads to, and whether only perhaps; what is new among them goes into `outside`."""
    if reference.to is not None:
        yield f"s{reference.to}", False
    elif reference.image is not None:
        yield _outer(IMAGE, fit(reference.image), outside), False
    else:
        yield _outer(UNKNOWN, f"{fit(reference.unknown or '')} ?", outside), False
    drawn = drawn_alternatives(reference)
    for other in drawn:
        yield f"s{other}", True
    if reference.alternatives and not drawn:
        more = f"or {counted(len(reference.alternatives), 'other stage')} ({fit(reference.word.text)})"
        yield _outer(UNKNOWN, more, outside), True


def _outer(look: str, text: str, outside: dict[tuple[str, str], str]) -> str:
    return outside.setdefault((look, text), f"x{len(outside)}")
