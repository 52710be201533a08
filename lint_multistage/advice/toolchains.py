"""The hints for toolchains that an installer, an archive or a COPY brings into a stage that ships."""

from __future__ import annotations

import re
from collections.abc import Sequence

from lint_multistage.advice.artefacts import tools
from lint_multistage.advice.packages import builder_of
from lint_multistage.advice.runtime import RunsOn, runs_on
from lint_multistage.advice.sketch import copy_lines, indented, two_stage_sketch
from lint_multistage.contents.carried import BASE, Carried
from lint_multistage.contents.products import Product
from lint_multistage.contents.stage import Contents
from lint_multistage.contents.started import started
from lint_multistage.model.images import parse_image
from lint_multistage.model.stages import Stage
from lint_multistage.survey import Survey
from lint_multistage.syntax.instructions import Copy, Instruction, Word
from lint_multistage.wording import bare

_RUNTIME_OF = {"jdk": "a JRE", "dotnet-sdk": "the .NET runtime"}
_MOST_PATHS = 4
# The versions of Java that have an image of their runtime there.
_TEMURIN = frozenset((8, 11, 17, 21, 25))


def parts_of(contents: Contents, brought: Sequence[Carried]) -> list[Carried]:
    """What was brought, with the parts of it that lie elsewhere."""
    keys = {_key(each) for each in brought}
    return [each for each in contents.carried if _key(each) in keys and each.stays]


def _key(carried: Carried) -> tuple[int, int, str]:
    """What the records of one thing that was brought share."""
    return carried.stage, carried.line, carried.by


def install_elsewhere(survey: Survey, stage: Stage, parts: Sequence[Carried]) -> str:
    """The hint for toolchains that are installed without a package manager, and left."""
    contents = survey.contents(stage.index)
    image = contents.image
    if image is not None and image.role == "toolchain":
        base = bare(stage.shown_base)
        return f"leave it, with '{base}', in a stage that is not shipped, and copy only what is built"
    starts = started(contents)
    tool = next((start.tool for start in starts if start.tool), "")
    if tool:
        return (
            f"'{tool}' compiles at every start: compile in a stage that is not shipped, and copy the result with"
            " COPY --from"
        )
    later = [product for product in contents.products if product.span.start > parts[0].span.start]
    built = [product for product in later if product.certain]
    names = {name for each in parts for name in each.toolchains}
    if not built and names <= set(_RUNTIME_OF) and len(names) == 1:
        toolchain = min(names)
        instead = _runtime_by(parts, toolchain, contents)
        return f"{_RUNTIME_OF[toolchain]} of that version runs what is built elsewhere: {instead}"
    if built:
        return two_stage_sketch(survey, stage, RunsOn(stage.from_.base.text), built)
    if installed := [product for product in tools(contents, unplaced=True) if product in later]:
        return two_stage_sketch(survey, stage, RunsOn(stage.from_.base.text), installed)
    builder = builder_of(survey, stage)
    images = list(dict.fromkeys(each.image for each in parts if each.image))
    if builder is not None:
        where = f"in stage '{builder.label}'"
    else:
        where = f"in a stage that is not shipped{f' (FROM {images[0]}, for one)' if images else ''}"
    hint = f"build {where}, and copy with COPY --from what is built"
    paths = [each.path for each in parts if each.path and "*" not in each.path]
    if _is_used(stage, parts, later) and len(paths) == len(parts) <= _MOST_PATHS:
        return f"{hint}; or, where only this RUN needs it, remove it at its end: rm -rf {' '.join(paths)}"
    return hint


def _runtime_by(parts: Sequence[Carried], toolchain: str, contents: Contents) -> str:
    """How to get the runtime in place of the SDK that an archive or installer brings."""
    by = " ".join(each.by for each in parts)
    musl = "-alpine" if contents.image is not None and contents.image.libc == "musl" else ""
    if toolchain == "jdk":
        found = re.search(r"(?:jdk|corretto|zulu|temurin|graalvm\w*)[-_]?(?:hotspot[-_])?v?(\d+)", by, re.IGNORECASE)
        if found is None or int(found[1]) not in _TEMURIN:
            return "install that instead"
        image = f"eclipse-temurin:{found[1]}-jre{musl}"
        return f"COPY --from={image} /opt/java/openjdk /opt/java/openjdk brings one"
    if found := re.search(r"dotnet-sdk-(\d+\.\d+)", by):
        image = f"mcr.microsoft.com/dotnet/aspnet:{found[1]}{musl}"
        return f"COPY --from={image} /usr/share/dotnet /usr/share/dotnet brings it"
    if "dotnet-install" in by:
        return "dotnet-install.sh --runtime aspnetcore installs that"
    return "install that instead"


def _is_used(stage: Stage, parts: Sequence[Carried], later: Sequence[Product]) -> bool:
    """Whether something is built, or compiled where it is installed, in the RUN that installs."""
    run = next((each for each in stage.instructions if each.line == parts[0].line), None)
    return run is not None and any(product.span.start < run.span.end for product in later)


def copy_instead(survey: Survey, stage: Stage, brought: Sequence[Carried]) -> str:
    """The hint for toolchains that a COPY brings."""
    copy = next(each for each in stage.instructions if isinstance(each, Copy) and each.line == brought[0].line)
    word = next(each for each in copy.paths if each.span == brought[0].span)
    label = copy.source.text if copy.source else ""
    if runtime := _runtime(survey, brought, copy.destination.text):
        return runtime
    contents = survey.contents(stage.index)
    later = [each for each in contents.products if each.certain and each.span.start > copy.span.start]
    if later:
        return two_stage_sketch(survey, stage, RunsOn(stage.from_.base.text), later)
    source = next((each.to for each in survey.graph.of(stage.index) if each.word is copy.source), None)
    built = [] if source is None else [each for each in survey.contents(source).products if each.certain]
    paths = list(dict.fromkeys(each.path for each in built if each.path))[:_MOST_PATHS]
    if paths:
        lines = copy_lines(label, paths)
        head = "copy what is built there instead:"
        return f"{head} {lines[0]}" if len(lines) == 1 else indented(head, lines)
    if word.text.rstrip("/") == "":
        return f"copy only what runs, path by path, with COPY --from={label}"
    mount = f"where a RUN of this stage needs it, mount it there instead: {_mount(copy, word)} …"
    return f"copy only what is built with it; {mount}"


def _mount(copy: Copy, word: Word) -> str:
    """The beginning of a RUN that has what a COPY brings, and leaves nothing of it."""
    label = copy.source.text if copy.source else ""
    return f"RUN --mount=from={label},source={word.text.rstrip('/')},target={copy.destination.text.rstrip('/')}"


def never_brought(survey: Survey, stage: Stage, carried: Carried) -> str:
    """The hint for a toolchain that is removed in a later layer than the one that brings it."""
    if carried.archive:
        return "fetch, unpack and remove it in one RUN, or fetch and unpack it in a stage that is not shipped"
    builder = builder_of(survey, stage)
    where = f"in stage '{builder.label}'" if builder else "in a stage that is not shipped"
    copy = next((each for each in _instructions(survey, carried) if isinstance(each, Copy)), None)
    if copy is not None:
        word = next((each for each in copy.paths if each.span == carried.span), copy.paths[0])
        return f"mount it where it is used instead: {_mount(copy, word)} …; or build {where} and copy the result"
    parts = [each for each in survey.contents(stage.index).carried if _key(each) == _key(carried)]
    paths = [each.path for each in parts if each.path and "*" not in each.path]
    remove = f" that ends in 'rm -rf {' '.join(paths)}'" if len(paths) == len(parts) <= _MOST_PATHS else ""
    return f"install, build and remove in one RUN{remove}, or build {where} and copy the result"


def _instructions(survey: Survey, carried: Carried) -> list[Instruction]:
    """The instruction that brought a toolchain."""
    return [each for each in survey.stages[carried.stage].instructions if each.line == carried.line]


def _runtime(survey: Survey, brought: Sequence[Carried], destination: str) -> str:
    """The COPY of a runtime that takes the place of its SDK's, "" where none is known."""
    origin = brought[0].origin
    while origin is not None and origin.origin is not None:
        origin = origin.origin
    names = {name for each in brought for name in each.toolchains}
    if origin is None or origin.via != BASE or not names <= set(_RUNTIME_OF) or len(names) != 1:
        return ""
    base = parse_image(origin.by)
    if isinstance(base, str):
        return ""
    runtime = runs_on(Contents(base=base, image=survey.facts.image(base.name, base.fact_tag)), ())
    reference = parse_image(runtime.image) if runtime and not runtime.open else ""
    toolchain = next(iter(names))
    if runtime is None or isinstance(reference, str):
        return f"{_RUNTIME_OF[toolchain]} of that version runs what is built elsewhere: copy that instead"
    # A runtime lies where the SDK of the same makers does.
    place = survey.facts.place(reference.name, toolchain) or (origin.path if toolchain == "dotnet-sdk" else None)
    if place is None or "*" in place:
        return f"copy it from {runtime.image} instead"
    return f"{_RUNTIME_OF[toolchain]} is enough: COPY --from={runtime.image} {place} {destination}"
