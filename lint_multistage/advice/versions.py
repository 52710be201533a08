"""What is said of things built for one version of a runtime and shipped with another, and the two ways out."""

from __future__ import annotations

import re

from lint_multistage.contents.crossings import Crossing
from lint_multistage.findings import Finding, Fix, Related, Safety, Severity
from lint_multistage.late import late_regex
from lint_multistage.model.stages import Stage
from lint_multistage.survey import Survey
from lint_multistage.text import Edit
from lint_multistage.wording import bare

_LANGUAGES = {
    "python-path": "Python",
    "venv": "Python",
    "venv-link": "Python",
    "prefix": "Python",
    "target": "Python",
    "class": "Java",
    "dotnet": ".NET",
    "gems": "Ruby",
    "php": "PHP",
}


# Tags of these exist for every version: no release of a distribution is in them, nor one of the runtime's patches.
_FOLLOWS = late_regex(r"\d+(?:\.\d+)*(?:-(?:slim|alpine|jre|jdk|headless|cli|fpm|apache|zts|al2023))*")


def unfit(survey: Survey, crossing: Crossing) -> Finding:
    """The finding of what a COPY brings and the runtime cannot use."""
    placed, stage = crossing.placed, crossing.stage
    related = []
    if crossing.product is not None:
        related.append(Related(f"'{crossing.product.command}' makes it here", crossing.product.span))
    if crossing.made is not None:
        root = survey.graph.root(survey.stages[crossing.made])
        related.append(Related(f"on '{bare(root.shown_base)}'", root.from_.base.span))
    return Finding(
        span=placed.word.span,
        message=_message(crossing, stage),
        hint=_hint(survey, crossing),
        stage=placed.stage,
        related=tuple(related),
        fix=_fix(survey, crossing),
        severity=Severity.INFO if crossing.kind == "target" else None,
        data={"built": crossing.built, "runs": crossing.runs},
    )


def _message(crossing: Crossing, stage: Stage) -> str:
    product = crossing.product
    word = product.path if product and product.path and crossing.kind != "class" else crossing.placed.word.text
    at = f"stage '{stage.label}'"
    built, runs, path = crossing.built, crossing.runs, crossing.path
    return {
        "python-path": f"Python {runs} of {at} does not look in '{path}': ModuleNotFoundError",
        "venv": f"'{word}' is an environment of Python {built}, and {at} has {runs}: it does not look in "
        f"lib/python{built}, so imports end in ModuleNotFoundError",
        "venv-link": f"'{word}' is an environment of the Python in {path}/bin, where {at} has none: its bin/python is "
        "a dangling link ('no such file or directory')",
        "prefix": f"'{word}' holds lib/python{built}, where Python {runs} of {at} does not look: ModuleNotFoundError",
        "target": f"'{word}' is installed for Python {built}, and {at} has {runs}: compiled modules in it end in "
        "ImportError or ModuleNotFoundError",
        "class": f"'{word}' holds classes for Java {built}, and {at} has Java {runs}: UnsupportedClassVersionError",
        "dotnet": f"'{word}' is built for .NET {built}, and {at} has .NET {runs}: 'You must install or update .NET to "
        "run this application'",
        "dotnet-none": f"'{word}' needs the .NET runtime, and {at} has only what that depends on: "
        "'dotnet': executable file not found",
        "dotnet-web": f"'{word}' needs ASP.NET Core, which {at} lacks: framework 'Microsoft.AspNetCore.App' not found",
        "gems": f"'{word}' holds gems of Ruby {built}, and {at} has {runs}: those with compiled extensions do not load "
        "(Bundler::GemNotFound)",
        "php": f"'{word}' holds extensions of PHP {built}, and {at} has {runs}: 'Unable to load dynamic library'",
    }[crossing.kind]


def _hint(survey: Survey, crossing: Crossing) -> str:
    final = survey.graph.root(crossing.stage).shown_base
    here = f"'FROM {_with(final, crossing.runs, crossing.built)}' in stage '{crossing.stage.label}'"
    kind = crossing.kind
    if kind == "dotnet-none":
        return f"'FROM {final.replace('/runtime-deps', '/aspnet', 1)}' here, or 'dotnet publish --self-contained'"
    if kind == "dotnet-web":
        return f"'FROM {final.replace('/runtime', '/aspnet', 1)}' in stage '{crossing.stage.label}'"
    if crossing.made is None:
        return f"copy from and to the folder of {_LANGUAGES[kind]} {crossing.runs}, or {here}"
    made = survey.stages[crossing.made]
    base = survey.graph.root(made).shown_base
    if kind == "venv-link":
        there = f"'FROM {bare(final)}' in stage '{made.label}'"
        return f"build and run with one Python: {there}, or 'FROM {bare(base)}' in stage '{crossing.stage.label}'"
    there = f"'FROM {_with(base, crossing.built, crossing.runs)}' in stage '{made.label}'"
    if kind == "class":
        there = f"compile with 'javac --release {crossing.runs}'" if _is_javac(crossing) else _java_target(crossing)
    if kind == "dotnet":
        there = f"<TargetFramework>net{crossing.runs}</TargetFramework> and an SDK of at least that version"
    return f"use one version: {here}, or {there}"


def _fix(survey: Survey, crossing: Crossing) -> Fix | None:
    """Let the tag of the image that ships follow the builder's.

    None where the two are not tags of one repository, where FROM is written with a variable or pinned by its digest,
    or where other stages start from it.
    """
    stage = crossing.stage
    if crossing.made is None or crossing.kind == "venv-link":
        return None
    if stage.parent is not None or any(each.parent == stage.index for each in survey.stages):
        return None
    made, here = survey.contents(crossing.made).base, survey.contents(stage.index).base
    written = stage.from_.base.text
    if made is None or here is None or made.name != here.name or "$" in written or "@" in written:
        return None
    image = _with(written, crossing.runs, crossing.built)
    if image == written or not _FOLLOWS.fullmatch(image.rpartition(":")[2]):
        return None
    return Fix(f"Start FROM {image}", (Edit(stage.from_.base.span, image),), Safety.UNSAFE)


def _is_javac(crossing: Crossing) -> bool:
    return crossing.product is not None and crossing.product.command in ("javac", "jar")


def _java_target(crossing: Crossing) -> str:
    return f"set the build file's target to Java {crossing.runs}"


def _with(image: str, old: str, new: str) -> str:
    """The image of another version, as far as its tag tells; without the digest, which would be another."""
    name, colon, tag = bare(image).rpartition(":")
    if not colon or "$" in tag:
        return f"{bare(image)}, of version {new}" if "$" in image else bare(image)
    written = rf"(?<![0-9.]){re.escape(old)}(?:\.\d+)*"
    return f"{name}:{re.sub(written, new, tag, count=1)}"
