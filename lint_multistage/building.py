"""How each Dockerfile of a run is built: the projects that they belong to, each read once."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from msgspec import Struct
from msgspec.structs import replace

from lint_multistage.findings import Failure, Note
from lint_multistage.model.build import Build, lone_build
from lint_multistage.model.dockerfile import Dockerfile
from lint_multistage.settings.config import project_root_of
from lint_multistage.settings.files import dockerfile_name
from lint_multistage.settings.selection import roles_for
from lint_multistage.settings.settings import Settings

if TYPE_CHECKING:
    from lint_multistage.project.project import Asked, Project
    from lint_multistage.project.requests import BuildRequest, Inline
    from lint_multistage.text import Inset


class InlineDockerfile(Struct, frozen=True):
    """A Dockerfile that stands in the build file at `path`, as reports print it, with its place there."""

    path: str
    inline: Inline
    inset: Inset


class Named(Struct, frozen=True):
    """What the build files that somebody named ask for: Dockerfiles by path, those that stand in the build files
    themselves, and what could not be had.
    """

    dockerfiles: tuple[str, ...] = ()
    inlines: tuple[InlineDockerfile, ...] = ()
    notes: tuple[Note, ...] = ()
    failures: tuple[Failure, ...] = ()


class Builds:
    """Finds the builds of Dockerfiles. `root` is the project root where one is given; without `read` no build file is
    looked at but those that are `named`: their builds count, whatever else is read. A file with a single stage never
    causes the repository's build files to be read, unless some are named, or `single` is given. `texts` are laid over
    build files on the disk, by real path.
    """

    def __init__(
        self,
        root: str,
        *,
        read: bool = True,
        named: Sequence[str] = (),
        single: bool = False,
        texts: Mapping[str, str] | None = None,
    ) -> None:
        self._texts = texts
        self._root = root
        self._fewest = 1 if single else 2
        self._read = read
        self._roots: dict[str, str] = {}
        self._projects: dict[str, Project] = {}
        self._named: dict[str, list[str]] = {}
        for path in named:
            top = os.path.realpath(self._root_of(path))
            relative = os.path.relpath(os.path.realpath(path), top).replace(os.sep, "/")
            self._named.setdefault(top, []).append(relative)

    def of(self, dockerfile: Dockerfile, targets: tuple[str, ...]) -> Build:
        """How a file is built, `targets` being what `--target` asks for."""
        root = self._root_of(dockerfile.source.path)
        named = self._named_above(dockerfile.source.path) if self._named else ""
        if not self._read and not named:
            return lone_build(dockerfile, targets)
        if len(dockerfile.stages) < self._fewest and not named:
            path = os.path.relpath(os.path.realpath(dockerfile.source.path), os.path.realpath(root))
            build = lone_build(dockerfile, targets, alone=False)
            return replace(build, path=path.replace(os.sep, "/"), folders=_likely_contexts(build, root))
        project = self._project(named or root)
        path = project.relative(dockerfile.source.path)
        asked = project.asked(path, {stage.name for stage in dockerfile.stages if stage.name})
        build = _asked_build(project, dockerfile, path, asked, targets)
        return build if build.folders else replace(build, folders=_likely_contexts(build, root))

    def of_inline(self, dockerfile: Dockerfile, inline: Inline, targets: tuple[str, ...]) -> Build:
        """How a Dockerfile that stands in a named build file is built."""
        project = self._project(self._named_above(dockerfile.source.path))
        return _asked_build(project, dockerfile, inline.path, project.asked_inline(inline), targets)

    def named(self) -> Named:
        """What the build files that are named ask for."""
        dockerfiles: dict[str, None] = {}
        inlines: dict[InlineDockerfile, None] = {}
        notes: list[Note] = []
        failures: list[Failure] = []
        for top, paths in self._named.items():
            project = self._project(top)
            for path in paths:
                if path.startswith("../"):
                    failures.append(Failure(project.shown(path), f"it lies outside the project root {top}"))
                    continue
                requests = project.asked_in(path)
                wrong = [message for at, message in project.files.notes if at == path]
                failures += [Failure(project.shown(path), message) for message in wrong]
                if not requests and not wrong:
                    notes.append(Note(project.shown(path), "build-file", "it names no build of a Dockerfile"))
                for request in requests:
                    if request.inline is not None:
                        inlines |= dict.fromkeys(_inlines(project, request.inline))
                    elif request.dockerfile is not None and project.files.exists(request.dockerfile):
                        dockerfiles[project.shown(request.dockerfile)] = None
                    else:
                        notes.append(_missing(project, request))
        return Named(tuple(dockerfiles), tuple(inlines), tuple(dict.fromkeys(notes)), tuple(failures))

    def requests(self, path: str) -> tuple[BuildRequest, ...]:
        """What the repository's build files ask of the Dockerfile at `path`, with the paths of those files absolute."""
        project = self._project(self._root_of(path))
        own = project.relative(path)
        return tuple(
            replace(request, path=os.path.join(project.root, request.path))
            for request in project.requests
            if request.dockerfile == own and request.inline is None
        )

    def notes(self) -> list[Note]:
        """What could not be read of the build files that were needed so far."""
        named = {(top, path) for top, paths in self._named.items() for path in paths}
        return [
            Note(project.shown(path or "."), "build-file", message)
            for root, project in self._projects.items()
            for path, message in project.files.notes
            if (root, path) not in named
        ]

    def _root_of(self, path: str) -> str:
        return project_root_of(path, given=self._root, cache=self._roots)

    def _named_above(self, path: str) -> str:
        """The root of a named build file that the file at `path` lies below; "" where there is none."""
        real = os.path.realpath(path)
        return max((top for top in self._named if real.startswith(top.rstrip(os.sep) + os.sep)), key=len, default="")

    def _project(self, root: str) -> Project:
        # Most runs are over files of which this is not asked.
        from lint_multistage.project.project import Project

        if root not in self._projects:
            self._projects[root] = Project(root, self._named.get(root, ()), whole=self._read, texts=self._texts)
        return self._projects[root]


def with_roles(build: Build, settings: Settings) -> Build:
    """The build with the roles that the configuration gives its stages."""
    if not settings.roles:
        return build
    labels = [stage.label for stage in build.dockerfile.stages]
    roles = roles_for(build.dockerfile.source.path, labels, settings)
    return replace(build, roles={index: (role, "the configuration says so") for index, role in roles.items()})


def build_file_name(path: str) -> bool:
    """Whether a file with this path, named on the command line, says how Dockerfiles are built."""
    if dockerfile_name(path):
        return False
    if path.lower().endswith((".yaml", ".yml", ".hcl", ".json")):
        return True
    from lint_multistage.project.files import kind_of

    kind = kind_of(os.path.abspath(path).replace(os.sep, "/"))
    return kind is not None and (kind != "script" or "." in os.path.basename(path))


def _asked_build(project: Project, dockerfile: Dockerfile, path: str, asked: Asked, targets: tuple[str, ...]) -> Build:
    from lint_multistage.project.builds import asked_build

    build = asked_build(
        dockerfile, path, asked, targets, shown=project.shown, others=project.requests, line_of=project.line
    )
    contexts = dict.fromkeys(request.context for request in asked.requests if request.context is not None)
    folders = tuple(os.path.join(project.root, context) for context in contexts)
    # It does not count for contexts that are fetched, nor for one that is not known.
    alone = len(folders) == 1 and all(request.context is not None for request in asked.requests) and not asked.unclear
    ignored = (
        _dockerignore(os.path.join(project.root, path), folders[0]) if alone and not dockerfile.source.inset else ""
    )
    return replace(build, folders=folders, dockerignore=ignored)


def _dockerignore(dockerfile: str, context: str) -> str:
    """The file of a local context that keeps files out of the build of a Dockerfile, "" where there is none."""
    found = (f"{dockerfile}.dockerignore", os.path.join(context, ".dockerignore"))
    return next((path for path in found if os.path.isfile(path)), "")


def _inlines(project: Project, inline: Inline) -> list[InlineDockerfile]:
    from lint_multistage.project.insets import inset_of

    text = project.files.read(inline.path)
    if not inline.text.strip() or text is None:
        return []
    return [InlineDockerfile(project.shown(inline.path), inline, inset_of(inline, text))]


def _missing(project: Project, request: BuildRequest) -> Note:
    """The note on a build whose Dockerfile is not there, or not known."""
    what = f"the build of '{request.name}'" if request.name else "a build"
    if request.dockerfile is None:
        message = f"{what} is not looked at: its Dockerfile depends on variables, or lies elsewhere"
    else:
        message = f"{what} is not looked at: there is no file {project.shown(request.dockerfile)}"
    return Note(project.shown(request.path), "build-file", message, request.line)


def _likely_contexts(build: Build, root: str) -> tuple[str, ...]:
    """The folders that a Dockerfile is mostly built in where nothing says so: its own, and the project's root."""
    path = build.dockerfile.source.path
    return tuple(dict.fromkeys((os.path.dirname(path) or ".", root))) if os.path.isfile(path) else ()
