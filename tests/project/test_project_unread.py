"""Build files that cannot be read: what may be built all the same."""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import Any

import pytest

from lint_multistage.cli import main
from lint_multistage.model.build import Build
from lint_multistage.model.dockerfile import read_dockerfile
from lint_multistage.project import files as module
from lint_multistage.project.builds import asked_build
from lint_multistage.project.project import Project
from lint_multistage.project.unread import look_at
from lint_multistage.text import Source

DOCKERFILE = "FROM a AS one\nFROM b AS two\nFROM d AS last\n"
BROKEN = "{% if x %}\n"


def build(root: Path, path: str = "Dockerfile") -> Build:
    (root / path).parent.mkdir(parents=True, exist_ok=True)
    (root / path).write_text(DOCKERFILE)
    dockerfile = read_dockerfile(Source.of(path, DOCKERFILE))
    return asked_build(dockerfile, path, Project(str(root)).asked(path, {"one", "two", "last"}))


def write(root: Path, path: str, text: str) -> None:
    (root / path).parent.mkdir(parents=True, exist_ok=True)
    (root / path).write_text(text)


def perhaps(build: Build) -> list[tuple[str, str, int]]:
    return [(build.dockerfile.stages[x.stage].name, x.path, x.line) for x in build.perhaps]


@pytest.mark.parametrize(
    ("path", "text", "line"),
    [
        ("compose.yaml", f"{BROKEN}a:\n  target: one\n", 3),
        ("compose.yaml", f"{BROKEN}a: {{target: 'ONE'}}\n", 2),
        ("compose.yaml", f"{BROKEN}  target: {{% if dev %}}one{{% else %}}last{{% endif %}}\n", 2),
        ("docker-bake.hcl", 'target "x" {\n  target = "one"\n', 2),
        (".github/workflows/x.yml", f"{BROKEN}  run: docker build --target=one .\n", 2),
    ],
)
def test_a_stage_named_beside_the_word_target_may_be_built(tmp_path: Path, path: str, text: str, line: int) -> None:
    write(tmp_path, path, text)
    found = build(tmp_path)
    assert ("one", path, line) in perhaps(found)
    assert "two" not in [name for name, _, _ in perhaps(found)]
    assert not found.targets_complete
    assert found.unclear == ()


@pytest.mark.parametrize(
    "text",
    [
        f"{BROKEN}one:\n  build: one\n",
        f"{BROKEN}  target: one-more\n",
        # That of a mount.
        f"{BROKEN}  target: /srv/one\n",
        f"{BROKEN}  targeted: one\n",
        f"{BROKEN}  dockerfile: Dockerfile\n",
        f"{BROKEN}  dockerfile: Dockerfile\n  target: three\n",
        f"{BROKEN}  dockerfile: other/Dockerfile\n  target: {{{{ x }}}}\n",
        # One that can be read tells all.
        "services:\n  a:\n    build:\n      context: .\n      args: {target: one}\n",
    ],
)
def test_other_files_change_nothing(tmp_path: Path, text: str) -> None:
    write(tmp_path, "compose.yaml", text)
    found = build(tmp_path)
    assert (found.perhaps, found.unclear) == ((), ())
    assert found.targets_complete


@pytest.mark.parametrize(
    ("dockerfile", "path", "text"),
    [
        ("Dockerfile", "compose.yaml", "  dockerfile: Dockerfile\n  target: {{ stage }}\n"),
        ("Dockerfile", "compose.yaml", "  context: .\n  target: ${STAGE}\n"),
        ("web/Dockerfile", "compose.yaml", "  context: ./web/\n  target: {{ stage }}\n"),
        ("web/Dockerfile", "deploy/compose.yaml", "  context: ../web\n  target: {{ stage }}\n"),
        ("web/Dockerfile", "deploy/compose.yaml", "  dockerfile: web/Dockerfile\n  target: {{ stage }}\n"),
        ("web/app.Dockerfile", "compose.yaml", "  context: {{ c }}\n  dockerfile: app.Dockerfile\n  target: $T\n"),
        ("Dockerfile", ".github/workflows/x.yml", "  run: docker build --target $X .\n"),
    ],
)
def test_a_target_that_is_filled_in_beside_the_path_of_the_dockerfile_may_be_any(
    tmp_path: Path, dockerfile: str, path: str, text: str
) -> None:
    write(tmp_path, path, BROKEN + text)
    found = build(tmp_path, dockerfile)
    assert [place.path for place in found.unclear] == [path]
    assert not found.targets_complete


def test_the_beginning_of_a_file_that_is_too_large_counts(tmp_path: Path) -> None:
    write(tmp_path, "compose.yaml", "#  target: two\n" + "#" * module.MAX_FILE_BYTES)
    assert perhaps(build(tmp_path)) == [("two", "compose.yaml", 1)]


def test_what_is_no_text_counts_for_nothing(tmp_path: Path) -> None:
    write(tmp_path, "compose.yaml", "target: two\0")
    assert build(tmp_path).targets_complete


def test_the_finding_is_an_information_that_names_the_place(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    write(tmp_path, ".git/HEAD", "")
    write(tmp_path, "compose.yaml", f"{BROKEN}  target: two\n")
    write(tmp_path, "Dockerfile", "FROM a AS one\nFROM b AS two\nFROM c\nRUN x\n")
    main(["--format", "json"])
    found: list[dict[str, Any]] = json.loads(capsys.readouterr().out)["findings"]
    assert [(x["stage"], x["severity"], [r["path"] for r in x["related"]]) for x in found] == [
        ("one", "warning", []),
        ("two", "info", ["compose.yaml"]),
    ]
    assert found[1]["related"][0]["line"] == 2
    main(["targets"])
    assert "     2  two  perhaps     compose.yaml:2 (not read)\n" in capsys.readouterr().out


def test_places_are_exact() -> None:
    found = look_at("x.yaml", 'a\n  target: "one"  # two\n--target=$X\n')
    assert found is not None
    assert dict(found.names) == {"one": (2, 12), "two": (2, 20), "x": (3, 11)}
    assert found.unknown == (3, 3)


@pytest.mark.parametrize(
    "text", ["target " * 140_000, "target:" + "a" * 900_000, "target {{ a/b " * 70_000, "\ntarget: x" * 90_000]
)
def test_it_takes_no_long_time(text: str) -> None:
    start = time.process_time()
    look_at("x.yaml", text)
    assert time.process_time() - start < 1
