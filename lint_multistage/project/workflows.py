"""GitHub workflows and composite actions: the builds that their steps ask for."""

from __future__ import annotations

import posixpath
from collections.abc import Iterator, Mapping

from msgspec import Struct

from lint_multistage.late import late_regex
from lint_multistage.project.expressions import Values
from lint_multistage.project.files import ProjectFiles
from lint_multistage.project.layouts import of_node, replaced
from lint_multistage.project.matrices import combinations
from lint_multistage.project.requests import BuildRequest
from lint_multistage.project.scopes import Scope
from lint_multistage.project.shells import ROOT, Origin, Starts, may_build, once, origin_of, shell_requests
from lint_multistage.project.workflow_actions import action_requests, asks_to_build
from lint_multistage.project.yaml_nodes import Node

MOST_STEPS = 600
"""How often the steps of one file are read, each for one combination of what it depends on."""
_MOST_CALLERS = 40
_OTHER_SHELL = late_regex(r"python|node|perl|ruby|Rscript|nix|julia")
_CONTINUED = late_regex(r"`(?=[ \t]*\n)")
_LATE = late_regex(r"([A-Za-z_]\w*)=")

Inputs = Mapping[str, Values]


class _Budget(Struct):
    """What is left of MOST_STEPS."""

    left: int = MOST_STEPS


class _Steps(Struct, frozen=True):
    """The steps of a job, or of an action, and the settings around them."""

    name: str
    runs_on: str
    steps: tuple[Node, ...]
    settings: tuple[Node, ...]
    """The nodes whose `env` and `defaults` hold, the outermost first."""


def read_workflow(path: str, text: str, files: ProjectFiles) -> list[BuildRequest]:
    """What the jobs of a workflow ask for."""
    if not may_build(text):
        return []
    root = next(iter(files.yaml(path)), None)
    if root is None:
        return []
    origin = origin_of(files, path, text, "workflow")
    budget = _Budget()
    requests: list[BuildRequest] = []
    for inputs in _inputs(root, path, files):
        for name, job in _jobs(root):
            scopes = _job_scopes(root, job, inputs)
            steps = _Steps(name, job.text_of("runs-on"), _children(job.get("steps")), (root, job))
            requests += _steps(steps, scopes, origin, budget)
            if asks_to_build(job):
                for scope in scopes[: budget.left]:
                    budget.left -= 1
                    requests += action_requests(job, scope, origin, name)
    return once(requests)


def read_action(path: str, text: str, files: ProjectFiles) -> list[BuildRequest]:
    """What the steps of a composite action ask for, and the image that a Docker action runs in."""
    if not may_build(text):
        return []
    root = next(iter(files.yaml(path)), None)
    if root is None:
        return []
    origin = origin_of(files, path, text, "workflow")
    image = root.get("runs", "image")
    if image is not None and image.is_scalar and not image.text.startswith("docker:"):
        dockerfile = posixpath.normpath(posixpath.join(origin.folder, image.text))
        context = posixpath.dirname(dockerfile) or "."
        if dockerfile.startswith("..") or image.text.startswith("/"):
            return []
        place = (image.line, image.column)
        return [
            BuildRequest(
                path=path, line=place[0], column=place[1], kind="workflow", dockerfile=dockerfile, context=context
            )
        ]
    budget = _Budget()
    requests: list[BuildRequest] = []
    steps = _Steps(root.text_of("name"), "", _children(root.get("runs", "steps")), ())
    for inputs in _inputs(root, path, files):
        requests += _steps(steps, [Scope(_named(inputs), ("inputs.",))], origin, budget)
    return once(requests)


def _children(node: Node | None) -> tuple[Node, ...]:
    return tuple(child for child in node.values if child.is_mapping) if node is not None else ()


def _jobs(root: Node) -> Iterator[tuple[str, Node]]:
    jobs = root.get("jobs")
    if jobs is not None and jobs.is_mapping:
        yield from ((name, job) for name, job in jobs.items() if job.is_mapping)


def _named(inputs: Inputs) -> dict[str, Values]:
    return {f"inputs.{name}": values for name, values in inputs.items()}


def _job_scopes(root: Node, job: Node, inputs: Inputs) -> list[Scope]:
    """The scopes of a job: one for each combination of its matrix."""
    scope = Scope(_named(inputs), ("inputs.",))
    found, complete = combinations(job.get("strategy", "matrix"))
    prefixes = ("matrix.",) if complete else ()
    return [
        scope.widened({f"matrix.{key}": scope.values_of(value) for key, value in one.items()}, prefixes)
        for one in found
    ]


# --- steps


def _steps(job: _Steps, scopes: list[Scope], origin: Origin, budget: _Budget) -> list[BuildRequest]:
    """What steps ask for in each of `scopes`; those that do not differ in what a step names are read once."""
    settings = (each.get(key) for each in job.settings for key in ("env", "defaults"))
    outer = "".join(node.text + "\n" for each in settings for node in _scalars(each))
    late = _late(job.steps)
    prefix = _checkout(job.steps)
    settled: dict[int, Scope] = {}
    requests: list[BuildRequest] = []
    for step in job.steps:
        if not asks_to_build(step) and not may_build("\n".join(node.text for node in _scalars(step))):
            continue
        text = "\n".join(node.text for node in _scalars(step))
        for scope in _different(scopes, outer + text):
            if id(scope) not in settled:
                outside = scope
                for each in job.settings:
                    outside = outside.environment(each)
                settled[id(scope)] = outside
            inside = settled[id(scope)].environment(step).widened(late)
            named = (
                len(values)
                for name, values in inside.values.items()
                if len(values) > 1 and name.rpartition(".")[2] in text
            )
            for pick in range(max(inside.picks((text,)), *named, 1)):
                if budget.left <= 0:
                    return requests
                budget.left -= 1
                requests += _step(step, job, inside, pick, origin, prefix)
    return requests


def _late(steps: tuple[Node, ...]) -> dict[str, Values]:
    """The variables that steps set for those behind them: of these no value is known."""
    lines = (line for step in steps for line in step.text_of("run").splitlines() if "GITHUB_ENV" in line)
    return {f"env.{name}": (None,) for line in lines for name in _LATE.findall(line)[:10]}


def _step(step: Node, job: _Steps, scope: Scope, pick: int, origin: Origin, prefix: str) -> list[BuildRequest]:
    if asks_to_build(step):
        return action_requests(step, scope, origin, job.name, pick=pick, prefix=prefix)
    run = step.get("run")
    if run is None or not run.is_scalar:
        return []
    shell = _setting("shell", step, job)
    if shell and _OTHER_SHELL.match(shell):
        return []
    layout = scope.layout(of_node(run, origin.source), pick)
    if shell in ("pwsh", "powershell") or (not shell and "windows" in job.runs_on):
        layout = replaced(layout, _CONTINUED, lambda _: "\\")
    directory = scope.text(_setting("working-directory", step, job), pick)
    directory = directory.removeprefix(ROOT).strip("/") if not directory.startswith("/") else directory
    directory = posixpath.normpath(directory) if directory else ""
    return shell_requests(
        layout,
        origin,
        name=job.name,
        started=Starts((_below(directory, prefix),)),
        variables=scope.variables(pick),
    )


def _below(path: str, prefix: str) -> str:
    """A path without the folder into which the repository is checked out."""
    if prefix and (path == prefix or path.startswith(prefix + "/")):
        return path[len(prefix) + 1 :]
    return "" if path == "." else path


def _setting(name: str, step: Node, job: _Steps) -> str:
    """The `shell` or `working-directory` of a step."""
    found = step.text_of(name)
    for node in reversed(job.settings):
        found = found or node.text_of("defaults", "run", name)
    return found


def _checkout(steps: tuple[Node, ...]) -> str:
    """The folder into which the steps check the repository out, "" for the working directory."""
    found = [step.get("with") for step in steps if step.text_of("uses").startswith("actions/checkout@")]
    own = [given for given in found if given is None or given.get("repository") is None]
    # A repository that an expression names is this one, as a rule.
    other = [given for given in found if given is not None and given.text_of("repository").startswith("${{")]
    for given in (*own, *other):
        folder = given.text_of("path") if given is not None else ""
        return "" if "${{" in folder or not folder else posixpath.normpath(folder)
    return ""


def _scalars(node: Node | None) -> Iterator[Node]:
    return (each for each in node.walk() if each.is_scalar) if node is not None else iter(())


def _different(scopes: list[Scope], text: str) -> list[Scope]:
    """Those of `scopes` that differ in values that `text` names."""
    if "matrix" not in text:
        return scopes[:1]
    found: dict[str, Scope] = {}
    for scope in scopes:
        named = {
            name: values for name, values in scope.values.items() if name in text or not name.startswith("matrix.")
        }
        found.setdefault(repr(named), scope)
    return list(found.values())


# --- inputs


def _inputs(root: Node, path: str, files: ProjectFiles) -> list[Inputs]:
    """The inputs with which a workflow or an action runs: those of its callers in the repository, and those by hand."""
    started = root.get("on") or root.get("true")
    declared = root.get("inputs") if started is None else started.get("workflow_dispatch", "inputs")
    called = declared if started is None else started.get("workflow_call", "inputs")
    found: list[Inputs] = []
    callable_ = started is None or (started.is_mapping and started.get("workflow_call") is not None)
    if callable_:
        defaults = {name: (_default(node),) for name, node in _items(called)}
        for given in _callers(path, files, action=started is None):
            found.append({**defaults, **given})
    by_hand = started is not None and (not callable_ or started.get("workflow_dispatch") is not None)
    if by_hand or not found:
        nodes = [*_items(called), *_items(declared)]
        found.append({name: _by_hand(node) for name, node in nodes})
    distinct = {repr(sorted(inputs.items())): inputs for inputs in found}
    return list(distinct.values())[:_MOST_CALLERS]


def _items(node: Node | None) -> list[tuple[str, Node]]:
    return list(node.items()) if node is not None and node.is_mapping else []


def _default(node: Node) -> str | None:
    default = node.get("default")
    if default is not None and default.is_scalar:
        return default.text
    return "" if node.text_of("required") != "true" else None


def _by_hand(node: Node) -> Values:
    """The values that people may give an input."""
    options = node.get("options")
    if node.text_of("type") == "choice" and options is not None and options.values:
        return tuple(option.text for option in options.values)
    default = node.get("default")
    return (default.text, None) if default is not None and default.is_scalar else (None,)


def _callers(path: str, files: ProjectFiles, *, action: bool) -> list[Inputs]:
    """What the workflows of the repository give the workflow or action `path` when they use it."""
    used = posixpath.dirname(path) if action else path
    found: list[Inputs] = []
    for other in sorted((*files.of_kind("workflow"), *files.of_kind("action"))):
        if other == path:
            continue
        text = files.read(other)
        if text is None or posixpath.basename(used) not in text:
            continue
        for root in files.yaml(other)[:1]:
            found += _calls(root, used)
            if len(found) > _MOST_CALLERS:
                return found
    return found


def _calls(root: Node, used: str) -> list[Inputs]:
    found: list[Inputs] = []
    inputs = {name: _by_hand(node) for name, node in _items(root.get("on", "workflow_dispatch", "inputs"))}
    for _, job in _jobs(root):
        for node in (job, *_children(job.get("steps"))):
            if _is_use(node.text_of("uses"), used):
                text = "\n".join(each.text for each in _scalars(node.get("with")))
                for scope in _different(_job_scopes(root, job, inputs), text):
                    scope = scope.environment(root).environment(job).environment(node)
                    found.append({name: scope.values_of(value.text) for name, value in _items(node.get("with"))})
    for step in _children(root.get("runs", "steps")):
        if _is_use(step.text_of("uses"), used):
            found.append({name: Scope().values_of(value.text) for name, value in _items(step.get("with"))})
    return found


def _is_use(uses: str, used: str) -> bool:
    """Whether `uses` names the folder or file `used` of this repository, wherever it is checked out."""
    if not uses.startswith("./"):
        return False
    path = posixpath.normpath(uses.partition("@")[0])
    return path == (used or ".") or (used != "" and path.endswith("/" + used))
