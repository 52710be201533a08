"""The hints for a stage that ships and stands on a toolchain: its base image's, or that of the stage it is FROM."""

from __future__ import annotations

from collections.abc import Sequence

from lint_multistage.advice.artefacts import artefacts, in_words, made
from lint_multistage.advice.commands import instructions
from lint_multistage.advice.packages import environment, is_compiled_in_place, is_of_an_environment, modules
from lint_multistage.advice.runtime import RunsOn, runs_on
from lint_multistage.advice.sketch import builder_name, copies, indented, start_lines, two_stage_sketch
from lint_multistage.contents.paths import holds, joined
from lint_multistage.contents.stage import Contents
from lint_multistage.contents.started import Start, started
from lint_multistage.late import late_regex
from lint_multistage.model.scope import expanded
from lint_multistage.model.stages import Stage
from lint_multistage.survey import Survey
from lint_multistage.syntax.instructions import Copy, Onbuild
from lint_multistage.wording import bare, listed

_MOST_LACKING = 4
# What full images of interpreters have of Debian's buildpack, as the first word of a command.
_CALLED = late_regex(
    r"(?:^|[;&|(\"'`\n]|\b(?:RUN|CMD|then|do|sudo|exec)\s)\s*(curl|wget|git|hg|svn|unzip|make|gcc|g\+\+|patch)(?=[\s\"',])"
)


def two_stages(survey: Survey, stage: Stage) -> str:
    """The hint for a stage that ships on a toolchain image: build there, and ship another stage."""
    contents = survey.contents(stage.index)
    starts = started(contents)
    tool = next((start.tool for start in starts if start.tool), "")
    if tool:
        return _instead_of_compiling(survey, stage, tool)
    built = made(contents)
    source = None if built else _provider(survey, stage)
    if source is not None:
        runtime = runs_on(contents, made(survey.contents(source.index)))
        start = f"FROM {runtime.shown}" if runtime and not runtime.open else "from an image without the toolchain"
        return f"start it {start}: what it runs is copied from stage '{source.label}'"
    runtime = runs_on(contents, built)
    if built:
        return two_stage_sketch(survey, stage, runtime, built)
    if starts and starts[0].program == "java":
        return f"nothing is compiled here, and a JRE runs it: start {_jre(runtime)}"
    brought = any(path in contents.brought for start in starts if not start.script for path in start.files)
    if brought and runtime and not runtime.open:
        return f"nothing is compiled here: start FROM {runtime.shown}"
    if runtime is not None and not runtime.open and any(map(_is_made, starts)) and artefacts(contents, ()).paths:
        return two_stage_sketch(survey, stage, runtime, ())
    return _unknown(survey, stage, runtime)


def _is_made(start: Start) -> bool:
    """Whether a program is started by its path: with no other sign of it, something that this stage runs makes it."""
    return bool(start.files) and not start.script and "/" in start.words[0]


def _unknown(survey: Survey, stage: Stage, runtime: RunsOn | None) -> str:
    """The hint where it is not known what the stage makes."""
    name = builder_name(survey, stage)
    where = "without the toolchain"
    if runtime is not None and not runtime.open:
        where = f"FROM {_with_condition(runtime)}"
    what = "copy what this stage makes" if stage.from_.name else f"name this stage '{name}', and copy what it makes"
    return f"{what} into a last one {where}, with COPY --from={name}"


def _with_condition(runtime: RunsOn) -> str:
    """The image with what is to be said of it: its size, and what it suits."""
    said = not runtime.when or runtime.when == "ASP.NET Core" or runtime.when.startswith("needs ")
    return runtime.shown if said else f"{runtime.shown} (given: {runtime.when})".replace(") (", "; ")


def _jre(runtime: RunsOn | None) -> str:
    if runtime is None:
        return "from a JRE image of that version or a later one"
    return f"FROM {runtime.shown}{', N being its version' if runtime.open else ''}"


def _instead_of_compiling(survey: Survey, stage: Stage, tool: str) -> str:
    """The hint for an image that compiles whenever it starts."""
    contents = survey.contents(stage.index)
    runtime = runs_on(contents, [product for product in contents.products if product.certain])
    last = f"FROM {runtime.shown}" if runtime and not runtime.open else "without the toolchain"
    name = builder_name(survey, stage)
    return (
        f"'{tool}' compiles at every start: compile in this stage, and copy the result into a last one {last}"
        f" (COPY --from={name} …)"
    )


def _provider(survey: Survey, stage: Stage) -> Stage | None:
    """The stage that `stage` copies what it runs from: the one that the started file comes from, or that builds."""
    contents = survey.contents(stage.index)
    files = [path for start in started(contents) for path in start.files]
    found: Stage | None = None
    for instruction in stage.instructions:
        if not isinstance(instruction, Copy) or instruction.source is None:
            continue
        to = next(
            (r.to for r in survey.graph.of(stage.index) if r.kind == "copy-from" and r.word is instruction.source), None
        )
        if to is None:
            continue
        destination = expanded(instruction.destination.text, contents.variables, survey.dockerfile.escape)
        place = joined(contents.directory, destination)
        if place and any(holds(place, path) for path in files):
            return survey.stages[to]
        if any(product.certain for product in survey.contents(to).products):
            found = survey.stages[to]
    return found


def start_small(survey: Survey, stage: Stage, parent: Stage) -> str:
    """The hint for a stage that ships and starts from `parent`, which carries a toolchain: start from a small image."""
    contents = survey.contents(stage.index)
    below = survey.start(stage.index)
    own = [product for product in contents.products if product.certain and product not in below.products]
    built = [product for product in below.products if product.certain]
    root = survey.graph.root(parent)
    toolchain = contents.image is not None and contents.image.role == "toolchain"
    runtime = runs_on(contents, built) if toolchain else RunsOn(root.from_.base.text)
    label = parent.label.removeprefix("#")
    asking = list(dict.fromkeys(package.installed.by for package in below.build_packages))
    if not toolchain and asking and all(asking) and not below.added_toolchains:
        where = f"in stage '{_adding(survey, below, parent).label}'"
        return f"install {listed(asking)} with --no-install-recommends {where}"
    if own and not built:
        return two_stage_sketch(survey, stage, runtime, own)
    if not toolchain and not built:
        names = list(dict.fromkeys(package.installed.name for package in below.build_packages))
        names += (name for each in below.added_toolchains for name in each.toolchains if name not in names)
        what = listed(names) if len(names) < 4 else "them"
        instead = f"in a stage that is not shipped, not in '{_adding(survey, below, parent).label}'"
        return f"install {what} {instead}, and copy what is built with COPY --from"
    image = f"FROM {runtime.shown}" if runtime and not runtime.open else "from an image without the toolchain"
    if any(
        isinstance(x, Copy) and x.source and x.source.text.lower() in (parent.name, str(parent.index))
        for x in stage.instructions
    ):
        return f"start {image}: what is needed is copied from stage '{parent.label}' already"
    if any(isinstance(x, Onbuild) for x in parent.instructions):
        # Its triggers run in what starts from it, and would be lost.
        return f"start stage '{root.label}' {image}, and build what needs the toolchain in another"
    if not built or runtime is None or runtime.open:
        return f"start {image}, and copy what is needed with COPY --from={label}"
    needed = artefacts(contents, built)
    name = f" AS {stage.from_.name.text}" if stage.from_.name else ""
    lines = [f"FROM {runtime.image}{name}", *copies(label, needed), *start_lines(survey, contents)]
    small = "a small image" if runtime.shown == runtime.image else runtime.shown
    head = f"start from {small} and copy the result"
    if needed.unknown:
        head += f", {in_words(needed.unknown, survey.dockerfile.source)},"
        head += f" with COPY --from={label}"
    return indented(f"{head}:", lines)


def _adding(survey: Survey, contents: Contents, parent: Stage) -> Stage:
    """The first stage that adds the toolchains which a stage inherits from `parent`."""
    return next((survey.stages[each.stage] for each in contents.carried if each.stays), parent)


def forgotten_copy(survey: Survey, last: Stage, source: Stage) -> str:
    """The hint for a last stage that takes nothing from `source`: the `COPY --from` to where it is started."""
    contents = survey.contents(source.index)
    built = [product for product in contents.products if product.certain]
    paths = list(dict.fromkeys(product.path for product in built if product.path))
    label = source.label.removeprefix("#")
    if not paths:
        return f"copy {in_words(built[-1:], survey.dockerfile.source)} with COPY --from={label}"
    starts = [path for start in started(survey.contents(last.index)) for path in start.files]
    lines = [f"COPY --from={label} {path} {_destination(path, starts)}" for path in paths[:4]]
    head = f"add to stage '{last.label}':"
    return f"{head} {lines[0]}" if len(lines) == 1 else indented(head, lines)


def _destination(path: str, starts: Sequence[str]) -> str:
    """Where the last stage starts the program that lies at `path`, else the same path."""
    name = path.rpartition("/")[2]
    return next((start for start in starts if start.rpartition("/")[2] == name), path)


def slim_base(survey: Survey, stage: Stage, root: Stage) -> str | None:
    """The hint for a stage that ships on the full image of an interpreter, from `root` on; None where no image is
    known to take its place.
    """
    contents = survey.contents(stage.index)
    runtime = runs_on(contents, ())
    if runtime is None or runtime.open:
        return None
    base = bare(root.shown_base)
    if root.base and "apache" in root.base.rpartition(":")[2] and "fpm" in runtime.image:
        return (
            f"no image of PHP with Apache comes without a compiler: leave '{base}', or, where a web server stands in"
            f" front, start FROM {runtime.shown} and build the extensions there"
        )
    hint = f"start FROM {_with_condition(runtime)}"
    if "alpine" in runtime.image and any(package.manager == "apt" for package in contents.packages):
        hint += ", with apk and its names in place of apt-get"
    if lacking := _lacking(survey, stage, contents, runtime.image):
        hint += f", and install {listed(lacking)}, which it lacks"
    # What is compiled for another C library does not run on the slim image.
    installed = [product for product in contents.products if not product.certain]
    if runtime.when or not installed:
        return hint
    # The hint for a compiler that is installed shows the stages already.
    alone = root.index == stage.index and not contents.build_packages
    if alone and not any(product.certain for product in contents.products):
        where = "where a package must be compiled, do so in a stage of its own and ship"
        if all(is_of_an_environment(product) for product in installed):
            return environment(survey, stage, runtime, installed, f"{hint}; {where} the virtual environment")
        in_place = [product for product in installed if is_compiled_in_place(product)]
        if in_place and (lines := modules(survey, stage, runtime, in_place, f"{hint}; {where} what it installs")):
            return lines
    return f"{hint}; what must be compiled is compiled in a stage FROM {base}, and copied with COPY --from"


def _lacking(survey: Survey, stage: Stage, contents: Contents, image: str) -> list[str]:
    """The programs that the stage calls, and that the full image brings but the smaller `image` does not."""
    installed = {package.plain for package in contents.packages}
    if "alpine" in image:
        # Of busybox, and of PHP's own images.
        installed |= {"wget", "unzip", "curl"} if image.startswith("php:") else {"wget", "unzip"}
    elif "slim" not in image:
        return []
    text = "\n".join(
        survey.dockerfile.source[each.span]
        for each in instructions(survey, stage)
        if each.keyword.text in ("RUN", "CMD", "ENTRYPOINT", "HEALTHCHECK")
    )
    called = {found[1] for found in _CALLED.finditer(text)}
    called |= {"git"} if "git+http" in text else set()
    return sorted(name for name in called if name not in installed)[:_MOST_LACKING]
