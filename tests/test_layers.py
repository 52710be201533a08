"""Imports go one way: a room knows only the rooms below it."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

PACKAGE = Path(__file__).parent.parent / "lint_multistage"

# From the outermost to the innermost. Rooms of one row do not know each other.
ROWS = (
    ("__main__",),
    ("cli",),
    ("commands",),
    ("docs", "lsp", "testing"),
    ("fixing", "ignoring", "retargeting"),
    ("linting",),
    ("building",),
    ("plugins",),
    ("entry_points",),
    ("engine",),
    ("reports", "graphs", "checks"),
    ("api",),
    ("hooks",),
    ("check",),
    ("advice",),
    ("removal", "wording"),
    ("survey",),
    ("roles",),
    ("settings",),
    ("project",),
    ("contents",),
    ("context",),
    ("facts", "results"),
    ("findings", "model"),
    ("syntax",),
    ("late", "text"),
    ("__init__",),
)
RANK = {room: rank for rank, rooms in enumerate(ROWS) for room in rooms}
# A graph of stages prints with the reports' means, and both make documents of the same form.
ALLOWED = {("graphs", "reports"), ("linting", "plugins"), ("results", "findings"), ("results", "model")}


def room_of(path: Path) -> str:
    return path.relative_to(PACKAGE).parts[0].removesuffix(".py")


def imported_rooms(tree: ast.AST) -> Iterator[str]:
    """The rooms that a module imports when it runs: what only a type checker reads does not count."""
    skipped = {
        id(node)
        for guard in ast.walk(tree)
        if isinstance(guard, ast.If) and ast.unparse(guard.test) == "TYPE_CHECKING"
        for node in ast.walk(guard)
    }
    for node in ast.walk(tree):
        if id(node) in skipped:
            continue
        names: list[str] = []
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and node.module:
            names = [node.module]
            if node.module == "lint_multistage":
                names = [f"lint_multistage.{alias.name}" for alias in node.names]
        for name in names:
            if name == "lint_multistage.__version__":
                continue
            if name.startswith("lint_multistage."):
                yield name.split(".")[1]


def test_every_room_has_a_rank() -> None:
    assert {room_of(path) for path in PACKAGE.rglob("*.py")} == set(RANK)


def test_imports_go_down() -> None:
    wrong = []
    for path in sorted(PACKAGE.rglob("*.py")):
        room = room_of(path)
        for other in imported_rooms(ast.parse(path.read_text())):
            if other != room and RANK[other] <= RANK[room] and (room, other) not in ALLOWED:
                wrong.append(f"{path.relative_to(PACKAGE)} imports {other}")
    assert not wrong
