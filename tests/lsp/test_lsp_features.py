"""What the language server answers, asked over its protocol as an editor does."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest
import pytest_lsp
from lsprotocol import types
from pygls.exceptions import JsonRpcException
from pytest_lsp import ClientServerConfig, LanguageClient, client_capabilities
from test_lsp_server import COMMAND, accept, change, codes, opened, position, published

TEXT = """\
FROM golang:1.26 AS builder
RUN go build -o /out/app .

FROM alpine:3 AS final
COPY --from=builder /out/app /app
CMD ["/app"]
"""
COMPOSE = """\
services:
  web:
    build:
      context: .
      target: builder
"""


@pytest_lsp.fixture(config=ClientServerConfig(server_command=COMMAND))  # type: ignore[untyped-decorator]
async def ignoring_client(lsp_client: LanguageClient) -> AsyncIterator[None]:
    accept(lsp_client)
    capabilities = client_capabilities("visual-studio-code")
    await lsp_client.initialize_session(
        types.InitializeParams(capabilities=capabilities, initialization_options={"ignore": ["MS301"]})
    )
    yield
    await lsp_client.shutdown_session()


@pytest.fixture
def path(tmp_path: Path) -> Path:
    (tmp_path / ".git").mkdir()
    (tmp_path / "Dockerfile").write_text(TEXT)
    return tmp_path / "Dockerfile"


def at(text: str, words: str, inside: int = 1) -> types.Position:
    """The position in some words of the text."""
    offset = text.index(words) + inside
    return position(text.count("\n", 0, offset), offset - (text.rfind("\n", 0, offset) + 1))


def document(path: Path) -> types.TextDocumentIdentifier:
    return types.TextDocumentIdentifier(path.as_uri())


def after(text: str, edits: list[types.TextEdit]) -> str:
    """The text after edits, all positions in ASCII."""
    starts = [0]
    for line in text.split("\n"):
        starts.append(starts[-1] + len(line) + 1)
    for edit in sorted(edits, key=lambda x: (x.range.start.line, x.range.start.character), reverse=True):
        start = starts[edit.range.start.line] + edit.range.start.character
        end = starts[edit.range.end.line] + edit.range.end.character
        text = text[:start] + edit.new_text + text[end:]
    return text


async def until(holds: Callable[[], bool]) -> None:
    """Wait until something holds of what the client was told."""
    for _ in range(400):
        if holds():
            return
        await asyncio.sleep(0.05)
    raise AssertionError("it never came true")


async def actions_at(
    client: LanguageClient, path: Path, where: types.Position, diagnostics: list[types.Diagnostic], *only: str
) -> list[types.CodeAction]:
    context = types.CodeActionContext(diagnostics, only=list(only) or None)
    params = types.CodeActionParams(document(path), types.Range(where, where), context)
    found = await client.text_document_code_action_async(params)
    return [action for action in found or [] if isinstance(action, types.CodeAction)]


def changed(action: types.CodeAction, path: Path, text: str) -> str:
    assert action.edit
    assert action.edit.document_changes
    (only,) = action.edit.document_changes
    assert isinstance(only, types.TextDocumentEdit)
    assert only.text_document.uri == path.as_uri()
    assert only.text_document.version == 1
    return after(text, [edit for edit in only.edits if isinstance(edit, types.TextEdit)])


@pytest.mark.asyncio
async def test_quick_fixes(client: LanguageClient, path: Path) -> None:
    text = TEXT.replace("--from=builder", "--from=biulder")
    found = await opened(client, path, text)
    fix, ignore = await actions_at(client, path, at(text, "biulder"), [x for x in found if x.code == "MS101"])
    assert (fix.title, fix.kind, fix.is_preferred) == ("Write 'builder'", types.CodeActionKind.QuickFix, True)
    assert [x.code for x in fix.diagnostics or []] == ["MS101"]
    assert changed(fix, path, text) == TEXT
    assert ignore.title == "Ignore MS101 here"
    assert changed(ignore, path, text) == text.replace("COPY", "# lint-multistage: ignore[MS101]\nCOPY")
    assert await actions_at(client, path, position(1, 0), []) == []


@pytest.mark.asyncio
async def test_an_unsafe_fix_says_so(client: LanguageClient, path: Path) -> None:
    text = TEXT.replace("/out/app /app", "/out/ap /app")
    await opened(client, path, text)
    (fix, *_) = await actions_at(client, path, at(text, "/out/ap "), [])
    assert fix.title == "Write '/out/app' (look at it: it may change what is built)"
    assert not fix.is_preferred
    assert changed(fix, path, text) == TEXT


@pytest.mark.asyncio
async def test_fixing_all(client: LanguageClient, path: Path) -> None:
    text = TEXT.replace("--from=builder", "--from=0") + "# lint-multistage: ignore[MS999]\n"
    await opened(client, path, text)
    for kind in ("source.fixAll", "source.fixAll.lint-multistage", "source"):
        (fix,) = await actions_at(client, path, position(0, 0), [], kind)
        assert fix.kind == "source.fixAll.lint-multistage"
        assert changed(fix, path, text) == TEXT
    assert await actions_at(client, path, position(0, 0), [], "source.organizeImports") == []
    assert await actions_at(client, path, position(0, 0), [], "source.fixAll.eslint") == []


@pytest.mark.asyncio
async def test_hover(client: LanguageClient, path: Path) -> None:
    (path.parent / "compose.yaml").write_text(COMPOSE)
    await opened(client, path, TEXT)

    async def text_at(words: str) -> str:
        found = await client.text_document_hover_async(types.HoverParams(document(path), at(TEXT, words)))
        assert found
        assert isinstance(found.contents, types.MarkupContent)
        assert found.contents.kind == types.MarkupKind.Markdown
        return found.contents.value

    stage = await text_at("builder /out")
    assert stage.startswith("**stage `builder`**, FROM `golang:1.26`")
    assert "carries go" in stage
    assert "makes `/out/app`" in stage
    assert "used by `final`" in stage
    assert "compose.yaml:5" in stage
    image = await text_at("golang:1.26")
    assert image.startswith("**image `golang:1.26`**")
    assert "glibc" in image
    assert await client.text_document_hover_async(types.HoverParams(document(path), position(1, 1))) is None
    slip = TEXT.replace("--from=builder", "--from=biulder")
    change(client, path, slip, 2)
    found = await client.text_document_hover_async(types.HoverParams(document(path), at(slip, "biulder")))
    assert found
    assert isinstance(found.contents, types.MarkupContent)
    assert "docs/checks/MS101.md)** there is no stage 'biulder'" in found.contents.value
    assert "did you mean 'builder'?" in found.contents.value


@pytest.mark.asyncio
async def test_definition_and_references(client: LanguageClient, path: Path) -> None:
    (path.parent / "compose.yaml").write_text(COMPOSE)
    await opened(client, path, TEXT)
    where = at(TEXT, "builder /out")
    found = await client.text_document_definition_async(types.DefinitionParams(document(path), where))
    assert isinstance(found, types.Location)
    assert found.range == types.Range(position(0, 20), position(0, 27))
    for declared in (True, False):
        context = types.ReferenceContext(declared)
        places = await client.text_document_references_async(types.ReferenceParams(context, document(path), where))
        assert places is not None
        shown = [(Path(x.uri).name, x.range.start.line, x.range.start.character) for x in places]
        own = [("Dockerfile", 0, 20)] if declared else []
        assert shown == [*own, ("Dockerfile", 4, 12), ("compose.yaml", 4, 14)]


@pytest.mark.asyncio
async def test_rename(client: LanguageClient, path: Path) -> None:
    compose = path.parent / "compose.yaml"
    compose.write_text(COMPOSE)
    await opened(client, path, TEXT)
    where = at(TEXT, "builder /out")
    can = await client.text_document_prepare_rename_async(types.PrepareRenameParams(document(path), where))
    assert can == types.Range(position(4, 12), position(4, 19))
    edit = await client.text_document_rename_async(types.RenameParams(document(path), where, "compile"))
    assert edit
    assert edit.changes
    assert after(TEXT, list(edit.changes[path.as_uri()])) == TEXT.replace("builder", "compile")
    assert after(COMPOSE, list(edit.changes[compose.as_uri()])) == COMPOSE.replace("builder", "compile")
    for name, reason in (
        ("2nd", "no name for a stage"),
        ("final", "there is a stage 'final' already"),
        ("scratch", "no name for a stage"),
    ):
        with pytest.raises(JsonRpcException, match=reason):
            await client.text_document_rename_async(types.RenameParams(document(path), where, name))
    with pytest.raises(JsonRpcException, match="no name of a stage here"):
        await client.text_document_prepare_rename_async(types.PrepareRenameParams(document(path), position(1, 1)))


@pytest.mark.asyncio
async def test_symbols_folds_lenses_and_inlays(client: LanguageClient, path: Path) -> None:
    await opened(client, path, TEXT)
    symbols = await client.text_document_document_symbol_async(types.DocumentSymbolParams(document(path)))
    assert symbols
    assert [
        (x.name, [child.name for child in x.children or []]) for x in symbols if isinstance(x, types.DocumentSymbol)
    ] == [
        ("builder", ["RUN go build -o /out/app ."]),
        ("final", ["COPY /out/app /app", 'CMD ["/app"]']),
    ]
    folds = await client.text_document_folding_range_async(types.FoldingRangeParams(document(path)))
    assert [(x.start_line, x.end_line) for x in folds or []] == [(0, 1), (3, 5)]
    lenses = await client.text_document_code_lens_async(types.CodeLensParams(document(path)))
    assert [x.command.title for x in lenses or [] if x.command] == ["used by final", "ships: docker build"]
    whole = types.Range(position(0, 0), position(9, 0))
    inlays = await client.text_document_inlay_hint_async(types.InlayHintParams(document(path), whole))
    assert inlays
    assert [x.position for x in inlays] == [position(0, 16), position(3, 13)]
    assert "MB" in str(inlays[0].label)


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("COPY --from=", ["builder", "final", "other"]),
        ("COPY --from=bu", ["builder", "final", "other"]),
        ("COPY --chown=1 --from=", ["builder", "final", "other"]),
        ("RUN --mount=type=bind,from=", ["builder", "final", "other"]),
        ("COPY \\\n  --from=", ["builder", "final", "other"]),
        ("FROM ", ["builder", "final", "other"]),
        ("COPY --from=builder ", ["/out/app"]),
        ("COPY --from=builder /o", ["/out/app"]),
        ("COPY --from=0 ", ["/out/app"]),
        ("COPY ", []),
        ("COPY --from=nginx ", []),
        ("# COPY --from=", []),
    ],
)
@pytest.mark.asyncio
async def test_completion(client: LanguageClient, path: Path, line: str, expected: list[str]) -> None:
    text = f"{TEXT}FROM alpine AS other\n{line}"
    await opened(client, path, text)
    last = text.split("\n")[-1]
    where = position(text.count("\n"), len(last))
    found = await client.text_document_completion_async(types.CompletionParams(document(path), where))
    assert isinstance(found, list)
    assert [item.label for item in found] == expected
    for item in found:
        assert isinstance(item.text_edit, types.TextEdit)
        assert item.text_edit.range.end == where
        assert after(text, [item.text_edit]).endswith(item.label)


@pytest.mark.asyncio
async def test_build_files_of_the_editor_are_laid_over_the_disk(client: LanguageClient, path: Path) -> None:
    unused = f"FROM rust AS old\nRUN cargo build\n{TEXT}"
    assert "MS201" in codes(await opened(client, path, unused))
    compose = path.parent / "compose.yaml"
    compose.write_text("services: {}\n")
    item = types.TextDocumentItem(compose.as_uri(), "yaml", 1, COMPOSE.replace("builder", "old"))
    client.text_document_did_open(types.DidOpenTextDocumentParams(item))
    await until(lambda: "MS201" not in codes([*client.diagnostics[path.as_uri()]]))
    change(client, compose, COMPOSE.replace("builder", "nope"), 2)
    await until(lambda: codes([*client.diagnostics.get(compose.as_uri(), [])]) == ["MS202"])
    (missing,) = client.diagnostics[compose.as_uri()]
    assert missing.range == types.Range(position(4, 14), position(4, 18))
    assert "MS202" not in codes([*client.diagnostics[path.as_uri()]])
    client.text_document_did_close(types.DidCloseTextDocumentParams(types.TextDocumentIdentifier(compose.as_uri())))
    await until(lambda: not client.diagnostics[compose.as_uri()])


@pytest.mark.asyncio
async def test_changed_files_are_read_anew(client: LanguageClient, path: Path) -> None:
    unused = f"FROM rust AS old\nRUN cargo build\n{TEXT}"
    assert "MS201" in codes(await opened(client, path, unused))
    compose = path.parent / "compose.yaml"
    compose.write_text(COMPOSE.replace("builder", "old"))
    client.workspace_did_change_watched_files(
        types.DidChangeWatchedFilesParams([types.FileEvent(compose.as_uri(), types.FileChangeType.Created)])
    )
    assert "MS201" not in codes(await published(client, path.as_uri()))


@pytest.mark.asyncio
async def test_settings_of_the_client(client: LanguageClient, path: Path) -> None:
    text = TEXT + "FROM golang\nCMD x\n"
    assert "MS301" in codes(await opened(client, path, text))
    client.workspace_did_change_configuration(
        types.DidChangeConfigurationParams({"lint-multistage": {"ignore": ["MS301"]}})
    )
    assert "MS301" not in codes(await published(client, path.as_uri()))


@pytest.mark.asyncio
@pytest.mark.parametrize("settings", [{}, None, {"lint-multistage": {}}, {"lint-multistage": {"select": ["MS3"]}}])
async def test_settings_that_say_nothing_leave_the_initialization_options(
    ignoring_client: LanguageClient, path: Path, settings: object
) -> None:
    """Emacs's eglot tells of its settings after each start, also where there are none."""
    text = TEXT + "FROM golang\nCMD x\n"
    assert "MS301" not in codes(await opened(ignoring_client, path, text))
    ignoring_client.workspace_did_change_configuration(types.DidChangeConfigurationParams(settings))
    assert "MS301" not in codes(await published(ignoring_client, path.as_uri()))


@pytest.mark.asyncio
async def test_a_quick_fix_names_the_diagnostic_that_it_mends(client: LanguageClient, path: Path) -> None:
    """Of two with one code: editors take away what an action says to mend."""
    text = TEXT.replace("FROM", "FROM rust AS one\nRUN cargo build\nFROM rust AS two\nRUN cargo build\nFROM", 1)
    shown = [x for x in await opened(client, path, text) if x.code == "MS201"]
    assert len(shown) == 2
    whole = types.Range(position(0, 0), position(text.count("\n"), 0))
    found = await client.text_document_code_action_async(
        types.CodeActionParams(document(path), whole, types.CodeActionContext(shown))
    )
    fixes = [x for x in found or () if isinstance(x, types.CodeAction) and not x.title.startswith("Ignore")]
    mended = [list(x.diagnostics) for x in fixes if x.diagnostics and x.diagnostics[0].code == "MS201"]
    assert mended == [[each] for each in shown]


@pytest.mark.asyncio
async def test_other_documents_are_not_answered_for(client: LanguageClient, path: Path) -> None:
    notes = path.parent / "notes.md"
    item = types.TextDocumentItem(notes.as_uri(), "markdown", 1, TEXT)
    client.text_document_did_open(types.DidOpenTextDocumentParams(item))
    assert await client.text_document_hover_async(types.HoverParams(document(notes), position(0, 21))) is None
    assert await actions_at(client, notes, position(0, 21), []) == []
    assert not await client.text_document_document_symbol_async(types.DocumentSymbolParams(document(notes)))
