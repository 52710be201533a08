"""Rename a stage, with all that names it: in its Dockerfile, and in the build files that ask for it."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence

from msgspec import Struct

from lint_multistage.late import late_regex
from lint_multistage.lsp.names import readers, stage_at
from lint_multistage.model.stages import Stage
from lint_multistage.project.requests import BuildRequest
from lint_multistage.survey import Survey
from lint_multistage.text import Span

# As BuildKit takes them (frontend/dockerfile/instructions: parseBuildStageName).
_NAME = late_regex(r"(?i)[a-z][a-z0-9-_.]*")
_REFUSED = ("scratch", "context")


class RenameError(Exception):
    """Why a stage cannot be renamed, in a sentence for the user."""


class Elsewhere(Struct, frozen=True):
    """A name in another file: its path, line and column from 1, and what stands there."""

    path: str
    line: int
    column: int
    word: str


def renamed(survey: Survey, offset: int) -> Span:
    """The span of the name at an offset that can be changed; RenameError where there is none."""
    found = stage_at(survey, offset)
    if found is None:
        raise RenameError("there is no name of a stage here")
    stage, span = found
    if stage.from_.name is None:
        raise RenameError("the stage has no name yet: write FROM … AS name")
    if survey.dockerfile.source[span].lower() != stage.name:
        raise RenameError(f"stage '{stage.label}' is meant by its number here, which is no name")
    return span


def places(
    survey: Survey,
    offset: int,
    name: str,
    requests: Sequence[BuildRequest],
    line_of: Callable[[str, int], str],
) -> tuple[list[Span], list[Elsewhere]]:
    """Where the name of the stage at an offset stands: in the Dockerfile, and in the build files of `requests`.

    `line_of` gives a line of another file. Only names that stand at the place that the build file is known to ask from
    are taken. RenameError where BuildKit would refuse the new name, or it would mean another stage.
    """
    renamed(survey, offset)
    found = stage_at(survey, offset)
    assert found is not None
    stage = found[0]
    _check(survey, stage, name)
    assert stage.from_.name
    spans = [stage.from_.name.span]
    spans += [x.word.span for x in readers(survey, stage, named=True) if "$" not in x.word.text]
    return sorted(set(spans)), list(dict.fromkeys(_elsewhere(stage, requests, line_of)))


def _check(survey: Survey, stage: Stage, name: str) -> None:
    if not _NAME.fullmatch(name) or name.lower() in _REFUSED:
        raise RenameError(f"'{name}' is no name for a stage: letters, digits, '-', '_' and '.', a letter first")
    if any(other.name == name.lower() and other.index != stage.index for other in survey.stages):
        raise RenameError(f"there is a stage '{name}' already")
    if sum(other.name == stage.name for other in survey.stages) > 1:
        raise RenameError(f"two stages are named '{stage.name}': which one a name means depends on its place")


def _elsewhere(
    stage: Stage, requests: Sequence[BuildRequest], line_of: Callable[[str, int], str]
) -> Iterator[Elsewhere]:
    for request in requests:
        if not request.target or request.target.lower() != stage.name:
            continue
        line = line_of(request.path, request.line)
        at = request.column - 1
        word = line[at : at + len(request.target)]
        around = line[at - 1 : at] + line[at + len(request.target) :][:1] if at else line[len(request.target) :][:1]
        if word == request.target and not any(char.isalnum() or char in "-_.$" for char in around):
            yield Elsewhere(os.path.abspath(request.path), request.line, request.column, word)
