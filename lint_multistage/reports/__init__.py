"""Reports: one module a format, each loaded only when its format is asked for."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from lint_multistage.hooks import hookimpl

if TYPE_CHECKING:
    from lint_multistage.results import Results


@hookimpl
def lint_multistage_reports() -> Mapping[str, Callable[[Results], str]]:
    """The built-in reports by the name that `--format` takes."""
    return {"text": _text, "concise": _concise, "json": _json, "sarif": _sarif, "github": _github}


def _text(results: Results) -> str:
    from lint_multistage.reports.text import render

    return render(results)


def _concise(results: Results) -> str:
    from lint_multistage.reports.concise import render

    return render(results)


def _json(results: Results) -> str:
    from lint_multistage.reports.json import render

    return render(results)


def _sarif(results: Results) -> str:
    from lint_multistage.reports.sarif import render

    return render(results)


def _github(results: Results) -> str:
    from lint_multistage.reports.github import render

    return render(results)
