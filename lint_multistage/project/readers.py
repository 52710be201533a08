"""Which reader reads which kind of build file."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from importlib import import_module

from lint_multistage.project.files import ProjectFiles
from lint_multistage.project.requests import BuildRequest

Reader = Callable[[str, str, ProjectFiles], list[BuildRequest]]


def _lazily(module: str, function: str) -> Reader:
    """The reader `function` of `module`, which is imported when a file is there to be read."""

    def read(path: str, text: str, files: ProjectFiles) -> list[BuildRequest]:
        reader: Reader = getattr(import_module(f"lint_multistage.project.{module}"), function)
        return reader(path, text, files)

    return read


def _lazily_by_path(module: str, function: str) -> Reader:
    """The same for a reader that takes path and files, since it reads further files beside the one it is given."""

    def read(path: str, text: str, files: ProjectFiles) -> list[BuildRequest]:
        reader: Callable[[str, ProjectFiles], list[BuildRequest]] = getattr(
            import_module(f"lint_multistage.project.{module}"), function
        )
        return reader(path, files)

    return read


READERS: Mapping[str, Reader] = {
    "compose": _lazily_by_path("compose", "read_compose"),
    "bake": _lazily_by_path("bake", "read_bake"),
} | {
    kind: _lazily(module, function)
    for kind, module, function in (
        ("script", "scripts", "read_script"),
        ("package", "scripts", "read_package"),
        ("make", "makefiles", "read_makefile"),
        ("just", "justfiles", "read_justfile"),
        ("taskfile", "taskfiles", "read_taskfile"),
        ("workflow", "workflows", "read_workflow"),
        ("action", "workflows", "read_action"),
        ("gitlab", "gitlab", "read_gitlab"),
        ("circleci", "circleci", "read_circleci"),
        ("azure", "azure", "read_azure"),
        ("jenkins", "jenkinsfiles", "read_jenkinsfile"),
        ("cloudbuild", "cloudbuild", "read_cloudbuild"),
        ("skaffold", "skaffold", "read_skaffold"),
        ("tilt", "tiltfiles", "read_tiltfile"),
        ("devcontainer", "devcontainers", "read_devcontainer"),
        ("earthly", "earthfiles", "read_earthfile"),
        ("werf", "skaffold", "read_werf"),
    )
}
"""By the kind that `kind_of` gives a path: a function of path, text and files that gives the requests; none raises."""
