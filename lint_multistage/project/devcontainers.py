"""devcontainer.json: the image in which people develop."""

from __future__ import annotations

import json
import re
from typing import Any

from lint_multistage.late import late_regex
from lint_multistage.project.files import ProjectFiles
from lint_multistage.project.requests import BuildRequest
from lint_multistage.project.skaffold import below
from lint_multistage.text import Source

_COMMENT = late_regex(r'"(?:[^"\\\n]|\\.)*"|//[^\n]*|/\*.*?\*/|,(?=\s*[}\]])', re.DOTALL)
_TARGET = late_regex(r'"target"\s*:\s*(")')
_FILE = late_regex(r'"(?:dockerfile|dockerFile)"\s*:\s*(")')
_DEEPEST = 100


def read_devcontainer(path: str, text: str, files: ProjectFiles) -> list[BuildRequest]:
    """What a devcontainer.json asks for."""
    if "ockerfile" not in text and "ockerFile" not in text:
        return []
    settings = _load(text)
    if not isinstance(settings, dict):
        return []
    build = settings.get("build")
    build = build if isinstance(build, dict) else {}
    file = build.get("dockerfile", settings.get("dockerFile"))
    if not isinstance(file, str):
        return []
    context = build.get("context", settings.get("context", "."))
    target = build.get("target")
    given = build.get("args")
    arguments = given if isinstance(given, dict) else {}
    source = Source.of(path, text)
    match = (_TARGET.search(text) if isinstance(target, str) else None) or _FILE.search(text)
    position = source.position(match.start(1) if match else 0)
    return [
        BuildRequest(
            path=path,
            line=position.line,
            column=position.column,
            kind="devcontainer",
            name=str(settings.get("name", "")) if isinstance(settings.get("name"), str) else "",
            dockerfile=below(path, _literal(file)),
            target=_literal(target) if target is not None else "",
            context=below(path, _literal(context)),
            arguments={str(name): _literal(value) for name, value in arguments.items()},
        )
    ]


def _literal(value: object) -> str | None:
    """A string without variables such as `${localEnv:X}`."""
    return value if isinstance(value, str) and "${" not in value else None


def _load(text: str) -> Any:
    """JSON with comments and trailing commas; None where it is not that."""
    plain = _COMMENT.sub(lambda match: match[0] if match[0][0] == '"' else "", text)
    if plain.count("[") + plain.count("{") > _DEEPEST * 50:
        return None
    try:
        return json.loads(plain)
    except (ValueError, RecursionError):
        return None
