from __future__ import annotations

from collections.abc import Iterator

from lint_multistage.api import Check, Finding, Invalid, Severity, Survey, Valid

_VENV = "RUN python -m venv /venv && /venv/bin/pip install flask\n"
_COPY = "COPY --from=build /venv /venv\n"


class RuntimeVersionMismatch(Check):
    """What a stage builds for one version of a language's runtime is shipped with another.

    ## Why is this bad?
    A virtual environment belongs to the Python that made it: another minor version looks in another folder, and ends in
    `ModuleNotFoundError`. An older Java refuses the classes of a newer one (`UnsupportedClassVersionError`), a .NET
    program starts on its own major version only, and compiled extensions of Ruby and PHP load into none but theirs. The
    image builds, and fails when it starts. It happens when the base of one stage is raised and the other forgotten.

    ## Fix safety
    Unsafe: the image that ships follows the version of the one that builds, where both are tags of one repository; the
    other way round may be what was meant.
    """

    code = "MS503"
    severity = Severity.WARNING
    valid = (
        Valid(f"FROM python:3.12 AS build\n{_VENV}FROM python:3.12-slim\n{_COPY}"),
        Valid(f"FROM python:3 AS build\n{_VENV}FROM python:3.12-slim\n{_COPY}"),
        Valid(f"FROM python:3.12.1 AS build\n{_VENV}FROM python:3.12.4-slim\n{_COPY}"),
        # Another interpreter may be at work, or the path is set right.
        Valid(f"FROM python:3.12 AS build\nRUN pyenv install 3.11\n{_VENV}FROM python:3.11-slim\n{_COPY}"),
        Valid(f"FROM python:3.12 AS build\n{_VENV}FROM python:3.11\nCOPY --from=build /usr/local /usr/local\n{_COPY}"),
        Valid(
            f"FROM debian:12-slim AS build\nRUN apt-get install -y python3-venv && python3 -m venv /venv\n"
            f"FROM gcr.io/distroless/python3-debian12\n{_COPY}"
        ),
        Valid(
            f"FROM python:3.11 AS build\n{_VENV}FROM gcr.io/distroless/python3-debian12\n{_COPY}"
            "ENV PYTHONPATH=/venv/lib/python3.11/site-packages\n"
        ),
        # The environment's Python is called by the path that it has where it ships.
        Valid(
            "FROM python:3.11-slim AS build\nRUN ln -s /usr/local/bin/python /usr/bin/python\n"
            "RUN /usr/bin/python -m venv /venv && /venv/bin/pip install flask\n"
            f"FROM gcr.io/distroless/python3-debian12\n{_COPY}"
        ),
        # Java that is told to build for an older one, or whose build file is not at hand.
        Valid(
            "FROM eclipse-temurin:21 AS build\nRUN javac --release 17 -d /out Main.java\n"
            "FROM eclipse-temurin:17-jre\nCOPY --from=build /out /app\n"
        ),
        Valid(
            "FROM maven:3.9-eclipse-temurin-21 AS build\nCOPY . .\nRUN mvn package\n"
            "FROM eclipse-temurin:17-jre\nCOPY --from=build /target/app.jar /app.jar\n"
        ),
        Valid(
            "FROM eclipse-temurin:17 AS build\nRUN javac -d /out Main.java\n"
            "FROM eclipse-temurin:21-jre\nCOPY --from=build /out /app\n"
        ),
        # A newer SDK builds for older versions, too.
        Valid(
            "FROM mcr.microsoft.com/dotnet/sdk:9.0 AS build\nRUN dotnet publish -o /out\n"
            "FROM mcr.microsoft.com/dotnet/aspnet:8.0\nCOPY --from=build /out /app\n"
            'ENTRYPOINT ["dotnet", "/app/a.dll"]\n'
        ),
        Valid(
            "FROM mcr.microsoft.com/dotnet/sdk:8.0 AS build\nRUN dotnet publish --self-contained -o /out\n"
            'FROM mcr.microsoft.com/dotnet/runtime-deps:8.0\nCOPY --from=build /out /app\nENTRYPOINT ["/app/a"]\n'
        ),
        Valid(
            "FROM ruby:3.3 AS build\nRUN bundle install\nFROM ruby:3.3-slim\n"
            "COPY --from=build /usr/local/bundle /usr/local/bundle\n"
        ),
        # Most modules of node fit every version.
        Valid("FROM node:22 AS build\nRUN npm ci\nFROM node:20-slim\nCOPY --from=build /node_modules /node_modules\n"),
    )
    invalid = (
        Invalid(
            f"FROM python:3.12 AS build\n{_VENV}FROM python:3.11-slim\nCOPY --from=build «/venv» /venv\n",
            fixed=(
                "FROM python:3.12 AS build\nRUN python -m venv /venv && /venv/bin/pip install flask\n"
                "FROM python:3.12-slim\nCOPY --from=build /venv /venv\n"
            ),
            message="'/venv' is an environment of Python 3.12, and stage '#1' has 3.11",
            hint="'FROM python:3.12-slim' in stage '#1', or 'FROM python:3.11' in stage 'build'",
        ),
        Invalid(
            f"FROM python:3.11 AS build\n{_VENV}FROM gcr.io/distroless/python3-debian12\n"
            "COPY --from=build «/venv» /venv\n",
            message="dangling link",
        ),
        Invalid(
            "FROM python:3.11 AS build\nRUN pip install flask\nFROM python:3.12-slim\n"
            "COPY --from=build «/usr/local/lib/python3.11/site-packages» /usr/local/lib/python3.11/site-packages\n",
            message="Python 3.12 of stage '#1' does not look in '/usr/local/lib/python3.11/site-packages'",
        ),
        Invalid(
            "FROM python:3.12 AS build\nRUN pip install --prefix=/install flask\nFROM python:3.11-slim\n"
            "COPY --from=build «/install» /usr/local\n",
            fixed=(
                "FROM python:3.12 AS build\nRUN pip install --prefix=/install flask\nFROM python:3.12-slim\n"
                "COPY --from=build /install /usr/local\n"
            ),
            message="holds lib/python3.12",
        ),
        Invalid(
            "FROM python:3.12 AS build\nRUN pip install --target=/deps flask\nFROM python:3.11-slim\n"
            "COPY --from=build «/deps» /app\n",
            fixed=(
                "FROM python:3.12 AS build\nRUN pip install --target=/deps flask\nFROM python:3.12-slim\n"
                "COPY --from=build /deps /app\n"
            ),
            severity=Severity.INFO,
        ),
        Invalid(
            "FROM eclipse-temurin:21 AS build\nRUN javac -d /out Main.java\nFROM eclipse-temurin:17-jre\n"
            "COPY --from=build «/out» /app\n",
            fixed=(
                "FROM eclipse-temurin:21 AS build\nRUN javac -d /out Main.java\nFROM eclipse-temurin:21-jre\n"
                "COPY --from=build /out /app\n"
            ),
            message="UnsupportedClassVersionError",
            hint="javac --release 17",
        ),
        Invalid(
            "FROM mcr.microsoft.com/dotnet/sdk:6.0 AS build\nRUN dotnet publish -o /out\n"
            "FROM mcr.microsoft.com/dotnet/aspnet:8.0\nCOPY --from=build «/out» /app\n"
            'ENTRYPOINT ["dotnet", "/app/a.dll"]\n',
            message="built for .NET 6.0",
        ),
        Invalid(
            "FROM mcr.microsoft.com/dotnet/sdk:8.0 AS build\nRUN dotnet publish -o /out\n"
            "FROM mcr.microsoft.com/dotnet/runtime-deps:8.0\nCOPY --from=build «/out» /app\n"
            'ENTRYPOINT ["dotnet", "/app/a.dll"]\n',
            hint="'FROM mcr.microsoft.com/dotnet/aspnet:8.0' here",
        ),
        Invalid(
            "FROM ruby:3.2 AS build\nRUN bundle install\nFROM ruby:3.3-slim\n"
            "COPY --from=build «/usr/local/bundle» /usr/local/bundle\n",
            fixed=(
                "FROM ruby:3.2 AS build\nRUN bundle install\nFROM ruby:3.2-slim\n"
                "COPY --from=build /usr/local/bundle /usr/local/bundle\n"
            ),
            message="gems of Ruby 3.2",
        ),
        Invalid(
            "FROM php:8.2-cli AS build\nRUN docker-php-ext-install intl\nFROM php:8.3-fpm\n"
            "COPY --from=build «/usr/local/lib/php/extensions» /usr/local/lib/php/extensions\n",
            fixed=(
                "FROM php:8.2-cli AS build\nRUN docker-php-ext-install intl\nFROM php:8.2-fpm\n"
                "COPY --from=build /usr/local/lib/php/extensions /usr/local/lib/php/extensions\n"
            ),
            message="extensions of PHP 8.2",
        ),
        # Another version may have no image of that release.
        Invalid(
            f"FROM python:3.12 AS build\n{_VENV}FROM python:3.8-slim-buster\nCOPY --from=build «/venv» /venv\n",
            message="stage '#1' has 3.8",
        ),
    )

    def check(self, survey: Survey) -> Iterator[Finding]:
        if len(survey.stages) < 2 or not any(each.kind == "copy-from" for each in survey.graph.references):
            return
        # A file of one stage, or without such a copy, need not load it.
        from lint_multistage.contents.crossings import crossings

        for crossing in crossings(survey, survey.shipped):
            from lint_multistage.advice.versions import unfit

            yield unfit(survey, crossing)
