from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from lint_multistage.api import Check, Finding, Invalid, Related, Severity, Survey, Valid
from lint_multistage.syntax.quoting import shown

if TYPE_CHECKING:
    from lint_multistage.contents.changes import Change
    from lint_multistage.contents.reads import Read

_CARGO = "FROM rust:1.80 AS b\nWORKDIR /src\nCOPY . .\nRUN --mount=type=cache,target=/src/target cargo build --release"


class CopyFromEmptyStage(Check):
    """A path is copied that a cache mount keeps out of its stage, or from a stage that is empty.

    ## Why is this bad?
    What a RUN writes below a `--mount=type=cache` stays in the builder's cache: it is no part of the stage, and a later
    `COPY --from` does not find it. The build fails: *failed to calculate checksum … not found*. The same is true of a
    stage FROM scratch into which nothing is copied.

    It is a warning where the build context might bring the same path: what is copied then is that file, not the one
    that was built.
    """

    code = "MS406"
    severity = Severity.ERROR
    valid = (
        Valid(f"{_CARGO} && cp target/release/app /app\nFROM debian\nCOPY --from=b /app /app\n"),
        # A later RUN builds it again, without the mount.
        Valid(f"{_CARGO}\nRUN cargo build --release\nFROM debian\nCOPY --from=b /src/target/release/app /app\n"),
        Valid(
            "FROM golang:1.22 AS b\nRUN --mount=type=cache,target=/root/.cache go build -o /app ./x\n"
            "FROM scratch\nCOPY --from=b /app /app\n"
        ),
        Valid("FROM scratch AS files\nCOPY . /\nFROM alpine\nCOPY --from=files /conf /conf\n"),
        Valid("FROM scratch AS files\nFROM alpine\nCOPY --from=files / /\n"),
        Valid("FROM scratch AS files\nFROM alpine\nCOPY --from=files /x /x\n", contexts={"files": "./files"}),
    )
    invalid = (
        Invalid(
            "FROM golang:1.22 AS b\nWORKDIR /src\nCOPY . .\n"
            "RUN --mount=type=cache,target=/out go build -o /out/app .\nFROM scratch\nCOPY --from=b «/out/app» /app\n",
            message="'/out/app' lies in a cache mount of line 4, so stage 'b' does not have it",
            hint="&& cp /out/app",
        ),
        Invalid(
            f"{_CARGO}\nFROM debian\nCOPY --from=b «/src/target/release/app» /app\n",
            severity=Severity.WARNING,
            hint="copy it out of the mount in the same RUN",
        ),
        Invalid(
            "FROM scratch AS files\nFROM alpine\nCOPY --from=files «/conf» /conf\n", message="stage 'files' is empty"
        ),
    )

    def check(self, survey: Survey) -> Iterator[Finding]:
        if len(survey.stages) < 2 or survey.dockerfile.problems:
            return
        # A run that has nothing to look at need not load it.
        from lint_multistage.contents.tree import ABSENT

        for stage in survey.stages:
            for read in survey.reads(stage.index):
                if read.path is None or read.path == "/":
                    continue
                trees = survey.trees
                if trees.is_empty(read.source):
                    yield _empty(survey, stage.index, read)
                elif (change := trees.cached(read.source, read.path)) is not None:
                    certain = trees.state(read.source, read.path) == ABSENT and stage.index in survey.needed
                    yield _cached(survey, stage.index, read, change, certain)


def _empty(survey: Survey, stage: int, read: Read) -> Finding:
    source = survey.stages[read.source]
    return Finding(
        span=read.span,
        message=f"stage '{source.label}' is empty: it has no '{shown(read.path or '')}'",
        hint=f"copy '{shown(read.path or '')}' into stage '{source.label}', or name the stage that makes it",
        stage=stage,
        related=(Related("the stage starts from nothing here", source.from_.base.span),),
        cause=("path", read.span.start),
    )


def _cached(survey: Survey, stage: int, read: Read, change: Change, certain: bool) -> Finding:
    path = shown(read.path or "")
    label = survey.stages[read.source].label
    place = f"/{path.rpartition('/')[2]}"
    other = place if place != path else f"{place}.built"
    return Finding(
        span=read.span,
        message=f"'{path}' lies in a cache mount of line {change.line}, so stage '{label}' does not have it",
        hint=f"copy it out of the mount in the same RUN (… && cp {path} {other}), and copy {other} from here",
        stage=stage,
        related=(Related("the mount is here", change.spans[0]),),
        cause=("path", read.span.start),
        severity=Severity.ERROR if certain else Severity.WARNING,
    )
