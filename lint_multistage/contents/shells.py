"""Instructions that run a shell where there is none."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from msgspec import Struct

from lint_multistage.contents.brings import Places
from lint_multistage.contents.placed import Known
from lint_multistage.contents.stage import Contents
from lint_multistage.late import late_regex
from lint_multistage.model.stages import Stage
from lint_multistage.syntax.instructions import Instruction, Run

# Images that are known to have no shell; those of `_STARTS` start a program that takes CMD as its arguments.
_BARE = late_regex(
    r"scratch|gcr\.io/distroless/(?:static|base|base-nossl|cc)(?:-debian\d+)?|cgr\.dev/chainguard/(?:static|glibc-dynamic)"
)
_STARTS = late_regex(r"gcr\.io/distroless/(?:java|nodejs)\d*(?:-debian\d+)?")


class ShellForm(Struct, frozen=True):
    """An instruction in shell form, in force in the stage `stage`."""

    stage: Stage
    instruction: Instruction


def without_shell(known: Known, needed: Iterable[Stage], shipped: Iterable[Stage]) -> Iterator[ShellForm]:
    """The RUNs of the stages `needed`, and the ENTRYPOINTs and CMDs of those `shipped`, that no shell is there for.

    An instruction that several stages are FROM is told of once.
    """
    for stage in needed:
        runs = [each for each in stage.instructions if isinstance(each, Run) and not each.json and not each.mounts]
        if runs and _is_bare(known.contents(stage.index), _BARE, _STARTS) and not _may_have_shell(known, stage):
            yield ShellForm(stage, runs[0])
    told: set[int] = set()
    for stage in shipped:
        contents = known.contents(stage.index)
        entrypoint, command = contents.entrypoint, contents.command
        started = entrypoint or command
        if started is None or started.json or started.line in told or not started.value.text.strip():
            continue
        patterns = (_BARE,) if entrypoint is None else (_BARE, _STARTS)
        if _is_bare(contents, *patterns) and not _may_have_shell(known, stage):
            told.add(started.line)
            yield ShellForm(stage, started)


def _is_bare(contents: Contents, *patterns: re.Pattern[str]) -> bool:
    base, image = contents.base, contents.image
    if base is None or image is None or image.role != "minimal" or "busybox" in image.toolchains:
        return False
    return any(pattern.fullmatch(name) for pattern in patterns for name in (base.name, image.repositories[0]))


def _may_have_shell(known: Known, stage: Stage) -> bool:
    """Whether something may have brought a shell, or SHELL names another."""
    stages = known.dockerfile.graph.lineage(stage)
    if any(each.keyword.text == "SHELL" for above in stages for each in above.instructions):
        return True
    places = Places(known, stage)
    return any(places.may_have_shell(each) for each in places.placed)
