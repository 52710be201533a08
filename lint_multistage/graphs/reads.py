"""What a stage reads, in words."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from lint_multistage.model.stages import Reference, Stage
from lint_multistage.reports.style import DIM, Style, one_line, shortened, width

_KINDS = {"from": "FROM ", "copy-from": "COPY --from=", "mount-from": "mount from=", "onbuild": "ONBUILD from="}
_LONGEST = 60
_MOST_ALTERNATIVES = 4
"""More stages that an argument may choose among are counted, neither named nor drawn."""


def drawn_alternatives(reference: Reference) -> tuple[int, ...]:
    """The stages that a FROM may mean under other arguments, as far as a picture shows them."""
    return reference.alternatives if len(reference.alternatives) <= _MOST_ALTERNATIVES else ()


def label_of(stage: Stage) -> str:
    """The stage's label, fit for a line in a terminal."""
    return fit(stage.label)


def reads(references: Sequence[Reference], stages: Sequence[Stage]) -> Iterator[tuple[str, list[str]]]:
    """What the `references` of a stage lead to, by kind: the words in front, and the list."""
    for kind, lead in _KINDS.items():
        names = [name for reference in references if reference.kind == kind for name in _named(reference, stages)]
        if names:
            yield lead, list(dict.fromkeys(names))


def _named(reference: Reference, stages: Sequence[Stage]) -> Iterator[str]:
    if reference.to is not None:
        where = " (itself)" if reference.to == reference.stage else " (below)" if reference.to > reference.stage else ""
        yield label_of(stages[reference.to]) + where
    elif reference.image is not None:
        yield fit(reference.image)
    else:
        yield f"{fit(reference.unknown or '')} ?"
    drawn = drawn_alternatives(reference)
    for other in drawn:
        yield f"or {label_of(stages[other])}"
    if reference.alternatives and not drawn:
        yield f"or {len(reference.alternatives)} others ({fit(reference.word.text)})"


def fit(text: str) -> str:
    """`text` on one line, cut where it is long."""
    return shortened(one_line(text), _LONGEST)


def wrapped(pieces: Sequence[tuple[str, list[str]]], style: Style, columns: int) -> list[str]:
    """All `pieces` (words in front, list) on one line where they fit, else a line or more for each; never empty."""
    whole = [(lead, "".join(_joined(texts))) for lead, texts in pieces]
    if sum(width(lead) + width(text) + 2 for lead, text in whole) - 2 <= columns:
        return ["  ".join(style.paint(lead, DIM) + text for lead, text in whole)]
    lines: list[str] = []
    for lead, texts in pieces:
        line, used = style.paint(lead, DIM), width(lead)
        for at, text in enumerate(_joined(texts)):
            if at and used + width(text.rstrip()) > columns:
                lines.append(line.rstrip())
                line, used = "  ", 2
            line += text
            used += width(text)
        lines.append(line)
    return lines


def _joined(texts: Sequence[str]) -> Iterator[str]:
    """Each of `texts` with what parts it from the next."""
    for text, following in zip(texts, (*texts[1:], None), strict=True):
        yield text if following is None else f"{text} " if following.startswith("or ") else f"{text}, "
