"""What a stage that somebody builds is for, as far as names and build files tell."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterable

from msgspec import Struct

from lint_multistage.model.build import Build, Target
from lint_multistage.model.stages import Stage

RUNTIME = "runtime"

# Words of stage names, file names and folder names, and the role that they tell.
_WORDS = (
    (
        "development",
        "dev devel develop development local workspace devcontainer shell playground debug debugger debugging",
    ),
    (
        "test",
        "test tests tester testers testing unittest unittests e2e integration spec coverage bench benchmark fuzz "
        "fuzzing",
    ),
    ("ci", "ci lint linter linting check checks validate validation vendor format fmt docs doc"),
    ("export", "export exporter output outputs artifact artifacts artefact artefacts"),
    ("toolchain", "builder build buildenv buildbase toolchain sdk compile compiler cross"),
)
_ROLES = {word: role for role, words in _WORDS for word in words.split()}
_SPLIT = re.compile(r"[-_.\s]+")
_MOST_WORDS = 2
_FILE = re.compile(r"(?i)^(?:docker|container)file|(?:docker|container)file$")


class Role(Struct, frozen=True):
    """What an image is for: runtime, development, test, ci, export or toolchain, and why that is thought."""

    name: str
    reason: str = ""

    @property
    def runs(self) -> bool:
        """Whether people run the image, so that it should carry nothing else."""
        return self.name == RUNTIME


def role_of(stage: Stage, path: str, targets: Iterable[Target], *, default: bool = False) -> Role:
    """The role of a stage that is built, in the Dockerfile at `path`, by `targets` (those that ask for this stage).

    `default` is true for the stage that a build without a target makes: it ships even where it is named `builder`.
    """
    asked = list(targets)
    found = _role_of_words(stage.name)
    if found and not (default and found == "toolchain"):
        return Role(found, f"the stage is named '{stage.label}'")
    if asked and all(target.kind == "devcontainer" for target in asked) and not default:
        return Role("development", f"{asked[0].path}:{asked[0].line} develops in it")
    if asked and not any(target.ships for target in asked):
        return Role("export", f"{asked[0].path}:{asked[0].line} makes no image of it")
    if found := _role_of_file(posixpath.basename(path)):
        return Role(found, f"the file is named '{posixpath.basename(path)}'")
    for folder in reversed(path.split("/")[:-1]):
        if found := _role_of_folder(folder):
            return Role(found, f"it lies in '{folder}'")
    return Role(RUNTIME)


def stage_role(build: Build, stage: int) -> Role:
    """The role of a stage that somebody builds."""
    asked = [target for target in build.targets if target.stage == stage]
    default = any(not target.path for target in asked)
    return role_of(build.dockerfile.stages[stage], build.path, [x for x in asked if x.path], default=default)


def by_hand(stage: Stage) -> bool:
    """Whether people build a stage of this name by hand, by convention, so that no file need ask for it."""
    return _role_of_words(stage.name) not in ("", "toolchain")


def _role_of_words(name: str) -> str:
    """The role that the last telling word of a name tells: `test-runner` is a test, `app-dev` is for development."""
    words = _SPLIT.split(name.lower())
    return next((_ROLES[word] for word in reversed(words) if word in _ROLES), "")


def _role_of_file(name: str) -> str:
    rest = _FILE.sub("", name).strip("-._")
    # A longer name is about something else: `final-from-builder.Dockerfile`.
    return _role_of_words(rest) if len(_SPLIT.split(rest)) <= _MOST_WORDS else ""


def _role_of_folder(folder: str) -> str:
    """Folders tell less than files: only whole names of some roles count."""
    word = folder.lower().lstrip(".")
    role = _ROLES.get(word, "")
    return role if role in ("development", "test", "ci") and word not in ("docs", "doc", "local", "check") else ""
