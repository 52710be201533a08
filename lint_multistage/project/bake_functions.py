"""Functions and operators that bake files use on literal values."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from itertools import chain, product
from typing import Any

MAX_ITEMS = 10_000


def shown(value: Any) -> str:
    """A value as it stands in a text; TypeError for one that cannot stand there."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() else repr(value)
    if isinstance(value, str | int):
        return str(value)
    raise TypeError(type(value).__name__)


def _equal(left: Any, right: Any) -> bool:
    simple = str | int | float
    if isinstance(left, simple) and isinstance(right, simple) and type(left) is not type(right):
        return shown(left) == shown(right)
    return bool(left == right)


def _truth(value: Any) -> bool:
    return value in (True, "true")


def _join(separator: str, *lists: list[Any]) -> str:
    return separator.join(shown(item) for item in chain(*lists))


def _lookup(table: dict[str, Any], key: Any, *default: Any) -> Any:
    return table.get(shown(key), *default) if default else table[shown(key)]


def _substr(text: str, offset: int, length: int) -> str:
    offset = max(0, len(text) + offset) if offset < 0 else offset
    return text[offset:] if length < 0 else text[offset : offset + length]


def _replace(text: str, old: str, new: str) -> str:
    if len(new) * text.count(old) > MAX_ITEMS:
        raise ValueError("too long")
    return text.replace(old, new)


def _format(form: str, *values: Any) -> str:
    pieces = form.split("%s")
    if "%" in "".join(pieces) or len(pieces) != len(values) + 1:
        raise ValueError(form)
    return "".join(chain.from_iterable(zip(pieces, [*(shown(value) for value in values), ""], strict=True)))


def _coalesce(*values: Any) -> Any:
    return next(value for value in values if value is not None and value != "")


def _first(*values: Any) -> Any:
    return next(list(value) for value in values if value)


def _setproduct(*lists: list[Any]) -> list[list[Any]]:
    count = 1
    for items in lists:
        count *= len(items)
    if count > MAX_ITEMS:
        raise ValueError("too many")
    return [list(items) for items in product(*lists)]


def _contains(items: list[Any], item: Any) -> bool:
    return any(_equal(one, item) for one in items)


def _length(value: Any) -> int:
    return len(value)


def _flat(items: list[Any]) -> list[Any]:
    return [inner for item in items for inner in (item if isinstance(item, list) else [item])]


def _merge(*tables: dict[str, Any] | None) -> dict[str, Any]:
    return dict(chain.from_iterable(table.items() for table in tables if table))


def _number(value: Any) -> Any:
    if isinstance(value, str):
        return int(value) if len(value) < 20 else float(value)
    return value


def _arithmetic(operate: Callable[[Any, Any], Any]) -> Callable[[Any, Any], Any]:
    def operation(left: Any, right: Any) -> Any:
        result = operate(_number(left), _number(right))
        if isinstance(result, int) and abs(result) > 10**18:
            raise ValueError("too large")
        return result

    return operation


def _distinct(items: list[Any]) -> list[Any]:
    found: list[Any] = []
    seen: set[str] = set()
    for item in items:
        if repr(item) not in seen:
            seen.add(repr(item))
            found.append(item)
    return found


FUNCTIONS: Mapping[str, Callable[..., Any]] = {
    "==": _equal,
    "!=": lambda left, right: not _equal(left, right),
    "&&": lambda left, right: _truth(left) and _truth(right),
    "||": lambda left, right: _truth(left) or _truth(right),
    "<": lambda left, right: _number(left) < _number(right),
    ">": lambda left, right: _number(left) > _number(right),
    "<=": lambda left, right: _number(left) <= _number(right),
    ">=": lambda left, right: _number(left) >= _number(right),
    "+": _arithmetic(lambda left, right: left + right),
    "-": _arithmetic(lambda left, right: left - right),
    "*": _arithmetic(lambda left, right: left * right),
    "add": _arithmetic(lambda left, right: left + right),
    "subtract": _arithmetic(lambda left, right: left - right),
    "multiply": _arithmetic(lambda left, right: left * right),
    "equal": _equal,
    "notequal": lambda left, right: not _equal(left, right),
    "and": lambda left, right: _truth(left) and _truth(right),
    "or": lambda left, right: _truth(left) or _truth(right),
    "not": lambda value: not _truth(value),
    "upper": lambda text: shown(text).upper(),
    "lower": lambda text: shown(text).lower(),
    "title": lambda text: shown(text).title(),
    "trimspace": lambda text: shown(text).strip(),
    "trim": lambda text, cutset: shown(text).strip(cutset),
    "trimprefix": lambda text, prefix: shown(text).removeprefix(prefix),
    "trimsuffix": lambda text, suffix: shown(text).removesuffix(suffix),
    "replace": _replace,
    "substr": _substr,
    "split": lambda separator, text: text.split(separator) if separator else list(text),
    "join": _join,
    "format": _format,
    "concat": lambda *lists: list(chain(*lists)),
    "flatten": _flat,
    "compact": lambda items: [item for item in items if item],
    "distinct": _distinct,
    "reverselist": lambda items: items[::-1],
    "sort": sorted,
    "setproduct": _setproduct,
    "contains": _contains,
    "element": lambda items, at: items[at % len(items)],
    "index": lambda items, at: items[at] if isinstance(items, list) else items[shown(at)],
    "length": _length,
    "strlen": _length,
    "keys": sorted,
    "values": lambda table: [table[key] for key in sorted(table)],
    "lookup": _lookup,
    "merge": _merge,
    "coalesce": _coalesce,
    "coalescelist": _first,
    "can": lambda _: True,
    "try": lambda value, *_: value,
    "tostring": shown,
}
"""What is not here, as the time or a hash, has no value that can be told."""
