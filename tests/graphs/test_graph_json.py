from __future__ import annotations

import json
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from lint_multistage.findings import Failure, Note
from lint_multistage.graphs.json import render
from lint_multistage.model.build import Build, Target, lone_build
from lint_multistage.model.dockerfile import read_dockerfile
from lint_multistage.text import Source


def build(text: str) -> Build:
    return lone_build(read_dockerfile(Source.of("Dockerfile", text)))


def entry(text: str) -> dict[str, Any]:
    files = json.loads(render([build(text)]))["files"]
    assert len(files) == 1
    found: dict[str, Any] = files[0]
    return found


def test_the_whole_form() -> None:
    text = """\
# syntax=docker/dockerfile:1
ARG GO=1.22

FROM golang:${GO} AS Build
run <<EOF
make
EOF
FROM build
COPY --from=0 /a \\
  /a
"""
    dockerfile = read_dockerfile(Source.of("x/Dockerfile", text))
    targets = (Target(1), Target(0, "compose.yaml", 7), Target(0, "Makefile", 2))
    notes, failures = (Note("a.in", "template", "passed over"),), (Failure("b", "unreadable"),)
    wanted = {
        "version": 1,
        "files": [
            {
                "path": "x/Dockerfile",
                "directives": [{"name": "syntax", "value": "docker/dockerfile:1", "line": 1}],
                "before": [{"keyword": "ARG", "line": 2, "end_line": 2}],
                "stages": [
                    {
                        "index": 0,
                        "name": "Build",
                        "base": "golang:${GO}",
                        "image": "golang:1.22",
                        "size": None,
                        "line": 4,
                        "end_line": 7,
                        "shipped": False,
                        "role": "toolchain",
                        "role_reason": "the stage is named 'Build'",
                        "targets": ["compose.yaml:7", "Makefile:2"],
                        "instructions": [
                            {"keyword": "FROM", "line": 4, "end_line": 4},
                            {"keyword": "RUN", "line": 5, "end_line": 7},
                        ],
                    },
                    {
                        "index": 1,
                        "name": None,
                        "base": "build",
                        "image": None,
                        "size": None,
                        "line": 8,
                        "end_line": 10,
                        "shipped": True,
                        "role": "runtime",
                        "role_reason": None,
                        "targets": [],
                        "instructions": [
                            {"keyword": "FROM", "line": 8, "end_line": 8},
                            {"keyword": "COPY", "line": 9, "end_line": 10},
                        ],
                    },
                ],
                "references": [
                    {"stage": 0, "kind": "from", "line": 4, "word": "golang:${GO}", "to": {"image": "golang:1.22"}},
                    {"stage": 1, "kind": "from", "line": 8, "word": "build", "to": {"stage": 0}},
                    {"stage": 1, "kind": "copy-from", "line": 9, "word": "0", "to": {"stage": 0}},
                ],
                "problems": [],
            }
        ],
        "notes": [{"path": "a.in", "line": None, "kind": "template", "message": "passed over"}],
        "errors": [{"path": "b", "code": None, "message": "unreadable"}],
    }
    # As text, so that the order of the fields counts too.
    assert render([Build(dockerfile, targets)], notes, failures) == json.dumps(wanted, indent=2) + "\n"


def test_a_lone_file_ships_its_last_stage() -> None:
    stages = entry("FROM a\nFROM b\n")["stages"]
    assert [(stage["shipped"], stage["targets"]) for stage in stages] == [(False, []), (True, [])]


def test_references_to_all_kinds_of_things() -> None:
    text = """\
FROM alpine AS src
FROM alpine AS base
ONBUILD COPY --from=src /a /a
FROM base
RUN --mount=from=SRC,target=/m --mount=type=cache,from=busybox,target=/n true
COPY --from=nginx:1.27 /b /b
COPY --from=$X /c /c
COPY --from=9 /d /d
"""
    found = [(r["stage"], r["kind"], r["line"], r["word"], r["to"]) for r in entry(text)["references"]]
    assert found[2:] == [
        (2, "from", 4, "base", {"stage": 1}),
        (2, "onbuild", 3, "src", {"stage": 0}),
        (2, "mount-from", 5, "SRC", {"stage": 0}),
        (2, "mount-from", 5, "busybox", {"image": "busybox"}),
        (2, "copy-from", 6, "nginx:1.27", {"image": "nginx:1.27"}),
        (2, "copy-from", 7, "$X", {"unknown": "$X"}),
        (2, "copy-from", 8, "9", {"unknown": "9"}),
    ]


def test_only_what_this_build_reads_is_a_reference() -> None:
    found = entry("ARG B=a\nFROM alpine AS a\nFROM debian AS b\nFROM ${B}\n")
    assert found["references"][2:] == [{"stage": 2, "kind": "from", "line": 4, "word": "${B}", "to": {"stage": 0}}]
    assert found["stages"][2]["image"] is None


def test_a_base_without_a_value_is_no_image() -> None:
    for word in ("${IMAGE}", "${IMAGE:?}"):
        found = entry(f"ARG IMAGE\nFROM {word}\n")
        assert found["stages"][0]["image"] is None
        assert found["references"][0]["to"] == {"unknown": word}


def test_problems_have_lines() -> None:
    found = entry("FROM alpine\nRUN true\nNONSENSE x\n")
    assert [problem["line"] for problem in found["problems"]] == [3]
    assert "NONSENSE" in found["problems"][0]["message"]


def test_nothing_given() -> None:
    assert json.loads(render([])) == {"version": 1, "files": [], "notes": [], "errors": []}


@given(
    st.lists(st.sampled_from(["FROM a AS b", "FROM $X", "COPY --from=b \udcff /", "RUN <<E", "\x1b", "ARG \ud800=1"]))
)
def test_any_file_makes_valid_json(lines: list[str]) -> None:
    drawn = render([build("\n".join(lines))])
    drawn.encode("utf-8")
    assert list(json.loads(drawn)["files"][0]) == [
        "path", "directives", "before", "stages", "references", "problems"
    ]  # fmt: skip


def test_the_size_of_a_base_image() -> None:
    stages = entry("FROM gcc:9.4 AS build\nFROM build\nFROM golang:1.26.5-bookworm\nFROM scratch\n")["stages"]
    assert [stage["size"] for stage in stages] == [
        None,
        None,
        {"mb": 296.8, "measure": "compressed", "image": "golang:1.26.5-bookworm"},
        None,
    ]


def test_sizes_side_by_side_are_in_one_measure() -> None:
    stages = entry("FROM gcc:9.4 AS build\nFROM gcc:15\nFROM golang:alpine3.17\n")["stages"]
    assert [(stage["size"]["measure"], stage["size"]["image"]) for stage in stages] == [
        ("unpacked", "gcc:9.4"),
        ("unpacked", "gcc:15.3.0-trixie"),
        ("unpacked", "golang:alpine3.17"),
    ]
