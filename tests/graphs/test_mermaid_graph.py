from __future__ import annotations

import re

from any_builds import builds
from hypothesis import given
from hypothesis import strategies as st

from lint_multistage.graphs.mermaid import render
from lint_multistage.model.build import Build, Target, lone_build
from lint_multistage.model.dockerfile import read_dockerfile
from lint_multistage.text import Source

TEXT = r"(?:[^\"#;<>\[\]{}|`&\\\x00-\x1f]|#[0-9]+;)*"
LINES = (
    r"flowchart LR",
    rf"  %% {TEXT}",
    rf'  subgraph f\d+\["{TEXT}"\]',
    rf'    f\d+[sx]\d+(?:\[|\(\[|\[\(|\[/|\{{\{{)"{TEXT}(?:<br/>{TEXT})*"(?:\]|\]\)|\)\]|/\]|\}}\}}):::\w+',
    r"  end",
    r"  f\d+[sx]\d+ (?:-->|-\.->)\|(?:FROM|COPY|mount|ONBUILD)(?:, (?:FROM|COPY|mount|ONBUILD))*\| f\d+[sx]\d+",
    r"  f\d+s\d+ -\.-> f\d+x\d+",
    r"  classDef \w+ [\w:,#\- ]+",
)
LINE = re.compile("|".join(f"(?:{line})" for line in LINES))


def build(text: str, path: str = "Dockerfile") -> Build:
    return lone_build(read_dockerfile(Source.of(path, text)))


def chart(text: str) -> list[str]:
    return render([build(text)]).splitlines()


def test_a_chart() -> None:
    text = """\
FROM golang:1.22 AS base
FROM base AS build
RUN --mount=from=base,target=/b true
FROM build AS lint
FROM scratch
COPY --from=build /a /a
COPY --from=nginx:1.27 /b /b
"""
    assert [line for line in chart(text) if "classDef" not in line] == [
        "flowchart LR",
        '  subgraph f0["Dockerfile"]',
        '    f0s0["base<br/>line 1: needed"]:::needed',
        '    f0s1["build<br/>line 2: needed"]:::needed',
        '    f0s2["lint<br/>line 4: not needed"]:::unneeded',
        '    f0s3(["#35;3<br/>line 5: ships"]):::ships',
        '    f0x0[("golang:1.22")]:::image',
        '    f0x1[("scratch")]:::image',
        '    f0x2[("nginx:1.27")]:::image',
        "  end",
        "  f0x0 -->|FROM| f0s0",
        "  f0s0 -->|FROM, mount| f0s1",
        "  f0s1 -->|FROM| f0s2",
        "  f0x1 -->|FROM| f0s3",
        "  f0s1 -->|COPY| f0s3",
        "  f0x2 -->|COPY| f0s3",
    ]


def test_each_class_that_is_used_has_its_look() -> None:
    lines = chart("ARG B=a\nFROM i AS x-a\nFROM i AS x-b\nFROM i AS d\nFROM x-$B\nCOPY --from=$X /x /x\n")
    used = {match[1] for line in lines if (match := re.search(r":::(\w+)$", line))}
    assert used == {"ships", "needed", "perhaps", "unneeded", "image", "unknown"}
    assert {line.split()[1] for line in lines if line.startswith("  classDef ")} == used


def test_what_an_argument_chooses_is_dotted() -> None:
    lines = chart("ARG B=a\nFROM alpine AS a\nFROM debian AS b\nFROM $B\n")
    assert lines[-9:-4] == [
        "  end",
        "  f0x0 -->|FROM| f0s0",
        "  f0x1 -->|FROM| f0s1",
        "  f0s0 -->|FROM| f0s2",
        "  f0s1 -.->|FROM| f0s2",
    ]


def test_many_choices_are_one_node() -> None:
    text = "ARG T=s0\n" + "".join(f"FROM alpine AS s{number}\n" for number in range(9)) + "FROM $T\n"
    lines = chart(text)
    assert '    f0x1{{"or 8 other stages (#36;T)"}}:::unknown' in lines
    assert "  f0x1 -.->|FROM| f0s9" in lines


def test_who_builds_a_stage() -> None:
    dockerfile = read_dockerfile(Source.of("Dockerfile", "FROM alpine AS dev\nFROM alpine AS prod\n"))
    targets = (Target(1), Target(0, "compose.yaml", 7), *(Target(0, "Makefile", line) for line in (2, 4, 6, 8)))
    node = render([Build(dockerfile, targets)]).splitlines()[2]
    assert node == (
        '    f0s0(["dev<br/>line 1: development<br/>the stage is named #39;dev#39;<br/>built by compose.yaml:7, '
        'Makefile:2, Makefile:4, 2 others"]):::built'
    )


def test_problems_are_comments() -> None:
    assert chart("RUN {x}\n")[1].startswith("  %% line 1: RUN stands before the first FROM")


def test_several_files_are_frames_of_one_chart() -> None:
    drawn = render([build("FROM a\n", "one"), build("FROM b\n", "two")])
    assert drawn.count("flowchart") == 1
    assert '  subgraph f0["one"]\n' in drawn
    assert '  subgraph f1["two"]\n' in drawn
    assert '    f1s0(["#35;0<br/>line 1: ships"]):::ships\n' in drawn
    assert render([]) == ""


@given(st.lists(builds(), min_size=1, max_size=2))
def test_any_names_give_a_sound_chart(drawn: list[Build]) -> None:
    text = render(drawn)
    text.encode("utf-8")
    lines = text.split("\n")
    assert lines.pop() == ""
    assert [line for line in lines if not LINE.fullmatch(line)] == []
    assert sum(line.startswith("  subgraph ") for line in lines) == lines.count("  end") == len(drawn)
    nodes = [match[1] for line in lines if (match := re.match(r"    (f\d+[sx]\d+)", line))]
    assert len(nodes) == len(set(nodes))
    for line in lines:
        if match := re.fullmatch(r"  (f\S+) -\.?->\|[^|]*\| (f\S+)", line):
            assert {match[1], match[2]} <= set(nodes)
