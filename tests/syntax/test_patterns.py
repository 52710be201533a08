"""Shell patterns give what Go's regular expressions give, in time that does not explode."""

from __future__ import annotations

import re
import time
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lint_multistage.syntax.expansion import LONGEST_GROWTH, ExpansionError, TooLongError, expand
from lint_multistage.syntax.patterns import PatternError, SlowPatternError, read_pattern

VALUES = st.text("ab.", max_size=8)
PATTERNS = st.lists(st.sampled_from(["a", "b", "*", "?", ".", "\\*"]), max_size=6).map("".join)


def regex(pattern: str, star: str = ".*") -> re.Pattern[str]:
    marks = {"*": star, "?": "."}
    parts = re.findall(r"\\.|[^\\]", pattern)
    return re.compile("".join(marks.get(part) or re.escape(part[-1]) for part in parts), re.DOTALL)


@given(VALUES, PATTERNS)
def test_a_trimmed_start(value: str, pattern: str) -> None:
    for longest in (False, True):
        match = regex(pattern, ".*" if longest else ".*?").match(value)
        assert read_pattern(pattern).trimmed(value, end=False, longest=longest) == value[match.end() if match else 0 :]


@given(VALUES, PATTERNS)
def test_a_trimmed_end(value: str, pattern: str) -> None:
    starts = [start for start in range(len(value) + 1) if regex(pattern).fullmatch(value, start)]
    for longest in (False, True):
        kept = value[: (starts[0] if longest else starts[-1])] if starts else value
        assert read_pattern(pattern).trimmed(value, end=True, longest=longest) == kept


@given(VALUES, PATTERNS)
def test_one_replaced(value: str, pattern: str) -> None:
    replaced = read_pattern(pattern).replaced(value, "X", everywhere=False, most=100)
    assert replaced == regex(pattern).sub("X", value, count=1)


@pytest.mark.parametrize(
    ("value", "pattern", "expected"),
    [
        ("a-b-c", "-", "aXbXc"),
        ("abc", "*", "X"),
        ("abc", "", "XaXbXcX"),
        ("a.b.c", ".?", "aXX"),
        ("aXbab", "a*b", "X"),
        ("", "*", "X"),
    ],
)
def test_all_replaced(value: str, pattern: str, expected: str) -> None:
    assert read_pattern(pattern).replaced(value, "X", everywhere=True, most=100) == expected


def test_what_is_refused() -> None:
    with pytest.raises(PatternError):
        read_pattern("a\\b")
    with pytest.raises(SlowPatternError):
        read_pattern("?" * 1_000).trimmed("a" * 10_000, end=False, longest=False)


@pytest.mark.parametrize(
    "word",
    [
        "${V//*a*b*c/}",
        "${V%%*a*a*a*a*b}",
        "${V##*a*a*a*a*b}",
        "${V%*a*b*}",
        "${V#" + "?" * 1_000 + "}",
        "${V" + "${V" * 5_000,
        "$V" * 10_000,
    ],
)
def test_no_word_takes_long(word: str) -> None:
    started = time.thread_time()
    for value in ("a" * 10_000, "ab" * 5_000):
        with suppress(ExpansionError):
            assert len(expand(word, {"V": value}).text) <= LONGEST_GROWTH
    assert time.thread_time() - started < 1


def test_values_do_not_grow_without_end() -> None:
    assert len(expand("$A$A", {"A": "x" * (LONGEST_GROWTH // 2)}).text) == LONGEST_GROWTH
    with pytest.raises(TooLongError):
        expand("$A$A", {"A": "x" * LONGEST_GROWTH})
    with pytest.raises(TooLongError):
        expand("${A//x/$A}", {"A": "x" * 1_000})
