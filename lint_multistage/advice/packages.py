"""The hints for compilers and build tools that are installed in a stage that ships."""

from __future__ import annotations

import re
from collections.abc import Sequence

from lint_multistage.advice.artefacts import tools
from lint_multistage.advice.runtime import RunsOn, runs_on
from lint_multistage.advice.sketch import builder_name, copy_lines, indented, named_from, two_stage_sketch
from lint_multistage.contents.packages import Installed
from lint_multistage.contents.products import Product
from lint_multistage.contents.stage import BuildPackage, Contents
from lint_multistage.model.stages import Stage
from lint_multistage.survey import Survey
from lint_multistage.syntax.instructions import Run
from lint_multistage.syntax.shell import read_script
from lint_multistage.wording import bare, listed

_REMOVE = {
    "apt": "apt-get purge -y --auto-remove",
    "apk": "apk del",
    "dnf": "dnf remove -y",
    "zypper": "zypper remove -y --clean-deps",
    "pacman": "pacman -Rns --noconfirm",
    "conda": "conda remove -y",
}
_MOST_NAMES = 8
# What pip and npm compile extensions with.
_COMPILERS = frozenset(("gcc", "g++", "clang", "gfortran", "rust", "cargo", "make", "cmake"))
# Commands that install packages, and those around them that no compiler is for.
_PREPARING = frozenset(
    "apt-get apt aptitude apk dnf yum microdnf tdnf zypper pacman conda mamba micromamba apt-key apt-mark dpkg rpm "
    "add-apt-repository yum-config-manager curl wget gpg tee sed cat rm ln mkdir touch chmod chown groupadd useradd "
    "addgroup adduser usermod locale-gen update-alternatives update-ca-certificates echo printf export set "
    "true : test [ cd fix-permissions update-locale ldconfig find corepack".split()
)
_INTO_AN_ENVIRONMENT = re.compile(r"(?:uv |python -m )?(?:pip|poetry|pdm|pipenv) ?(?:install|sync)|uv sync")
_NAMED = re.compile(r"[a-z0-9][a-z0-9.+-]*(?:, [a-z0-9][a-z0-9.+-]*)*")


def build_packages_elsewhere(survey: Survey, stage: Stage, packages: Sequence[BuildPackage]) -> str:
    """The hint for build packages left in a stage that ships."""
    contents = survey.contents(stage.index)
    image = contents.image
    asking = list(dict.fromkeys(package.installed.by for package in packages))
    if all(asking):
        return f"install {listed(asking)} with --no-install-recommends"
    if image is not None and image.role == "toolchain":
        base = bare(stage.shown_base)
        them = "it" if len(packages) == 1 else "them"
        return f"leave {them}, with '{base}', in a stage that is not shipped, and copy only what is built"
    start = min(package.installed.span.start for package in packages)
    later = [product for product in contents.products if product.span.start > start]
    runtime = runs_on(contents, later) if image is not None and image.role == "bundled" else None
    runtime = RunsOn(stage.from_.base.text) if runtime is None or runtime.open or runtime.when else runtime
    built = [product for product in later if product.certain]
    compile_with = _COMPILERS.intersection(name for package in packages for name in package.package.toolchains)
    environment = [p for p in later if p.ecosystem == "python" and _INTO_AN_ENVIRONMENT.fullmatch(p.command)]
    if compile_with and environment and all(product.ecosystem == "python" for product in built):
        return _environment(survey, stage, runtime, environment)
    if built:
        return two_stage_sketch(survey, stage, runtime, built)
    if compile_with and (modules := [product for product in later if _is_compiled_in_place(product)]):
        return _modules(survey, stage, runtime, modules)
    return _elsewhere_or_removed(survey, stage, packages, contents)


def _is_compiled_in_place(product: Product) -> bool:
    return product.path is not None and product.ecosystem in ("node", "ruby")


def _environment(survey: Survey, stage: Stage, runtime: RunsOn, installed: Sequence[Product]) -> str:
    """Python packages: the environment that they are installed in is what another stage takes."""
    contents = survey.contents(stage.index)
    name = builder_name(survey, stage)
    given = list(dict.fromkeys(product.path for product in installed if product.path))
    first, path = [], "ENV PATH=/opt/venv/bin:$PATH"
    if not given:
        # With it in front of PATH the commands that install stay as they are.
        given, first = ["/opt/venv"], ["RUN python3 -m venv /opt/venv", path]
    programs = list(dict.fromkeys(product.path for product in tools(contents) if product.path))
    if len(programs) > 1:
        programs = list(dict.fromkeys(program.rpartition("/")[0] for program in programs))
    lines = [named_from(survey, stage, name), *first, "…", f"FROM {runtime.image}"]
    lines += copy_lines(name, [*given, *programs])
    lines += [path] if first else []
    lines.append(_rest(survey, stage))
    return indented("compile in a stage of its own and ship the virtual environment:", lines)


def _modules(survey: Survey, stage: Stage, runtime: RunsOn, installed: Sequence[Product]) -> str:
    """Packages of Node and Ruby are compiled in the folder that they are installed in."""
    name = builder_name(survey, stage)
    paths = list(dict.fromkeys(product.path for product in installed if product.path))[:3]
    lines = [named_from(survey, stage, name), "…", f"FROM {runtime.image}", *copy_lines(name, paths)]
    return indented("compile in a stage of its own and ship what it installs:", [*lines, _rest(survey, stage)])


def _rest(survey: Survey, stage: Stage) -> str:
    """The last line: what stays as it is, and the libraries whose headers are not shipped any more."""
    found: list[str] = []
    for installed in survey.contents(stage.index).packages:
        package = survey.facts.package(installed.manager, installed.name)
        if package and package.kind == "dev-headers" and _is_named(installed, package.runtime):
            found += package.runtime.split(", ")
    names = [name for name in dict.fromkeys(found) if not re.match(r"(?:libc6|libstdc|musl|linux|python)", name)]
    return f"…  (installs {', '.join(names[:3])}, not the headers)" if names else "…"


def _is_named(installed: Installed, runtime: str) -> bool:
    return installed.certain and bool(_NAMED.fullmatch(runtime))


def _elsewhere_or_removed(survey: Survey, stage: Stage, packages: Sequence[BuildPackage], contents: Contents) -> str:
    """The hint where nothing is known of what they build."""
    them = "it" if len(packages) == 1 else "them"
    builder = builder_of(survey, stage)
    where = f"in stage '{builder.label}'" if builder else "in a stage that is not shipped"
    if not _is_used(survey, stage, packages[0].installed.instruction, contents):
        return f"install {them} {where}, and copy with COPY --from what is built with {them}"
    names = list(dict.fromkeys(package.installed.virtual or package.installed.name for package in packages))
    shown = " ".join(names[:_MOST_NAMES]) + (" …" if len(names) > _MOST_NAMES else "")
    remove = f"{_REMOVE[packages[0].installed.manager]} {shown}"
    return (
        f"install {them} {where}, and copy the result with COPY --from; or, where only this RUN needs {them},"
        f" remove {them} at its end: {remove}"
    )


def removed_in_time(survey: Survey, stage: Stage, packages: Sequence[Installed]) -> str:
    """The hint for packages that are removed in a later layer than their own."""
    builder = builder_of(survey, stage)
    where = f"in stage '{builder.label}'" if builder else "in a stage that is not shipped"
    names = list(dict.fromkeys(package.virtual or package.name for package in packages if not package.by))
    shown = " ".join(names[:_MOST_NAMES]) + (" …" if len(names) > _MOST_NAMES else "")
    remove = f"{_REMOVE[packages[0].manager]} {shown}".strip()
    return f"install, build and remove in one RUN that ends in '{remove}', or build {where} and copy the result"


def libraries_alone(packages: Sequence[BuildPackage]) -> str:
    """The hint for packages of headers: what to install instead of each."""
    each: dict[str, str] = {}
    for package in packages:
        each.setdefault(package.installed.plain, _of_its_version(package.installed.plain, package.package.runtime))
    told = [f"{runtime} for {name}" for name, runtime in list(each.items())[:_MOST_NAMES]]
    more = " …" if len(each) > _MOST_NAMES else ""
    return f"install what runs: {', '.join(told)}{more}; compile what needs headers in a stage that is not shipped"


def _of_its_version(name: str, runtime: str) -> str:
    """The runtime package of one of headers; `phpN-cli` stands for every version."""
    version = re.search(r"\d+(?:\.\d+)?", name)
    if version and len(re.findall("N+", runtime)) == 1 and re.match(r"[a-z]+N", runtime):
        return re.sub("N+", version[0], runtime)
    return runtime or "the library itself"


def _is_used(survey: Survey, stage: Stage, line: int, contents: Contents) -> bool:
    """Whether the RUN on `line` does more than to install packages, and so may be what needs them."""
    run = next((x for x in stage.instructions if isinstance(x, Run) and x.line == line), None)
    if run is None:
        return True
    script = read_script(
        run,
        survey.dockerfile.source,
        shell=contents.shell,
        variables=contents.variables,
        directory=contents.directory,
        escape=survey.dockerfile.escape,
    )
    return not script.understood or any(command.name not in _PREPARING for command in script.commands)


def builder_of(survey: Survey, stage: Stage) -> Stage | None:
    """The last stage that `stage` copies from, if it builds something or has what to build with."""
    for reference in reversed(survey.graph.of(stage.index)):
        if reference.kind == "copy-from" and reference.to is not None:
            contents = survey.contents(reference.to)
            if contents.carries_toolchain or any(product.certain for product in contents.products):
                return survey.stages[reference.to]
    return None
