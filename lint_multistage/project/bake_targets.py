"""The targets of bake files: variables filled in, matrices spread out, inheritance resolved."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from msgspec import Struct
from msgspec.structs import replace

from lint_multistage.project.bake_expressions import UNKNOWN, Evaluator, Expression, Function
from lint_multistage.project.bake_functions import shown
from lint_multistage.project.bake_hcl import Block, Blocks, read_hcl, read_json
from lint_multistage.project.files import ProjectFiles

MAX_MATRIX = 200
MAX_TARGETS = 2_000
MAX_CHAIN = 50
MAX_MERGED = 200_000

SCALARS = ("context", "dockerfile", "dockerfile-inline", "target", "call")
OUTPUTS_THAT_SHIP = ("image", "docker", "registry", "oci")


class Value(Struct, frozen=True):
    """A value with its place; `text` is None where it cannot be told, `free` whether variables take part in it."""

    text: str | None
    free: bool
    path: str
    line: int
    column: int


class Target(Struct, frozen=True, kw_only=True):
    """A target as far as it is merged; `paths` are the files that define it, `missing` whether a parent is unknown."""

    name: str
    path: str
    line: int
    column: int
    paths: tuple[str, ...]
    values: Mapping[str, Value] = {}
    arguments: Mapping[str, str | None] = {}
    contexts: Mapping[str, str] = {}
    inherits: tuple[str, ...] | None = None
    output_ships: bool | None = None
    missing: bool = False

    def over(self, lower: Target | None) -> Target:
        """This target where both speak: scalars are replaced, maps merged."""
        if lower is None:
            return self
        return Target(
            name=self.name,
            path=self.path,
            line=self.line,
            column=self.column,
            paths=self.paths,
            values={**lower.values, **self.values},
            arguments={**lower.arguments, **self.arguments},
            contexts={**lower.contexts, **self.contexts},
            inherits=self.inherits,
            output_ships=self.output_ships if self.output_ships is not None else lower.output_ships,
            missing=self.missing or lower.missing,
        )


class Bake(Struct, frozen=True):
    """The targets of some bake files read as one; `grouped`, `inherited` and `used` are the names that groups,
    other targets' `inherits` and other targets' contexts hold."""

    targets: Mapping[str, Target]
    grouped: frozenset[str] = frozenset()
    inherited: frozenset[str] = frozenset()
    used: frozenset[str] = frozenset()


def read_targets(paths: Sequence[str], files: ProjectFiles) -> Bake:
    """The targets of the files at `paths`, the later over the earlier."""
    read = [(path, _blocks(path, files)) for path in paths]
    evaluator = _evaluator([blocks for _, blocks in read])
    targets: dict[str, Target] = {}
    spread: dict[str, list[str]] = {}
    grouped: set[str] = set()
    for path, block in ((path, block) for path, blocks in read for block in blocks.blocks):
        if block.kind == "group":
            names = block.attributes.get("targets")
            grouped.update(_texts(evaluator.value(names, {})) if names is not None else ())
        elif block.kind == "target":
            for target in _spread(path, block, evaluator, files):
                spread.setdefault(block.label, []).append(target.name)
                before = targets.get(target.name)
                if before is None and len(targets) >= MAX_TARGETS:
                    files.note(path, f"not read in full: more than {MAX_TARGETS:,} targets")
                    break
                if before is not None:
                    target = _joined_over(target, before)
                targets[target.name] = target
    if evaluator.exhausted:
        files.note(paths[-1], "not read in full: its expressions take too many steps")
    for label in tuple(grouped):
        grouped.update(spread.get(label, ()))
    parents = [parent for target in targets.values() for parent in target.inherits or ()]
    contexts = [value for target in targets.values() for value in target.contexts.values()]
    return Bake(
        _Inheritance(targets, files, paths[-1]).all(),
        frozenset(grouped),
        frozenset(parents),
        frozenset(value.removeprefix("target:") for value in contexts if value.startswith("target:")),
    )


def _blocks(path: str, files: ProjectFiles) -> Blocks:
    blocks = read_json(files.yaml(path)) if path.endswith(".json") else read_hcl(files.read(path) or "")
    if blocks.problem:
        files.note(path, blocks.problem)
    return blocks


def _evaluator(read: list[Blocks]) -> Evaluator:
    variables: dict[str, Expression | None] = {}
    functions: dict[str, Function] = {}
    constants: dict[str, Expression] = {}
    for blocks in read:
        constants.update(blocks.attributes)
        for block in blocks.blocks:
            if block.kind == "variable":
                variables[block.label] = block.attributes.get("default")
            elif block.kind == "function" and "result" in block.attributes:
                parameters = block.attributes.get("params", Expression("list"))
                names = tuple(str(part.value) for part in parameters.parts)
                functions[block.label] = Function(names, block.attributes["result"])
    return Evaluator(variables, constants, functions)


def _spread(path: str, block: Block, evaluator: Evaluator, files: ProjectFiles) -> Iterator[Target]:
    """The targets that a block makes: one, or one for each cell of its matrix."""
    matrix = block.attributes.get("matrix")
    if matrix is None or not matrix.parts:
        yield _target(path, block, block.label, {}, evaluator)
        return
    axes: dict[str, list[Any]] = {}
    free: set[str] = set()
    for key, part in zip(matrix.parts[::2], matrix.parts[1::2], strict=False):
        items = evaluator.value(part, {})
        axes[str(key.value)] = items if isinstance(items, list) else [UNKNOWN]
        if evaluator.free:
            free.add(str(key.value))
    name = block.attributes.get("name")
    evaluator.free_names = frozenset(free)
    for number, cell in enumerate(itertools.product(*axes.values())):
        scope = dict(zip(axes, cell, strict=True))
        if number == MAX_MATRIX:
            files.note(path, f"not read in full: a matrix of more than {MAX_MATRIX} targets in line {block.line}")
            scope = dict.fromkeys(axes, UNKNOWN)
        named = _text(evaluator.value(name, scope)) if name is not None else None
        yield _target(path, block, named or block.label, scope, evaluator)
        if number == MAX_MATRIX:
            break
    evaluator.free_names = frozenset()


def _target(path: str, block: Block, name: str, scope: Mapping[str, Any], evaluator: Evaluator) -> Target:
    values: dict[str, Value] = {}
    for key in SCALARS:
        expression = block.attributes.get(key)
        if expression is None:
            continue
        given = evaluator.value(expression, scope)
        if given is None:
            continue
        inside = expression.text_line > expression.line
        text = _text(given)
        if text is not None and "$" in text and key != "dockerfile-inline":
            # A file that is made from a template, or a slip: no path or stage has such a name.
            text = None
        values[key] = Value(
            text,
            evaluator.free,
            path,
            expression.text_line or expression.line,
            1 if inside else expression.column,
        )
    inherits = block.attributes.get("inherits")
    parents = evaluator.value(inherits, scope) if inherits is not None else []
    output = block.attributes.get("output")
    return Target(
        name=name,
        path=path,
        line=block.line,
        column=block.column,
        paths=(path,),
        values=values,
        arguments=dict(_table(block.attributes.get("args"), scope, evaluator)),
        contexts={name: text or "" for name, text in _table(block.attributes.get("contexts"), scope, evaluator)},
        inherits=_texts(parents) if inherits is not None else None,
        output_ships=_ships(evaluator.value(output, scope)) if output is not None else None,
        missing=not isinstance(parents, list) or len(_texts(parents)) < len(parents),
    )


def _table(
    expression: Expression | None, scope: Mapping[str, Any], evaluator: Evaluator
) -> Iterator[tuple[str, str | None]]:
    """The entries of an object; those that are null count as absent."""
    table = evaluator.value(expression, scope) if expression is not None else None
    if isinstance(table, dict):
        for name, value in table.items():
            if value is not None:
                yield name, _text(value)


def _text(value: Any) -> str | None:
    try:
        return shown(value)
    except TypeError:
        return None


def _texts(value: Any) -> tuple[str, ...]:
    return tuple(item for item in value if isinstance(item, str)) if isinstance(value, list) else ()


def _ships(output: Any) -> bool | None:
    """Whether what is made becomes an image somewhere; None where the output is left open."""
    outputs = output if isinstance(output, list) else [output]
    kinds: list[str] = []
    for one in outputs:
        if isinstance(one, dict):
            one = f"type={one.get('type', '')}"
        if not isinstance(one, str):
            return None
        fields = dict(field.strip().partition("=")[::2] for field in one.split(","))
        # A bare path is a folder to write to.
        kinds.append(fields.get("type", "local"))
    return any(kind in OUTPUTS_THAT_SHIP for kind in kinds) if kinds else None


def _joined_over(upper: Target, lower: Target) -> Target:
    """Two definitions of one target."""
    merged = upper.over(lower)
    paths = lower.paths if upper.path in lower.paths else (*lower.paths, upper.path)
    inherits = upper.inherits if upper.inherits is not None else lower.inherits
    return replace(merged, paths=paths, inherits=inherits)


class _Inheritance:
    """Targets merged with those that they inherit from."""

    def __init__(self, targets: Mapping[str, Target], files: ProjectFiles, path: str) -> None:
        self.targets, self.files, self.path = targets, files, path
        self.done: dict[str, Target] = {}
        self.open: set[str] = set()
        self.merged = 0

    def all(self) -> dict[str, Target]:
        return {name: self.resolved(name) for name in self.targets}

    def resolved(self, name: str) -> Target:
        own = self.targets[name]
        if name in self.done:
            return self.done[name]
        if name in self.open:
            self.files.note(self.path, "not read in full: targets inherit from each other in a circle")
            return own
        if len(self.open) > MAX_CHAIN or self.merged > MAX_MERGED:
            self.files.note(self.path, "not read in full: targets inherit from too many others")
            return own
        self.open.add(name)
        below: Target | None = None
        missing = False
        for parent in own.inherits or ():
            if parent in self.targets:
                lower = self.resolved(parent)
                self.merged += 1 + len(lower.arguments) + len(lower.contexts)
                below = lower.over(below)
            else:
                missing = True
        self.open.discard(name)
        whole = own.over(below)
        if missing and not whole.missing:
            whole = replace(whole, missing=True)
        self.done[name] = whole
        return whole
