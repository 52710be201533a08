"""What commands a RUN is read into."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lint_multistage.model.dockerfile import read_dockerfile
from lint_multistage.syntax.instructions import Run
from lint_multistage.syntax.shell import Command, Script, read_script
from lint_multistage.text import Source


def read(run: str, **options: object) -> tuple[Script, Source]:
    """The script of `RUN run` and the Dockerfile it stands in."""
    source = Source.of("Dockerfile", f"FROM debian\nRUN {run}\n")
    dockerfile = read_dockerfile(source)
    instruction = next(each for each in dockerfile.instructions() if isinstance(each, Run))
    return read_script(instruction, source, escape=dockerfile.escape, **options), source  # type: ignore[arg-type]


def commands(run: str, **options: object) -> list[list[str | None]]:
    """The words of each command of a RUN that is understood."""
    script, _ = read(run, **options)
    assert script.understood, script.reason
    return [[word.text for word in command.words] for command in script.commands]


def lines(run: str, **options: object) -> list[str]:
    """Each command as one line, `?` for words that are not known."""
    return [" ".join("?" if text is None else text for text in words) for words in commands(run, **options)]


def certainty(run: str) -> dict[str, bool]:
    """Whether each command is certain, by its first word."""
    script, _ = read(run)
    return {command.name: command.certain for command in script.commands}


def directories(run: str, **options: object) -> dict[str, str | None]:
    """Where each command runs, by its first word."""
    script, _ = read(run, **options)
    return {command.name: command.directory for command in script.commands}


def only(run: str, **options: object) -> Command:
    script, _ = read(run, **options)
    (command,) = script.commands
    return command


# --- forms of RUN


def test_shell_form_gives_its_commands_in_order() -> None:
    assert commands("apt-get update && apt-get install -y gcc; make | tee log") == [
        ["apt-get", "update"],
        ["apt-get", "install", "-y", "gcc"],
        ["make"],
        ["tee", "log"],
    ]


def test_exec_form_is_the_command_itself() -> None:
    assert commands('["/usr/bin/apt-get", "install", "$X && y"]') == [["/usr/bin/apt-get", "install", "$X && y"]]


@pytest.mark.parametrize("shell", ["sh", "/bin/bash"])
def test_exec_form_of_a_shell_is_a_script(shell: str) -> None:
    assert lines(f'["{shell}", "-ec", "cd /x && make"]') == ["cd /x", "make"]


@pytest.mark.parametrize("value", ["cd /x && ./server", '["sh", "-c", "cd /x && ./server"]'])
def test_commands_of_an_entrypoint_are_read_the_same_way(value: str) -> None:
    source = Source.of("Dockerfile", f"FROM debian\nENTRYPOINT {value}\n")
    script = read_script(read_dockerfile(source).stages[0].instructions[1], source)
    assert [(command.name, command.directory) for command in script.commands] == [("cd", "/"), ("server", "/x")]


def test_words_of_a_script_in_exec_form_have_their_own_places() -> None:
    script, source = read('["sh", "-c", "apk add gcc"]')
    assert [source[word.span] for word in script.commands[0].words] == ["apk", "add", "gcc"]


def test_lone_heredoc_is_a_script() -> None:
    assert lines("<<EOF\napt-get update\napt-get install -y gcc\nEOF") == ["apt-get update", "apt-get install -y gcc"]


def test_tabs_of_a_dash_heredoc_are_taken_off_and_places_stay_right() -> None:
    script, source = read("<<-EOF\n\tcat <<IN > f\n\tx\n\tIN\n\tmake all\nEOF")
    assert [[word.text for word in command.words] for command in script.commands] == [["cat"], ["make", "all"]]
    assert source[script.commands[1].span] == "make all"


def test_a_heredocs_own_interpreter_decides() -> None:
    assert lines("<<EOF\n#!/usr/bin/env bash\nmake\nEOF") == ["make"]
    assert lines("<<EOF\n#!/bin/bash -eu\nmake\nEOF", shell=("pwsh", "-Command")) == ["make"]
    assert lines("<<EOF\n#!/usr/bin/env python3\nimport os\nEOF") == []


def test_input_of_another_program_is_not_shell() -> None:
    assert lines("python3 <<EOF\nmake = 1\nEOF") == ["python3"]


def test_input_of_a_shell_is_a_script() -> None:
    assert lines("bash -e <<EOF\nmake\nEOF") == ["make"]
    assert lines("cat <<EOF | sh\nmake\nEOF") == ["cat", "sh"]


def test_commands_behind_a_heredoc_are_read() -> None:
    assert lines("cat <<EOF > /f && make && make install\nx && y\nEOF") == ["cat", "make", "make install"]


@pytest.mark.parametrize(
    "shell", [("powershell", "-Command"), ("cmd", "/S", "/C"), ("pwsh",), ("/usr/bin/python3", "-c"), ()]
)
def test_other_shells_are_not_guessed_at(shell: tuple[str, ...]) -> None:
    script, _ = read("apt-get install gcc", shell=shell)
    assert not script.understood
    assert script.commands == ()
    assert script.reason.startswith("the SHELL")


@pytest.mark.parametrize(
    "shell", [("/bin/bash", "-o", "pipefail", "-c"), ("conda", "run", "-n", "x", "/bin/bash", "-c")]
)
def test_posix_shells_are_read_with_their_options(shell: tuple[str, ...]) -> None:
    assert lines("make", shell=shell) == ["make"]


def test_continuations_comments_and_crlf_do_not_matter() -> None:
    script, source = read("apt-get install \\\r\n  # a comment\r\n  gcc \\\n\n  make")
    assert [word.text for word in script.commands[0].words] == ["apt-get", "install", "gcc", "make"]
    assert [source[word.span] for word in script.commands[0].words] == ["apt-get", "install", "gcc", "make"]


def test_continued_word_spans_its_continuation() -> None:
    script, source = read("apt-get ins\\\ntall gcc")
    word = script.commands[0].words[1]
    assert (word.text, word.raw, source[word.span]) == ("install", "install", "ins\\\ntall")


def test_backslashes_at_the_end_of_a_line_keep_places() -> None:
    script, source = read("echo a\\\\b \\\n && make x")
    assert source[script.commands[1].words[1].span] == "x"


def test_backtick_escape() -> None:
    source = Source.of("Dockerfile", "# escape=`\nFROM debian\nRUN make `\n  all\n")
    dockerfile = read_dockerfile(source)
    run = dockerfile.stages[0].instructions[1]
    script = read_script(run, source, escape=dockerfile.escape)
    assert [source[word.span] for word in script.commands[0].words] == ["make", "all"]


# --- words


def test_quotes_and_escapes_are_removed() -> None:
    assert commands(r"""echo 'a b' "c d" e\ f g"h"'i' $'j\tk'""") == [["echo", "a b", "c d", "e f", "ghi", "j\tk"]]


def test_variables_of_the_image_and_of_the_script_are_replaced() -> None:
    assert lines('P="gcc make"; apt-get install $P "$P" $D', variables={"D": "git"}) == [
        "apt-get install gcc make gcc make git"
    ]
    assert commands('P="gcc make"; x $P "$P"')[0] == ["x", "gcc", "make", "gcc make"]


def test_empty_variable_is_no_word() -> None:
    assert commands('x $E "$E" y', variables={"E": ""}) == [["x", "", "y"]]


@pytest.mark.parametrize(
    ("word", "value"),
    [
        ("${V}", "1.2.3"),
        ("${V%.*}", "1.2"),
        ("${V%%.*}", "1"),
        ("${V#*.}", "2.3"),
        ("${V/./-}", "1-2.3"),
        ("${V:-x}", "1.2.3"),
        ("${E:-x}", "x"),
        ("${V:+y}", "y"),
        ("go$V.tar", "go1.2.3.tar"),
        ("$UNKNOWN", None),
        ("a$UNKNOWN", None),
        ("${UNKNOWN:-x}", None),
        ("$(cat f)", None),
        ("`cat f`", None),
        ("$((1 + 2))", None),
    ],
)
def test_expansions(word: str, value: str | None) -> None:
    script, _ = read(f'echo "{word}"', variables={"V": "1.2.3", "E": ""})
    assert script.commands[-1].words[1].text == value


def test_substituted_commands_run_before_and_leave_no_variables() -> None:
    assert lines('A=1; echo "$(A=2; uname -m)" $A') == ["uname -m", "echo ? 1"]


def test_arrays_and_braces() -> None:
    assert lines('P=(gcc make); P+=(git); apt-get install "${P[@]}" lib{a,b}-dev') == [
        "apt-get install gcc make git liba-dev libb-dev"
    ]


def test_assigned_by_a_command_is_unknown_afterwards() -> None:
    assert lines("P=gcc; P=$(cat f); x $P")[-1] == "x ?"
    assert lines("P=gcc; read P; x $P")[-1] == "x ?"


def test_a_branch_makes_its_variables_unknown() -> None:
    assert lines("P=gcc; if a; then P=clang; fi; x $P")[-1] == "x ?"
    assert lines("P=gcc; case $A in y) x $P;; esac; x $P") == ["x gcc", "x gcc"]


def test_env_holds_exports_and_assignments_in_front() -> None:
    script, _ = read("export A=1 B=2; C=3; D=4 make")
    assert script.commands[-1].env == (("A", "1"), ("B", "2"), ("D", "4"))


def test_assigned_variable_of_the_image_is_exported() -> None:
    assert only("A=2; make", variables={"A": "1"}).env == (("A", "2"),)


# --- wrappers


@pytest.mark.parametrize(
    "run",
    [
        "sudo -u root apt-get install gcc",
        "sudo DEBIAN_FRONTEND=noninteractive apt-get install gcc",
        "env -i A=b apt-get install gcc",
        "time nice -n 10 apt-get install gcc",
        "timeout 300 apt-get install gcc",
        "command apt-get install gcc",
        "exec apt-get install gcc",
        "! apt-get install gcc",
        "(apt-get install gcc)",
        "{ apt-get install gcc; }",
        "! { apt-get install gcc; }",
        "sh -c 'apt-get install gcc'",
        'bash -ec "apt-get install gcc"',
        "sh -c 'apt-get install $1' sh gcc",
        "eval apt-get install gcc",
        "eval 'apt-get install' gcc",
        "su -c 'apt-get install gcc'",
        "su - user -c 'apt-get install gcc'",
        "sudo sh -c \"bash -c 'apt-get install gcc'\"",
        "X='apt-get install gcc'; sh -c \"$X\"",
        "((apt-get install gcc) || true)",
    ],
)
def test_wrapped_command(run: str) -> None:
    assert lines(run)[0] == "apt-get install gcc"


def test_environment_of_wrappers_is_kept() -> None:
    assert only("A=1 env B=2 make").env == (("A", "1"), ("B", "2"))


def test_xargs_adds_words_that_are_not_known() -> None:
    assert lines("cat f | xargs -r apt-get install -y")[-1] == "apt-get install -y ?"
    assert lines("cat f | xargs -I{} apt-get install {} gcc")[-1] == "apt-get install ? gcc"


def test_script_that_is_not_known_stays_a_command() -> None:
    assert lines('sh -c "$UNKNOWN"') == ["sh -c ?"]


def test_another_shell_sees_only_what_is_exported() -> None:
    assert lines("A=1; export B=2; sh -c 'x $A $B'") == ["x ? 2"]


def test_what_another_shell_sets_is_lost() -> None:
    assert lines("A=1; sh -c 'A=2'; x $A") == ["x 1"]
    assert lines("A=1; eval A=2; x $A") == ["x 2"]


def test_a_continued_script_in_quotes_has_places() -> None:
    script, source = read("true && \\\n  sh -c 'apk add gcc'")
    assert [source[word.span] for word in script.commands[1].words] == ["apk", "add", "gcc"]


# --- directories


def test_directory_follows_cd() -> None:
    assert directories("a; cd src && b; cd /opt; c; cd ../x; d; cd $UNKNOWN; e", directory="/app") == {
        "a": "/app",
        "cd": "/x",
        "b": "/app/src",
        "c": "/opt",
        "d": "/x",
        "e": None,
    }


def test_cd_of_a_subshell_pipe_or_shell_is_undone() -> None:
    run = "(cd x && a); b; cd x | c; d; sh -c 'cd x; e'; f; echo $(cd x; g); h"
    found = directories(run)
    assert [found[name] for name in "abcdefgh"] == ["/x", "/", "/", "/", "/x", "/", "/x", "/"]


def test_pushd_popd_and_dash() -> None:
    assert directories("pushd a; x; pushd b; y; popd; z; popd; w; cd /q; cd -; v") == {
        "pushd": "/a",
        "x": "/a",
        "y": "/a/b",
        "popd": "/a",
        "z": "/a",
        "w": "/",
        "cd": "/q",
        "v": "/",
    }


def test_home_is_followed_where_it_is_known() -> None:
    assert directories("cd; a; cd ~/x; b", variables={"HOME": "/root"}) == {"cd": "/root", "a": "/root", "b": "/root/x"}
    assert directories("cd; a") == {"cd": "/", "a": None}


def test_unknown_start_stays_unknown_until_an_absolute_path() -> None:
    assert directories("cd x; a; cd /y; b", directory=None) == {"cd": None, "a": None, "b": "/y"}


def test_cd_that_may_not_happen_makes_the_directory_unknown() -> None:
    assert directories("if a; then cd x; b; fi; c") == {"a": "/", "cd": "/", "b": "/x", "c": None}
    assert directories("cd x || exit 1; c")["c"] == "/x"
    assert directories("[ -d x ] && cd x && b; c") == {"cd": "/", "b": "/x", "c": None}


# --- certainty


@pytest.mark.parametrize(
    ("run", "certain", "uncertain"),
    [
        ("a && b; c", "abc", ""),
        ("a || b", "a", "b"),
        ("a && b || true", "ab", ""),
        ("a || exit 1; b", "ab", ""),
        ("a || { echo no; exit 1; }; b", "ab", ""),
        ("if a; then b; elif c; then d; else e; fi; f", "af", "bcde"),
        ("case $A in x) a;; *) b;; esac; c", "c", "ab"),
        ("while a; do b; done; c", "ac", "b"),
        ("for i in x y; do a; done; b", "ab", ""),
        ("for i in *.c; do a; done; b", "b", "a"),
        ("[ -f x ] && a", "a", ""),
        ("[ -f x ] && a; b", "b", "a"),
        ("[ -f x ] && a || true", "", "a"),
        ("a && [ -f x ] || b", "a", "b"),
        ("command -v x >/dev/null && a; b", "b", "a"),
        ("set -e; if a; then exit 0; fi; b", "a", "b"),
        ("(if a; then exit 0; fi; b); c", "ac", "b"),
        ("if a; then exit 1; fi; b", "ab", ""),
        ("f() { a; }; b", "b", "a"),
        ("f() { a; }; f; b", "ab", ""),
        ("cat <<E || a\nx\nE", "", "a"),
    ],
)
def test_certainty(run: str, certain: str, uncertain: str) -> None:
    found = certainty(run)
    assert [name for name in certain if not found[name]] == []
    assert [name for name in uncertain if found[name]] == []


# --- functions and loops


def test_functions_are_walked_with_their_arguments() -> None:
    run = 'install() { apt-get install -y "$@" $1; }; install gcc make; install git'
    assert lines(run) == ["apt-get install -y gcc make gcc", "apt-get install -y git git"]


def test_a_function_gives_back_the_arguments_but_keeps_its_variables() -> None:
    assert lines("set -- a b; f() { X=$1; shift; x $1; }; f c d; y $1 $X $#") == [
        "set -- a b",
        "shift",
        "x d",
        "y a c 2",
    ]


def test_recursion_ends() -> None:
    assert lines("f() { a; f; }; f") == ["a"]


def test_loops_are_unrolled() -> None:
    assert lines("for p in gcc 'a b' $V; do apt-get install $p; done", variables={"V": "x y"}) == [
        "apt-get install gcc",
        "apt-get install a b",
        "apt-get install x",
        "apt-get install y",
    ]


def test_a_long_loop_is_walked_once_without_a_value() -> None:
    assert lines(f"for p in {'x ' * 500}; do apt-get install $p; done") == ["apt-get install ?"]


def test_the_name_of_a_function_is_not_a_program() -> None:
    assert lines("make() { echo no; }; make all") == ["echo no"]


# --- what cannot be read


@pytest.mark.parametrize("run", ["if true; then apt-get install gcc", "for ; do x | | y", "f() ( apt-get ( x"])
def test_broken_shell_is_not_understood(run: str) -> None:
    script, _ = read(run)
    assert not script.understood
    assert script.reason == "the shell cannot be read as written"


def test_name_of_a_command() -> None:
    assert only("/usr/local/bin/make all").name == "make"
    assert only("$UNKNOWN all").name == ""


# --- any text

PIECES = [
    *(
        "a",
        "make",
        "cd",
        "/x",
        "..",
        "gcc",
        "$A",
        "${A}",
        "${A%.*}",
        "${A:-b}",
        "$@",
        "$1",
        "A=b",
        "export A=b",
        "sh -c",
    ),
    *(
        "'",
        '"',
        "`",
        "$(",
        ")",
        "(",
        "{",
        "}",
        ";",
        "&&",
        "||",
        "|",
        "&",
        "\n",
        "\\\n",
        " ",
        "#",
        "<<E\n",
        "E\n",
        ">",
        "<",
    ),
    *(
        "if",
        "then",
        "fi",
        "else",
        "for i in",
        "do",
        "done",
        "while",
        "case",
        "in",
        "esac",
        ";;",
        "f() {",
        "eval",
        "exit 0",
    ),
    *(
        "((",
        "))",
        "[[",
        "]]",
        "é",
        "\t",
        "\r\n",
        "\0",
        "\udc80",
        "xargs",
        "sudo",
        "set --",
        "A+=c",
        "A=(",
        "*",
        "~",
        "!",
    ),
]


@settings(max_examples=400, deadline=None)
@given(st.lists(st.sampled_from(PIECES), max_size=25).map(" ".join) | st.text(max_size=60), st.booleans())
def test_any_text_gives_a_script_whose_spans_lie_in_the_source(text: str, heredoc: bool) -> None:
    run = f"<<LAST\n{text}\nLAST" if heredoc else text
    source = Source.of("Dockerfile", f"FROM debian\nRUN {run}\n")
    dockerfile = read_dockerfile(source)
    for instruction in dockerfile.instructions():
        if not isinstance(instruction, Run):
            continue
        script = read_script(instruction, source, variables={"A": "b c"}, escape=dockerfile.escape)
        assert script.understood == (script.reason == "")
        for command in script.commands:
            assert command.words
            for word in command.words:
                assert 0 <= word.span.start <= word.span.end <= len(source.text)
                text_there = source[word.span]
                # Elsewhere the word is continued, or stands in a script that a variable holds.
                if (
                    "\\" not in text_there
                    and "$" not in text_there
                    and "\n" not in text_there
                    and "\r" not in text_there
                    and "\n" not in word.raw
                    and "\r" not in word.raw
                ):
                    # `((` is also read as two parentheses apart.
                    assert word.raw.replace("( (", "((") in text_there.replace("( (", "((")
