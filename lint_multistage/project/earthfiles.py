"""Earthfiles: their `FROM DOCKERFILE` commands."""

from __future__ import annotations

import re

from lint_multistage.late import late_regex
from lint_multistage.project.files import ProjectFiles
from lint_multistage.project.requests import BuildRequest
from lint_multistage.project.shells import in_folder, origin_of, shell_requests

_COMMAND = late_regex(r"^[ \t]*FROM[ \t]+DOCKERFILE\b((?:[^\n\\]|\\.)*)", re.MULTILINE | re.DOTALL)
_NAME = late_regex(r"^([A-Za-z][\w.-]*):", re.MULTILINE)
_MOST = 200
_HEAD = "docker build "


def read_earthfile(path: str, text: str, files: ProjectFiles) -> list[BuildRequest]:
    """What the targets of an Earthfile take from Dockerfiles: nothing of it ships by itself."""
    from msgspec.structs import replace

    from lint_multistage.syntax.shell_layout import Layout

    origin = origin_of(files, path, text, "earthly")
    requests: list[BuildRequest] = []
    for match in list(_COMMAND.finditer(text))[:_MOST]:
        names = _NAME.findall(text, 0, match.start())
        # The options are those of `docker build`.
        layout = Layout(_HEAD + match[1], ((0, match.start()), (len(_HEAD), match.start(1))))
        found = shell_requests(layout, origin, name=names[-1] if names else "", started=in_folder(path))
        requests += [replace(request, ships=False) for request in found]
    return requests
