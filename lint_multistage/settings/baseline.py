"""The baseline: findings that were there when a team began, known again by what they speak of, never by their line."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterable, Sequence
from hashlib import sha256

import msgspec
from msgspec import Struct

from lint_multistage.results import PlacedFinding
from lint_multistage.settings.errors import UsageError

_VERSION = 1
_MOST_TEXT = 100


class Entry(Struct, frozen=True, order=True):
    """`count` findings of one kind: the file (as seen from the baseline's folder, with `/`), the code, the stage, and
    the instruction's text, blanks evened out; of a long text the beginning and a digest.
    """

    path: str
    code: str
    stage: str
    text: str
    count: int = 1


class _File(Struct, frozen=True):
    version: int
    findings: tuple[Entry, ...]


class Baseline:
    """The entries of a baseline file, used up by the findings that they keep back."""

    def __init__(self, path: str, entries: Iterable[Entry] = ()) -> None:
        self.path = path
        self.left = Counter[Entry]()
        for entry in entries:
            self.left[_kind(entry)] += entry.count

    def fresh(self, findings: Iterable[PlacedFinding]) -> tuple[PlacedFinding, ...]:
        """The findings that are not in the baseline; the entries of the others are used up."""
        kept: list[PlacedFinding] = []
        for finding in findings:
            kind = _entry(finding, self.path)
            if self.left[kind] > 0:
                self.left[kind] -= 1
            else:
                kept.append(finding)
        return tuple(kept)

    def unused(self) -> list[Entry]:
        """The entries that are left, with their counts."""
        kinds = ((kind, count) for kind, count in self.left.items() if count > 0)
        return sorted(msgspec.structs.replace(kind, count=count) for kind, count in kinds)


def read_baseline(path: str, where: str) -> Baseline:
    """The baseline in the file at `path`; UsageError, which begins with `where`, where it cannot be read."""
    mend = "write it anew with --write-baseline"
    try:
        with open(path, "rb") as file:
            data = file.read()
    except OSError as error:
        reason = error.strerror or error
        raise UsageError(f"{where}: {path} cannot be read ({reason}); write it with --write-baseline") from None
    try:
        read = msgspec.json.decode(data, type=_File)
    except msgspec.MsgspecError as error:
        raise UsageError(f"{where}: {path} is no baseline ({error}); {mend}") from None
    if read.version != _VERSION:
        raise UsageError(f"{where}: {path} has version {read.version}, not {_VERSION}; {mend}")
    return Baseline(path, read.findings)


def baseline_text(findings: Iterable[PlacedFinding], path: str) -> str:
    """What a baseline file at `path` holds for these findings: sorted JSON, an entry a line."""
    counts = Counter(_entry(finding, path) for finding in findings)
    entries = sorted(msgspec.structs.replace(entry, count=count) for entry, count in counts.items())
    lines = ",\n".join(f"    {msgspec.json.encode(entry).decode()}" for entry in entries)
    body = f"[\n{lines}\n  ]" if lines else "[]"
    return f'{{\n  "version": {_VERSION},\n  "findings": {body}\n}}\n'


def told(entries: Sequence[Entry]) -> str:
    """What is said of entries of one file that match nothing any more."""
    shown = ", ".join(sorted({entry.code for entry in entries}))
    total = sum(entry.count for entry in entries)
    what = "1 entry" if total == 1 else f"{total} entries"
    verb = "matches" if total == 1 else "match"
    return f"{what} for {entries[0].path} ({shown}) {verb} nothing any more: write the baseline anew"


def _entry(finding: PlacedFinding, baseline: str) -> Entry:
    text = finding.content if isinstance(finding.content, str) else ""
    if len(text) > _MOST_TEXT:
        digest = sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:16]
        text = f"{text[:_MOST_TEXT]}… {digest}"
    relative = os.path.relpath(finding.path, os.path.dirname(os.path.abspath(baseline)))
    return Entry(_plain(relative.replace(os.sep, "/")), finding.code, _plain(finding.stage or ""), _plain(text))


def _kind(entry: Entry) -> Entry:
    return msgspec.structs.replace(entry, count=1)


def _plain(text: str) -> str:
    """`text` without lone surrogates, which JSON cannot hold."""
    return text.encode("utf-8", "backslashreplace").decode()
