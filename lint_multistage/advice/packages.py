"""The hints for compilers and build tools that are installed in a stage that ships."""

from __future__ import annotations

import re
from collections.abc import Sequence

from lint_multistage.advice.artefacts import artefacts, tools
from lint_multistage.advice.commands import script_of, scripts, text_of
from lint_multistage.advice.installs import Installs, installs, instead_of, of_its_version
from lint_multistage.advice.probable import module_folder, probably
from lint_multistage.advice.runtime import RunsOn, runs_on
from lint_multistage.advice.sketch import (
    builder_name,
    copy_lines,
    indented,
    named_from,
    shipped_from,
    two_stage_sketch,
)
from lint_multistage.contents.packages import Installed
from lint_multistage.contents.products import Product
from lint_multistage.contents.stage import BuildPackage, Contents
from lint_multistage.late import late_regex
from lint_multistage.model.stages import Stage
from lint_multistage.survey import Survey
from lint_multistage.syntax.instructions import Run
from lint_multistage.syntax.shell_commands import Command
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
_INTO_AN_ENVIRONMENT = late_regex(r"(?:uv |python -m )?(?:pip|poetry|pdm|pipenv) ?(?:install|sync)|uv sync")
_MOVING = frozenset("cp mv tar unzip ls file install unxz dirname basename grep sort uname whoami yarnpkg".split())
_TELLS_VERSION = frozenset(("--version", "-v", "-V", "version"))
_MAKES_ENVIRONMENT = frozenset(("python -m venv", "virtualenv", "uv venv"))
# A library of Python that the system's package manager installs.
_LIBRARY = late_regex(r"(?:python3?|py3)-(?!pip$|dev$|venv$|setuptools$|wheel$|distutils$|minimal$|all|full$|apt$)")
_RUN_BY_RUNTIME = frozenset(("jdk", "dotnet-sdk"))
_FEW = 3
_ITSELF = "the library itself"
# Allocators are mostly loaded by LD_PRELOAD, and only their -dev packages have the name without a version.
_PRELOADED = late_regex(r"(?:lib)?(?:jemalloc|google-perftools|tcmalloc\w*|mimalloc)[\d.]*-dev(?:el)?")
# The C library of a system is in every image of it.
_EVERYWHERE = frozenset(("libc6", "musl", "glibc"))


def build_packages_elsewhere(survey: Survey, stage: Stage, packages: Sequence[BuildPackage]) -> str:
    """The hint for build packages left in a stage that ships."""
    contents = survey.contents(stage.index)
    image = contents.image
    asking = list(dict.fromkeys(package.installed.by for package in packages))
    if all(asking):
        hint = f"install {listed(asking)} with --no-install-recommends"
        compiles = any(is_of_an_environment(product) for product in contents.products)
        return f"{hint}; what pip must compile is compiled in a stage that is not shipped" if compiles else hint
    if image is not None and image.role == "toolchain":
        base = bare(stage.shown_base)
        them = "it" if len(packages) == 1 else "them"
        return f"leave {them}, with '{base}', in a stage that is not shipped, and copy only what is built"
    start = min(package.installed.span.start for package in packages)
    later = [product for product in contents.products if product.span.start > start]
    runtime = runs_on(contents, later) if image is not None and image.role == "bundled" else None
    runtime = RunsOn(stage.from_.base.text) if runtime is None or runtime.open or runtime.when else runtime
    built = [product for product in later if product.certain]
    if not built and (runtimes := _runtimes(packages, contents)):
        return runtimes
    compile_with = _COMPILERS.intersection(name for package in packages for name in package.package.toolchains)
    installing = [product for product in later if is_of_an_environment(product)]
    if compile_with and installing and all(product.ecosystem == "python" for product in built):
        return environment(survey, stage, runtime, installing)
    if built:
        return two_stage_sketch(survey, stage, runtime, built)
    in_place = [product for product in later if is_compiled_in_place(product)]
    if compile_with and in_place and (hint := modules(survey, stage, runtime, in_place)):
        return hint
    if installed := [product for product in tools(contents, unplaced=True) if product in later]:
        return two_stage_sketch(survey, stage, runtime, installed)
    return _elsewhere_or_removed(survey, stage, packages, contents)


def is_of_an_environment(product: Product) -> bool:
    """Whether Python packages are installed to where an environment may be in front."""
    return product.ecosystem == "python" and _INTO_AN_ENVIRONMENT.fullmatch(product.command) is not None


def is_compiled_in_place(product: Product) -> bool:
    return product.ecosystem == "ruby" or (product.path is not None and product.ecosystem == "node")


def _runtimes(packages: Sequence[BuildPackage], contents: Contents) -> str:
    """What to install in place of JDKs and SDKs, and of the tools that only build with them; "" where there is none."""
    each: dict[str, str] = {}
    for package in packages:
        sdk = package.package.kind == "sdk" and _RUN_BY_RUNTIME.intersection(package.package.toolchains)
        if sdk and (runtime := instead_of(package.installed, package.package, contents)):
            each[package.installed.plain] = runtime[0]
    if not each:
        return ""
    instead = " and ".join(f"{runtime} in place of '{name}'" for name, runtime in each.items())
    others = [package.installed.plain for package in packages if package.installed.plain not in each]
    if not others:
        return f"install {instead}: it runs what is built elsewhere"
    them = listed(list(dict.fromkeys(others))[:_FEW])
    more = " and the rest" if len(set(others)) > _FEW else ""
    return f"install {instead}, to run what is built elsewhere; build with {them}{more} in a stage that is not shipped"


def environment(
    survey: Survey,
    stage: Stage,
    runtime: RunsOn,
    installed: Sequence[Product],
    head: str = "compile in a stage of its own and ship the virtual environment",
) -> str:
    """Python packages: the environment that they are installed in is what another stage takes."""
    contents = survey.contents(stage.index)
    name = builder_name(survey, stage)
    given = list(dict.fromkeys(product.path for product in installed if product.path)) or _in_front(survey, stage)
    first, path = [], "ENV PATH=/opt/venv/bin:$PATH"
    if not given:
        if not all(product.command.endswith("pip install") and "uv" not in product.command for product in installed):
            # Other installers ask this variable where to install.
            path = "ENV VIRTUAL_ENV=/opt/venv PATH=/opt/venv/bin:$PATH"
        # With it in front of PATH the commands that install stay as they are.
        given, first = ["/opt/venv"], [f"RUN python3 -m venv {_options(contents)}/opt/venv", path]
        if contents.image is None or "pip" not in contents.image.toolchains:
            package = {"apt": "python3-venv with the packages", "apk": "python3 with the packages"}
            manager = next((each.manager for each in contents.packages), "")
            first.insert(0, f"…  (installs {package.get(manager, 'Python and the packages')})")
    programs = tools(contents, unplaced=True)
    needed = artefacts(contents, programs)
    likely = probably(survey, stage, needed.unknown, needed.paths, name)
    known = list(dict.fromkeys(product.path for product in programs if product.path))
    if len(known) > 1:
        known = list(dict.fromkeys(program.rpartition("/")[0] for program in known))
    lines = [named_from(survey, stage, name), *likely.first, *first, "…"]
    packages = installs(survey, stage, runtime.image)
    lines.append(shipped_from(survey, stage, runtime.image))
    lines += [packages.line] if packages.line else []
    lines += [*copy_lines(name, [*given, *known]), *likely.copies]
    lines += [path] if first else []
    lines.append(_rest(packages))
    return indented(f"{head}:", lines)


def _in_front(survey: Survey, stage: Stage) -> list[str]:
    """The environment that the stage makes and puts in front of PATH."""
    text = text_of(survey, stage)
    made = (each.path for each in survey.contents(stage.index).products if each.command in _MAKES_ENVIRONMENT)
    return [path for path in made if path and re.search(rf"PATH=[\"']?{re.escape(path)}/bin", text)][-1:]


def _options(contents: Contents) -> str:
    """What an environment needs to see the packages that the image, or the system's manager, brings."""
    own = contents.image is not None and (contents.image.repositories[0] == "python" or contents.image.role == "os")
    brought = any(_LIBRARY.match(each.plain) for each in contents.packages)
    return "" if own and not brought else "--system-site-packages "


def modules(
    survey: Survey,
    stage: Stage,
    runtime: RunsOn,
    installed: Sequence[Product],
    head: str = "compile in a stage of its own and ship what it installs",
) -> str:
    """Packages of Node and Ruby are compiled in the folder that they are installed in."""
    name = builder_name(survey, stage)
    paths = list(dict.fromkeys(path for product in installed if (path := module_folder(survey, stage, product))))[:3]
    if not paths:
        return ""
    packages = installs(survey, stage, runtime.image)
    lines = [named_from(survey, stage, name), "…", shipped_from(survey, stage, runtime.image)]
    lines += [packages.line] if packages.line else []
    lines += copy_lines(name, paths)
    return indented(f"{head}:", [*lines, _rest(packages)])


def _rest(packages: Installs) -> str:
    """The last line: what stays as it is, and the packages that are not the same."""
    return f"…  ({'; '.join(packages.notes)})" if packages.notes else "…"


def _elsewhere_or_removed(survey: Survey, stage: Stage, packages: Sequence[BuildPackage], contents: Contents) -> str:
    """The hint where nothing is known of what they build."""
    them = "it" if len(packages) == 1 else "them"
    builder = builder_of(survey, stage)
    where = f"in stage '{builder.label}'" if builder else "in a stage that is not shipped"
    if builder is None and _is_idle(survey, stage, packages[0].installed.instruction):
        leave = f"nothing here is built with {them}: leave {them} out"
        return f"{leave}, or build {where} and copy the result with COPY --from"
    if not _is_used(survey, stage, packages[0].installed.instruction, contents):
        return f"install {them} {where}, and copy with COPY --from what is built with {them}"
    names = list(dict.fromkeys(package.installed.virtual or package.installed.name for package in packages))
    shown = " ".join(names[:_MOST_NAMES]) + (" …" if len(names) > _MOST_NAMES else "")
    remove = f"{_REMOVE[packages[0].installed.manager]} {shown}"
    return (
        f"install {them} {where}, and copy the result with COPY --from; or, where only this RUN needs {them},"
        f" remove {them} at its end: {remove}"
    )


def _is_idle(survey: Survey, stage: Stage, line: int) -> bool:
    """Whether the RUN on `line` and all that run after it only install packages and the like."""
    return all(
        script.understood and all(_builds_nothing(command) for command in script.commands)
        for run, script in scripts(survey, stage)
        if run.line >= line
    )


def _builds_nothing(command: Command) -> bool:
    """Whether a command only installs packages, moves files or tells a version."""
    if command.name in _PREPARING or command.name in _MOVING:
        return True
    first = command.words[1].text if len(command.words) > 1 else None
    return first in _TELLS_VERSION or (command.name == "node" and first in ("-p", "-e"))


def removed_in_time(survey: Survey, stage: Stage, packages: Sequence[Installed]) -> str:
    """The hint for packages that are removed in a later layer than their own."""
    builder = builder_of(survey, stage)
    where = f"in stage '{builder.label}'" if builder else "in a stage that is not shipped"
    remove = _removal(packages)
    hint = f"install, build and remove in one RUN that ends in '{remove}', or build {where} and copy the result"
    contents = survey.contents(stage.index)
    start = min(package.span.start for package in packages)
    built = [product for product in contents.products if product.certain and product.span.start > start]
    if builder is not None or not built or contents.image is None or contents.image.role == "toolchain":
        return hint
    sketch = two_stage_sketch(survey, stage, RunsOn(stage.from_.base.text), built)
    return f"install, build and remove in one RUN that ends in '{remove}'; or {sketch}"


def used_in_time(packages: Sequence[Installed]) -> str:
    """The hint for packages that are not for building, and are removed in a later layer than their own."""
    it = "it" if len({package.virtual or package.name for package in packages}) == 1 else "them"
    return f"install, use and remove {it} in one RUN that ends in '{_removal(packages)}'"


def _removal(packages: Sequence[Installed]) -> str:
    names = list(dict.fromkeys(package.virtual or package.plain for package in packages if not package.by))
    shown = " ".join(names[:_MOST_NAMES]) + (" …" if len(names) > _MOST_NAMES else "")
    return f"{_REMOVE[packages[0].manager]} {shown}".strip()


def libraries_alone(packages: Sequence[BuildPackage]) -> str:
    """The hint for packages of headers: what to install instead of each."""
    each: dict[str, str] = {}
    for package in packages:
        runtime = package.package.runtime
        runtime = "nothing" if runtime in _EVERYWHERE else of_its_version(package.installed.plain, runtime)
        each.setdefault(package.installed.plain, runtime or _ITSELF)
    told = [f"{runtime} for {name}" for name, runtime in list(each.items())[:_MOST_NAMES]]
    more = " …" if len(each) > _MOST_NAMES else ""
    preloaded = any(_PRELOADED.fullmatch(name) for name in each)
    named = " (where LD_PRELOAD names a '.so' without a version, give it that of the library)" if preloaded else ""
    where = "compile what needs headers in a stage that is not shipped"
    return f"install what runs: {', '.join(told)}{more}{named}; {where}"


def _is_used(survey: Survey, stage: Stage, line: int, contents: Contents) -> bool:
    """Whether the RUN on `line` does more than to install packages, and so may be what needs them."""
    run = next((x for x in stage.instructions if isinstance(x, Run) and x.line == line), None)
    if run is None:
        return True
    script = script_of(survey, contents, run, contents.directory)
    return not script.understood or any(command.name not in _PREPARING for command in script.commands)


def builder_of(survey: Survey, stage: Stage) -> Stage | None:
    """The last stage that `stage` copies from, if it builds something or has what to build with."""
    for reference in reversed(survey.graph.of(stage.index)):
        if reference.kind == "copy-from" and reference.to is not None:
            contents = survey.contents(reference.to)
            if contents.carries_toolchain or any(product.certain for product in contents.products):
                return survey.stages[reference.to]
    return None
