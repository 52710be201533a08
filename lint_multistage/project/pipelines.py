"""What the pipelines of several services have in common: YAML with scripts in jobs and steps."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

from lint_multistage.late import late_regex
from lint_multistage.project.files import ProjectFiles
from lint_multistage.project.requests import BuildRequest
from lint_multistage.project.shells import Origin, may_build, once, origin_of
from lint_multistage.project.yaml_nodes import Node
from lint_multistage.syntax.shell_commands import ShellWord
from lint_multistage.text import Span

MOST_NODES = 20_000
MOST_SCRIPTS = 400
_MOST_DOCUMENTS = 3
_MOST_VARIABLES = 300
_MOST_PASSES = 4
_LONGEST_VALUE = 2_000
_REFERENCE = late_regex(r"\$\{?([A-Za-z_]\w*)\}?")


def requests_of(
    path: str, text: str, files: ProjectFiles, read: Callable[[Node, Origin], Iterator[BuildRequest]]
) -> list[BuildRequest]:
    """What `read` finds in the documents of a pipeline, of which there are no more than one or two."""
    if not may_build(text):
        return []
    origin = origin_of(files, path, text, "ci")
    return once([request for root in files.yaml(path)[:_MOST_DOCUMENTS] for request in read(root, origin)])


def variables_of(node: Node | None) -> dict[str, str]:
    """The `variables` of a pipeline or a job."""
    if node is None or not node.is_mapping:
        return {}
    pairs = list(node.items())[:_MOST_VARIABLES]
    values = ((name, value if value.is_scalar else value.get("value")) for name, value in pairs)
    return {name: value.text for name, value in values if value is not None}


def settled(variables: Mapping[str, str], outer: Mapping[str, str] | None = None) -> dict[str, str]:
    """Variables whose values name no others that are unknown."""
    known = {**(outer or {}), **variables}
    found: dict[str, str] = {}
    for name, text in variables.items():
        for _ in range(_MOST_PASSES):
            if "$" not in text or len(text) > _LONGEST_VALUE:
                break
            text = _REFERENCE.sub(lambda match: known.get(match[1], match[0]), text)
        if "$" not in text and len(text) <= _LONGEST_VALUE:
            found[name] = text
    return found


def words_of(text: str, node: Node, origin: Origin) -> list[ShellWord]:
    """The words of a short command line that stands in one scalar."""
    span = span_of(node, origin)
    return [ShellWord(word if "$" not in word else None, word, span) for word in text.split()]


def span_of(node: Node, origin: Origin) -> Span:
    """The place at which a node starts."""
    source = origin.source
    start = source.starts[min(node.line, len(source.starts)) - 1] + node.column - 1
    return Span(start, start)


def mappings_in(node: Node | None) -> list[Node]:
    """The mappings below a list of steps, conditional ones included."""
    return list(mappings_below(node)) if node is not None else []


def mappings_below(node: Node) -> Iterator[Node]:
    """A node's mappings, itself among them, however deep."""
    for number, each in enumerate(node.walk()):
        if number > MOST_NODES:
            return
        if each.is_mapping:
            yield each
