"""A language server that shows findings while a Dockerfile is edited: diagnostics only, pushed by the server."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable

from lsprotocol import types
from pygls.lsp.server import LanguageServer
from pygls.uris import from_fs_path
from pygls.workspace import TextDocument

from lint_multistage import __version__
from lint_multistage.findings import Severity
from lint_multistage.linting import FileResults, Linter, Options, settings_of
from lint_multistage.lsp.positions import Positions
from lint_multistage.plugins import PluginError, Plugins, load_plugins
from lint_multistage.results import Place, PlacedFinding
from lint_multistage.settings.errors import UsageError
from lint_multistage.settings.files import dockerfile_name, walk

NAME = "lint-multistage"
LANGUAGE = "dockerfile"
DELAY = 0.15
"""Seconds without a change after which a text is linted."""

_SEVERITIES = {
    Severity.ERROR: types.DiagnosticSeverity.Error,
    Severity.WARNING: types.DiagnosticSeverity.Warning,
    Severity.INFO: types.DiagnosticSeverity.Information,
}


def make_server(options: Options) -> LanguageServer:
    """A server, ready to start, that lints the open Dockerfiles under `options`."""
    # Whole texts are sent: parts of one would be put together with other line ends than the protocol's.
    server = LanguageServer(NAME, __version__, text_document_sync_kind=types.TextDocumentSyncKind.Full)
    editor = _Editor(server, options)

    @server.feature(types.TEXT_DOCUMENT_DID_OPEN)
    def opened(params: types.DidOpenTextDocumentParams) -> None:
        editor.lint(params.text_document.uri, fresh=True)

    @server.feature(types.TEXT_DOCUMENT_DID_CHANGE)
    def changed(params: types.DidChangeTextDocumentParams) -> None:
        editor.lint_soon(params.text_document.uri)

    @server.feature(types.TEXT_DOCUMENT_DID_SAVE)
    def saved(params: types.DidSaveTextDocumentParams) -> None:
        editor.lint(params.text_document.uri, fresh=True)

    @server.feature(types.TEXT_DOCUMENT_DID_CLOSE)
    def closed(params: types.DidCloseTextDocumentParams) -> None:
        editor.close(params.text_document.uri)

    return server


class _Editor:
    """What the server remembers: plugins, settings, and the lintings that wait for a pause in typing."""

    def __init__(self, server: LanguageServer, options: Options) -> None:
        self.server = server
        self.options = options
        self.plugins: dict[tuple[str, ...], Plugins] = {}
        self.linter: Linter | None = None
        self.waiting: dict[str, asyncio.TimerHandle] = {}
        self.told: dict[str, str] = {}

    def lint_soon(self, uri: str) -> None:
        """Lint the document when nothing has changed for a while."""
        self._forget(uri)
        self.waiting[uri] = asyncio.get_running_loop().call_later(DELAY, self.lint, uri)

    def lint(self, uri: str, fresh: bool = False) -> None:
        """Lint the text as it is in the editor and show what was found; `fresh` reads the settings anew."""
        self._forget(uri)
        document = self.server.workspace.text_documents.get(uri)
        if document is None or not _is_dockerfile(document):
            return
        if fresh:
            self.linter = None
        diagnostics: list[types.Diagnostic] = []
        told = ""
        try:
            results = self._results(document)
            told = "\n".join(failure.message for failure in results.failures)
            diagnostics = list(map(self._converter(document), results.findings))
        except (UsageError, PluginError) as error:
            told = str(error)
        except Exception as error:  # the server must outlive whatever a text does to it
            told = f"internal error, please report it: {type(error).__name__}: {error}"
        self._tell(uri, told)
        self._publish(uri, diagnostics, document.version)

    def close(self, uri: str) -> None:
        """Take back what is shown of a document."""
        self._forget(uri)
        self.told.pop(uri, None)
        self._publish(uri, [], None)

    def _results(self, document: TextDocument) -> FileResults:
        """UsageError and PluginError where settings or plugins are wrong."""
        path = document.path
        if self.linter is None:
            required = settings_of(path, self.options).require_plugins
            if required not in self.plugins:
                self.plugins[required] = load_plugins(required)
            self.linter = Linter(self.plugins[required], self.options)
        # An excluded file is left alone, as the pre-commit hooks leave it.
        if os.path.exists(path) and not walk([path], self.linter.settings).files:
            return FileResults(path)
        return self.linter.lint_text(path, document.source)

    def _converter(self, document: TextDocument) -> Callable[[PlacedFinding], types.Diagnostic]:
        positions = Positions(document.source, self.server.workspace.position_encoding)

        def related(place: Place) -> types.DiagnosticRelatedInformation:
            if place.path == document.path:
                uri, start = document.uri, positions.at(place.line, place.column)
            else:
                uri = from_fs_path(os.path.abspath(place.path)) or document.uri
                start = types.Position(max(place.line - 1, 0), 0)
            return types.DiagnosticRelatedInformation(
                types.Location(uri, types.Range(start, start)), _sendable(place.message)
            )

        def diagnostic(finding: PlacedFinding) -> types.Diagnostic:
            return types.Diagnostic(
                range=types.Range(
                    positions.at(finding.line, finding.column), positions.at(finding.end_line, finding.end_column)
                ),
                severity=_SEVERITIES[finding.severity],
                code=finding.code,
                code_description=types.CodeDescription(finding.url) if finding.url else None,
                source=NAME,
                message=_sendable("\n".join(part for part in (finding.message, finding.hint) if part)),
                related_information=list(map(related, finding.related)) or None,
            )

        return diagnostic

    def _publish(self, uri: str, diagnostics: list[types.Diagnostic], version: int | None) -> None:
        self.server.text_document_publish_diagnostics(types.PublishDiagnosticsParams(uri, diagnostics, version))

    def _tell(self, uri: str, message: str) -> None:
        """Show a message once for all documents that it concerns; an empty one says that all is well again."""
        new = message and message not in self.told.values()
        self.told[uri] = message
        if new:
            shown = types.ShowMessageParams(types.MessageType.Error, _sendable(f"{NAME}: {message}"))
            self.server.window_show_message(shown)

    def _forget(self, uri: str) -> None:
        waiting = self.waiting.pop(uri, None)
        if waiting:
            waiting.cancel()


def _is_dockerfile(document: TextDocument) -> bool:
    return document.language_id == LANGUAGE or dockerfile_name(document.path)


def _sendable(text: str) -> str:
    """`text` without surrogates, which no message to the client can hold."""
    return text.encode("utf-8", "replace").decode("utf-8")
