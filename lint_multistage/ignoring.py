"""Write comments that silence findings: `# lint-multistage: ignore[MS301] why`, above the instruction concerned."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from lint_multistage.findings import Finding
from lint_multistage.model.dockerfile import Dockerfile
from lint_multistage.results import instruction_at
from lint_multistage.settings.suppressions import Suppression, read_suppressions
from lint_multistage.syntax.ignore_comments import NAME
from lint_multistage.syntax.instructions import Instruction
from lint_multistage.text import BOM, Edit, Span

UNUSED = "MS902"
"""What is said of such comments themselves is mended, not silenced."""


def ignore_edits(dockerfile: Dockerfile, findings: Iterable[Finding], reason: str = "") -> tuple[Edit, ...]:
    """The edits that silence those of `findings` that a comment in `dockerfile` can silence.

    Each comment stands directly above its instruction, so never above a parser directive nor inside an instruction;
    one above a FROM silences its codes in the whole stage. Codes join a comment that is there already.
    """
    by_instruction: dict[int, set[str]] = {}
    places: dict[int, Instruction] = {}
    for finding in findings:
        if finding.elsewhere is not None or finding.code == UNUSED or dockerfile.source.inset is not None:
            continue
        instruction = instruction_at(dockerfile, dockerfile.source.line_number(finding.span.start))
        if instruction is not None:
            places[instruction.line] = instruction
            by_instruction.setdefault(instruction.line, set()).add(finding.code)
    present = _present(dockerfile)
    return tuple(
        _joined(present[line], codes) if line in present else _new(dockerfile, places[line], codes, reason)
        for line, codes in sorted(by_instruction.items())
    )


def _present(dockerfile: Dockerfile) -> Mapping[int, Suppression]:
    """The suppression directly above each instruction, by the instruction's line, that names codes."""
    return {
        found.first: found
        for found in read_suppressions(dockerfile)
        if found.codes and found.last and found.comment.line < found.first
    }


def _joined(suppression: Suppression, codes: Iterable[str]) -> Edit:
    """The codes behind those that the comment names."""
    _, last = suppression.codes[-1]
    return Edit(Span(last.end, last.end), "".join(f", {code}" for code in sorted(codes)))


def _new(dockerfile: Dockerfile, instruction: Instruction, codes: Iterable[str], reason: str) -> Edit:
    """A comment on a line of its own, indented as the instruction is."""
    source = dockerfile.source
    start = source.starts[instruction.line - 1]
    if start == 0 and source.text.startswith(BOM):
        start = len(BOM)
    indent = source[Span(start, instruction.keyword.span.start)]
    indent = indent if not indent.strip() else ""
    why = f" {' '.join(reason.split())}" if reason.strip() else ""
    return Edit(Span(start, start), f"{indent}# {NAME}: ignore[{', '.join(sorted(codes))}]{why}{source.line_end}")
