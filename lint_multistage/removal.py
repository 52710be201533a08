"""Take a stage out of a Dockerfile."""

from __future__ import annotations

from lint_multistage.model.dockerfile import Dockerfile
from lint_multistage.model.stages import is_number
from lint_multistage.syntax.instructions import Copy
from lint_multistage.text import BOM, Edit, Span


def removal(dockerfile: Dockerfile, stage: int) -> tuple[Edit, ...]:
    """The edits that remove a stage with the comments that belong to it, and count the stages below anew where they
    are named by number; none where the stage is read by number, or is the only one.
    """
    stages = dockerfile.stages
    if len(stages) < 2:
        return ()
    start = _start(dockerfile, stage)
    end = _start(dockerfile, stage + 1) if stage + 1 < len(stages) else len(dockerfile.source.text)
    edits = [Edit(Span(start, end), "")]
    for instruction in dockerfile.instructions():
        word = instruction.source if isinstance(instruction, Copy) else None
        if word is None or not is_number(word.text) or start <= word.span.start < end:
            continue
        number = int(word.text)
        if number == stage:
            return ()
        if number > stage:
            edits.append(Edit(word.span, str(number - 1)))
    return tuple(edits)


def _start(dockerfile: Dockerfile, stage: int) -> int:
    """Where a stage begins: at the comments that stand directly above its FROM. Parser directives are not its."""
    line = dockerfile.stages[stage].from_.line
    comments = {comment.line for comment in dockerfile.comments if not comment.inner}
    comments -= {dockerfile.source.line_number(directive.span.start) for directive in dockerfile.directives}
    while line - 1 in comments:
        line -= 1
    start = dockerfile.source.starts[line - 1]
    return len(BOM) if start == 0 and dockerfile.source.text.startswith(BOM) else start
