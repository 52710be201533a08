"""Development dependencies of Node.js that a later layer than the one that installs them takes away."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from msgspec import Struct

from lint_multistage.contents.placed import Known
from lint_multistage.model.stages import Stage
from lint_multistage.syntax.instructions import Run
from lint_multistage.syntax.shell_commands import Command
from lint_multistage.text import Span

_INSTALLS = frozenset(("install", "i", "ci", "add", "clean-install"))
_WITHOUT = ("--omit=dev", "--production", "--production=true", "--only=production", "--only=prod", "--prod", "-P")


class Pruned(Struct, frozen=True):
    """A command that removes development dependencies, at `span`; `installed` and `line` are the command that brought
    them, None and 0 where that is in a layer of the base image.
    """

    command: str
    span: Span
    installed: Span | None = None
    line: int = 0


def pruned_too_late(known: Known, lineage: Sequence[Stage]) -> Iterator[Pruned]:
    """The commands of a stage, the last of `lineage`, and of those it is FROM, that prune what an earlier instruction
    installed in full. The dependencies of a base image were installed before, whatever brought them.
    """
    installed: tuple[Span, int] | None = None
    full = brought = False
    for stage in lineage:
        for step in known.contents(stage.index).steps:
            if not isinstance(step.instruction, Run) or step.script is None:
                brought = brought or "node_modules" in known.dockerfile.source[step.instruction.span]
                continue
            here: tuple[Span, int] | None = None
            production = step.variables.get("NODE_ENV") == "production"
            for command in step.script.commands:
                if not command.certain or command.name not in ("npm", "pnpm", "yarn"):
                    continue
                lean = production or _is_lean(command)
                if _prunes(command, lean) and here is None:
                    # Without an install in sight it is one of the base image, unless only some were installed.
                    if installed is not None:
                        yield Pruned(_named(command), command.span, *installed)
                    elif not full and not brought and known.contents(lineage[0].index).image is None:
                        yield Pruned(_named(command), command.span)
                elif _installs(command):
                    full = True
                    here = None if lean else (command.span, step.instruction.line)
            installed = here or installed


def _verb(command: Command) -> str:
    return next((word.text for word in command.words[1:] if word.text and not word.text.startswith("-")), "")


def _installs(command: Command) -> bool:
    """Whether it installs what package.json names."""
    verb = _verb(command)
    if verb == "global" or any(word.text in ("-g", "--global") for word in command.words):
        return False
    return verb in _INSTALLS or (command.name == "yarn" and verb == "")


def _prunes(command: Command, lean: bool) -> bool:
    """Whether a command leaves the dependencies that run: yarn's first version does by installing those alone."""
    verb = _verb(command)
    return lean and (verb == "prune" or (command.name == "yarn" and verb in ("install", "") and _is_lean(command)))


def _is_lean(command: Command) -> bool:
    words = [word.text for word in command.words[1:]]
    return any(word in _WITHOUT for word in words) or ("--omit" in words and "dev" in words)


def _named(command: Command) -> str:
    return " ".join(word.text or "…" for word in command.words[:3])
