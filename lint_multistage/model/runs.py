"""Which stages run, and which do not because builds give named contexts in their place."""

from __future__ import annotations

from msgspec import Struct

from lint_multistage.model.build import Build
from lint_multistage.model.contexts import IMAGE, NOTHING, NamedContext, context_name
from lint_multistage.model.stages import Stage


class Run(Struct, frozen=True):
    """Builds that give the same contexts: the names of those, and the stages whose instructions run.

    `asked` is false for what no file asks for. `replaced` says for each stage what is replaced of the stages and the
    image that it starts from, the nearest first.
    """

    given: frozenset[str]
    stages: frozenset[int]
    asked: bool
    replaced: tuple[int, ...]


def runs(build: Build) -> tuple[Run, ...]:
    """The runs of all targets, and last one of no stage that gives whatever any build gives: for stages of which
    no file says how they are built.
    """
    groups: dict[tuple[frozenset[str], frozenset[int], bool], list[int]] = {}
    for target in build.targets:
        key = (*_given(target.contexts), bool(target.path))
        groups.setdefault(key, []).append(target.stage)
    graph = build.dockerfile.graph
    names = {stage.index: context_name(stage.name) for stage in graph.stages if stage.name and build.contexts}
    found = []
    for (given, bases, asked), targets in groups.items():
        out = frozenset(index for index, name in names.items() if name in given)
        found.append(Run(given, graph.reached(targets, out) - out, asked, _replaced(graph.stages, given, bases, out)))
    given, bases = _given(build.contexts)
    out = frozenset(index for index, name in names.items() if name in given)
    return (*found, Run(given, frozenset(), False, _replaced(graph.stages, given, bases, out)))


def _given(contexts: tuple[NamedContext, ...]) -> tuple[frozenset[str], frozenset[int]]:
    """The names that `contexts` replace, and the stages of which they are the base."""
    names = frozenset(context.name for context in contexts)
    return names, frozenset(stage for context in contexts for stage in context.bases)


def _replaced(
    stages: tuple[Stage, ...], given: frozenset[str], bases: frozenset[int], out: frozenset[int]
) -> tuple[int, ...]:
    found: list[int] = []
    for stage in stages:
        if stage.parent is None:
            replaced = stage.index in bases or (bool(given) and context_name(stage.base) in given)
            found.append(IMAGE if replaced else NOTHING)
        else:
            found.append(stage.parent if stage.parent in out else found[stage.parent])
    return tuple(found)
