from __future__ import annotations

import posixpath
from collections.abc import Iterator

from lint_multistage.api import Check, Finding, Invalid, Related, Severity, Stage, Survey, Valid
from lint_multistage.syntax.instructions import Copy
from lint_multistage.syntax.quoting import shown

_PROGRAMS = frozenset(("c", "go", "rust"))


class OverwrittenStageCopy(Check):
    """What a `COPY --from` brings is replaced or removed by a later instruction of the stage.

    ## Why is this bad?
    A copy that another one replaces does nothing, and hides what the image really holds. One that a later RUN removes
    stays in its layer: whoever pulls the image pays for it. `RUN --mount=type=bind,from=…` lends files of a stage to a
    RUN and leaves nothing behind.
    """

    code = "MS203"
    severity = Severity.INFO
    valid = (
        Valid("FROM golang AS a\nFROM alpine\nCOPY --from=a /x.sh /x.sh\nRUN /x.sh\nCOPY --from=a /y.sh /x.sh\n"),
        # Folders are laid one over the other.
        Valid("FROM node AS a\nFROM node AS b\nFROM nginx\nCOPY --from=a /dist /html\nCOPY --from=b /dist /html\n"),
        # Files are put into a folder that is there.
        Valid("FROM alpine AS a\nFROM alpine\nCOPY --from=a /x.so /usr/lib\nCOPY --from=a /y.so /usr/lib\n"),
        Valid("FROM node AS a\nFROM nginx\nCOPY --from=a /dist /html/\nRUN rm -rf /html/maps\n"),
        Valid("FROM alpine AS a\nFROM alpine\nCOPY --from=a /x.tar /x.tar\nRUN test -f /no || rm /x.tar\n"),
        Valid("FROM alpine AS a\nFROM alpine\nCOPY --from=a /x.tar /x.tar\nRUN rm -f /*.zip $FILES\n"),
        # Its layers are not shipped.
        Valid(
            "FROM alpine AS a\nFROM alpine AS b\nCOPY --from=a /x /x\nRUN /x/setup && rm -rf /x\n"
            "FROM alpine\nCOPY --from=b /y /y\n"
        ),
        Valid("FROM alpine AS a\nFROM alpine\nCOPY x.conf /x.conf\nCOPY --from=a /x.conf /x.conf\n"),
        Valid("FROM alpine AS a\nFROM alpine\nWORKDIR /w\nCOPY --from=a /x /x\nRUN rm -rf x\n"),
        Valid("FROM alpine AS a\nFROM alpine\nRUN --mount=type=bind,from=a,source=/w,target=/w /w/setup\n"),
    )
    invalid = (
        Invalid(
            "FROM python AS a\nFROM python:slim\nCOPY --from=a /wheels «/wheels»\n"
            "RUN pip install /wheels/* && rm -rf /wheels\n",
            message="'/wheels' is removed again in line 4, yet stays in its layer",
            hint="RUN --mount=type=bind,from=a,source=/wheels,target=/wheels",
        ),
        Invalid(
            "FROM alpine AS a\nFROM alpine\nCOPY --from=a /out/x.tar «/tmp/»\nRUN tar xf /tmp/x.tar\n"
            "RUN rm -rf /tmp/*\n",
            hint="source=/out/x.tar,target=/tmp/x.tar",
        ),
        Invalid(
            "FROM alpine AS a\nFROM alpine\nCOPY --from=a /app.conf «/etc/app.conf»\nCOPY app.conf /etc/\n",
            message="'/etc/app.conf' is replaced in line 4, before anything reads it",
            hint="leave out one of the two",
        ),
        Invalid(
            "FROM golang AS a\nRUN go build -o /out/app .\nFROM alpine\nCOPY --from=a /out/app «/app»\n"
            "ENV X=1\nCOPY --from=busybox /bin/app /app\n",
        ),
        Invalid("FROM alpine AS a\nFROM alpine\nCOPY --from=a /x «/x»\nCOPY --from=a /x /x\n"),
        Invalid(
            "FROM alpine AS a\nFROM alpine\nWORKDIR /w\nCOPY --from=a /1 /2 «x/»\nRUN cat x/1 && cd x && rm 1 2\n",
            hint="RUN --mount=type=bind,from=a",
        ),
    )

    def check(self, survey: Survey) -> Iterator[Finding]:
        for stage in survey.stages:
            copies = [x for x in stage.instructions if isinstance(x, Copy)]
            # Most files have none, and need not load it.
            if (
                len(stage.instructions) < 2
                or not any(copy.source for copy in copies)
                or stage.index not in survey.needed
            ):
                continue
            yield from self._findings(survey, stage)

    def _findings(self, survey: Survey, stage: Stage) -> Iterator[Finding]:
        from lint_multistage.contents.overwritten import overwritten

        ships = _ships(survey, stage)
        start = survey.start(stage.index)
        for found in overwritten(
            survey.dockerfile, stage.index, start, lambda x, path: _is_program(survey, stage, x, path)
        ):
            if found.removed and not ships:
                continue
            copy, source = found.copy, found.copy.source
            line = survey.dockerfile.source.line_in_file(found.line)
            path, name = shown(found.path, 60), source.text if source else ""
            if found.removed:
                message = f"'{path}' is removed again in line {line}, yet stays in its layer"
                places = ""
                if len(copy.paths) == 1:
                    from_root = posixpath.join("/", copy.paths[0].text)
                    places = f",source={from_root},target={path}"
                hint = f"lend it to the RUN that needs it: RUN --mount=type=bind,from={name}{places}"
            else:
                message = f"'{path}' is replaced in line {line}, before anything reads it"
                hint = "leave out one of the two"
            yield Finding(
                span=copy.destination.span,
                message=message,
                hint=hint,
                stage=stage.index,
                related=(Related("removed here" if found.removed else "replaced here", found.span),),
            )


def _ships(survey: Survey, stage: Stage) -> bool:
    """Whether people pull the layers of a stage: it ships, or a stage that does is FROM it."""
    for last in survey.shipped:
        at: Stage | None = last
        while at is not None:
            if at.index == stage.index:
                return True
            at = None if at.parent is None else survey.stages[at.parent]
    return False


def _is_program(survey: Survey, stage: Stage, copy: Copy, path: str) -> bool:
    """Whether a path that `copy` reads from another stage is a program that is linked there."""
    to = next((x.to for x in survey.graph.of(stage.index) if x.word is copy.source), None)
    if to is None:
        return False
    products = survey.contents(to).products
    return any(product.path == path and product.certain and product.ecosystem in _PROGRAMS for product in products)
