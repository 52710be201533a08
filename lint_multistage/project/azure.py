"""Azure Pipelines: the builds that their scripts and Docker tasks ask for."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from lint_multistage.late import late_regex
from lint_multistage.project.commands import BuildCommand, Value, read_build
from lint_multistage.project.files import ProjectFiles
from lint_multistage.project.layouts import UNKNOWN, of_node, replaced, unknown
from lint_multistage.project.pipelines import (
    MOST_SCRIPTS,
    mappings_below,
    requests_of,
    span_of,
    variables_of,
    words_of,
)
from lint_multistage.project.requests import BuildRequest
from lint_multistage.project.shells import AT_ROOT, ROOT, START, Origin, Starts, request_of, shell_requests
from lint_multistage.project.yaml_nodes import Node
from lint_multistage.syntax.shell_commands import ShellWord
from lint_multistage.syntax.shell_layout import Layout

_MACRO = late_regex(r"\$\(([A-Za-z_][\w.]*)\)")
_TEMPLATE = late_regex(r"\$\{\{((?:(?!\}\}|\$\{\{).){0,1000})\}\}", re.DOTALL)
_FOLDERS = ("Build.SourcesDirectory", "System.DefaultWorkingDirectory", "Build.Repository.LocalPath")


def read_azure(path: str, text: str, files: ProjectFiles) -> list[BuildRequest]:
    """What the steps of an Azure pipeline ask for."""
    return requests_of(path, text, files, _builds)


def _builds(root: Node, origin: Origin) -> Iterator[BuildRequest]:
    left = MOST_SCRIPTS
    variables = dict.fromkeys(_FOLDERS, ROOT)
    for node in mappings_below(root):
        variables |= _variables(node.get("variables"))
    for node in mappings_below(root):
        for key in ("script", "bash"):
            script = node.get(key)
            if script is not None and script.is_scalar and left > 0:
                left -= 1
                yield from _script(script, node.text_of("workingDirectory"), variables, origin)
        if node.text_of("task").startswith("Docker@"):
            yield from _docker_task(node, variables, origin)


def _variables(node: Node | None) -> dict[str, str]:
    if node is None or not node.is_sequence:
        return variables_of(node)
    pairs = ((entry.text_of("name"), entry.get("value")) for entry in node.values)
    return {name: value.text for name, value in pairs if name and value is not None}


def _macros(layout: Layout, variables: Mapping[str, str]) -> Layout:
    layout = replaced(layout, _TEMPLATE, lambda match: unknown(match[1].strip()))

    def value(match: re.Match[str]) -> str | None:
        known = variables.get(match[1])
        if known is not None:
            return known if "$" not in known else unknown(match[1])
        # A command of one word looks the same.
        return unknown(match[1]) if "." in match[1] or match[1].isupper() or match[1][0].isupper() else None

    return replaced(layout, _MACRO, value)


def _script(script: Node, directory: str, variables: Mapping[str, str], origin: Origin) -> list[BuildRequest]:
    directory = _macros(Layout(directory, ((0, 0),)), variables).text.removeprefix(ROOT).strip("/")
    started = Starts((directory if "$" not in directory else UNKNOWN,))
    return shell_requests(_macros(of_node(script, origin.source), variables), origin, started=started)


def _docker_task(node: Node, variables: Mapping[str, str], origin: Origin) -> list[BuildRequest]:
    """`Docker@2`, which runs `docker build -f Dockerfile arguments buildContext`."""
    given = node.get("inputs")
    if given is None or not given.is_mapping:
        return []
    inputs = {name.lower(): value for name, value in given.items() if value.is_scalar}
    command = inputs["command"].text.lower() if "command" in inputs else "buildandpush"
    if command not in ("build", "buildandpush", "build an image"):
        return []
    found = inputs.get("dockerfile") or inputs.get("dockerfilepath")
    words: list[ShellWord] = []
    for name in ("arguments", "buildarguments"):
        # `buildAndPush` takes no arguments.
        if name in inputs and command != "buildandpush":
            text = _macros(Layout(inputs[name].text, ((0, 0),)), variables).text
            words += words_of(text, inputs[name], origin)
    head = words_of("docker build", node.get("task") or node, origin)
    build = read_build((*head, *words))
    file = _macros(Layout(found.text if found is not None else "**/Dockerfile", ((0, 0),)), variables).text
    literal = UNKNOWN not in file and "*" not in file
    span = span_of(found if found is not None else node, origin)
    context = inputs.get("buildcontext")
    where = _macros(Layout(context.text, ((0, 0),)), variables).text if context is not None else "**"
    if where == "**":
        where = file.rpartition("/")[0] or "."
    if build is None:
        return []
    return [
        request_of(
            BuildCommand(
                program=build.program,
                file=Value(file if literal else None, span),
                target=build.target,
                context=Value(where if UNKNOWN not in where and "*" not in where else None, span),
                arguments=build.arguments,
                open=build.open,
            ),
            origin,
            name=node.text_of("displayName"),
            directory=START,
            started=AT_ROOT,
        )
    ]
