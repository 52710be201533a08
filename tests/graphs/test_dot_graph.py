from __future__ import annotations

import re

from any_builds import builds
from hypothesis import given
from hypothesis import strategies as st

from lint_multistage.graphs.dot import render
from lint_multistage.model.build import Build, lone_build
from lint_multistage.model.dockerfile import read_dockerfile
from lint_multistage.text import Source

# A quoted string in which a backslash only escapes itself, a quote, or makes a line break.
STRING = r'"(?:[^"\\\x00-\x1f]|\\["\\n])*"'
ATTRIBUTES = rf"\[\w+={STRING}(?: \w+={STRING})*\]"
LINES = (
    r"digraph stages \{",
    rf"  (?:graph|node|edge) {ATTRIBUTES};",
    r"  // [^\x00-\x1f]*",
    r"  subgraph cluster_f\d+ \{",
    rf"    label={STRING};",
    rf"    f\d+[sx]\d+ {ATTRIBUTES};",
    r"  \}",
    rf"  f\d+[sx]\d+ -> f\d+[sx]\d+ {ATTRIBUTES};",
    r"\}",
)
LINE = re.compile("|".join(f"(?:{line})" for line in LINES))


def build(text: str, path: str = "Dockerfile") -> Build:
    return lone_build(read_dockerfile(Source.of(path, text)))


def drawn(text: str, path: str = "Dockerfile") -> list[str]:
    """The lines without what colours them."""
    lines = render([build(text, path)]).splitlines()
    return [re.sub(r' (?:style="filled[^"]*"|shape="\w+"|\w*color="[^"]*")', "", line) for line in lines]


def test_a_graph() -> None:
    text = """\
ARG B=base
FROM golang:1.22 AS base
FROM alpine AS other
FROM $B
COPY --from=base /a /a
COPY --from=$X /b /b
"""
    assert drawn(text)[4:] == [
        "  subgraph cluster_f0 {",
        '    label="Dockerfile";',
        r'    f0s0 [label="base\nline 2: needed"];',
        r'    f0s1 [label="other\nline 3: perhaps"];',
        r'    f0s2 [label="#2\nline 4: ships"];',
        '    f0x0 [label="golang:1.22"];',
        '    f0x1 [label="alpine"];',
        '    f0x2 [label="$X ?"];',
        "  }",
        '  f0x0 -> f0s0 [label="FROM"];',
        '  f0x1 -> f0s1 [label="FROM"];',
        '  f0s0 -> f0s2 [label="FROM, COPY"];',
        '  f0s1 -> f0s2 [label="FROM" style="dashed"];',
        '  f0x2 -> f0s2 [label="COPY"];',
        "}",
    ]


def test_looks_tell_states_apart() -> None:
    text = "ARG B=a\nFROM i AS x-a\nFROM i AS x-b\nFROM i AS d\nFROM x-$B\nCOPY --from=$X /x /x\n"
    lines = render([build(text)]).splitlines()
    nodes = [line for line in lines if re.match(r"    f0", line)]
    looks = {line.partition("] ")[0].partition('" ')[2] for line in nodes}
    assert len(looks) == 6


def test_quotes_backslashes_and_entities_stay_themselves() -> None:
    lines = drawn("FROM x\nCOPY --from=a&amp;b /a /a\n", 'p"q\\N\\')
    assert r'    label="p\"q\\N\\";' in lines
    assert r'    f0x1 [label="a&amp;amp;b"];' in lines


def test_problems_are_comments() -> None:
    assert drawn("RUN x\n")[4].startswith("  // line 1: RUN stands before the first FROM")


def test_several_files_are_frames_of_one_graph() -> None:
    text = render([build("FROM a\n", "one"), build("FROM b\n", "two")])
    assert text.count("digraph") == 1
    assert 'subgraph cluster_f1 {\n    label="two";\n    f1s0 [' in text
    assert render([]) == ""


@given(st.lists(builds(), min_size=1, max_size=2))
def test_any_names_give_a_sound_graph(entries: list[Build]) -> None:
    text = render(entries)
    text.encode("utf-8")
    lines = text.split("\n")
    assert lines.pop() == ""
    assert [line for line in lines if not LINE.fullmatch(line)] == []
    assert sum(line.endswith("{") for line in lines) == sum(line.strip() == "}" for line in lines) == len(entries) + 1
    nodes = [match[1] for line in lines if (match := re.match(r"    (f\d+[sx]\d+) ", line))]
    assert len(nodes) == len(set(nodes))
    for line in lines:
        if match := re.match(r"  (f\S+) -> (f\S+) ", line):
            assert {match[1], match[2]} <= set(nodes)
