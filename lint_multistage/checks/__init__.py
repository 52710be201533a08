"""The built-in plugin: every module beside this one holds one check."""

from __future__ import annotations

import os
from importlib import import_module

from lint_multistage.check import Check
from lint_multistage.hooks import hookimpl


@hookimpl
def lint_multistage_checks() -> list[type[Check]]:
    """Every check of this package: the one Check subclass that each module defines."""
    found: list[type[Check]] = []
    for file in sorted(os.listdir(os.path.dirname(__file__))):
        stem, ending = os.path.splitext(file)
        if ending != ".py" or stem == "__init__":
            continue
        name = f"{__name__}.{stem}"
        found += [
            value
            for value in vars(import_module(name)).values()
            if isinstance(value, type) and issubclass(value, Check) and value.__module__ == name
        ]
    return found
