"""`lint-multistage [lint]`."""

from __future__ import annotations

import os
from argparse import Namespace
from collections.abc import Callable, Sequence

from lint_multistage.building import build_file_name
from lint_multistage.check import page_url
from lint_multistage.commands.terminal import Progress, coloured, columns, put
from lint_multistage.findings import Failure, Note
from lint_multistage.linting import STDIN, FileResults, Linter, Options, lint_files, settings_of
from lint_multistage.plugins import Plugins, load_plugins
from lint_multistage.reports import FOR_PROGRAMS
from lint_multistage.reports.style import one_line
from lint_multistage.results import Results, Rule
from lint_multistage.settings.errors import UsageError, nearest
from lint_multistage.settings.files import Found, walk
from lint_multistage.settings.settings import Settings

_SETTINGS = (
    "select",
    "ignore",
    "extend-select",
    "extend-ignore",
    "per-file-ignores",
    "preview",
    "target",
    "build-arg",
    "exclude",
    "extend-exclude",
    "force-exclude",
    "max-file-size",
    "format",
    "output-file",
    "fail-on",
    "baseline",
)


def run(arguments: Namespace) -> int:
    """Lint, and give the exit status."""
    paths = arguments.paths or ["."]
    options = options_of(arguments, _SETTINGS, paths)
    if arguments.show_settings:
        return _show_settings(arguments.show_settings, options)
    common = _settings_here(paths, options)
    linter = Linter(load_plugins(common.require_plugins), options)
    named = linter.builds.named()
    found = walk([*(path for path in paths if path not in options.build_files), *named.dockerfiles], linter.settings)
    if arguments.show_files:
        put("".join(f"{path}\n" for path in found.files))
        return 0
    _check_report(common, arguments, linter.plugins)
    if arguments.add_ignores:
        from lint_multistage.commands import ignores

        results, status = ignores.run(found.files, linter, arguments.reason), 0
    elif arguments.diff or arguments.fix:
        from lint_multistage.commands import fix

        results, status = fix.run(found.files, linter, arguments)
    else:
        progress = Progress(len(found.files))
        results = list(lint_files(linter, found.files, arguments.jobs, progress))
        progress.clear()
        status = 0
    results += [linter.lint_inline(each) for each in named.inlines]
    failures = [*named.failures, *_unknown_targets(common, results)]
    if arguments.write_baseline:
        return _write_baseline(arguments.write_baseline, results, failures)
    results, notes = _narrowed(results, common, linter, arguments)
    whole = _whole(found, results, [*named.notes, *notes], failures, linter.plugins)
    _print(whole, common, linter.plugins, arguments)
    if whole.failures:
        return 2
    if status or (not arguments.exit_zero and _fails(whole, linter)):
        return 1
    return 0


def options_of(arguments: Namespace, keys: Sequence[str], paths: Sequence[str]) -> Options:
    """The options that flags give."""
    overrides: dict[str, tuple[str, object]] = {}
    for key in keys:
        value = getattr(arguments, key.replace("-", "_"))
        if key == "build-arg" and value is not None:
            value = [_argument(text) for text in value]
        overrides[key] = (f"--{key}", value)
    if arguments.project_root and not os.path.isdir(arguments.project_root):
        raise UsageError(f"--project-root: there is no folder {arguments.project_root}")
    files = [path for path in paths if path != STDIN and not os.path.isdir(path)]
    build_files = [path for path in files if build_file_name(path) and os.path.isfile(path)]
    return Options(
        overrides=overrides,
        isolated=arguments.isolated,
        config=arguments.config,
        project_root=arguments.project_root,
        project=not getattr(arguments, "no_project", False),
        stdin_name=arguments.stdin_display_name,
        given=frozenset(os.path.normpath(path) for path in files if path not in build_files),
        build_files=tuple(dict.fromkeys(build_files)),
    )


def _narrowed(
    results: list[FileResults], settings: Settings, linter: Linter, arguments: Namespace
) -> tuple[list[FileResults], list[Note]]:
    """The results less what a baseline keeps back or lies outside what changed, and what is to be said of that."""
    notes: list[Note] = []
    if settings.baseline:
        from lint_multistage.commands.baseline import kept_back, unused
        from lint_multistage.settings.baseline import read_baseline

        baseline = read_baseline(settings.baseline, settings.origins.get("baseline", "--baseline"))
        results = kept_back(results, baseline)
        notes = unused(baseline, results, linter)
    if arguments.diff_base:
        from lint_multistage.commands.changed import changed_since, of_changes

        first = next(iter(arguments.paths), ".")
        folder = first if os.path.isdir(first) else os.path.dirname(first)
        results = of_changes(results, changed_since(arguments.diff_base, folder), linter)
    return results, notes


def _write_baseline(path: str, results: Sequence[FileResults], failures: Sequence[Failure]) -> int:
    """Write a baseline; what could not be linted is told, since its findings are not in it."""
    from lint_multistage.commands.baseline import write_baseline

    write_baseline(path, results)
    failed = [*failures, *(failure for result in results for failure in result.failures)]
    for failure in failed:
        put(f"error: {one_line(': '.join(part for part in (failure.path, failure.message) if part))}\n")
    return 2 if failed else 0


def _argument(text: str) -> str:
    """`NAME` alone takes its value from the environment, as `docker build` does."""
    return text if "=" in text else f"{text}={os.environ.get(text, '')}"


def _settings_here(paths: Sequence[str], options: Options) -> Settings:
    """The settings that hold for the whole run: those of the first path."""
    first = paths[0]
    return settings_of(os.path.join(first, "Dockerfile") if os.path.isdir(first) else first, options)


def _show_settings(path: str, options: Options) -> int:
    from lint_multistage.settings.settings import show

    put("".join(f"{line}\n" for line in show(_settings_here([path], options))))
    return 0


def _check_report(settings: Settings, arguments: Namespace, plugins: Plugins) -> None:
    """Mistakes that should be told before any work is done."""
    if settings.format not in plugins.reports:
        near = nearest(settings.format, plugins.reports)
        mend = f"did you mean '{near}'?" if near else f"known are {', '.join(sorted(plugins.reports))}"
        raise UsageError(
            f"{settings.origins.get('format', '--format')}: there is no report '{settings.format}'; {mend}"
        )
    if arguments.statistics and settings.format not in ("text", "concise"):
        raise UsageError(f"--statistics goes with the reports text and concise, not with {settings.format}")
    if (arguments.unsafe_fixes or arguments.fix_only) and not (arguments.fix or arguments.diff):
        raise UsageError("--unsafe-fixes and --fix-only go with --fix or --diff")
    if arguments.reason and not arguments.add_ignores:
        raise UsageError("--reason goes with --add-ignores")
    writing = [flag for flag in ("fix", "diff", "add_ignores", "write_baseline") if getattr(arguments, flag)]
    if len(writing) > 1 and writing != ["fix", "diff"]:
        both = " and ".join(f"--{flag.replace('_', '-')}" for flag in writing)
        raise UsageError(f"{both} cannot be done in one run; do one after the other")


def _unknown_targets(settings: Settings, results: Sequence[FileResults]) -> list[Failure]:
    """A target that no file has is a slip of the pen."""
    known = {name for result in results for name in result.known_targets}
    missing = [name for name in settings.target if name not in known and results]
    return [Failure(results[0].path, f"--target: there is no stage '{name}' in any file") for name in missing]


def _whole(
    found: Found,
    results: Sequence[FileResults],
    notes: Sequence[Note],
    failures: Sequence[Failure],
    plugins: Plugins,
) -> Results:
    templates = [Note(path, "template", "passed over: the name is that of a template") for path in found.templates]
    unreadable = [Failure(path, "the folder cannot be read") for path in found.unreadable]
    # Every file of a project brings the notes on its build files.
    notes = [*templates, *notes, *dict.fromkeys(note for result in results for note in result.notes)]
    return Results(
        files=tuple(dict.fromkeys(result.path for result in results)),
        findings=tuple(finding for result in results for finding in result.findings),
        notes=tuple(sorted(notes, key=lambda note: (note.path, note.line or 0, note.message))),
        failures=(*unreadable, *failures, *(failure for result in results for failure in result.failures)),
        fixed=sum(result.fixed for result in results),
        baselined=sum(result.baselined for result in results),
        rules=tuple(
            Rule(check.code, check.name(), check.severity, page_url(check), check.__doc__ or "")
            for check in plugins.checks
        ),
    )


def _print(results: Results, settings: Settings, plugins: Plugins, arguments: Namespace) -> None:
    text = _report(settings, plugins, arguments)(results)
    if arguments.statistics and settings.format == "concise":
        from lint_multistage.reports.text import statistics

        text += statistics(results)
    if settings.output_file:
        from lint_multistage.fixing import write

        try:
            write(settings.output_file, text.encode("utf-8", "backslashreplace"))
        except OSError as error:
            raise UsageError(f"--output-file: {settings.output_file} cannot be written: {error.strerror}") from None
    elif arguments.diff or (arguments.fix and STDIN in arguments.paths):
        import sys

        sys.stderr.write(text)
    else:
        put(text, utf_8=settings.format in FOR_PROGRAMS)


def _report(settings: Settings, plugins: Plugins, arguments: Namespace) -> Callable[[Results], str]:
    if settings.format != "text":
        return plugins.reports[settings.format]
    from lint_multistage.reports.text import render

    colour = not settings.output_file and coloured(arguments.color)
    return lambda results: render(results, colour, arguments.statistics, columns())


def _fails(results: Results, linter: Linter) -> bool:
    return any(finding.severity.rank >= linter.settings(finding.path).fail_on.rank for finding in results.findings)
