"""`lint-multistage graph`."""

from __future__ import annotations

from argparse import Namespace
from collections.abc import Sequence

from msgspec.structs import replace

from lint_multistage.building import Builds, with_roles
from lint_multistage.commands.lint import options_of
from lint_multistage.commands.terminal import coloured, columns, put
from lint_multistage.facts import Facts
from lint_multistage.findings import Failure, Note
from lint_multistage.linting import internal_error, read_file, settings_of
from lint_multistage.model.build import Build, missing_targets
from lint_multistage.plugins import load_plugins
from lint_multistage.settings.files import walk
from lint_multistage.settings.settings import Settings
from lint_multistage.survey import Survey


def run(arguments: Namespace) -> int:
    """Draw the stages of each file, and give the exit status."""
    builds, notes, failures = read_builds(arguments)
    if arguments.format == "json":
        from lint_multistage.graphs.json import render as as_json

        put(as_json(builds, notes, failures), utf_8=True)
        return 2 if failures else 0
    if arguments.format == "mermaid":
        from lint_multistage.graphs.mermaid import render as as_mermaid

        put(as_mermaid(builds), utf_8=True)
    elif arguments.format == "dot":
        from lint_multistage.graphs.dot import render as as_dot

        put(as_dot(builds), utf_8=True)
    else:
        from lint_multistage.graphs.text import render as as_text

        put(as_text(builds, coloured(arguments.color), columns()))
    tell(notes, failures)
    return 2 if failures else 0


def read_builds(arguments: Namespace) -> tuple[list[Build], list[Note], list[Failure]]:
    """The builds of the Dockerfiles that are named, and what kept some from being read."""
    paths = arguments.paths or ["."]
    options = options_of(arguments, ("target", "build-arg"), paths)
    cache: dict[str, Settings] = {}
    # Linting one stage is the same whoever builds it; a picture shows who does, and what they give.
    known = Builds(options.project_root, read=options.project, named=options.build_files, single=True)
    named = known.named()
    paths = [*(path for path in paths if path not in options.build_files), *named.dockerfiles]
    common = settings_of(paths[0] if paths else ".", options, cache)
    facts = load_plugins(common.require_plugins).facts
    builds: list[Build] = []
    failures: list[Failure] = []
    for path in walk(paths, lambda path: settings_of(path, options, cache)).files:
        settings = settings_of(path, options, cache)
        try:
            build = _judged(with_roles(known.of(read_file(path, settings, options), settings.target), settings), facts)
        except Exception as error:  # one file must not keep the others from being read
            failures.append(internal_error(path, error))
            continue
        builds.append(build)
        for name in missing_targets(build.dockerfile, settings.target):
            failures.append(Failure(path, f"--target: there is no stage '{name}'"))
    inline = [
        Note(each.path, "build-file", "an inline Dockerfile is not drawn", each.inline.line) for each in named.inlines
    ]
    return builds, [*named.notes, *inline, *known.notes()], [*named.failures, *failures]


def _judged(build: Build, facts: Facts) -> Build:
    """The build with the roles of the stages that somebody builds, as the checks judge them."""
    survey = Survey(build, facts)
    roles = {stage.index: survey.role(stage.index) for stage in survey.built}
    return replace(build, roles={index: (role.name, role.reason) for index, role in roles.items()})


def tell(notes: Sequence[Note], failures: Sequence[Failure]) -> None:
    """Print notes and failures beside what the command prints."""
    import sys

    from lint_multistage.reports.style import one_line

    for note in notes:
        at = f":{note.line}" if note.line else ""
        print(one_line(f"{note.path}{at}: note: {note.message}"), file=sys.stderr)
    for failure in failures:
        print(one_line(f"{failure.path}: error: {failure.message}"), file=sys.stderr)
