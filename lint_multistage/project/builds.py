"""From what is asked of a Dockerfile to its Build."""

from __future__ import annotations

from collections.abc import Callable

from lint_multistage.model.build import Build, Place, Target, UnknownTarget, lone_build
from lint_multistage.model.dockerfile import Dockerfile
from lint_multistage.project.project import Asked
from lint_multistage.project.requests import BuildRequest


def asked_build(
    dockerfile: Dockerfile, path: str, asked: Asked, names: tuple[str, ...] = (), *, shown: Callable[[str], str] = str
) -> Build:
    """The build of a Dockerfile: the union of all that anyone builds, its last stage (what `docker build` without a
    target makes), and the stages `names` that `--target` gives.

    `path` is the Dockerfile's relative to the project root; `shown` makes of such a path what reports print.
    """
    alone = lone_build(dockerfile, names, alone=False)
    targets = list(alone.targets)
    unknown: list[UnknownTarget] = []
    for request in asked.requests:
        stage = len(dockerfile.stages) - 1 if not request.target else dockerfile.graph.named(request.target)
        place = _place(request, shown)
        if stage is None or stage < 0:
            missing = UnknownTarget(request.target or "", place)
            unknown += [missing] if missing not in unknown else []
        else:
            targets.append(
                Target(stage, place.path, place.line, kind=request.kind, name=request.name, ships=request.ships)
            )
    return Build(
        dockerfile,
        tuple(targets),
        targets_complete=not asked.unclear,
        alone=False,
        unclear=tuple(_place(request, shown) for request in asked.unclear),
        unknown_targets=tuple(unknown),
        contexts=frozenset(name for request in asked.requests for name in request.contexts),
        path=path,
    )


def _place(request: BuildRequest, shown: Callable[[str], str]) -> Place:
    return Place(shown(request.path), request.line, request.column)
