"""MS501 on packages that are compiled for one C library, known by the package.json or the requirements at hand."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from lint_multistage.cli import main

DOCKERFILE = """\
FROM node:22 AS deps
WORKDIR /app
COPY package*.json ./
RUN npm ci
FROM node:22-alpine
WORKDIR /app
COPY --from=deps /app/node_modules ./node_modules
COPY src src
CMD ["node", "src/index.js"]
"""
PACKAGE = '{"dependencies": {"better-sqlite3": "^11.0.0", "express": "^5.0.0"}}'


def findings(
    capsys: pytest.CaptureFixture[str], folder: Path, dockerfile: str = DOCKERFILE, package: str = PACKAGE
) -> list[dict[str, object]]:
    (folder / "Dockerfile").write_text(dockerfile)
    (folder / "package.json").write_text(package)
    main(["--select", "MS501", "--format", "json", "--project-root", str(folder), str(folder / "Dockerfile")])
    found: list[dict[str, object]] = json.loads(capsys.readouterr().out)["findings"]
    return found


def test_glibc_into_musl(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    (found,) = findings(capsys, tmp_path)
    assert (found["line"], found["code"], found["severity"]) == (7, "MS501", "warning")
    assert found["message"] == (
        "'better-sqlite3' is installed for glibc in stage 'deps', and 'node:22-alpine' has musl: it will not load"
    )
    assert found["hint"] == "run 'npm ci' in a stage FROM 'node:22-alpine', or ship FROM an image that has glibc"


def test_musl_into_glibc_by_the_whole_folder(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    text = DOCKERFILE.replace("FROM node:22 AS", "FROM node:22-alpine AS").replace(
        "FROM node:22-alpine\n", "FROM node:22-slim\n"
    )
    text = text.replace("/app/node_modules ./node_modules", "/app /app")
    (found,) = findings(capsys, tmp_path, text)
    assert "has glibc: it will not load" in str(found["message"])


def test_through_a_stage_that_builds(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    text = DOCKERFILE.replace(
        "FROM node:22-alpine\n",
        "FROM node:22 AS build\nWORKDIR /app\nCOPY --from=deps /app/node_modules ./node_modules\nFROM node:22-alpine\n",
    ).replace("--from=deps /app/node_modules ./node_modules\nCOPY src", "--from=build /app/node_modules x\nCOPY src")
    (found,) = findings(capsys, tmp_path, text)
    assert found["line"] == 10


@pytest.mark.parametrize(
    "package",
    [
        '{"dependencies": {"express": "^5.0.0", "bcryptjs": "^3"}}',
        '{"devDependencies": {"better-sqlite3": "^11.0.0"}}',
        # It brings a build for each C library.
        '{"dependencies": {"bcrypt": "^6.0.0"}}',
        '{"dependencies": {"bcrypt": ">=5"}}',
        '{"dependencies": ["sqlite3"], "x": "sqlite3"}',
        '["sqlite3"]',
        '{"sqlite3"',
    ],
)
def test_packages_that_may_load(capsys: pytest.CaptureFixture[str], tmp_path: Path, package: str) -> None:
    assert findings(capsys, tmp_path, package=package) == []


def test_an_old_bcrypt(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    assert len(findings(capsys, tmp_path, package='{"dependencies": {"bcrypt": "^5.1.1"}}')) == 1


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("FROM node:22-alpine\n", "FROM node:22-slim\n"),
        ("FROM node:22-alpine\n", "FROM registry.corp/node\n"),
        ("COPY src src\n", "COPY src src\nRUN npm rebuild\n"),
        ("COPY src src\n", "COPY src src\nRUN apk add --no-cache gcompat\n"),
        ("COPY package*.json ./\n", ""),
        ("RUN npm ci\n", "RUN npm ci --ignore-scripts\n"),
        ("RUN npm ci\n", "ENV npm_config_libc=musl\nRUN npm ci\n"),
        ("RUN npm ci\n", "RUN npm ci && npx prebuild-install --platform linuxmusl\n"),
        ("/app/node_modules ./node_modules", "/app/dist ./dist"),
    ],
)
def test_stages_that_may_load_them(capsys: pytest.CaptureFixture[str], tmp_path: Path, old: str, new: str) -> None:
    text = DOCKERFILE.replace(old, new)
    assert text != DOCKERFILE
    assert findings(capsys, tmp_path, text) == []


VENV = """\
FROM python:3.12 AS build
WORKDIR /app
RUN python -m venv /venv
COPY requirements.txt .
RUN /venv/bin/pip install -r requirements.txt
FROM python:3.12-alpine
COPY --from=build /venv /venv
CMD ["/venv/bin/flask"]
"""


@pytest.mark.parametrize(
    ("requirements", "count"),
    [
        ("flask\nPsycopg2_binary>=2.9\n", 1),
        ("# numpy\nflask\n", 0),
        ("numpy; platform_system == 'Windows'\n", 0),
        ("numpy-financial\n-e ./numpy\n", 0),
        ("", 0),
    ],
)
def test_requirements(capsys: pytest.CaptureFixture[str], tmp_path: Path, requirements: str, count: int) -> None:
    (tmp_path / "requirements.txt").write_text(requirements)
    assert len(findings(capsys, tmp_path, VENV)) == count
    # It is installed where it ships.
    again = VENV.replace("CMD", "RUN /venv/bin/pip install --force-reinstall psycopg2-binary\nCMD")
    assert findings(capsys, tmp_path, again) == []
