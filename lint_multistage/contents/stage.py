"""What a stage carries when its instructions have run: an abstract run from its base image on."""

from __future__ import annotations

import posixpath
from bisect import bisect_right
from collections.abc import Iterator, Mapping

from msgspec import Struct
from msgspec.structs import replace

from lint_multistage.contents.carried import COPIED, HIDDEN, INSTALLER, PACKAGE, Carried, Place, Toolchains
from lint_multistage.contents.copied import Source, interesting, stage_of, toolchains_copied
from lint_multistage.contents.image_toolchains import image_toolchains, toolchains_of
from lint_multistage.contents.packages import Installed, Packages, packages_after
from lint_multistage.contents.paths import joined
from lint_multistage.contents.products import MOVES, Product, products
from lint_multistage.contents.scripts import Brought, brought_by, text_at, with_scripts
from lint_multistage.context import Context
from lint_multistage.facts import Facts, Image, Package
from lint_multistage.late import late_regex
from lint_multistage.model.dockerfile import Dockerfile
from lint_multistage.model.images import ImageReference, parse_image
from lint_multistage.model.scope import expanded
from lint_multistage.syntax.expansion import ANYTHING, expand
from lint_multistage.syntax.instructions import Add, Copy, Instruction, Run
from lint_multistage.syntax.shell import read_script
from lint_multistage.syntax.shell_commands import Script, ShellWord

_MOST_CARRIED = 200
_SHELL = ("/bin/sh", "-c")
_WINDOWS_SHELL = ("cmd", "/S", "/C")
_BUILDING = frozenset(("compiler", "build-tool", "sdk"))
_TASKS = frozenset(("make",))
# Where apt installs what packages recommend, unless it is told not to.
_RECOMMENDING = frozenset(("debian", "ubuntu"))
_DEBIAN_TAG = late_regex(r"(?:^|-)(?:ubuntu|debian)-?\d")
_RECOMMENDS_OFF = late_regex(r"""(?i)install-recommends[\\"']*\s+[\\"']*(?:0|no|false|off|without|disable)""")


class BuildPackage(Struct, frozen=True):
    """A package left in the stage that only building needs, with what is known of it."""

    installed: Installed
    package: Package


class NotUnderstood(Struct, frozen=True):
    """A RUN, by its line, whose script could not be read, and why."""

    line: int
    reason: str


class Step(Struct, frozen=True):
    """An instruction that changes files, with the directory and the variables that it runs with.

    `script` are the commands of a RUN, those of scripts at hand among them, and `built` is what they build.
    """

    instruction: Instruction
    directory: str | None
    variables: Mapping[str, str]
    script: Script | None = None
    built: tuple[Product, ...] = ()


class Contents(Struct, frozen=True, kw_only=True):
    """What a stage carries at its end.

    `base` is the image at the root of its ancestry and `image` the fact about it, None where unknown. `asked` are the
    packages, and `build_packages` those of them that are certainly there and only building needs; `products` are what
    build commands of this stage and its ancestors made. `directory` is the working directory, None where it is unknown.
    `brought` are the absolute paths that COPY and ADD make, as far as they are known, by destination, and `copied` says
    where in the build context they come from. `entrypoint` and `command` are the instructions in force, and `user` is
    the one that runs them, "" where it is the base image's. `carried` are the toolchains that are there or were, in the
    order in which they came, those of packages last. `steps` are the instructions of the stage itself that change
    files.
    """

    base: ImageReference | None = None
    image: Image | None = None
    asked: Packages = Packages()
    build_packages: tuple[BuildPackage, ...] = ()
    products: tuple[Product, ...] = ()
    brought: frozenset[str] = frozenset()
    copied: tuple[Brought, ...] = ()
    directory: str | None = None
    variables: Mapping[str, str] = {}
    shell: tuple[str, ...] = _SHELL
    entrypoint: Instruction | None = None
    command: Instruction | None = None
    user: str = ""
    carried: tuple[Carried, ...] = ()
    not_understood: tuple[NotUnderstood, ...] = ()
    steps: tuple[Step, ...] = ()

    @property
    def packages(self) -> tuple[Installed, ...]:
        """The packages that are there, or may be."""
        return self.asked.installed

    @property
    def starts(self) -> bool:
        """Whether ENTRYPOINT or CMD says what the image runs."""
        return self.entrypoint is not None or self.command is not None

    @property
    def carries_toolchain(self) -> bool:
        """Whether the base image is a toolchain, or a toolchain was added and is left."""
        added = bool(self.build_packages) or bool(self.added_toolchains)
        return added or (self.image is not None and self.image.role == "toolchain")

    @property
    def added_toolchains(self) -> tuple[Carried, ...]:
        """The toolchains that installers and COPY brought and that are certainly left."""
        return tuple(each for each in self.carried if each.via in (INSTALLER, COPIED) and each.stays and each.main)


_NO_SOURCES: Mapping[int, Contents] = {}


def stage_contents(
    dockerfile: Dockerfile,
    stage: int,
    facts: Facts,
    start: Contents,
    context: Context,
    sources: Mapping[int, Contents] = _NO_SOURCES,
) -> Contents:
    """The contents of stage number `stage`; `start` are those of the stage it is FROM, or of its image, and `sources`
    those of the stages that it may copy toolchains from, as far as they are known.
    """
    run = _StageRun(dockerfile, stage, start, facts, context, sources)
    for instruction, variables in dockerfile.with_variables(stage, start.variables):
        run.step(instruction, variables)
    return run.contents(facts)


def image_contents(dockerfile: Dockerfile, stage: int, facts: Facts) -> Contents:
    """The contents of a stage's base image; where its tag depends on an unknown variable, what all tags share."""
    asked = dockerfile.stages[stage]
    name, tag_known = asked.base, True
    if asked.unset:
        values = {**dockerfile.scope.values, **dict.fromkeys(asked.unset, ANYTHING)}
        repository, _, tag = expand(asked.from_.base.text, values, dockerfile.escape).text.rpartition(":")
        name, tag_known = (repository, False) if ANYTHING in tag and "/" not in tag else ("", False)
    base = parse_image(name) if name and ANYTHING not in name else None
    if base is None or isinstance(base, str):
        return Contents()
    image = facts.image(base.name, base.fact_tag if tag_known else None)
    if image is None:
        return Contents(base=base, directory="/" if base.name == "scratch" else None)
    shell = _WINDOWS_SHELL if image.distro == "windows" else _SHELL
    return Contents(
        base=base,
        image=image,
        directory=image.directory or None,
        variables=image.variables,
        shell=shell,
        carried=tuple(image_toolchains(base, image, stage, asked.from_.line, asked.from_.base.span, facts)),
    )


class _StageRun:
    """The state while the instructions of one stage run."""

    def __init__(
        self,
        dockerfile: Dockerfile,
        stage: int,
        start: Contents,
        facts: Facts,
        context: Context,
        sources: Mapping[int, Contents],
    ) -> None:
        self.dockerfile = dockerfile
        self.stage = stage
        self.start = start
        self.sources = sources
        self.facts = facts
        self.context = context
        self.packages = start.asked
        self.products = list(start.products)
        self.brought = set(start.brought)
        self.copied = list(start.copied)
        self.directory = start.directory
        self.variables = start.variables
        self.shell = start.shell
        self.entrypoint = start.entrypoint
        self.command = start.command
        self.user = start.user
        self.toolchains = Toolchains(tuple(each for each in start.carried if each.via != PACKAGE))
        self.not_understood: list[NotUnderstood] = []
        self.steps: list[Step] = []

    def step(self, instruction: Instruction, variables: Mapping[str, str]) -> None:
        self.variables = variables
        keyword = instruction.keyword.text
        if isinstance(instruction, Run):
            self.run(instruction)
        elif isinstance(instruction, Copy | Add):
            self.steps.append(Step(instruction, self.directory, variables))
            self.copy(instruction)
        elif keyword == "WORKDIR":
            self.steps.append(Step(instruction, self.directory, variables))
            self.directory = joined(self.directory, self.expand(instruction.value.text))
        elif keyword == "SHELL" and instruction.json:
            self.shell = tuple(word.text for word in instruction.words)
        elif keyword == "USER":
            self.user = self.expand(instruction.value.text) or ""
        elif keyword == "ENTRYPOINT":
            self.entrypoint, self.command = instruction, None
        elif keyword == "CMD":
            self.command = instruction

    def run(self, run: Run) -> None:
        script = read_script(
            run,
            self.dockerfile.source,
            shell=self.shell,
            variables=self.variables,
            directory=self.directory,
            escape=self.dockerfile.escape,
        )
        whole = script
        built: tuple[Product, ...] = ()
        if script.commands:
            whole, complete = with_scripts(script, [*self.copied, *self.mounted(run)], self.context, self.variables)
            self.packages = self.packages_after(run, whole, complete)
            if self.toolchains.concerned(whole):
                from lint_multistage.contents.installers import toolchains_after

                self.toolchains = toolchains_after(self.toolchains, whole, self.place(run), self.facts)
            there = [*self.copied, *self.mounted(run)]
            made = built = products(script, self.variables, lambda path: text_at(path, there, self.context))
            if self.products or made:
                self.products = self.placed(script, made)
            if whole is not script:
                built = products(whole, self.variables, lambda path: text_at(path, there, self.context))
        self.steps.append(Step(run, self.directory, self.variables, whole, built))
        if not script.understood:
            # What could not be read may have removed anything.
            self.packages = self.packages.doubted()
            self.toolchains = self.toolchains.doubted(self.stage, run.line)
            self.not_understood.append(NotUnderstood(run.line, script.reason))

    def packages_after(self, run: Run, script: Script, complete: bool) -> Packages:
        """The packages when `script` has run, which is `complete` where the scripts that it runs are in it."""
        recommended = None
        if _is_debian(self.start):
            recommended = self.facts.recommended
            if any(_RECOMMENDS_OFF.search(self.dockerfile.source[span]) for span in run.spans):
                self.packages = replace(self.packages, recommending=False)
        packages = packages_after(self.packages, script, run.line, recommended)
        return packages if complete else replace(packages, complete=False)

    def place(self, instruction: Instruction) -> Place:
        mounts = instruction.mounts if isinstance(instruction, Run) else ()
        targets = (joined(self.directory, self.expand(mount.target) or None) for mount in mounts)
        mounted = tuple(target for target in targets if target is not None)
        return Place(self.stage, instruction.line, self.variables, self.user, mounted)

    def mounted(self, run: Run) -> Iterator[Brought]:
        """What the mounts of a RUN lay over the stage."""
        for mount in run.mounts:
            place = joined(self.directory, self.expand(mount.target) or None) if mount.type == "bind" else None
            if place is not None:
                path = self.expand(mount.path) if mount.source is None else None
                yield Brought(place, None if path is None else (path or ".",))

    def placed(self, script: Script, made: tuple[Product, ...]) -> list[Product]:
        if not any(command.name in MOVES for command in script.commands):
            return [*self.products, *made]
        from lint_multistage.contents.products.moves import placed

        return placed(self.products, made, script, self.variables)

    def copy(self, instruction: Copy | Add) -> None:
        """Note what lies where: a file copied into a folder goes by its own name there."""
        destination = joined(self.directory, self.expand(instruction.destination.text))
        if isinstance(instruction, Copy) and interesting(instruction):
            self.take(instruction, destination)
        if destination is None:
            return
        if isinstance(instruction, Add):
            self.add(instruction, destination)
        into = instruction.destination.text.endswith(("/", ".")) or len(instruction.paths) > 1
        self.brought.add(destination)
        self.copied += brought_by(instruction, destination, self.expand, self.dockerfile.source)
        if destination.startswith("/etc/apt/"):
            self.packages = replace(self.packages, recommending=False)
        if into:
            self.brought |= {posixpath.join(destination, posixpath.basename(path.text)) for path in instruction.paths}

    def take(self, copy: Copy, destination: str | None) -> None:
        """Note the toolchains that `COPY --from` brings."""
        word = copy.source
        if word is None:
            return
        at = stage_of(self.dockerfile, word, self.stage)
        if at is not None:
            source = Source(
                f"stage '{self.dockerfile.stages[at].label}'", self.sources[at].carried if at in self.sources else ()
            )
        elif self.dockerfile.graph.named(word.text) is not None:
            # A later stage: the build fails.
            return
        else:
            name = word.text.partition("@")[0]
            source = Source(f"'{name}'", toolchains_of(word.text, self.stage, copy.line, word.span, self.facts))
        copied = toolchains_copied(copy, source, destination, self.expand, self.stage, self.facts)
        self.toolchains = replace(self.toolchains, carried=(*self.toolchains.carried, *copied)[:_MOST_CARRIED])

    def add(self, instruction: Add, destination: str) -> None:
        """Note the installers and archives that ADD brings."""
        into = instruction.destination.text.endswith("/") or len(instruction.paths) > 1
        for word in instruction.paths:
            if "." not in word.text and "$" not in word.text:
                continue
            from lint_multistage.contents.fetching import pattern_of
            from lint_multistage.contents.installers import added

            url = self.expand(word.text) or pattern_of(ShellWord(None, word.text, word.span), "~")
            place = posixpath.join(destination, url.rpartition("/")[2]) if into and "://" in url else destination
            self.toolchains = added(self.toolchains, url, place, word.span, self.place(instruction), self.facts)

    def expand(self, word: str) -> str | None:
        return expanded(word, self.variables, self.dockerfile.escape)

    def contents(self, facts: Facts) -> Contents:
        build_packages = tuple(_build_packages(self.packages.installed, facts))
        return Contents(
            base=self.start.base,
            image=self.start.image,
            asked=self.packages,
            build_packages=build_packages,
            products=tuple(self.products),
            brought=frozenset(self.brought),
            copied=tuple(self.copied),
            directory=self.directory,
            variables=self.variables,
            shell=self.shell,
            entrypoint=self.entrypoint,
            command=self.command,
            user=self.user,
            carried=(*self.toolchains.carried, *self.of_packages(build_packages)),
            not_understood=tuple(self.not_understood),
            steps=tuple(self.steps),
        )

    def of_packages(self, left: tuple[BuildPackage, ...]) -> Iterator[Carried]:
        """The toolchains of packages: those that are left, and those that were removed too late."""
        for each in left:
            yield self.of_package(each.installed, each.package)
        for removed in self.packages.removed:
            package = self.facts.package(removed.package.manager, removed.package.name)
            if package and package.kind in _BUILDING and any(map(self.facts.heavy, package.toolchains)):
                carried = self.of_package(removed.package, package)
                yield replace(carried, state=HIDDEN, removed_line=removed.instruction, removed=removed.span)

    def of_package(self, installed: Installed, package: Package) -> Carried:
        names = tuple(name for name in package.toolchains if self.facts.heavy(name))
        starts = [stage.from_.line for stage in self.dockerfile.stages]
        return Carried(
            toolchains=names,
            via=PACKAGE,
            by=installed.name,
            stage=bisect_right(starts, installed.instruction) - 1,
            line=installed.instruction,
            span=installed.span,
            path=self.facts.package_place(names[0]),
        )


def _is_debian(contents: Contents) -> bool:
    """Whether the base image is Debian or Ubuntu, by what is known of it or by a tag that says so."""
    if contents.image is None or contents.image.distro:
        return contents.image is not None and contents.image.distro in _RECOMMENDING
    return contents.base is not None and bool(_DEBIAN_TAG.search(contents.base.tag))


def is_for_building(installed: Installed, facts: Facts) -> bool:
    """Whether a package is a compiler, a build tool, an SDK or headers."""
    package = facts.package(installed.manager, installed.name)
    if package is None:
        return False
    heavy = package.kind in _BUILDING and any(facts.heavy(toolchain) for toolchain in package.toolchains)
    return heavy or package.kind == "dev-headers"


def _build_packages(packages: tuple[Installed, ...], facts: Facts) -> list[BuildPackage]:
    found = []
    for installed in packages:
        package = facts.package(installed.manager, installed.name) if installed.certain else None
        if package and package.kind in _BUILDING and any(facts.heavy(toolchain) for toolchain in package.toolchains):
            found.append(BuildPackage(installed, package))
    # Alone, these run a project's tasks as often as they build anything.
    return found if any(not _TASKS.issuperset(each.package.toolchains) for each in found) else []
