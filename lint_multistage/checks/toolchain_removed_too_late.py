from __future__ import annotations

from collections.abc import Iterator

from lint_multistage.api import Check, Finding, Invalid, Related, Severity, Stage, Survey, Valid
from lint_multistage.contents.carried import COPIED, HIDDEN, INSTALLER, Carried
from lint_multistage.contents.packages import Removed
from lint_multistage.contents.stage import Contents, is_for_building
from lint_multistage.late import late_regex
from lint_multistage.text import Span
from lint_multistage.wording import listed, ships, toolchains

_SHOWN = 3
_PRUNES = late_regex(r"\b(?:prune|production|--prod)\b")


class ToolchainRemovedTooLate(Check):
    """Packages, or development dependencies, are removed in a later RUN than the one that installs them.

    ## Why is this bad?
    Every instruction makes a layer, and layers only add: a removal hides the files, but the layer below it still holds
    them, and everybody who pulls the image pulls that layer. The removal saves nothing. Install, build and remove in
    one RUN, or build in a stage that is not shipped.

    Packages that are not for building are smaller as a rule, and so are those of an image that is for building itself:
    there it is `info`.
    """

    code = "MS305"
    severity = Severity.WARNING
    valid = (
        Valid("FROM alpine\nRUN apk add --virtual .deps gcc musl-dev && make && apk del .deps\n"),
        Valid(
            "FROM debian AS build\nRUN apt-get install -y gcc\nRUN make\nRUN apt-get purge -y gcc\n"
            "FROM debian\nCOPY --from=build /a /a\n"
        ),
        # One layer holds what is there in the end.
        Valid(
            "FROM debian AS all\nRUN apt-get install -y gcc\nRUN apt-get purge -y gcc\n"
            "FROM scratch\nCOPY --from=all / /\n"
        ),
        Valid("FROM debian\nRUN apt-get install -y curl gnupg && apt-get purge -y gnupg\n"),
        Valid('FROM debian\nRUN apt-get install -y gcc\nRUN if [ -n "$SLIM" ]; then apt-get purge -y gcc; fi\n'),
        Valid("FROM alpine\nRUN apk add gcc\nRUN apk del $PACKAGES\n"),
        Valid("FROM golang\nRUN apt-get install -y cmake\nRUN apt-get purge -y cmake\n"),
        Valid("FROM node:22-slim\nRUN npm ci && npm run build && npm prune --omit=dev\nCMD node .\n"),
        Valid("FROM node:22-slim\nRUN npm ci --omit=dev\nRUN npm prune --omit=dev\nCMD node .\n"),
        Valid("FROM node:22-slim\nENV NODE_ENV=production\nRUN npm ci\nRUN npm prune\nCMD node .\n"),
        Valid(
            "FROM node:22 AS build\nRUN npm ci\nRUN npm prune --omit=dev\n"
            "FROM node:22-slim\nCOPY --from=build /app /app\nCMD node .\n"
        ),
        Valid("FROM node:22-slim\nRUN npm install -g typescript\nRUN npm prune --omit=dev\nCMD node .\n"),
        Valid("FROM acme/node\nCOPY node_modules node_modules\nRUN npm prune --production\nCMD node .\n"),
        Valid('FROM node:22-slim\nRUN npm ci\nRUN if [ -n "$SLIM" ]; then npm prune --omit=dev; fi\nCMD node .\n'),
    )
    invalid = (
        Invalid(
            "FROM debian\nRUN apt-get install -y gcc curl\nRUN make\nRUN apt-get purge -y --auto-remove «gcc»\n",
            message="'gcc'",
            hint="apt-get purge -y --auto-remove gcc",
        ),
        Invalid(
            "FROM alpine\nRUN apk add --virtual .deps gcc musl-dev\nRUN pip install x\nRUN apk del «.deps»\nCMD app\n",
            message="'.deps'",
            hint="apk del .deps",
        ),
        Invalid(
            "FROM debian AS base\nRUN apt-get install -y build-essential\nFROM base AS app\n"
            "RUN apt-get purge -y «build-essential» && apt-get autoremove -y\nCMD app\n",
            message="stage 'app' ships",
        ),
        Invalid("FROM debian\nRUN apt-get install -y gcc\nRUN apt-mark auto gcc && apt-get «autoremove» -y\nCMD app\n"),
        Invalid("FROM debian\nRUN apt-get install -y libpq-dev\nRUN apt-get purge -y «libpq-dev»\nCMD app\n"),
        Invalid(
            "FROM golang AS build\nRUN go build -o /app .\nFROM fedora\nRUN dnf install -y gcc\n"
            "COPY --from=build /app /app\nRUN dnf remove -y «gcc»\n",
            hint="in stage 'build'",
        ),
        Invalid(
            "FROM debian\nRUN curl https://sh.rustup.rs | sh -s -- -y\nRUN cargo build\n"
            "RUN rm -rf ~/.cargo «~/.rustup»\n",
            message="rust, removed here too late: the layer that brings it (line 2)",
            hint="rm -rf /root/.rustup /root/.cargo",
        ),
        Invalid(
            "FROM debian\nCOPY --from=golang /usr/local/go /usr/local/go\nRUN go build -o /app .\n"
            "RUN rm -rf «/usr/local/go»\n",
            hint="--mount=from=golang",
        ),
        Invalid(
            "FROM debian\nADD https://go.dev/dl/go1.22.0.linux-amd64.tar.gz /tmp/\n"
            "RUN tar -C /usr/local -xzf /tmp/go1.22.0.linux-amd64.tar.gz && rm «/tmp/go1.22.0.linux-amd64.tar.gz»\n"
            "CMD app\n",
            message="'go1.22.0.linux-amd64.tar.gz', removed here too late",
            hint="in one RUN",
        ),
        Invalid(
            "FROM node:22-slim\nWORKDIR /app\nCOPY . .\nRUN npm ci\nRUN npm run build\nRUN «npm prune --omit=dev»\n"
            "CMD node dist/index.js\n",
            message="with development dependencies, removed here too late: the layer that installs them (line 4)",
            hint="npm prune --omit=dev",
        ),
        Invalid(
            "FROM node:22-slim AS deps\nRUN yarn install\n"
            "FROM deps AS app\nRUN «yarn install --production»\nCMD node .\n"
        ),
        # What is not for building is smaller.
        Invalid(
            "FROM debian\nRUN apt-get update && apt-get install -y curl gnupg=2.2.40-1\nRUN gpg --verify x.asc\n"
            "RUN apt-get purge -y «gnupg»\nCMD curl\n",
            message="'gnupg=2.2.40-1', which is removed here too late: the layer that installs it (line 2)",
            hint="install, use and remove it in one RUN that ends in 'apt-get purge -y --auto-remove gnupg'",
            severity=Severity.INFO,
        ),
        # An image that others build with.
        Invalid(
            "FROM debian\nRUN apt-get update && apt-get install -y cmake curl unzip\n"
            "RUN curl -O https://dl.google.com/android/repository/commandlinetools-linux-1_latest.zip"
            " && unzip *.zip -d /sdk\nRUN apt-get purge -y «cmake»\nENV ANDROID_HOME=/sdk\n",
            severity=Severity.INFO,
        ),
        # It can only take away what a layer of the base image has.
        Invalid(
            "FROM acme/base\nRUN «npm prune --production»\nCMD node .\n",
            message="a layer of the base image",
            severity=Severity.INFO,
        ),
    )

    def check(self, survey: Survey) -> Iterator[Finding]:
        told: set[int] = set()
        prunes = _PRUNES.search(survey.dockerfile.source.text)
        for stage in survey.built:
            role = survey.role(stage.index)
            contents = survey.contents(stage.index)
            if not (role.runs or role.name == "toolchain") or (contents.image and contents.image.role == "toolchain"):
                continue
            for line, removed in _by_run(contents).items():
                if line not in told:
                    told.add(line)
                    building = [each for each in removed if is_for_building(each.package, survey.facts)]
                    yield self._finding(survey, stage, building or removed, small=not (building and role.runs))
            if not role.runs:
                continue
            for carried in contents.carried:
                late = carried.via in (INSTALLER, COPIED) and carried.certain and carried.main
                if late and carried.removed is not None and carried.state == HIDDEN and carried.line not in told:
                    told.add(carried.line)
                    yield self._of_other(survey, stage, carried, carried.removed)

            if prunes:
                yield from self._pruned(survey, stage)

    def _pruned(self, survey: Survey, stage: Stage) -> Iterator[Finding]:
        """Development dependencies of Node.js."""
        from lint_multistage.contents.pruned import pruned_too_late

        for each in pruned_too_late(survey, survey.graph.lineage(stage)):
            where, first = "a layer of the base image", "leave them out where they are installed"
            if each.installed:
                where = f"the layer that installs them (line {each.line})"
                first = "install, build and prune in one RUN"
            yield Finding(
                span=each.span,
                message=f"{ships(survey, stage)} with development dependencies, removed here too late: {where} keeps"
                " the size",
                hint=f"{first}; or build in a stage that is not shipped, run '{each.command}' there, and copy"
                " node_modules with COPY --from",
                stage=stage.index,
                related=(Related("installed here", each.installed),) if each.installed else (),
                severity=None if each.installed else Severity.INFO,
                cause=("pruned", each.span.start),
            )

    def _of_other(self, survey: Survey, stage: Stage, carried: Carried, removed: Span) -> Finding:
        """What an installer or a COPY brought."""
        from lint_multistage.advice.toolchains import never_brought

        what = f"'{carried.by}'" if carried.archive else toolchains(carried.toolchains)
        return Finding(
            span=removed,
            message=f"{ships(survey, stage)} with {what}, removed here too late: the layer"
            f" that brings it (line {carried.line}) keeps the size",
            hint=never_brought(survey, stage, carried),
            stage=stage.index,
            related=(Related("brought here", carried.span),),
            cause=("brought", carried.line),
            data={"toolchains": list(carried.toolchains), "via": carried.via},
        )

    def _finding(self, survey: Survey, stage: Stage, removed: list[Removed], *, small: bool) -> Finding:
        # A run that finds nothing need not load it.
        from lint_multistage.advice.packages import removed_in_time, used_in_time

        packages = [each.package for each in removed]
        first = packages[0]
        names = list(dict.fromkeys(each.package.virtual or each.package.name for each in removed))
        what = f"{listed(names[:_SHOWN])} and {len(names) - _SHOWN} more" if len(names) > _SHOWN else listed(names)
        is_, it = ("is", "it") if len(names) == 1 else ("are", "them")
        return Finding(
            span=removed[0].span,
            message=f"{ships(survey, stage)} with {what}, which {is_} removed here too late: the layer that installs"
            f" {it} (line {first.instruction}) keeps the size",
            hint=used_in_time(packages) if small else removed_in_time(survey, stage, packages),
            stage=stage.index,
            related=(Related("installed here", first.span),),
            severity=Severity.INFO if small else None,
            cause=("packages", first.instruction),
            data={"packages": list(dict.fromkeys(each.package.name for each in removed)), "via": "package"},
        )


def _by_run(contents: Contents) -> dict[int, list[Removed]]:
    """The packages that a later layer removes, by the line of the RUN that installs them."""
    found: dict[int, list[Removed]] = {}
    for removed in contents.asked.removed:
        found.setdefault(removed.package.instruction, []).append(removed)
    return found
