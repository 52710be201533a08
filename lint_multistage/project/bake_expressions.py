"""Expressions of bake files, and their values where they can be told without building anything."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from msgspec import Struct

from lint_multistage.project.bake_functions import FUNCTIONS, shown

MAX_STEPS = 100_000
MAX_DEPTH = 60
MAX_SIZE = 10_000


class _Unknown:
    """The value of what cannot be told."""

    def __repr__(self) -> str:
        return "UNKNOWN"


UNKNOWN = _Unknown()


class Expression(Struct, frozen=True):
    """`kind` says what it is and how `value` and `parts` are meant; `line` and `column` (from 1) where it stands.

    literal (value), template (parts), name (value), attribute (value of part), index (part, part), call (value, parts),
    list (parts), object (key, value, key, value …), conditional (three parts), operation (value, two parts),
    not, minus (part), for-list (names in value; collection, item, condition?), for-object (names in value; collection,
    key, item, condition?), unknown. `text_line` is where the text of a literal starts.
    """

    kind: str
    line: int = 1
    column: int = 1
    value: Any = None
    parts: tuple[Expression, ...] = ()
    text_line: int = 0


class Function(Struct, frozen=True):
    """A function that a bake file defines."""

    parameters: tuple[str, ...]
    result: Expression


class Evaluator:
    """Gives the values of expressions, in a bounded number of steps.

    `variables` may be set by whoever builds, `constants` not. After `value`, `free` tells whether a variable, or a name
    in `free_names`, took part.
    """

    def __init__(
        self,
        variables: Mapping[str, Expression | None],
        constants: Mapping[str, Expression],
        functions: Mapping[str, Function],
    ) -> None:
        self.variables, self.constants, self.functions = variables, constants, functions
        self.known: dict[str, tuple[Any, bool]] = {}
        self.free = False
        self.free_names: frozenset[str] = frozenset()
        self.steps = self.depth = 0

    @property
    def exhausted(self) -> bool:
        return self.steps > MAX_STEPS

    def value(self, expression: Expression, scope: Mapping[str, Any]) -> Any:
        """Text, a number, a truth value, None, a list, a dict, or UNKNOWN, which may stand in lists and dicts, too."""
        self.free = False
        return self._value(expression, scope)

    def _value(self, expression: Expression, scope: Mapping[str, Any]) -> Any:
        self.steps += 1
        rule = _RULES.get(expression.kind)
        if rule is None or self.exhausted or self.depth > MAX_DEPTH:
            return UNKNOWN
        self.depth += 1
        try:
            value = rule(self, expression, scope)
        except (TypeError, ValueError, LookupError, ArithmeticError, AttributeError):
            return UNKNOWN
        finally:
            self.depth -= 1
        if isinstance(value, str | list | dict) and len(value) > MAX_SIZE and expression.kind != "literal":
            return UNKNOWN
        return value

    def _name(self, expression: Expression, scope: Mapping[str, Any]) -> Any:
        name = expression.value
        if name in scope:
            self.free |= name in self.free_names
            return scope[name]
        if name not in self.known:
            # What depends on itself is not known.
            self.known[name] = (UNKNOWN, False)
            before, self.free = self.free, name in self.variables
            given = self.variables.get(name) or self.constants.get(name)
            value = self._value(given, {}) if given is not None else UNKNOWN
            self.known[name] = (value, self.free)
            self.free = before
        value, free = self.known[name]
        self.free |= free
        return value

    def _template(self, expression: Expression, scope: Mapping[str, Any]) -> Any:
        parts = [self._value(part, scope) for part in expression.parts]
        if any(part is UNKNOWN for part in parts):
            return UNKNOWN
        if len(parts) == 1 and expression.parts[0].kind != "literal":
            return parts[0]
        return "".join(shown(part) for part in parts)

    def _attribute(self, expression: Expression, scope: Mapping[str, Any]) -> Any:
        inside = self._value(expression.parts[0], scope)
        return inside[expression.value] if isinstance(inside, dict) else UNKNOWN

    def _index(self, expression: Expression, scope: Mapping[str, Any]) -> Any:
        inside, key = (self._value(part, scope) for part in expression.parts)
        if isinstance(inside, dict):
            return inside[shown(key)]
        return inside[key] if isinstance(inside, list) and isinstance(key, int) else UNKNOWN

    def _call(self, expression: Expression, scope: Mapping[str, Any]) -> Any:
        arguments = [self._value(part, scope) for part in expression.parts]
        own = self.functions.get(expression.value)
        if own is not None:
            outside, self.free_names = self.free_names, frozenset()
            result = self._value(own.result, dict(zip(own.parameters, arguments, strict=True)))
            self.free_names = outside
            return result
        function = FUNCTIONS.get(expression.value)
        return UNKNOWN if function is None else self._applied(function, arguments)

    def _applied(self, function: Callable[..., Any], arguments: list[Any]) -> Any:
        size = _size(arguments)
        if size is None:
            return UNKNOWN
        self.steps += size
        return UNKNOWN if self.exhausted else function(*arguments)

    def _list(self, expression: Expression, scope: Mapping[str, Any]) -> Any:
        return [self._value(part, scope) for part in expression.parts]

    def _object(self, expression: Expression, scope: Mapping[str, Any]) -> Any:
        found: dict[str, Any] = {}
        for key, value in zip(expression.parts[::2], expression.parts[1::2], strict=True):
            name = key.value if key.kind == "name" else self._value(key, scope)
            if name is UNKNOWN:
                return UNKNOWN
            found[shown(name)] = self._value(value, scope)
        return found

    def _conditional(self, expression: Expression, scope: Mapping[str, Any]) -> Any:
        condition, then, otherwise = expression.parts
        held = self._value(condition, scope)
        if held is UNKNOWN:
            return UNKNOWN
        return self._value(then if held in (True, "true") else otherwise, scope)

    def _operation(self, expression: Expression, scope: Mapping[str, Any]) -> Any:
        return self._applied(FUNCTIONS[expression.value], [self._value(part, scope) for part in expression.parts])

    def _not(self, expression: Expression, scope: Mapping[str, Any]) -> Any:
        value = self._value(expression.parts[0], scope)
        return UNKNOWN if value is UNKNOWN else value not in (True, "true")

    def _minus(self, expression: Expression, scope: Mapping[str, Any]) -> Any:
        return -self._value(expression.parts[0], scope)

    def _each(self, expression: Expression, scope: Mapping[str, Any]) -> list[dict[str, Any]] | None:
        """The scopes of a `for`, one for each item that its condition lets through."""
        collection = self._value(expression.parts[0], scope)
        if isinstance(collection, list):
            pairs = list(enumerate(collection))
        elif isinstance(collection, dict):
            pairs = list(collection.items())
        else:
            return None
        names = expression.value
        scopes: list[dict[str, Any]] = []
        has_condition = len(expression.parts) == (4 if expression.kind == "for-object" else 3)
        for key, item in pairs:
            inner = {**scope, names[-1]: item} | ({names[0]: key} if len(names) == 2 else {})
            held = self._value(expression.parts[-1], inner) if has_condition else True
            if held is UNKNOWN:
                return None
            if held in (True, "true"):
                scopes.append(inner)
        return scopes

    def _for_list(self, expression: Expression, scope: Mapping[str, Any]) -> Any:
        scopes = self._each(expression, scope)
        return UNKNOWN if scopes is None else [self._value(expression.parts[1], inner) for inner in scopes]

    def _for_object(self, expression: Expression, scope: Mapping[str, Any]) -> Any:
        found: dict[str, Any] = {}
        for inner in self._each(expression, scope) or ():
            key = self._value(expression.parts[1], inner)
            if key is UNKNOWN:
                return UNKNOWN
            found[shown(key)] = self._value(expression.parts[2], inner)
        return found


def _size(values: list[Any]) -> int | None:
    """How many values there are with all that they hold, what is shared as often as it stands there.

    None where one is unknown, or where they are too many to be looked at.
    """
    count = 0
    waiting = list(values)
    while waiting:
        value = waiting.pop()
        count += 1
        if value is UNKNOWN or count > MAX_SIZE:
            return None
        if isinstance(value, list):
            waiting += value
        elif isinstance(value, dict):
            waiting += value.values()
    return count


_RULES: Mapping[str, Callable[[Evaluator, Expression, Mapping[str, Any]], Any]] = {
    "literal": lambda _, expression, __: expression.value,
    "template": Evaluator._template,
    "name": Evaluator._name,
    "attribute": Evaluator._attribute,
    "index": Evaluator._index,
    "call": Evaluator._call,
    "list": Evaluator._list,
    "object": Evaluator._object,
    "conditional": Evaluator._conditional,
    "operation": Evaluator._operation,
    "not": Evaluator._not,
    "minus": Evaluator._minus,
    "for-list": Evaluator._for_list,
    "for-object": Evaluator._for_object,
}
