"""`lint-multistage graph`."""

from __future__ import annotations

from argparse import Namespace

from lint_multistage.commands.lint import options_of
from lint_multistage.commands.terminal import coloured, columns, put
from lint_multistage.findings import Failure
from lint_multistage.linting import internal_error, read_file, settings_of
from lint_multistage.model.build import Build, lone_build, unknown_targets
from lint_multistage.settings.files import walk
from lint_multistage.settings.settings import Settings


def run(arguments: Namespace) -> int:
    """Draw the stages of each file, and give the exit status."""
    options = options_of(arguments, ("target", "build-arg"), arguments.paths)
    cache: dict[str, Settings] = {}
    builds: list[Build] = []
    failures: list[Failure] = []
    for path in walk(arguments.paths, lambda path: settings_of(path, options, cache)).files:
        settings = settings_of(path, options, cache)
        try:
            build = lone_build(read_file(path, settings, options), settings.target)
        except Exception as error:  # one file must not keep the others from being drawn
            failures.append(internal_error(path, error))
            continue
        builds.append(build)
        for name in unknown_targets(build.dockerfile, settings.target):
            failures.append(Failure(path, f"--target: there is no stage '{name}'"))
    if arguments.format == "json":
        from lint_multistage.graphs.json import render as as_json

        put(as_json(builds, (), failures), utf_8=True)
    else:
        from lint_multistage.graphs.text import render as as_text

        put(as_text(builds, coloured(arguments.color), columns()))
        _tell(failures)
    return 2 if failures else 0


def _tell(failures: list[Failure]) -> None:
    import sys

    from lint_multistage.reports.style import one_line

    for failure in failures:
        print(one_line(f"{failure.path}: error: {failure.message}"), file=sys.stderr)
