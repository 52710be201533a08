"""The matrix of a workflow's job: the combinations of values that it runs with."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from lint_multistage.project.yaml_nodes import Node

MOST = 256
_DEEPEST = 5

Combination = Mapping[str, str]
"""Values by their names behind `matrix.`; those of a mapping under `name.key`."""


def combinations(matrix: Node | None) -> tuple[list[Combination], bool]:
    """The combinations of a job's `matrix`, one without values where it has none, and whether they are all literal."""
    if matrix is None:
        return [{}], True
    if not matrix.is_mapping:
        return [{}], False
    axes: dict[str, list[dict[str, str]]] = {}
    include = matrix.get("include")
    complete = include is None or include.is_sequence
    for name, node in matrix.items():
        if name in ("include", "exclude"):
            continue
        if node.is_sequence:
            axes[name] = [_values(name, value) for value in node.values]
        else:
            complete = False
    found: list[dict[str, str]] = [{}]
    for choices in axes.values():
        found = [{**one, **choice} for one in found for choice in choices]
        if len(found) > MOST:
            return [{}], False
    excluded = matrix.get("exclude")
    if excluded is not None and excluded.is_sequence:
        rules = [_values("", entry) for entry in excluded.values]
        found = [one for one in found if not any(rule and rule.items() <= one.items() for rule in rules)]
    if not axes:
        found = []
    return _included(found, include, set(axes)) or [{}], complete


def _included(found: list[dict[str, str]], include: Node | None, axes: set[str]) -> list[Combination]:
    """The combinations with `include`: an entry widens those that it agrees with, or is one of its own."""
    originals = [dict(one) for one in found]
    added: list[dict[str, str]] = []
    if include is not None:
        for entry in include.values[:MOST]:
            values = _values("", entry)
            fixed = {key: value for key, value in values.items() if key.partition(".")[0] in axes}
            agreeing = [at for at, one in enumerate(originals) if fixed.items() <= one.items()]
            if not agreeing or not originals:
                added.append(values)
            for at in agreeing:
                found[at] = {**found[at], **values}
    return [*found, *added]


def _values(name: str, node: Node) -> dict[str, str]:
    """The values of one choice of an axis, or of an entry of `include`."""
    return dict(_flat(name, node, 0))


def _flat(name: str, node: Node, depth: int) -> Iterator[tuple[str, str]]:
    if node.is_scalar:
        yield name, node.text
    elif node.is_mapping and depth < _DEEPEST:
        for key, value in node.items():
            yield from _flat(f"{name}.{key}" if name else key, value, depth + 1)
