"""CircleCI: the builds that the steps of its jobs and its Docker orb ask for."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping

from lint_multistage.late import late_regex
from lint_multistage.project.commands import BuildCommand, Value, read_build
from lint_multistage.project.files import ProjectFiles
from lint_multistage.project.layouts import UNKNOWN, of_node, replaced, unknown
from lint_multistage.project.pipelines import (
    MOST_NODES,
    MOST_SCRIPTS,
    mappings_in,
    requests_of,
    settled,
    span_of,
    variables_of,
    words_of,
)
from lint_multistage.project.requests import BuildRequest
from lint_multistage.project.shells import AT_ROOT, ROOT, START, Origin, Starts, request_of, shell_requests
from lint_multistage.project.yaml_nodes import Node

_PARAMETER = late_regex(r"<<\s*(?:pipeline\.)?(?:parameters|matrix)\.([\w-]+)\s*>>")
_ANY_PARAMETER = late_regex(r"<<[^<>\n]*>>")


def read_circleci(path: str, text: str, files: ProjectFiles) -> list[BuildRequest]:
    """What the steps of a CircleCI pipeline ask for."""
    return requests_of(path, text, files, _builds)


def _builds(root: Node, origin: Origin) -> Iterator[BuildRequest]:
    left = MOST_SCRIPTS
    for section in ("jobs", "commands"):
        for name, job in _entries(root.get(section)):
            environment = {**variables_of(job.get("environment")), "CIRCLE_WORKING_DIRECTORY": ROOT}
            for step in mappings_in(job.get("steps")):
                for run in (step.get("run"), step.get("docker/build")):
                    if run is not None and left > 0:
                        left -= 1
                        yield from _step(run, job, name, origin, environment)
    for run in _orb_jobs(root.get("workflows")):
        yield from _orb(run, "", origin)


def _step(run: Node, job: Node, name: str, origin: Origin, environment: Mapping[str, str]) -> list[BuildRequest]:
    command = run if run.is_scalar else run.get("command")
    if command is None:
        return _orb(run, name, origin)
    variables = {**environment, **variables_of(run.get("environment"))}
    values = {key: node.text_of("default") for key, node in _entries(job.get("parameters")) if node.get("default")}

    def value(match: re.Match[str]) -> str:
        known = _PARAMETER.fullmatch(match[0])
        # Whoever runs the job may give another value.
        return unknown(known[1] if known else match[0])

    layout = replaced(of_node(command, origin.source), _ANY_PARAMETER, value)
    started = _started(run.text_of("working_directory") or job.text_of("working_directory"))
    requests = shell_requests(layout, origin, name=name, started=started, variables=settled(variables))
    if values and any(request.target is None for request in requests):
        layout = replaced(
            of_node(command, origin.source),
            _PARAMETER,
            lambda match: values.get(match[1], unknown(match[1])),
        )
        others = shell_requests(layout, origin, name=name, started=started, variables=settled(variables))
        requests = [*(other for other in others if other.target is not None), *requests]
    return requests


def _started(directory: str) -> Starts:
    """Where a step with that working directory is started."""
    directory = directory.removeprefix("~/project").removeprefix("./").strip("/")
    if directory.startswith("~") or directory == ".":
        directory = ""
    return Starts((directory,)) if "<<" not in directory and "$" not in directory else Starts((UNKNOWN,))


def _orb_jobs(node: Node | None) -> Iterator[Node]:
    """Uses of the `docker/publish` job of CircleCI's Docker orb."""
    for number, each in enumerate(node.walk() if node is not None else ()):
        if number > MOST_NODES:
            return
        found = each.get("docker/publish")
        if found is not None and found.is_mapping:
            yield found


def _orb(node: Node, name: str, origin: Origin) -> list[BuildRequest]:
    """A use of the Docker orb."""
    extra = read_build(words_of("docker build " + node.text_of("extra_build_args"), node, origin))
    folder = node.text_of("path") or "."
    file = node.text_of("dockerfile") or "Dockerfile"
    known = "<<" not in folder and "$" not in folder
    build = BuildCommand(
        program=span_of(node, origin),
        file=Value(
            f"{folder}/{file}" if known and "<<" not in file and "$" not in file else None, span_of(node, origin)
        ),
        target=extra.target if extra is not None else None,
        context=Value(node.text_of("docker-context") or folder if known else None, span_of(node, origin)),
        arguments=extra.arguments if extra is not None else {},
    )
    return [request_of(build, origin, name=name, directory=START, started=AT_ROOT)]


def _entries(node: Node | None) -> Iterable[tuple[str, Node]]:
    return [(name, value) for name, value in node.items() if value.is_mapping] if node is not None else []
