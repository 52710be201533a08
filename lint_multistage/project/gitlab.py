"""GitLab CI: the builds that the scripts of its jobs ask for."""

from __future__ import annotations

from collections.abc import Iterator

from lint_multistage.project.files import ProjectFiles
from lint_multistage.project.layouts import of_node
from lint_multistage.project.pipelines import MOST_NODES, MOST_SCRIPTS, requests_of, settled, variables_of
from lint_multistage.project.requests import BuildRequest
from lint_multistage.project.shells import ROOT, Origin, may_build, shell_requests
from lint_multistage.project.yaml_nodes import Node
from lint_multistage.syntax.shell_layout import Layout

_SCRIPTS = ("before_script", "script", "after_script")
_NO_JOBS = frozenset(("variables", "workflow", "include", "stages", "spec", "cache", "image", "services"))
_MOST_JOBS = 50


def read_gitlab(path: str, text: str, files: ProjectFiles) -> list[BuildRequest]:
    """What the jobs of a GitLab pipeline ask for."""
    return requests_of(path, text, files, _builds)


def _builds(root: Node, origin: Origin) -> Iterator[BuildRequest]:
    left = MOST_SCRIPTS
    common = settled({"CI_PROJECT_DIR": ROOT, **variables_of(root.get("variables"))})
    for name, job in root.items():
        if not job.is_mapping or name in _NO_JOBS:
            continue
        layouts = [layout for layout in _together(job, origin) if may_build(layout.text)] if left > 0 else []
        for values in _matrix(job.get("parallel", "matrix")) if layouts else ():
            variables = {**common, **settled({**variables_of(job.get("variables")), **values}, common)}
            for layout in layouts:
                left -= 1
                yield from shell_requests(layout, origin, name=name, variables=variables)


def _matrix(node: Node | None) -> Iterator[dict[str, str]]:
    """The variables of each job that `parallel: matrix:` makes; those of a plain job."""
    if node is None or not node.is_sequence:
        yield {}
        return
    made: list[dict[str, str]] = []
    for entry in node.values[:_MOST_JOBS]:
        found: list[dict[str, str]] = [{}]
        for name, value in entry.items():
            choices = value.values if value.is_sequence else (value,)
            found = [{**one, name: choice.text} for one in found for choice in choices][:_MOST_JOBS]
        made += found
    yield from made[:_MOST_JOBS]


def _together(job: Node, origin: Origin) -> list[Layout]:
    """The scripts of a job, `before_script` and `script` as the one that they are run as."""
    parts = [[node for node in _lines(job.get(key)) if node.text] for key in _SCRIPTS]
    both = [of_node(node, origin.source) for node in (*parts[0], *parts[1])]
    after = [of_node(node, origin.source) for node in parts[2]]
    return [_joined(layouts) for layouts in (both, after) if layouts]


def _lines(node: Node | None) -> Iterator[Node]:
    """The lines of a script, in nested lists too, as anchors and references make them."""
    if node is None:
        return
    for number, each in enumerate(node.walk()):
        if number > MOST_NODES:
            return
        if each.is_scalar and not each.tag:
            yield each


def _joined(layouts: list[Layout]) -> Layout:
    """Scripts one behind the other."""
    text, pieces = "", []
    for layout in layouts:
        if layout.whole is not None:
            continue
        pieces += [(len(text) + at, offset) for at, offset in layout.pieces]
        text += layout.text + "\n"
    return Layout(text, tuple(pieces)) if pieces else layouts[0]
