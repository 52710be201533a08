"""What COPY and ADD put into a stage, path by path."""

from __future__ import annotations

import posixpath
from collections.abc import Iterator
from typing import Protocol

from msgspec import Struct

from lint_multistage.contents.copied import stage_of
from lint_multistage.contents.paths import joined
from lint_multistage.contents.stage import Contents, Step
from lint_multistage.context import Context
from lint_multistage.facts import Facts
from lint_multistage.model.dockerfile import Dockerfile
from lint_multistage.model.scope import expanded
from lint_multistage.model.stages import Stage
from lint_multistage.syntax.instructions import Add, Copy, Word


class Known(Protocol):
    """What is known of a build: a Survey."""

    facts: Facts

    @property
    def context(self) -> Context: ...

    @property
    def dockerfile(self) -> Dockerfile: ...

    def contents(self, stage: int) -> Contents: ...

    def start(self, stage: int) -> Contents: ...

    def is_context(self, name: str) -> bool: ...


class Placed(Struct, frozen=True):
    """One path of a COPY or ADD: `path` is expanded (None where it cannot be), `destination` absolute.

    `into` is true where the destination is certainly a folder that the path is put into.
    """

    instruction: Copy | Add
    stage: int
    word: Word
    path: str | None
    destination: str | None
    into: bool

    @property
    def targets(self) -> tuple[str, ...]:
        """Where it may lie, as a file or a folder."""
        if self.destination is None or self.path is None:
            return ()
        inside = posixpath.join(self.destination, posixpath.basename(self.path.rstrip("/")))
        return (inside, self.destination) if self.into else (self.destination,)


def placed_in(known: Known, stage: Stage) -> Iterator[Placed]:
    """What COPY and ADD put into a stage, word by word."""
    for step in known.contents(stage.index).steps:
        if isinstance(step.instruction, Copy | Add):
            yield from placed_by(step, step.instruction, stage.index, known.dockerfile.escape)


def placed_by(step: Step, instruction: Copy | Add, stage: int, escape: str) -> Iterator[Placed]:
    """What one COPY or ADD puts into stage number `stage`, of which it is a step."""
    text = expanded(instruction.destination.text, step.variables, escape)
    into = len(instruction.paths) > 1 or (text is not None and (text.endswith("/") or text in (".", "..")))
    for word in instruction.paths:
        path = expanded(word.text, step.variables, escape)
        yield Placed(instruction, stage, word, path, joined(step.directory, text), into)


def source_of(known: Known, placed: Placed) -> int | None:
    """The stage that a COPY reads, None where it reads none, or a named context may stand for it."""
    copy = placed.instruction
    if not isinstance(copy, Copy) or copy.source is None or known.is_context(copy.source.text):
        return None
    source = stage_of(known.dockerfile, copy.source, placed.stage)
    return None if source is None or known.is_context(known.dockerfile.stages[source].name) else source
