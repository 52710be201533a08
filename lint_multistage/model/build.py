"""A Dockerfile and how it is built."""

from __future__ import annotations

from collections.abc import Mapping

from msgspec import Struct

from lint_multistage.model.contexts import NamedContext
from lint_multistage.model.dockerfile import Dockerfile


class Place(Struct, frozen=True):
    """A place in another file: its path, line and column from 1."""

    path: str
    line: int
    column: int = 1


class Target(Struct, frozen=True):
    """A stage that somebody builds.

    `path` and `line` name the place that asks for it, both empty for the default target of `docker build` and for
    `--target`. `kind` says what asks (compose, bake, workflow, make …), `name` what it calls the build (a service, a
    job). `ships` is false where the result is no image that people run. `contexts` are the named contexts that it
    gives.
    """

    stage: int
    path: str = ""
    line: int = 0
    kind: str = ""
    name: str = ""
    ships: bool = True
    contexts: tuple[NamedContext, ...] = ()


class UnknownTarget(Struct, frozen=True):
    """A target that somebody asks for and no stage has; `by` is what the build is called, "" where it has no name.
    `written` is true where the name stands at the place as it is, so that another can be written instead.
    """

    name: str
    place: Place
    by: str = ""
    written: bool = False


class Ignored(Struct, frozen=True):
    """A comment of another file that silences what is found there, on lines `first` to `last`, under a code that begins
    with one of `codes`.
    """

    path: str
    first: int
    last: int
    codes: tuple[str, ...]

    def silences(self, code: str, path: str, line: int) -> bool:
        return path == self.path and self.first <= line <= self.last and code.startswith(self.codes)


class Build(Struct, frozen=True):
    """One Dockerfile and all that is known of how it is built.

    `targets` are what somebody builds; `targets_complete` is false while other builds may exist: `unclear` are the
    places that may build more. `alone` is true where the Dockerfile itself is all there is: nothing else gives
    arguments to its build. `contexts` are the named contexts that any build gives, even one of an unknown target;
    `unknown_targets` are what is asked for in vain. `perhaps` are targets that files speak of, and may ask
    for; they have no kind where the file could not be read. `ignored` is what comments silence in the files that ask.
    `path` is that of the Dockerfile relative to the root of its project, as far as it is known. `roles` are those that
    are known from elsewhere, by the stages' numbers: the role, and why. `folders` are those that may be the build
    context, likeliest first, and `dockerignore` is the file that keeps some of it out of every build, "" where there is
    none or other builds may have another context.
    """

    dockerfile: Dockerfile
    targets: tuple[Target, ...]
    targets_complete: bool = False
    alone: bool = True
    unclear: tuple[Place, ...] = ()
    unknown_targets: tuple[UnknownTarget, ...] = ()
    contexts: tuple[NamedContext, ...] = ()
    path: str = ""
    roles: Mapping[int, tuple[str, str]] = {}
    perhaps: tuple[Target, ...] = ()
    ignored: tuple[Ignored, ...] = ()
    folders: tuple[str, ...] = ()
    dockerignore: str = ""


def lone_build(dockerfile: Dockerfile, names: tuple[str, ...] = (), *, alone: bool = True) -> Build:
    """The build of a file whose build files are not read: its last stage ships, and the stages that `--target` gives.

    Those are `names`; names that no stage has are left out, see `missing_targets`.
    """
    graph = dockerfile.graph
    asked = [stage for name in names if (stage := graph.named(name)) is not None]
    last = [len(dockerfile.stages) - 1] if dockerfile.stages else []
    targets = tuple(Target(stage) for stage in dict.fromkeys([*last, *asked]))
    name = dockerfile.source.path.rpartition("/")[2]
    return Build(dockerfile, targets, targets_complete=alone, alone=alone, path=name)


def missing_targets(dockerfile: Dockerfile, names: tuple[str, ...]) -> tuple[str, ...]:
    """The `names` that are no stage; BuildKit never takes a number for a target."""
    return tuple(name for name in names if dockerfile.graph.named(name) is None)
