"""Images that are there for other Dockerfiles to start from."""

from __future__ import annotations

from collections.abc import Iterable

from lint_multistage.contents.stage import Contents
from lint_multistage.late import late_regex
from lint_multistage.model.dockerfile import Dockerfile
from lint_multistage.syntax.instructions import From, Instruction, Onbuild, Run

_WORDS = frozenset(
    "devel dev builder buildenv buildbase toolchain toolchains devcontainer devcontainers manylinux manylinux1 "
    "manylinux2010 manylinux2014 musllinux actions-runner buildpack-deps".split()
)
_SPLIT = late_regex(r"[/:_.-]+")


def triggers_builds(instructions: Iterable[Instruction]) -> bool:
    """Whether ONBUILD runs commands in the images that start from this one."""
    return any(isinstance(x, Onbuild) and isinstance(x.trigger, Run) for x in instructions)


def is_pin(dockerfile: Dockerfile) -> bool:
    """Whether a file is one FROM with a digest and nothing else: a version for tools to raise and others to read."""
    stage = dockerfile.stages[0]
    alone = len(dockerfile.stages) == 1 and all(isinstance(x, From) for x in stage.instructions)
    return alone and "@" in stage.from_.base.text


def building_word(contents: Contents) -> str:
    """The word of an unknown base image's name or tag that says that it is for building, "" for none."""
    return next((word for word in _words(contents) if word in _WORDS), "")


def is_base(contents: Contents) -> bool:
    """Whether an unknown base image is called one, so that what only adds packages to it is another."""
    return "base" in _words(contents)


def _words(contents: Contents) -> list[str]:
    """The words of an unknown base image's name and tag."""
    if contents.base is None or contents.image is not None:
        return []
    return _SPLIT.split(contents.base.text.partition("@")[0].lower().rpartition("/")[2])
