"""Which files are linted: the pattern of their names, and the walk through folders."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterable
from functools import cache

from msgspec import Struct

from lint_multistage.settings.errors import UsageError
from lint_multistage.settings.gitignore import Rules, ignored, rules_above, rules_in
from lint_multistage.settings.globs import exactly, relative, within
from lint_multistage.settings.settings import Settings
from lint_multistage.settings.tables import NAMES

TEMPLATE_ENDINGS = ("j2", "jinja", "jinja2", "tmpl", "tpl", "in", "erb", "mustache", "hbs")

FOREIGN_ENDINGS = tuple(
    (
        "bak bat c cc cfg cpp cs css csv diff dockerignore el ex exs gif go gz htm html ini ipynb java jpg js json jsx "
        "kt less lock log lua md mdx old orig patch pdf php pl png ps1 py pyc rb rej rs rst scala scss sh snap svg "
        "swift swo swp tar tmp toml ts tsx txt vim vue xml yaml yml zip"
    ).split()
)

DOCKERFILE = (
    r"(?i)(^|/)"
    rf"(?![^/]*(\.({'|'.join(FOREIGN_ENDINGS + TEMPLATE_ENDINGS)})|~)$)"
    r"((docker|container)file([.-][^/]+)?|[^/]+\.(docker|container)file)$"
)
"""The names that are linted when a folder is walked, for `re.search` on a path with `/`."""


class Found(Struct, frozen=True):
    """What a walk brings, each sorted: `files` to lint, `templates` passed over, folders that are `unreadable`."""

    files: tuple[str, ...] = ()
    templates: tuple[str, ...] = ()
    unreadable: tuple[str, ...] = ()


@cache
def _name() -> re.Pattern[str]:
    return re.compile(DOCKERFILE)


def dockerfile_name(path: str) -> bool:
    """Whether a file with this path is linted when its folder is walked."""
    return bool(_name().search(path.replace(os.sep, "/")))


def template_name(path: str) -> bool:
    """Whether the path ends as files do from which a Dockerfile is made."""
    stem, dot, ending = os.path.basename(path).rpartition(".")
    return bool(stem and dot) and ending.lower() in TEMPLATE_ENDINGS


def _template_stem(name: str) -> str:
    while template_name(name):
        name = name.rpartition(".")[0]
    return name


def walk(paths: Iterable[str], settings_of: Callable[[str], Settings]) -> Found:
    """The files that `paths` (files, folders, `-`) mean; UsageError for a path that does not exist.

    A file in `paths` is taken whatever its name, unless `force-exclude` and `exclude` say otherwise; folders are
    walked for Dockerfiles, but not those behind symbolic links, which may lead anywhere. Each file comes once, under
    the spelling that is no symbolic link or else sorts first. `settings_of` gives the settings of a file.
    """
    walker = _Walk(settings_of)
    for path in sorted(set(paths), key=lambda path: (os.path.islink(path), path)):
        walker.take(path)
    return Found(
        tuple(sorted(spelling for _, spelling in walker.files.values())),
        tuple(sorted(spelling for _, spelling in walker.templates.values())),
        tuple(sorted(walker.unreadable)),
    )


class _Folder(Struct, frozen=True):
    """A folder to walk: as reports spell it, its absolute and its real path, and what holds in it."""

    spelling: str
    path: str
    real: str
    settings: Settings
    rules: tuple[Rules, ...]


class _Walk:
    """The state of one walk: files and templates by real path, each with whether its spelling is a link."""

    def __init__(self, settings_of: Callable[[str], Settings]) -> None:
        self.settings_of = settings_of
        self.files: dict[str, tuple[bool, str]] = {}
        self.templates: dict[str, tuple[bool, str]] = {}
        self.unreadable: list[str] = []
        self.walked: set[str] = set()

    def take(self, path: str) -> None:
        """An argument."""
        if path == "-":
            self.files[path] = (False, path)
            return
        absolute, spelling = os.path.abspath(path), _plain(path)
        if os.path.isdir(path):
            settings = self.settings_of(os.path.join(path, "Dockerfile"))
            if not _forced_out(absolute + "/", settings):
                prefix = "" if spelling == "." else spelling.rstrip("/") + "/"
                self.walk(_Folder(prefix, absolute, os.path.realpath(path), settings, rules_above(absolute)))
        elif not os.path.exists(path):
            raise UsageError(f"{path}: there is no such file or folder")
        elif not _forced_out(absolute, self.settings_of(path)):
            _keep(self.files, os.path.realpath(path), os.path.islink(path), spelling)

    def walk(self, top: _Folder) -> None:
        """A folder and all below it."""
        waiting = [top]
        while waiting:
            folder = waiting.pop()
            if folder.real not in self.walked:
                self.walked.add(folder.real)
                waiting += self.enter(folder)

    def enter(self, folder: _Folder) -> list[_Folder]:
        """Take the files of one folder, and give the folders in it that are to be walked."""
        try:
            with os.scandir(folder.path) as scan:
                entries = {entry.name: entry for entry in scan}
        except OSError:
            self.unreadable.append(folder.spelling.rstrip("/") or folder.spelling or ".")
            return []
        repository = ".git" in entries
        settings = folder.settings
        if repository or any(name in entries for name in NAMES):
            settings = self.settings_of(os.path.join(folder.path, "Dockerfile"))
        rules = folder.rules
        if repository or ".gitignore" in entries:
            rules = rules_in(folder.path, rules, repository=repository, own=".gitignore" in entries)
        inside = relative(folder.path, settings.root)
        inside = inside and inside + "/"
        excluded = exactly((*settings.exclude, *settings.extend_exclude)).fullmatch
        folders: list[_Folder] = []
        for name, entry in entries.items():
            is_folder = entry.is_dir(follow_symlinks=False)
            kept = None if is_folder else self.kept(name)
            end = "/" if is_folder else ""
            path = os.path.join(folder.path, name)
            if not is_folder and kept is None:
                continue
            if excluded(inside + name + end) or (rules and ignored(path + end, rules)):
                continue
            real, link = os.path.join(folder.real, name), entry.is_symlink()
            if is_folder:
                folders.append(_Folder(f"{folder.spelling}{name}/", path, real, settings, rules))
            elif kept is not None and os.path.isfile(path):
                _keep(kept, os.path.realpath(path) if link else real, link, folder.spelling + name)
        return folders

    def kept(self, name: str) -> dict[str, tuple[bool, str]] | None:
        """Where a file of that name belongs: among the files, the templates, or nowhere."""
        if dockerfile_name(name):
            return self.files
        return self.templates if template_name(name) and dockerfile_name(_template_stem(name)) else None


def _keep(kept: dict[str, tuple[bool, str]], real: str, link: bool, spelling: str) -> None:
    """Remember the better of two spellings of one file."""
    kept[real] = min(kept.get(real, (link, spelling)), (link, spelling))


def _forced_out(path: str, settings: Settings) -> bool:
    if not settings.force_exclude:
        return False
    patterns = (*settings.exclude, *settings.extend_exclude)
    return bool(within(patterns).fullmatch(relative(path, settings.root)))


def _plain(path: str) -> str:
    """The argument as reports spell it: with `/`, and without a leading `./`."""
    path = path.replace(os.sep, "/")
    while path.startswith("./") and path.strip("./"):
        path = path[2:].lstrip("/")
    return path if path.strip("./") or path.startswith(("/", "..")) else "."
