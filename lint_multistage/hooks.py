"""The hooks that plugins implement, the built-in checks and reports among them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING

import pluggy
from msgspec import Struct

from lint_multistage.check import Check

if TYPE_CHECKING:
    from lint_multistage.facts import Image, Package
    from lint_multistage.results import Results

PROJECT = "lint_multistage"
hookspec = pluggy.HookspecMarker(PROJECT)
hookimpl = pluggy.HookimplMarker(PROJECT)


class MoreFacts(Struct, frozen=True):
    """What a plugin knows of images, and of packages by manager (apt, apk, dnf, zypper, pacman, conda); asked first."""

    images: tuple[Image, ...] = ()
    packages: Mapping[str, tuple[Package, ...]] = {}


class Hooks:
    """The hook specifications."""

    @hookspec
    def lint_multistage_checks(self) -> Iterable[type[Check]]:
        """The plugin's checks. Their codes start with the plugin's prefix, which is the name of its entry point."""
        raise NotImplementedError

    @hookspec
    def lint_multistage_reports(self) -> Mapping[str, Callable[[Results], str]]:
        """Reports by the name that `--format` takes: each makes the text of a whole run."""
        raise NotImplementedError

    @hookspec
    def lint_multistage_facts(self) -> MoreFacts:
        """Images and packages of a company."""
        raise NotImplementedError
