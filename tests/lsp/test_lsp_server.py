"""The language server, spoken to over its protocol as an editor does."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_lsp
from lsprotocol import types
from pytest_lsp import ClientServerConfig, LanguageClient, client_capabilities

CLEAN = "FROM alpine:3\nCOPY app /app\n"
FLAGGED = "FROM golang:1.22\nRUN go build -o /app .\n"
COMMAND = [sys.executable, "-m", "lint_multistage", "lsp", "--stdio"]


def accept(client: LanguageClient) -> None:
    """Let the server ask to be told of changed files."""

    @client.feature(types.CLIENT_REGISTER_CAPABILITY)  # type: ignore[untyped-decorator]
    def registered(_: types.RegistrationParams) -> None:
        return None


@pytest_lsp.fixture(config=ClientServerConfig(server_command=COMMAND))  # type: ignore[untyped-decorator]
async def utf_8_client(lsp_client: LanguageClient) -> AsyncIterator[None]:
    accept(lsp_client)
    capabilities = client_capabilities("visual-studio-code")
    assert capabilities.general
    capabilities.general.position_encodings = [types.PositionEncodingKind.Utf8]
    await lsp_client.initialize_session(types.InitializeParams(capabilities=capabilities))
    yield
    await lsp_client.shutdown_session()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / ".git").mkdir()
    return tmp_path


def position(line: int, character: int) -> types.Position:
    return types.Position(line, character)


async def published(client: LanguageClient, uri: str) -> list[types.Diagnostic]:
    """The diagnostics of the next notification, which must be about `uri`."""
    params = await asyncio.wait_for(client.wait_for_notification(types.TEXT_DOCUMENT_PUBLISH_DIAGNOSTICS), 20)
    assert params.uri == uri
    return list(params.diagnostics)


async def opened(
    client: LanguageClient, path: Path, text: str, language: str = "dockerfile", version: int = 1
) -> list[types.Diagnostic]:
    """Open a document that need not be on disk, and give what is published of it."""
    uri = path.as_uri()
    item = types.TextDocumentItem(uri, language, version, text)
    client.text_document_did_open(types.DidOpenTextDocumentParams(item))
    return await published(client, uri)


def change(client: LanguageClient, path: Path, text: str, version: int) -> None:
    client.text_document_did_change(
        types.DidChangeTextDocumentParams(
            types.VersionedTextDocumentIdentifier(version, path.as_uri()),
            [types.TextDocumentContentChangeWholeDocument(text)],
        )
    )


def codes(diagnostics: list[types.Diagnostic]) -> list[object]:
    return [diagnostic.code for diagnostic in diagnostics]


@pytest.mark.asyncio
async def test_a_diagnostic(client: LanguageClient, folder: Path) -> None:
    text = "FROM alpine:3 AS build\nRUN true\nFROM scratch\nCOPY --from=biuld /a /a\n"
    (diagnostic,) = await opened(client, folder / "Dockerfile", text)
    assert diagnostic.code == "MS101"
    assert diagnostic.source == "lint-multistage"
    assert diagnostic.severity == types.DiagnosticSeverity.Error
    assert diagnostic.range == types.Range(position(3, 12), position(3, 17))
    assert diagnostic.code_description
    assert diagnostic.code_description.href.endswith("/docs/checks/MS101.md")
    first, *hint = diagnostic.message.splitlines()
    assert "biuld" in first
    assert "build" in "".join(hint)


@pytest.mark.asyncio
async def test_related_places(client: LanguageClient, folder: Path) -> None:
    text = "FROM alpine:3 AS a\nFROM alpine:3 AS a\nFROM scratch\nCOPY --from=a /x /x\n"
    path = folder / "Dockerfile"
    (diagnostic,) = [one for one in await opened(client, path, text) if one.code == "MS104"]
    assert diagnostic.related_information
    place = diagnostic.related_information[0]
    assert place.location.uri == path.as_uri()
    assert place.location.range.start.line == 0
    assert place.message


@pytest.mark.asyncio
async def test_severities(client: LanguageClient, folder: Path) -> None:
    config = folder / ".lint-multistage.toml"
    found = []
    for number, severity in enumerate(("error", "warning", "info")):
        config.write_text(f'severity.MS301 = "{severity}"\n')
        (diagnostic,) = await opened(client, folder / f"{number}.Dockerfile", FLAGGED)
        found.append(diagnostic.severity)
    assert found == [
        types.DiagnosticSeverity.Error,
        types.DiagnosticSeverity.Warning,
        types.DiagnosticSeverity.Information,
    ]


@pytest.mark.asyncio
async def test_unsaved_text_is_laid_over_the_disk(client: LanguageClient, folder: Path) -> None:
    path = folder / "Dockerfile"
    path.write_text(CLEAN)
    assert codes(await opened(client, path, FLAGGED)) == ["MS301"]
    change(client, path, CLEAN, 2)
    assert await published(client, path.as_uri()) == []
    assert path.read_text() == CLEAN


@pytest.mark.asyncio
async def test_quick_changes_are_linted_once_at_their_end(client: LanguageClient, folder: Path) -> None:
    path = folder / "Dockerfile"
    await opened(client, path, CLEAN)
    seen: list[int | None] = []
    for version in range(2, 12):
        change(client, path, FLAGGED if version == 11 else f"# {version}\n{CLEAN}", version)
    params = await client.wait_for_notification(types.TEXT_DOCUMENT_PUBLISH_DIAGNOSTICS)
    seen.append(params.version)
    assert codes(params.diagnostics) == ["MS301"]
    with pytest.raises(asyncio.TimeoutError):
        await asyncio.wait_for(client.wait_for_notification(types.TEXT_DOCUMENT_PUBLISH_DIAGNOSTICS), 0.6)
    assert seen == [11]


@pytest.mark.asyncio
async def test_saving_reads_the_settings_anew(client: LanguageClient, folder: Path) -> None:
    path = folder / "Dockerfile"
    assert codes(await opened(client, path, FLAGGED)) == ["MS301"]
    (folder / ".lint-multistage.toml").write_text('ignore = ["MS301"]\n')
    client.text_document_did_save(types.DidSaveTextDocumentParams(types.TextDocumentIdentifier(path.as_uri())))
    assert await published(client, path.as_uri()) == []


@pytest.mark.asyncio
async def test_closing_takes_everything_back(client: LanguageClient, folder: Path) -> None:
    path = folder / "Dockerfile"
    assert await opened(client, path, FLAGGED)
    change(client, path, FLAGGED + "\n", 2)
    client.text_document_did_close(types.DidCloseTextDocumentParams(types.TextDocumentIdentifier(path.as_uri())))
    assert await published(client, path.as_uri()) == []
    with pytest.raises(asyncio.TimeoutError):
        await asyncio.wait_for(client.wait_for_notification(types.TEXT_DOCUMENT_PUBLISH_DIAGNOSTICS), 0.5)


@pytest.mark.parametrize(
    ("text", "line", "start", "end"),
    [
        ("FROM golang:1\n", 0, 5, 13),
        ("# 😀日\nFROM --platform=😀 golang:1\n", 1, 19, 27),
        ("# a\r\nFROM golang:1\r\n", 1, 5, 13),
        ("\ufeffFROM golang:1\n", 0, 6, 14),
        ("# a\u2028b\x0cc\x85d\nFROM golang:1\n", 1, 5, 13),
        ("# a\rb\nFROM golang:1\n", 2, 5, 13),
    ],
)
@pytest.mark.asyncio
async def test_positions_are_those_of_the_protocol(
    client: LanguageClient, folder: Path, text: str, line: int, start: int, end: int
) -> None:
    found = await opened(client, folder / "Dockerfile", text)
    (diagnostic,) = [one for one in found if one.code == "MS301"]
    assert diagnostic.range == types.Range(position(line, start), position(line, end))


@pytest.mark.asyncio
async def test_positions_in_the_encoding_that_the_client_asks_for(utf_8_client: LanguageClient, folder: Path) -> None:
    found = await opened(utf_8_client, folder / "Dockerfile", "FROM --platform=😀 golang:1\n")
    (diagnostic,) = [one for one in found if one.code == "MS301"]
    assert diagnostic.range == types.Range(position(0, 21), position(0, 29))


@pytest.mark.asyncio
async def test_wrong_settings_are_one_message(client: LanguageClient, folder: Path) -> None:
    config = folder / ".lint-multistage.toml"
    config.write_text('ignroe = ["MS301"]\n')
    path = folder / "Dockerfile"
    assert await opened(client, path, FLAGGED) == []
    change(client, path, FLAGGED + "\n", 2)
    assert await published(client, path.as_uri()) == []
    assert await opened(client, folder / "b.Dockerfile", FLAGGED) == []
    (message,) = client.messages
    assert message.type == types.MessageType.Error
    assert message.message.startswith("lint-multistage: ")
    assert "ignroe" in message.message

    config.write_text("")
    client.text_document_did_save(types.DidSaveTextDocumentParams(types.TextDocumentIdentifier(path.as_uri())))
    assert codes(await published(client, path.as_uri())) == ["MS301"]
    assert len(client.messages) == 1


@pytest.mark.asyncio
async def test_only_dockerfiles_are_linted(client: LanguageClient, folder: Path) -> None:
    for name, language in (("notes.md", "markdown"), ("compose.yaml", "yaml")):
        item = types.TextDocumentItem((folder / name).as_uri(), language, 1, FLAGGED)
        client.text_document_did_open(types.DidOpenTextDocumentParams(item))
    # A name or the editor's word for the language is enough; what was opened before published nothing.
    assert codes(await opened(client, folder / "api.Dockerfile", FLAGGED, "plaintext")) == ["MS301"]
    assert codes(await opened(client, folder / "image.txt", FLAGGED)) == ["MS301"]


@pytest.mark.asyncio
async def test_excluded_files_are_left_alone(client: LanguageClient, folder: Path) -> None:
    path = folder / "node_modules" / "Dockerfile"
    path.parent.mkdir()
    path.write_text(FLAGGED)
    assert await opened(client, path, FLAGGED) == []


@pytest.mark.asyncio
async def test_a_text_that_was_never_saved(client: LanguageClient) -> None:
    item = types.TextDocumentItem("untitled:Untitled-1", "dockerfile", 1, FLAGGED)
    client.text_document_did_open(types.DidOpenTextDocumentParams(item))
    assert codes(await published(client, "untitled:Untitled-1")) == ["MS301"]


@pytest.mark.asyncio
async def test_odd_texts_do_no_harm(client: LanguageClient, folder: Path) -> None:
    path = folder / "Dockerfile"
    await opened(client, path, "")
    for version, text in enumerate(("\0", "\ufeff", "FROM", "RUN <<\n", "FROM a\nRUN <<E\n", "{{ x }}\n", "\r\r\r"), 2):
        change(client, path, text, version)
        await published(client, path.as_uri())
    change(client, path, FLAGGED, 20)
    assert codes(await published(client, path.as_uri())) == ["MS301"]
    assert client.messages == []


def test_without_the_extra_one_line_says_what_is_missing() -> None:
    script = (
        "import sys\n"
        "sys.modules['lsprotocol'] = sys.modules['pygls'] = None\n"
        "from lint_multistage.cli import main\n"
        "sys.exit(main(['lsp']))\n"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, stdin=subprocess.DEVNULL)
    assert done.returncode == 2
    assert done.stdout == ""
    assert done.stderr == (
        "lint-multistage: error: lint-multistage lsp needs pygls: install it with the extra, 'lint-multistage[lsp]'\n"
    )


def test_the_server_ends_with_its_input() -> None:
    done = subprocess.run(COMMAND, capture_output=True, stdin=subprocess.DEVNULL, timeout=30)
    assert (done.returncode, done.stdout) == (0, b"")


def test_over_tcp() -> None:
    import json
    import socket
    import time

    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    process = subprocess.Popen([sys.executable, "-m", "lint_multistage", "lsp", "--tcp", str(port)])
    try:
        for _ in range(100):
            try:
                connection = socket.create_connection(("127.0.0.1", port), 10)
                break
            except OSError:
                time.sleep(0.1)
        asked = {"jsonrpc": "2.0", "id": 1, "method": "initialize", "params": {"capabilities": {}}}
        body = json.dumps(asked).encode()
        with connection, connection.makefile("rwb") as stream:
            stream.write(b"Content-Length: %d\r\n\r\n%s" % (len(body), body))
            stream.flush()
            length = int(stream.readline().split(b":")[1])
            while stream.readline().strip():
                pass
            answer = json.loads(stream.read(length))
        assert answer["result"]["serverInfo"]["name"] == "lint-multistage"
    finally:
        process.kill()
        process.wait()


@pytest.mark.parametrize("address", ["x", "70000", "host:", ":-1"])
def test_a_wrong_address_is_a_mistake(address: str, capsys: pytest.CaptureFixture[str]) -> None:
    from lint_multistage.cli import main

    assert main(["lsp", "--tcp", address]) == 2
    assert capsys.readouterr().err == f"lint-multistage: error: --tcp: write PORT or HOST:PORT, not {address}\n"
