"""A language server for Dockerfiles: what the protocol asks, and who answers."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import TypeVar

from lsprotocol import types
from pygls.exceptions import JsonRpcException, JsonRpcInvalidParams
from pygls.lsp.server import LanguageServer
from pygls.workspace import TextDocument

from lint_multistage import __version__
from lint_multistage.check import page_url
from lint_multistage.fixing import FixOptions, fix
from lint_multistage.linting import Options
from lint_multistage.lsp import actions, completion, hovers, outline, renaming
from lint_multistage.lsp.diagnostics import NAME, diagnostics, sendable
from lint_multistage.lsp.editor import Editor, Opened, watched, with_client_settings
from lint_multistage.lsp.names import home, readers, stage_at
from lint_multistage.lsp.positions import Positions
from lint_multistage.plugins import PluginError
from lint_multistage.settings.errors import UsageError
from lint_multistage.text import Edit, Source, Span

DELAY = 0.04
"""Seconds without a change after which a text is linted."""
T = TypeVar("T")
_SORTS = {
    "stage": types.CompletionItemKind.Module,
    "file": types.CompletionItemKind.File,
    "folder": types.CompletionItemKind.Folder,
}


def make_server(options: Options) -> LanguageServer:
    """A server, ready to start, that answers for the open Dockerfiles under `options`."""
    # Whole texts are sent: parts of one would be put together with other line ends than the protocol's.
    server = LanguageServer(NAME, __version__, text_document_sync_kind=types.TextDocumentSyncKind.Full)
    session = _Session(server, options)

    @server.feature(types.INITIALIZE)
    def initialize(params: types.InitializeParams) -> None:
        session.initial = with_client_settings(options, params.initialization_options)
        session.editor.options = session.initial

    @server.feature(types.INITIALIZED)
    async def initialized(_: types.InitializedParams) -> None:
        await session.watch()

    @server.feature(types.TEXT_DOCUMENT_DID_OPEN)
    def opened(params: types.DidOpenTextDocumentParams) -> None:
        session.open(params.text_document.uri)

    @server.feature(types.TEXT_DOCUMENT_DID_CHANGE)
    def changed(params: types.DidChangeTextDocumentParams) -> None:
        session.lint_soon(params.text_document.uri)

    @server.feature(types.TEXT_DOCUMENT_DID_SAVE)
    def saved(params: types.DidSaveTextDocumentParams) -> None:
        session.read_anew(params.text_document.uri)

    @server.feature(types.TEXT_DOCUMENT_DID_CLOSE)
    def closed(params: types.DidCloseTextDocumentParams) -> None:
        session.close(params.text_document.uri)

    @server.feature(types.WORKSPACE_DID_CHANGE_WATCHED_FILES)
    def files_changed(_: types.DidChangeWatchedFilesParams) -> None:
        session.read_anew()

    @server.feature(types.WORKSPACE_DID_CHANGE_CONFIGURATION)
    def configured(params: types.DidChangeConfigurationParams) -> None:
        # Eglot tells of its settings after each start, also where there are none.
        session.editor.options = with_client_settings(session.initial, params.settings)
        session.read_anew()

    _answers(server, session)
    return server


def _answers(server: LanguageServer, session: _Session) -> None:
    """What the client asks of a document."""

    @server.feature(
        types.TEXT_DOCUMENT_CODE_ACTION, types.CodeActionOptions([types.CodeActionKind.QuickFix, actions.FIX_ALL])
    )
    def code_action(params: types.CodeActionParams) -> list[types.CodeAction]:
        found = session.ask(params.text_document.uri, lambda opened: list(session.actions(opened, params)))
        return found or []

    @server.feature(types.TEXT_DOCUMENT_HOVER)
    def hover(params: types.HoverParams) -> types.Hover | None:
        return session.ask(params.text_document.uri, lambda opened: session.hover(opened, params.position))

    @server.feature(types.TEXT_DOCUMENT_DEFINITION)
    def definition(params: types.DefinitionParams) -> types.Location | None:
        def answer(opened: Opened) -> types.Location | None:
            found = stage_at(opened.survey, opened.positions.offset(params.position))
            return types.Location(opened.uri, opened.positions.range(home(found[0]))) if found else None

        return session.ask(params.text_document.uri, answer)

    @server.feature(types.TEXT_DOCUMENT_REFERENCES)
    def references(params: types.ReferenceParams) -> list[types.Location]:
        declared = params.context.include_declaration
        found = session.ask(
            params.text_document.uri, lambda opened: session.references(opened, params.position, declared)
        )
        return found or []

    @server.feature(types.TEXT_DOCUMENT_PREPARE_RENAME)
    def prepare_rename(params: types.PrepareRenameParams) -> types.Range | None:
        def answer(opened: Opened) -> types.Range:
            return opened.positions.range(renaming.renamed(opened.survey, opened.positions.offset(params.position)))

        return session.ask(params.text_document.uri, answer)

    @server.feature(types.TEXT_DOCUMENT_RENAME, types.RenameOptions(prepare_provider=True))
    def rename(params: types.RenameParams) -> types.WorkspaceEdit | None:
        return session.ask(
            params.text_document.uri, lambda opened: session.rename(opened, params.position, params.new_name)
        )

    @server.feature(types.TEXT_DOCUMENT_DOCUMENT_SYMBOL)
    def symbols(params: types.DocumentSymbolParams) -> list[types.DocumentSymbol]:
        return session.ask(params.text_document.uri, lambda x: outline.symbols(x.survey, x.positions)) or []

    @server.feature(types.TEXT_DOCUMENT_FOLDING_RANGE)
    def folds(params: types.FoldingRangeParams) -> list[types.FoldingRange]:
        return session.ask(params.text_document.uri, lambda x: list(outline.folds(x.survey, x.positions))) or []

    @server.feature(types.TEXT_DOCUMENT_CODE_LENS)
    def lenses(params: types.CodeLensParams) -> list[types.CodeLens]:
        return session.ask(params.text_document.uri, lambda x: list(outline.lenses(x.survey, x.positions))) or []

    @server.feature(types.TEXT_DOCUMENT_INLAY_HINT)
    def inlays(params: types.InlayHintParams) -> list[types.InlayHint]:
        return session.ask(params.text_document.uri, lambda x: list(outline.inlays(x.survey, x.positions))) or []

    @server.feature(types.TEXT_DOCUMENT_COMPLETION, types.CompletionOptions(trigger_characters=["=", " ", "/", ","]))
    def complete(params: types.CompletionParams) -> list[types.CompletionItem]:
        found = session.ask(params.text_document.uri, lambda opened: session.completion(opened, params.position))
        return found or []


class _Session:
    """One client: what it is shown, and what waits for a pause in typing."""

    def __init__(self, server: LanguageServer, options: Options) -> None:
        self.server = server
        self.editor = Editor(options)
        # Under what the client said when it started; later settings are laid over them.
        self.initial = options
        self._waiting: dict[str, asyncio.TimerHandle] = {}
        self._told: dict[str, str] = {}
        # What is shown in other files, by the Dockerfile that it comes from.
        self._elsewhere: dict[str, dict[str, list[types.Diagnostic]]] = {}

    async def watch(self) -> None:
        """Ask the client to tell of changed files, where it can."""
        workspace = self.server.client_capabilities.workspace
        files = workspace.did_change_watched_files if workspace else None
        if not files or not files.dynamic_registration:
            return
        watchers: Sequence[types.FileSystemWatcher] = [types.FileSystemWatcher(glob) for glob in watched()]
        registration = types.Registration(
            f"{NAME}-files",
            types.WORKSPACE_DID_CHANGE_WATCHED_FILES,
            types.DidChangeWatchedFilesRegistrationOptions(watchers),
        )
        # A client that refuses tells when it saves, at least.
        with suppress(JsonRpcException):
            await self.server.client_register_capability_async(types.RegistrationParams([registration]))

    def open(self, uri: str) -> None:
        """Lint a document that was opened; a build file changes what is said of the Dockerfiles."""
        document = self._document(uri)
        if self.editor.lay_over(document):
            self._lint_all()
        else:
            self.editor.forget()
            self.lint(uri)

    def lint_soon(self, uri: str) -> None:
        """Lint the document when nothing has changed for a while."""
        self._forget(uri)
        self._waiting[uri] = asyncio.get_running_loop().call_later(DELAY, self._changed, uri)

    def _changed(self, uri: str) -> None:
        self._forget(uri)
        if self.server.workspace.text_documents.get(uri) is None:
            return
        if self.editor.lay_over(self._document(uri)):
            self._lint_all()
        else:
            self.lint(uri)

    def read_anew(self, uri: str = "") -> None:
        """Settings or build files may have changed: lint all open Dockerfiles again, the one at `uri` first."""
        self.editor.forget()
        if uri:
            self.lint(uri)
        self._lint_all(but=uri)

    def _lint_all(self, but: str = "") -> None:
        self.editor.workspace = self.server.workspace
        for document in self.editor.dockerfiles():
            if document.uri != but:
                self.lint(document.uri)

    def lint(self, uri: str) -> None:
        """Lint the text as it is in the editor, and show what was found."""
        self._forget(uri)
        document = self._document(uri)
        shown: list[types.Diagnostic] = []
        told, elsewhere = "", {}
        try:
            opened = self.editor.opened(uri)
            if opened is None and document not in self.editor.dockerfiles():
                return
            if opened is not None:
                told = "\n".join(failure.message for failure in opened.results.failures)
                shown = diagnostics(opened.results.findings, uri, opened.path, opened.positions)
                elsewhere = self.editor.elsewhere(opened)
        except (UsageError, PluginError) as error:
            told = str(error)
        except Exception as error:  # the server must outlive whatever a text does to it
            told = f"internal error, please report it: {type(error).__name__}: {error}"
        self._tell(uri, told)
        self._publish(uri, shown, document.version)
        self._show_elsewhere(uri, elsewhere)

    def close(self, uri: str) -> None:
        """Take back what is shown of a document."""
        self._forget(uri)
        self.editor.take_away(self._document(uri))
        # What was linted is a Dockerfile; what is left may have been a build file.
        if self._told.pop(uri, None) is None:
            self._lint_all()
        else:
            self._show_elsewhere(uri, {})
            self._publish(uri, [], None)

    def ask(self, uri: str, answer: Callable[[Opened], T]) -> T | None:
        """What is answered for an open Dockerfile; None for other documents, and where settings are wrong."""
        self.editor.workspace = self.server.workspace
        try:
            opened = self.editor.opened(uri)
            return answer(opened) if opened is not None else None
        except (UsageError, PluginError):
            return None
        except renaming.RenameError as error:
            raise JsonRpcInvalidParams(sendable(str(error))) from None

    def actions(self, opened: Opened, params: types.CodeActionParams) -> list[types.CodeAction]:
        """The code actions for a range."""
        positions, only = opened.positions, params.context.only
        found: list[types.CodeAction] = []
        span = Span(positions.offset(params.range.start), positions.offset(params.range.end))
        if actions.wants(types.CodeActionKind.QuickFix, only):
            asked = params.context.diagnostics
            for action, edits in actions.quick_fixes(opened.dockerfile, opened.linted.findings, span, asked, positions):
                action.edit = self._edit(opened, edits)
                found.append(action)
        if actions.wants_all(only):
            fixed = fix(self.editor.linter(opened.path), opened.dockerfile, opened.settings, FixOptions())
            if fixed.count:
                text = opened.positions.source.text
                whole = _difference(text, fixed.dockerfile.source.text)
                title = f"Fix all that is safe to fix ({fixed.count})"
                found.append(types.CodeAction(title, kind=actions.FIX_ALL, edit=self._edit(opened, [whole])))
        return found

    def hover(self, opened: Opened, position: types.Position) -> types.Hover | None:
        """What is told of a place, in Markdown or plain text as the client can show it."""
        checks = self.editor.linter(opened.path).plugins.checks
        urls = {check.code: page_url(check) for check in checks}
        found = hovers.hover(opened.survey, opened.linted.findings, urls, opened.positions.offset(position))
        if found is None:
            return None
        text, span = found
        wanted = self.server.client_capabilities.text_document
        formats = wanted.hover.content_format if wanted and wanted.hover else None
        kind = types.MarkupKind.Markdown
        if formats and types.MarkupKind.Markdown not in formats:
            kind, text = types.MarkupKind.PlainText, hovers.plain(text)
        return types.Hover(types.MarkupContent(kind, sendable(text)), opened.positions.range(span))

    def references(self, opened: Opened, position: types.Position, declared: bool) -> list[types.Location]:
        """Where a stage is read, and where build files ask for it."""
        found = stage_at(opened.survey, opened.positions.offset(position))
        if found is None:
            return []
        stage = found[0]
        spans = [home(stage)] if declared else []
        spans += [reference.word.span for reference in readers(opened.survey, stage)]
        locations = [types.Location(opened.uri, opened.positions.range(span)) for span in dict.fromkeys(spans)]
        for request in self.editor.linter(opened.path).builds.requests(opened.path):
            if request.target and request.target.lower() == stage.name:
                positions = self._positions(request.path)
                start = positions.at(request.line, request.column)
                end = positions.at(request.line, request.column + len(request.target))
                locations.append(types.Location(self.editor.uri_of(request.path), types.Range(start, end)))
        return locations

    def rename(self, opened: Opened, position: types.Position, name: str) -> types.WorkspaceEdit:
        """The edits that rename the stage at a place wherever it is named."""
        requests = self.editor.linter(opened.path).builds.requests(opened.path)
        spans, elsewhere = renaming.places(opened.survey, opened.positions.offset(position), name, requests, self._line)
        changes = {opened.uri: actions.text_edits([Edit(span, name) for span in spans], opened.positions)}
        for place in elsewhere:
            positions = self._positions(place.path)
            start = positions.at(place.line, place.column)
            end = positions.at(place.line, place.column + len(place.word))
            edit = types.TextEdit(types.Range(start, end), name)
            changes.setdefault(self.editor.uri_of(place.path), []).append(edit)
        return types.WorkspaceEdit(changes=changes)

    def completion(self, opened: Opened, position: types.Position) -> list[types.CompletionItem]:
        """What can be written at a place."""
        text = opened.positions.source.text
        offset = opened.positions.offset(position)
        return [
            types.CompletionItem(
                suggestion.text,
                kind=_SORTS[suggestion.kind],
                detail=sendable(suggestion.about),
                sort_text=f"{number:04}",
                text_edit=types.TextEdit(
                    types.Range(opened.positions.of(suggestion.start), position), sendable(suggestion.text)
                ),
            )
            for number, suggestion in enumerate(completion.suggestions(opened.survey, text, offset))
        ]

    def _edit(self, opened: Opened, edits: Sequence[Edit]) -> types.WorkspaceEdit:
        """Edits of a document; of this version of it where the client can tell versions apart."""
        changed = actions.text_edits(edits, opened.positions)
        workspace = self.server.client_capabilities.workspace
        if workspace and workspace.workspace_edit and workspace.workspace_edit.document_changes:
            version = self._document(opened.uri).version
            identifier = types.OptionalVersionedTextDocumentIdentifier(uri=opened.uri, version=version)
            return types.WorkspaceEdit(document_changes=[types.TextDocumentEdit(identifier, list(changed))])
        return types.WorkspaceEdit(changes={opened.uri: changed})

    def _positions(self, path: str) -> Positions:
        return Positions(self.editor.text(path), self.server.workspace.position_encoding)

    def _line(self, path: str, number: int) -> str:
        source = Source.of(path, self.editor.text(path))
        return source.line(number) if 0 < number <= len(source.starts) else ""

    def _document(self, uri: str) -> TextDocument:
        self.editor.workspace = self.server.workspace
        return self.server.workspace.get_text_document(uri)

    def _publish(self, uri: str, shown: list[types.Diagnostic], version: int | None) -> None:
        here = [each for found in self._elsewhere.values() for each in found.get(uri, ())]
        self.server.text_document_publish_diagnostics(types.PublishDiagnosticsParams(uri, [*shown, *here], version))

    def _show_elsewhere(self, uri: str, found: dict[str, list[types.Diagnostic]]) -> None:
        """Show what a Dockerfile's build files are told, and take back what was shown there before."""
        before = self._elsewhere.pop(uri, {})
        if found:
            self._elsewhere[uri] = found
        for other in before.keys() | found.keys():
            self._publish(other, [], None)

    def _tell(self, uri: str, message: str) -> None:
        """Show a message once for all documents that it concerns; an empty one says that all is well again."""
        new = message and message not in self._told.values()
        self._told[uri] = message
        if new:
            shown = types.ShowMessageParams(types.MessageType.Error, sendable(f"{NAME}: {message}"))
            self.server.window_show_message(shown)

    def _forget(self, uri: str) -> None:
        waiting = self._waiting.pop(uri, None)
        if waiting:
            waiting.cancel()


def _difference(before: str, after: str) -> Edit:
    """One edit that makes the second text of the first: what they begin and end with in common is left alone."""
    start = 0
    shorter = min(len(before), len(after))
    while start < shorter and before[start] == after[start]:
        start += 1
    end = 0
    while end < shorter - start and before[len(before) - 1 - end] == after[len(after) - 1 - end]:
        end += 1
    return Edit(Span(start, len(before) - end), after[start : len(after) - end])
