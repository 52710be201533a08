"""The nodes and arrows of a stage graph, for the formats that other programs lay out."""

from __future__ import annotations

import posixpath
from collections.abc import Iterator, Sequence

from msgspec import Struct

from lint_multistage.graphs.reads import Contexts, contexts_of, drawn_alternatives, fit, given, label_of, values
from lint_multistage.graphs.states import BUILT, stage_states
from lint_multistage.model.build import Build
from lint_multistage.model.contexts import OtherTarget
from lint_multistage.model.stages import Reference, Stage
from lint_multistage.reports.style import counted, one_line
from lint_multistage.roles import stage_role

IMAGE, UNKNOWN, CONTEXT = "image", "unknown", "context"
_KINDS = {"from": "FROM", "copy-from": "COPY", "mount-from": "mount", "onbuild": "ONBUILD"}
_MOST_PLACES = 3


class Node(Struct, frozen=True):
    """A stage, or something outside the file that one reads.

    `identifier` is a letter and a number; `lines` are the text to show; `look` is a state of a stage, or image, unknown
    or context (a named one). `sources` are the other targets that a context is the result of.
    """

    identifier: str
    lines: tuple[str, ...]
    look: str
    sources: tuple[OtherTarget, ...] = ()


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
    outside = _Outside()
    contexts = contexts_of(build)
    labels: dict[tuple[str, str, bool], dict[str, None]] = {}
    for reference in dockerfile.graph.references:
        for source, dotted in _sources(reference, dockerfile.stages, contexts, outside):
            arrow = (source, f"s{reference.stage}", dotted)
            labels.setdefault(arrow, {})[_KINDS[reference.kind]] = None
    return Parts(
        one_line(dockerfile.source.path),
        (*_stages(build), *outside.nodes.values()),
        tuple(Arrow(source, reader, ", ".join(kinds), dotted) for (source, reader, dotted), kinds in labels.items()),
        tuple(
            f"line {dockerfile.source.line_number(problem.span.start)}: {one_line(problem.message)}"
            for problem in dockerfile.problems
        ),
    )


def _stages(build: Build) -> Iterator[Node]:
    for stage, state in zip(build.dockerfile.stages, stage_states(build), strict=True):
        asked = [f"{one_line(x.path)}:{x.line}" for x in build.targets if x.stage == stage.index and x.path]
        places = [*dict.fromkeys(asked)]
        role = stage_role(build, stage.index) if state == BUILT else None
        lines = [label_of(stage), f"line {stage.from_.line}: {role.name if role else state}"]
        if role and role.reason:
            lines.append(one_line(role.reason))
        if places:
            more = [counted(len(places) - _MOST_PLACES, "other")] if len(places) > _MOST_PLACES else []
            lines.append(f"built by {', '.join([*places[:_MOST_PLACES], *more])}")
        yield Node(f"s{stage.index}", tuple(lines), state)


def _sources(
    reference: Reference, stages: Sequence[Stage], contexts: Contexts, outside: _Outside
) -> Iterator[tuple[str, bool]]:
    """The nodes that `reference` leads to, and whether only perhaps; what is new among them goes into `outside`."""
    found = given(reference, stages, contexts)
    if reference.to is not None:
        yield f"s{reference.to}", False
    elif reference.image is not None and not found:
        yield outside.node(IMAGE, (fit(reference.image),)), False
    elif not found:
        yield outside.node(UNKNOWN, (f"{fit(reference.unknown or '')} ?",)), False
    if found:
        lines = (fit(found[0].name), *(f"context {value}" for value in values(found)))
        sources = tuple(dict.fromkeys(context.source for context in found if context.source is not None))
        yield outside.node(CONTEXT, lines, sources), reference.to is not None
    drawn = drawn_alternatives(reference)
    for other in drawn:
        yield f"s{other}", True
    if reference.alternatives and not drawn:
        more = f"or {counted(len(reference.alternatives), 'other stage')} ({fit(reference.word.text)})"
        yield outside.node(UNKNOWN, (more,)), True


class _Outside:
    """The nodes outside of the file that were met so far."""

    def __init__(self) -> None:
        self.nodes: dict[tuple[str, tuple[str, ...]], Node] = {}

    def node(self, look: str, lines: tuple[str, ...], sources: tuple[OtherTarget, ...] = ()) -> str:
        """The identifier of the node with these lines."""
        new = Node(f"x{len(self.nodes)}", lines, look, sources)
        return self.nodes.setdefault((look, lines), new).identifier


def links(builds: Sequence[Build], drawn: Sequence[Parts]) -> Iterator[tuple[int, str, int, str]]:
    """Where a context is the result of a stage that is drawn, too: the number of the build and the identifier of the
    stage, and the same of the context.
    """
    numbers = {posixpath.normpath(build.dockerfile.source.path): at for at, build in reversed([*enumerate(builds)])}
    for number, each in enumerate(drawn):
        for node in each.nodes:
            for source in node.sources:
                other = numbers.get(source.path)
                if other is None or source.stage is None:
                    continue
                graph = builds[other].dockerfile.graph
                stage = graph.named(source.stage) if source.stage else len(graph.stages) - 1
                if stage is not None and stage >= 0:
                    yield other, f"s{stage}", number, node.identifier
