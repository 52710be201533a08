from __future__ import annotations

from collections.abc import Iterator

from lint_multistage.api import Check, Finding, Invalid, Severity, Stage, Survey, Valid
from lint_multistage.contents.stage import BuildPackage
from lint_multistage.wording import listed, ships

_SHOWN = 4


class ToolchainPackage(Check):
    """Compilers or build tools are installed in a stage that ships, and left there.

    ## Why is this bad?
    Nothing at run time calls them, yet they make the image larger and every scan of it longer. Install them
    in a stage that is not shipped, or remove them in the RUN that installs them: a later RUN cannot make the layer
    smaller.
    """

    code = "MS302"
    severity = Severity.WARNING
    yields_to = ("MS305",)
    valid = (
        Valid("FROM debian AS build\nRUN apt-get install -y gcc\nFROM debian\nCOPY --from=build /a /a\n"),
        Valid(
            "FROM python:3.12-slim\nRUN apt-get update && apt-get install -y gcc && pip install uwsgi \\\n"
            "  && apt-get purge -y --auto-remove gcc\n"
        ),
        Valid("FROM alpine\nRUN apk add --virtual .deps gcc musl-dev && make && apk del .deps\n"),
        Valid("FROM debian\nRUN apt-get install -y libssl-dev curl git\n"),
        # Alone it runs a project's tasks.
        Valid("FROM alpine\nRUN apk add make\n"),
        Valid('FROM debian\nRUN if [ -n "$DEV" ]; then apt-get install -y gcc; fi\n'),
        Valid("FROM alpine\nRUN echo apt-get install gcc\n"),
        Valid("FROM debian\nRUN apt-get install -y openjdk-17-jre-headless\n"),
        # Images for building: nothing is started, or a shell, a build tool, a build script.
        Valid("FROM debian\nRUN apt-get install -y gcc make\nCOPY ca.crt /etc/ssl/\n"),
        Valid("FROM fedora\nRUN dnf install -y gcc rpm-build\nCMD /bin/bash\n"),
        Valid("FROM debian\nRUN apt-get install -y cmake g++\nCOPY . /src\nCMD cd /src && cmake . && make\n"),
        Valid('FROM debian\nRUN apt-get install -y debhelper gcc\nCOPY build.sh /\nENTRYPOINT ["/build.sh"]\n'),
        Valid('FROM debian\nLABEL description="Build environment of acme"\nRUN apt-get install -y gcc\nCMD /go\n'),
        Valid("FROM debian\nRUN apt-get install -y --no-install-recommends python3-pip\n"),
        Valid(
            "FROM debian\nRUN echo 'APT::Install-Recommends \"false\";' > /etc/apt/apt.conf.d/99-lean\n"
            "RUN apt-get install -y python3-pip\n"
        ),
        # Whether apt recommends anything is not known of an unknown image.
        Valid("FROM registry.example.com/base\nRUN apt-get install -y python3-pip\n"),
        Valid("FROM debian\nCOPY install.sh /\nRUN /install.sh\n"),
    )
    invalid = (
        Invalid(
            "FROM debian\nRUN apt-get update && apt-get install -y curl «gcc»\nCMD /run.sh\n",
            hint="a stage that is not shipped",
        ),
        Invalid(
            "FROM debian\nRUN apt-get update && apt-get install -y «gcc» && /setup.sh\nCMD /run.sh\n",
            hint="apt-get purge -y --auto-remove gcc",
        ),
        Invalid(
            "FROM alpine\nARG DEPS='make g++'\nRUN apk add --no-cache «$DEPS»\nCOPY app /app\n",
            message="'make' and 'g++'",
        ),
        Invalid("FROM fedora\nRUN for p in gcc make; do dnf install -y «$p»; done\nCMD /run.sh\n"),
        Invalid('FROM debian\nRUN ["apt-get", "install", "-y", «"cmake"»]\nCMD ["app"]\n'),
        Invalid("FROM debian\nRUN <<EOF\napt-get update\napt-get install -y «build-essential»\nEOF\nCOPY app /app\n"),
        Invalid(
            "FROM golang AS build\nRUN go build -o /app .\nFROM alpine\nRUN apk add «gcc»\n"
            "COPY --from=build /app /app\n",
            hint="in stage 'build'",
        ),
        Invalid(
            "FROM python:3.12-slim\nRUN apt-get install -y «gcc»\nRUN pip install -r requirements.txt\n",
            hint="COPY --from=builder /opt/venv /opt/venv",
        ),
        Invalid(
            "FROM debian\nRUN apt-get update && apt-get install -y «python3-pip» curl\nCMD app\n",
            message="'build-essential', which 'python3-pip' recommends",
            hint="--no-install-recommends",
        ),
        Invalid("FROM nvidia/cuda:13.0-runtime-ubuntu24.04\nRUN apt-get install -y «python3-pip»\n"),
        Invalid("FROM debian\nCOPY <<EOF /install.sh\napt-get install -y gcc\nEOF\nRUN sh «/install.sh»\nCMD app\n"),
    )

    def check(self, survey: Survey) -> Iterator[Finding]:
        for stage in survey.shipped:
            by_run: dict[int, list[BuildPackage]] = {}
            for package in survey.contents(stage.index).build_packages:
                # Those of the stage that it is FROM are spoken of there.
                if package.installed.instruction >= stage.from_.line:
                    by_run.setdefault(package.installed.instruction, []).append(package)
            for packages in by_run.values():
                yield self._finding(survey, stage, packages)

    def _finding(self, survey: Survey, stage: Stage, packages: list[BuildPackage]) -> Finding:
        # A run that finds nothing need not load it.
        from lint_multistage.advice.packages import build_packages_elsewhere

        names = list(dict.fromkeys(package.installed.name for package in packages))
        shown = listed(names) if len(names) <= _SHOWN else f"{listed(names[:_SHOWN])} and {len(names) - _SHOWN} more"
        toolchains = dict.fromkeys(name for package in packages for name in package.package.toolchains)
        asking = list(dict.fromkeys(package.installed.by for package in packages))
        why = f"{listed(asking)} {'recommends' if len(asking) == 1 else 'recommend'} and " if all(asking) else ""
        return Finding(
            span=packages[0].installed.span,
            message=f"{ships(survey, stage)} with {shown}, which {why}only building needs",
            hint=build_packages_elsewhere(survey, stage, packages),
            stage=stage.index,
            cause=("packages", packages[0].installed.instruction),
            data={"toolchains": list(toolchains), "via": "package", "packages": names},
        )
