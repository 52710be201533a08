"""What a stage reads from other stages, path by path."""

from __future__ import annotations

from collections.abc import Iterator

from msgspec import Struct

from lint_multistage.contents.copied import stage_of
from lint_multistage.contents.paths import joined
from lint_multistage.contents.placed import Known, placed_by
from lint_multistage.contents.stage import Contents
from lint_multistage.late import late_regex
from lint_multistage.model.dockerfile import Dockerfile
from lint_multistage.model.scope import expanded
from lint_multistage.model.stages import Stage
from lint_multistage.syntax.instructions import Copy, Run, Word
from lint_multistage.text import Span

_PATTERN = late_regex(r"[*?\[\\]")


class Read(Struct, frozen=True):
    """A path that a COPY or a mount reads from the stage number `source`; `word` names it.

    `path` is absolute, None where it is not known or a pattern.
    """

    source: int
    word: Word
    path: str | None

    @property
    def span(self) -> Span:
        return self.word.span


def stage_reads(known: Known, stage: Stage) -> Iterator[Read]:
    """The paths that the COPYs and bind mounts of a stage read from earlier stages that no named context replaces."""
    dockerfile = known.dockerfile
    for read in _reads(dockerfile, stage.index, known.contents(stage.index)):
        if not known.is_context(dockerfile.stages[read.source].name):
            yield read


def _reads(dockerfile: Dockerfile, stage: int, contents: Contents) -> Iterator[Read]:
    for step in contents.steps:
        instruction = step.instruction
        if isinstance(instruction, Copy):
            source = stage_of(dockerfile, instruction.source, stage)
            if source is not None:
                for placed in placed_by(step, instruction, stage, dockerfile.escape):
                    yield Read(source, placed.word, _absolute(placed.path))
        elif isinstance(instruction, Run):
            for mount in instruction.mounts:
                at = dockerfile.graph.named(mount.source.text) if mount.type == "bind" and mount.source else None
                if at is not None and at < stage:
                    path = _absolute(expanded(mount.path, step.variables, dockerfile.escape))
                    yield Read(at, Word(mount.path, mount.span), path)


def _absolute(path: str | None) -> str | None:
    return None if path is None or _PATTERN.search(path) else joined("/", path)
