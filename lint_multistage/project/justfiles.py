"""Justfiles: the builds that their recipes ask for."""

from __future__ import annotations

import re

from lint_multistage.late import late_regex
from lint_multistage.project.files import ProjectFiles
from lint_multistage.project.layouts import LONGEST, of_text, replaced, unknown
from lint_multistage.project.requests import BuildRequest
from lint_multistage.project.shells import START, Origin, in_folder, may_build, once, origin_of, shell_requests

_ASSIGNMENT = late_regex(r"(?:export\s+)?([A-Za-z_][\w-]*)\s*:=\s*(.*)")
_RECIPE = late_regex(
    r"@?([A-Za-z_][\w-]*)((?:\s+[*+$]*[A-Za-z_][\w-]*(?:\s*=\s*(?:\"[^\"]*\"|'[^']*'|[^\s:]+))?)*)\s*:(?!=)"
)
_PARAMETER = late_regex(r"[*+$]*([A-Za-z_][\w-]*)(?:\s*=\s*(\"[^\"]*\"|'[^']*'|[^\s:]+))?")
_LITERAL = late_regex(r"\s*(\"[^\"\\]*\"|'[^']*')\s*(?:#.*)?$")
_REFERENCE = late_regex(r"\{\{(?!\{)\s*(.*?)\s*\}\}")
_PREFIX = late_regex(r"(?:^|(?<=[^\\]\n))[ \t]*[@-][@ \t-]*")
_FOLDERS = ("justfile_directory()", "justfile_dir()", "invocation_directory()", "source_directory()")
_MOST_RECIPES = 300
_MOST_LINES = 100


class _Recipe:
    """A recipe under construction."""

    def __init__(self, name: str, parameters: dict[str, str | None]) -> None:
        self.name = name
        self.parameters = parameters
        self.start = -1
        self.end = 0


def read_justfile(path: str, text: str, files: ProjectFiles) -> list[BuildRequest]:
    """What the recipes of a justfile ask for."""
    if not may_build(text):
        return []
    text = text.replace("\r\n", " \n")
    variables: dict[str, str] = {}
    recipes: list[_Recipe] = []
    recipe: _Recipe | None = None
    offset = 0
    for line in text.split("\n"):
        start, offset = offset, offset + len(line) + 1
        if line[:1] in (" ", "\t"):
            if recipe is not None:
                recipe.start = recipe.start if recipe.start >= 0 else start
                recipe.end = offset - 1
        elif match := _ASSIGNMENT.match(line):
            literal = _LITERAL.match(match[2])
            if literal is not None:
                variables[match[1]] = literal[1][1:-1]
            recipe = None
        elif match := _RECIPE.match(line):
            parameters = {name: value.strip("\"'") or None for name, value in _PARAMETER.findall(match[2])}
            recipe = _Recipe(match[1], parameters)
            recipes.append(recipe)
        elif line and line[0] not in "#[":
            recipe = None
    origin = origin_of(files, path, text, "make")
    requests: list[BuildRequest] = []
    for recipe in [recipe for recipe in recipes if recipe.start >= 0][:_MOST_RECIPES]:
        known: dict[str, str] = {name: value for name, value in variables.items() if name not in recipe.parameters}
        defaults = {name: value for name, value in recipe.parameters.items() if value is not None}
        found = _read(recipe, known, origin)
        if defaults and any(request.target is None for request in found):
            others = _read(recipe, {**known, **defaults}, origin)
            requests += [other for other in others if other.target is not None]
        requests += found
    return once(requests)


def _read(recipe: _Recipe, known: dict[str, str], origin: Origin) -> list[BuildRequest]:
    """The requests of one recipe: each of its lines is a script, or all of them where they begin with `#!`."""

    def value(match: re.Match[str]) -> str:
        if match[1] in _FOLDERS:
            return START
        literal = _LITERAL.match(match[1])
        if literal is not None:
            return literal[1][1:-1]
        found = known.get(match[1])
        return unknown(match[1]) if found is None else found

    body = origin.source.text[recipe.start : recipe.end]
    scripts = [(recipe.start, body)] if body.lstrip().startswith("#!") else _lines(body, recipe.start)
    requests: list[BuildRequest] = []
    for offset, script in scripts[:_MOST_LINES]:
        if len(script) <= LONGEST and (may_build(script) or "{{" in script):
            layout = replaced(replaced(of_text(script, offset), _REFERENCE, value), _PREFIX, lambda _: "")
            requests += shell_requests(layout, origin, name=recipe.name, started=in_folder(origin.path))
    return requests


def _lines(body: str, start: int) -> list[tuple[int, str]]:
    """The lines of a recipe with their offsets, continued ones together."""
    found: list[tuple[int, int]] = []
    first = start
    continued = False
    for line in body.split("\n"):
        if not continued:
            found.append((start, start))
        start += len(line) + 1
        found[-1] = (found[-1][0], start - 1)
        continued = line.endswith("\\")
    return [(offset, body[offset - first : end - first]) for offset, end in found]
