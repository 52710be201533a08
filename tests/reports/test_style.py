from __future__ import annotations

import pytest

from lint_multistage.reports.style import RED, Style, one_line, shortened, visible, width


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("plain 日本 é 👍", "plain 日本 é 👍"),
        ("a\x1b[0m\x00\x7f", "a␛[0m␀␡"),
        ("\x9b\u202e\u2066\u200b\ufeff\u2028", "\ufffd" * 6),
        ("\udcff\ud800", "\ufffd\ufffd"),
        ("a\u00a0b\u200dc", "a\u00a0b\u200dc"),
    ],
)
def test_visible(text: str, shown: str) -> None:
    assert visible(text) == shown


def test_one_line() -> None:
    assert one_line("a\n\n  b\r\nc\td\n") == "a b c d"


@pytest.mark.parametrize(("text", "columns"), [("abc", 3), ("日本", 4), ("e\u0301", 1), ("ｱ", 1), ("👍", 2), ("", 0)])
def test_width(text: str, columns: int) -> None:
    assert width(text) == columns


def test_shortened() -> None:
    assert shortened("abcdef", 6) == "abcdef"
    assert shortened("abcdef", 5) == "abcd…"
    assert shortened("日本語", 5) == "日本…"


def test_without_colour_nothing_is_added() -> None:
    assert Style().paint("x", RED) == "x"
    assert Style(colour=True).paint("x", RED) == "\x1b[1;31mx\x1b[0m"
    assert Style(colour=True).paint("", RED) == ""
