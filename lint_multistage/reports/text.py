"""The report that people read in a terminal."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from lint_multistage.findings import Failure, Note, Safety, Severity
from lint_multistage.reports.excerpt import GUTTER, excerpt
from lint_multistage.reports.style import (
    BLUE,
    BOLD,
    CYAN,
    DIM,
    GREEN,
    RED,
    YELLOW,
    Style,
    counted,
    one_line,
    visible,
)
from lint_multistage.results import PlacedFinding, PlacedFix, Results

_LOOKS = {Severity.ERROR: RED, Severity.WARNING: YELLOW, Severity.INFO: BLUE}
_MARKS = {Safety.SAFE.value: "[*]", Safety.UNSAFE.value: "[~]"}
_INDENT = " " * (GUTTER + 1)


def render(results: Results, colour: bool = False, statistics: bool = False, columns: int = 120) -> str:
    """Findings with their source lines, then notes, failures and a summary; `statistics` shows counts in their place.

    Source lines are cut to `columns`; prose is left to the terminal. The text ends with a line break.
    """
    style = Style(colour)
    blocks: list[list[str]] = []
    if statistics:
        blocks.append(list(_counts(results)))
    else:
        blocks += ([*_finding(finding, style, columns)] for finding in results.findings)
    blocks.append([style.paint(_note(note), DIM) for note in results.notes])
    blocks.append([_failure(failure, style) for failure in results.failures])
    blocks.append([*_fixable(results, style), _summary(results, style)])
    return "\n\n".join("\n".join(block) for block in blocks if block) + "\n"


def statistics(results: Results) -> str:
    """How often each code was found, most often first: lines of count, code and name; empty without findings."""
    return "".join(f"{line}\n" for line in _counts(results))


def _counts(results: Results) -> Iterator[str]:
    counts = Counter((finding.code, finding.name) for finding in results.findings)
    digits = len(str(max(counts.values(), default=0)))
    for (code, name), count in sorted(counts.items(), key=lambda item: (-item[1], item[0])):
        yield f"{count:>{digits}}  {one_line(code)}  {one_line(name)}"


def _finding(finding: PlacedFinding, style: Style, columns: int) -> Iterator[str]:
    look = _LOOKS[finding.severity]
    head = [
        style.paint(one_line(finding.path), BOLD) + style.paint(f":{finding.line}:{finding.column}", CYAN),
        style.paint(one_line(finding.code), look),
    ]
    mark = _MARKS.get(finding.fix.safety) if finding.fix else None
    if mark:
        head.append(style.paint(mark, GREEN))
    if finding.severity is not Severity.WARNING:
        head.append(style.paint(f"{finding.severity.value}:", look))
    yield " ".join([*head, one_line(finding.message)])
    yield from excerpt(finding, style, look, columns)
    yield from _labelled("hint", finding.hint, style, CYAN)
    if finding.fix and finding.fix.safety == Safety.DISPLAY.value:
        yield from _labelled("suggestion", _suggestion(finding.fix), style, GREEN)
    for place in finding.related:
        where = f"{one_line(place.path)}:{place.line}"
        yield f"{_INDENT}{style.paint('see', CYAN)} {where}: {one_line(place.message)}"


def _labelled(label: str, text: str, style: Style, look: str) -> Iterator[str]:
    """`label: text`; further lines, such as lines of a Dockerfile, stand below, indented, ready to be copied."""
    first, *more = text.strip("\n").splitlines() or [""]
    if not first and not more:
        return
    yield f"{_INDENT}{style.paint(f'{label}:', look)} {visible(first.expandtabs(4))}".rstrip()
    lines = [visible(line.expandtabs(4)).rstrip() for line in more]
    margin = min((len(line) - len(line.lstrip(" ")) for line in lines if line), default=0)
    for line in lines:
        yield f"{_INDENT}{' ' * 4}{line[margin:]}" if line else ""


def _suggestion(fix: PlacedFix) -> str:
    return "\n".join([fix.title, *(edit.text.strip("\n") for edit in fix.edits if edit.text.strip())])


def _note(note: Note) -> str:
    line = "" if note.line is None else f":{note.line}"
    return f"note: {one_line(note.path)}{line}: {one_line(note.message)}"


def _failure(failure: Failure, style: Style) -> str:
    where = f"{style.paint(one_line(failure.path), BOLD)}: " if failure.path else ""
    return f"{style.paint('error:', RED)} {where}{one_line(failure.message)}"


def _fixable(results: Results, style: Style) -> Iterator[str]:
    """What `--fix` would do, which explains the marks too."""
    found = Counter(finding.fix.safety for finding in results.findings if finding.fix)
    safe, unsafe = found[Safety.SAFE.value], found[Safety.UNSAFE.value]
    if safe:
        yield f"{style.paint(_MARKS['safe'], GREEN)} {safe} fixable with --fix"
    if unsafe:
        yield f"{style.paint(_MARKS['unsafe'], GREEN)} {unsafe} {'more ' if safe else ''}with --fix --unsafe-fixes"


def _summary(results: Results, style: Style) -> str:
    sentences: list[str] = []
    findings, files = results.findings, len(results.files)
    if results.fixed:
        sentences.append(style.paint(f"Fixed {counted(results.fixed, 'finding')}.", GREEN))
    if findings:
        severities = Counter(finding.severity for finding in findings)
        parts = (_severities(severities[severity], severity) for severity in _LOOKS if severities[severity])
        named = {finding.path for finding in findings}
        total = len(named.union(results.files))
        where = "1 file" if total == 1 else f"{len(named)} of {total} files"
        look = next(look for severity, look in _LOOKS.items() if severities[severity])
        # Findings can lie in files that were fixed: what is left is what was found after that.
        verb = "Left:" if results.fixed else "Found"
        sentences.append(
            f"{verb} {style.paint(counted(len(findings), 'finding'), look)} ({', '.join(parts)}) in {where}."
        )
    elif results.failures:
        sentences.append(f"No findings in {counted(files, 'file')}.")
    elif files:
        sentences.append(f"{style.paint('All clear:', GREEN)} {counted(files, 'file')}.")
    else:
        sentences.append("No files to lint.")
    if results.baselined:
        sentences.append(f"{results.baselined} more in the baseline.")
    if results.failures:
        sentences.append(
            style.paint(f"Not everything could be done: {counted(len(results.failures), 'failure')}.", RED)
        )
    return " ".join(sentences)


def _severities(count: int, severity: Severity) -> str:
    return f"{count} info" if severity is Severity.INFO else counted(count, severity.value)
