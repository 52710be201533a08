"""The stage graph as a Mermaid flowchart, which GitHub, GitLab and many editors draw in Markdown."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from lint_multistage.graphs.parts import CONTEXT, IMAGE, UNKNOWN, Node, Parts, links, parts
from lint_multistage.graphs.states import BUILT, NEEDED, NOT_NEEDED, PERHAPS, SHIPS
from lint_multistage.late import late_regex
from lint_multistage.model.build import Build

# Letters, digits and blanks, and what has no meaning to Mermaid, to Markdown or to HTML.
_SPECIAL = late_regex(r"[^\w ,./:@?()-]|(?<![a-zA-Z0-9])_|_(?![a-zA-Z0-9])|^-|(?<=\d)\.(?= )")
_SHAPES = {SHIPS: ("([", "])"), BUILT: ("([", "])"), IMAGE: ("[(", ")]"), CONTEXT: ("[/", "/]"), UNKNOWN: ("{{", "}}")}
_CLASSES = {
    SHIPS: "ships",
    BUILT: "built",
    NEEDED: "needed",
    PERHAPS: "perhaps",
    NOT_NEEDED: "unneeded",
    IMAGE: "image",
    CONTEXT: "context",
    UNKNOWN: "unknown",
}
_LOOKS = {
    "ships": "fill:#1a7f37,stroke:#116329,color:#ffffff",
    "built": "fill:#0969da,stroke:#0a3069,color:#ffffff",
    "needed": "fill:#ddf4ff,stroke:#0969da,color:#0a3069",
    "perhaps": "fill:#fff8c5,stroke:#9a6700,color:#4d2d00,stroke-dasharray:5 3",
    "unneeded": "fill:#f6f8fa,stroke:#afb8c1,color:#57606a,stroke-dasharray:2 2",
    "image": "fill:#ffffff,stroke:#57606a,color:#24292f",
    "context": "fill:#fbefff,stroke:#8250df,color:#512a97",
    "unknown": "fill:#ffffff,stroke:#cf222e,color:#82071e",
}


def render(builds: Sequence[Build]) -> str:
    """One flowchart, from what is read to what reads it, with a frame for each build; empty without builds."""
    if not builds:
        return ""
    lines = ["flowchart LR"]
    used: dict[str, None] = {}
    drawn = [parts(build) for build in builds]
    for number, each in enumerate(drawn):
        lines += _build(each, f"f{number}", used)
    lines += [f"  f{build}{stage} -.-> f{reader}{node}" for build, stage, reader, node in links(builds, drawn)]
    lines += [f"  classDef {name} {look}" for name, look in _LOOKS.items() if name in used]
    return "\n".join(lines) + "\n"


def _build(drawn: Parts, prefix: str, used: dict[str, None]) -> Iterator[str]:
    """The lines of a build; the classes of its nodes are added to `used`."""
    yield from (f"  %% {_text(problem)}" for problem in drawn.problems)
    yield f'  subgraph {prefix}["{_text(drawn.title)}"]'
    for node in drawn.nodes:
        used[_CLASSES[node.look]] = None
        yield f"    {_node(node, prefix)}"
    yield "  end"
    for arrow in drawn.arrows:
        line = "-.->" if arrow.dotted else "-->"
        yield f"  {prefix}{arrow.source} {line}|{_text(arrow.label)}| {prefix}{arrow.reader}"


def _node(node: Node, prefix: str) -> str:
    left, right = _SHAPES.get(node.look, ("[", "]"))
    text = "<br/>".join(map(_text, node.lines))
    return f'{prefix}{node.identifier}{left}"{text}"{right}:::{_CLASSES[node.look]}'


def _text(text: str) -> str:
    """`text` for a quoted label: everything that could mean something is written as its number."""
    return _SPECIAL.sub(lambda match: f"#{ord(match[0])};", text)
