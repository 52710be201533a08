"""Plugins are found wherever Python's own machinery would find them, and no time is lost where there are none."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from lint_multistage.entry_points import plugin_entry_points

ENTRY = "[lint_multistage]\nZZ = zz_lint\n"


@pytest.fixture(autouse=True)
def nothing_installed(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(sys, "path", [str(tmp_path), str(tmp_path / "absent")])


def install(folder: Path, *parts: str, entry_points: str = ENTRY) -> None:
    metadata = folder.joinpath(*parts)
    metadata.mkdir(parents=True)
    (metadata / "METADATA").write_text("Metadata-Version: 2.1\nName: zz-lint\nVersion: 1\n")
    (metadata / "PKG-INFO").write_text("Metadata-Version: 2.1\nName: zz-lint\nVersion: 1\n")
    (metadata / "entry_points.txt").write_text(entry_points)


@pytest.mark.parametrize("parts", [("zz_lint-1.dist-info",), ("zz_lint.egg-info",), ("zz_lint-1.egg", "EGG-INFO")])
def test_found(parts: tuple[str, ...], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    install(tmp_path, *parts)
    if parts[0].endswith(".egg"):
        monkeypatch.setattr(sys, "path", [str(tmp_path / parts[0])])
    (entry,) = plugin_entry_points()
    assert (entry.name, entry.value) == ("ZZ", "zz_lint")


def test_sorted_whatever_the_order_of_installation(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    one, two = tmp_path / "one", tmp_path / "two"
    install(one, "b-1.dist-info", entry_points="[lint_multistage]\nBB = b\n")
    install(two, "a-1.dist-info", entry_points="[lint_multistage]\nAA = a\n")
    monkeypatch.setattr(sys, "path", [str(one), str(two)])
    assert [entry.name for entry in plugin_entry_points()] == ["AA", "BB"]


def test_nothing_is_imported_where_only_we_are_installed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    install(
        tmp_path, "lint_multistage-0.1.0.dist-info", entry_points="[lint_multistage]\nMS = lint_multistage.checks\n"
    )
    install(tmp_path, "other-1.dist-info", entry_points="[console_scripts]\nx = y\n")
    monkeypatch.setitem(sys.modules, "importlib.metadata", None)
    assert plugin_entry_points() == []
