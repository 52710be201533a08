"""`lint-multistage targets`."""

from __future__ import annotations

from argparse import Namespace

from lint_multistage.commands.graph import read_builds, tell
from lint_multistage.commands.terminal import coloured, put


def run(arguments: Namespace) -> int:
    """Say who builds which stage of each file, and give the exit status."""
    builds, notes, failures = read_builds(arguments)
    if arguments.format == "json":
        from lint_multistage.graphs.targets import render_json

        put(render_json(builds, notes, failures), utf_8=True)
    else:
        from lint_multistage.graphs.targets import render

        put(render(builds, coloured(arguments.color)))
        tell(notes, failures)
    return 2 if failures else 0
