"""YAML as a tree of immutable nodes with their places; whatever the text, in bounded time and without an exception."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from msgspec import Struct

if TYPE_CHECKING:
    from yaml.events import Event

MAX_NODES = 100_000
MAX_DEPTH = 100
MAX_MERGED = 100_000
# libyaml reads about a megabyte in a tenth of a second; PyYAML's own scanner is a hundred times slower.
MAX_TEXT_WITHOUT_C = 200_000

NULLS = ("", "~", "null", "Null", "NULL")


class Node(Struct, frozen=True, kw_only=True, eq=False):
    """A scalar, sequence or mapping; aliases are the very node they name, merge keys (`<<`) are resolved.

    `line` and `column` count from 1. `text` is a scalar's value ("" for null and for the other kinds), `style` how it
    is written: "" (plain), `'`, `"`, `|` or `>`; the value of the last two starts on the line behind `line`.
    `tag` is a tag of the writer's own, as `!reset`. `values` are a sequence's, `pairs` a mapping's in their order, with
    what it merges behind.
    """

    kind: str
    line: int
    column: int
    text: str = ""
    style: str = ""
    tag: str = ""
    null: bool = False
    values: tuple[Node, ...] = ()
    pairs: tuple[tuple[Node, Node], ...] = ()
    fields: Mapping[str, Node] = {}

    @property
    def is_scalar(self) -> bool:
        return self.kind == "scalar"

    @property
    def is_sequence(self) -> bool:
        return self.kind == "sequence"

    @property
    def is_mapping(self) -> bool:
        return self.kind == "mapping"

    @property
    def text_line(self) -> int:
        """The line on which a scalar's value starts."""
        return self.line + 1 if self.style in ("|", ">") else self.line

    def get(self, *keys: str) -> Node | None:
        """The value under `keys`, one mapping inside the other; None where one is absent."""
        node: Node | None = self
        for key in keys:
            node = node.fields.get(key) if node is not None else None
        return node

    def key(self, name: str) -> Node | None:
        """The place where a mapping has the key `name`."""
        return next((key for key, _ in self.pairs if key.text == name and key.is_scalar), None)

    def text_of(self, *keys: str) -> str:
        """The text of the scalar under `keys`; "" where there is none."""
        node = self.get(*keys)
        return node.text if node is not None else ""

    def items(self) -> Iterator[tuple[str, Node]]:
        """A mapping's keys, as text, and values; of two equal keys the last counts."""
        return iter(self.fields.items())

    def walk(self) -> Iterator[Node]:
        """This node and all below it, keys too, in the order of the text, each once however many aliases name it."""
        seen: set[int] = set()
        waiting = [self]
        while waiting:
            node = waiting.pop()
            if id(node) in seen:
                continue
            seen.add(id(node))
            yield node
            if node.pairs:
                waiting += [part for pair in reversed(node.pairs) for part in reversed(pair)]
            waiting += reversed(node.values)


class Documents(Struct, frozen=True):
    """The documents of a text, empty ones left out; `problem` says why they are none, or less than the text says."""

    roots: tuple[Node, ...] = ()
    problem: str = ""


def load(text: str) -> Node | None:
    """The first document of `text`; None where there is none or it cannot be read (`load_all` says why)."""
    roots = load_all(text).roots
    return roots[0] if roots else None


def load_all(text: str) -> Documents:
    """All documents of `text`. Unknown tags, duplicate keys and recursive aliases are no problem."""
    import yaml

    loader: Any = getattr(yaml, "CSafeLoader", None)
    if loader is None:
        if len(text) > MAX_TEXT_WITHOUT_C:
            return Documents(problem="too long to be read without libyaml")
        loader = yaml.SafeLoader
    reading = _Reading()
    try:
        # Bytes that are no UTF-8 are no reason to refuse the rest.
        for event in yaml.parse(text.encode("utf-8", "surrogateescape").decode("utf-8", "replace"), Loader=loader):
            reading.take(event)
            if reading.failure:
                return Documents(problem=reading.failure)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        where = f" in line {mark.line + 1}" if mark is not None else ""
        return Documents(problem=f"no YAML: {error.problem or error.context or 'it cannot be read'}{where}")
    except (yaml.YAMLError, ValueError, RecursionError):
        return Documents(problem="no YAML: it holds characters that YAML does not allow")
    return Documents(tuple(reading.roots), reading.problem)


class _Open(Struct):
    """A collection, or a document, whose end is yet to come."""

    event: Event | None
    parts: list[Node]
    height: int = 0


class _Reading:
    """Nodes made from events, bottom up, without recursion."""

    def __init__(self) -> None:
        self.roots: list[Node] = []
        self.problem = self.failure = ""
        self.open: list[_Open] = []
        # What aliases can name: None while its collection is still open.
        self.anchors: dict[str, tuple[Node, int] | None] = {}
        self.nodes = 0
        self.merged = 0

    def take(self, event: Event) -> None:
        name = type(event).__name__
        if name == "ScalarEvent":
            self.put(event, _scalar(event), 0)
        elif name in ("MappingStartEvent", "SequenceStartEvent"):
            self.start(event)
        elif name in ("MappingEndEvent", "SequenceEndEvent"):
            self.end()
        elif name == "AliasEvent":
            self.alias(event)
        elif name == "DocumentStartEvent":
            self.anchors = {}
            self.open = [_Open(None, [])]
        elif name == "DocumentEndEvent":
            self.roots += [node for node in self.open[0].parts if not node.null]

    def put(self, event: Event | None, node: Node, height: int) -> None:
        """`node`, made from `event`, is complete and belongs to the innermost open collection."""
        self.nodes += 1
        if self.nodes > MAX_NODES:
            self.failure = f"it holds more than {MAX_NODES:,} values"
        anchor = getattr(event, "anchor", None)
        if anchor:
            self.anchors[anchor] = (node, height)
        outer = self.open[-1]
        outer.parts.append(node)
        outer.height = max(outer.height, height + 1)

    def start(self, event: Any) -> None:
        if event.anchor:
            self.anchors[event.anchor] = None
        self.open.append(_Open(event, []))
        if len(self.open) > MAX_DEPTH:
            self.failure = f"it is nested more than {MAX_DEPTH} deep"

    def end(self) -> None:
        done = self.open.pop()
        event: Any = done.event
        line, column, tag = event.start_mark.line + 1, event.start_mark.column + 1, _own_tag(event)
        if type(event).__name__ == "SequenceStartEvent":
            node = Node(kind="sequence", line=line, column=column, tag=tag, values=tuple(done.parts))
        else:
            pairs, fields = self.mapping(done.parts)
            node = Node(kind="mapping", line=line, column=column, tag=tag, pairs=pairs, fields=fields)
        self.put(event, node, done.height)

    def alias(self, event: Any) -> None:
        if event.anchor not in self.anchors:
            self.failure = f"no YAML: the alias *{event.anchor} names nothing in line {event.start_mark.line + 1}"
            return
        named = self.anchors[event.anchor]
        if named is not None and named[1] + len(self.open) <= MAX_DEPTH:
            self.put(None, *named)
            return
        if named is not None:
            self.problem = f"its aliases nest more than {MAX_DEPTH} deep"
        mark = event.start_mark
        self.put(None, Node(kind="scalar", line=mark.line + 1, column=mark.column + 1, null=True), 0)

    def mapping(self, parts: list[Node]) -> tuple[tuple[tuple[Node, Node], ...], dict[str, Node]]:
        """The pairs of a mapping, and its values by key; merged values never replace its own."""
        pairs: list[tuple[Node, Node]] = []
        fields: dict[str, Node] = {}
        merges: list[Node] = []
        for key, value in zip(parts[::2], parts[1::2], strict=True):
            if key.text == "<<" and not key.style and (value.is_mapping or value.is_sequence):
                merges += value.values if value.is_sequence else (value,)
                continue
            pairs.append((key, value))
            if key.is_scalar:
                fields[key.text] = value
        for merge in merges:
            self.merged += 1 + len(merge.pairs)
            if self.merged > MAX_MERGED:
                self.problem = f"its merge keys bring more than {MAX_MERGED:,} values"
                break
            for key, value in merge.pairs:
                if key.is_scalar and key.text not in fields:
                    pairs.append((key, value))
                    fields[key.text] = value
        return tuple(pairs), fields


def _scalar(event: Any) -> Node:
    mark, style, tag = event.start_mark, event.style or "", _own_tag(event)
    null = not style and event.value in NULLS and (not event.tag or bool(tag))
    return Node(
        kind="scalar",
        line=mark.line + 1,
        column=mark.column + 1,
        text="" if null else event.value,
        style=style,
        tag=tag,
        null=null,
    )


def _own_tag(event: Any) -> str:
    tag = event.tag or ""
    return tag if tag.startswith("!") and tag != "!" else ""
