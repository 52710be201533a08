"""Take stages out of a Dockerfile."""

from __future__ import annotations

from collections.abc import Collection

from lint_multistage.model.dockerfile import Dockerfile
from lint_multistage.model.stages import is_number
from lint_multistage.syntax.instructions import Copy
from lint_multistage.text import BOM, Edit, Span


def removal(dockerfile: Dockerfile, removed: Collection[int]) -> tuple[Edit, ...]:
    """The edits that remove stages with the comments that belong to them, and count those below anew where they are
    named by number; none where what stays reads one of them by number, or nothing would stay.
    """
    stages = dockerfile.stages
    if len(removed) >= len(stages):
        return ()
    spans = [Span(_start(dockerfile, index), _end(dockerfile, index)) for index in sorted(removed)]
    edits = [Edit(span, "") for span in spans]
    for instruction in dockerfile.instructions():
        word = instruction.source if isinstance(instruction, Copy) else None
        if word is None or not is_number(word.text):
            continue
        if any(span.start <= word.span.start < span.end for span in spans):
            continue
        number = int(word.text)
        if number in removed:
            return ()
        if before := sum(index < number for index in removed):
            edits.append(Edit(word.span, str(number - before)))
    return tuple(edits)


def _end(dockerfile: Dockerfile, stage: int) -> int:
    """Where a stage ends: at the next one, or with the file."""
    return _start(dockerfile, stage + 1) if stage + 1 < len(dockerfile.stages) else len(dockerfile.source.text)


def _start(dockerfile: Dockerfile, stage: int) -> int:
    """Where a stage begins: at the comments that stand directly above its FROM. Parser directives are not its."""
    line = dockerfile.stages[stage].from_.line
    comments = {comment.line for comment in dockerfile.comments if not comment.inner}
    comments -= {dockerfile.source.line_number(directive.span.start) for directive in dockerfile.directives}
    while line - 1 in comments:
        line -= 1
    start = dockerfile.source.starts[line - 1]
    return len(BOM) if start == 0 and dockerfile.source.text.startswith(BOM) else start
