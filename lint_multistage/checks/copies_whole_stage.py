from __future__ import annotations

import posixpath
from collections.abc import Iterator, Sequence

from lint_multistage.api import Check, Copy, Finding, Invalid, Related, Severity, Stage, Survey, Valid
from lint_multistage.contents.paths import joined
from lint_multistage.contents.placed import Placed, placed_in, source_of
from lint_multistage.contents.products import Product
from lint_multistage.wording import ships

_MOST = 4


class CopiesWholeStage(Check):
    """A stage that ships copies all of a stage that builds, or its sources along with what is built of them.

    ## Why is this bad?
    The image carries sources, intermediate files and the files of another distribution beside the program, though it
    runs the program alone. Copy what is built, and what it reads when it runs.
    """

    code = "MS405"
    severity = Severity.INFO
    yields_to = ("MS304",)
    valid = (
        Valid("FROM golang AS build\nRUN go build -o /app .\nFROM alpine\nCOPY --from=build /app /app\n"),
        # One layer of what is there in the end.
        Valid("FROM alpine AS all\nCOPY . /src\nRUN go build -o /app .\nFROM scratch\nCOPY --from=all / /\n"),
        # A root made on purpose.
        Valid(
            "FROM alpine AS b\nRUN go build -o /app .\nFROM scratch AS r\nCOPY --from=b /app /\n"
            "FROM alpine\nCOPY --from=r / /\n"
        ),
        Valid(
            "FROM golang AS build\nWORKDIR /src\nCOPY . .\nRUN go build -o /out/app .\n"
            "FROM alpine\nCOPY --from=build /out /app\n"
        ),
        # The sources are the product.
        Valid(
            "FROM node AS build\nWORKDIR /app\nCOPY . .\nRUN npm run build\nFROM node\nCOPY --from=build /app /app\n"
        ),
        Valid(
            "FROM golang AS build\nWORKDIR /src\nCOPY . .\nRUN go build -o app . && rm -rf *.go\n"
            "FROM alpine\nCOPY --from=build /src /app\n"
        ),
        Valid(
            "FROM golang AS build\nWORKDIR /src\nCOPY main.go .\nRUN go build -o bin/app .\n"
            "FROM alpine\nCOPY --from=build /src/bin /app\n"
        ),
    )
    invalid = (
        Invalid(
            "FROM rust AS build\nWORKDIR /src\nCOPY . /src\nRUN cargo build --release --bin app\n"
            "RUN rm -rf /var/lib/apt/lists/*\n"
            "FROM debian AS final\nCOPY --from=build «/src» /src\nCMD /src/target/release/app\n",
            message="stage 'final' ships with all of '/src' of stage 'build'",
            hint="COPY --from=build /src/target/release/app /src/target/release/app",
        ),
        Invalid(
            "FROM golang AS build\nWORKDIR /src\nCOPY . .\nRUN go build -o app .\n"
            "FROM alpine\nCOPY --from=build «/src» /app\n",
            message="with all of '/src' of stage 'build'",
            hint="COPY --from=build /src/app",
        ),
        Invalid(
            "FROM alpine AS build\nRUN go build -o /srv/app .\nFROM debian\nCOPY --from=build «/» /\n",
            message="with all of stage 'build'",
        ),
    )

    def check(self, survey: Survey) -> Iterator[Finding]:
        for stage in survey.shipped:
            if not any(isinstance(each, Copy) and each.source is not None for each in stage.instructions):
                continue
            for placed in placed_in(survey, stage):
                source = source_of(survey, placed)
                folder = joined("/", placed.path)
                if source is None or folder is None or "*" in folder:
                    continue
                built = self._built(survey, survey.stages[source], folder, placed)
                if built:
                    yield self._finding(survey, placed, survey.stages[source], folder, built)

    def _built(self, survey: Survey, source: Stage, folder: str, placed: Placed) -> tuple[Product, ...]:
        """What is built inside the folder, where the folder certainly holds more than that; else nothing."""
        # Most files copy no folder that something is built in, and need not load it.
        from lint_multistage.contents.leftovers import built_among_sources, built_in

        if folder != "/":
            return built_among_sources(survey, source, folder)
        # Into an empty image it is a way to make one layer of all that is left.
        blank = any(survey.graph.root(each).base == "scratch" for each in (survey.stages[placed.stage], source))
        return () if blank or joined("/", placed.destination) != "/" else built_in(survey, source)

    def _finding(self, survey: Survey, placed: Placed, source: Stage, folder: str, built: Sequence[Product]) -> Finding:
        stage = survey.stages[placed.stage]
        what = f"stage '{source.label}'" if folder == "/" else f"'{folder}' of stage '{source.label}'"
        word = placed.instruction.source if isinstance(placed.instruction, Copy) else None
        # A folder of programs goes into the same folder, a program into the one that holds the copy.
        into = posixpath.join(placed.destination or "/", "")
        paths = list(dict.fromkeys(each.path for each in built if each.path))
        copy = f"COPY --from={word.text if word else source.label}"
        lines = [f"{copy} {x} {posixpath.join(into, posixpath.relpath(x, folder))}" for x in paths[:_MOST]]
        return Finding(
            span=placed.word.span,
            message=f"{ships(survey, stage)} with all of {what}, not only what is built there",
            hint="\n  ".join(("copy what is built, and what it reads when it runs:", *lines)),
            stage=stage.index,
            related=(Related(f"'{built[0].command}' builds here", built[0].span),),
            cause=("copied", stage.index, placed.instruction.line),
        )
