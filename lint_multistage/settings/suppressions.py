"""Comments that silence findings: `# lint-multistage: ignore[MS301] why`, `# lint-multistage: ignore-file[MS2]`."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from msgspec import Struct

from lint_multistage.findings import Finding
from lint_multistage.model.dockerfile import Dockerfile
from lint_multistage.syntax.ignore_comments import NAME, read_ignore
from lint_multistage.syntax.lines import Comment
from lint_multistage.text import Span


class Suppression(Struct, frozen=True):
    """A comment that silences `codes` (prefixes with their spans) on lines `first` to `last`; none of them where `last`
    is 0.
    """

    comment: Comment
    codes: tuple[tuple[str, Span], ...]
    first: int
    last: int

    def silences(self, code: str, line: int) -> bool:
        return self.first <= line <= self.last and any(code.startswith(prefix) for prefix, _ in self.codes)


class UnusedSuppression(Struct, frozen=True):
    """Codes of a suppression that hid nothing; `unused` may be all of them. `reason` says why where it is not that
    simple.
    """

    suppression: Suppression
    unused: tuple[tuple[str, Span], ...]
    reason: str = ""


def read_suppressions(dockerfile: Dockerfile) -> tuple[Suppression, ...]:
    """The suppressions of a file. One above an instruction covers it, above a FROM the whole stage."""
    found: list[Suppression] = []
    above = _instructions_below(dockerfile)
    for comment in dockerfile.comments:
        text = dockerfile.source[comment.span]
        ignore = read_ignore(text[1:]) if NAME in text else None
        if ignore is None:
            continue
        start = comment.span.start + 1
        codes = tuple((code, Span(start + span.start, start + span.end)) for code, span in ignore.codes)
        if ignore.whole_file:
            first, last = 1, len(dockerfile.source.starts)
        else:
            first, last = (0, 0) if comment.inner else above.get(comment.line, (0, 0))
        found.append(Suppression(comment, codes, first, last))
    return tuple(found)


def _instructions_below(dockerfile: Dockerfile) -> dict[int, tuple[int, int]]:
    """For each line of a comment block that stands directly above an instruction: the lines that a suppression there
    covers.
    """
    lines = {comment.line for comment in dockerfile.comments if not comment.inner}
    covered: dict[int, tuple[int, int]] = {}
    stage_ends = {stage.from_.line: stage.instructions[-1].end_line for stage in dockerfile.stages}
    for instruction in dockerfile.instructions():
        line = instruction.line - 1
        while line in lines:
            covered[line] = (instruction.line, stage_ends.get(instruction.line, instruction.end_line))
            line -= 1
    return covered


def suppress(
    findings: Iterable[tuple[Finding, int]], suppressions: Sequence[Suppression]
) -> tuple[list[Finding], set[tuple[int, str]]]:
    """Take away the silenced findings, each given with the line it stands on.

    The second result holds what was of use: (index of the suppression, prefix).
    """
    kept: list[tuple[int, Finding]] = []
    used: set[tuple[int, str]] = set()
    waiting = sorted(range(len(suppressions)), key=lambda index: suppressions[index].first, reverse=True)
    active: list[int] = []
    for number, (finding, line) in sorted(enumerate(findings), key=lambda found: found[1][1]):
        while waiting and suppressions[waiting[-1]].first <= line:
            active.append(waiting.pop())
        active = [index for index in active if suppressions[index].last >= line]
        silencing = [index for index in active if suppressions[index].silences(finding.code, line)]
        for index in silencing:
            used |= {(index, prefix) for prefix, _ in suppressions[index].codes if finding.code.startswith(prefix)}
        if not silencing:
            kept.append((number, finding))
    return [finding for _, finding in sorted(kept, key=lambda found: found[0])], used


def unused(
    suppressions: Sequence[Suppression], used: set[tuple[int, str]], ran: Iterable[str], known: Iterable[str]
) -> tuple[UnusedSuppression, ...]:
    """The suppressions, or codes of them, that hid nothing.

    `ran` are the codes of the checks that ran on the file: of others nothing can be said. `known` are those of all
    checks that are installed: a code of another family belongs to a plugin that is absent.
    """
    codes = frozenset(ran)
    installed = tuple(known)
    found: list[UnusedSuppression] = []
    for index, suppression in enumerate(suppressions):
        if not suppression.codes:
            found.append(UnusedSuppression(suppression, (), "it names no code: write ignore[MS301]"))
            continue
        idle = tuple(
            (prefix, span)
            for prefix, span in suppression.codes
            if (index, prefix) not in used and _speaks_of(prefix, codes, installed)
        )
        if idle:
            reason = ""
            if not suppression.last:
                inside = suppression.comment.inner
                reason = "it stands inside an instruction" if inside else "no instruction stands directly below it"
            found.append(UnusedSuppression(suppression, idle, reason))
    return tuple(found)


def _speaks_of(prefix: str, ran: frozenset[str], known: tuple[str, ...]) -> bool:
    """Whether every check that `prefix` may mean ran, or there is none although its family is installed."""
    letters = prefix.rstrip("0123456789")
    meant = [code for code in known if code.startswith(prefix)]
    if meant:
        return ran.issuperset(meant)
    return any(code.rstrip("0123456789") == letters for code in known)
