"""From what is asked of a Dockerfile to its Build."""

from __future__ import annotations

import posixpath
from collections.abc import Callable, Iterable, Iterator, Mapping

from msgspec.structs import replace

from lint_multistage.late import late_regex
from lint_multistage.model.build import Build, Place, Target, UnknownTarget, lone_build
from lint_multistage.model.contexts import NamedContext, OtherTarget, context_name, named_contexts
from lint_multistage.model.dockerfile import Dockerfile
from lint_multistage.model.scope import expanded, read_globals
from lint_multistage.project.project import Asked
from lint_multistage.project.requests import BuildRequest
from lint_multistage.syntax.instructions import Arg

_NO_PATHS = late_regex(r"[A-Za-z][A-Za-z0-9+.-]*:|git@|github\.com/|[/~]|\.\.(?:/|$)|$")
"""Values of contexts that are no paths from the root."""


def asked_build(
    dockerfile: Dockerfile,
    path: str,
    asked: Asked,
    names: tuple[str, ...] = (),
    *,
    shown: Callable[[str], str] = str,
    others: Iterable[BuildRequest] = (),
    line_of: Callable[[str, int], str] = lambda path, line: "",
) -> Build:
    """The build of a Dockerfile: the union of all that anyone builds, its last stage (what `docker build` without a
    target makes), and the stages `names` that `--target` gives.

    `path` is the Dockerfile's relative to the project root; `shown` makes of such a path what reports print. `others`
    are the builds that named contexts may take the result of. `line_of` gives a line of a build file.
    """
    alone = lone_build(dockerfile, names, alone=False)
    targets = list(alone.targets)
    unknown: list[UnknownTarget] = []
    contexts: dict[NamedContext, None] = {}
    known = _by_name(others) if any(request.contexts for request in (*asked.requests, *asked.unclear)) else {}
    for request in asked.unclear:
        contexts |= dict.fromkeys(_contexts(dockerfile, request, shown, known))
    for request in asked.requests:
        stage = len(dockerfile.stages) - 1 if not request.target else dockerfile.graph.named(request.target)
        place = _place(request, shown)
        given = tuple(_contexts(dockerfile, request, shown, known))
        contexts |= dict.fromkeys(given)
        if stage is None or stage < 0:
            missing = _unknown(request, place, line_of)
            unknown += [missing] if missing not in unknown else []
        else:
            targets.append(
                Target(
                    stage,
                    place.path,
                    place.line,
                    kind=request.kind,
                    name=request.name,
                    ships=request.ships,
                    contexts=given,
                )
            )
    perhaps = ((dockerfile.graph.named(x.target or ""), _place(x, shown), x.kind) for x in asked.perhaps)
    return Build(
        dockerfile,
        tuple(targets),
        targets_complete=not (asked.unclear or asked.perhaps),
        alone=False,
        unclear=tuple(_place(request, shown) for request in asked.unclear),
        unknown_targets=tuple(unknown),
        contexts=tuple(contexts),
        path=path,
        perhaps=tuple(
            Target(stage, place.path, place.line, kind=kind) for stage, place, kind in perhaps if stage is not None
        ),
        ignored=tuple(replace(ignored, path=shown(ignored.path)) for ignored in asked.ignored),
    )


def _unknown(request: BuildRequest, place: Place, line_of: Callable[[str, int], str]) -> UnknownTarget:
    """The target of a request that no stage has, placed at its name where that stands there, quoted or not."""
    name = request.target or ""
    line, at = line_of(request.path, request.line), request.column - 1
    if line[at : at + 1] in ("'", '"'):
        at += 1
    around = line[max(0, at - 1) : at] + line[at + len(name) : at + len(name) + 1]
    written = line.startswith(name, at) and not any(
        char.isalnum() or char in "-_.${}\\/" for char in around.strip("{}")
    )
    return UnknownTarget(name, replace(place, column=at + 1) if written else place, request.name, written)


def _place(request: BuildRequest, shown: Callable[[str], str]) -> Place:
    return Place(shown(request.path), request.line, request.column)


def _by_name(requests: Iterable[BuildRequest]) -> dict[tuple[str, str], list[BuildRequest]]:
    """The builds of bake targets and compose services, by folder and name: bake reads the compose file beside it."""
    found: dict[tuple[str, str], list[BuildRequest]] = {}
    for request in requests:
        if request.kind in ("bake", "compose") and request.name:
            found.setdefault((posixpath.dirname(request.path), request.name), []).append(request)
    return found


def _contexts(
    dockerfile: Dockerfile,
    request: BuildRequest,
    shown: Callable[[str], str],
    known: Mapping[tuple[str, str], list[BuildRequest]],
) -> Iterator[NamedContext]:
    """The named contexts that a build gives, with paths as reports print them."""
    if not request.contexts:
        return
    by = f"{shown(request.path)}:{request.line}"
    bases = _bases(dockerfile, request)
    for name, value in named_contexts(request.contexts).items():
        kind, _, target = value.partition(":")
        source = None
        if kind in ("target", "service"):
            found = known.get((posixpath.dirname(request.path), target), ())
            of_file = min(found, key=lambda other: (other.path != request.path, other.target is None), default=None)
            source = _other_target(of_file, shown) if of_file is not None else None
        path = value if _NO_PATHS.match(value) else shown(value)
        yield NamedContext(name, path, source, by, tuple(bases.get(name, ())))


def _bases(dockerfile: Dockerfile, request: BuildRequest) -> dict[str, list[int]]:
    """The stages whose base image depends on variables, by its name under the arguments of `request`."""
    given = {name: value for name, value in request.arguments.items() if value is not None}
    stages = [stage for stage in dockerfile.stages if stage.parent is None and "$" in stage.from_.base.text]
    if not given or not stages:
        return {}
    arguments = (instruction for instruction in dockerfile.before if isinstance(instruction, Arg))
    scope, _ = read_globals(arguments, {**given, **dockerfile.build_args}, dockerfile.escape)
    found: dict[str, list[int]] = {}
    for stage in stages:
        base = expanded(stage.from_.base.text, scope.values, dockerfile.escape)
        if base and base != stage.base:
            found.setdefault(context_name(base), []).append(stage.index)
    return found


def _other_target(request: BuildRequest, shown: Callable[[str], str]) -> OtherTarget | None:
    path = request.inline.path if request.inline is not None else request.dockerfile
    return OtherTarget(shown(path), request.target) if path is not None else None
