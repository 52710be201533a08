"""`.dockerignore`, as Docker reads it."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lint_multistage.context.dockerignore import ignored_by
from lint_multistage.linting import Linter, Options
from lint_multistage.plugins import load_plugins


@pytest.mark.parametrize(
    ("text", "path", "ignored"),
    [
        ("dist\n", "dist", True),
        ("dist\n", "dist/app.js", True),
        ("dist\n", "web/dist", False),
        ("/dist/\n", "dist/a/b", True),
        ("./dist\n", "dist", True),
        ("*/dist\n", "web/dist/a", True),
        ("**/dist\n", "dist", True),
        ("**/dist\n", "a/b/dist/c", True),
        ("**\n", "a", True),
        ("a/**/z\n", "a/z", True),
        ("a/**/z\n", "a/b/c/z", True),
        ("*.md\n", "README.md", True),
        ("*.md\n", "docs/README.md", False),
        ("**/*.md\n", "docs/README.md", True),
        ("a?c\n", "abc", True),
        ("a?c\n", "a/c", False),
        ("[a-c]x\n", "bx", True),
        ("[^a-c]x\n", "bx", False),
        (r"a\*b" + "\n", "a*b", True),
        (r"a\*b" + "\n", "axb", False),
        ("*\n!src\n", "src/main.c", False),
        ("*\n!src\nsrc/*.o\n", "src/main.o", True),
        ("!dist\ndist\n", "dist", True),
        ("# dist\n", "dist", False),
        ("  dist  \r\n", "dist", True),
        ("\ufeffdist\n", "dist", True),
        ("[\n", "[", False),
        ("\n!\n", "a", False),
        ("DIST\n", "dist", False),
        ("a.c\n", "abc", False),
    ],
)
def test_patterns(text: str, path: str, ignored: bool) -> None:
    assert ignored_by(text)(path) is ignored


@given(st.text(max_size=60), st.text(min_size=1, max_size=30))
def test_any_text_is_read(text: str, path: str) -> None:
    assert ignored_by(text)(path) in (True, False)


DOCKERFILE = (
    "FROM node:22 AS web\nWORKDIR /app\nCOPY . .\nFROM nginx:1\nCOPY --from=web /app/dist /usr/share/nginx/html\n"
)


@pytest.mark.parametrize(
    ("compose", "ignore", "codes"),
    [
        ("build: .", "node_modules\ndist\n", ["MS403"]),
        ("build: .", "node_modules\n", []),
        ("build: .", "dist\n!dist\n", []),
        # Another context, or one that is not known, may bring it.
        ("build: {context: .., dockerfile: app/Dockerfile}", "dist\n", []),
        ("build: https://example.org/x.git", "dist\n", []),
        ("image: x", "dist\n", []),
    ],
)
def test_what_is_kept_out_never_arrives(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, compose: str, ignore: str, codes: list[str]
) -> None:
    (tmp_path / ".git").mkdir()
    folder = tmp_path / "app"
    folder.mkdir()
    monkeypatch.chdir(folder)
    (folder / "Dockerfile").write_text(DOCKERFILE)
    (folder / ".dockerignore").write_text(ignore)
    (folder / "compose.yaml").write_text(f"services:\n  web:\n    {compose}\n")
    linter = Linter(load_plugins(()), Options(isolated=True))
    found = [x.code for x in linter.lint("Dockerfile").findings if x.code.startswith("MS4")]
    assert found == codes


def test_the_dockerfiles_own_file_goes_before(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / ".git").mkdir()
    monkeypatch.chdir(tmp_path)
    (tmp_path / "Dockerfile").write_text(DOCKERFILE)
    (tmp_path / ".dockerignore").write_text("dist\n")
    (tmp_path / "Dockerfile.dockerignore").write_text("*.md\n")
    (tmp_path / "compose.yaml").write_text("services:\n  web:\n    build: .\n")
    linter = Linter(load_plugins(()), Options(isolated=True))
    assert [x.code for x in linter.lint("Dockerfile").findings if x.code.startswith("MS4")] == []
