"""A Dockerfile and how it is built."""

from __future__ import annotations

from msgspec import Struct

from lint_multistage.model.dockerfile import Dockerfile


class Target(Struct, frozen=True):
    """A stage that somebody builds. `path` and `line` name the place that asks for it; empty for the default target."""

    stage: int
    path: str = ""
    line: int = 0


class Build(Struct, frozen=True):
    """One Dockerfile and all that is known of how it is built.

    `targets` are what somebody builds; `targets_complete` is false while other builds may exist that were not read.
    `alone` is true where the Dockerfile itself is all there is: nothing else gives arguments to its build.
    """

    dockerfile: Dockerfile
    targets: tuple[Target, ...]
    targets_complete: bool = False
    alone: bool = True


def lone_build(dockerfile: Dockerfile, names: tuple[str, ...] = (), *, alone: bool = True) -> Build:
    """The build of a file whose build files are not read: its last stage ships, and the stages that `--target` gives.

    Those are `names`; names that no stage has are left out, see `unknown_targets`.
    """
    graph = dockerfile.graph
    asked = [stage for name in names if (stage := graph.named(name)) is not None]
    last = [len(dockerfile.stages) - 1] if dockerfile.stages else []
    targets = tuple(Target(stage) for stage in dict.fromkeys([*last, *asked]))
    return Build(dockerfile, targets, alone=alone)


def unknown_targets(dockerfile: Dockerfile, names: tuple[str, ...]) -> tuple[str, ...]:
    """The `names` that are no stage; BuildKit never takes a number for a target."""
    return tuple(name for name in names if dockerfile.graph.named(name) is None)
