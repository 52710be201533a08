"""Reports: one module a format, each loaded only when its format is asked for."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import TYPE_CHECKING

from lint_multistage.hooks import hookimpl

if TYPE_CHECKING:
    from lint_multistage.results import Results

FOR_PROGRAMS = ("json", "sarif", "github", "gitlab", "checkstyle", "junit", "markdown")
"""Reports that are read as UTF-8, whatever the terminal's encoding."""
NAMES = ("text", "concise", *FOR_PROGRAMS)


@hookimpl
def lint_multistage_reports() -> Mapping[str, Callable[[Results], str]]:
    """The built-in reports by the name that `--format` takes."""
    return {name: partial(_render, name) for name in NAMES}


def _render(name: str, results: Results) -> str:
    """The report `name`, whose module is loaded for it."""
    from importlib import import_module

    module = import_module(f"{__name__}.{name}")
    return str(module.render(results))
