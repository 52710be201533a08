"""Shell scripts, and the scripts of a package.json."""

from __future__ import annotations

import re

from lint_multistage.late import late_regex
from lint_multistage.project.files import ProjectFiles
from lint_multistage.project.layouts import of_text, replaced
from lint_multistage.project.requests import BuildRequest
from lint_multistage.project.shells import Origin, anywhere, in_folder, may_build, origin_of, shell_requests

_MOST_SCRIPTS = 300
_ESCAPE = late_regex(r"\\(u[0-9a-fA-F]{4}|.)", re.DOTALL)
_ESCAPED = {"n": "\n", "t": "\t", "r": "\r", "b": "\b", "f": "\f"}
_STRING = r'"((?:[^"\\]|\\.)*)"'
_SCRIPTS = late_regex(r'"scripts"\s*:\s*\{')
_ENTRY = late_regex(rf"\s*,?\s*{_STRING}\s*:\s*{_STRING}", re.DOTALL)


def read_script(path: str, text: str, files: ProjectFiles) -> list[BuildRequest]:
    """What a shell script asks for."""
    if not may_build(text):
        return []
    origin = origin_of(files, path, text, "script")
    return shell_requests(replaced(of_text(text), re.compile("\r\n"), lambda _: "\n"), origin, started=anywhere(path))


def read_package(path: str, text: str, files: ProjectFiles) -> list[BuildRequest]:
    """What the scripts of a package.json ask for."""
    if not may_build(text):
        return []
    start = _SCRIPTS.search(text)
    if start is None:
        return []
    origin = origin_of(files, path, text, "package")
    requests: list[BuildRequest] = []
    at = start.end()
    for _ in range(_MOST_SCRIPTS):
        entry = _ENTRY.match(text, at)
        if entry is None:
            break
        at = entry.end()
        if may_build(entry[2]):
            requests += _entry(entry[1], entry[2], entry.start(2), origin)
    return requests


def _entry(name: str, raw: str, offset: int, origin: Origin) -> list[BuildRequest]:
    layout = replaced(of_text(raw, offset), _ESCAPE, lambda match: unescaped(match[1]))
    return shell_requests(layout, origin, name=name, started=in_folder(origin.path))


def unescaped(escape: str) -> str:
    """The character that a JSON escape, without its backslash, stands for."""
    if escape[0] == "u" and len(escape) == 5:
        return chr(int(escape[1:], 16))
    return _ESCAPED.get(escape, escape)
