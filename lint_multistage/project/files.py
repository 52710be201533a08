"""The files of a repository that may say how its Dockerfiles are built."""

from __future__ import annotations

import os
import posixpath
import re
from collections.abc import Mapping
from functools import cache
from typing import TYPE_CHECKING

from lint_multistage.late import late_regex

if TYPE_CHECKING:
    from lint_multistage.project.yaml_nodes import Node

MAX_FILES = 5_000
MAX_BYTES = 50_000_000
MAX_FILE_BYTES = 1_000_000
MAX_UNREAD_BYTES = 100_000
MAX_ENTRIES = 500_000
MAX_SNIFFED = 1_000
MAX_SNIFFED_BYTES = 20_000

SKIPPED = frozenset(
    (
        ".bzr .direnv .eggs .git .hg .mypy_cache .nox .pytest_cache .ruff_cache .svn .terraform .tox .venv __pycache__ "
        "bower_components node_modules site-packages venv"
    ).split()
)
"""Folders that are never entered: those that the walk for Dockerfiles leaves out as well."""

SCRIPT_FOLDERS = frozenset(("", "scripts", "script", "hack", "bin", "ci", ".ci", "build", "tools"))
"""The names of folders ("" is the root) in which a file without a suffix may be a shell script."""

# By file name, in lower case; where two fit, the first counts.
KINDS = (
    ("compose", r"([^/]*[._-])?compose([._-][^/]*)?\.ya?ml"),
    ("bake", r"docker-bake([._-][^/]*)?\.json|[^/]+\.hcl"),
    ("gitlab", r"([^/]*[._-])?gitlab-ci\.ya?ml"),
    ("azure", r"azure-pipelines?([._-][^/]*)?\.ya?ml"),
    ("jenkins", r"jenkinsfile([._-][^/]*)?|[^/]+\.jenkinsfile"),
    ("cloudbuild", r"cloudbuild([._-][^/]*)?\.(ya?ml|json)"),
    ("make", r"(gnu)?makefile([._-][^/]*)?|[^/]+\.(mk|make|makefile)"),
    ("just", r"\.?justfile|[^/]+\.just"),
    ("taskfile", r"taskfile(\.[^/]*)?\.ya?ml"),
    ("script", r"[^/]+\.(sh|bash)"),
    ("package", r"package\.json"),
    ("skaffold", r"skaffold([._-][^/]*)?\.ya?ml"),
    ("tilt", r"tiltfile|[^/]+\.tiltfile"),
    ("devcontainer", r"\.?devcontainer\.json"),
    ("earthly", r"earthfile"),
    ("werf", r"werf([._-][^/]*)?\.ya?ml"),
    ("action", r"action\.ya?ml"),
)
# By the folder, too, where the file's name alone says nothing.
PLACES = (
    ("workflow", r"(^|/)\.(github|gitea|forgejo)/workflows/[^/]+\.ya?ml$"),
    ("circleci", r"(^|/)\.circleci/[^/]+\.ya?ml$"),
    ("gitlab", r"(^|/)\.gitlab/(ci/)?([^/]+/)*[^/]+\.ya?ml$"),
)
BUILDS = late_regex(rb"(?i)(docker|podman|buildah|nerdctl|buildx)[^\n\0]* (build|bud)\b")
# HCL is the language of other programs, too.
BAKE_NAME = late_regex(r"(?i)(^|/)docker-bake[^/]*$")
BAKE = late_regex(rb"(?m)^[ \t]*(target|group)[ \t]+\"")
SHELL = late_regex(rb"#!\s*\S*/(env\s+(-S\s+)?)?(ba|da|k|z|a)?sh\b")


def kind_of(path: str) -> str | None:
    """What kind of build file has this path (relative to the root, with `/`); None for a file of no such kind.

    The kinds are compose, bake, workflow, action, gitlab, circleci, azure, jenkins, cloudbuild, make, just, taskfile,
    script, package, skaffold, tilt, devcontainer, earthly and werf. A file without a suffix in one of the
    SCRIPT_FOLDERS is a script by its path, and every HCL file a bake file by its name; `ProjectFiles` lists the one
    only where its first line names a shell, or it builds, and the other where it has targets.
    """
    folder, _, name = path.rpartition("/")
    kind = _kind_of_name(name.lower())
    if kind is None and folder and name.endswith((".yml", ".yaml")):
        return next((kind for kind, place in _places() if place.search(path)), None)
    if kind is None and _bare(name) and folder.rpartition("/")[2].lower() in SCRIPT_FOLDERS:
        return "script"
    return kind


def build_file_pattern() -> str:
    """A regular expression for the paths of all kinds but scripts without suffix: for `re.search`, case ignored."""
    names = "|".join(pattern for _, pattern in KINDS)
    return "|".join((rf"(^|/)({names})$", *(place for _, place in PLACES)))


def joined(folder: str, path: str) -> str | None:
    """`path`, as a file in `folder` (relative to the root, "" or "." for the root) writes it, relative to the root.

    "." is the root itself; None for what lies outside, absolute paths and `~` among it.
    """
    path = path.replace("\\", "/")
    if path.startswith(("/", "~")) or path[1:3] == ":/" or "\0" in path:
        return None
    whole = posixpath.normpath(posixpath.join(folder or ".", path))
    return None if whole == ".." or whole.startswith("../") else whole


def _bare(name: str) -> bool:
    return "." not in name and not name.lower().startswith(("dockerfile", "containerfile", "license"))


@cache
def _names() -> re.Pattern[str]:
    return re.compile("|".join(f"(?P<{kind}_{at}>{pattern})" for at, (kind, pattern) in enumerate(KINDS)))


@cache
def _places() -> tuple[tuple[str, re.Pattern[str]], ...]:
    return tuple((kind, re.compile(pattern)) for kind, pattern in PLACES)


def _kind_of_name(name: str) -> str | None:
    match = _names().fullmatch(name)
    return match.lastgroup.partition("_")[0] if match and match.lastgroup else None


_NO_TEXTS: Mapping[str, str] = {}


class ProjectFiles:
    """The build files below a root folder, listed and read once, each when first asked for.

    Paths are relative to the root, with `/`. Nothing outside the root is read, not even through a symbolic link.
    `texts` are laid over the disk, by real path. `notes` holds (path, message) for what was passed over, once for a
    path, in the order in which it was found out.
    """

    def __init__(self, root: str, texts: Mapping[str, str] = _NO_TEXTS) -> None:
        self.root = os.path.realpath(root)
        self._over = texts
        self.notes: list[tuple[str, str]] = []
        self._noted: set[str] = set()
        self._paths: tuple[str, ...] | None = None
        self._kinds: dict[str, tuple[str, ...]] = {}
        self._texts: dict[str, str | None] = {}
        self._beginnings: dict[str, str] = {}
        self._documents: dict[str, tuple[Node, ...]] = {}
        self._present: dict[str, bool] = {}
        self._bytes = 0

    def note(self, path: str, message: str) -> None:
        """Remember why `path` could not be read, or not in full; the first reason is enough."""
        if path not in self._noted:
            self._noted.add(path)
            self.notes.append((path, message))

    def paths(self) -> tuple[str, ...]:
        """All build files, sorted; where there are too many, those in the outer folders, and a note."""
        if self._paths is None:
            self._paths = tuple(sorted(self._listed()))
        return self._paths

    def of_kind(self, kind: str) -> tuple[str, ...]:
        """The build files of one kind."""
        if kind not in self._kinds:
            self._kinds[kind] = tuple(path for path in self.paths() if kind_of(path) == kind)
        return self._kinds[kind]

    def read(self, path: str) -> str | None:
        """The text of a file, which need not be a build file; None where it cannot be read, is too large or no text."""
        if path not in self._texts:
            self._texts[path] = self._read(path)
        return self._texts[path]

    def seen(self, path: str) -> str:
        """What was seen of a file's text, though it may be too large to be read."""
        return self._texts.get(path) or self._beginnings.get(path, "")

    def yaml(self, path: str) -> tuple[Node, ...]:
        """The YAML documents of a file; none where it cannot be read, with a note."""
        if path not in self._documents:
            from lint_multistage.project.yaml_nodes import load_all

            text = self.read(path)
            documents = load_all(text) if text is not None else None
            if documents is not None and documents.problem:
                self.note(path, f"not read in full: {documents.problem}" if documents.roots else documents.problem)
            self._documents[path] = documents.roots if documents is not None else ()
        return self._documents[path]

    def exists(self, path: str) -> bool:
        """Whether there is a file of that path in the root."""
        if path not in self._present:
            self._present[path] = self._inside(path) is not None
        return self._present[path]

    def _listed(self) -> list[str]:
        found: list[str] = []
        size = entries = sniffed = 0
        folders = [""]
        # Breadth first, so that what lies near the root is not lost where there is too much.
        for folder in folders:
            try:
                with os.scandir(os.path.join(self.root, folder)) as scan:
                    inside = sorted(scan, key=lambda entry: entry.name)
            except OSError:
                self.note(folder or ".", "the folder cannot be read")
                continue
            entries += len(inside)
            if entries > MAX_ENTRIES:
                self.note("", f"more than {MAX_ENTRIES:,} files; build files were looked for in the outer folders only")
                break
            prefix = folder + "/" if folder else ""
            for entry in inside:
                path = prefix + entry.name
                if entry.is_dir(follow_symlinks=False):
                    if entry.name not in SKIPPED:
                        folders.append(path)
                    continue
                kind = kind_of(path)
                if kind is None:
                    continue
                if (kind == "script" and "." not in entry.name) or (kind == "bake" and not BAKE_NAME.search(path)):
                    sniffed += 1
                    if sniffed > MAX_SNIFFED or not (self._is_shell(path) if kind == "script" else self._bakes(path)):
                        continue
                real = self._inside(path) if entry.is_symlink() else os.path.join(self.root, path)
                try:
                    size += os.stat(real).st_size if real else 0
                except OSError:
                    real = None
                if real is None:
                    continue
                if len(found) == MAX_FILES or size > MAX_BYTES:
                    limit = f"{MAX_FILES:,} build files" if len(found) == MAX_FILES else f"{MAX_BYTES // 10**6} MB"
                    self.note("", f"more than {limit}; the rest of them was not read")
                    return found
                found.append(path)
        return found

    def _inside(self, path: str) -> str | None:
        """The real path of a file that lies in the root."""
        try:
            real = os.path.realpath(os.path.join(self.root, path))
            inside = real.startswith(self.root.rstrip(os.sep) + os.sep)
            return real if inside and os.path.isfile(real) else None
        except (OSError, ValueError):
            return None

    def _is_shell(self, path: str) -> bool:
        start = self._start(path)
        if start.startswith(b"#!"):
            return bool(SHELL.match(start))
        # A script that others source, or start with `sh`, may do without.
        return bool(BUILDS.search(start))

    def _bakes(self, path: str) -> bool:
        return bool(BAKE.search(self._start(path)))

    def _start(self, path: str) -> bytes:
        """The first bytes of a file; none where it cannot be read."""
        real = self._inside(path)
        try:
            if real is not None:
                with open(real, "rb") as file:
                    return file.read(MAX_SNIFFED_BYTES)
        except OSError:
            pass
        return b""

    def _read(self, path: str) -> str | None:
        real = self._inside(path)
        if real is None:
            return None
        if real in self._over:
            return self._over[real]
        try:
            with open(real, "rb") as file:
                data = file.read(MAX_FILE_BYTES + 1)
        except OSError as error:
            self.note(path, f"it cannot be read: {error.strerror or 'unknown reason'}")
            return None
        if len(data) > MAX_FILE_BYTES:
            self.note(path, f"not read: it is larger than {MAX_FILE_BYTES // 10**6} MB")
            self._beginnings[path] = data[:MAX_UNREAD_BYTES].decode("utf-8-sig", "surrogateescape")
            return None
        if b"\0" in data:
            self.note(path, "not read: it is no text")
            return None
        self._bytes += len(data)
        if self._bytes > 2 * MAX_BYTES:
            self.note("", f"more than {2 * MAX_BYTES // 10**6} MB; the rest was not read")
            return None
        return data.decode("utf-8-sig", "surrogateescape")
