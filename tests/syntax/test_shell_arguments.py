"""What a script is started with."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from lint_multistage.syntax.shell_layout import Layout
from lint_multistage.syntax.shell_walk import walk_script

SCRIPT = 'one $1; shift; two "$1" $#; f() { three "$1"; }; f a; set -- b; four "$1"\n'


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ((), [["one"], ["shift"], ["two", "", "0"], ["three", "a"], ["set", "--", "b"], ["four", "b"]]),
        (("x", None), [["one", "x"], ["shift"], ["two", None, "1"], ["three", "a"], ["set", "--", "b"], ["four", "b"]]),
        (None, [["one", None], ["shift"], ["two", None, None], ["three", "a"], ["set", "--", "b"], ["four", "b"]]),
    ],
)
def test_positional_parameters(arguments: Sequence[str | None] | None, words: list[list[str | None]]) -> None:
    script = walk_script(Layout(SCRIPT, ((0, 0),)), {}, "/", arguments=arguments)
    assert script.understood
    assert [[word.text for word in command.words] for command in script.commands] == words


def test_a_script_is_started_with_nothing() -> None:
    layout = Layout(SCRIPT, ((0, 0),))
    assert walk_script(layout, {}, "/") == walk_script(layout, {}, "/", arguments=())
