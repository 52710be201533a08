"""Whatever is typed, the server goes on, and says at the end what the command line says of the text."""

from __future__ import annotations

import contextlib
import io
import json
import random
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
import pytest_lsp
from hypothesis import given, settings
from hypothesis import strategies as st
from lsprotocol import types
from pygls.workspace import Workspace
from pytest_lsp import ClientServerConfig, LanguageClient, client_capabilities
from test_lsp_server import COMMAND, accept, change, opened, published

from lint_multistage.cli import main
from lint_multistage.linting import Options
from lint_multistage.lsp import actions, completion, hovers, outline, renaming
from lint_multistage.lsp.diagnostics import diagnostics
from lint_multistage.lsp.editor import Editor
from lint_multistage.text import Span

TEXT = """\
# syntax=docker/dockerfile:1
ARG VERSION=1.26
FROM golang:${VERSION} AS build
WORKDIR /src
COPY . .
RUN --mount=type=cache,target=/root/.cache go build -o /out/app \\
    # the program
    ./cmd/app
RUN <<EOF
apt-get install -y gcc
EOF

FROM alpine:3 AS final
COPY --from=build /out/app /app
ENTRYPOINT ["/app"]
"""
PIECES = [
    "",
    " ",
    "\n",
    "\r\n",
    "\\\n",
    "FROM ",
    "COPY --from=",
    "RUN <<EOF\n",
    "#",
    "$",
    "${",
    '"',
    "😀",
    "é",
    "\t",
    "\0",
]
WORDS = st.sampled_from(PIECES) | st.text(max_size=6)
EDITS = st.lists(st.tuples(st.floats(0, 1), st.integers(0, 30), WORDS), min_size=10, max_size=10)
URI = "untitled:Dockerfile"


def edited(text: str, edit: tuple[float, int, str]) -> str:
    """`text` with a few characters, somewhere, replaced."""
    at = int(edit[0] * len(text))
    return text[:at] + edit[2] + text[at + edit[1] :]


def told(text: str) -> list[tuple[Any, ...]]:
    """What the command line says of a text: codes and places, from 1, in code points."""
    given_, printed = io.TextIOWrapper(io.BytesIO(text.encode("utf-8", "surrogatepass"))), io.StringIO()
    before = sys.stdin, sys.stdout
    sys.stdin, sys.stdout = given_, printed
    try:
        main(["--isolated", "--no-project", "--format", "json", "-"])
    finally:
        sys.stdin, sys.stdout = before
    findings = json.loads(printed.getvalue())["findings"]
    return [(x["code"], x["line"], x["column"], x["end_line"], x["end_column"]) for x in findings]


@settings(max_examples=100, deadline=None)
@given(EDITS, st.integers(0, 2000))
def test_a_thousand_random_edits(edits: list[tuple[float, int, str]], where: int) -> None:
    editor = Editor(Options(isolated=True, project=False))
    text = TEXT
    editor.workspace = Workspace(None)
    for version, edit in enumerate(edits):
        text = edited(text, edit)
        editor.workspace.put_text_document(types.TextDocumentItem(URI, "dockerfile", version, text))
        found = editor.opened(URI)
        if found is None:
            continue
        assert found.results.failures == ()
        offset = min(where, len(text))
        list(completion.suggestions(found.survey, text, offset))
        hovers.hover(found.survey, found.linted.findings, {}, offset)
        span = Span(offset, offset)
        list(actions.quick_fixes(found.dockerfile, found.linted.findings, span, [], found.positions))
        for answer in (outline.symbols, outline.folds, outline.lenses, outline.inlays):
            list(answer(found.survey, found.positions))
        with contextlib.suppress(renaming.RenameError):
            renaming.places(found.survey, offset, "other", (), lambda *_: "")
    final = editor.opened(URI)
    expected = told(text)
    if final is None:
        # A template is passed over; named on the command line it is told that it is one.
        assert [code for code, *_ in expected] in ([], ["MS901"])
        return
    shown = diagnostics(final.results.findings, URI, final.path, final.positions)
    at = final.positions.at
    assert [(x.code, x.range) for x in shown] == [
        (code, types.Range(at(line, column), at(end_line, end_column)))
        for code, line, column, end_line, end_column in expected
    ]


@pytest_lsp.fixture(  # type: ignore[untyped-decorator]
    config=ClientServerConfig(server_command=[*COMMAND, "--isolated", "--no-project"])
)
async def client(lsp_client: LanguageClient) -> AsyncIterator[None]:
    accept(lsp_client)
    await lsp_client.initialize_session(
        types.InitializeParams(capabilities=client_capabilities("visual-studio-code"), root_uri=None)
    )
    yield
    await lsp_client.shutdown_session()


@pytest.mark.asyncio
async def test_random_edits_over_the_wire(client: LanguageClient, tmp_path: Path) -> None:
    chance = random.Random(7)
    path = tmp_path / "Dockerfile"
    text = TEXT
    await opened(client, path, text)
    pieces = ["", "\n", "FROM x\n", "COPY --from=", "😀", "\\\n", '"', "RUN apt-get install gcc\n"]
    for version in range(2, 40):
        text = edited(text, (chance.random(), chance.randrange(20), chance.choice(pieces)))
        change(client, path, text, version)
        if version % 6 == 0:
            await published(client, path.as_uri())
    # What was typed last is linted, too.
    await published(client, path.as_uri())
    text = TEXT.replace("alpine:3", "golang")
    change(client, path, text, 50)
    found = await published(client, path.as_uri())
    assert [x.code for x in found] == [code for code, *_ in told(text)]
    assert client.messages == []
