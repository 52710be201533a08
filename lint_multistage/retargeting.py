"""Mend the words of build files that ask for a stage which a Dockerfile does not have."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence

from msgspec import Struct
from msgspec.structs import replace

from lint_multistage.findings import Severity
from lint_multistage.linting import FileResults, Linter
from lint_multistage.model.dockerfile import Dockerfile
from lint_multistage.results import PlacedEdit, PlacedFinding
from lint_multistage.text import Edit, Source, Span, apply_edits


class Linted(Struct, frozen=True):
    """A Dockerfile, and what is said of it."""

    dockerfile: Dockerfile
    results: FileResults


class Retargeted(Struct, frozen=True):
    """What is said of the Dockerfiles now, how many words of build files were replaced, and which of these files could
    not be read or written.
    """

    results: tuple[FileResults, ...]
    count: int
    failed: tuple[tuple[str, OSError], ...]


def retarget(
    linter: Linter,
    linted: Sequence[Linted],
    is_wanted: Callable[[PlacedFinding], bool],
    save: Callable[[Source, str], None],
) -> Retargeted:
    """Mend the wanted findings in build files, one file after the other; `save` gets each file and its new text.

    A file is left as it is where not all of its findings would go, or a check would find more errors.
    """
    texts: dict[str, str] = {}
    results = [each.results for each in linted]
    count = 0
    failed: list[tuple[str, OSError]] = []
    for path, findings in _by_file(linted, is_wanted).items():
        try:
            with open(path, "rb") as file:
                source = Source.decode(path, file.read())
            edits = _edits(source, findings)
            text = apply_edits(source.text, edits)
            trial = {**texts, os.path.realpath(path): text}
            after = _relinted(linter, linted, trial) if edits else results
            fewer = _count(results, path) - _count(after, path)
            if edits and fewer >= len(edits) and not _errors(after) - _errors(results):
                save(source, text)
                texts, results, count = trial, after, count + len(edits)
        except OSError as error:
            failed.append((path, error))
    return Retargeted(tuple(results), count, tuple(failed))


def _by_file(
    linted: Iterable[Linted], is_wanted: Callable[[PlacedFinding], bool]
) -> dict[str, list[tuple[PlacedEdit, str]]]:
    """The edits of each build file, with the words that they replace."""
    found: dict[str, list[tuple[PlacedEdit, str]]] = {}
    for each in linted:
        for finding in each.results.findings:
            if finding.path != each.results.path and finding.fix is not None and is_wanted(finding):
                for edit in finding.fix.edits:
                    found.setdefault(edit.path, []).append((edit, str(finding.content)))
    return found


def _edits(source: Source, wanted: Iterable[tuple[PlacedEdit, str]]) -> list[Edit]:
    """The edits at whose place the words still stand. Where two builds share them and want others, neither is right."""
    found: dict[Span, set[str]] = {}
    for edit, words in wanted:
        if edit.start.line <= len(source.starts):
            start = source.starts[edit.start.line - 1] + edit.start.column - 1
            span = Span(start, start + len(words))
            if source[span] == words:
                found.setdefault(span, set()).add(edit.text)
    return [Edit(span, text) for span, texts in found.items() if len(texts) == 1 for text in texts]


def _relinted(linter: Linter, linted: Sequence[Linted], texts: Mapping[str, str]) -> list[FileResults]:
    """What is said of the Dockerfiles where build files read as in `texts`."""
    other = Linter(linter.plugins, linter.options, texts)
    found = []
    for each in linted:
        settings = other.settings(each.results.path)
        again = other.results(each.dockerfile, settings, other.run(each.dockerfile, settings))
        found.append(replace(again, fixed=each.results.fixed))
    return found


def _count(results: Iterable[FileResults], path: str) -> int:
    return sum(finding.path == path for each in results for finding in each.findings)


def _errors(results: Iterable[FileResults]) -> Counter[tuple[str, str]]:
    return Counter((each.path, x.code) for each in results for x in each.findings if x.severity is Severity.ERROR)
