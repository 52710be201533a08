"""What a stage reads, in words."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

from msgspec import Struct

from lint_multistage.advice.sizes import in_words
from lint_multistage.facts.sizes import Size
from lint_multistage.model.build import Build
from lint_multistage.model.contexts import NamedContext, context_name
from lint_multistage.model.stages import Reference, Stage
from lint_multistage.reports.style import DIM, Style, one_line, shortened, width

_KINDS = {"from": "FROM ", "copy-from": "COPY --from=", "mount-from": "mount from=", "onbuild": "ONBUILD from="}
_LONGEST = 60
_MOST_ALTERNATIVES = 4
"""More stages that an argument may choose among are counted, neither named nor drawn."""
_MOST_VALUES = 3


class Contexts(Struct, frozen=True):
    """The named contexts that any build gives: by the names that they replace, and by the stages that they are the base
    of under the arguments of a build.
    """

    by_name: Mapping[str, Sequence[NamedContext]]
    by_stage: Mapping[int, Sequence[NamedContext]]


def contexts_of(build: Build) -> Contexts:
    """The contexts of a build, ready to be asked for."""
    by_name: dict[str, list[NamedContext]] = {}
    by_stage: dict[int, list[NamedContext]] = {}
    for context in build.contexts:
        by_name.setdefault(context.name, []).append(context)
        for stage in context.bases:
            by_stage.setdefault(stage, []).append(context)
    return Contexts(by_name, by_stage)


def given(reference: Reference, stages: Sequence[Stage], contexts: Contexts) -> Sequence[NamedContext]:
    """What builds give in place of the stage or image that `reference` names."""
    name = stages[reference.to].name if reference.to is not None else reference.image
    found = contexts.by_name.get(context_name(name), ()) if name and contexts.by_name else ()
    return (*found, *(contexts.by_stage.get(reference.stage, ()) if reference.kind == "from" else ()))


def values(contexts: Iterable[NamedContext]) -> list[str]:
    """What is given, each value once, with the other target that it is the result of; many are counted."""
    found = list(dict.fromkeys(_value(context) for context in contexts))
    more = [f"{len(found) - _MOST_VALUES} more"] if len(found) > _MOST_VALUES else []
    return [*found[:_MOST_VALUES], *more]


def _value(context: NamedContext) -> str:
    value = fit(context.value) or "?"
    if context.source is None:
        return value
    stage = f"stage {fit(context.source.stage)} of " if context.source.stage else ""
    return f"{value}, {stage}{fit(context.source.path)}"


def drawn_alternatives(reference: Reference) -> tuple[int, ...]:
    """The stages that a FROM may mean under other arguments, as far as a picture shows them."""
    return reference.alternatives if len(reference.alternatives) <= _MOST_ALTERNATIVES else ()


def label_of(stage: Stage) -> str:
    """The stage's label, fit for a line in a terminal."""
    return fit(stage.label)


def reads(
    references: Sequence[Reference], stages: Sequence[Stage], contexts: Contexts, size: Size | None = None
) -> Iterator[tuple[str, list[str]]]:
    """What the `references` of a stage lead to, by kind: the words in front, and the list. `size` is that of the image
    it is FROM.
    """
    for kind, lead in _KINDS.items():
        names = [
            name
            for reference in references
            if reference.kind == kind
            for name in _named(reference, stages, contexts, size)
        ]
        if names:
            yield lead, list(dict.fromkeys(names))


def _named(reference: Reference, stages: Sequence[Stage], contexts: Contexts, size: Size | None) -> Iterator[str]:
    found = values(given(reference, stages, contexts))
    if reference.to is not None:
        where = " (itself)" if reference.to == reference.stage else " (below)" if reference.to > reference.stage else ""
        yield label_of(stages[reference.to]) + where
    elif found:
        yield f"{fit(reference.image or reference.word.text)} (context {' or '.join(found)})"
    elif reference.image is not None:
        yield fit(reference.image) + (f" ({in_words(size)})" if size and reference.kind == "from" else "")
    else:
        yield f"{fit(reference.unknown or '')} ?"
    if found and reference.to is not None:
        yield f"or context {' or '.join(found)}"
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
