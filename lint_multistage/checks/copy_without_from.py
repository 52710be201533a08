from __future__ import annotations

import posixpath
from collections.abc import Iterator
from typing import TYPE_CHECKING

from lint_multistage.api import (
    Check,
    Copy,
    Edit,
    Finding,
    Fix,
    Invalid,
    Related,
    Safety,
    Severity,
    Span,
    Stage,
    Survey,
    Valid,
    Word,
)
from lint_multistage.contents.paths import holds
from lint_multistage.roles import by_hand
from lint_multistage.syntax.quoting import shown

if TYPE_CHECKING:
    from lint_multistage.contents.changes import Made

_BUILD = "FROM golang:1.22 AS b\nWORKDIR /src\nRUN go build -o bin/app ./cmd\n"


class CopyWithoutFrom(Check):
    """What a stage builds is copied from the build context instead.

    ## Why is this bad?
    Without `--from`, COPY reads the build context: the build fails, or the image ships an old file that happens to lie
    there, and not the one that was just built.

    ## Fix safety
    Unsafe: the file in the build context may be the one that was meant.
    """

    code = "MS402"
    severity = Severity.WARNING
    valid = (
        Valid(f"{_BUILD}FROM alpine\nCOPY --from=b /src/bin/app /app\n"),
        # The product is taken, too: what lies in the context is another file.
        Valid(f"{_BUILD}FROM alpine\nCOPY --from=b /src/bin/app /app\nCOPY bin/app /old\n"),
        Valid(f"{_BUILD}FROM alpine\nCOPY --from=b /src /src\nCOPY bin/app /old\n"),
        Valid(f"{_BUILD}FROM alpine\nCOPY bin /bin\nCOPY app /app\n"),
        # A folder of sources may have the name of the program.
        Valid("FROM golang:1.22 AS b\nRUN go build -o /app ./cmd\nFROM alpine\nCOPY app /app\n"),
        # One image is built in the file, another one from what was built before: both are asked for.
        Valid(f"{_BUILD}FROM alpine\nCOPY bin/app /app\n", asked=("", "b")),
        Valid(f"{_BUILD.replace(' b', ' test')}FROM alpine\nCOPY bin/app /app\n"),
    )
    invalid = (
        Invalid(
            f"{_BUILD}FROM alpine\nCOPY «bin/app» /app\n",
            fixed=f"{_BUILD}FROM alpine\nCOPY --from=b /src/bin/app /app\n",
            message="'bin/app' comes from the build context, though stage 'b' builds '/src/bin/app'",
            hint="COPY --from=b /src/bin/app /app",
        ),
        Invalid(
            "FROM gcc:13 AS b\nRUN gcc -o /out/hello /src/hello.c\n"
            "FROM debian\nCOPY --chmod=755 «./out/hello» /usr/bin/\n",
            fixed="FROM gcc:13 AS b\nRUN gcc -o /out/hello /src/hello.c\n"
            "FROM debian\nCOPY --from=b --chmod=755 /out/hello /usr/bin/\n",
        ),
    )

    def check(self, survey: Survey) -> Iterator[Finding]:
        if len(survey.stages) < 2 or survey.dockerfile.problems:
            return
        for stage in survey.built:
            for instruction in stage.instructions:
                if not isinstance(instruction, Copy) or instruction.source is not None or instruction.heredocs:
                    continue
                for word in instruction.paths:
                    found = _built(survey, stage, word)
                    if found is not None:
                        yield _finding(survey, stage, instruction, word, *found)


def _built(survey: Survey, stage: Stage, word: Word) -> tuple[Stage, Made] | None:
    """The stage that builds what `word` names as a path of the build context, and what it builds."""
    path = posixpath.normpath(word.text).lstrip("/")
    if "/" not in path or path.startswith("..") or any(mark in path for mark in "*?[$\\"):
        return None
    own = {at.index for at in survey.built}
    for other in reversed(survey.stages[: stage.index]):
        if other.index in own or by_hand(other) or survey.is_context(other.name):
            continue
        # A path of the context lies below the working directory of the stage that copies all of it.
        places = {f"/{path}", posixpath.join(survey.contents(other.index).directory or "/", path)}
        made = next((made for made in survey.trees.made(other.index) if made.product and made.path in places), None)
        if made is not None:
            taken = any(
                read.path is None or holds(read.path, made.path)
                for read in survey.reads(stage.index)
                if read.source == other.index
            )
            return None if taken or survey.context.text(path) is not None else (other, made)
    return None


def _finding(survey: Survey, stage: Stage, copy: Copy, word: Word, source: Stage, made: Made) -> Finding:
    label = source.label.removeprefix("#")
    fix = None
    if len(copy.paths) == 1 and survey.dockerfile.source[word.span] == word.text:
        end = copy.keyword.span.end
        edits = (Edit(Span(end, end), f" --from={label}"), Edit(word.span, made.path))
        fix = Fix(f"Copy '{made.path}' from stage '{source.label}'", edits, Safety.UNSAFE)
    return Finding(
        span=word.span,
        message=f"'{shown(word.text)}' comes from the build context, though stage '{source.label}' builds"
        f" '{shown(made.path)}'",
        hint=f"COPY --from={label} {made.path} {copy.destination.text}",
        stage=stage.index,
        related=(Related(f"'{shown(made.path)}' is built here", made.span),),
        fix=fix,
        cause=("stage", source.index),
    )
