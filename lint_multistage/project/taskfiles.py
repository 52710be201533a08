"""Taskfiles: the builds that their commands ask for."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator, Mapping

from lint_multistage.late import late_regex
from lint_multistage.project.files import ProjectFiles
from lint_multistage.project.layouts import UNKNOWN, of_node, replaced, unknown
from lint_multistage.project.requests import BuildRequest
from lint_multistage.project.shells import (
    ROOT,
    START,
    Origin,
    Starts,
    in_folder,
    may_build,
    once,
    origin_of,
    shell_requests,
)
from lint_multistage.project.yaml_nodes import Node

_TEMPLATE = late_regex(r"\{\{-?((?:(?!\}\}|\{\{).){0,500})\}\}", re.DOTALL)
_NAME = late_regex(r"\.(\w+)$")
_DEFAULT = late_regex(r"(?:\.(\w+)\s*\|\s*default\s+\"([^\"]*)\"|default\s+\"([^\"]*)\"\s+\.(\w+))$")
_MOST_COMMANDS = 400
_MOST_CALLS = 20


def read_taskfile(path: str, text: str, files: ProjectFiles) -> list[BuildRequest]:
    """What the tasks of a Taskfile ask for."""
    if not may_build(text):
        return []
    origin = origin_of(files, path, text, "make")
    requests: list[BuildRequest] = []
    left = _MOST_COMMANDS
    for root in files.yaml(path):
        tasks = root.get("tasks")
        if tasks is None or not tasks.is_mapping:
            continue
        outer = _variables(root.get("vars"))
        calls = _calls(tasks)
        for name, task in tasks.items():
            given = [{}, *calls.get(name, [])[:_MOST_CALLS]]
            for node in _commands(task):
                for values in given:
                    left -= 1
                    if left >= 0:
                        # What a caller gives comes before the task's own variables.
                        variables = {**outer, **_variables(task.get("vars")), **values}
                        requests += _read(node, name, task, variables, origin)
    return once(requests)


def _read(node: Node, name: str, task: Node, variables: Mapping[str, str | None], origin: Origin) -> list[BuildRequest]:
    layout = replaced(of_node(node, origin.source), _TEMPLATE, lambda match: _value(match, variables))
    folder = _TEMPLATE.sub(lambda match: _value(match, variables), task.text_of("dir"))
    started = in_folder(origin.path)
    if UNKNOWN in folder or "$" in folder:
        started = Starts((UNKNOWN,))
    elif folder:
        folder = folder.replace(START, posixpath.join(ROOT, origin.folder))
        joined = posixpath.normpath(posixpath.join(ROOT, origin.folder, folder))
        started = Starts((joined.removeprefix(ROOT).strip("/"),))
    return shell_requests(layout, origin, name=name, started=started)


def _value(match: re.Match[str], variables: Mapping[str, str | None]) -> str:
    content = match[1].strip().removesuffix("-").rstrip()
    named = _NAME.match(content)
    if named is not None:
        if named[1] in ("TASKFILE_DIR", "ROOT_DIR", "USER_WORKING_DIR"):
            return START
        value = variables.get(named[1])
        return unknown(named[1]) if value is None else value
    default = _DEFAULT.match(content)
    if default is not None:
        value = variables.get(default[1] or default[4])
        if value is not None:
            return value
    return unknown(content)


def _variables(node: Node | None) -> dict[str, str | None]:
    """The literal variables of a Taskfile or a task."""
    if node is None or not node.is_mapping:
        return {}
    return {name: _literal(value) for name, value in node.items()}


def _literal(node: Node) -> str | None:
    return node.text if node.is_scalar and "{{" not in node.text else None


def _commands(task: Node) -> Iterator[Node]:
    """The commands of a task, in whichever way they are written."""
    if task.is_scalar:
        yield task
        return
    single = task.get("cmd")
    if single is not None and single.is_scalar:
        yield single
    commands = task.get("cmds") or task
    for each in (commands,) if commands.is_scalar else commands.values:
        command = each.get("cmd") if each.is_mapping else each
        if command is not None and command.is_scalar:
            yield command


def _calls(tasks: Node) -> dict[str, list[dict[str, str | None]]]:
    """The variables with which tasks call others, by the name of the task that is called."""
    found: dict[str, list[dict[str, str | None]]] = {}
    for number, node in enumerate(tasks.walk()):
        if number > 20_000:
            break
        name, given = node.text_of("task"), node.get("vars")
        if name and given is not None:
            found.setdefault(name, []).append(_variables(given))
    return found
