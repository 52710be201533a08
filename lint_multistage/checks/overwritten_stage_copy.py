from __future__ import annotations

import posixpath
from collections.abc import Iterator
from typing import TYPE_CHECKING

from lint_multistage.api import Check, Finding, Invalid, Reference, Related, Severity, Stage, Survey, Valid
from lint_multistage.model.stages import is_number
from lint_multistage.syntax.instructions import Copy
from lint_multistage.syntax.quoting import shown

if TYPE_CHECKING:
    from lint_multistage.contents.overwritten import Overwritten

_PROGRAMS = frozenset(("c", "go", "rust"))


class OverwrittenStageCopy(Check):
    """What a `COPY --from` brings is replaced or removed by a later instruction of the stage.

    ## Why is this bad?
    A copy that another one replaces does nothing, and hides what the image really holds. One that a later RUN removes
    stays in its layer: whoever pulls the image pays for it. `RUN --mount=type=bind,from=…` lends files of a stage to a
    RUN and leaves nothing behind. Such a mount is read-only; with `rw` the RUN may write there, but nothing of that is
    kept.
    """

    code = "MS203"
    severity = Severity.INFO
    valid = (
        Valid("FROM golang AS a\nFROM alpine\nCOPY --from=a /x.sh /x.sh\nRUN /x.sh\nCOPY --from=a /y.sh /x.sh\n"),
        # Folders are laid one over the other.
        Valid("FROM node AS a\nFROM node AS b\nFROM nginx\nCOPY --from=a /dist /html\nCOPY --from=b /dist /html\n"),
        # Files are put into a folder that is there.
        Valid("FROM alpine AS a\nFROM nginx\nCOPY --from=a /x.so /usr/lib\nCOPY --from=a /y.so /usr/lib\n"),
        Valid("FROM node AS a\nFROM nginx\nCOPY --from=a /dist /html/\nRUN rm -rf /html/maps\n"),
        Valid("FROM alpine AS a\nFROM nginx\nCOPY --from=a /x.tar /x.tar\nRUN test -f /no || rm /x.tar\n"),
        Valid("FROM alpine AS a\nFROM nginx\nCOPY --from=a /x.tar /x.tar\nRUN rm -f /*.zip $FILES\n"),
        # Its layers are not shipped.
        Valid(
            "FROM alpine AS a\nFROM alpine AS b\nCOPY --from=a /x /x\nRUN /x/setup && rm -rf /x\n"
            "FROM alpine\nCOPY --from=b /y /y\n"
        ),
        Valid("FROM alpine AS a\nFROM nginx\nCOPY x.conf /x.conf\nCOPY --from=a /x.conf /x.conf\n"),
        Valid("FROM alpine AS a\nFROM nginx\nWORKDIR /w\nCOPY --from=a /x /x\nRUN rm -rf x\n"),
        Valid("FROM alpine AS a\nFROM acme/base\nCOPY --from=a /x /x\nRUN rm -rf x\n"),
        Valid("FROM alpine AS a\nFROM acme/base\nCOPY --from=a /x ../x\nRUN rm -rf /x\n"),
        Valid("FROM alpine AS a\nFROM acme/base\nWORKDIR $W\nCOPY --from=a /x x\nRUN rm -rf x\n"),
        Valid("FROM alpine AS a\nFROM nginx\nCOPY --from=a /*.deb /x/\nRUN rm -rf /x/a*.deb /x/*.rpm\n"),
        Valid("FROM alpine AS a\nFROM alpine AS b\nFROM alpine\nCOPY --from=a /*.sh /x/\nCOPY --from=b /*.sh /x/\n"),
        Valid("FROM alpine AS a\nFROM nginx\nRUN --mount=type=bind,from=a,source=/w,target=/w /w/setup\n"),
        # Nothing with a dot in front is matched by the star, nor anything by one in quotes or without a shell.
        Valid("FROM alpine AS a\nFROM nginx\nCOPY --from=a /x/.env /x/.env\nRUN rm -rf /x/*\n"),
        Valid("FROM alpine AS a\nFROM nginx\nCOPY --from=a /x.tar /x/x.tar\nRUN rm -rf '/x/*' \"/x/*\" /x/\\*\n"),
        Valid('FROM alpine AS a\nFROM nginx\nCOPY --from=a /x.tar /x/x.tar\nRUN ["rm", "-rf", "/x/*"]\n'),
        # What is removed is in the mount.
        Valid(
            "FROM alpine AS a\nFROM nginx\nCOPY --from=a /x.tar /x/x.tar\n"
            "RUN --mount=type=cache,target=/x rm -rf /x/*\n"
        ),
        Valid(
            "FROM alpine AS a\nFROM nginx\nCOPY --from=a /x.tar /x.tar\nRUN --mount=type=tmpfs,target=$T rm /x.tar\n"
        ),
        # A folder's contents are put into the destination, without the folder.
        Valid("FROM alpine AS a\nFROM nginx\nCOPY --from=a /out/tmp /\nRUN rm -rf /tmp\n"),
        Valid("FROM alpine AS a\nFROM nginx\nCOPY --from=a /w /v /opt/\nRUN rm -rf /opt/w /opt/v\n"),
        Valid("FROM alpine AS a\nFROM nginx\nCOPY --from=a /w /opt/\nRUN rm -f /opt/w\n"),
        Valid("FROM alpine AS a\nFROM nginx\nCOPY w /opt/w\nCOPY --from=a /w /opt/\nRUN rm /opt/w\n"),
        Valid("FROM node AS a\nFROM nginx\nWORKDIR /app\nCOPY --from=a /app/dist .\nRUN rm -rf dist\n"),
        # Where the destination is a folder already, the program lies in it.
        Valid(
            "FROM golang AS a\nRUN go build -o /out/app .\nFROM node AS b\nFROM alpine\nWORKDIR /app\n"
            "COPY --from=a /out/app /app\nCOPY --from=b /app /app\n"
        ),
        Valid(
            "FROM golang AS a\nRUN go build -o /out/app .\nFROM node AS b\nFROM alpine\n"
            "COPY --from=b /app /app\nCOPY --from=a /out/app /app\n"
        ),
        Valid("FROM alpine AS a\nFROM nginx\nCOPY --from=a --parents /s/x.ini /etc/\nCOPY x.ini /etc/\n"),
        Valid("FROM alpine AS a\nFROM nginx\nCOPY --from=a /x /y\nCOPY --from=a --exclude=*.md /x /y\n"),
        # The second is put where a folder would have been the first time.
        Valid("FROM alpine AS a\nFROM nginx\nCOPY --from=a /x /t/\nCOPY --from=a /x /t/x\n"),
        # ADD unpacks it.
        Valid("FROM alpine AS a\nFROM nginx\nCOPY --from=a /x.tar.gz /y/\nADD x.tar.gz /y/\n"),
        # It cannot be read as a whole, so nothing of it is certain.
        Valid("FROM alpine AS a\nFROM nginx\nCOPY --from=a /x /x\nRUN if true; then rm -rf /x\n"),
        Valid("FROM alpine AS a\nFROM nginx\nWORKDIR /w\nCOPY --from=a /x x\nRUN env -C /v rm -rf x\n"),
        Valid("FROM alpine AS a\nFROM nginx\nCOPY --from=a /x /x\nRUN find /y | xargs -r rm -rf /x\n"),
        Valid("FROM alpine AS a\nFROM nginx\nCOPY --from=$A /x /x\nRUN rm -rf /x\n"),
    )
    invalid = (
        Invalid(
            "FROM python AS a\nFROM python:slim\nCOPY --from=a /wheels «/wheels»\n"
            'RUN pip install /wheels/* && rm -rf /wheels\nCMD ["app"]\n',
            message="'/wheels' is removed again in line 4, yet stays in its layer",
            hint="RUN --mount=type=bind,from=a,source=/wheels,target=/wheels",
        ),
        Invalid(
            "FROM alpine AS a\nFROM nginx\nCOPY --from=a /out/x.tar «/tmp/»\nRUN tar xf /tmp/x.tar\n"
            "RUN rm -rf /tmp/*\n",
            hint="source=/out/x.tar,target=/tmp/x.tar",
        ),
        Invalid(
            "FROM alpine AS a\nFROM nginx\nCOPY --from=a /app.conf «/etc/app.conf»\nCOPY app.conf /etc/\n",
            message="'/etc/app.conf' is replaced in line 4, before anything reads it",
            hint="leave this COPY out",
        ),
        Invalid(
            "FROM golang AS a\nRUN go build -o /out/app .\nFROM alpine\nCOPY --from=a /out/app «/app»\n"
            "ENV X=1\nCOPY --from=busybox /bin/app /app\n",
        ),
        Invalid(
            "FROM alpine AS a\nFROM nginx\nCOPY --from=a /opt/x «/bin/x.sh»\nCOPY <<EOF /bin/x.sh\necho\nEOF\n",
            message="in line 4",
        ),
        # What the stage starts in is not known, but it is the same.
        Invalid(
            "FROM node AS a\nFROM acme/base\nCOPY --from=a /app/x.deb «./x.deb»\nRUN apt install ./x.deb && rm x.deb\n",
            message="'x.deb' is removed",
            hint="source=/app/x.deb,target=x.deb",
        ),
        Invalid(
            "FROM python AS a\nFROM python:slim\nWORKDIR /app\nCOPY --from=a /app/dist/*.whl «./»\n"
            'RUN pip install *.whl && rm -f *.whl\nCMD ["app"]\n',
            message="'/app/*.whl' is removed",
        ),
        Invalid(
            "FROM python AS a\nFROM acme/base\nCOPY --from=a /dist/*.whl «../w»\n"
            "RUN pip install ../w/*.whl\nRUN cd .. && rm -r w\n",
            message="'../w/*.whl' is removed again in line 5",
        ),
        # The line is that of the command.
        Invalid(
            "FROM alpine AS a\nFROM nginx\nCOPY --from=a /x «/x»\nRUN <<EOF\nset -e\n/x/setup\nrm -rf /x\nEOF\n",
            message="in line 7",
        ),
        Invalid(
            "FROM alpine AS a\nFROM nginx\nCOPY --from=a /1.tar /2.tar «/w/»\n"
            "RUN sudo rm /w/1.tar && cd /w && ls && sudo rm -f 2.tar\n",
        ),
        Invalid(
            "FROM alpine AS a\nFROM nginx\nCOPY --from=a /x «/opt/»\nRUN --mount=type=cache,target=/c rm -rf /opt\n",
            message="'/opt' is removed",
            hint="from=a",
        ),
        # Others start from it.
        Invalid(
            "FROM alpine AS a\nFROM alpine AS base\nCOPY --from=a /x.tar «/x.tar»\nRUN tar xf x.tar && rm x.tar\n"
            "FROM base AS app\nCMD /x/app\n",
            message="'/x.tar' is removed",
        ),
        # A mount takes a number for an image.
        Invalid("FROM alpine AS a\nFROM nginx\nCOPY --from=0 /x «/x»\nRUN rm -rf /x\n", hint="from=a,source=/x"),
        Invalid("FROM alpine\nFROM nginx\nCOPY --from=0 /x «/x»\nRUN rm -rf /x\n", hint="name stage 0, and lend"),
        Invalid("FROM alpine AS a\nFROM nginx\nCOPY --from=a /x «/x»\nCOPY --from=a /x /x\n"),
        # Whether the destination is a folder that is there is told by how it is removed.
        Invalid(
            "FROM alpine AS a\nFROM nginx\nCOPY --from=a /bin/x «/tmp/y»\nRUN /tmp/y && rm /tmp/y\n",
            hint="source=/bin/x,target=/tmp/y",
        ),
        Invalid(
            "FROM alpine AS a\nFROM nginx\nCOPY --from=a /bin/x «/opt»\nRUN /opt/x && rm -r /opt\n",
            hint="source=…,target=…",
        ),
        Invalid(
            "FROM alpine AS a\nFROM nginx\nWORKDIR /w\nCOPY --from=a /1 /2 «x/»\nRUN cat x/1 && cd x && rm 1 2\n",
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
                or not survey.runs(stage.index)
            ):
                continue
            yield from self._findings(survey, stage)

    def _findings(self, survey: Survey, stage: Stage) -> Iterator[Finding]:
        from lint_multistage.contents.overwritten import overwritten

        references = {x.word.span: x for x in survey.graph.of(stage.index)}

        def is_program(copy: Copy, path: str) -> bool:
            reference = references.get(copy.source.span) if copy.source else None
            return reference is not None and _is_program(survey, reference, path)

        ships: bool | None = None
        for found in overwritten(survey.dockerfile, stage.index, survey.start(stage.index), is_program):
            reference = references.get(found.copy.source.span) if found.copy.source else None
            # What names nothing fails the build, and is for other checks.
            if reference is None or reference.unknown is not None:
                continue
            if found.removed:
                ships = _ships(survey, stage) if ships is None else ships
                if not ships:
                    continue
            line = survey.dockerfile.source.in_file(found.span.start).line
            path = shown(found.path)
            if found.removed:
                message = f"'{path}' is removed again in line {line}, yet stays in its layer"
                hint = _lent(survey, reference, found)
            else:
                message = f"'{path}' is replaced in line {line}, before anything reads it"
                hint = "leave this COPY out, or change the destination of one of the two"
            yield Finding(
                span=found.copy.destination.span,
                message=message,
                hint=hint,
                stage=stage.index,
                related=(Related("removed here" if found.removed else "replaced here", found.span),),
            )


def _lent(survey: Survey, reference: Reference, found: Overwritten) -> str:
    """How a RUN uses what a copy brings without keeping it."""
    name, first = reference.word.text, ""
    if reference.to is not None and is_number(name):
        # A mount takes a number for the name of an image.
        own = survey.stages[reference.to].name
        if own and survey.graph.named(own) == reference.to:
            name = own
        else:
            name, first = "NAME", f"name stage {reference.to}, and "
    places = ",source=…,target=…"
    if found.exact and len(found.copy.paths) == 1:
        source = posixpath.join("/", found.copy.paths[0].text)
        places = f",source={shown(source)},target={shown(found.path)}"
    return f"{first}lend it to the RUN that needs it: RUN --mount=type=bind,from={shown(name)}{places}"


def _ships(survey: Survey, stage: Stage) -> bool:
    """Whether people pull the layers of a stage: it is what they run or start from, or such a stage is FROM it."""
    for last in survey.built:
        role = survey.role(last.index)
        pulled = role.runs or role.name == "base"
        if pulled and any(each.index == stage.index for each in survey.graph.lineage(last)):
            return True
    return False


def _is_program(survey: Survey, reference: Reference, path: str) -> bool:
    """Whether a path of the stage that `reference` reads is a program that is linked there."""
    if reference.to is None:
        return False
    products = survey.contents(reference.to).products
    return any(product.path == path and product.certain and product.ecosystem in _PROGRAMS for product in products)
