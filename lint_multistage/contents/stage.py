"""What a stage carries when its instructions have run: an abstract run from its base image on."""

from __future__ import annotations

import posixpath
from collections.abc import Mapping

from msgspec import Struct
from msgspec.structs import replace

from lint_multistage.contents.packages import Installed, packages_after
from lint_multistage.contents.products import MOVES, Product, products
from lint_multistage.facts import Facts, Image, Package
from lint_multistage.model.dockerfile import Dockerfile
from lint_multistage.model.images import ImageReference, parse_image
from lint_multistage.model.scope import expanded
from lint_multistage.syntax.expansion import ANYTHING, expand
from lint_multistage.syntax.instructions import Add, Copy, Instruction, Run
from lint_multistage.syntax.shell import read_script
from lint_multistage.syntax.shell_commands import Script

_SHELL = ("/bin/sh", "-c")
_WINDOWS_SHELL = ("cmd", "/S", "/C")
_BUILDING = frozenset(("compiler", "build-tool", "sdk"))
_TASKS = frozenset(("make",))


class BuildPackage(Struct, frozen=True):
    """A package left in the stage that only building needs, with what is known of it."""

    installed: Installed
    package: Package


class NotUnderstood(Struct, frozen=True):
    """A RUN, by its line, whose script could not be read, and why."""

    line: int
    reason: str


class Contents(Struct, frozen=True, kw_only=True):
    """What a stage carries at its end.

    `base` is the image at the root of its ancestry and `image` the fact about it, None where unknown. `build_packages`
    are certainly there; `products` are what build commands of this stage and its ancestors made. `directory` is the
    working directory, None where it is unknown. `brought` are the absolute paths that COPY and ADD make, as far as
    they are known, by destination. `entrypoint` and `command` are the instructions in force.
    """

    base: ImageReference | None = None
    image: Image | None = None
    packages: tuple[Installed, ...] = ()
    build_packages: tuple[BuildPackage, ...] = ()
    products: tuple[Product, ...] = ()
    brought: frozenset[str] = frozenset()
    directory: str | None = None
    variables: Mapping[str, str] = {}
    shell: tuple[str, ...] = _SHELL
    entrypoint: Instruction | None = None
    command: Instruction | None = None
    not_understood: tuple[NotUnderstood, ...] = ()

    @property
    def starts(self) -> bool:
        """Whether ENTRYPOINT or CMD says what the image runs."""
        return self.entrypoint is not None or self.command is not None

    @property
    def carries_toolchain(self) -> bool:
        """Whether the base image is a toolchain or build packages are left."""
        return bool(self.build_packages) or (self.image is not None and self.image.role == "toolchain")


def stage_contents(dockerfile: Dockerfile, stage: int, facts: Facts, start: Contents) -> Contents:
    """The contents of stage number `stage`; `start` are those of the stage it is FROM, or of its image."""
    run = _StageRun(dockerfile, start)
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
    return Contents(base=base, image=image, directory=image.directory or None, variables=image.variables, shell=shell)


class _StageRun:
    """The state while the instructions of one stage run."""

    def __init__(self, dockerfile: Dockerfile, start: Contents) -> None:
        self.dockerfile = dockerfile
        self.start = start
        self.packages = start.packages
        self.products = list(start.products)
        self.brought = set(start.brought)
        self.directory = start.directory
        self.variables = start.variables
        self.shell = start.shell
        self.entrypoint = start.entrypoint
        self.command = start.command
        self.not_understood: list[NotUnderstood] = []

    def step(self, instruction: Instruction, variables: Mapping[str, str]) -> None:
        self.variables = variables
        keyword = instruction.keyword.text
        if isinstance(instruction, Run):
            self.run(instruction)
        elif isinstance(instruction, Copy | Add):
            self.copy(instruction)
        elif keyword == "WORKDIR":
            self.directory = joined(self.directory, self.expand(instruction.value.text))
        elif keyword == "SHELL" and instruction.json:
            self.shell = tuple(word.text for word in instruction.words)
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
        if script.commands:
            self.packages = packages_after(self.packages, script, run.line)
            made = products(script, self.variables)
            if self.products or made:
                self.products = self.placed(script, made)
        if not script.understood:
            # What could not be read may have removed anything.
            self.packages = tuple(replace(package, certain=False) for package in self.packages)
            self.not_understood.append(NotUnderstood(run.line, script.reason))

    def placed(self, script: Script, made: tuple[Product, ...]) -> list[Product]:
        if not any(command.name in MOVES for command in script.commands):
            return [*self.products, *made]
        from lint_multistage.contents.products.moves import placed

        return placed(self.products, made, script, self.variables)

    def copy(self, instruction: Copy | Add) -> None:
        """Note what lies where: a file copied into a folder goes by its own name there."""
        destination = joined(self.directory, self.expand(instruction.destination.text))
        if destination is None:
            return
        into = instruction.destination.text.endswith(("/", ".")) or len(instruction.paths) > 1
        self.brought.add(destination)
        if into:
            self.brought |= {posixpath.join(destination, posixpath.basename(path.text)) for path in instruction.paths}

    def expand(self, word: str) -> str | None:
        return expanded(word, self.variables, self.dockerfile.escape)

    def contents(self, facts: Facts) -> Contents:
        return Contents(
            base=self.start.base,
            image=self.start.image,
            packages=self.packages,
            build_packages=tuple(_build_packages(self.packages, facts)),
            products=tuple(self.products),
            brought=frozenset(self.brought),
            directory=self.directory,
            variables=self.variables,
            shell=self.shell,
            entrypoint=self.entrypoint,
            command=self.command,
            not_understood=tuple(self.not_understood),
        )


def _build_packages(packages: tuple[Installed, ...], facts: Facts) -> list[BuildPackage]:
    found = []
    for installed in packages:
        package = facts.package(installed.manager, installed.name) if installed.certain else None
        if package and package.kind in _BUILDING and any(facts.heavy(toolchain) for toolchain in package.toolchains):
            found.append(BuildPackage(installed, package))
    # Alone, these run a project's tasks as often as they build anything.
    return found if any(not _TASKS.issuperset(each.package.toolchains) for each in found) else []


def joined(directory: str | None, path: str | None) -> str | None:
    """The absolute path that `path` is in `directory`, without a slash at its end; None where either is unknown."""
    if path is None or (directory is None and not path.startswith("/")):
        return None
    return posixpath.normpath(posixpath.join(directory or "/", path))
