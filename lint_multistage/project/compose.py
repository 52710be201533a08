"""Builds that compose files ask for."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator, Mapping

from msgspec import Struct
from msgspec.structs import replace

from lint_multistage.late import late_regex
from lint_multistage.project.files import ProjectFiles, joined
from lint_multistage.project.requests import BuildRequest, Inline
from lint_multistage.project.variables import Expanded, expand, read_env
from lint_multistage.project.yaml_nodes import Node

# Compose takes the first of these, and lays an override file over it.
BASES = ("compose.yaml", "compose.yml", "docker-compose.yml", "docker-compose.yaml")
SUFFIX = late_regex(r"\.ya?ml$", re.IGNORECASE)
REMOTE = late_regex(r"[A-Za-z][A-Za-z0-9+.-]*://|git@|github\.com/")
SCALARS = ("context", "dockerfile", "dockerfile_inline", "target")
# Keys of a service that say nothing of how it runs.
_OF_BUILDS = frozenset(("build", "image", "platform", "profiles", "pull_policy"))

# Enough for thousands of services; what aliases multiply ends here.
MAX_WORK = 50_000
MAX_CHAIN = 50


class _Value(Struct, frozen=True):
    """A value with its place; a path in it starts in `folder`."""

    text: str | None
    free: bool
    path: str
    line: int
    column: int
    folder: str


class _Build(Struct, frozen=True):
    """What the files read so far say of one service's build; `cleared` are keys that they take from the files below."""

    path: str
    line: int
    column: int
    folder: str
    values: Mapping[str, _Value]
    arguments: Mapping[str, str | None]
    contexts: Mapping[str, str]
    cleared: frozenset[str] = frozenset()

    def over(self, lower: _Build | None) -> _Build:
        """This build where it and `lower` speak of the same service: scalars are replaced, maps merged."""
        if lower is None or "build" in self.cleared:
            return self
        kept = {key: value for key, value in lower.values.items() if key not in self.cleared}
        return _Build(
            self.path,
            self.line,
            self.column,
            self.folder,
            {**kept, **self.values},
            {**({} if "args" in self.cleared else lower.arguments), **self.arguments},
            {**({} if "additional_contexts" in self.cleared else lower.contexts), **self.contexts},
            lower.cleared,
        )


class _Enough(Exception):
    """The file asks for more work than any real one."""


def read_compose(path: str, files: ProjectFiles) -> list[BuildRequest]:
    """The builds of the services in the compose file at `path`, those of the files that it includes with them.

    A file beside a base file whose name it continues (compose.dev.yaml, an override file) is read as laid over that
    base, and gives the services whose build it changes; the base counts by itself, too. A target that depends on
    variables comes twice: as their defaults and `.env` have it, and as None, for whoever builds may set them.
    """
    reading = _Reading(files)
    builds: list[tuple[str, _Build]] = []
    try:
        builds.extend(reading.builds(path))
    except _Enough:
        files.note(path, "not read in full: what it repeats is too much")
    given = {value for _, build in builds for value in build.contexts.values()}
    found: dict[tuple[object, ...], BuildRequest] = {}
    for name, build in builds:
        part = f"service:{name}" in given and reading.never_runs(name)
        for request in _requests(name, build, files, ships=not part):
            found.setdefault((request.path, request.line, request.column, name, request.target is None), request)
    return list(found.values())


def base_of(path: str, files: ProjectFiles) -> str | None:
    """The compose file that the one at `path` is laid over; None for a file that stands alone."""
    folder, name = posixpath.split(path)
    if name in BASES:
        return None
    for base in BASES:
        stem = SUFFIX.sub("", base)
        if name.startswith(stem) and name[len(stem) :][:1] in (".", "-", "_"):
            beside = posixpath.join(folder, base)
            if files.exists(beside):
                return beside
    return None


class _Reading:
    """The reading of one file and of those that it leads to."""

    def __init__(self, files: ProjectFiles) -> None:
        self.files = files
        self.work = 0
        self.variables: dict[str, Mapping[str, str | None]] = {}
        self.done: dict[tuple[str, str, str], _Build | None] = {}
        self.known: dict[str, dict[str, Node]] = {}
        self.included: set[str] = set()

    def builds(self, path: str) -> Iterator[tuple[str, _Build]]:
        """The services with a build in the file at `path`, laid over its base, and in those that it includes."""
        base = base_of(path, self.files)
        services = self.services(path)
        if base is not None and all(_complete(service) for service in services.values()):
            base = None
        below = self.services(base) if base is not None else {}
        for name in services:
            build = self.build(path, name, posixpath.dirname(path))
            if build is not None and base is not None and name in below:
                build = build.over(self.build(base, name, posixpath.dirname(base)))
            if build is not None:
                yield name, build
        self.included.add(path)
        yield from self.includes(path, posixpath.dirname(path), 0)

    def includes(self, path: str, folder: str, depth: int) -> Iterator[tuple[str, _Build]]:
        """The builds of the files that the one at `path` includes; of several for one entry, each over the first."""
        entries = (document.get("include") for document in self.files.yaml(path))
        for entry in (value for node in entries if node is not None for value in node.values):
            names = entry.get("path") if entry.is_mapping else entry
            if names is None or depth > MAX_CHAIN:
                continue
            paths = [self.file(name, path, folder) for name in (names.values or (names,))]
            place = entry.get("project_directory")
            home = self.file(place, path, folder) if place is not None else None
            for at, other in enumerate(paths):
                if other is None or other in self.included:
                    continue
                self.included.add(other)
                inside = home if home is not None else posixpath.dirname(paths[0] or other)
                below = paths[0] if at else None
                for name in self.services(other):
                    build = self.build(other, name, inside)
                    if build is not None and below is not None:
                        build = build.over(self.build(below, name, inside))
                    if build is not None:
                        yield name, build
                yield from self.includes(other, inside, depth + 1)

    def services(self, path: str) -> Mapping[str, Node]:
        """The services of a file by name."""
        if path in self.known:
            return self.known[path]
        found = self.known[path] = {}
        for document in self.files.yaml(path):
            services = document.get("services")
            if services is not None:
                found.update((name, node) for name, node in services.items() if node.is_mapping)
            elif "version" not in document.fields and "include" not in document.fields:
                # The first form of compose files had the services outermost.
                found.update((name, node) for name, node in document.items() if _complete(node))
        return found

    def build(self, path: str, name: str, folder: str, depth: int = 0) -> _Build | None:
        """What the file at `path`, and what its service extends, say of that service's build."""
        key = (path, name, folder)
        if key in self.done:
            return self.done[key]
        self.spend(3)
        # What extends itself finds nothing below.
        self.done[key] = None
        service = self.services(path).get(name)
        if service is None or depth > MAX_CHAIN:
            return None
        own = self.own(service, path, folder)
        extends = service.get("extends")
        if extends is not None and own is not _REMOVED:
            other, at = path, folder
            file = extends.get("file")
            named = self.expanded(extends.get("service") or extends, path).text
            if file is not None:
                elsewhere = self.file(file, path, folder)
                other, at = elsewhere or "", posixpath.dirname(elsewhere or "")
            lower = self.build(other, named, at, depth + 1) if named and other else None
            own = own.over(lower) if own is not None else lower
        self.done[key] = None if own is _REMOVED else own
        return self.done[key]

    def own(self, service: Node, path: str, folder: str) -> _Build | None:
        """What one service in one file says of its build."""
        node = service.get("build")
        if node is None or node.null:
            return _REMOVED if node is not None and node.tag == "!reset" else None
        place = service.key("build") or node
        values: dict[str, _Value] = {}
        cleared = {"build"} if node.tag == "!override" else set()
        if node.is_scalar:
            values["context"] = self.value(node, path, folder)
            old = service.get("dockerfile")
            if old is not None:
                values["dockerfile"] = self.value(old, path, folder)
        for key in SCALARS:
            value = node.get(key)
            if value is not None and value.tag == "!reset":
                cleared.add(key)
            elif value is not None and not value.null:
                values[key] = self.value(value, path, folder)
        for key in ("args", "additional_contexts"):
            table = node.get(key)
            if table is not None and table.tag:
                cleared.add(key)
        arguments = {name: value.text if value else None for name, value in self.table(node.get("args"), path)}
        contexts = {
            name: _context(value.text if value else None, folder)
            for name, value in self.table(node.get("additional_contexts"), path)
        }
        return _Build(path, place.line, place.column, folder, values, arguments, contexts, frozenset(cleared))

    def never_runs(self, name: str) -> bool:
        """Whether no file that was read lets the service run, so that it is there only to be built."""
        return all(_only_built(services[name]) for services in self.known.values() if name in services)

    def table(self, node: Node | None, path: str) -> Iterator[tuple[str, Expanded | None]]:
        """The entries of a mapping, or of a list of `NAME=value`; None where there is no value."""
        if node is None or node.tag == "!reset":
            return
        for name, value in node.items():
            yield name, None if value.null or not value.is_scalar else self.expanded(value, path)
        for value in node.values:
            name, equals, _ = value.text.partition("=")
            expanded = self.expanded(value, path)
            if equals and expanded.text is not None:
                expanded = Expanded(expanded.text.partition("=")[2], expanded.free)
            yield name, expanded if equals else None

    def value(self, node: Node, path: str, folder: str) -> _Value:
        expanded = self.expanded(node, path)
        text = node.text if node.style == "|" and expanded.text is None else expanded.text
        column = node.column if node.text_line == node.line else 1
        return _Value(text, expanded.free, path, node.text_line, column, folder)

    def file(self, node: Node, path: str, folder: str) -> str | None:
        """The path of a file that `node` names, relative to the root."""
        text = self.expanded(node, path).text
        return joined(folder, text) if text and not REMOTE.match(text) else None

    def spend(self, work: int) -> None:
        self.work += work
        if self.work > MAX_WORK:
            raise _Enough

    def expanded(self, node: Node, path: str) -> Expanded:
        self.spend(1 + len(node.text) // 50)
        if not node.is_scalar:
            return Expanded(None)
        folder = posixpath.dirname(path)
        if "$" in node.text and folder not in self.variables:
            env = posixpath.join(folder, ".env")
            self.variables[folder] = read_env(self.files.read(env) or "")
        return expand(node.text, self.variables.get(folder, {}))


_REMOVED = _Build("", 0, 0, "", {}, {}, {})
"""Stands for `build: !reset null`."""


def _complete(service: Node) -> bool:
    """Whether a service says by itself what it runs, so that its file need not be laid over another."""
    build = service.get("build")
    if build is not None and build.is_mapping:
        return "context" in build.fields or "dockerfile_inline" in build.fields
    return build is not None or "image" in service.fields or "extends" in service.fields


def _only_built(service: Node) -> bool:
    """Whether a service says nothing of how it runs, or that it never does."""
    copies = service.get("scale") or service.get("deploy", "replicas")
    return (copies is not None and copies.text == "0") or _OF_BUILDS.issuperset(service.fields)


def _context(text: str | None, folder: str) -> str:
    """The value of a named context: a path is made relative to the root; "" is not known."""
    if not text or REMOTE.match(text) or text.startswith(("service:", "target:")):
        return text or ""
    return joined(folder, text) or text


def _placed(folder: str, context: str, file: str, files: ProjectFiles) -> tuple[str | None, str | None]:
    """The paths of context and Dockerfile that a compose file in `folder` writes; None outside the root.

    They start in that folder, unless the Dockerfile lies where they lead from a folder above: people run such a
    compose file with `--project-directory`.
    """
    own = joined(folder, context)
    nominal = joined(own, file) if own is not None else None
    if nominal is None or files.exists(nominal):
        return own, nominal
    inside = joined("", posixpath.join(context, file))
    telling = inside is not None and ("/" in inside or inside != "Dockerfile")
    while folder and telling:
        folder = posixpath.dirname(folder)
        base = joined(folder, context)
        path = joined(base, file) if base is not None else None
        if path is not None and files.exists(path):
            return base, path
    return own, nominal


def _requests(name: str, build: _Build, files: ProjectFiles, *, ships: bool) -> Iterator[BuildRequest]:
    """What a build asks for; nothing where its Dockerfile certainly is none of the project's."""
    values = build.values
    inline = values.get("dockerfile_inline")
    given = values.get("context")
    file = values.get("dockerfile")
    text = given.text if given is not None else "."
    name_of_file = file.text if file is not None and inline is None else "Dockerfile"
    context: str | None = None
    dockerfile: str | None = None
    if text is not None and not REMOTE.match(text):
        folder = given.folder if given is not None else build.folder
        context, dockerfile = _placed(folder, text or ".", name_of_file or "Dockerfile", files)
    if text is not None and dockerfile is None and inline is None:
        return
    if inline is not None or name_of_file is None:
        dockerfile = None
    target = values.get("target")
    place = target or inline or build
    request = BuildRequest(
        path=place.path,
        line=place.line,
        column=place.column,
        kind="compose",
        name=name,
        dockerfile=dockerfile,
        target=target.text if target is not None else "",
        context=context,
        arguments=build.arguments,
        contexts=build.contexts,
        ships=ships,
        inline=Inline(inline.text or "", inline.path, inline.line) if inline is not None else None,
    )
    yield request
    if target is not None and target.free and target.text is not None:
        yield replace(request, target=None)
