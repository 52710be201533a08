"""Jenkinsfiles: the builds in their `sh` steps and in `docker.build`, found in the text since Groovy is not read."""

from __future__ import annotations

import re
from bisect import bisect_right

from lint_multistage.late import late_regex
from lint_multistage.project.files import ProjectFiles
from lint_multistage.project.layouts import of_text, replaced, unknown
from lint_multistage.project.requests import BuildRequest
from lint_multistage.project.shells import Origin, Starts, may_build, once, origin_of, shell_requests
from lint_multistage.syntax.shell_layout import Layout

_STRING = r"(?P<quote>'{3}|\"{3}|'|\")(?P<text>(?:\\.|\$\{[^{}\n]*\}|(?!(?P=quote)).)*)(?P=quote)"
_OPTION = r"(?:returnStdout|returnStatus|label|encoding)\s*:\s*[^,\n]*,\s*"
_STEP = late_regex(rf"\b(?:sh|bat)\b\s*(?:\(\s*)?(?:{_OPTION})*(?:script\s*:\s*)?{_STRING}", re.DOTALL)
_BUILD = late_regex(rf"\bdocker\.build\s*\(\s*(?:[^,()\n]|\([^()\n]*\))*,\s*{_STRING}", re.DOTALL)
_PLAIN = late_regex(r"\bdocker\.build\s*\(\s*(?:[^,()\n]|\([^()\n]*\))*\)")
_FOLDER = late_regex(r"\bdir\s*\(\s*['\"]([^'\"$\n]*)['\"]\s*\)\s*\{|[{}]")
_VALUE = late_regex(r"\b(?:def\s+|String\s+)?([A-Z_a-z]\w*)\s*=\s*(['\"])([^'\"$\n]*)\2")
_REFERENCE = late_regex(r"(?<!\\)\$(?:\{\s*(?:env\.|params\.)?([^{}\n]*)\}|([A-Za-z_]\w*))")
_ESCAPE = late_regex(r"\\([\\$'\"`])")
_MOST = 200
_DEEPEST = 20


def read_jenkinsfile(path: str, text: str, files: ProjectFiles) -> list[BuildRequest]:
    """What a Jenkinsfile asks for."""
    if not may_build(text):
        return []
    origin = origin_of(files, path, text, "ci")
    values: dict[str, str | None] = {}
    for match in _VALUE.finditer(text):
        values[match[1]] = match[3] if values.get(match[1], match[3]) == match[3] else None
    folders = _folders(text)
    requests: list[BuildRequest] = []
    for match in list(_STEP.finditer(text))[:_MOST]:
        if may_build(match["text"]):
            requests += _read(_layout(match, values), origin, _folder(folders, match.start()))
    for match in list(_BUILD.finditer(text))[:_MOST]:
        requests += _read(_with_command(_layout(match, values), match.start()), origin, _folder(folders, match.start()))
    for match in list(_PLAIN.finditer(text))[:_MOST]:
        layout = Layout("docker build .", ((0, match.start()),))
        requests += _read(layout, origin, _folder(folders, match.start()))
    return once(requests)


def _read(layout: Layout, origin: Origin, folder: str) -> list[BuildRequest]:
    return shell_requests(layout, origin, started=Starts((folder,)))


def _with_command(layout: Layout, start: int) -> Layout:
    """The arguments of `docker.build` as the command line that it makes of them."""
    head = "docker build "
    pieces = tuple((at + len(head), offset) for at, offset in layout.pieces)
    return Layout(head + layout.text, ((0, start), *pieces))


def _layout(match: re.Match[str], values: dict[str, str | None]) -> Layout:
    """The text of a Groovy string; in double quotes it holds values of Groovy's own."""
    layout = of_text(match["text"], match.start("text"))
    if match["quote"][0] == '"':

        def value(found: re.Match[str]) -> str:
            name = (found[1] if found[1] is not None else found[2]).strip()
            known = values.get(name)
            return unknown(name) if known is None else known

        layout = replaced(layout, _REFERENCE, value)
    return replaced(layout, _ESCAPE, lambda found: found[1])


def _folders(text: str) -> list[tuple[int, str]]:
    """The folders in which steps run, each with the offset from which on it holds: those of `dir` blocks."""
    found = [(0, "")]
    if "dir" not in text:
        return found
    opened: list[bool] = []
    inside: list[str] = []
    for match in _FOLDER.finditer(text):
        if match[0] == "{":
            opened.append(False)
            continue
        if match[0] != "}":
            opened.append(True)
            inside.append(match[1].strip("/"))
        elif opened and opened.pop():
            inside.pop()
        else:
            continue
        path = "/".join(folder for folder in inside[-_DEEPEST:] if folder not in ("", "."))
        found.append((match.end(), path))
    return found


def _folder(folders: list[tuple[int, str]], at: int) -> str:
    """The folder that holds at an offset."""
    return folders[bisect_right(folders, at, key=lambda found: found[0]) - 1][1]
