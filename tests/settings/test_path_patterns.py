"""Path patterns, and what git ignores."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lint_multistage.settings.gitignore import Rules, ignored, rules_above, rules_in
from lint_multistage.settings.globs import exactly, moved, relative, within


@pytest.mark.parametrize(
    ("pattern", "names", "others"),
    [
        ("old", ["old", "old/", "a/old/"], ["olds", "old/x"]),
        ("old/", ["old/", "a/old/"], ["old", "a/old"]),
        ("/old", ["old", "old/"], ["a/old"]),
        ("a/old", ["a/old", "a/old/"], ["b/a/old", "a/b/old"]),
        ("./a/b", ["a/b"], ["x/a/b"]),
        ("*.dev", ["x.dev", "a/x.dev"], ["x.dev.a", "x/dev"]),
        ("a/*", ["a/b", "a/b/"], ["a/b/c", "a/", "a"]),
        ("a/?.d", ["a/b.d"], ["a/bb.d", "a//.d"]),
        ("**/b", ["b", "a/b", "a/c/b"], ["ab", "b/a"]),
        ("a/**/b", ["a/b", "a/x/b", "a/x/y/b"], ["ab", "x/a/b"]),
        ("a/**", ["a/b", "a/b/c"], ["a", "a/", "b/a/c"]),
        ("a**b", ["ab", "axxb"], ["a/b"]),
        ("x[0-9]", ["x1"], ["xa", "x"]),
        ("x[!0-9]", ["xa"], ["x1", "x/"]),
        ("x[^ab]", ["xc"], ["xa"]),
        ("x[]a]", ["x]", "xa"], ["xb"]),
        ("x[z-a]", ["xz"], ["xa", "xb"]),
        (r"x\*", ["x*"], ["xy"]),
        ("a.b+c(d)", ["a.b+c(d)"], ["aXb+c(d)", "a.bbc(d)"]),
        ("x[", ["x["], ["x"]),
    ],
)
def test_what_a_pattern_names(pattern: str, names: list[str], others: list[str]) -> None:
    matches = exactly((pattern,)).fullmatch
    assert [name for name in names if not matches(name)] == []
    assert [name for name in others if matches(name)] == []


def test_what_lies_within() -> None:
    matches = within(("old", "a/b/", "*.x")).fullmatch
    assert all(map(matches, ["old", "old/x", "c/old/x/y", "a/b/c", "q.x", "q.x/y"]))
    assert not any(map(matches, ["older", "a/b", "c/a/b/d", "q.xy"]))


def test_no_pattern_names_nothing() -> None:
    assert not exactly(()).fullmatch("")
    assert not within(()).fullmatch("a")


def test_relative() -> None:
    assert relative("/a/b/c", "/a") == "b/c"
    assert relative("/a", "/a") == ""
    assert relative("/ab/c", "/a") == "../ab/c"
    assert relative("/a/b", "/") == "a/b"


@pytest.mark.parametrize(
    ("pattern", "folder", "root", "expected"),
    [
        ("a/b", "/r", "/r", "a/b"),
        ("a/b", "/r/s", "/r", "s/a/b"),
        ("/a", "/r/s", "/r", "s/a"),
        ("./a/b", "/r/s", "/r", "s/a/b"),
        ("a/", "/r/s", "/r", "a/"),
        ("*.x", "/r/s", "/r", "*.x"),
        ("**/a", "/r/s", "/r", "**/a"),
        ("a/b", "/r", "/r/s", "../a/b"),
        ("a/b", "/r/[s]*", "/r", r"\[s\]\*/a/b"),
    ],
)
def test_a_pattern_seen_from_another_folder(pattern: str, folder: str, root: str, expected: str) -> None:
    assert moved(pattern, folder, root) == expected


def unignored(top: str) -> list[str]:
    """The files below a repository's top folder that its ignore files leave."""
    found: list[str] = []

    def look(folder: str, rules: tuple[Rules, ...], repository: bool) -> None:
        own = os.path.exists(os.path.join(folder, ".gitignore"))
        rules = rules_in(folder, rules, repository=repository, own=own) if own or repository else rules
        for name in os.listdir(folder):
            path = os.path.join(folder, name)
            if name not in (".git", ".gitignore"):
                if os.path.isdir(path):
                    if not ignored(path + "/", rules):
                        look(path, rules, repository=False)
                elif not ignored(path, rules):
                    found.append(relative(path, top))

    look(top, (), repository=True)
    return sorted(found)


def lay(top: Path, files: dict[str, str]) -> None:
    for name, text in files.items():
        path = top / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)


@pytest.mark.parametrize(
    ("files", "left"),
    [
        ({".gitignore": "a\n", "a": "", "b": "", "c/a": ""}, ["b"]),
        ({".gitignore": "/a\n", "a": "", "c/a": ""}, ["c/a"]),
        ({".gitignore": "a/\n", "a": "", "c/a/x": ""}, ["a"]),
        ({".gitignore": "*\n!b\n", "a": "", "b": ""}, ["b"]),
        ({".gitignore": "!b\n*\n", "a": "", "b": ""}, []),
        ({".gitignore": "c/\n!c/b\n", "c/b": ""}, []),
        ({".gitignore": "c/*\n!c/b\n", "c/b": "", "c/a": ""}, ["c/b"]),
        ({".gitignore": "*.x\n", "c/.gitignore": "!b.x\n", "a.x": "", "c/a.x": "", "c/b.x": ""}, ["c/b.x"]),
        ({".gitignore": "# a\n\n\\#b\n\\!c\n", "# a": "", "#b": "", "!c": "", "d": ""}, ["# a", "d"]),
        ({".gitignore": "a  \nb\\ \nc\r\n", "a": "", "b": "", "b ": "", "c": ""}, ["b"]),
        ({".gitignore": "/\n!\n", "a": ""}, ["a"]),
        ({".gitignore": "[z-a]\n", "a": ""}, ["a"]),
        ({".git/info/exclude": "a\n", "a": "", "b": ""}, ["b"]),
        ({".git/info/exclude": "a\n", ".gitignore": "!a\n", "a": ""}, ["a"]),
    ],
)
def test_ignore_files(files: dict[str, str], left: list[str], tmp_path: Path) -> None:
    lay(tmp_path, files)
    assert unignored(str(tmp_path)) == left


def test_an_ignore_file_that_is_no_text_is_read_as_far_as_it_is(tmp_path: Path) -> None:
    (tmp_path / ".gitignore").write_bytes(b"\xff\xfe\na\n")
    lay(tmp_path, {"a": "", "b": ""})
    assert unignored(str(tmp_path)) == ["b"]


class TestAbove:
    def test_rules_of_the_folders_above_hold(self, tmp_path: Path) -> None:
        lay(tmp_path, {".git/HEAD": "", ".gitignore": "*.x\n", "a/.gitignore": "y\n", "a/b/z": ""})
        rules = rules_above(str(tmp_path / "a/b"))
        assert ignored(str(tmp_path / "a/b/q.x"), rules)
        assert ignored(str(tmp_path / "a/b/y"), rules)
        assert not ignored(str(tmp_path / "a/b/z"), rules)

    def test_a_folder_that_is_ignored_is_wanted_by_who_names_it(self, tmp_path: Path) -> None:
        lay(tmp_path, {".git/HEAD": "", ".gitignore": "a/\n*.x\n", "a/b/z": ""})
        assert rules_above(str(tmp_path / "a/b")) == ()
        assert rules_above(str(tmp_path / "c")) != ()

    def test_nothing_above_the_repository_holds(self, tmp_path: Path) -> None:
        lay(tmp_path, {".gitignore": "*\n", "r/.git/HEAD": "", "r/a/z": ""})
        assert rules_above(str(tmp_path / "r/a")) == ()

    def test_outside_a_repository_nothing_is_ignored(self, tmp_path: Path) -> None:
        lay(tmp_path, {".gitignore": "*\n", "a/z": ""})
        assert rules_above(str(tmp_path / "a")) == ()


TOKENS = st.sampled_from(["a", "b", "ab", "*", "?", "**", "[ab]", "[!a]", "[^b]", "*.d", "a*", "\\a", "x\\ y", "[a-b]"])
PATTERNS = st.builds(
    lambda bang, root, parts, end: bang + root + "/".join(parts) + end,
    st.sampled_from(["", "", "!"]),
    st.sampled_from(["", "", "/"]),
    st.lists(TOKENS, min_size=1, max_size=3),
    st.sampled_from(["", "", "/", " "]),
)
TREE = ["a", "b", "x y", "a.d", "ab/a", "ab/b.d", "c/a/b", "c/ab/a.d", "c/b/x y", "c/b/a/b", "c/b/ab"]


@pytest.mark.skipif(not shutil.which("git"), reason="git is the judge")
@settings(max_examples=25, deadline=None)
@given(st.lists(PATTERNS, min_size=1, max_size=4), st.lists(PATTERNS, max_size=3))
def test_git_says_the_same(top: list[str], nested: list[str]) -> None:
    with TemporaryDirectory() as folder:
        subprocess.run(["git", "init", "-q", folder], check=True)
        lay(Path(folder), dict.fromkeys(TREE, ""))
        lay(Path(folder), {".gitignore": "\n".join(top), "c/.gitignore": "\n".join(nested)})
        command = ["git", "-C", folder, "ls-files", "-z", "--others", "--exclude-per-directory=.gitignore"]
        listed = subprocess.run(command, check=True, capture_output=True, text=True).stdout.split("\0")
        expected = sorted(name for name in listed if name and not name.endswith(".gitignore"))
        assert unignored(folder) == expected
