"""A summary in Markdown, for the page of a CI job (`$GITHUB_STEP_SUMMARY`) or a comment on a pull request."""

from __future__ import annotations

import re

from lint_multistage.findings import Severity
from lint_multistage.reports.style import counted, one_line
from lint_multistage.results import PlacedFinding, Results

_MOST_BYTES = 1_000_000
"""GitHub shows no summary of more than 1 MiB for a step."""
# Marks of Markdown, of tables and HTML, of mentions (@, #), of mathematics and of emoji.
_SPECIAL = r"[\\`*_\[\]#<>|~&$@:]"


def render(results: Results) -> str:
    """A heading that counts, a table of the findings, the hints below it, then failures and notes."""
    head = f"### lint-multistage: {_summary(results)}\n"
    rest = "".join(f"- **error**: {_where(x.path)}{_text(x.message)}\n" for x in results.failures)
    rest += "".join(f"- note: {_where(x.path, x.line)}{_text(x.message)}\n" for x in results.notes)
    rest = f"\n{_fitting(rest.splitlines(keepends=True), _MOST_BYTES // 4)}" if rest else ""
    room = _MOST_BYTES - len(head.encode()) - len(rest.encode())
    rows = _fitting(list(map(_row, results.findings)), room // 2)
    table = f"\n| | Where | Finding |\n| --- | --- | --- |\n{rows}" if rows else ""
    return f"{head}{table}{_hints(results, room // 3)}{rest}"


def _summary(results: Results) -> str:
    files = counted(len(results.files), "file")
    if not results.findings:
        return f"nothing found in {files}" if not results.failures else f"nothing else found in {files}"
    counts = [
        counted(number, severity.value) if severity is not Severity.INFO else f"{number} info"
        for severity in reversed(Severity)
        if (number := sum(finding.severity is severity for finding in results.findings))
    ]
    return f"{counted(len(results.findings), 'finding')} ({', '.join(counts)}) in {files}"


def _row(finding: PlacedFinding) -> str:
    code = f"[{finding.code}]({_target(finding.url)})" if finding.url else finding.code
    where = f"{_code(f'{finding.path}:{finding.line}')}"
    return f"| {finding.severity.value} | {where} | {code} {_text(finding.message)} |\n"


def _hints(results: Results, room: int) -> str:
    """What to write instead, folded away, each hint once."""
    said: dict[str, list[str]] = {}
    for finding in results.findings:
        if finding.hint:
            said.setdefault(finding.hint, []).append(f"{finding.path}:{finding.line}")
    blocks = [
        f"\n{', '.join(map(_code, places[:5]))}{' …' if len(places) > 5 else ''}\n\n{_block(hint)}"
        for hint, places in said.items()
    ]
    inside = _fitting(blocks, room)
    return f"\n<details><summary>What to write instead</summary>\n{inside}\n</details>\n" if inside else ""


def _fitting(parts: list[str], room: int) -> str:
    """As many parts as take no more than `room` bytes, and a word about those left out."""
    kept: list[str] = []
    for at, part in enumerate(parts):
        room -= len(part.encode("utf-8", "replace"))
        if room < 0:
            kept.append(f"\n… and {len(parts) - at} more.\n")
            break
        kept.append(part)
    return "".join(kept)


def _where(path: str, line: int | None = None) -> str:
    if not path:
        return ""
    return f"{_code(f'{path}:{line}' if line else path)} "


def _text(value: str) -> str:
    """`value` on one line, without anything that Markdown, a table or a mention would take for its own."""
    return re.sub(_SPECIAL, lambda match: _entity(match[0]), one_line(value))


def _code(value: str) -> str:
    """`value` as code in a table."""
    return f"<code>{_text(value)}</code>"


def _block(value: str) -> str:
    """`value` as a block of code, line by line."""
    lines = [one_line(line) if line.strip() else "" for line in value.split("\n")]
    indent = [len(line) - len(line.lstrip(" ")) for line in value.split("\n")]
    plain = "\n".join(" " * depth + line.lstrip(" ") for depth, line in zip(indent, lines, strict=True))
    fence = "`" * max(3, max((len(run) + 1 for run in re.findall("`+", plain)), default=3))
    return f"{fence}dockerfile\n{plain}\n{fence}\n"


def _target(url: str) -> str:
    """`url` as the target of a link in a table."""
    from urllib.parse import quote

    return quote(url, safe="/:?=&#%.,;+~@-_", errors="replace")


def _entity(char: str) -> str:
    return f"&#{ord(char)};"
