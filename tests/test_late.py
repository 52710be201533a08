"""Regular expressions are compiled when they are used, and all that are named do compile."""

from __future__ import annotations

import ast
import re
from importlib import import_module
from pathlib import Path

import pytest

from lint_multistage.late import late_regex

PACKAGE = Path(__file__).parent.parent / "lint_multistage"
MODULES = sorted(path for path in PACKAGE.rglob("*.py") if path.name != "late.py")


def test_a_late_regex_does_what_a_compiled_one_does() -> None:
    pattern = late_regex(r"(\d+)-X", re.IGNORECASE)
    found = pattern.fullmatch("12-x")
    assert found is not None
    assert found[1] == "12"
    assert [match[1] for match in pattern.finditer("1-x 2-x")] == ["1", "2"]
    assert pattern.pattern == r"(\d+)-X"


def test_a_late_regex_is_not_compiled_before_it_is_asked() -> None:
    pattern = late_regex("(")
    with pytest.raises(re.error):
        pattern.search("")


def test_every_late_regex_of_the_package_compiles() -> None:
    late = 0
    for path in MODULES:
        name = ".".join(path.relative_to(PACKAGE.parent).with_suffix("").parts).removesuffix(".__init__")
        if name.endswith("__main__"):
            continue
        for value in vars(import_module(name)).values():
            if type(value) is late_regex:
                assert value.flags >= 0, name
                late += 1
    assert late > 200


def test_no_module_compiles_a_regex_when_it_is_imported() -> None:
    for path in MODULES:
        tree = ast.parse(path.read_text(encoding="utf-8"))
        within = {
            id(node)
            for function in ast.walk(tree)
            if isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda)
            for node in ast.walk(function)
        }
        for node in ast.walk(tree):
            if isinstance(node, ast.Call) and ast.unparse(node.func) == "re.compile":
                assert id(node) in within, f"{path}:{node.lineno}: use late_regex"
