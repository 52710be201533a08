"""Facts about packages that are compilers, build tools, headers and the like, by package manager."""

from __future__ import annotations

import re
from collections.abc import Iterable

from msgspec import Struct

# Package managers that draw on the same names.
FAMILIES = {
    "apt": "apt",
    "apt-get": "apt",
    "aptitude": "apt",
    "apk": "apk",
    "dnf": "dnf",
    "yum": "dnf",
    "microdnf": "dnf",
    "tdnf": "dnf",
    "zypper": "zypper",
    "pacman": "pacman",
    "conda": "conda",
    "mamba": "conda",
    "micromamba": "conda",
}


class Package(Struct, frozen=True, forbid_unknown_fields=True):
    """A package, or the packages that a pattern covers.

    Either `name` is exact or `pattern` is a regular expression for the whole name; `contains` is a text that every
    match contains, so that most patterns need not be compiled. `kind` is compiler, build-tool, sdk, dev-headers, vcs
    or debugger; `runtime` names the corresponding runtime package for people, "" where unknown.
    """

    name: str = ""
    pattern: str = ""
    contains: str = ""
    toolchains: tuple[str, ...] = ()
    kind: str = ""
    runtime: str = ""


def unpinned(family: str, name: str) -> tuple[str, ...]:
    """The names that a package argument may mean, likeliest first: as written less what certainly is a pin, and for
    dnf also less what looks like a version, since `gcc-12.2.0` and `gcc-toolset-12` are written alike."""
    if family == "apt":
        return (re.split(r"[=/:]", name, maxsplit=1)[0],)
    if family == "apk":
        return (re.split(r"[=~<>@]", name, maxsplit=1)[0],)
    if family == "conda":
        return (re.split(r"[=<>!~\[ ]", name.rpartition("::")[2].strip(), maxsplit=1)[0],)
    if family == "pacman":
        return (re.split(r"[=<>]", name.rpartition("/")[2], maxsplit=1)[0],)
    plain = re.sub(r"\.(x86_64|i[3-6]86|aarch64|armv7hl|ppc64le|s390x|noarch)$", "", re.split(r"\s*[=<>]", name)[0])
    shorter = re.sub(r"(?<=.)-\d[^-]*(-\d[^-]*)?$", "", plain)
    return (plain,) if shorter == plain else (plain, shorter)


class PackageTable:
    """The package records of one family, found by name: exact names first, then patterns in order."""

    def __init__(self, packages: Iterable[Package]) -> None:
        self._names: dict[str, Package] = {}
        self._patterns: list[Package] = []
        for package in packages:
            if package.name:
                self._names.setdefault(package.name, package)
            else:
                self._patterns.append(package)

    def find(self, names: Iterable[str]) -> Package | None:
        """The record of the first of `names` that has one."""
        for name in names:
            if package := self._names.get(name):
                return package
        for name in names:
            for package in self._patterns:
                if package.contains in name and re.fullmatch(package.pattern, name):
                    return package
        return None
