"""Google Cloud Build: the builds in the steps of a cloudbuild.yaml."""

from __future__ import annotations

import posixpath
import re

from lint_multistage.late import late_regex
from lint_multistage.project.commands import read_build
from lint_multistage.project.files import ProjectFiles
from lint_multistage.project.layouts import UNKNOWN, of_node, replaced, unknown
from lint_multistage.project.requests import BuildRequest
from lint_multistage.project.shells import (
    ROOT,
    START,
    Origin,
    Starts,
    may_build,
    once,
    origin_of,
    request_of,
    shell_requests,
)
from lint_multistage.project.yaml_nodes import Node
from lint_multistage.syntax.shell_commands import ShellWord
from lint_multistage.text import Span

_DOCKER = late_regex(r"(^|/)docker(@|:|$)")
_KANIKO = late_regex(r"kaniko")
_SHELLS = ("bash", "sh", "/bin/bash", "/bin/sh")
_SUBSTITUTION = late_regex(r"\$\$|\$\{?([A-Z_][A-Z0-9_]*)\}?")
_MOST_STEPS = 300


def read_cloudbuild(path: str, text: str, files: ProjectFiles) -> list[BuildRequest]:
    """What the steps of a Cloud Build configuration ask for."""
    if not may_build(text):
        return []
    origin = origin_of(files, path, text, "ci")
    requests: list[BuildRequest] = []
    for root in files.yaml(path):
        steps = root.get("steps")
        values = {name: value.text for name, value in _pairs(root.get("substitutions"))}
        for step in steps.values[:_MOST_STEPS] if steps is not None else ():
            requests += _step(step, values, origin)
    return once(requests)


def _pairs(node: Node | None) -> list[tuple[str, Node]]:
    return [(name, value) for name, value in node.items() if value.is_scalar] if node is not None else []


def _step(step: Node, values: dict[str, str], origin: Origin) -> list[BuildRequest]:
    # The steps run in the root of the source, or in `dir` below it; which folder is uploaded is not written here.
    folder = step.text_of("dir").removeprefix("/workspace").strip("/")
    own = posixpath.join(origin.folder, folder)
    started = Starts(tuple(dict.fromkeys((folder, own)))) if "$" not in folder else Starts((UNKNOWN,))
    name = step.text_of("id")
    script = step.get("script")
    if script is not None and script.is_scalar:
        return shell_requests(of_node(script, origin.source), origin, name=name, started=started)
    args = step.get("args")
    nodes = [node for node in args.values if node.is_scalar] if args is not None and args.is_sequence else []
    entrypoint = step.text_of("entrypoint")
    if entrypoint in _SHELLS:
        found: list[BuildRequest] = []
        for node in nodes:
            layout = replaced(of_node(node, origin.source), _SUBSTITUTION, lambda match: _value(match, values))
            found += shell_requests(layout, origin, name=name, started=started)
        return found
    image = step.text_of("name")
    if not _KANIKO.search(image) and entrypoint != "docker" and (entrypoint or not _DOCKER.search(image)):
        return []
    program = "/kaniko/executor" if _KANIKO.search(image) else "docker"
    at = step.get("name") or step
    words = [ShellWord(program, program, _span(at, origin))]
    for node in nodes:
        text = _SUBSTITUTION.sub(lambda match: _value(match, values), node.text)
        words.append(ShellWord(text.replace("/workspace", ROOT), f"'{text}'", _span(node, origin)))
    build = read_build(words)
    if build is None:
        return []
    return [request_of(build, origin, name=name, directory=START, started=started)]


def _value(match: re.Match[str], values: dict[str, str]) -> str:
    if match[1] is None:
        return "$"
    value = values.get(match[1])
    # Whoever submits the build may give its own substitutions other values, but seldom does.
    return value if value is not None and "$" not in value else unknown(match[1])


def _span(node: Node, origin: Origin) -> Span:
    source = origin.source
    start = source.starts[min(node.line, len(source.starts)) - 1] + node.column - 1 + (node.style in ("'", '"'))
    return Span(start, start)
