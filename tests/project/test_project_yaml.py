"""YAML as nodes with places, whatever the text."""

from __future__ import annotations

import time

import pytest

from lint_multistage.project.yaml_nodes import MAX_DEPTH, MAX_NODES, Node, load, load_all


def loaded(text: str) -> Node:
    node = load(text)
    assert node is not None, load_all(text).problem
    return node


def test_values_have_their_texts_and_places() -> None:
    node = loaded('a:\n  b: "x"\n  c: [1, ~]\n')
    inner = node.get("a", "b")
    assert inner is not None
    assert (inner.text, inner.style, inner.line, inner.column) == ("x", '"', 2, 6)
    assert node.text_of("a", "b") == "x"
    assert node.text_of("a", "nothing") == ""
    assert node.get("a", "b", "deeper") is None
    items = node.get("a", "c")
    assert items is not None
    assert [(value.text, value.null) for value in items.values] == [("1", False), ("", True)]


def test_a_block_scalar_starts_on_the_line_behind_its_mark() -> None:
    run = loaded("run: |\n  docker build .\n").get("run")
    assert run is not None
    assert (run.text, run.line, run.text_line) == ("docker build .\n", 1, 2)


def test_aliases_are_the_node_that_they_name() -> None:
    node = loaded("a: &x {k: v}\nb: *x\n")
    assert node.get("b") is node.get("a")


def test_merge_keys_are_resolved_and_own_values_win() -> None:
    node = loaded("a: &a {k: 1, l: 2}\nb: &b {l: 3, m: 4}\nc:\n  k: 0\n  <<: [*a, *b]\n")
    merged = node.get("c")
    assert merged is not None
    assert {name: value.text for name, value in merged.items()} == {"k": "0", "l": "2", "m": "4"}


def test_a_quoted_merge_key_is_a_key() -> None:
    assert loaded("'<<': {a: 1}\n").get("<<", "a") is not None


def test_tags_of_the_writer_are_kept() -> None:
    node = loaded("a: !reset null\nb: !reference [x, y]\nc: !vault |\n  1\n")
    assert [value.tag for _, value in node.items()] == ["!reset", "!reference", "!vault"]


def test_each_document_is_a_root_and_empty_ones_are_none() -> None:
    assert [root.text_of("a") for root in load_all("---\na: 1\n---\n---\na: 2\n").roots] == ["1", "2"]


def test_of_equal_keys_the_last_counts() -> None:
    assert loaded("a: 1\na: 2\n").text_of("a") == "2"


def test_walk_visits_each_node_once() -> None:
    lines = ["a0: &a0 [x, y]"] + [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]" for n in range(1, 20)]
    texts = [node.text for node in loaded("\n".join(lines)).walk() if node.is_scalar]
    assert texts.count("x") == 1


def test_an_alias_of_what_it_lies_in_is_null() -> None:
    node = loaded("&a [x, *a]")
    assert [value.null for value in node.values] == [False, True]


@pytest.mark.parametrize(
    "text",
    [
        "a: [1\n",
        "a: *nothing\n",
        "{% if x %}\na: 1\n",
        "a: \x01\n",
        "a:\n\tb: 1\n",
        "[" * 10_000,
        "{a: " * 10_000,
        "- " * 10_000,
        "\n".join(" " * depth + "a:" for depth in range(1_000)),
        "- a\n" * (MAX_NODES + 1),
    ],
    ids=["open", "alias", "template", "control", "tab", "lists", "maps", "items", "blocks", "many"],
)
def test_what_cannot_be_read_gives_a_reason(text: str) -> None:
    documents = load_all(text)
    assert documents.roots == ()
    assert documents.problem


@pytest.mark.parametrize(
    "text",
    [
        "\n".join(["a0: &a0 [x]", *(f"a{n}: &a{n} [*a{n - 1}]" for n in range(1, 5_000))]),
        "\n".join(["a0: &a0 {k: v}", *(f"a{n}: &a{n}\n  <<: *a{n - 1}\n  k{n}: v" for n in range(1, 5_000))]),
    ],
    ids=["lists", "merges"],
)
def test_chains_of_aliases_are_cut_with_a_reason(text: str) -> None:
    start = time.perf_counter()
    documents = load_all(text)
    assert time.perf_counter() - start < 5
    assert documents.roots
    assert documents.problem


def test_nesting_ends_at_the_bound_even_through_aliases() -> None:
    text = "\n".join(["a0: &a0 [x]", *(f"a{n}: &a{n} [*a{n - 1}]" for n in range(1, 500))])
    deepest = 0
    waiting = [(loaded(text), 0)]
    seen: dict[int, int] = {}
    while waiting:
        node, depth = waiting.pop()
        deepest = max(deepest, depth)
        if seen.get(id(node), -1) < depth:
            seen[id(node)] = depth
            waiting += [(value, depth + 1) for value in (*node.values, *(value for _, value in node.pairs))]
    assert deepest <= MAX_DEPTH


def test_bytes_that_are_no_utf8_are_read_over() -> None:
    text = b"a: \xff\nb: 1\n".decode("utf-8", "surrogateescape")
    assert loaded(text).text_of("b") == "1"
