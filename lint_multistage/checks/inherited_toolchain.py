from __future__ import annotations

from collections.abc import Iterator

from lint_multistage.api import Check, Finding, Invalid, Related, Severity, Stage, Survey, Valid
from lint_multistage.contents.carried import COPIED
from lint_multistage.wording import bare, listed, toolchains


class InheritedToolchain(Check):
    """A stage that ships starts from an earlier stage, and inherits its toolchain.

    ## Why is this bad?
    `FROM builder` takes over everything the stage holds: the compiler, the sources and the caches. The file looks
    like a multi-stage build and ships like a single stage. Start from a small image, and copy the result.
    """

    code = "MS303"
    severity = Severity.WARNING
    valid = (
        Valid("FROM golang AS build\nFROM alpine\nCOPY --from=build /app /app\n"),
        Valid("FROM alpine AS base\nFROM golang AS build\nFROM base\nCOPY --from=build /app /app\n"),
        Valid("FROM debian AS base\nRUN apt-get install -y gcc && apt-get purge -y gcc\nFROM base\n"),
        Valid("FROM python:3.12 AS base\nFROM base\n"),
        # It is spoken of where it comes in: that stage ships, too.
        Valid("FROM golang AS a\nFROM a AS b\n", targets=("a", "b")),
        Valid("FROM debian AS a\nRUN apt-get install -y gcc\nCMD x\nFROM a AS b\nFROM b\nCMD y\n", targets=("a",)),
        # The builds give something else in the stage's place.
        Valid("FROM golang AS base\nFROM base\n", contexts={"base": "docker-image://acme/base"}),
    )
    invalid = (
        Invalid(
            "FROM golang:1.22-alpine3.19 AS build\nRUN go build -o /app .\nFROM «build» AS final\n"
            'ENTRYPOINT ["/app"]\n',
            message="stage 'final' ships with all of stage 'build'",
            hint="COPY --from=build /app /app",
        ),
        Invalid(
            "FROM debian AS base\nRUN apt-get install -y gcc make\nFROM «base»\nCMD /app\n", message="'gcc' and 'make'"
        ),
        Invalid("FROM golang AS a\nFROM a AS b\nFROM «b»\n", message="'golang'"),
        Invalid(
            "FROM debian AS base\nRUN apt-get install -y python3-pip\nFROM «base»\nCMD app\n",
            message="'build-essential'",
            hint="'python3-pip' with --no-install-recommends",
        ),
        Invalid(
            "FROM debian AS base\nRUN apt-get install -y gcc\nFROM base AS core\nFROM «core»\nCMD app\n",
            message="all of stage 'core': 'gcc'",
            hint="not in 'base'",
        ),
        Invalid(
            "FROM debian AS base\nRUN curl https://sh.rustup.rs | sh -s -- -y\nFROM «base»\nCMD app\n",
            message="all of stage 'base': rust",
        ),
        Invalid("FROM debian AS base\nCOPY --from=golang /usr/local/go /usr/local/go\nFROM «base»\n", message="go"),
    )

    def check(self, survey: Survey) -> Iterator[Finding]:
        carrying = {stage.index for stage in survey.shipped if survey.contents(stage.index).carries_toolchain}
        for stage in survey.shipped:
            if stage.parent is None or not survey.start(stage.index).carries_toolchain:
                continue
            if not any(above.index in carrying for above in survey.graph.lineage(stage)[:-1]):
                yield self._finding(survey, stage, survey.stages[stage.parent])

    def _finding(self, survey: Survey, stage: Stage, parent: Stage) -> Finding:
        # A run that finds nothing need not load it.
        from lint_multistage.advice.sizes import Cost, cost
        from lint_multistage.advice.stages import start_small

        root = survey.graph.root(parent)
        contents = survey.start(stage.index)
        packages = list(dict.fromkeys(package.installed.name for package in contents.build_packages))
        names: list[str] = []
        size = Cost()
        if contents.image and contents.image.role == "toolchain":
            names = [name for name in contents.image.toolchains if survey.facts.heavy(name)]
            size = cost(root)
            what = f"{toolchains(names)} of '{bare(root.shown_base)}'{size.clause}"
            origin = Related(f"'{bare(root.shown_base)}' comes in here", root.from_.base.span)
        elif packages:
            what = f"{listed(packages[:3])}{' and more' if len(packages) > 3 else ''}"
            origin = Related("installed here", contents.build_packages[0].installed.span)
        else:
            first = contents.added_toolchains[0]
            added = dict.fromkeys(name for each in contents.added_toolchains for name in each.toolchains)
            what = toolchains(list(added))
            origin = Related("copied here" if first.via == COPIED else "installed here", first.span)
        names += [name for package in contents.build_packages for name in package.package.toolchains]
        names += [name for each in contents.added_toolchains for name in each.toolchains]
        return Finding(
            span=stage.from_.base.span,
            message=f"stage '{stage.label}' ships with all of stage '{parent.label}': {what}, which only building"
            " needs",
            hint=start_small(survey, stage, parent),
            stage=stage.index,
            related=(origin,),
            cause=("toolchain", root.index),
            data={"toolchains": list(dict.fromkeys(names)), "via": "inherited", **size.data},
        )
