from __future__ import annotations

from collections.abc import Container, Iterator
from typing import TYPE_CHECKING

from lint_multistage.api import Check, Edit, Finding, Fix, Invalid, Related, Safety, Severity, Survey, Valid
from lint_multistage.syntax.quoting import shown

if TYPE_CHECKING:
    from lint_multistage.contents.products import Product
    from lint_multistage.contents.reads import Read


class WrongArtefactPath(Check):
    """A stage is asked for a path that it does not have.

    ## Why is this bad?
    A `COPY --from` (or a mount) of a path that is not there fails the build: *failed to calculate checksum … not
    found*. Paths in another stage start at its `/`, whatever its WORKDIR is.

    It is an error where the path is certainly absent: everything that the stage starts with, and all that its
    instructions may write, lies elsewhere. It is a warning where only a build tool that writes outside of its project
    could have made it, where the path is a slip of the name of a program that the stage builds and nobody copies, and
    where it is the `.next/standalone` that `next.config` does not ask for.
    Where anything else is possible, nothing is said.

    ## Fix safety
    Unsafe: the path that comes nearest is probably the one that was meant.
    """

    code = "MS403"
    severity = Severity.ERROR
    yields_to = ("MS406",)
    valid = (
        Valid("FROM golang:1.22 AS b\nWORKDIR /src\nRUN go build -o /out/app .\nFROM scratch\nCOPY --from=b /out /\n"),
        # What comes from the build context may be anything.
        Valid("FROM golang:1.22 AS b\nWORKDIR /src\nCOPY . .\nRUN go build .\nFROM scratch\nCOPY --from=b /src/a /a\n"),
        Valid("FROM golang:1.22 AS b\nCOPY . /\nRUN go build -o /out/app .\nFROM scratch\nCOPY --from=b /bin2 /\n"),
        # A script or a Makefile may write anywhere.
        Valid("FROM golang:1.22 AS b\nCOPY . /src\nRUN make -C /src\nFROM scratch\nCOPY --from=b /out/app /app\n"),
        Valid("FROM golang:1.22 AS b\nCOPY x /src/\nRUN /src/x.sh\nFROM scratch\nCOPY --from=b /out/app /app\n"),
        # Nothing is known of a company's own image, nor of what a variable holds.
        Valid("FROM registry.corp/go AS b\nRUN go build -o /out/app .\nFROM scratch\nCOPY --from=b /tool /tool\n"),
        Valid("FROM golang:1.22 AS b\nARG OUT\nRUN go build -o $OUT .\nFROM scratch\nCOPY --from=b /app /app\n"),
        # A sketch: nothing is said of what happens in the stage.
        Valid("FROM golang:1.22 AS b\nFROM scratch\nCOPY --from=b /app /app\n"),
        Valid(
            "FROM golang:1.22 AS b\nWORKDIR /src\nCOPY . .\nRUN go build -o server .\n"
            "FROM scratch\nCOPY --from=b /src/server /src/servers /\n"
        ),
        # A pattern that matches nothing copies nothing.
        Valid("FROM golang:1.22 AS b\nRUN go build -o /out/app ./x\nFROM scratch\nCOPY --from=b /dist/* /\n"),
        Valid("FROM alpine AS b\nRUN mkdir -p /a/b && ln -s /a/b /c\nFROM scratch\nCOPY --from=b /c /c\n"),
        Valid("FROM alpine AS b\nRUN echo hi > /greeting\nFROM scratch\nCOPY --from=b /greeting /\n"),
        Valid("FROM alpine AS b\nRUN mkdir /data\nFROM b AS c\nRUN true\nFROM scratch\nCOPY --from=c /data /data\n"),
        Valid(
            "FROM alpine AS b\nRUN mv /etc/motd /m\nFROM alpine AS c\nCOPY --from=b /m /d/\n"
            "FROM alpine\nCOPY --from=c /d/m /\n"
        ),
        Valid("FROM alpine AS b\nRUN tar -xzf /x.tgz -C /opt/x\nFROM scratch\nCOPY --from=b /opt/x/bin /bin\n"),
        Valid(
            "FROM alpine AS b\nRUN mkdir /data\nFROM scratch\nCOPY --from=b /conf /conf\n",
            contexts={"b": "docker-image://acme/conf"},
        ),
    )
    invalid = (
        Invalid(
            "FROM golang:1.22 AS b\nWORKDIR /src\nCOPY . .\nRUN go build -o /out/app .\n"
            "FROM scratch\nCOPY --from=b «/src2/app» /app\n",
            fixed="FROM golang:1.22 AS b\nWORKDIR /src\nCOPY . .\nRUN go build -o /out/app .\n"
            "FROM scratch\nCOPY --from=b /out/app /app\n",
            message="stage 'b' has no '/src2/app', so the build fails here",
            hint="did you mean '/out/app'?",
        ),
        Invalid(
            "FROM gcc:13 AS b\nWORKDIR /work\nRUN gcc -o hello hello.c\nFROM scratch\nCOPY --from=b «/hello» /hello\n",
            fixed="FROM gcc:13 AS b\nWORKDIR /work\nRUN gcc -o hello hello.c\n"
            "FROM scratch\nCOPY --from=b /work/hello /hello\n",
        ),
        Invalid(
            "FROM alpine AS b\nRUN mkdir -p /data && rm -rf /data\nFROM scratch\nCOPY --from=b «/data» /data\n",
            hint="nothing in stage 'b' makes it",
        ),
        Invalid(
            "FROM golang:1.22 AS b\nWORKDIR /src\nCOPY . .\nRUN go build -o /app .\n"
            "FROM scratch\nCOPY --from=b /app /app\nCOPY --from=b «/page.html» /page.html\n",
            hint="stage 'b' makes '/app' and has the build context in '/src'",
        ),
        Invalid(
            "FROM node:22 AS b\nWORKDIR /app\nCOPY . .\nRUN npm ci && npm run build\n"
            "FROM nginx\nCOPY --from=b «/ap/dist» /usr/share/nginx/html\n",
            severity=Severity.WARNING,
        ),
        Invalid(
            "FROM golang:1.22 AS b\nWORKDIR /src\nCOPY . .\nRUN go build -o server .\n"
            "FROM scratch\nCOPY --from=b «/src/sevrer» /server\n",
            fixed="FROM golang:1.22 AS b\nWORKDIR /src\nCOPY . .\nRUN go build -o server .\n"
            "FROM scratch\nCOPY --from=b /src/server /server\n",
            severity=Severity.WARNING,
            hint="did you mean '/src/server'?",
        ),
    )

    def check(self, survey: Survey) -> Iterator[Finding]:
        if len(survey.stages) < 2 or survey.dockerfile.problems:
            return
        # A run that has nothing to look at need not load it.
        from lint_multistage.contents.tree import ABSENT, DOUBTFUL
        from lint_multistage.contents.unmade import unmade_by

        reads = [(stage.index, read) for stage in survey.stages for read in survey.reads(stage.index)]
        taken = {(read.source, read.path) for _, read in reads}
        for stage, read in reads:
            if read.path is None or read.path == "/" or not survey.trees.has_changes(read.source):
                continue
            state = survey.trees.state(read.source, read.path)
            certain = state == ABSENT
            if (
                certain
                or (state == DOUBTFUL and not survey.trees.mentions(read.source, read.path.split("/")[1]))
                or _is_slip(survey, read, taken)
            ):
                yield self._finding(survey, stage, read, certain=certain and stage in survey.needed)
            elif "/.next/standalone" in read.path and (product := unmade_by(survey, read.source, read.path)):
                yield self._unmade(survey, stage, read, product)

    def _unmade(self, survey: Survey, stage: int, read: Read, product: Product) -> Finding:
        """What the configuration of a build leaves out."""
        place, configuration = product.unmade or ("", "")
        return Finding(
            span=read.span,
            message=f"stage '{survey.stages[read.source].label}' has no '{shown(place)}', so the build probably fails"
            " here",
            hint=f"'next build' makes it where {configuration} says output: 'standalone'",
            stage=stage,
            related=(Related("it is built here", product.span),),
            cause=("path", read.span.start),
            severity=Severity.WARNING,
        )

    def _finding(self, survey: Survey, stage: int, read: Read, *, certain: bool) -> Finding:
        from lint_multistage.advice.places import meant, offered

        path = read.path or ""
        label = survey.stages[read.source].label
        made = survey.trees.made(read.source)
        found = survey.trees.slip(read.source, path) or meant(path, made)
        hint = f"did you mean '{shown(found.path)}'?" if found else ""
        if not found:
            hint = offered(label, made, survey.trees.context_folders(read.source))
        fix = None
        if found and "$" not in read.word.text and read.word.text.strip("\"'") == read.word.text:
            fix = Fix(f"Write '{found.path}'", (Edit(read.span, found.path),), Safety.UNSAFE)
        fails = "so the build fails here" if certain else "so the build probably fails here"
        return Finding(
            span=read.span,
            message=f"stage '{label}' has no '{shown(path)}', {fails}",
            hint=hint,
            stage=stage,
            related=(Related(f"'{shown(found.path)}' is made here", found.span),) if found else (),
            fix=fix,
            cause=("path", read.span.start),
            severity=Severity.ERROR if certain else Severity.WARNING,
        )


def _is_slip(survey: Survey, read: Read, taken: Container[tuple[int, str | None]]) -> bool:
    """Whether the path is a slip of that of a program which nobody copies."""
    slip = survey.trees.slip(read.source, read.path or "")
    return slip is not None and (read.source, slip.path) not in taken
