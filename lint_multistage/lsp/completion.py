"""What can be written where the cursor is: names of stages, and paths that a stage makes."""

from __future__ import annotations

from collections.abc import Iterator

from msgspec import Struct

from lint_multistage.late import late_regex
from lint_multistage.model.stages import Stage
from lint_multistage.survey import Survey

_STAGE = late_regex(r"(?i)^\s*(?:COPY\s(?:.*\s)?--from=|RUN\s(?:.*\s)?--mount=(?:[^\s,]*,)*from=)(?P<written>[^\s,]*)$")
_FROM = late_regex(r"(?i)^\s*FROM\s+(?:--\S+\s+)*(?P<written>\S*)$")
_PATH = late_regex(r"(?i)^\s*COPY\s+(?:--\S+\s+)*--from=(?P<stage>[^\s$]+)\s+(?:\S+\s+)*?(?P<written>\S*)$")


class Suggestion(Struct, frozen=True):
    """A word to write in the place of what stands from `start` to the cursor; `kind` is stage, file or folder."""

    text: str
    start: int
    kind: str
    about: str = ""


def suggestions(survey: Survey, text: str, offset: int) -> Iterator[Suggestion]:
    """What can be written at an offset of the text; continued lines are read as one."""
    line = _line(text, offset)
    if match := _STAGE.match(line):
        start = offset - len(match["written"])
        yield from (_of(stage, start) for stage in survey.stages if stage.name and not _begins_after(stage, offset))
    elif match := _FROM.match(line):
        start = offset - len(match["written"])
        yield from (
            _of(stage, start) for stage in survey.stages if stage.name and stage.from_.span.start < offset - len(line)
        )
    elif match := _PATH.match(line):
        stage = _named(survey, match["stage"])
        if stage is not None:
            yield from _paths(survey, stage, offset - len(match["written"]))


def _line(text: str, offset: int) -> str:
    """The instruction up to an offset, without the ends of continued lines."""
    start = text.rfind("\n", 0, offset) + 1
    line = text[start:offset]
    while start > 1 and text[:start].rstrip("\r\n").endswith("\\"):
        end = start
        start = text.rfind("\n", 0, start - 1) + 1
        line = text[start:end].rstrip("\r\n").removesuffix("\\") + " " + line
    return line


def _begins_after(stage: Stage, offset: int) -> bool:
    return stage.from_.span.start > offset


def _named(survey: Survey, word: str) -> Stage | None:
    if word.isdigit():
        return survey.stages[int(word)] if int(word) < len(survey.stages) else None
    index = survey.graph.named(word)
    return None if index is None else survey.stages[index]


def _of(stage: Stage, start: int) -> Suggestion:
    return Suggestion(stage.name, start, "stage", f"FROM {stage.shown_base}")


def _paths(survey: Survey, stage: Stage, start: int) -> Iterator[Suggestion]:
    """What a stage builds, then what is copied into it."""
    contents = survey.contents(stage.index)
    told: set[str] = set()
    for product in contents.products:
        if product.path and product.path not in told:
            told.add(product.path)
            yield Suggestion(product.path, start, "file", f"made by {product.command}")
    for path in sorted(contents.brought):
        if path not in told:
            yield Suggestion(path, start, "folder", "copied into the stage")
