"""Pipelines of GitLab CI, CircleCI and Azure: the builds that their scripts and tasks ask for."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping

from lint_multistage.project.commands import BuildCommand, Value, read_build
from lint_multistage.project.files import ProjectFiles
from lint_multistage.project.layouts import UNKNOWN, of_node, replaced, unknown
from lint_multistage.project.requests import BuildRequest
from lint_multistage.project.shells import (
    AT_ROOT,
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
from lint_multistage.syntax.shell_layout import Layout
from lint_multistage.text import Span

_MOST_NODES = 20_000
_SCRIPTS = ("before_script", "script", "after_script")
_NO_JOBS = frozenset(("variables", "workflow", "include", "stages", "spec", "cache", "image", "services"))
_MOST_SCRIPTS = 400
_MOST_VARIABLES = 300
_MOST_JOBS = 50
_MOST_PASSES = 4
_LONGEST_VALUE = 2_000
_REFERENCE = re.compile(r"\$\{?([A-Za-z_]\w*)\}?")
_PARAMETER = re.compile(r"<<\s*(?:pipeline\.)?(?:parameters|matrix)\.([\w-]+)\s*>>")
_ANY_PARAMETER = re.compile(r"<<[^<>\n]*>>")
_MACRO = re.compile(r"\$\(([A-Za-z_][\w.]*)\)")
_TEMPLATE = re.compile(r"\$\{\{((?:(?!\}\}|\$\{\{).){0,1000})\}\}", re.DOTALL)
_AZURE_FOLDERS = ("Build.SourcesDirectory", "System.DefaultWorkingDirectory", "Build.Repository.LocalPath")


# --- GitLab


def read_gitlab(path: str, text: str, files: ProjectFiles) -> list[BuildRequest]:
    """What the jobs of a GitLab pipeline ask for."""
    if not may_build(text):
        return []
    origin = origin_of(files, path, text, "ci")
    requests: list[BuildRequest] = []
    left = _MOST_SCRIPTS
    for root in files.yaml(path):
        common = _settled({"CI_PROJECT_DIR": ROOT, **_variables(root.get("variables"))})
        for name, job in root.items():
            if not job.is_mapping or name in _NO_JOBS:
                continue
            layouts = [layout for layout in _together(job, origin) if may_build(layout.text)] if left > 0 else []
            for values in _matrix(job.get("parallel", "matrix")) if layouts else ():
                variables = {**common, **_settled({**_variables(job.get("variables")), **values}, common)}
                for layout in layouts:
                    left -= 1
                    requests += shell_requests(layout, origin, name=name, variables=variables)
    return once(requests)


def _variables(node: Node | None) -> dict[str, str]:
    """The `variables` of a pipeline or a job."""
    if node is None or not node.is_mapping:
        return {}
    pairs = list(node.items())[:_MOST_VARIABLES]
    values = ((name, value if value.is_scalar else value.get("value")) for name, value in pairs)
    return {name: value.text for name, value in values if value is not None}


def _settled(variables: Mapping[str, str], outer: Mapping[str, str] | None = None) -> dict[str, str]:
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
        if number > _MOST_NODES:
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


# --- CircleCI


def read_circleci(path: str, text: str, files: ProjectFiles) -> list[BuildRequest]:
    """What the steps of a CircleCI pipeline ask for."""
    if not may_build(text):
        return []
    origin = origin_of(files, path, text, "ci")
    requests: list[BuildRequest] = []
    left = _MOST_SCRIPTS
    for root in files.yaml(path):
        for section in ("jobs", "commands"):
            for name, job in _entries(root.get(section)):
                environment = {**_variables(job.get("environment")), "CIRCLE_WORKING_DIRECTORY": ROOT}
                for step in _mappings(job.get("steps")):
                    for run in (step.get("run"), step.get("docker/build")):
                        if run is not None and left > 0:
                            left -= 1
                            requests += _circle_step(run, job, name, origin, environment)
        for run in _orb_jobs(root.get("workflows")):
            requests += _orb(run, "", origin)
    return once(requests)


def _circle_step(run: Node, job: Node, name: str, origin: Origin, environment: Mapping[str, str]) -> list[BuildRequest]:
    command = run if run.is_scalar else run.get("command")
    if command is None:
        return _orb(run, name, origin)
    variables = {**environment, **_variables(run.get("environment"))}
    values = {key: node.text_of("default") for key, node in _entries(job.get("parameters")) if node.get("default")}

    def value(match: re.Match[str]) -> str:
        known = _PARAMETER.fullmatch(match[0])
        # Whoever runs the job may give another value.
        return unknown(known[1] if known else match[0])

    layout = replaced(of_node(command, origin.source), _ANY_PARAMETER, value)
    started = _started(run.text_of("working_directory") or job.text_of("working_directory"))
    requests = shell_requests(layout, origin, name=name, started=started, variables=_settled(variables))
    if values and any(request.target is None for request in requests):
        layout = replaced(
            of_node(command, origin.source),
            _PARAMETER,
            lambda match: values.get(match[1], unknown(match[1])),
        )
        others = shell_requests(layout, origin, name=name, started=started, variables=_settled(variables))
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
        if number > _MOST_NODES:
            return
        found = each.get("docker/publish")
        if found is not None and found.is_mapping:
            yield found


def _orb(node: Node, name: str, origin: Origin) -> list[BuildRequest]:
    """A use of the Docker orb."""
    extra = read_build(_words("docker build " + node.text_of("extra_build_args"), node, origin))
    folder = node.text_of("path") or "."
    file = node.text_of("dockerfile") or "Dockerfile"
    known = "<<" not in folder and "$" not in folder
    build = BuildCommand(
        program=_span(node, origin),
        file=Value(f"{folder}/{file}" if known and "<<" not in file and "$" not in file else None, _span(node, origin)),
        target=extra.target if extra is not None else None,
        context=Value(node.text_of("docker-context") or folder if known else None, _span(node, origin)),
        arguments=extra.arguments if extra is not None else {},
    )
    return [request_of(build, origin, name=name, directory=START, started=AT_ROOT)]


# --- Azure


def read_azure(path: str, text: str, files: ProjectFiles) -> list[BuildRequest]:
    """What the steps of an Azure pipeline ask for."""
    if not may_build(text):
        return []
    origin = origin_of(files, path, text, "ci")
    requests: list[BuildRequest] = []
    left = _MOST_SCRIPTS
    for root in files.yaml(path):
        variables = dict.fromkeys(_AZURE_FOLDERS, ROOT)
        for node in _mappings_below(root):
            variables |= _azure_variables(node.get("variables"))
        for node in _mappings_below(root):
            for key in ("script", "bash"):
                script = node.get(key)
                if script is not None and script.is_scalar and left > 0:
                    left -= 1
                    requests += _azure_script(script, node.text_of("workingDirectory"), variables, origin)
            if node.text_of("task").startswith("Docker@"):
                requests += _docker_task(node, variables, origin)
    return once(requests)


def _azure_variables(node: Node | None) -> dict[str, str]:
    if node is None or not node.is_sequence:
        return _variables(node)
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


def _azure_script(script: Node, directory: str, variables: Mapping[str, str], origin: Origin) -> list[BuildRequest]:
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
            words += _words(text, inputs[name], origin)
    head = _words("docker build", node.get("task") or node, origin)
    build = read_build((*head, *words))
    file = _macros(Layout(found.text if found is not None else "**/Dockerfile", ((0, 0),)), variables).text
    literal = UNKNOWN not in file and "*" not in file
    span = _span(found if found is not None else node, origin)
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


# --- shared


def _words(text: str, node: Node, origin: Origin) -> list[ShellWord]:
    """The words of a short command line that stands in one scalar."""
    span = _span(node, origin)
    return [ShellWord(word if "$" not in word else None, word, span) for word in text.split()]


def _span(node: Node, origin: Origin) -> Span:
    source = origin.source
    start = source.starts[min(node.line, len(source.starts)) - 1] + node.column - 1
    return Span(start, start)


def _entries(node: Node | None) -> Iterable[tuple[str, Node]]:
    return [(name, value) for name, value in node.items() if value.is_mapping] if node is not None else []


def _mappings(node: Node | None) -> list[Node]:
    """The mappings below a list of steps, conditional ones included."""
    return list(_mappings_below(node)) if node is not None else []


def _mappings_below(node: Node) -> Iterator[Node]:
    for number, each in enumerate(node.walk()):
        if number > _MOST_NODES:
            return
        if each.is_mapping:
            yield each
