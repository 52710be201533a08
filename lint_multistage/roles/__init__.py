"""What a stage that somebody builds is for."""

from __future__ import annotations

from collections.abc import Iterable

from msgspec import Struct

from lint_multistage.model.build import Build, Target
from lint_multistage.model.stages import Stage
from lint_multistage.roles.names import role_of_name, role_of_path

RUNTIME = "runtime"


class Role(Struct, frozen=True):
    """What an image is for: runtime, development, test, ci, export or toolchain, and why that is thought."""

    name: str
    reason: str = ""

    @property
    def runs(self) -> bool:
        """Whether people run the image, so that it should carry nothing else."""
        return self.name == RUNTIME


def role_of(stage: Stage, path: str, targets: Iterable[Target], *, default: bool = False) -> Role:
    """The role of a stage that is built, in the Dockerfile at `path`, by `targets` (those that ask for this stage), as
    far as names and build files tell.

    `default` is true for the stage that a build without a target makes: it ships even where it is named `builder`.
    """
    asked = list(targets)
    found = role_of_name(stage.name)
    if found and not (default and found == "toolchain"):
        return Role(found, f"the stage is named '{stage.label}'")
    if asked and all(target.kind == "devcontainer" for target in asked) and not default:
        return Role("development", f"{asked[0].path}:{asked[0].line} develops in it")
    if asked and not any(target.ships for target in asked):
        return Role("export", f"{asked[0].path}:{asked[0].line} makes no image of it")
    found, reason = role_of_path(path)
    return Role(found, reason) if found else Role(RUNTIME)


def stage_role(build: Build, stage: int) -> Role:
    """The role of a stage that somebody builds: what its build says, else what names and build files tell."""
    if given := build.roles.get(stage):
        return Role(*given)
    asked = [target for target in build.targets if target.stage == stage]
    default = any(not target.path for target in asked)
    return role_of(build.dockerfile.stages[stage], build.path, [x for x in asked if x.path], default=default)


def by_hand(stage: Stage) -> bool:
    """Whether people build a stage of this name by hand, by convention, so that no file need ask for it."""
    return role_of_name(stage.name) not in ("", "toolchain")
