from __future__ import annotations

import posixpath
from collections.abc import Iterator
from typing import TYPE_CHECKING

from lint_multistage.api import (
    Check,
    Edit,
    Finding,
    Fix,
    Instruction,
    Invalid,
    Related,
    Safety,
    Severity,
    Span,
    Stage,
    Survey,
    Valid,
)
from lint_multistage.syntax.instructions import Env
from lint_multistage.syntax.quoting import shown

if TYPE_CHECKING:
    from lint_multistage.contents.changes import Made


class MissingEntrypoint(Check):
    """ENTRYPOINT or CMD starts a file that only another stage has, or PATH names a folder that only it has.

    ## Why is this bad?
    The image builds, but its containers do not start: *exec: "/out/app": stat /out/app: no such file or directory*.
    The file was made in a stage of the same Dockerfile, and nothing copies it from there. A virtual environment whose
    `bin` stands in PATH is missed the same way: *exec: "gunicorn": executable file not found in $PATH*.

    ## Fix safety
    Unsafe: it adds the `COPY --from` in front of the instruction that needs it.
    """

    code = "MS404"
    severity = Severity.WARNING
    valid = (
        Valid(
            "FROM golang:1.22 AS b\nRUN go build -o /out/app ./x\n"
            'FROM alpine\nCOPY --from=b /out/app /out/app\nENTRYPOINT ["/out/app"]\n'
        ),
        Valid(
            "FROM golang:1.22 AS b\nRUN go build -o /out/app ./x\n"
            'FROM alpine\nCOPY --from=b /out/ /out/\nENTRYPOINT ["/out/app"]\n'
        ),
        Valid(
            "FROM golang:1.22 AS b\nRUN go build -o /out/app ./x\n"
            "FROM alpine\nRUN --mount=from=b,target=/b cp -r /b/out / && rm -rf /tmp\nCMD /out/app\n"
        ),
        # The build context may hold it, too.
        Valid(
            "FROM golang:1.22 AS b\nWORKDIR /app\nRUN go build -o server .\n"
            'FROM alpine\nWORKDIR /app\nCOPY . .\nCMD ["./server"]\n'
        ),
        Valid("FROM golang:1.22 AS b\nRUN go build -o /app .\nFROM b\nCMD /app\n"),
        Valid('FROM golang:1.22 AS b\nRUN go build -o /app .\nFROM alpine\nRUN ./get.sh /app\nCMD ["/app"]\n'),
        # An image that is not known may have it.
        Valid('FROM alpine AS b\nCOPY app.sh /app.sh\nFROM registry.corp/app\nCMD ["/app.sh"]\n'),
        # Every image has these.
        Valid('FROM busybox AS b\nCOPY sh /bin/sh\nFROM alpine\nCMD ["/bin/sh"]\n'),
        Valid(
            "FROM node:22 AS b\nCOPY docker-entrypoint.sh /usr/local/bin/\n"
            'FROM node:22\nENTRYPOINT ["/usr/local/bin/docker-entrypoint.sh"]\n'
        ),
        Valid(
            "FROM python:3.12 AS b\nRUN python -m venv /opt/venv\nFROM python:3.12-slim\n"
            "COPY --from=b /opt/venv /opt/venv\nENV PATH=/opt/venv/bin:$PATH\nCMD gunicorn\n"
        ),
        Valid(
            "FROM python:3.12 AS b\nRUN python -m venv /opt/venv\nFROM python:3.12-slim\n"
            "ENV PATH=/opt/venv/bin:$PATH\nRUN --mount=from=b,target=/b cp -r /b/opt/venv /opt/\nCMD gunicorn\n"
        ),
        Valid("FROM python:3.12 AS b\nRUN python -m venv /opt/venv\nFROM acme/python\nENV PATH=/opt/venv/bin:$PATH\n"),
        Valid("FROM python:3.12 AS b\nRUN python -m venv /opt/venv\nFROM python:3.12-slim\nENV PATH=/opt/bin:$PATH\n"),
    )
    invalid = (
        Invalid(
            "FROM python:3.12 AS b\nRUN python -m venv /opt/venv\nFROM python:3.12-slim\n"
            'ENV X=1 PATH=«"/opt/venv/bin:$PATH"»\nCMD ["gunicorn", "app"]\n',
            fixed="FROM python:3.12 AS b\nRUN python -m venv /opt/venv\nFROM python:3.12-slim\n"
            'COPY --from=b /opt/venv /opt/venv\nENV X=1 PATH="/opt/venv/bin:$PATH"\nCMD ["gunicorn", "app"]\n',
            message="PATH names '/opt/venv/bin', which only stage 'b' has",
            hint="COPY --from=b /opt/venv /opt/venv",
        ),
        Invalid(
            'FROM golang:1.22 AS b\nRUN go build -o /out/app ./x\nFROM alpine\nENTRYPOINT [«"/out/app"»]\n',
            fixed="FROM golang:1.22 AS b\nRUN go build -o /out/app ./x\n"
            'FROM alpine\nCOPY --from=b /out/app /out/app\nENTRYPOINT ["/out/app"]\n',
            message="starts '/out/app', which only stage 'b' has",
            hint="COPY --from=b /out/app /out/app",
        ),
        Invalid(
            "FROM golang:1.22 AS b\nWORKDIR /src\nRUN go build -o server .\n"
            "FROM registry.corp/run\nWORKDIR /src\nCOPY conf.yaml /etc/\nCMD «./server --port 80»\n",
            fixed="FROM golang:1.22 AS b\nWORKDIR /src\nRUN go build -o server .\n"
            "FROM registry.corp/run\nWORKDIR /src\nCOPY conf.yaml /etc/\n"
            "COPY --from=b /src/server /src/server\nCMD ./server --port 80\n",
        ),
        Invalid(
            "FROM alpine AS files\nCOPY start.sh /opt/app/start.sh\n"
            'FROM debian\nENTRYPOINT ["sh", «"/opt/app/start.sh"»]\n',
            fixed="FROM alpine AS files\nCOPY start.sh /opt/app/start.sh\n"
            "FROM debian\nCOPY --from=files /opt/app/start.sh /opt/app/start.sh\n"
            'ENTRYPOINT ["sh", "/opt/app/start.sh"]\n',
        ),
    )

    def check(self, survey: Survey) -> Iterator[Finding]:
        if len(survey.stages) < 2 or survey.dockerfile.problems:
            return
        from lint_multistage.contents.started import started

        for stage in survey.built:
            contents = survey.contents(stage.index)
            own = [each for each in (contents.entrypoint, contents.command) if each in stage.instructions]
            for path in dict.fromkeys(path for start in started(contents) for path in start.files):
                if own and (found := _elsewhere(survey, stage, path)):
                    instruction, span = _place(survey, own, path)
                    says = f"{instruction.keyword.text} starts '{shown(path)}'"
                    yield _finding(survey, stage, instruction, span, says, path, *found)
            for env in stage.instructions:
                if isinstance(env, Env):
                    yield from _of_path(survey, stage, env)


def _of_path(survey: Survey, stage: Stage, env: Env) -> Iterator[Finding]:
    """The folders of an ENV PATH that lie in what only another stage builds."""
    # Nothing is known of what other images have.
    if survey.contents(stage.index).image is None:
        return
    for setting in env.settings:
        if setting.name.text != "PATH" or setting.value is None:
            continue
        for folder in setting.value.text.strip("\"'").split(":"):
            place = posixpath.dirname(folder.rstrip("/"))
            found = _elsewhere(survey, stage, place) if folder.startswith("/") and place != "/" else None
            if found and found[1].product:
                says = f"PATH names '{shown(folder)}'"
                yield _finding(survey, stage, env, setting.value.span, says, place, *found)


def _finding(
    survey: Survey, stage: Stage, instruction: Instruction, span: Span, says: str, path: str, source: Stage, made: Made
) -> Finding:
    line = f"COPY --from={source.label.removeprefix('#')} {path} {path}"
    at = Span(instruction.span.start, instruction.span.start)
    fix = Fix(f"Add '{line}'", (Edit(at, line + survey.dockerfile.source.line_end),), Safety.UNSAFE)
    return Finding(
        span=span,
        message=f"{says}, which only stage '{source.label}' has",
        hint=f"add to stage '{stage.label}': {line}",
        stage=stage.index,
        related=(Related(f"'{shown(made.path)}' is made here", made.span),),
        fix=fix,
        cause=("stage", source.index),
    )


def _elsewhere(survey: Survey, stage: Stage, path: str) -> tuple[Stage, Made] | None:
    """The stage that certainly makes `path`, where nothing may bring it to `stage`; and what makes it."""
    trees = survey.trees
    found: tuple[Stage, Made] | None = None
    for other in reversed(survey.stages):
        made = next((each for each in trees.made(other.index) if each.path == path), None)
        if made is not None and other.index != stage.index:
            found = other, made
            break
    if found is None or (not found[1].product and (_is_common(path) or not trees.is_known(stage.index))):
        return None
    return None if trees.may_bring(stage.index, path) else found


def _is_common(path: str) -> bool:
    """Whether a path lies where a base image has files, too."""
    return path.startswith(("/bin/", "/sbin/", "/usr/", "/etc/", "/lib", "/docker-entrypoint", "/entrypoint"))


def _place(survey: Survey, own: list[Instruction], path: str) -> tuple[Instruction, Span]:
    """The instruction that starts `path`, and the words that say so."""
    name = posixpath.basename(path)
    for instruction in own:
        for word in instruction.words:
            if name in word.text:
                return instruction, word.span
    return own[0], own[0].value.span
