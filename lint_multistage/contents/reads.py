"""What a stage reads from other stages, path by path."""

from __future__ import annotations

import re
from collections.abc import Iterator

from msgspec import Struct

from lint_multistage.contents.copied import stage_of
from lint_multistage.contents.stage import Contents, joined
from lint_multistage.model.dockerfile import Dockerfile
from lint_multistage.model.scope import expanded
from lint_multistage.syntax.instructions import Copy, Instruction, Run, Word
from lint_multistage.text import Span

_PATTERN = re.compile(r"[*?\[\\]")


class Read(Struct, frozen=True):
    """A path that `instruction` reads from the stage number `source`; `span` covers the words that name it.

    `path` is absolute, None where it is not known or a pattern; `destination` is the absolute path where a COPY puts
    it, None for a mount or where that is not known. `into` is true where the destination is certainly a folder.
    """

    instruction: Instruction
    source: int
    word: Word
    path: str | None
    destination: str | None = None
    into: bool = False

    @property
    def span(self) -> Span:
        return self.word.span


def stage_reads(dockerfile: Dockerfile, stage: int, contents: Contents) -> Iterator[Read]:
    """The paths that the COPYs and bind mounts of a stage, which has `contents`, read from earlier stages."""
    for step in contents.steps:
        instruction = step.instruction
        if isinstance(instruction, Copy):
            source = stage_of(dockerfile, instruction.source, stage)
            if source is None:
                continue
            written = expanded(instruction.destination.text, step.variables, dockerfile.escape)
            destination = joined(step.directory, written)
            into = len(instruction.paths) > 1 or (written or "").endswith(("/", "/.")) or written == "."
            for word in instruction.paths:
                path = _absolute(expanded(word.text, step.variables, dockerfile.escape))
                yield Read(instruction, source, word, path, destination, into)
        elif isinstance(instruction, Run):
            for mount in instruction.mounts:
                if mount.type != "bind" or mount.source is None:
                    continue
                at = dockerfile.graph.named(mount.source.text)
                if at is not None and at < stage:
                    path = _absolute(expanded(mount.path, step.variables, dockerfile.escape))
                    yield Read(instruction, at, Word(mount.path, mount.span), path)


def _absolute(path: str | None) -> str | None:
    return None if path is None or _PATTERN.search(path) else joined("/", path)
