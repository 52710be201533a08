"""MS403 on `.next/standalone`: what next.config asks for settles whether it is there."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from lint_multistage.cli import main

DOCKERFILE = """\
FROM node:22-alpine AS build
WORKDIR /app
COPY package.json .
RUN npm ci
COPY . .
RUN npm run build
FROM node:22-alpine
WORKDIR /app
COPY --from=build /app/.next/standalone ./
COPY --from=build /app/.next/static ./.next/static
CMD ["node", "server.js"]
"""
CONFIG = "import type { NextConfig } from 'next'\nexport default { poweredByHeader: false } satisfies NextConfig\n"
PACKAGE = '{"scripts": {"build": "next build"}}'
FOUND = [(9, "MS403", "warning")]


def found(
    capsys: pytest.CaptureFixture[str], folder: Path, dockerfile: str = DOCKERFILE, **files: str
) -> list[tuple[int, str, str]]:
    (folder / "Dockerfile").write_text(dockerfile)
    for name, text in ({"next_config_ts": CONFIG, "package_json": PACKAGE} | files).items():
        if text:
            (folder / name.replace("_", ".")).write_text(text)
    main(["--format", "json", "--project-root", str(folder), str(folder / "Dockerfile")])
    document = json.loads(capsys.readouterr().out)
    return [(each["line"], each["code"], each["severity"]) for each in document["findings"]]


def test_a_configuration_without_it(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    assert found(capsys, tmp_path) == FOUND


def test_below_it_and_through_another_stage(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    text = DOCKERFILE.replace("/app/.next/standalone ./", "/app/.next/standalone/server.js ./")
    text = text.replace(" AS build\n", " AS base\nFROM base AS build\n", 1)
    assert found(capsys, tmp_path, text) == [(10, "MS403", "warning")]


@pytest.mark.parametrize(
    "config",
    [
        "export default { output: 'standalone' }",
        "const standalone = { output: mode }; export default standalone",
        "import shared from '../next.shared'; export default shared",
        "module.exports = { ...shared, poweredByHeader: false }",
        "module.exports = require('./base')",
        "module.exports = settings(process.env.MODE)",
        "module.exports = { distDir: 'build' }",
        "",
    ],
)
def test_a_configuration_that_may_ask_for_it(capsys: pytest.CaptureFixture[str], tmp_path: Path, config: str) -> None:
    assert found(capsys, tmp_path, next_config_ts=config) == []


@pytest.mark.parametrize(
    "package",
    [
        '{"scripts": {"build": "node build.mjs"}}',
        '{"scripts": {"build": "next build", "postbuild": "node pack.mjs"}}',
        '{"scripts": []}',
        "[1]",
        "{",
        "",
    ],
)
def test_a_script_that_may_do_more(capsys: pytest.CaptureFixture[str], tmp_path: Path, package: str) -> None:
    assert found(capsys, tmp_path, package_json=package) == []


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("RUN npm run build", "ENV NEXT_PRIVATE_STANDALONE=1\nRUN npm run build"),
        ("RUN npm run build", "RUN sed -i 's/{/{output:\"standalone\",/' next.config.ts\nRUN npm run build"),
        ("RUN npm run build", "RUN npm run build:docker"),
        ("COPY . .\n", "COPY . .\nCOPY --from=prepared /app .\n"),
        ("COPY . .\n", "COPY . .\nCOPY .next .next\n"),
        ("COPY . .\n", "COPY src src\n"),
        ("/app/.next/standalone ./", "/app/.next ./"),
    ],
)
def test_a_stage_that_may_have_it(capsys: pytest.CaptureFixture[str], tmp_path: Path, old: str, new: str) -> None:
    assert [each for each in found(capsys, tmp_path, DOCKERFILE.replace(old, new)) if each[1] == "MS403"] == []
