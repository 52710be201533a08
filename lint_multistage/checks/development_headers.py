from __future__ import annotations

from collections.abc import Iterator

from lint_multistage.api import Check, Finding, Invalid, Severity, Stage, Survey, Valid
from lint_multistage.contents.stage import BuildPackage
from lint_multistage.wording import listed, ships

_SHOWN = 4


class DevelopmentHeaders(Check):
    """Packages of headers are left in a stage that ships.

    ## Why is this bad?
    A `-dev` package holds what a compiler reads: headers and static libraries. A program that is built already needs
    the shared library alone, which is a smaller package of its own. Where no compiler is left, nothing can even use
    the headers.
    """

    code = "MS307"
    severity = Severity.INFO
    yields_to = ("MS302", "MS305")
    valid = (
        Valid("FROM debian AS build\nRUN apt-get install -y libpq-dev\nFROM debian\nCOPY --from=build /a /a\n"),
        Valid("FROM debian\nRUN apt-get install -y libpq5\n"),
        Valid("FROM alpine\nRUN apk add --virtual .deps libpq-dev && pip install psycopg2 && apk del .deps\n"),
        # Another check speaks of this RUN, or of the base image.
        Valid("FROM debian\nRUN apt-get install -y gcc libpq-dev\n"),
        Valid("FROM golang\nRUN apt-get install -y libpq-dev\n"),
        # The image brings a compiler and many such packages itself.
        Valid("FROM python:3.12\nRUN apt-get install -y libpq-dev\n"),
        Valid("FROM registry.example.com/base\nRUN apt-get install -y libpq-dev && make && make install\n"),
        # It compiles when it starts.
        Valid('FROM debian\nRUN apt-get install -y libpq-dev\nCMD ["sh", "-c", "pip install -r r.txt && ./run"]\n'),
        # Others build in it or on it.
        Valid(
            "FROM debian AS base\nRUN apt-get install -y libpq-dev\nFROM base AS build\nRUN make\n"
            "FROM debian\nCOPY --from=build /a /a\n",
            targets=("base",),
        ),
        Valid('FROM debian\nARG DEV\nRUN if [ -n "$DEV" ]; then apt-get install -y libpq-dev; fi\n'),
    )
    invalid = (
        Invalid(
            "FROM debian\nRUN apt-get install -y curl «libpq-dev» zlib1g-dev\nCMD app\n",
            message="'libpq-dev' and 'zlib1g-dev'",
            hint="libpq5 for libpq-dev, zlib1g for zlib1g-dev",
        ),
        Invalid("FROM alpine\nRUN apk add --no-cache «postgresql-dev»\nCMD app\n", hint="libpq for postgresql-dev"),
        Invalid("FROM fedora\nRUN dnf install -y «acme-devel»\nCMD app\n", hint="the library itself for acme-devel"),
        Invalid("FROM debian AS base\nRUN apt-get install -y «libssl-dev»\nFROM base\nCMD app\n"),
    )

    def check(self, survey: Survey) -> Iterator[Finding]:
        told: set[int] = set()
        for stage in survey.shipped:
            for packages in self._of(survey, stage):
                line = packages[0].installed.instruction
                if line not in told:
                    told.add(line)
                    yield self._finding(survey, stage, packages)

    def _of(self, survey: Survey, stage: Stage) -> list[list[BuildPackage]]:
        """The packages of headers that the stage ships with and nothing in it may need, by the RUN that asks."""
        contents = survey.contents(stage.index)
        if contents.image is not None and contents.image.role in ("toolchain", "bundled"):
            return []
        if contents.image is None and any(product.certain for product in contents.products):
            # A base image that nothing is known of, and in which something is compiled, brings a compiler.
            return []
        spoken_of = {package.installed.instruction for package in contents.build_packages}
        by_run: dict[int, list[BuildPackage]] = {}
        for installed in contents.packages:
            asked = installed.certain and not installed.auto and installed.instruction not in spoken_of
            package = survey.facts.package(installed.manager, installed.name) if asked else None
            if package and package.kind == "dev-headers":
                by_run.setdefault(installed.instruction, []).append(BuildPackage(installed, package))
        if not by_run:
            return []
        # A run that finds nothing need not load it.
        from lint_multistage.contents.started import may_compile

        if may_compile(contents) or self._serves_others(survey, stage):
            return []
        return list(by_run.values())

    def _serves_others(self, survey: Survey, stage: Stage) -> bool:
        """Whether stages that do not ship are built from it, or any takes something of it."""
        shipped = {other.index for other in survey.shipped}
        return any(
            reference.to == stage.index and (reference.kind != "from" or reference.stage not in shipped)
            for reference in survey.graph.references
        )

    def _finding(self, survey: Survey, stage: Stage, packages: list[BuildPackage]) -> Finding:
        from lint_multistage.advice.packages import libraries_alone

        names = list(dict.fromkeys(package.installed.name for package in packages))
        shown = listed(names) if len(names) <= _SHOWN else f"{listed(names[:_SHOWN])} and {len(names) - _SHOWN} more"
        return Finding(
            span=packages[0].installed.span,
            message=f"{ships(survey, stage)} with the headers of {shown}, which only compilers read",
            hint=libraries_alone(packages),
            stage=stage.index,
            cause=("packages", packages[0].installed.instruction),
            data={
                "toolchains": list(dict.fromkeys(name for package in packages for name in package.package.toolchains)),
                "via": "dev-headers",
                "packages": names,
            },
        )
