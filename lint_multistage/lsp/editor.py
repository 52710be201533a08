"""What the server remembers: the editor's texts, the linter, and what was last made of each Dockerfile."""

from __future__ import annotations

import os
from collections.abc import Iterable
from typing import Any

from lsprotocol import types
from msgspec import Struct
from pygls.uris import from_fs_path
from pygls.workspace import TextDocument, Workspace

from lint_multistage.building import build_file_name
from lint_multistage.engine import Linted
from lint_multistage.findings import Note
from lint_multistage.linting import FileResults, Linter, Options, read_text, settings_of, without_template
from lint_multistage.lsp.diagnostics import NAME, diagnostics
from lint_multistage.lsp.positions import Positions
from lint_multistage.model.dockerfile import Dockerfile
from lint_multistage.plugins import Plugins, load_plugins
from lint_multistage.settings.files import dockerfile_name, walk
from lint_multistage.settings.settings import Settings
from lint_multistage.survey import Survey

LANGUAGE = "dockerfile"


class Opened(Struct, frozen=True):
    """A Dockerfile of the editor under examination: its text there, what was found, and what is known of it."""

    uri: str
    path: str
    positions: Positions
    dockerfile: Dockerfile
    settings: Settings
    survey: Survey
    linted: Linted
    results: FileResults


class Editor:
    """The texts of one editor and what the linter makes of them. Settings and build files are read once until
    `forget` is called; what is open in the editor is laid over the disk.
    """

    def __init__(self, options: Options) -> None:
        self.options = options
        self.workspace: Workspace | None = None
        self._plugins: dict[tuple[str, ...], Plugins] = {}
        self._linter: Linter | None = None
        self._opened: dict[str, Opened] = {}
        self._texts: dict[str, str] = {}

    def forget(self) -> None:
        """Read settings and build files anew when they are next needed."""
        self._linter = None
        self._opened.clear()

    def lay_over(self, document: TextDocument) -> bool:
        """Take the text of a document, and say whether it may be one that says how Dockerfiles are built."""
        if is_dockerfile(document) or not document.path or not build_file_name(document.path):
            return False
        self._texts[os.path.realpath(document.path)] = document.source
        self.forget()
        return True

    def take_away(self, document: TextDocument) -> None:
        """The document is no longer open: what is on the disk counts."""
        self._opened.pop(document.uri, None)
        if self._texts.pop(os.path.realpath(document.path), None) is not None:
            self.forget()

    def dockerfiles(self) -> list[TextDocument]:
        """The Dockerfiles that are open."""
        documents = self.workspace.text_documents.values() if self.workspace else ()
        return [document for document in documents if is_dockerfile(document)]

    def text(self, path: str) -> str:
        """The text of a file, as it is in the editor where it is open there; "" where it cannot be read."""
        document = self._document(path)
        if document is not None:
            return str(document.source)
        try:
            with open(path, encoding="utf-8", errors="surrogateescape", newline="") as file:
                return file.read()
        except OSError:
            return ""

    def linter(self, path: str) -> Linter:
        """The linter; UsageError and PluginError where settings or plugins are wrong."""
        if self._linter is None:
            required = settings_of(path, self.options).require_plugins
            if required not in self._plugins:
                self._plugins[required] = load_plugins(required)
            self._linter = Linter(self._plugins[required], self.options, self._texts)
        return self._linter

    def opened(self, uri: str) -> Opened | None:
        """An open Dockerfile, looked at as it is now; None for other documents, excluded files and templates.

        UsageError and PluginError where settings or plugins are wrong.
        """
        document = self.workspace.text_documents.get(uri) if self.workspace else None
        if document is None or not is_dockerfile(document):
            return None
        text = document.source
        known = self._opened.get(uri)
        if known is None or known.positions.source.text != text:
            known = self._looked_at(document, text)
            if known is None:
                self._opened.pop(uri, None)
            else:
                self._opened[uri] = known
        return known

    def _looked_at(self, document: TextDocument, text: str) -> Opened | None:
        path = document.path
        linter = self.linter(path)
        # An excluded file is left alone, as the pre-commit hooks leave it.
        if os.path.exists(path) and not walk([path], linter.settings).files:
            return None
        settings = linter.settings(path)
        dockerfile = without_template(read_text(path, text, settings), linter.options)
        if isinstance(dockerfile, Note):
            return None
        linted = linter.run(dockerfile, settings)
        encoding = self.workspace.position_encoding if self.workspace else None
        return Opened(
            document.uri,
            path,
            Positions(text, encoding),
            dockerfile,
            settings,
            linter.survey(dockerfile, settings),
            linted,
            linter.results(dockerfile, settings, linted),
        )

    def elsewhere(self, opened: Opened) -> dict[str, list[types.Diagnostic]]:
        """The diagnostics of a Dockerfile's findings that lie in other files, by their URIs."""
        found: dict[str, list[types.Diagnostic]] = {}
        for path in dict.fromkeys(x.path for x in opened.results.findings if x.path != opened.path):
            full = os.path.abspath(path)
            uri = self.uri_of(full)
            encoding = self.workspace.position_encoding if self.workspace else None
            positions = Positions(self.text(full), encoding)
            found[uri] = diagnostics(opened.results.findings, uri, path, positions)
        return found

    def uri_of(self, path: str) -> str:
        """The URI of a file: the editor's own where it is open."""
        document = self._document(path)
        return str(document.uri) if document is not None else from_fs_path(path) or ""

    def _document(self, path: str) -> TextDocument | None:
        """The document of a file that is open in the editor, by whatever path."""
        real = os.path.realpath(path)
        documents = self.workspace.text_documents.values() if self.workspace else ()
        return next((each for each in documents if each.path and os.path.realpath(each.path) == real), None)


def is_dockerfile(document: TextDocument) -> bool:
    """Whether a document is linted: by the editor's word for its language, or by its name."""
    return document.language_id == LANGUAGE or dockerfile_name(document.path or "")


def with_client_settings(options: Options, given: Any) -> Options:
    """The options under what the client says: `config`, `select`, `ignore`, `target` and `preview`, also below the name
    of the server. What is no such thing is passed over.
    """
    if isinstance(given, dict) and isinstance(given.get(NAME), dict):
        given = given[NAME]
    if not isinstance(given, dict):
        return options
    from msgspec.structs import replace

    overrides = dict(options.overrides)
    for key in ("select", "ignore", "extend-select", "extend-ignore", "target"):
        value = given.get(key, given.get(_camel(key)))
        if isinstance(value, list) and all(isinstance(item, str) for item in value):
            overrides[key] = (f"the editor's setting {NAME}.{_camel(key)}", value or None)
    if isinstance(given.get("preview"), bool):
        overrides["preview"] = (f"the editor's setting {NAME}.preview", "true" if given["preview"] else "false")
    config = given.get("config")
    return replace(
        options, overrides=overrides, config=config if config and isinstance(config, str) else options.config
    )


def _camel(key: str) -> str:
    first, *rest = key.split("-")
    return first + "".join(word.capitalize() for word in rest)


def watched() -> Iterable[str]:
    """Glob patterns of the files whose changes are to be told: they say how Dockerfiles are built or linted."""
    return (
        "**/*.{yml,yaml,hcl,toml,mk,json}",
        "**/{Makefile,makefile,GNUmakefile,justfile,Justfile,Tiltfile,Jenkinsfile,Earthfile}",
        "**/{setup.cfg,tox.ini,.dockerignore,*.dockerignore}",
        "**/*.sh",
    )
