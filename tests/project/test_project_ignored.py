"""Comments in build files that silence findings."""

from __future__ import annotations

import time

import pytest

from lint_multistage.project.ignored import ignored_in

IGNORE = "lint-multistage: ignore[MS202] why"


def covered(text: str, path: str = "build.sh") -> list[tuple[int, int, tuple[str, ...]]]:
    return [(found.first, found.last, found.codes) for found in ignored_in(path, text)]


@pytest.mark.parametrize(
    ("path", "text", "lines"),
    [
        ("compose.yaml", f"a:\n  # {IGNORE}\n  target: x\n  b: 1\n", (3, 3)),
        ("compose.yaml", f"a:\n  target: x  # {IGNORE}\n  b: 1\n", (2, 2)),
        ("docker-bake.hcl", f'target "a" {{\n  // {IGNORE}\n  target = "x"\n}}\n', (3, 3)),
        ("docker-bake.hcl", f'target "a" {{\n  target = "x" /* {IGNORE} */\n}}\n', (2, 2)),
        ("Jenkinsfile", f"sh 'docker build --target x .' // {IGNORE}\n", (1, 1)),
        ("Makefile", f"a:\n\t@# {IGNORE}\n\tdocker build --target x .\n", (3, 3)),
        ("build.sh", f"true; # {IGNORE}\ntrue\n", (1, 1)),
        ("build.sh", f"# {IGNORE}\r\ndocker build .\r\ntrue\r\n", (2, 2)),
        # A block of comments is one.
        ("build.sh", f"# {IGNORE}\n# more\n#\ndocker build .\n", (4, 4)),
        # A command that is continued is one line, wherever the comment can stand.
        ("build.sh", f"# {IGNORE}\ndocker build \\\n  --target x \\\n  .\ntrue\n", (2, 4)),
        ("build.sh", f"true\ndocker build \\\n  --target x \\\n  . # {IGNORE}\ntrue\n", (2, 4)),
        # So is the text of a block.
        ("ci.yml", f"- run: 1\n# {IGNORE}\n- run: >-\n    docker build\n\n    --target x\n- a: 1\n", (3, 6)),
        ("ci.yml", f"a:\n  run: | # {IGNORE}\n    docker build\n  b: 1\n", (2, 3)),
        ("ci.yml", f"a:\n  run: |\n    # {IGNORE}\n    docker build\n    true\n", (4, 4)),
    ],
)
def test_a_comment_covers_the_line_that_it_stands_at(path: str, text: str, lines: tuple[int, int]) -> None:
    assert covered(text, path) == [(*lines, ("MS202",))]


def test_a_comment_for_the_whole_file() -> None:
    assert covered("a\nb # lint-multistage: ignore-file[MS2, acme]\nc\n") == [(1, 4, ("MS2", "ACME"))]


@pytest.mark.parametrize(
    "text",
    [
        f"# {IGNORE}\n\ndocker build .\n",
        f"true\n# {IGNORE}\n",
        f"echo a#{IGNORE}\n",
        f'echo "{IGNORE}"\n',
        "true # lint-multistage: ignore\n",
        "true # lint-multistage: ignored[MS202]\n",
        "true # see lint-multistage: ignore[MS202]\n",
    ],
)
def test_what_silences_nothing(text: str) -> None:
    assert covered(text) == []


def test_lines_that_are_left_out() -> None:
    text = f"a # {IGNORE}\nb # {IGNORE}\nc # {IGNORE}\n"
    assert [found.first for found in ignored_in("x", text, [range(2, 4)])] == [1]


@pytest.mark.parametrize(
    "text",
    [
        f"# {IGNORE}\n" * 25_000 + "true\n",
        f"true # {IGNORE} \\\n" * 20_000,
        "".join(f"{' ' * depth}a: | # {IGNORE}\n" for depth in range(1_300)),
        f"a: {'|' * 900_000} # {IGNORE}\n",
        f"{' #' * 400_000} {IGNORE}\n",
        "#" + " " * 900_000 + IGNORE,
        ": |" * 300_000 + f"# {IGNORE}\n",
    ],
    ids=["comments", "continued", "blocks", "bars", "marks", "blanks", "heads"],
)
def test_it_takes_no_long_time(text: str) -> None:
    start = time.process_time()
    ignored_in("x.yaml", text)
    assert time.process_time() - start < 2
