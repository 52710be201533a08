"""What is built for one version of a language's runtime and shipped with another."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from importlib import import_module

from lint_multistage.contents.crossings.shipping import Crossing, Shipping, told
from lint_multistage.contents.placed import Known, Placed, placed_in
from lint_multistage.contents.versions import DOTNET, JAVA, PHP, PYTHON, RUBY, may_have
from lint_multistage.model.stages import Stage
from lint_multistage.syntax.instructions import Copy
from lint_multistage.text import Span

__all__ = ["Crossing", "crossings"]

Reader = Callable[[Known, Shipping, Placed], Crossing | None]

# The module that reads each language; most images have one runtime at most, and only its module is loaded.
_MODULES = {PYTHON: "python", JAVA: "java", DOTNET: "dotnet", RUBY: "extensions", PHP: "extensions"}


def crossings(known: Known, shipped: Iterable[Stage]) -> Iterator[Crossing]:
    """What stages that ship bring and their runtimes cannot use, one for each path of a COPY.

    A COPY in a stage that several are FROM is at fault only where none of them can use what it brings.
    """
    found: dict[Span, Crossing] = {}
    right: set[Span] = set()
    for stage in shipped:
        placed = [each for above in known.dockerfile.graph.lineage(stage) for each in placed_in(known, above)]
        copies = [each for each in placed if isinstance(each.instruction, Copy) and each.instruction.source]
        readers = _readers(known, stage) if copies else []
        shipping = Shipping(stage, tuple(placed), told(known, stage, copies=False) if readers else "")
        for each in copies:
            crossing = next(filter(None, (read(known, shipping, each) for read in readers)), None)
            if crossing is None:
                right.add(each.word.span)
            else:
                found.setdefault(each.word.span, crossing)
    for span, crossing in found.items():
        if span not in right:
            yield crossing


def _readers(known: Known, stage: Stage) -> list[Reader]:
    """Those of the languages that the stage may have a runtime of."""
    contents = known.contents(stage.index)
    languages = [language for language in _MODULES if may_have(contents, language)]
    return [getattr(import_module(f"{__name__}.{_MODULES[each]}"), each) for each in languages]
