"""What a build file asks for, in a repository written for the test."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from lint_multistage.project.files import ProjectFiles, kind_of
from lint_multistage.project.readers import READERS
from lint_multistage.project.requests import BuildRequest

Ask = Callable[..., list[BuildRequest]]


@pytest.fixture
def ask(tmp_path: Path) -> Ask:
    """`ask(path, text, others…)`: what the file asks for; the others, such as Dockerfiles, lie beside it."""

    def asking(path: str, text: str, *others: str) -> list[BuildRequest]:
        for each in (path, *others):
            (tmp_path / each).parent.mkdir(parents=True, exist_ok=True)
            (tmp_path / each).write_text(text if each == path else "FROM scratch\n")
        kind = kind_of(path)
        assert kind is not None
        return READERS[kind](path, text, ProjectFiles(str(tmp_path)))

    return asking
