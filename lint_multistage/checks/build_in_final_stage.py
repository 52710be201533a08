from __future__ import annotations

from collections.abc import Iterator

from lint_multistage.api import Check, Finding, Invalid, Related, Severity, Stage, Survey, Valid
from lint_multistage.contents.products import Product

# Built with packages that what runs does not need, on an interpreter that it does.
_INTERPRETED = frozenset(("node", "python"))
# Built by what the image runs with anyway, as a rule: assets of Rails, the manual of a program.
_BY_WHAT_RUNS = frozenset(("site", "ruby", "php", "perl"))
_TASK_RUNNERS = frozenset(("make", "just", "task", "mage"))


class BuildInFinalStage(Check):
    """A stage that ships compiles, though it takes files from another stage, which could do that.

    ## Why is this bad?
    What a build needs and leaves behind ships with the image: the sources, development dependencies, caches. The file
    has stages to keep that apart, but this stage does not use them. Build in the stage that builds, and copy the
    result.
    """

    code = "MS309"
    severity = Severity.WARNING
    valid = (
        Valid("FROM node AS build\nRUN npm run build\nFROM nginx\nCOPY --from=build /dist /usr/share/nginx/html\n"),
        # One stage: others speak of that.
        Valid("FROM node:22-slim\nCOPY . .\nRUN npm run build\n"),
        # Packages of an interpreter are no build.
        Valid(
            "FROM node AS build\nRUN npm run build\nFROM node:22-slim\nCOPY --from=build /dist /dist\n"
            "RUN npm ci --omit=dev\n"
        ),
        Valid(
            "FROM python AS build\nRUN pip wheel -w /w .\nFROM python:3.12-slim\nCOPY --from=build /w /w\n"
            "RUN pip install /w/*\n"
        ),
        # MS301 and MS302 speak of these.
        Valid(
            "FROM node AS web\nRUN npm run build\nFROM golang\nCOPY --from=web /dist /dist\nRUN go build -o /app .\n"
        ),
        Valid(
            "FROM node AS web\nRUN npm run build\nFROM debian\nRUN apt-get install -y gcc make\n"
            "COPY --from=web /dist /dist\nRUN make\n"
        ),
        # Without a compiler, make runs tasks.
        Valid("FROM golang AS build\nRUN go build -o /a .\nFROM alpine\nCOPY --from=build /a /a\nRUN make install\n"),
        # What compiles comes and goes within the RUN.
        Valid(
            "FROM golang AS build\nRUN go build -o /a .\nFROM alpine\nCOPY --from=build /a /a\n"
            "RUN apk add --virtual .deps gcc make && make && apk del .deps\n"
        ),
        Valid(
            "FROM node AS web\nRUN npm run build\nFROM registry.example.com/base\n"
            "COPY --from=web /dist /dist\nRUN make\n"
        ),
        Valid(
            "FROM golang AS build\nRUN go build -o /a .\nFROM ruby:3.3\nCOPY --from=build /a /a\n"
            "RUN apt-get install -y gcc make && make && apt-get purge -y gcc make\n"
        ),
        Valid(
            "FROM python AS build\nRUN pip install -t /p mkdocs\nFROM python:3.12-slim\nCOPY --from=build /p /p\n"
            "RUN mkdocs build -d /site\n"
        ),
        # It takes nothing of the other stage, which is another image.
        Valid("FROM node:22-slim AS a\nRUN npm run build\nFROM node:22-slim AS b\nRUN npm run build\n", targets=("a",)),
    )
    invalid = (
        Invalid(
            "FROM node:22 AS deps\nRUN npm ci\nFROM node:22-slim AS app\nCOPY --from=deps /node_modules /node_modules\n"
            "COPY . .\nRUN «npm run build»\n",
            message="stage 'app' ships and builds with 'npm run build'",
            hint="stage 'deps'",
        ),
        Invalid(
            "FROM node AS web\nRUN npm run build\nFROM registry.example.com/base\nCOPY --from=web /dist /dist\n"
            "RUN «go build» -o /app .\nRUN go build -o /tool ./tool\n"
        ),
        Invalid("FROM node AS web\nRUN npm run build\nFROM php:8.3\nCOPY --from=web /dist /dist\nRUN «make install»\n"),
    )

    def check(self, survey: Survey) -> Iterator[Finding]:
        if len(survey.stages) < 2:
            return
        for stage in survey.shipped:
            contents = survey.contents(stage.index)
            own = [product for product in contents.products if product.span.start > stage.from_.span.start]
            product = next(
                (product for product in own if product.certain and self._compiles(survey, stage, product)), None
            )
            source = self._source(survey, stage) if product and not contents.carries_toolchain else None
            if product is not None and source is not None:
                yield self._finding(survey, stage, source, product)

    def _compiles(self, survey: Survey, stage: Stage, product: Product) -> bool:
        """Whether the command builds with what the stage has, and keeps."""
        contents = survey.contents(stage.index)
        image = contents.image
        run = next(each for each in reversed(stage.instructions) if each.span.start <= product.span.start)
        if product.ecosystem in _BY_WHAT_RUNS or run.line in contents.asked.cleaned:
            return False
        if product.ecosystem in _INTERPRETED:
            return True
        if product.ecosystem in _TASK_RUNNERS:
            return image is not None and image.role == "bundled"
        # A known image without a compiler can have had one for a moment only.
        return image is None or image.role == "bundled"

    def _source(self, survey: Survey, stage: Stage) -> Stage | None:
        """The stage, not itself shipped, that this one takes files from: the one that builds, where several are."""
        shipped = {other.index for other in survey.shipped}
        sources = [
            reference.to
            for reference in survey.graph.of(stage.index)
            if reference.kind in ("copy-from", "mount-from")
            and reference.to is not None
            and reference.to not in shipped
        ]
        building = [index for index in sources if survey.contents(index).products]
        found = building or sources
        return survey.stages[found[-1]] if found else None

    def _finding(self, survey: Survey, stage: Stage, source: Stage, product: Product) -> Finding:
        label = source.label.removeprefix("#")
        copy = f"COPY --from={label} {product.path} {product.path}" if product.path else f"COPY --from={label} …"
        return Finding(
            span=product.span,
            message=f"stage '{stage.label}' ships and builds with '{product.command}', though stage '{source.label}'"
            " does not ship",
            hint=f"run '{product.command}' in stage '{source.label}' or another that is not shipped, and copy what it"
            f" makes: {copy}",
            stage=stage.index,
            related=(Related("files come from this stage", source.from_.base.span),),
        )
