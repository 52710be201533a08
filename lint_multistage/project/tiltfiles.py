"""Tiltfiles: their calls of `docker_build`. Starlark is near enough to Python for its parser; nothing is run."""

from __future__ import annotations

import ast
import re
import warnings
from collections.abc import Mapping

from lint_multistage.late import late_regex
from lint_multistage.project.files import ProjectFiles
from lint_multistage.project.layouts import UNKNOWN, unknown, whole
from lint_multistage.project.requests import BuildRequest, Inline
from lint_multistage.project.shells import in_folder, once, origin_of, shell_requests
from lint_multistage.project.skaffold import below
from lint_multistage.text import Span

_BUILDS = ("docker_build", "docker_build_with_restart", "custom_build", "local", "local_resource")
_FORMAT = late_regex(r"%[%a-z]")
_DEEPEST = 200
_LONGEST = 200_000
_MOST = 300


def read_tiltfile(path: str, text: str, files: ProjectFiles) -> list[BuildRequest]:
    """What a Tiltfile asks for."""
    if "docker" not in text or len(text) > _LONGEST or _depth(text) > _DEEPEST:
        return []
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            tree = ast.parse(text)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return []
    values = _constants(tree)
    requests: list[BuildRequest] = []
    calls = [node for node in ast.walk(tree) if isinstance(node, ast.Call) and _name(node.func) in _BUILDS]
    for call in calls[:_MOST]:
        if _name(call.func) in ("docker_build", "docker_build_with_restart"):
            requests.append(_docker_build(call, values, path))
        else:
            requests += _command(call, values, path, text, files)
    return once(requests)


def _depth(text: str) -> int:
    """How deep brackets nest at most, roughly: the parser of Python has a limit of its own, and not a safe one."""
    depth = most = 0
    for character in text:
        if character in "([{":
            depth += 1
            most = max(most, depth)
        elif character in ")]}":
            depth -= 1
    return most


def _name(function: ast.expr) -> str:
    return (
        function.id if isinstance(function, ast.Name) else function.attr if isinstance(function, ast.Attribute) else ""
    )


def _constants(tree: ast.Module) -> dict[str, str | None]:
    """The variables that are one string throughout."""
    found: dict[str, str | None] = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.Assign) and len(node.targets) == 1 and isinstance(node.targets[0], ast.Name):
            name, value = node.targets[0].id, _text(node.value, found)
            found[name] = value if found.get(name, value) == value else None
        elif isinstance(node, ast.For) and isinstance(node.target, ast.Name):
            found[node.target.id] = None
    return found


def _text(node: ast.expr | None, values: Mapping[str, str | None]) -> str | None:
    """The string that an expression is; None where that is not literal."""
    if isinstance(node, ast.Constant):
        return node.value if isinstance(node.value, str) else None
    if isinstance(node, ast.Name):
        return values.get(node.id)
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add):
        left, right = _text(node.left, values), _text(node.right, values)
        return left + right if left is not None and right is not None else None
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Mod):
        return _formatted(node, values)
    return None


def _formatted(node: ast.BinOp, values: Mapping[str, str | None]) -> str | None:
    """`'…%s…' % (…)`, with what is not known as `unknown` writes it."""
    text = _text(node.left, values)
    if text is None:
        return None
    given = iter(node.right.elts if isinstance(node.right, ast.Tuple) else [node.right])

    def value(match: re.Match[str]) -> str:
        if match[0] == "%%":
            return "%"
        part = next(given, None)
        known = _text(part, values)
        return unknown(part.id if isinstance(part, ast.Name) else "value") if known is None else known

    return _FORMAT.sub(value, text)


def _docker_build(call: ast.Call, values: Mapping[str, str | None], path: str) -> BuildRequest:
    given: dict[str, ast.expr] = dict(zip(("ref", "context", "build_args", "dockerfile"), call.args, strict=False))
    given |= {keyword.arg: keyword.value for keyword in call.keywords if keyword.arg}
    target = given.get("target")
    place = target or call
    context = _text(given.get("context"), values)
    file = given.get("dockerfile")
    if file is not None:
        dockerfile = below(path, _text(file, values))
    else:
        dockerfile = below(path, context, "Dockerfile")
    contents = given.get("dockerfile_contents")
    inline: Inline | None = None
    if contents is not None:
        lines = _text(contents, values) or ""
        inline, dockerfile = Inline("" if UNKNOWN in lines else lines, path, contents.lineno), None
    arguments: dict[str, str | None] = {}
    pairs = given.get("build_args")
    if isinstance(pairs, ast.Dict):
        for key, value in zip(pairs.keys, pairs.values, strict=True):
            name = _text(key, values)
            if name is not None:
                arguments[name] = _text(value, values)
    wanted = _text(target, values) if target is not None else ""
    return BuildRequest(
        path=path,
        line=place.lineno,
        column=place.col_offset + 1,
        kind="tilt",
        name=_text(given.get("ref"), values) or "",
        dockerfile=dockerfile,
        target=None if wanted is not None and UNKNOWN in wanted else wanted,
        context=below(path, context),
        arguments=arguments,
        inline=inline,
    )


def _command(
    call: ast.Call, values: Mapping[str, str | None], path: str, text: str, files: ProjectFiles
) -> list[BuildRequest]:
    """The commands of `custom_build`, `local` and `local_resource`."""
    origin = origin_of(files, path, text, "tilt")
    requests: list[BuildRequest] = []
    for node in [*call.args, *(keyword.value for keyword in call.keywords)]:
        command = _text(node, values)
        if command is not None:
            start = origin.source.starts[node.lineno - 1] + node.col_offset
            layout = whole(command, Span(start, start))
            requests += shell_requests(layout, origin, started=in_folder(path))
    return requests
