"""Generated files are fresh."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest

from lint_multistage.docs import files, main
from lint_multistage.settings.described import KEYS, Described
from lint_multistage.settings.keys import READERS, read_value

ROOT = Path(__file__).parent.parent


def test_the_generated_files_are_fresh() -> None:
    assert main(["--check"], ROOT) == 0


def test_stale_and_left_over_files_are_named_and_mended(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([], tmp_path) == 0
    assert main(["--check"], tmp_path) == 0
    page, extra = tmp_path / "docs/checks/MS301.md", tmp_path / "docs/checks/MS000.md"
    page.write_text("old")
    extra.write_text("of a check that is gone")
    assert main(["--check"], tmp_path) == 1
    said = capsys.readouterr().err
    assert "docs/checks/MS000.md is stale" in said
    assert "docs/checks/MS301.md is stale" in said
    assert main([], tmp_path) == 0
    assert not extra.exists()
    assert page.read_text() == files()["docs/checks/MS301.md"]


def test_every_setting_is_described_once() -> None:
    assert sorted(described.key for described in KEYS) == sorted((*READERS, "extend"))


@pytest.mark.parametrize("described", [x for x in KEYS if x.key != "extend"], ids=lambda described: described.key)
def test_the_example_of_a_setting_is_one(described: Described) -> None:
    value = tomllib.loads(f"{described.key} = {described.example}")[described.key]
    read_value(described.key, value, "the example", text=False)
