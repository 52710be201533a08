"""Bake files in HCL and JSON as blocks and expressions with their places."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from msgspec import Struct

from lint_multistage.late import late_regex
from lint_multistage.project.bake_expressions import MAX_DEPTH, Expression
from lint_multistage.project.yaml_nodes import Node

if TYPE_CHECKING:
    from lark import Tree

# The parser reads about 50,000 words and signs a second.
MAX_TEXT = 150_000
MAX_TOKENS = 20_000
MAX_VALUES = 50_000
TOKEN = late_regex(r"\w+|[^\w\s]|\n")
# Its pattern for heredocs takes a time that grows with the square of such a gap.
GAP = late_regex(r"\s{300}")

ESCAPE = late_regex(r"\\(u[0-9A-Fa-f]{4}|U[0-9A-Fa-f]{8}|.)", re.DOTALL)
ESCAPES = {"n": "\n", "r": "\r", "t": "\t"}
HOLE = late_regex(r"\$\$\{|\$\{\s*([A-Za-z_][\w-]*)((?:\.[A-Za-z_][\w-]*)*)\s*\}|\$\{|%\{")
LABELLED = ("target", "group", "variable", "function")


class Block(Struct, frozen=True):
    """A block `kind "label" { … }` with its attributes by name; nested blocks are objects among them."""

    kind: str
    label: str
    line: int
    column: int
    attributes: Mapping[str, Expression]


class Blocks(Struct, frozen=True):
    """What a bake file holds: its blocks, and the attributes outside of them."""

    blocks: tuple[Block, ...] = ()
    attributes: Mapping[str, Expression] = {}
    problem: str = ""


def read_hcl(text: str) -> Blocks:
    """The blocks of a bake file in HCL; none, and a `problem`, where it cannot be read."""
    if len(text) > MAX_TEXT:
        return Blocks(problem=f"not read: it is larger than {MAX_TEXT // 1000} kB")
    if sum(1 for _ in TOKEN.finditer(text)) > MAX_TOKENS:
        return Blocks(problem=f"not read: it has more than {MAX_TOKENS:,} words and signs")
    if "<<" in text and GAP.search(text):
        return Blocks(problem="not read: heredocs beside a gap of hundreds of blanks or blank lines")

    import hcl2
    from lark.exceptions import LarkError

    try:
        tree = hcl2.parses_to_tree(text)
    except LarkError as error:
        line = getattr(error, "line", None)
        where = f" in line {line}" if isinstance(line, int) and line > 0 else ""
        return Blocks(problem=f"no HCL: it cannot be read{where}")
    except (RecursionError, ValueError, AssertionError):
        return Blocks(problem="no HCL: it cannot be read")
    blocks: list[Block] = []
    attributes: dict[str, Expression] = {}
    for child in _trees(_trees(tree)[0]):
        if child.data == "block":
            kind, label, inside = _block(child)
            blocks.append(Block(kind, label, child.meta.line, child.meta.column, inside))
        elif child.data == "attribute":
            name, value = _attribute(child, 0)
            attributes[name] = value
    return Blocks(tuple(blocks), attributes)


def read_json(roots: tuple[Node, ...]) -> Blocks:
    """The blocks of a bake file in JSON, which was read as the YAML that it is as well."""
    blocks: list[Block] = []
    attributes: dict[str, Expression] = {}
    # JSON has no aliases, but what is read as YAML may multiply by them.
    left = iter(range(MAX_VALUES))
    for kind, node in (item for root in roots for item in root.items()):
        if kind not in LABELLED:
            attributes[kind] = _json(node, 0, left)
            continue
        bodies = (
            (key, body)
            for part in node.values or (node,)
            for key, inside in part.pairs
            for body in inside.values or (inside,)
        )
        for key, body in bodies:
            if next(left, None) is None:
                return Blocks(tuple(blocks), attributes, f"not read in full: more than {MAX_VALUES:,} values")
            values = {name: _json(value, 0, left) for name, value in body.items()}
            blocks.append(Block(kind, key.text, key.line, key.column, values))
    return Blocks(tuple(blocks), attributes)


def template(text: str, line: int, column: int, *, whole: bool = False) -> Expression:
    """A text with `${name}` and `${name.part}` in it; what is more involved is unknown.

    `whole`: then the text is better than nothing, and stands for itself.
    """
    parts: list[Expression] = []
    at = 0
    for hole in HOLE.finditer(text):
        parts.append(Expression("literal", line, column, text[at : hole.start()]))
        at = hole.end()
        if hole[0] == "$${":
            parts.append(Expression("literal", line, column, "${"))
        elif hole[1]:
            inner = Expression("name", line, column, hole[1])
            for name in hole[2].split(".")[1:]:
                inner = Expression("attribute", line, column, name, (inner,))
            parts.append(inner)
        elif whole:
            parts.append(Expression("literal", line, column, hole[0]))
        else:
            return Expression("unknown", line, column)
    if not parts:
        return Expression("literal", line, column, text, text_line=line)
    parts.append(Expression("literal", line, column, text[at:]))
    # Empty pieces go, so that a sole `${list}` is the list itself.
    return Expression(
        "template", line, column, None, tuple(part for part in parts if part.kind != "literal" or part.value)
    )


def _json(node: Node, depth: int, left: Iterator[int]) -> Expression:
    """A value as an expression; it is unknown where it is too deep, or nothing is `left`."""
    line, column = node.line, node.column
    if depth > MAX_DEPTH or next(left, None) is None:
        return Expression("unknown", line, column)
    if node.is_mapping:
        parts: list[Expression] = []
        for name, value in node.items():
            parts += (Expression("literal", line, column, name), _json(value, depth + 1, left))
        return Expression("object", line, column, None, tuple(parts))
    if node.is_sequence:
        return Expression("list", line, column, None, tuple(_json(value, depth + 1, left) for value in node.values))
    if node.style:
        return template(node.text, line, column)
    words = {"true": True, "false": False}
    plain: Any = None if node.null else words.get(node.text, node.text)
    if isinstance(plain, str) and re.fullmatch(r"-?[0-9]{1,18}", plain):
        plain = int(plain)
    return Expression("literal", line, column, plain)


def _trees(tree: Tree[Any]) -> list[Tree[Any]]:
    """The children that are trees, without line ends and comments."""
    return [child for child in tree.children if not isinstance(child, str) and child.data != "new_line_or_comment"]


def _text(tree: Tree[Any]) -> str:
    """The tokens of a small tree, as those of a name or a label."""
    return "".join(str(token) for token in tree.scan_values(lambda _: True))


def _block(tree: Tree[Any]) -> tuple[str, str, dict[str, Expression]]:
    *head, body = _trees(tree)
    labels = [_text(part).strip('"') for part in head]
    return labels[0], labels[1] if len(labels) > 1 else "", dict(_body(body, 0))


def _body(body: Tree[Any], depth: int) -> Iterator[tuple[str, Expression]]:
    for child in _trees(body):
        if child.data == "attribute":
            yield _attribute(child, depth)
        elif child.data == "block" and depth < MAX_DEPTH:
            # `args { … }` is read as `args = { … }`.
            *head, inside = _trees(child)
            parts: list[Expression] = []
            for name, value in _body(inside, depth + 1):
                parts += (Expression("literal", value=name), value)
            yield _text(head[0]), Expression("object", child.meta.line, child.meta.column, None, tuple(parts))


def _attribute(tree: Tree[Any], depth: int) -> tuple[str, Expression]:
    name, value = _trees(tree)
    return _text(name), _expression(value, depth)


def _expression(tree: Tree[Any], depth: int) -> Expression:
    """An expression; what is too deep, or of no use in build files, is unknown."""
    while tree.data == "expr_term" and len(_trees(tree)) == 1:
        tree = _trees(tree)[0]
    kind, line, column = tree.data, tree.meta.line, tree.meta.column
    unknown = Expression("unknown", line, column)
    if depth > MAX_DEPTH:
        return unknown
    trees = _trees(tree)

    def made(kind: str, value: Any = None, parts: list[Tree[Any]] | None = None) -> Expression:
        inside = tuple(_expression(part, depth + 1) for part in parts or ())
        return Expression(kind, line, column, value, inside, line)

    if kind == "string":
        return _string(tree, depth)
    if kind in ("heredoc_template", "heredoc_template_trim"):
        return _heredoc(str(tree.children[0]), line, column)
    if kind in ("int_lit", "float_lit"):
        text = _text(tree)
        return made("literal", int(text) if kind == "int_lit" and len(text) < 19 else float(text))
    if kind == "literal_value":
        return made("literal", {"true": True, "false": False, "null": None}[_text(tree)])
    if kind in ("identifier", "keyword"):
        return made("name", _text(tree))
    if kind == "tuple":
        return made("list", None, trees)
    if kind == "object":
        return made("object", None, [part for element in trees for part in _element(element)])
    if kind == "conditional":
        return made("conditional", None, trees)
    if kind == "binary_op":
        left, term = trees
        operator, right = _trees(term)
        return made("operation", _text(operator), [left, right])
    if kind == "unary_op":
        return made("not" if str(tree.children[0]) == "!" else "minus", None, trees)
    if kind == "function_call":
        arguments = trees[1:] and _trees(trees[-1])
        return unknown if len(trees) > 2 else made("call", _text(trees[0]), arguments)
    if kind == "get_attr_expr_term":
        return made("attribute", _text(_trees(trees[1])[0]), trees[:1])
    if kind == "index_expr_term" and trees[1].data == "braces_index":
        return made("index", None, [trees[0], _trees(trees[1])[0]])
    if kind in ("for_tuple_expr", "for_object_expr") and not any(str(child) == "..." for child in tree.children):
        intro, *rest = trees
        *names, collection = _trees(intro)
        parts = [collection, *(_trees(part)[0] if part.data == "for_cond" else part for part in rest)]
        return made("for-list" if kind == "for_tuple_expr" else "for-object", [_text(name) for name in names], parts)
    return unknown


def _element(tree: Tree[Any]) -> Iterator[Tree[Any]]:
    key, value = _trees(tree)
    yield _trees(key)[0]
    yield value


def _string(tree: Tree[Any], depth: int) -> Expression:
    line, column = tree.meta.line, tree.meta.column
    parts: list[Expression] = []
    for part in _trees(tree):
        child = part.children[0]
        if isinstance(child, str):
            token = str(child)
            text = token[1:] if token.startswith(("$${", "%%{")) else ESCAPE.sub(_unescaped, token)
            parts.append(Expression("literal", line, column, text))
        elif child.data == "interpolation":
            parts.append(_expression(_trees(child)[0], depth + 1))
        else:
            return Expression("unknown", line, column)
    if not parts or (len(parts) == 1 and parts[0].kind == "literal"):
        return Expression("literal", line, column, parts[0].value if parts else "", text_line=line)
    return Expression("template", line, column, None, tuple(parts))


def _unescaped(match: re.Match[str]) -> str:
    escape = match[1]
    if escape[0] in "uU" and len(escape) > 1:
        code = int(escape[1:], 16)
        return chr(code) if code < 0x110000 else "\ufffd"
    return ESCAPES.get(escape, escape)


def _heredoc(token: str, line: int, column: int) -> Expression:
    first, _, rest = token.partition("\n")
    body, _, _ = rest.rstrip().rpartition("\n")
    body = body + "\n" if body else ""
    if first.startswith("<<-"):
        body = textwrap.dedent(body)
    made = template(body, line, column, whole=True)
    return Expression(made.kind, line, column, made.value, made.parts, line + 1)
