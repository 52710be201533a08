"""The syntax of a Dockerfile, as BuildKit reads it."""

from __future__ import annotations

import time

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from lint_multistage.syntax.instructions import Copy, From, Instruction, Onbuild, Run
from lint_multistage.syntax.parse import Syntax, parse
from lint_multistage.text import Source


def read(text: str) -> Syntax:
    return parse(Source.of("Dockerfile", text))


def words(instruction: Instruction) -> list[str]:
    return [word.text for word in instruction.words]


def test_lines_join_without_a_space_and_comments_inside_are_skipped() -> None:
    (_, run) = read("FROM alpine\nRUN ec\\\n# a comment\n\n  ho a \\  \n  && b\n").instructions
    assert run.value.text == "ec  ho a   && b"
    assert (run.line, run.end_line) == (2, 6)


@pytest.mark.parametrize("end", ["\\\\", "\\\\\\"])
def test_two_or_three_escapes_do_not_continue(end: str) -> None:
    assert len(read(f"FROM alpine\nRUN a{end}\nRUN b\n").instructions) == 3


def test_a_file_may_end_inside_a_continuation() -> None:
    syntax = read("FROM alpine\nRUN a \\")
    assert not syntax.problems
    assert syntax.instructions[1].value.text == "a"


def test_the_escape_directive() -> None:
    syntax = read("# escape=`\nFROM alpine\nRUN a `\n b\\\nRUN c\n")
    assert [x.value.text for x in syntax.instructions[1:]] == ["a  b\\", "c"]


def test_directives_stop_at_the_first_other_line() -> None:
    syntax = read("# syntax=docker/dockerfile:1\n# words\n# escape=`\nFROM alpine\n")
    assert [(x.name, x.value) for x in syntax.directives] == [("syntax", "docker/dockerfile:1")]


def test_byte_order_mark_and_crlf() -> None:
    syntax = read("\ufeffFROM alpine\r\nRUN a \\\r\n  b\r\n")
    assert not syntax.problems
    assert [x.keyword.text for x in syntax.instructions] == ["FROM", "RUN"]
    assert syntax.instructions[1].value.text == "a   b"


def test_keywords_and_as_fold_case() -> None:
    (from_,) = read("from golang aS Build\n").instructions
    assert isinstance(from_, From)
    assert from_.name
    assert (from_.keyword.text, from_.name.text) == ("FROM", "Build")


@pytest.mark.parametrize(
    ("run", "names"),
    [
        ("RUN cat <<EOF\nx\nEOF\n", ["EOF"]),
        ("RUN cat << EOF\nx\nEOF\n", ["EOF"]),
        ("RUN cat <<'A' <<-\"B\"\nx\nA\n\ty\n\tB\n", ["A", "B"]),
        ("RUN cat 3<<EOF\nx\nEOF\n", ["EOF"]),
        ("RUN cat<<EOF\n", []),
        ('RUN echo "<<EOF"\n', []),
        ("RUN cat <<<EOF\n", []),
        ("RUN echo it's <<EOF\n", []),
        ('RUN ["echo", "<<EOF"]\n', []),
    ],
)
def test_heredocs(run: str, names: list[str]) -> None:
    syntax = read("FROM alpine\n" + run)
    assert not syntax.problems
    assert [heredoc.name for heredoc in syntax.instructions[1].heredocs] == names


def test_heredocs_of_copy_and_onbuild() -> None:
    syntax = read("FROM alpine\nCOPY <<EOF /a\nx\nEOF\nONBUILD RUN <<EOF\ny\nEOF\nLABEL a=<<EOF\n")
    assert not syntax.problems
    copy, onbuild, label = syntax.instructions[1:]
    assert isinstance(copy, Copy)
    assert isinstance(onbuild, Onbuild)
    assert len(copy.heredocs) == 1
    assert not label.heredocs


def test_flags_stand_before_the_first_other_word() -> None:
    copy = read("FROM alpine\nCOPY a b --from=x\n").instructions[1]
    assert isinstance(copy, Copy)
    assert copy.source is None
    assert copy.destination.text == "--from=x"


def test_an_empty_from_means_the_build_context() -> None:
    copy = read("FROM alpine\nCOPY --from= a b\n").instructions[1]
    assert isinstance(copy, Copy)
    assert copy.source is None or not copy.source.text


def test_json_followed_by_text_is_shell_form() -> None:
    cmd, other = read('FROM alpine\nCMD ["a"] b\nCMD [ "a", "b" ]\n').instructions[1:]
    assert not cmd.json
    assert other.json
    assert words(other) == ["a", "b"]


def test_mounts() -> None:
    run = read("FROM alpine\nRUN --mount=FROM=build,target=/b --mount=type=cache,id=x,target=/c make\n").instructions[1]
    assert isinstance(run, Run)
    first, second = run.mounts
    assert first.source
    assert (first.type, first.source.text, first.target) == ("bind", "build", "/b")
    assert (second.type, second.source) == ("cache", None)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("FROM alpine\nCOPY --from x /a /b\n", "--from"),
        ("FROM alpine\nCOPY --from=a --from=b /a /b\n", "--from"),
        ("FROM alpine\nFOO bar\n", "unknown instruction 'FOO'"),
        ("FROM alpine\nRUN --nope=1 true\n", "--nope"),
        ("FROM alpine AS\n", "FROM"),
        ("FROM alpine\nENV A\n", "ENV"),
        ("FROM alpine\nCOPY a\n", "COPY"),
        ("FROM alpine\nRUN <<EOF\nx\n", "EOF"),
        ("FROM alpine\nONBUILD FROM x\n", "ONBUILD"),
        ("# escape=`\n# escape=\\\nFROM alpine\n", "escape"),
        ("FROM alpine\n" + "RUN " + "x" * 70000 + "\n", "65"),
        ("", "no instructions"),
    ],
)
def test_what_buildkit_refuses_is_a_problem_with_its_reason(text: str, message: str) -> None:
    assert message in read(text).problems[0].message


# Pieces of which many combinations are near the edge of something.
PIECES = st.sampled_from(
    (
        "FROM |RUN |COPY |ARG |ENV |ONBUILD |alpine| AS |x|\n|\r\n|\\\n|\\|`|#|# |escape=`|syntax=|--from=|--mount=|0|"
        'type=cache,|target=/x|<<EOF|<<-|EOF|\'|"|[|]|"a"|,|$|${|}|:-|=| |\t|\ufeff|\0|\udcff|é|\u2028|<<'
    ).split("|")
)
TEXTS = st.lists(PIECES, max_size=40).map("".join) | st.text(max_size=200)


def spans_slice_back(source: Source, instruction: Instruction) -> None:
    raw = source[instruction.keyword.span]
    if "\n" not in raw:
        assert raw.upper() == instruction.keyword.text.upper()
    assert instruction.span.start <= instruction.value.span.start <= instruction.value.span.end <= len(source.text)
    assert 1 <= instruction.line <= instruction.end_line <= len(source.starts)
    for word in instruction.words:
        raw = source[word.span]
        # A word goes over line ends only where the line continues, and JSON strings have quotes around them.
        if "\n" not in raw and not instruction.json:
            assert raw.strip() == word.text.strip()
    for flag in instruction.flags:
        if "\n" not in source[flag.span]:
            assert source[flag.span].startswith(f"--{flag.name}")


@given(TEXTS)
@example("FROM a\nRUN <<EOF\\\nx\nEOF")
@settings(max_examples=400, deadline=None)
def test_any_text_is_read(text: str) -> None:
    source = Source.of("Dockerfile", text)
    syntax = parse(source)
    for problem in syntax.problems:
        assert 0 <= problem.span.start <= problem.span.end <= len(text)
    for instruction in syntax.instructions:
        spans_slice_back(source, instruction)


@given(st.binary(max_size=300))
@settings(max_examples=300, deadline=None)
def test_any_bytes_are_read_and_given_back(data: bytes) -> None:
    source = Source.decode("Dockerfile", data)
    parse(source)
    assert source.encode() == data


@pytest.mark.parametrize(
    "text",
    [
        "FROM alpine\nRUN " + "a && " * 100_000 + "b\n",
        "FROM alpine\n" + "RUN a \\\n" * 100_000,
        "FROM alpine\nRUN " + "<<EOF " * 20_000 + "\n",
        "FROM alpine\nENV " + "A=$B " * 20_000 + "\n",
        "FROM alpine\nENV A=" + "${A:-" * 20_000 + "\n",
        "FROM " + "${A:-" * 5_000 + "\n",
        "ARG A\n" * 50_000 + "FROM alpine\n",
        "FROM alpine\nRUN [" + '"a",' * 50_000 + '"b"]\n',
        "FROM alpine\nLABEL " + '"' * 60_000 + "\n",
        "#" * 65_000 + "\n" + "# a=b\n" * 50_000,
    ],
    ids=range(10),
)
def test_long_texts_take_bounded_time(text: str) -> None:
    from lint_multistage.model.dockerfile import read_dockerfile

    started = time.process_time()
    read_dockerfile(Source.of("Dockerfile", text))
    assert time.process_time() - started < 5
