"""Whether an image holds something of a project: files of its own, or what a stage of the file has built."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Protocol

from lint_multistage.contents.stage import Contents
from lint_multistage.context import Context
from lint_multistage.late import late_regex
from lint_multistage.model.dockerfile import Dockerfile
from lint_multistage.syntax.instructions import Add, Copy, Instruction

SETTINGS = (".sh", ".bash", ".conf", ".cfg", ".ini", ".list", ".repo", ".gpg", ".asc", ".pub", ".crt", ".pem")
_ASIDE = (*SETTINGS, ".cmake", ".sources", ".key", ".rules", ".service", ".ps1", ".md")

# What starts an image is mostly a script, whatever its ending.
_STARTER = late_regex(r"(?:.*/)?(?:docker-?)?(?:entry-?point|start|run|init|wrapper)(?:[-_]\w+)*")


class Examined(Protocol):
    """A build under examination: a Survey."""

    @property
    def dockerfile(self) -> Dockerfile: ...

    @property
    def context(self) -> Context: ...

    def contents(self, stage: int) -> Contents: ...


def holds_program(contents: Contents) -> bool:
    """Whether something was built in the stage, or one program installed from sources; a folder holds the toolchain's
    own as well.
    """
    return any(
        product.certain or (product.ecosystem == "go" and product.path and not product.path.endswith("/bin"))
        for product in contents.products
    )


def holds_project(known: Examined, stage: int, instructions: Iterable[Instruction]) -> bool:
    """Whether a stage of these `instructions` may hold something of a project: it copies more than scripts and settings
    from the build context, or a stage that it needs builds something.
    """
    if any(_brings_project(known, x) for x in instructions if isinstance(x, Copy | Add)):
        return True
    return any(holds_program(known.contents(index)) for index in known.dockerfile.graph.reached([stage]))


def _brings_project(known: Examined, instruction: Copy | Add) -> bool:
    if isinstance(instruction, Copy) and instruction.source is not None:
        return False
    if instruction.heredocs or instruction.destination.text.startswith(("/etc/", "/tmp/")):
        return False
    paths = (path.text for path in instruction.paths if "://" not in path.text)
    return not all(path.endswith(_ASIDE) or _is_script(known, path) for path in paths)


def _is_script(known: Examined, path: str) -> bool:
    """Whether a path without an ending is that of a script, by its name or by what the build context has there."""
    if "." in path or path.endswith("/"):
        return False
    return bool(_STARTER.fullmatch(path)) or (known.context.text(path) or "").startswith("#!")
