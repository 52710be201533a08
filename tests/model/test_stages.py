"""The stage graph: who reads whom, under BuildKit's rules."""

from __future__ import annotations

from collections.abc import Mapping

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lint_multistage.model.build import lone_build, missing_targets
from lint_multistage.model.dockerfile import Dockerfile, read_dockerfile
from lint_multistage.text import Source


def read(text: str, build_args: Mapping[str, str] = {}) -> Dockerfile:
    return read_dockerfile(Source.of("Dockerfile", text), build_args)


def edges(dockerfile: Dockerfile) -> list[tuple[str, int, int | str | None]]:
    return [(r.kind, r.stage, r.image or r.unknown if r.to is None else r.to) for r in dockerfile.graph.references]


def test_every_kind_of_reference() -> None:
    dockerfile = read(
        "FROM golang AS build\nFROM alpine AS base\nONBUILD COPY --from=build /a /a\n"
        "FROM base\nCOPY --from=0 /b /b\nCOPY --from=nginx:1 /c /c\nRUN --mount=from=BUILD,target=/d true\n"
        "RUN --mount=type=cache,from=build,target=/e true\n"
    )
    assert edges(dockerfile) == [
        ("from", 0, "golang"),
        ("from", 1, "alpine"),
        ("from", 2, 1),
        ("onbuild", 2, 0),
        ("copy-from", 2, 0),
        ("copy-from", 2, "nginx:1"),
        ("mount-from", 2, 0),
        ("mount-from", 2, 0),
    ]


def test_from_takes_the_latest_preceding_stage_and_copy_the_last_of_all() -> None:
    dockerfile = read("FROM a AS x\nFROM x\nCOPY --from=x /a /a\nFROM b AS x\nFROM x AS y\n")
    assert edges(dockerfile)[1:3] == [("from", 1, 0), ("copy-from", 1, 2)]
    assert edges(dockerfile)[-1] == ("from", 3, 2)


def test_from_folds_no_case_and_copy_does() -> None:
    dockerfile = read("FROM a AS Build\nFROM Build\nCOPY --from=bUILD /a /a\n")
    assert edges(dockerfile)[1:] == [("from", 1, "Build"), ("copy-from", 1, 0)]


def test_a_stage_is_no_self_reference() -> None:
    assert edges(read("FROM alpine AS alpine\nFROM alpine\n")) == [("from", 0, "alpine"), ("from", 1, 0)]


def test_a_number_is_an_index_for_copy_and_an_image_for_a_mount() -> None:
    dockerfile = read("FROM a\nFROM b\nCOPY --from=0 /a /a\nRUN --mount=from=0,target=/b true\nCOPY --from=7 /c /c\n")
    assert edges(dockerfile)[2:] == [("copy-from", 1, 0), ("mount-from", 1, "0"), ("copy-from", 1, "7")]


def test_copy_expands_no_variables() -> None:
    assert edges(read("ARG S=a\nFROM x AS a\nFROM y\nCOPY --from=${S} /a /a\n"))[-1] == ("copy-from", 1, "${S}")


@pytest.mark.parametrize(
    ("word", "base"),
    [
        ("$V", "one"),
        ("${V}", "one"),
        ("x-${V:-two}", "x-one"),
        ("x-${W:-two}", "x-two"),
        ("x${W:+two}", "x"),
        ("x${V:+two}", "xtwo"),
        ("${V%e}", "on"),
        ("${V#o}", "ne"),
        ("${V/n/m}", "ome"),
    ],
)
def test_from_is_expanded_with_global_arguments(word: str, base: str) -> None:
    assert read(f"ARG V=one\nFROM {word}\n").stages[0].base == base


def test_build_arguments_reach_declared_arguments_and_platform_ones_only() -> None:
    text = "ARG V=one\nFROM $V AS a\nFROM x$W AS b\nFROM y-$TARGETARCH AS c\n"
    stages = read(text, {"V": "two", "W": "nothing", "TARGETARCH": "arm64"}).stages
    assert [stage.base for stage in stages] == ["two", "x", "y-arm64"]


def test_an_argument_chosen_base_reaches_every_stage_it_may_name() -> None:
    dockerfile = read("ARG V=a\nFROM x AS base-a\nFROM y AS base-b\nFROM z AS other\nFROM base-${V}\n")
    assert dockerfile.graph.reached([3]) == {0, 1, 3}
    assert read("FROM x AS build-amd64\nFROM y AS build-arm64\nFROM build-$TARGETARCH\n").graph.reached([2]) == {
        0,
        1,
        2,
    }


def test_a_build_argument_decides() -> None:
    text = "ARG V=a\nFROM x AS base-a\nFROM y AS base-b\nFROM base-${V}\n"
    assert read(text, {"V": "b"}).graph.reached([2]) == {1, 2}


def test_cycles() -> None:
    dockerfile = read("FROM a AS x\nCOPY --from=y /a /a\nFROM b AS y\nCOPY --from=x /b /b\n")
    (cycle,) = dockerfile.graph.cycles()
    assert [reference.stage for reference in cycle] == [0, 1]
    assert read("FROM a AS x\nFROM b AS y\nCOPY --from=x /b /b\n").graph.cycles() == ()


def test_targets() -> None:
    dockerfile = read("FROM a AS One\nFROM b AS two\nFROM c\n")
    assert [target.stage for target in lone_build(dockerfile, ("ONE",)).targets] == [2, 0]
    assert missing_targets(dockerfile, ("one", "0", "stage-0", "three")) == ("0", "stage-0", "three")


NAMES = st.sampled_from(["a", "b", "c", "alpine", "0", "1", "$X", "${X:-a}"])


@given(
    st.lists(
        st.tuples(NAMES, st.sampled_from(["a", "b", "c", ""]), st.lists(NAMES, max_size=3)), min_size=1, max_size=6
    )
)
@settings(max_examples=200, deadline=None)
def test_any_graph_is_consistent(stages: list[tuple[str, str, list[str]]]) -> None:
    text = "ARG X\n"
    for base, name, sources in stages:
        text += f"FROM {base}{' AS ' + name if name else ''}\n"
        text += "".join(f"COPY --from={source} /a /a\nRUN --mount=from={source},target=/a true\n" for source in sources)
    graph = read(text).graph
    assert len(graph.stages) == len(stages)
    for reference in graph.references:
        assert sum(x is not None for x in (reference.to, reference.image, reference.unknown)) == 1
        if reference.kind == "from" and reference.to is not None:
            assert reference.to < reference.stage
        assert reference.alternatives == () or reference.kind == "from"
    everything = graph.reached(range(len(stages)))
    assert everything == set(range(len(stages)))
    for stage in graph.stages:
        assert graph.reached([stage.index]) <= everything
    for cycle in graph.cycles():
        assert cycle[-1].to == cycle[0].stage


@pytest.mark.parametrize(
    ("text", "reached"),
    [
        ("ARG BASE_IMAGE\nFROM x AS a\nFROM $BASE_IMAGE\n", {1}),
        ("ARG FROM\nFROM x AS a\nFROM ${FROM}\n", {1}),
        ("ARG BASE\nFROM x AS a\nFROM ${BASE}\n", {1}),
        ("ARG BASE\nFROM x AS base-a\nFROM ${BASE}\n", {0, 1}),
        ("ARG VARIANT\nFROM x AS a\nFROM ${VARIANT}\n", {0, 1}),
        ("ARG X=alpine:3\nFROM x AS a\nFROM ${X}\n", {1}),
        ("ARG X=a\nFROM x AS a\nFROM x AS b\nFROM ${X}\n", {0, 1, 2}),
    ],
)
def test_an_argument_that_means_an_image_reaches_no_stage(text: str, reached: set[int]) -> None:
    dockerfile = read(text)
    assert dockerfile.graph.reached([len(dockerfile.stages) - 1]) == reached
