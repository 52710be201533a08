"""The tables of facts: the built-in ones, read when first asked, under those of plugins and configuration."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterable, Mapping
from functools import cache
from typing import TYPE_CHECKING, TypeVar

import msgspec
from msgspec import Struct

from lint_multistage.facts.images import Image, ImageTable, merged, normalise, reachable
from lint_multistage.facts.packages import FAMILIES, Package, PackageTable, unpinned

if TYPE_CHECKING:
    from lint_multistage.facts.installers import InstallerTable, PlaceFile

DATA = os.path.join(os.path.dirname(__file__), "data")
T = TypeVar("T")


class ImageFile(Struct, frozen=True, forbid_unknown_fields=True):
    """The form of `images.json`; `checked` is the day on which its records were last gone through."""

    checked: str
    images: tuple[Image, ...]


class Recommends(Struct, frozen=True, forbid_unknown_fields=True):
    """Toolchains that come with a package of apt unless recommended packages are turned off."""

    checked: str
    source: str
    apt: dict[str, tuple[str, ...]]


class PackageFile(Struct, frozen=True, forbid_unknown_fields=True):
    """The form of `packages.json`: the records of each family of package managers."""

    checked: str
    source: str
    recommends: Recommends
    managers: dict[str, tuple[Package, ...]]


@cache
def built_in_images() -> ImageTable:
    return ImageTable(_read("images.json", ImageFile).images)


@cache
def _package_file() -> PackageFile:
    return _read("packages.json", PackageFile)


@cache
def built_in_packages() -> dict[str, PackageTable]:
    """The built-in packages by family."""
    managers = _package_file().managers
    return {family: PackageTable(packages) for family, packages in managers.items()}


@cache
def built_in_weights() -> dict[str, str]:
    """The weight of every toolchain: "toolchain", "runtime-ok" or "aux"."""
    return _read("toolchains.json", dict[str, str])


@cache
def official_images() -> frozenset[str]:
    """The names of the official images of Docker Hub, those that are no longer built among them."""
    return _read("official.json", frozenset[str])


@cache
def built_in_installers() -> InstallerTable:
    from lint_multistage.facts.installers import InstallerFile, InstallerTable

    return InstallerTable(_read("installers.json", InstallerFile).installers)


@cache
def _place_file() -> PlaceFile:
    from lint_multistage.facts.installers import PlaceFile

    return _read("places.json", PlaceFile)


@cache
def _places() -> dict[str, dict[str, str]]:
    """Where toolchains lie, by repository and toolchain."""
    return {name: record.places for record in _place_file().images for name in record.repositories}


class Facts:
    """What is known of base images and packages. Made by `load`; `extended` makes another and leaves this as it is."""

    def __init__(
        self,
        images: tuple[ImageTable, ...] = (),
        packages: tuple[Mapping[str, PackageTable], ...] = (),
        like: Mapping[str, str] = {},
    ) -> None:
        """`images` and `packages` (by family) are asked in order, before the built-in ones; `like` says which
        repository holds the same images as which other.
        """
        self._images = images
        self._packages = packages
        self._like = like

    def image(self, repository: str, tag: str | None) -> Image | None:
        """The record of an image, None when it is unknown.

        `repository` is as a reference has it; `tag` "" is latest, and None means that only a digest is known: then the
        answer holds what is common to the repository's variants.
        """
        name = self._name(repository)
        tables = (*self._images, built_in_images())
        if tag is None:
            return merged(reachable(self.variants(name)))
        for table in tables:
            if image := table.find(name, tag or "latest"):
                return image
        return None

    def variants(self, repository: str) -> list[Image]:
        """All records of a repository, in the order in which they are asked."""
        name = self._name(repository)
        return [image for table in (*self._images, built_in_images()) for image in table.variants(name)]

    def is_known(self, name: str) -> bool:
        """Whether Docker Hub has an official image of that name, or a fact speaks of one; no registry, no tag."""
        return self.is_official(name) or bool(self.variants(name))

    def is_official(self, name: str) -> bool:
        """Whether Docker Hub has an official image of that name."""
        return normalise(name) in official_images()

    def _name(self, repository: str) -> str:
        name = normalise(repository)
        return self._like.get(name, name)

    def package(self, manager: str, name: str) -> Package | None:
        """The record of a package, None when it is nothing to speak of; `name` may carry a version pin."""
        family = FAMILIES.get(manager)
        if family is None:
            return None
        names = unpinned(family, name)
        for tables in (*self._packages, built_in_packages()):
            table = tables.get(family)
            if table and (package := table.find(names)):
                return package
        return None

    def recommended(self, manager: str, name: str) -> tuple[str, ...]:
        """The toolchains that a package brings along on Debian and Ubuntu unless recommended ones are turned off."""
        if FAMILIES.get(manager) != "apt":
            return ()
        return _package_file().recommends.apt.get(unpinned("apt", name)[0], ())

    @property
    def installers(self) -> InstallerTable:
        """The other ways a toolchain gets into an image."""
        return built_in_installers()

    def place(self, repository: str, toolchain: str) -> str | None:
        """Where a toolchain lies in an image of that repository, as a shell pattern; None where that is not known."""
        return _places().get(self._name(repository), {}).get(toolchain)

    def package_place(self, toolchain: str) -> str | None:
        """Where a toolchain lies that a distribution's package brings; None where that is not known."""
        return _place_file().packages.get(toolchain)

    def usual_places(self, toolchain: str) -> tuple[str, ...]:
        """Where a toolchain lies as a rule, as shell patterns."""
        return _place_file().usual.get(toolchain, ())

    def told_by(self, path: str) -> tuple[str, ...]:
        """The toolchains that a path tells of, whatever image it is in."""
        return _place_file().telling.get(path, ())

    def heavy(self, toolchain: str) -> bool:
        """Whether the toolchain is worth a finding by itself; one that only a plugin knows is."""
        return built_in_weights().get(toolchain, "toolchain") == "toolchain"

    def extended(
        self, images: Iterable[Image], packages: Mapping[str, Iterable[Package]], like: Mapping[str, str] = {}
    ) -> Facts:
        """These facts under those given, which are asked first; `packages` are by package manager, and `like` are
        normalised repositories by those that hold the same images.

        ValueError names a regular expression that is none, and a package manager that is unknown.
        """
        table = ImageTable(_checked(images, lambda image: image.tags))
        by_family: dict[str, list[Package]] = {}
        for manager, records in packages.items():
            if manager not in FAMILIES:
                raise ValueError(f"unknown package manager {manager!r}")
            by_family.setdefault(FAMILIES[manager], []).extend(_checked(records, lambda package: package.pattern))
        tables = {family: PackageTable(records) for family, records in by_family.items()}
        return Facts((table, *self._images), (tables, *self._packages), {**self._like, **like})


def load() -> Facts:
    """The built-in facts; no file is read before something is asked."""
    return Facts()


def _read(name: str, form: type[T]) -> T:
    with open(os.path.join(DATA, name), "rb") as file:
        return msgspec.json.decode(file.read(), type=form)


def _checked(records: Iterable[T], pattern: Callable[[T], str]) -> list[T]:
    """The records, each of whose patterns compiles."""
    records = list(records)
    for record in records:
        try:
            re.compile(pattern(record))
        except re.error as error:
            raise ValueError(f"invalid regular expression {pattern(record)!r}: {error}") from None
    return records
