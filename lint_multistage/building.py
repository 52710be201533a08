"""How each Dockerfile of a run is built: the projects that they belong to, each read once."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from msgspec.structs import replace

from lint_multistage.findings import Note
from lint_multistage.model.build import Build, lone_build
from lint_multistage.model.dockerfile import Dockerfile
from lint_multistage.settings.config import project_root_of

if TYPE_CHECKING:
    from lint_multistage.project.project import Project


class Builds:
    """Finds the builds of Dockerfiles. `root` is the project root where one is given; without `read` no build file is
    looked at.
    """

    def __init__(self, root: str, *, read: bool = True) -> None:
        self._root = root
        self._read = read
        self._roots: dict[str, str] = {}
        self._projects: dict[str, Project] = {}

    def of(self, dockerfile: Dockerfile, targets: tuple[str, ...]) -> Build:
        """How a file is built, `targets` being what `--target` asks for. A file with a single stage never causes the
        repository's build files to be read.
        """
        if not self._read:
            return lone_build(dockerfile, targets)
        root = project_root_of(dockerfile.source.path, given=self._root, cache=self._roots)
        if len(dockerfile.stages) < 2:
            path = os.path.relpath(os.path.realpath(dockerfile.source.path), os.path.realpath(root))
            return replace(lone_build(dockerfile, targets, alone=False), path=path.replace(os.sep, "/"))
        # Most runs are over files of which this is not asked.
        from lint_multistage.project.builds import asked_build

        project = self._project(root)
        path = project.relative(dockerfile.source.path)
        asked = project.asked(path, {stage.name for stage in dockerfile.stages if stage.name})
        return asked_build(dockerfile, path, asked, targets, shown=project.shown)

    def notes(self) -> list[Note]:
        """What could not be read of the build files that were needed so far."""
        return [
            Note(project.shown(path or "."), "build-file", message)
            for project in self._projects.values()
            for path, message in project.files.notes
        ]

    def _project(self, root: str) -> Project:
        from lint_multistage.project.project import Project

        if root not in self._projects:
            self._projects[root] = Project(root)
        return self._projects[root]
