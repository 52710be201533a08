"""Development dependencies of Node.js that a later layer than the one that installs them takes away."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from msgspec import Struct

from lint_multistage.contents.placed import Known
from lint_multistage.contents.products.call import Call, call_of
from lint_multistage.contents.products.node import VALUED, installs_all
from lint_multistage.model.stages import Stage
from lint_multistage.syntax.instructions import Run
from lint_multistage.syntax.shell_commands import Command
from lint_multistage.text import Span

_MANAGERS = ("npm", "pnpm", "yarn")
_WITHOUT = ("--production", "--production=true", "--only=production", "--only=prod", "--prod", "-P")


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
                call = call_of(command, step.variables) if command.certain and command.name in _MANAGERS else None
                if call is None:
                    continue
                lean = production or _is_lean(call)
                if _prunes(call, lean) and here is None:
                    # Without an install in sight it is one of the base image, unless only some were installed.
                    if installed is not None:
                        yield Pruned(_named(command), command.span, *installed)
                    elif not full and not brought and known.contents(lineage[0].index).image is None:
                        yield Pruned(_named(command), command.span)
                elif installs_all(call):
                    full = True
                    here = None if lean else (command.span, step.instruction.line)
            installed = here or installed


def _prunes(call: Call, lean: bool) -> bool:
    """Whether a call leaves the dependencies that run: yarn's first version does by installing those alone."""
    if call.text(call.subcommand(VALUED[call.name])) == "prune":
        return lean
    return call.name == "yarn" and _is_lean(call) and installs_all(call)


def _is_lean(call: Call) -> bool:
    return any(head in _WITHOUT for head in call.heads) or "dev" in call.values("--omit")


def _named(command: Command) -> str:
    return " ".join(word.text or "…" for word in command.words[:3])
