"""Facts about the other ways a toolchain gets into an image: installers, archives, and where each lies."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence

from msgspec import Struct


class Installer(Struct, frozen=True, forbid_unknown_fields=True):
    """Something that brings toolchains and that no package manager knows of.

    `kind` says what makes it one: an "archive" is unpacked, a "script" is run, a "program" is fetched, a repository is
    cloned ("clone"), and a "command" does it by itself. It is known by `urls` (texts of which the URL contains one),
    by the name of its file (`file`, a regular expression; every match contains `contains`), by `programs` (names of the
    script or program that is run) or by `commands` (their first words, options left out). `needs` is a text that the
    URL must contain, `unless` a regular expression for what excludes it: the URL, or the command that runs.

    An archive holds the folder `inside` (a shell pattern, "" for its contents as such). What is installed lies at
    `places` (shell words; the first is the one that matters; "./" is the folder of the program that runs), or where one
    of the options `into` says. `core` is the part of it, below that folder, by which it is known where the folder has
    other things too, as /usr/local has. `removed_by` are commands that remove it. `image` is an image that has the same
    toolchain.
    """

    name: str
    kind: str
    toolchains: tuple[str, ...]
    urls: tuple[str, ...] = ()
    file: str = ""
    contains: str = ""
    programs: tuple[str, ...] = ()
    commands: tuple[str, ...] = ()
    needs: str = ""
    unless: str = ""
    inside: str = ""
    core: str = ""
    places: tuple[str, ...] = ()
    into: tuple[str, ...] = ()
    removed_by: tuple[str, ...] = ()
    image: str = ""
    sources: tuple[str, ...] = ()

    def excluded(self, text: str) -> bool:
        """Whether `text`, a URL or a command, says that it brings no toolchain."""
        return bool(self.unless) and re.search(self.unless, text) is not None


class InstallerTable:
    """Installers, found by what is fetched or run."""

    def __init__(self, installers: Iterable[Installer]) -> None:
        self._urls: list[tuple[str, Installer]] = []
        self._files: list[Installer] = []
        self._programs: dict[str, Installer] = {}
        self._commands: dict[str, list[tuple[tuple[str, ...], Installer]]] = {}
        self._removals: dict[str, list[tuple[tuple[str, ...], Installer]]] = {}
        for installer in installers:
            self._urls += ((url, installer) for url in installer.urls)
            if installer.file:
                self._files.append(installer)
            for program in installer.programs:
                self._programs.setdefault(program, installer)
            for commands, table in ((installer.commands, self._commands), (installer.removed_by, self._removals)):
                for command in commands:
                    words = tuple(command.split())
                    table.setdefault(words[0], []).append((words, installer))

    def of_url(self, url: str) -> Installer | None:
        """What a URL fetches; `*` stands for a part of it that is not known."""
        found = next((installer for text, installer in self._urls if text in url and installer.needs in url), None)
        if found is None:
            return self.of_file(url.partition("?")[0])
        archive = found.kind == "archive" and ("?" in url or url.endswith(_BESIDE))
        return None if archive or found.excluded(url if found.kind == "archive" else "") else found

    def of_file(self, path: str) -> Installer | None:
        """What a file of that name is."""
        name = path.rpartition("/")[2]
        if len(name) > _LONGEST_NAME:
            return None
        for installer in self._files:
            if installer.contains in name and re.search(installer.file, name):
                return None if installer.kind == "archive" and installer.excluded(name) else installer
        return None

    def of_program(self, name: str) -> Installer | None:
        """What a script or program of that name installs."""
        return self._programs.get(name)

    def of_command(self, words: Sequence[str]) -> Iterator[Installer]:
        """What a command installs; `words` are its words, options left out."""
        return _of_words(words, self._commands)

    def removed_by(self, words: Sequence[str]) -> Iterator[Installer]:
        """What a command removes."""
        return _of_words(words, self._removals)


_LONGEST_NAME = 255
# Checksums and signatures lie beside an archive.
_BESIDE = (".asc", ".sig", ".sha256", ".sha512", ".sha256sum", ".md5", ".txt", ".json")


def _of_words(words: Sequence[str], table: dict[str, list[tuple[tuple[str, ...], Installer]]]) -> Iterator[Installer]:
    for first, installer in table.get(words[0], ()) if words else ():
        if tuple(words[: len(first)]) == first:
            yield installer


class Places(Struct, frozen=True, forbid_unknown_fields=True):
    """Where the toolchains of some repositories lie, as shell patterns by toolchain."""

    repositories: tuple[str, ...]
    places: dict[str, str]
    sources: tuple[str, ...] = ()


class PlaceFile(Struct, frozen=True, forbid_unknown_fields=True):
    """The form of `places.json`.

    `packages` say where the toolchains of distributions lie, `usual` where a toolchain lies as a rule, and `telling`
    which paths say by themselves what they hold.
    """

    checked: str
    images: tuple[Places, ...]
    packages: dict[str, str]
    usual: dict[str, tuple[str, ...]]
    telling: dict[str, tuple[str, ...]]


class InstallerFile(Struct, frozen=True, forbid_unknown_fields=True):
    """The form of `installers.json`."""

    checked: str
    installers: tuple[Installer, ...]
