from __future__ import annotations

from collections.abc import Iterator

from lint_multistage.api import Check, Finding, Invalid, Related, Severity, Stage, Survey, Valid
from lint_multistage.roles import by_hand


class MissingCopyFrom(Check):
    """The last stage takes nothing from the stage that builds the product.

    ## Why is this bad?
    BuildKit skips a stage that nobody reads, so the product is not even built, and the image ships without it. Usually
    a `COPY --from` was forgotten or lost.
    """

    code = "MS401"
    severity = Severity.WARNING
    yields_to = ("MS402", "MS404", "MS101", "MS102", "MS103", "MS106")
    valid = (
        Valid("FROM golang AS build\nRUN go build -o /app .\nFROM alpine\nCOPY --from=build /app /app\n"),
        Valid(
            "FROM golang AS build\nRUN go build -o /app .\nFROM alpine\nRUN --mount=from=build,target=/b cp /b/app /\n"
        ),
        Valid("FROM alpine AS deps\nRUN apk add curl\nFROM alpine\nCOPY app /app\n"),
        # An image of its own: somebody builds it with --target.
        Valid('FROM golang AS tool\nRUN go build -o /tool .\nENTRYPOINT ["/tool"]\nFROM alpine\nCOPY app /app\n'),
        Valid("FROM golang AS build\nRUN go build -o /a .\nFROM golang AS build2\nRUN go build -o /b .\n"),
        Valid("FROM golang AS test\nRUN go build -o /app . && go test ./...\nFROM alpine\nCOPY app /app\n"),
        Valid("FROM golang AS dist-output\nRUN go build -o /app .\nFROM alpine\nCOPY app /app\n"),
        Valid(
            "FROM golang AS build\nRUN go build -o /app .\nFROM rust AS old\nRUN cargo build\n"
            "FROM alpine\nCOPY --from=biuld /app /app\n"
        ),
        Valid("ARG FROM=alpine\nFROM golang AS x-build\nRUN go build -o /a .\nFROM ${FROM}-build\n"),
    )
    invalid = (
        Invalid(
            'FROM golang AS build\nWORKDIR /src\nRUN go build -o app .\nFROM «alpine»\nCMD ["/app"]\n',
            message="stage '#1' copies nothing from stage 'build'",
            hint="COPY --from=build /src/app /app",
        ),
        Invalid(
            "FROM maven AS build\nRUN mvn package\nFROM alpine AS «final»\nCOPY conf /conf\n",
            hint="copy what 'mvn package' makes (line 2)",
        ),
    )

    def check(self, survey: Survey) -> Iterator[Finding]:
        last = survey.stages[-1] if survey.stages else None
        if last is None or survey.graph.reached([last.index]) != {last.index}:
            return
        if any(product.certain for product in survey.contents(last.index).products):
            return
        # A slip of the pen may be what copies.
        if any(
            x.image and "/" not in x.image and not survey.facts.is_known(x.image)
            for x in survey.graph.of(last.index)
            if x.kind != "from"
        ):
            return
        read = {index for r in survey.graph.references for index in (r.to, *r.alternatives)}
        for stage in reversed(survey.stages[:-1]):
            if stage.index not in read and self._is_forgotten(survey, stage):
                yield self._finding(survey, last, stage)
                return

    def _is_forgotten(self, survey: Survey, stage: Stage) -> bool:
        """Whether the stage, which nothing reads, builds something without being an image of its own."""
        if stage.index in survey.needed or by_hand(stage):
            return False
        contents = survey.contents(stage.index)
        built = any(product.certain for product in contents.products)
        return built and not contents.starts

    def _finding(self, survey: Survey, last: Stage, stage: Stage) -> Finding:
        # A run that finds nothing need not load it.
        from lint_multistage.advice.stages import forgotten_copy

        contents = survey.contents(stage.index)
        product = [product for product in contents.products if product.certain][-1]
        return Finding(
            span=(last.from_.name or last.from_.base).span,
            message=f"stage '{last.label}' copies nothing from stage '{stage.label}', which builds the product",
            hint=forgotten_copy(survey, last, stage),
            stage=last.index,
            related=(Related(f"'{product.command}' builds here", product.span),),
            cause=("stage", stage.index),
        )
