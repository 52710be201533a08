"""What a stage's contents tell of its role: an image that starts a compiler, a shell, or nothing at all."""

from __future__ import annotations

from collections.abc import Iterator

from lint_multistage.contents.stage import Contents
from lint_multistage.model.build import Build
from lint_multistage.model.dockerfile import Dockerfile
from lint_multistage.model.stages import Stage
from lint_multistage.syntax.instructions import Add, Copy, Instruction, Run

# Whoever starts such a file builds the image for others to run it.
_SERVICES = frozenset(("compose", "skaffold", "tilt", "werf"))
_SETTINGS = (".sh", ".bash", ".conf", ".cfg", ".ini", ".list", ".repo", ".gpg", ".asc", ".pub", ".crt", ".pem")


def role_of_contents(build: Build, stage: int, contents: Contents) -> tuple[str, str]:
    """The role that the contents of a stage tell where names tell none, and why; "" where it is one that people run.

    None is told of an image whose base image may start something that is not known.
    """
    dockerfile = build.dockerfile
    chain = list(_chain(dockerfile, stage))
    labels = [x for x in chain if x.keyword.text == "LABEL"]
    if labels or contents.starts:
        # Few images need to be looked at so closely.
        from lint_multistage.roles.purposes import purpose_of_labels, purpose_of_start

        if text := purpose_of_labels(labels):
            return "toolchain", f"its label says '{text}'"
        if contents.starts:
            role, what = purpose_of_start(contents)
            shell = role == "development"
            if role and not (shell and (_serves(build, stage) or _holds_program(contents))):
                return role, f"it starts '{what}'"
            return "", ""
    if _serves(build, stage) or _holds_program(contents):
        return "", ""
    known = contents.base is not None and contents.image is not None and contents.image.role in ("os", "toolchain")
    if known and any(isinstance(x, Run) for x in chain) and not any(map(_brings_program, chain)):
        return "toolchain", "it starts nothing and holds no program of its own"
    return "", ""


def _serves(build: Build, stage: int) -> bool:
    """Whether what builds the stage runs it, too, and may say what it starts."""
    return any(target.stage == stage and target.kind in _SERVICES for target in build.targets)


def _holds_program(contents: Contents) -> bool:
    """Whether something was built in the stage, or one program installed from sources; a folder holds the toolchain's
    own as well.
    """
    return any(
        product.certain or (product.ecosystem == "go" and product.path and not product.path.endswith("/bin"))
        for product in contents.products
    )


def _chain(dockerfile: Dockerfile, stage: int) -> Iterator[Instruction]:
    """The instructions of a stage and of those that it is FROM."""
    at: int | None = stage
    while at is not None:
        asked: Stage = dockerfile.stages[at]
        yield from asked.instructions
        at = asked.parent


def _brings_program(instruction: Instruction) -> bool:
    """Whether an instruction copies more than scripts and settings."""
    if not isinstance(instruction, Copy | Add) or instruction.heredocs:
        return False
    if isinstance(instruction, Copy) and instruction.source is not None:
        return True
    if instruction.destination.text.startswith(("/etc/", "/tmp/")):
        return False
    return not all(path.text.endswith(_SETTINGS) for path in instruction.paths)
