"""What can be told of build files that cannot be read: templates of YAML, files too large or too deep."""

from __future__ import annotations

import posixpath
from collections.abc import Collection, Iterator, Mapping
from itertools import islice

from msgspec import Struct

from lint_multistage.late import late_regex
from lint_multistage.project.requests import BuildRequest

_TARGET = late_regex(r"(?i)(?<![a-z0-9])target(?![a-z0-9])")
# What a value begins with, or holds, that something else fills in.
_FILLED_IN = late_regex(r"\{\{|\{%|<%|<<|\$")
# No part of a path: mounts have targets as well.
_NAME = late_regex(r"(?<![\w./-])\w[\w.-]*(?![\w/-])")
_PATH = late_regex(r"[\w./@+-]+")
_MOST_TARGETS = 2_000
_MOST_PATHS = 20_000
_WINDOW = 200

Point = tuple[int, int]


class Unread(Struct, frozen=True):
    """A build file that could not be read, or not in full.

    `names` are the words that stand beside the word `target`, in lower case, with the first line and column of each.
    Where a target is filled in by something else, `unknown` is the place, and `paths` are the words that may be paths.
    """

    path: str
    names: Mapping[str, Point]
    unknown: Point | None = None
    paths: frozenset[str] = frozenset()

    def may_ask(self, dockerfile: str, stages: Collection[str]) -> Iterator[BuildRequest]:
        """The builds of a Dockerfile that the file may ask for: of one of its stages, or of any (None)."""
        for name in sorted(stages):
            if name in self.names:
                yield self._request(dockerfile, name, self.names[name])
        if self.unknown is not None and not self.paths.isdisjoint(_spellings(dockerfile, posixpath.dirname(self.path))):
            yield self._request(dockerfile, None, self.unknown)

    def _request(self, dockerfile: str, target: str | None, place: Point) -> BuildRequest:
        line, column = place
        return BuildRequest(
            path=self.path, line=line, column=column, kind="", dockerfile=dockerfile, target=target, context=None
        )


def look_at(path: str, text: str) -> Unread | None:
    """What the text of a file that could not be read says of targets; None where it speaks of none."""
    names: dict[str, Point] = {}
    unknown: Point | None = None
    line, counted = 1, 0
    for match in islice(_TARGET.finditer(text), _MOST_TARGETS):
        line += text.count("\n", counted, match.start())
        counted = match.start()
        start = text.rfind("\n", 0, counted) + 1
        end = text.find("\n", match.end())
        first = max(start, counted - _WINDOW)
        last = min(end if end >= 0 else len(text), match.end() + _WINDOW)
        for name in _NAME.finditer(text, first, last):
            if name.start() != counted:
                names.setdefault(name[0].lower(), (line, name.start() - start + 1))
        if unknown is None and _FILLED_IN.search(text, first, last):
            unknown = (line, counted - start + 1)
    if not names and unknown is None:
        return None
    paths = islice(_PATH.finditer(text), _MOST_PATHS) if unknown is not None else ()
    return Unread(path, names, unknown, frozenset(posixpath.normpath(found[0]) for found in paths))


def _spellings(dockerfile: str, folder: str) -> Iterator[str]:
    """The ways in which a file in `folder` may name a Dockerfile, or the folder of one that has the usual name."""
    own, name = posixpath.split(dockerfile)
    usual = name.lower() in ("dockerfile", "containerfile")
    # What lies in a folder such as .github is run in the root.
    bases = {"/", "/" if folder.startswith(".") else "/" + folder}
    for base in bases:
        yield posixpath.relpath("/" + dockerfile, base)
        if usual and (own or base != "/" or len(bases) == 1):
            yield posixpath.relpath("/" + own, base)
    if not usual:
        yield name
