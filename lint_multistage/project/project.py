"""All that a repository asks of its Dockerfiles."""

from __future__ import annotations

import os
import posixpath
import re
from collections.abc import Collection, Mapping
from functools import cached_property

from msgspec import Struct
from msgspec.structs import replace

from lint_multistage.model.build import Ignored
from lint_multistage.project.files import ProjectFiles, kind_of
from lint_multistage.project.ignored import ignored_in
from lint_multistage.project.readers import READERS
from lint_multistage.project.requests import BuildRequest, Inline
from lint_multistage.project.unread import Unread, look_at

MAX_UNREAD = 50


class Asked(Struct, frozen=True):
    """What is asked of one Dockerfile.

    `requests` ask for one of its stages, or for its default target; `unclear` may ask for others: their target, or
    which Dockerfile they mean, is not literal. `perhaps` are builds of its stages that files speak of, those that
    could not be read among them. `ignored` is what comments silence in the files that all these stand in.
    """

    requests: tuple[BuildRequest, ...] = ()
    unclear: tuple[BuildRequest, ...] = ()
    perhaps: tuple[BuildRequest, ...] = ()
    ignored: tuple[Ignored, ...] = ()


class Project:
    """The build files below a root folder (an absolute path); they are read when first asked for.

    `named` are build files, as paths below the root, that count as such whatever their names; without `whole` they are
    all that counts. `texts` are laid over the disk, by real path.
    """

    def __init__(
        self, root: str, named: Collection[str] = (), *, whole: bool = True, texts: Mapping[str, str] | None = None
    ) -> None:
        self.root = root
        self.files = ProjectFiles(root, texts or {})
        self._named = tuple(named)
        self._whole = whole
        self._ignored_by_path: dict[str, tuple[Ignored, ...]] = {}

    @cached_property
    def requests(self) -> tuple[BuildRequest, ...]:
        """Every build that a file asks for, in the order of paths and lines."""
        paths = dict.fromkeys((*(self.files.paths() if self._whole else ()), *self._named))
        found = [request for path in paths for request in self.asked_in(path)]
        return tuple(sorted(found, key=lambda request: (request.path, request.line, request.column)))

    def asked_in(self, path: str) -> list[BuildRequest]:
        """The builds that one build file asks for."""
        kind = kind_of(path)
        if kind is None or kind not in READERS:
            kind = "bake" if path.lower().endswith((".hcl", ".json")) else "compose"
        text = self.files.read(path)
        return READERS[kind](path, text, self.files) if text is not None else []

    @cached_property
    def _by_dockerfile(self) -> dict[str | None, list[BuildRequest]]:
        table: dict[str | None, list[BuildRequest]] = {}
        for request in self.requests:
            if request.inline is None:
                table.setdefault(request.dockerfile, []).append(request)
        return table

    def asked_inline(self, inline: Inline) -> Asked:
        """What is asked of a Dockerfile that stands in a build file."""
        found = [request for request in self.requests if request.inline == inline]
        return Asked(
            tuple(request for request in found if request.target is not None),
            tuple(request for request in found if request.target is None),
            ignored=self._ignored({inline.path, *(request.path for request in found)}),
        )

    def asked(self, dockerfile: str, stages: Collection[str]) -> Asked:
        """What is asked of the Dockerfile at a path relative to the root, whose stages have the names `stages`.

        A build that may mean this Dockerfile and names one of its stages is taken for a build of that stage. One whose
        target is not literal perhaps builds the stages that its file speaks of elsewhere: that is where the target
        comes from. One of another Dockerfile of the same folder that names a stage of this one, and none of its own, is
        unclear. Of a file that could not be read it counts what it says beside the word `target`.
        """
        requests = [request for request in self._by_dockerfile.get(dockerfile, ()) if request.target is not None]
        unclear: list[BuildRequest] = []
        for request in self._by_dockerfile.get(dockerfile, ()):
            if request.target is None:
                unclear.append(request)
        for request in self._by_dockerfile.get(None, ()):
            if request.target is None:
                unclear.append(request)
            elif request.target.lower() in stages:
                requests.append(request)
        perhaps = [
            replace(request, target=name, line=line)
            for request in unclear
            for name in sorted(stages)
            if (line := self._speaks_of(request.path, name))
        ]
        folder = posixpath.dirname(dockerfile)
        for other, asked in self._by_dockerfile.items():
            # Dockerfiles of one folder are often built by one script, which chooses among them.
            if other not in (None, dockerfile) and posixpath.dirname(other or "") == folder:
                unclear += [
                    request
                    for request in asked
                    if request.target
                    and request.target.lower() in stages
                    and not self._has(other or "", request.target)
                ]
        perhaps += [request for unread in self._unread for request in unread.may_ask(dockerfile, stages)]
        unclear += [request for request in perhaps if request.target is None]
        return Asked(
            tuple(requests),
            tuple(unclear),
            tuple(request for request in perhaps if request.target is not None),
            self._ignored({request.path for request in (*requests, *unclear)}),
        )

    @cached_property
    def _unread(self) -> tuple[Unread, ...]:
        """The build files that could not be read, or not in full, and speak of targets."""
        _ = self.requests  # What cannot be read shows when all has been.
        paths = dict.fromkeys(path for path, _ in self.files.notes)
        found = (look_at(path, text) for path in [*paths][:MAX_UNREAD] if (text := self.files.seen(path)))
        return tuple(unread for unread in found if unread is not None)

    def _ignored(self, paths: Collection[str]) -> tuple[Ignored, ...]:
        return tuple(ignored for path in sorted(paths) for ignored in self._ignored_in(path))

    def _ignored_in(self, path: str) -> tuple[Ignored, ...]:
        """What comments in a build file silence there; those in a Dockerfile that stands in it are the Dockerfile's."""
        if path not in self._ignored_by_path:
            inlines = (request.inline for request in self.requests if request.inline is not None)
            inside = (range(x.line, x.line + x.text.count("\n") + 1) for x in inlines if x.path == path)
            self._ignored_by_path[path] = ignored_in(path, self.files.read(path) or "", inside)
        return self._ignored_by_path[path]

    def _speaks_of(self, path: str, name: str) -> int:
        """The first line of a build file on which the name of a stage stands as a value may, 0 where there is none: not
        in a comment, a path, a key, a variable's place or `docker build`.
        """
        text = self.files.read(path) or ""
        if name not in text.lower():
            return 0
        word = re.compile(rf"(?i)(?<![\w./$({{-])(?<!docker )(?<!buildx ){re.escape(name)}(?![\w./:({{}}-])")
        for number, line in enumerate(text.split("\n"), 1):
            if name in line.lower() and not line.lstrip().startswith(("#", "//")) and word.search(line):
                return number
        return 0

    def _has(self, dockerfile: str, stage: str) -> bool:
        """Whether a Dockerfile of the project has a stage of that name."""
        named = rf"(?im)^[ \t]*FROM[ \t].*[ \t]AS[ \t]+{re.escape(stage)}[ \t\r]*$"
        return bool(re.search(named, self.files.read(dockerfile) or ""))

    def relative(self, path: str) -> str:
        """A path as the build files name it: relative to the root, with `/`."""
        return os.path.relpath(os.path.realpath(path), self.files.root).replace(os.sep, "/")

    def line(self, path: str, number: int) -> str:
        """The line with that number (from 1) of a file, empty where there is none."""
        lines = (self.files.read(path) or "").split("\n", number)
        return lines[number - 1] if number <= len(lines) else ""

    def shown(self, path: str) -> str:
        """A path relative to the root as reports print it: relative to the working directory, with `/`."""
        return os.path.relpath(os.path.join(self.root, path)).replace(os.sep, "/")
