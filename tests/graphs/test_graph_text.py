from __future__ import annotations

import re

from hypothesis import given
from hypothesis import strategies as st

from lint_multistage.graphs.text import render
from lint_multistage.model.build import Build, Target, lone_build
from lint_multistage.model.dockerfile import read_dockerfile
from lint_multistage.reports.style import width
from lint_multistage.text import Source

LEGEND = "\n● ships   ○ needed   · not needed"


def build(text: str, path: str = "Dockerfile") -> Build:
    return lone_build(read_dockerfile(Source.of(path, text)))


def picture(text: str, columns: int = 120) -> str:
    return render([build(text)], columns=columns)


def test_one_stage() -> None:
    assert (
        picture("FROM gcc:9.4\n")
        == f"Dockerfile: 1 stage, 1 ships\n  1  ●  #0  ships  FROM gcc:9.4 (1.14 GB unpacked)\n{LEGEND}\n"
    )


def test_who_feeds_whom() -> None:
    text = """\
FROM golang:1.22 AS base
FROM base AS deps
RUN --mount=type=bind,from=base,target=/b true
FROM deps AS build
FROM deps AS lint
FROM busybox AS Tools

FROM scratch
COPY --from=build /a /a
COPY --from=tools /b /b
COPY --from=build /c /c
COPY --from=nginx:1.27 /d /d
"""
    assert picture(text) == (
        """\
Dockerfile: 6 stages, 1 ships, 4 needed, 1 not needed
  1  ○        base   needed      FROM golang:1.22
  2  ╰─○      deps   needed      FROM base  mount from=base
  4    ├─○    build  needed      FROM deps
  5    ╰─│─·  lint   not needed  FROM deps
  6  ○   │    Tools  needed      FROM busybox
  8  ╰───┴─●  #5     ships       FROM scratch  COPY --from=build, Tools, nginx:1.27
"""
        + LEGEND
        + "\n"
    )


def test_what_an_argument_chooses_is_dotted() -> None:
    text = """\
ARG BASE=a
FROM busybox AS a
FROM fedora AS b
FROM ${BASE}
COPY --from=b /x /x
FROM ${BASE}
"""
    assert picture(text).splitlines() == [
        "Dockerfile: 4 stages, 1 ships, 1 needed, 1 perhaps, 1 not needed",
        "  2  ○      a   needed      FROM busybox",
        "  3  │ ◌    b   perhaps     FROM fedora",
        "  4  ├─┼─·  #2  not needed  FROM a or b  COPY --from=b",
        "  6  ╰─┴─●  #3  ships       FROM a or b",
        "",
        "● ships   ○ needed   · not needed   ◌ ┄ perhaps: if a build argument chooses it",
    ]
    other = "ARG V=a\nFROM busybox AS base-a\nFROM fedora AS base-b\nFROM busybox AS between\nFROM base-$V\n"
    assert picture(other).splitlines()[1:5] == [
        "  2  ○      base-a   needed      FROM busybox",
        "  3  │ ◌    base-b   perhaps     FROM fedora",
        "  4  │ ┆ ·  between  not needed  FROM busybox",
        "  5  ╰─┴─●  #3       ships       FROM base-a or base-b",
    ]


def test_many_choices_are_counted_and_not_drawn() -> None:
    text = "ARG T=s0\n" + "".join(f"FROM busybox AS s{number}\n" for number in range(9)) + "FROM $T\n"
    lines = picture(text).splitlines()
    assert lines[0] == "Dockerfile: 10 stages, 1 ships, 1 needed, 8 perhaps"
    assert lines[10] == "  11  ╰─●  #9  ships    FROM s0 or 8 others ($T)"


def test_what_is_unknown_has_a_question_mark() -> None:
    lines = picture("ARG IMAGE\nFROM ${IMAGE} AS a\nCOPY --from=7 /x /x\nCOPY --from=$X /y /y\n").splitlines()
    assert lines[-3] == "  2  ●  a  ships  FROM ${IMAGE} ?  COPY --from=7 ?, $X ?"
    assert lines[-1].endswith("? unknown")


def test_references_that_cannot_work_are_told() -> None:
    text = "FROM busybox AS x\nCOPY --from=x /a /a\nCOPY --from=y /b /b\nFROM busybox AS y\nFROM x\n"
    assert picture(text).splitlines()[1:4] == [
        "  1  ○─╮  x   needed  FROM busybox  COPY --from=x (itself), y (below)",
        "  4  │ ○  y   needed  FROM busybox",
        "  5  ╰─●  #2  ships   FROM x",
    ]


def test_triggers_of_a_base_stage() -> None:
    text = "FROM busybox AS src\nFROM busybox AS base\nONBUILD COPY --from=src /a /a\nFROM base\n"
    assert picture(text).splitlines()[3] == "  4  ╰─┴─●  #2    ships   FROM base  ONBUILD from=src"


def test_problems_and_a_file_without_stages() -> None:
    lines = picture("RUN true\n").splitlines()
    assert lines[0] == "Dockerfile: no stages"
    assert lines[1].startswith("! line 1: RUN stands before the first FROM")


def test_who_builds_a_stage() -> None:
    dockerfile = read_dockerfile(Source.of("Dockerfile", "FROM busybox AS dev\nFROM busybox AS prod\n"))
    targets = (Target(1), Target(0, "compose.yaml", 7), Target(0, "Makefile", 2))
    assert render([Build(dockerfile, targets)]).splitlines()[:3] == [
        "Dockerfile: 2 stages, 1 ships, 1 built",
        "  1  ◉  dev   development  FROM busybox  built by compose.yaml:7, Makefile:2  (the stage is named 'dev')",
        "  2  ●  prod  ships        FROM busybox",
    ]
    assert "● ships   ◉ built" in render([Build(dockerfile, targets)])
    assert "◉" not in render([Build(dockerfile, targets[:1])])


def test_several_files_share_a_legend() -> None:
    drawn = render([build("FROM a\n", "one"), build("FROM b\n", "two")])
    assert drawn.count("● ships") == 1
    assert drawn.index("one: 1 stage") < drawn.index("two: 1 stage")
    assert render([]) == ""


def test_long_lists_are_wrapped_beside_the_lanes() -> None:
    names = ["first-of-them", "second-of-them", "third-of-them"]
    text = "".join(f"FROM busybox AS {name}\n" for name in names) + "FROM scratch AS all\n"
    text += "".join(f"COPY --from={name} /a /a\n" for name in names) + "FROM all\nCOPY --from=first-of-them /a /a\n"
    assert picture(text, columns=80).splitlines()[4:9] == [
        "  4  ├─┴─┴─○    all             needed  FROM scratch",
        "     │     │                            COPY --from=first-of-them,",
        "     │     │                              second-of-them, third-of-them",
        "  8  ╰─────┴─●  #4              ships   FROM all  COPY --from=first-of-them",
        "",
    ]


def test_a_long_name_is_kept_and_moves_only_its_own_row() -> None:
    name = "a" * 50
    lines = picture(f"FROM busybox AS {name}\nFROM scratch AS b\nCOPY --from={name} /a /a\n").splitlines()
    assert f"  {name}  needed" in lines[1]
    assert lines[2].index("ships") < 60
    assert "a" * 59 + "…  ships" in picture(f"FROM busybox AS {'a' * 500}\n")


def test_a_reader_of_too_many_stages_keeps_its_list_and_loses_its_lines() -> None:
    text = "".join(f"FROM busybox AS s{number}\n" for number in range(40)) + "FROM s3 AS near\nFROM scratch\n"
    text += "".join(f"COPY --from=s{number} /a /a\n" for number in range(40)) + "COPY --from=near /a /a\n"
    drawn = picture(text)
    assert max(map(width, drawn.splitlines())) <= 120
    assert re.search(r"^ +41 +│? *╰─○ +near ", drawn, re.MULTILINE)
    assert drawn.count("(its lines are not drawn)") == 1
    assert all(re.search(rf"\bs{number}\b", drawn[drawn.index("scratch") :]) for number in range(40))


def test_nothing_that_is_printed_steers_the_terminal() -> None:
    drawn = render([build("FROM busybox\x1b[31m AS x\x07\nCOPY --from=\x9b2J\u202e /a /a\n", "p\x1b[2J\udcff")])
    assert all(char.isprintable() or char == "\n" for char in drawn)


def test_colour_changes_nothing_else() -> None:
    builds = [build("FROM a AS x\nFROM b AS y\nFROM c\nCOPY --from=x /a /a\n")]
    coloured = render(builds, colour=True)
    assert "\x1b[" in coloured
    assert re.sub(r"\x1b\[[0-9;]*m", "", coloured) == render(builds)


LINES = st.sampled_from(
    [
        "ARG B=a",
        "FROM busybox AS a",
        "FROM a AS b",
        "FROM ${B}",
        "FROM $B-x AS c",
        "FROM",
        "COPY --from=a /x /x",
        "COPY --from=b /x /x",
        "COPY --from=1 /x /x",
        "COPY --from=$B /x /x",
        "RUN --mount=from=c,target=/m true",
        "ONBUILD COPY --from=b /x /x",
        "\udcff\x1b",
    ]
)


@given(st.lists(st.lists(LINES, max_size=12).map("\n".join), max_size=3), st.integers(1, 150))
def test_any_file_can_be_drawn(texts: list[str], columns: int) -> None:
    builds = [build(text) for text in texts]
    drawn = render(builds, columns=columns)
    drawn.encode("utf-8")
    for one in builds:
        for stage in one.dockerfile.stages:
            assert f" {stage.label}  " in drawn
