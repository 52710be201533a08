"""From paths to results: read each file, lint it under its settings, and put the findings in place."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

from msgspec import Struct
from msgspec.structs import replace

from lint_multistage.building import Builds, InlineDockerfile, with_roles
from lint_multistage.check import Check, page_url
from lint_multistage.engine import Linted, lint
from lint_multistage.facts import Facts
from lint_multistage.findings import Failure, Finding, Note, Severity
from lint_multistage.late import late_regex
from lint_multistage.model.build import Build, missing_targets
from lint_multistage.model.dockerfile import Dockerfile, read_dockerfile
from lint_multistage.plugins import Plugins
from lint_multistage.results import PlacedFinding, place
from lint_multistage.settings.config import Overrides, settings_for
from lint_multistage.settings.files import template_name
from lint_multistage.settings.selection import check_codes, ignored_for, is_ignored, selected
from lint_multistage.settings.settings import Settings
from lint_multistage.survey import Survey
from lint_multistage.syntax.lines import Problem
from lint_multistage.text import Inset, Source, Span

STDIN = "-"
UNREADABLE = "MS901"
_TEMPLATE_LINE = late_regex(r"^[ \t]*(?:\{%|\{\{|<%)", re.MULTILINE)
_TO_FILL_IN = late_regex(r"\{\{|%%\w+%%|^@\w+@|<\w+>")
_BLANKS = " \t\n\r\v\f"
_WORTH_A_POOL = 40
_CHUNK = 8


class Options(Struct, frozen=True):
    """What the command line says of every file. `project` is false under `--no-project`; `given` are the files that it
    names, less the `build_files` among them.
    """

    overrides: Overrides = {}
    isolated: bool = False
    config: str = ""
    project_root: str = ""
    project: bool = True
    stdin_name: str = "stdin"
    given: frozenset[str] = frozenset()
    build_files: tuple[str, ...] = ()


class FileResults(Struct, frozen=True):
    """What was said of one file. `known_targets` are those names of `--target` that it has a stage for; `fixed` counts
    the fixes that were made, `baselined` the findings that a baseline keeps back.
    """

    path: str
    findings: tuple[PlacedFinding, ...] = ()
    notes: tuple[Note, ...] = ()
    failures: tuple[Failure, ...] = ()
    known_targets: tuple[str, ...] = ()
    fixed: int = 0
    baselined: int = 0


class Linter:
    """Lints files under one set of plugins and options. `texts` are laid over build files, by real path."""

    def __init__(self, plugins: Plugins, options: Options, texts: Mapping[str, str] | None = None) -> None:
        self.plugins = plugins
        self.options = options
        self._settings: dict[str, Settings] = {}
        self._checked: set[int] = set()
        self._facts: dict[int, Facts] = {}
        self.builds = Builds(options.project_root, read=options.project, named=options.build_files, texts=texts)
        self._names = {check.code: check for check in plugins.checks}

    def settings(self, path: str) -> Settings:
        """The settings of a file; UsageError where they are wrong."""
        settings = settings_of(path, self.options, self._settings)
        if id(settings) not in self._checked:
            check_codes(settings, self._names)
            if settings.images or settings.packages:
                from lint_multistage.settings.own_facts import with_own_facts

                self._facts[id(settings)] = with_own_facts(self.plugins.facts, settings)
            self._checked.add(id(settings))
        return settings

    def lint(self, path: str) -> FileResults:
        """Lint one file; whatever is wrong with it becomes a finding, a note or a failure."""
        return self._lint(path, lambda settings: read_file(path, settings, self.options))

    def lint_text(self, path: str, text: str) -> FileResults:
        """Lint `text` in the place of what the file at `path`, which need not exist, holds."""
        return self._lint(path, lambda settings: read_text(path, text, settings))

    def lint_inline(self, asked: InlineDockerfile) -> FileResults:
        """Lint a Dockerfile that stands in a build file."""
        return self._lint(
            asked.path,
            lambda settings: read_text(asked.path, asked.inline.text, settings, asked.inset),
            lambda dockerfile, settings: self.builds.of_inline(dockerfile, asked.inline, settings.target),
        )

    def _lint(
        self,
        path: str,
        read: Callable[[Settings], Dockerfile],
        build: Callable[[Dockerfile, Settings], Build] | None = None,
    ) -> FileResults:
        settings = self.settings(path)
        try:
            dockerfile = without_template(read(settings), self.options)
            if isinstance(dockerfile, Note):
                return FileResults(path, notes=(dockerfile,))
            built = build(dockerfile, settings) if build else None
            return self.results(dockerfile, settings, self.run(dockerfile, settings, built))
        except Exception as error:  # one file must not keep the others from being linted
            return FileResults(path, failures=(internal_error(path, error),))

    def run(self, dockerfile: Dockerfile, settings: Settings, build: Build | None = None) -> Linted:
        """Run the selected checks; `build` is given where the project does not know it by the Dockerfile's path."""
        path = dockerfile.source.path
        checks = self.checks(path, settings)
        unread = not dockerfile.source.text
        if unread:
            checks = [check for check in checks if check.code == UNREADABLE]
        whole = not (unread or settings.select or settings.target) and self.options.project
        return lint(
            with_roles(build or self.builds.of(dockerfile, settings.target), settings),
            checks,
            self._facts.get(id(settings), self.plugins.facts),
            judge_suppressions=self._names if whole else (),
        )

    def survey(self, dockerfile: Dockerfile, settings: Settings) -> Survey:
        """The file under examination, for those who ask other things than the checks do."""
        build = with_roles(self.builds.of(dockerfile, settings.target), settings)
        return Survey(build, self._facts.get(id(settings), self.plugins.facts))

    def checks(self, path: str, settings: Settings) -> list[type[Check]]:
        """The checks that run on a file."""
        ignored = ignored_for(path, settings)
        return [
            check
            for check in self.plugins.checks
            if selected(check.code, settings, preview=check.preview, ignored=ignored)
        ]

    def severity(self, finding: Finding, settings: Settings) -> Severity:
        """How bad a finding is under the settings."""
        return settings.severity.get(finding.code) or finding.severity or self._names[finding.code].severity

    def results(self, dockerfile: Dockerfile, settings: Settings, linted: Linted) -> FileResults:
        """The findings with positions, names and severities."""
        findings = []
        for finding in linted.findings:
            if finding.elsewhere is not None and is_ignored(finding.code, finding.elsewhere.path, settings):
                continue
            check = self._names[finding.code]
            severity = self.severity(finding, settings)
            findings.append(place(finding, check.name(), severity, page_url(check), dockerfile))
        unknown = missing_targets(dockerfile, settings.target)
        return FileResults(
            dockerfile.source.path,
            tuple(findings),
            (*linted.notes, *self.builds.notes()),
            linted.failures,
            tuple(name for name in settings.target if name not in unknown),
        )


def settings_of(path: str, options: Options, cache: dict[str, Settings] | None = None) -> Settings:
    """The settings of a file under the options; standard input goes by its display name."""
    return settings_for(
        options.stdin_name if path == STDIN else path,
        options.overrides,
        isolated=options.isolated,
        config=options.config,
        project_root=options.project_root,
        cache=cache,
    )


def internal_error(path: str, error: Exception) -> Failure:
    """The one line for a fault of ours."""
    reason = str(error).partition("\n")[0]
    return Failure(path, f"internal error, please report it: {type(error).__name__}: {reason}")


def read_file(path: str, settings: Settings, options: Options) -> Dockerfile:
    """Read a Dockerfile. One that cannot be read becomes a Dockerfile without text that has one problem."""
    shown = options.stdin_name if path == STDIN else path
    try:
        data = _bytes(path, settings.max_file_size)
    except OSError as error:
        return _unreadable(shown, f"the file cannot be read: {error.strerror or error}")
    if len(data) > settings.max_file_size:
        return _unreadable(shown, f"the file is larger than {settings.max_file_size} bytes (max-file-size)")
    return read_text(shown, data.decode("utf-8", "surrogateescape"), settings)


def read_text(shown: str, text: str, settings: Settings, inset: Inset | None = None) -> Dockerfile:
    """Read the text of a Dockerfile that is called `shown`, or stands in that file at `inset`."""
    if not text.strip(_BLANKS):
        return _unreadable(shown, "the file is empty")
    dockerfile = read_dockerfile(Source.of(shown, text, inset), settings.build_arg)
    if dockerfile.problems and "\0" in text:
        return _unreadable(shown, "the file is binary: it holds a NUL byte")
    return dockerfile


def without_template(dockerfile: Dockerfile, options: Options) -> Dockerfile | Note:
    """`dockerfile` itself, unless it is a template of one: then a note, or where somebody named it, one problem."""
    path = dockerfile.source.path
    named = path in options.given
    if named and template_name(path):
        return _unreadable(path, "the file is a template, not a Dockerfile: lint what it is made into")
    match = _TEMPLATE_LINE.search(dockerfile.source.text) if dockerfile.problems else None
    place = match.start() if match else _filled_in(dockerfile)
    if place is None:
        return dockerfile
    line = dockerfile.source.in_file(place).line
    if named:
        return _unreadable(path, f"the file is a template (line {line}): lint what it is made into")
    return Note(path, "template", f"passed over: line {line} is that of a template", line)


def _filled_in(dockerfile: Dockerfile) -> int | None:
    """The place of a FROM whose image is yet to be filled in, None where there is none."""
    bases = (stage.from_.base for stage in dockerfile.stages)
    return next((base.span.start for base in bases if _TO_FILL_IN.search(base.text)), None)


def _bytes(path: str, limit: int) -> bytes:
    """The content of a file, as far as one byte beyond the limit. Pipes and devices are read as far, too."""
    if path == STDIN:
        import sys

        return sys.stdin.buffer.read(limit + 1)
    with open(path, "rb") as file:
        return file.read(limit + 1)


def _unreadable(path: str, message: str) -> Dockerfile:
    return replace(read_dockerfile(Source.of(path, "")), problems=(Problem(Span(0, 0), message),))


def lint_files(
    linter: Linter, paths: Sequence[str], jobs: int, progress: Callable[[int], None] = lambda done: None
) -> Iterator[FileResults]:
    """Lint `paths`, in their order; with many of them in `jobs` processes (0: one for each processor)."""
    jobs = min(jobs or _processors(), len(paths) // _CHUNK)
    results: Iterable[FileResults]
    if jobs < 2 or len(paths) < _WORTH_A_POOL:
        results = map(linter.lint, paths)
    else:
        results = _in_processes(linter, paths, jobs)
    for done, result in enumerate(results, 1):
        progress(done)
        yield result


def _processors() -> int:
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


_worker: list[Linter] = []


def _in_processes(linter: Linter, paths: Sequence[str], jobs: int) -> Iterator[FileResults]:
    import multiprocessing
    from concurrent.futures import ProcessPoolExecutor

    method = "fork" if "fork" in multiprocessing.get_all_start_methods() else "spawn"
    context = multiprocessing.get_context(method)
    required = linter.settings(paths[0]).require_plugins
    with ProcessPoolExecutor(jobs, context, _start_worker, (linter.options, required)) as pool:
        yield from pool.map(_lint_in_worker, paths, chunksize=_CHUNK)


def _start_worker(options: Options, required: Sequence[str]) -> None:
    import signal

    from lint_multistage.plugins import load_plugins

    # The parent answers an interrupt; traces of every worker would only hide its answer.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    _worker[:] = [Linter(load_plugins(required), options)]


def _lint_in_worker(path: str) -> FileResults:
    return _worker[0].lint(path)
