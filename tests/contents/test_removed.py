"""The paths that a RUN certainly removes."""

from __future__ import annotations

import pytest

from lint_multistage.contents.removed import Removed, removed_by
from lint_multistage.model.dockerfile import read_dockerfile
from lint_multistage.syntax.shell import read_script
from lint_multistage.text import Source


def removed(script: str, *mounted: str | None, directory: str | None = "/w") -> Removed:
    dockerfile = read_dockerfile(Source.of("Dockerfile", f"FROM alpine\nRUN {script}\n"))
    run = dockerfile.stages[0].instructions[-1]
    return removed_by(read_script(run, dockerfile.source, directory=directory), dockerfile.source, mounted)


@pytest.mark.parametrize(
    ("script", "path"),
    [
        ("rm -rf /a/b", "/a/b"),
        ("rm -rf /a/b", "/a/b/c/d"),
        ("rm -r --force /a/", "/a/b"),
        ("rm -rf //a", "/a"),
        ("rm --recursive b", "/w/b"),
        ("cd /a && rm -rf b", "/a/b"),
        ("rm -rf /a/*", "/a/b/c"),
        ("rm -rf /a/*", "/a/b/.c"),
        ("rm -rf /a/b*", "/a/bc"),
        ("rm -rf /a/.b*", "/a/.bc"),
        ('D=/a; rm -rf "$D"/*', "/a/b"),
        ("rm -rf *", "/w/b"),
        ("for d in a b; do rm -rf /$d; done", "/b"),
        ("sudo -E rm -rf /a", "/a"),
        ("sh -c 'rm -rf /a'", "/a"),
        ("rm -rf /a || true", "/a"),
        ('["rm", "-rf", "/a"]', "/a"),
    ],
)
def test_trees(script: str, path: str) -> None:
    assert removed(script).tree(path)


@pytest.mark.parametrize(
    ("script", "path"),
    [
        ("rm -rf /a/b", "/a"),
        ("rm -rf /a/b", "/a/bc"),
        ("rm -f /a", "/a"),
        ("rm -rf /a/*", "/a"),
        ("rm -rf /a/*", "/a/.b"),
        ("rm -rf /a/b?", "/a/bc"),
        ("rm -rf '/a/*'", "/a/b"),
        ("rm -rf /a/\\*", "/a/b"),
        ('["rm", "-rf", "/a/*"]', "/a/b"),
        ("rm -rf /", "/a"),
        ("rm -rf $UNKNOWN/a", "/a"),
        ("test -e /b && rm -rf /a; true", "/a"),
        ("if x; then rm -rf /a; fi", "/a"),
        ("while x; do rm -rf /a; done", "/a"),
        ("find / | xargs rm -rf /a", "/a"),
        ("sudo -D /v rm -rf b", "/w/b"),
        ("if x; then rm -rf /a", "/a"),
        ("echo rm -rf /a", "/a"),
    ],
)
def test_no_trees(script: str, path: str) -> None:
    assert not removed(script).tree(path)


def test_files() -> None:
    found = removed("rm -f /a/b /c/*.deb")
    assert found.named("/a/b")
    assert found.file("/a/b")
    assert not found.tree("/a/b")
    assert found.file("/c/x.deb")
    assert not found.named("/c/x.deb")
    assert not found.tree("/c/x.deb")
    assert not found.file("/c/.deb")
    assert not found.file("/c/x.rpm")
    assert not found.file("/a/b/c")


def test_what_a_pattern_matches_may_be_a_pattern() -> None:
    found = removed("rm /c/lib*.so")
    assert found.file("/c/lib*.so")
    assert found.file("/c/libx*.so")
    assert not found.file("/c/*.so")


def test_a_pattern_does_not_match_its_two_ends_twice() -> None:
    assert not removed("rm /c/ab*bc").file("/c/abc")


def test_the_last_command_is_told() -> None:
    found = removed("rm -rf /a && rm -rf /a/b").tree("/a/b")
    assert found
    assert found.start > len("FROM alpine\nRUN rm -rf /a")


@pytest.mark.parametrize("mount", ["/a", "/a/b", "/a/b/c", "/"])
def test_mounts_hide_what_lies_under_them(mount: str) -> None:
    assert not removed("rm -rf /a/b", mount).tree("/a/b")
    assert not removed("rm /a/b", mount).file("/a/b")


def test_mounts_elsewhere() -> None:
    assert removed("rm -rf /a", "/ab", "/c").tree("/a")
    assert not removed("rm -rf /a", "/c", None).tree("/a")


def test_relative_paths_need_a_directory() -> None:
    assert not removed("rm -rf a", directory=None).tree("/a")
    assert removed("rm -rf /a", directory=None).tree("/a")
