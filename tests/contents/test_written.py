"""Where commands may write, and which paths a stage certainly lacks."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lint_multistage.contents.tree import ABSENT, DOUBTFUL, MAY
from lint_multistage.facts import load
from lint_multistage.model.build import lone_build
from lint_multistage.model.dockerfile import read_dockerfile
from lint_multistage.survey import Survey
from lint_multistage.text import Source


def state(text: str, path: str) -> str:
    dockerfile = read_dockerfile(Source.of("Dockerfile", text))
    assert not dockerfile.problems
    return Survey(lone_build(dockerfile), load()).trees.state(len(dockerfile.stages) - 1, path)


@pytest.mark.parametrize(
    ("run", "path", "wanted"),
    [
        ("mkdir -p /a/b", "/a", MAY),
        ("mkdir -p /a/b", "/b", ABSENT),
        ("cd /a && touch b", "/a/b", MAY),
        ("cd /a && touch b", "/b", ABSENT),
        ("cp -r /etc/x /a", "/a/y", MAY),
        ("cp /etc/x /a", "/a/y", ABSENT),
        ("mv /a /b", "/a", ABSENT),
        ("mv /a /b", "/b/c", MAY),
        ("mkdir /a && rm -rf /a", "/a/b", ABSENT),
        ("mkdir /a && rm -rf /a || true; mkdir /a", "/a", MAY),
        ("ln -s /data /a && touch /a/x", "/data/x", MAY),
        ("echo x > /a", "/a", MAY),
        ("cat <<E > /a\nx\nE", "/b", ABSENT),
        ("curl -fsSL https://example.com/x.tgz -o /a/x.tgz", "/a/x.tgz", MAY),
        ("curl -fsSL https://example.com/x.tgz -o /a/x.tgz", "/a/y", ABSENT),
        ("cd /a && curl -fsSLO https://example.com/x.tgz", "/a/x.tgz", MAY),
        ("curl https://example.com/x.tgz | tar -xzC /a", "/a/bin", MAY),
        ("curl https://example.com/x.tgz | tar -xzC /a", "/b/bin", ABSENT),
        ("tar -xf /x.tar", "/b/bin", MAY),
        ("unzip /x.zip -d /a", "/b", ABSENT),
        ("git clone https://example.com/x.git /a", "/a/x", MAY),
        ("git clone https://example.com/x.git", "/x/y", MAY),
        ("git clone https://example.com/x.git", "/y", ABSENT),
        ("apk add -p /a busybox", "/a/bin/sh", MAY),
        ("apk add busybox", "/a/bin/sh", ABSENT),
        ("find /a -name x -exec rm {} +", "/b", ABSENT),
        ("find /a -name x -exec ./y {} +", "/b", MAY),
        ("./build.sh", "/b", MAY),
        ("make", "/b", MAY),
        ('python3 -c \'open("/b", "w")\'', "/b", MAY),
        ("$TOOL", "/b", MAY),
        ("touch $WHERE", "/b", MAY),
        ("touch /a/$NAME", "/a/x", MAY),
        ("touch /a/$NAME", "/b/x", ABSENT),
        ("cd /a && npm ci && npm run build", "/a/dist", MAY),
        ("cd /a && npm ci && npm run build", "/b/dist", DOUBTFUL),
        ("npm ci", "/b/dist", MAY),
        ("true", "/usr/bin/x", MAY),
    ],
)
def test_what_a_command_leaves(run: str, path: str, wanted: str) -> None:
    assert state(f"FROM alpine:3\nRUN {run}\n", path) == wanted


def test_mounts_leave_nothing() -> None:
    assert state("FROM alpine:3\nRUN --mount=type=cache,target=/a ./build.sh\n", "/a/x") == ABSENT
    assert state("FROM alpine:3\nRUN --mount=type=cache,target=/a ./build.sh\n", "/b/x") == MAY


def test_copies_bring_what_their_source_has() -> None:
    text = "FROM alpine:3 AS a\nRUN mkdir -p /x/y\nFROM scratch\nCOPY --from=a /x /z\n"
    assert state(text, "/z/y") == MAY
    assert state(text, "/z/w") == ABSENT
    assert state(text, "/x") == ABSENT


def test_a_chain_of_many_stages_ends() -> None:
    lines = ["FROM alpine:3 AS s0\nRUN mkdir /x"]
    lines += [f"FROM s{n} AS s{n + 1}\nCOPY --from=s{n} /x /x" for n in range(300)]
    assert state("\n".join(lines) + "\n", "/x/y") == MAY


@given(st.text(alphabet="ab/.- $*'\"\\<>|&;(){}\n", max_size=60), st.text(alphabet="ab/.", max_size=10))
def test_no_script_is_too_strange(script: str, path: str) -> None:
    dockerfile = read_dockerfile(Source.of("Dockerfile", f"FROM alpine:3\nRUN cp x /a\nRUN {script}\n"))
    if dockerfile.stages:
        assert Survey(lone_build(dockerfile), load()).trees.state(0, f"/{path}") in (MAY, DOUBTFUL, ABSENT)
