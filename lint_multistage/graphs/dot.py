"""The stage graph in the language of Graphviz."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from lint_multistage.graphs.parts import CONTEXT, IMAGE, UNKNOWN, Node, Parts, links, parts
from lint_multistage.graphs.states import BUILT, NEEDED, NOT_NEEDED, PERHAPS, SHIPS
from lint_multistage.model.build import Build

_LOOKS = {
    SHIPS: 'style="filled,rounded,bold" fillcolor="#1a7f37" color="#116329" fontcolor="#ffffff"',
    BUILT: 'style="filled,rounded,bold" fillcolor="#0969da" color="#0a3069" fontcolor="#ffffff"',
    NEEDED: 'fillcolor="#ddf4ff" color="#0969da" fontcolor="#0a3069"',
    PERHAPS: 'style="filled,rounded,dashed" fillcolor="#fff8c5" color="#9a6700" fontcolor="#4d2d00"',
    NOT_NEEDED: 'style="filled,rounded,dotted" fillcolor="#f6f8fa" color="#57606a" fontcolor="#57606a"',
    IMAGE: 'shape="cylinder" style="filled" fillcolor="#ffffff" color="#57606a" fontcolor="#24292f"',
    CONTEXT: 'shape="folder" style="filled" fillcolor="#fbefff" color="#8250df" fontcolor="#512a97"',
    UNKNOWN: 'shape="hexagon" style="filled" fillcolor="#ffffff" color="#cf222e" fontcolor="#82071e"',
}


def render(builds: Sequence[Build]) -> str:
    """One directed graph, from what is read to what reads it, with a frame for each build; empty without builds."""
    if not builds:
        return ""
    lines = [
        "digraph stages {",
        '  graph [rankdir="LR" fontname="sans-serif"];',
        '  node [shape="box" style="filled,rounded" fontname="sans-serif"];',
        '  edge [fontname="sans-serif" fontsize="10"];',
    ]
    drawn = [parts(build) for build in builds]
    for number, each in enumerate(drawn):
        lines += _build(each, f"f{number}")
    for number, stage, reader, node in links(builds, drawn):
        lines.append(f'  f{number}{stage} -> f{reader}{node} [style="dashed"];')
    return "\n".join([*lines, "}"]) + "\n"


def _build(drawn: Parts, prefix: str) -> Iterator[str]:
    yield from (f"  // {problem}" for problem in drawn.problems)
    yield f"  subgraph cluster_{prefix} {{"
    yield f"    label={_quoted(drawn.title)};"
    for node in drawn.nodes:
        yield f"    {prefix}{node.identifier} [label={_label(node)} {_LOOKS[node.look]}];"
    yield "  }"
    for arrow in drawn.arrows:
        style = ' style="dashed"' if arrow.dotted else ""
        yield f"  {prefix}{arrow.source} -> {prefix}{arrow.reader} [label={_quoted(arrow.label)}{style}];"


def _label(node: Node) -> str:
    return '"' + r"\n".join(map(_text, node.lines)) + '"'


def _quoted(text: str) -> str:
    return f'"{_text(text)}"'


def _text(text: str) -> str:
    """`text` within a quoted label, where a backslash, a quote and an entity of HTML would mean something."""
    return text.replace("&", "&amp;").replace("\\", "\\\\").replace('"', '\\"')
