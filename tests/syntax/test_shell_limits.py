"""Scripts that are too large, too deep or too tangled are passed over, quickly and with a reason."""

from __future__ import annotations

import time

import pytest

from lint_multistage.syntax.instructions import Run, Word
from lint_multistage.syntax.shell import Script, read_script
from lint_multistage.text import Source, Span

SECONDS = 2.0
"""Each takes less than half a second; without the limits most take minutes."""


def read(text: str) -> tuple[Script, float]:
    """The script of one RUN and the processor time that reading it took."""
    source = Source.of("Dockerfile", "FROM a\nRUN " + text)
    value = Word(text, Span(11, 11 + len(text)))
    run = Run(
        keyword=Word("RUN", Span(7, 10)), span=Span(7, value.span.end), line=2, end_line=2, value=value, words=(value,)
    )
    read_script(run, Source.of("Dockerfile", "FROM a\nRUN " + "x" * len(text)), shell=("none",))
    started = time.thread_time()
    return read_script(run, source), time.thread_time() - started


def functions(count: int, calls: int) -> str:
    """Functions of which each calls the next several times."""
    bodies = "".join(f"f{at}() {{ {f'f{at + 1}; ' * calls} }}; " for at in range(count))
    return f"{bodies} f{count}() {{ A=1; }}; f0"


PASSED_OVER = {
    "five megabytes": ("true && " * 650_000 + "make", "the script is longer than 256 kB"),
    "heredocs": ("cat " + " <<EOF" * 20_000, "the script has more than 200 heredocs"),
    "pipes": (" | ".join(["true"] * 10_000), "the script has more than 1500 pipes"),
    "pipes behind backslashes": ("a=" + r"\||" * 10_000, "the script has more than 1500 pipes"),
    "ifs": ("if true; then " * 10_000 + "x;" + " fi;" * 10_000, "the script is nested more than 150 deep"),
    "braces": ("{ " * 10_000 + "a;" + " };" * 10_000, "the script is nested more than 150 deep"),
    "subshells": ("( " * 10_000 + "a" + " )" * 10_000, "the script is nested more than 150 deep"),
    "substitutions": ("echo " + "$(a " * 10_000 + ")" * 10_000, "the script is nested more than 150 deep"),
    "commands": ("a;" * 30_000, "the script runs more than 20000 commands"),
    "calls": (functions(9, 6), "the script takes too many steps"),
    "growing variable": (
        "a=xx;" + "a=$a$a;" * 12 + 'b "$a";' * 1_000,
        "the script's variables and words expand to too much text",
    ),
    "words": (f"a='{'x ' * 8_000}'; " + "b $a; " * 50, "the script's variables and words expand to too much text"),
    "exports": ("".join(f"export a{at}=b; " for at in range(5_000)), "the script exports more than 200 variables"),
    "errors": ("[[ " + "~ & " * 5_000, "the shell is too tangled to be parsed in reasonable time"),
    "arrays": ("a=(" * 40_000, "the shell is too tangled to be parsed in reasonable time"),
}


@pytest.mark.parametrize("name", PASSED_OVER)
def test_passed_over(name: str) -> None:
    text, reason = PASSED_OVER[name]
    script, seconds = read(text)
    assert not script.understood
    assert script.reason == reason
    assert seconds < SECONDS


@pytest.mark.parametrize(
    "text",
    [
        "$(" * 10_000,
        "echo " + '"$(' * 10_000,
        "(" * 50_000,
        "if a; then " * 10_000,
        "{ " * 10_000,
        "case x in a) " * 10_000,
        "f() " * 10_000,
        "[ " * 30_000 + "]" * 30_000,
        "<" * 199,
        ";; " * 20_000,
    ],
)
def test_unfinished(text: str) -> None:
    script, seconds = read(text)
    assert not script.understood
    assert script.reason
    assert seconds < SECONDS


@pytest.mark.parametrize(
    "text",
    [
        "echo '" + "a b " * 50_000,
        'echo "' + "a b " * 50_000,
        "echo " + "`a " * 10_000,
        "echo " + "${a:-" * 10_000 + "}" * 10_000,
        "a=" + "x" * 60_000 + "; echo " + "$a" * 5_000,
        "a=" + "x" * 900 + "; " + "echo ${a%%*y*z}; " * 2_000,
        "a=" + "x" * 900 + "; " + "echo ${a//*y*z/}; " * 2_000,
        "a=(x y); " + 'a=("${a[@]}" "${a[@]}"); ' * 200 + 'echo "${a[@]}"',
        "for a in 1 2 3 4 5 6 7 8 9; do " * 8 + "x;" + " done;" * 8,
        "sudo " * 20_000,
        "sh -c '" * 5_000,
        'a=\'eval "$a; $a"\'; eval "$a"',
        'export a=\'sh -c "$a"\'; sh -c "$a"',
        ("echo " + "{a,b}" * 50 + "; ") * 800,
        "f() { " * 5_000 + "a;" + " };" * 5_000 + " f",
        "cd a; " * 15_000,
        "echo ((a) && b)\n" * 10_000,
        "\0" * 100_000,
        "é" * 100_000,
    ],
)
def test_whatever_it_is_it_ends_soon(text: str) -> None:
    script, seconds = read(text)
    assert script.understood == (script.reason == "")
    assert seconds < SECONDS


def test_long_chains_are_read() -> None:
    script, seconds = read(" && ".join(["true"] * 10_000))
    assert script.understood
    assert len(script.commands) == 10_000
    assert seconds < SECONDS
    script, _ = read(" || ".join(["true"] * 10_000))
    assert script.understood
    assert sum(command.certain for command in script.commands) == 1


def test_what_was_read_before_the_limit_is_kept() -> None:
    script, _ = read("apt-get install gcc; " + "( " * 1_000 + "a" + " )" * 1_000)
    assert [command.name for command in script.commands] == ["apt-get"]
    assert not script.understood


def test_many_scripts_in_one_are_read_in_time() -> None:
    script, seconds = read("sh -c 'make all'\n" * 10_000)
    assert len(script.commands) == 10_000
    assert seconds < SECONDS
