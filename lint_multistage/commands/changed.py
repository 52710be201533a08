"""`--diff-base`: only what is said of stages that changed since a commit."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from functools import partial
from re import MULTILINE

from msgspec import Struct
from msgspec.structs import replace

from lint_multistage.late import late_regex
from lint_multistage.linting import FileResults, Linter, read_file
from lint_multistage.model.dockerfile import Dockerfile
from lint_multistage.model.stages import Stage
from lint_multistage.results import PlacedFinding
from lint_multistage.settings.errors import UsageError

# Whatever the user's configuration says.
_PLAIN = ("--no-ext-diff", "--no-textconv", "--no-color", "--text")
_HUNK = late_regex(rb"^@@ -\d+(?:,\d+)? \+(\d+)(?:,(\d+))? @@", MULTILINE)


class Changed(Struct, frozen=True):
    """The files that differ from a commit: by absolute path the lines that changed, None where the file is new."""

    lines: dict[str, tuple[range, ...] | None]

    def touches(self, path: str, first: int, last: int) -> bool:
        """Whether one of the lines from `first` to `last` of the file changed."""
        found = self.lines.get(os.path.abspath(path), ())
        return found is None or any(lines.start <= last and lines.stop > first for lines in found)


def changed_since(base: str, folder: str) -> Changed:
    """What of the working tree around `folder` differs from where it and the commit `base` parted.

    UsageError where git cannot tell.
    """
    git = partial(_git, base, folder)
    top = os.fsdecode(git("rev-parse", "--show-toplevel")).rstrip("\n")
    start = os.fsdecode(git("merge-base", "--end-of-options", base, "HEAD")).strip()
    lines: dict[str, tuple[range, ...] | None] = {}
    for before, after in _pairs(git("diff", "--raw", "-z", "-M", "--diff-filter=d", start, "--", top)):
        path = os.path.join(top, after)
        if not before:
            lines[path] = None
            continue
        names = [os.path.join(top, name) for name in dict.fromkeys((before, after))]
        lines[path] = tuple(_hunks(git("diff", "--unified=0", "-M", *_PLAIN, start, "--", *names)))
    for name in git("ls-files", "-z", "--others", "--exclude-standard", "--full-name", "--", top).split(b"\0"):
        if name:
            lines[os.path.join(top, os.fsdecode(name))] = None
    return Changed(lines)


def of_changes(results: Sequence[FileResults], changed: Changed, linter: Linter) -> list[FileResults]:
    """The results less the findings on stages that did not change."""
    return [
        replace(result, findings=tuple(_of_file(result, changed, linter))) if result.findings else result
        for result in results
    ]


def _of_file(result: FileResults, changed: Changed, linter: Linter) -> Iterator[PlacedFinding]:
    path = result.path
    own = os.path.abspath(path) in changed.lines
    dockerfile = read_file(path, linter.settings(path), linter.options) if own else None
    for finding in result.findings:
        places = [(finding.path, finding.line), *((place.path, place.line) for place in finding.related)]
        if any(_is_changed(place, line, path, dockerfile, changed) for place, line in places):
            yield finding


def _is_changed(path: str, line: int, linted: str, dockerfile: Dockerfile | None, changed: Changed) -> bool:
    """Whether what surrounds a place changed: in the Dockerfile its stage, what that stands on, or what is above all
    stages; in any other file the line.
    """
    if path != linted:
        return changed.touches(path, line, line)
    if dockerfile is None:
        return False
    stage = next((stage for stage in reversed(dockerfile.stages) if stage.from_.line <= line), None)
    above = (1, dockerfile.stages[0].from_.line - 1) if dockerfile.stages else (1, line)
    standing = dockerfile.graph.lineage(stage) if stage else ()
    return any(changed.touches(path, *lines) for lines in (above, *(_lines(each, dockerfile) for each in standing)))


def _lines(stage: Stage, dockerfile: Dockerfile) -> tuple[int, int]:
    """The lines from the stage's FROM to before the next one."""
    following = dockerfile.stages[stage.index + 1 :]
    return stage.from_.line, following[0].from_.line - 1 if following else len(dockerfile.source.starts)


def _git(base: str, folder: str, *arguments: str) -> bytes:
    """What git prints."""
    import subprocess

    try:
        done = subprocess.run(["git", *arguments], capture_output=True, stdin=subprocess.DEVNULL, cwd=folder or None)
    except OSError:
        raise UsageError("--diff-base needs git, which is not installed") from None
    if done.returncode:
        reason = done.stderr.decode("utf-8", "replace").strip().splitlines()
        said = reason[-1].removeprefix("fatal: ") if reason else "the two have no commit in common"
        raise UsageError(f"--diff-base {base}: git cannot compare with it: {said}")
    return done.stdout


def _pairs(raw: bytes) -> Iterator[tuple[str, str]]:
    """The files of `git diff --raw -z` as they were called before, empty where they are new, and now."""
    fields = iter(raw.split(b"\0"))
    for head in fields:
        if not head:
            continue
        status = head.rsplit(b" ", 1)[-1][:1]
        before = after = os.fsdecode(next(fields))
        if status in (b"R", b"C"):
            after = os.fsdecode(next(fields))
        yield "" if status == b"A" else before, after


def _hunks(diff: bytes) -> Iterator[range]:
    """The lines of the new file that a diff without context changes; where lines are gone, those around the gap."""
    for match in _HUNK.finditer(diff):
        start, count = int(match[1]), int(match[2] or 1)
        yield range(start, start + count) if count else range(start, start + 2)
