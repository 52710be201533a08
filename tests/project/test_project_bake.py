"""Builds that bake files ask for."""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path

import pytest

from lint_multistage.project.bake import read_bake
from lint_multistage.project.files import ProjectFiles
from lint_multistage.project.requests import BuildRequest, Inline


def read(root: Path, path: str = "docker-bake.hcl", /, **texts: str) -> list[BuildRequest]:
    """The builds of the file at `path`; `texts` are the files: `bake_hcl` stands for docker-bake.hcl, and so on."""
    for name, text in texts.items():
        file = root / name.replace("__", "/").replace("_", ".").replace("bake.", "docker-bake.")
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
    files = ProjectFiles(str(root))
    found = read_bake(path, files)
    assert not files.notes
    return found


def shown(requests: list[BuildRequest]) -> list[tuple[str, str | None, str | None]]:
    return [(request.name, request.dockerfile, request.target) for request in requests]


def test_a_target_names_context_dockerfile_and_stage(tmp_path: Path) -> None:
    text = """\
target "app" {
  context = "./app"
  dockerfile = "docker/Dockerfile"
  target = "prod"
  args = {
    A = "1"
    B = 2
    C = true
    D = null
  }
  contexts = {
    lib = "./lib"
    base = "target:base"
    alpine = "docker-image://alpine"
  }
}
target "base" {
}
"""
    app, base = read(tmp_path, bake_hcl=text)
    assert (app.name, app.dockerfile, app.context, app.target) == ("app", "app/docker/Dockerfile", "app", "prod")
    assert (app.path, app.line, app.column, app.kind) == ("docker-bake.hcl", 4, 12, "bake")
    assert dict(app.arguments) == {"A": "1", "B": "2", "C": "true"}
    assert dict(app.contexts) == {"lib": "lib", "base": "target:base", "alpine": "docker-image://alpine"}
    assert (base.dockerfile, base.target, base.line, base.column) == ("Dockerfile", "", 17, 1)
    assert (app.ships, base.ships) == (True, False)


def test_json_is_read_with_places(tmp_path: Path) -> None:
    text = """\
{
  "variable": {"STAGE": {"default": "prod"}},
  "group": {"default": {"targets": ["app"]}},
  "target": {
    "app": {
      "target": "test",
      "args": {"A": 1}
    },
    "other": {"target": "${STAGE}"}
  }
}
"""
    app, other, unknown = read(tmp_path, "docker-bake.json", bake_json=text)
    assert (app.target, app.line, app.column, dict(app.arguments)) == ("test", 6, 17, {"A": "1"})
    assert (other.target, unknown.target, other.line) == ("prod", None, 9)


@pytest.mark.parametrize(
    ("expression", "targets"),
    [
        ('"prod"', ["prod"]),
        ("STAGE", ["prod", None]),
        ('"x-${STAGE}"', ["x-prod", None]),
        ("UNSET", [None]),
        ("NOTHING", [None]),
        ('DEBUG == "1" ? "debug" : "release"', ["release", None]),
        ('upper("a")', ["A"]),
        ('join("-", ["a", lower("B")])', ["a-b"]),
        ('name("a")', ["stage-a"]),
        ("constant.stage", ["final"]),
        ('constant["stage"]', ["final"]),
        ('lookup(constant, "none", "other")', ["other"]),
        ('[for s in ["a", "b"] : "${s}x" if s != "a"][0]', ["bx"]),
        ("timestamp()", [None]),
        ('"$STAGE"', [None]),
        ("null", [""]),
        ("LOOP", [None]),
    ],
)
def test_expressions_have_values_where_they_are_literal(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, expression: str, targets: list[str | None]
) -> None:
    monkeypatch.setenv("STAGE", "from-the-environment")
    text = f"""\
variable "STAGE" {{ default = "prod" }}
variable "DEBUG" {{ default = "" }}
variable "LOOP" {{ default = "${{LOOP}}" }}
variable "UNSET" {{}}
constant = {{ stage = "final" }}
function "name" {{
  params = [part]
  result = "stage-${{part}}"
}}
target "a" {{
  target = {expression}
}}
"""
    assert [request.target for request in read(tmp_path, bake_hcl=text)] == targets


def test_a_matrix_makes_a_target_of_each_cell(tmp_path: Path) -> None:
    text = """\
variable "ARCHES" { default = ["amd64"] }
target "app" {
  name = "app-${stage}-${item.tag}-${arch}"
  matrix = {
    stage = ["dev", "prod"]
    item = [{ tag = "a", file = "A.Dockerfile" }]
    arch = ARCHES
  }
  dockerfile = item.file
  target = stage
}
"""
    assert shown(read(tmp_path, bake_hcl=text)) == [
        ("app-dev-a-amd64", "A.Dockerfile", "dev"),
        ("app-prod-a-amd64", "A.Dockerfile", "prod"),
    ]


def test_targets_inherit_and_the_later_parent_wins(tmp_path: Path) -> None:
    text = """\
target "a" {
  dockerfile = "a.Dockerfile"
  target = "one"
  args = { A = "a", B = "a" }
}
target "b" {
  target = "two"
  args = { B = "b" }
}
target "c" {
  inherits = ["a", "b"]
  args = { C = "c" }
}
group "default" {
  targets = ["c"]
}
"""
    requests = {request.name: request for request in read(tmp_path, bake_hcl=text)}
    c = requests["c"]
    assert (c.dockerfile, c.target, c.line) == ("a.Dockerfile", "two", 7)
    assert dict(c.arguments) == {"A": "a", "B": "b", "C": "c"}
    assert {name: request.ships for name, request in requests.items()} == {"a": False, "b": False, "c": True}


@pytest.mark.parametrize(
    ("output", "ships"),
    [
        ("", True),
        ('output = ["type=local,dest=out"]', False),
        ('output = ["./out"]', False),
        ('output = ["type=cacheonly"]', False),
        ('output = [{ type = "tar", dest = "x.tar" }]', False),
        ('output = ["type=image", "type=local,dest=out"]', True),
        ('output = ["dest=x.tar,type=oci"]', True),
        ("output = []", True),
        ('output = ["type=${UNKNOWN}"]', True),
        ('call = "check"', False),
    ],
)
def test_only_images_ship(tmp_path: Path, output: str, ships: bool) -> None:
    (request,) = read(tmp_path, bake_hcl=f'target "a" {{\n  {output}\n}}\n')
    assert request.ships is ships


def test_a_target_that_groups_name_ships_even_where_others_use_it(tmp_path: Path) -> None:
    text = """\
group "all" { targets = ["base", "app", "lib"] }
target "base" {
}
target "tools" {
}
target "lib" {
  name = "lib-${x}"
  matrix = { x = ["1"] }
}
target "app" {
  inherits = ["lib-1"]
  contexts = { base = "target:base", tools = "target:tools" }
}
"""
    requests = read(tmp_path, bake_hcl=text)
    assert {request.name for request in requests if request.ships} == {"base", "lib-1", "app"}


def test_override_files_count_beside_the_files_that_they_change(tmp_path: Path) -> None:
    base = 'target "app" {\n  dockerfile = "app.Dockerfile"\n  target = "prod"\n}\n'
    override = 'target "app" {\n  target = "dev"\n}\ntarget "more" {\n}\n'
    requests = read(tmp_path, bake_hcl=base, bake_override_hcl=override)
    assert [(request.path, request.target, request.dockerfile) for request in requests] == [
        ("docker-bake.hcl", "prod", "app.Dockerfile"),
        ("docker-bake.override.hcl", "dev", "app.Dockerfile"),
    ]
    assert shown(read(tmp_path, "docker-bake.override.hcl")) == [("more", "Dockerfile", "")]


def test_default_files_share_their_variables(tmp_path: Path) -> None:
    text = 'target "a" {\n  name = item\n  matrix = { item = items }\n  target = item\n}\n'
    requests = read(tmp_path, bake_hcl=text, bake_json='{"items": ["x", "y"]}')
    assert shown(requests) == [("x", "Dockerfile", "x"), ("y", "Dockerfile", "y")]


def test_another_bake_file_is_laid_over_the_default_ones(tmp_path: Path) -> None:
    app = 'target "app" {\n  context = "app"\n  target = "prod"\n}\n'
    base = app + 'target "api" {\n  context = "api"\n  target = "x"\n}\n'
    dev = 'target "app" {\n  target = "dev"\n}\ntarget "api" {\n  context = "api2"\n}\n'
    requests = read(tmp_path, "docker-bake.dev.hcl", bake_hcl=base, bake_dev_hcl=dev)
    assert sorted(shown(requests)) == [("api", "api2/Dockerfile", ""), ("app", "app/Dockerfile", "dev")]


def test_a_target_completes_the_compose_service_of_its_name(tmp_path: Path) -> None:
    compose = "services:\n  app:\n    build:\n      context: app\n      target: prod\n      args: {A: 1}\n"
    text = 'target "app" {\n  args = { B = "2" }\n}\ntarget "other" {\n  context = "x"\n}\n'
    app, other = read(tmp_path, bake_hcl=text, compose_yaml=compose)
    assert (app.dockerfile, app.target, app.path, app.line) == ("app/Dockerfile", "prod", "compose.yaml", 5)
    assert dict(app.arguments) == {"A": "1", "B": "2"}
    assert (other.dockerfile, other.target) == ("x/Dockerfile", "")


def test_an_inline_dockerfile_is_kept_with_the_line_of_its_text(tmp_path: Path) -> None:
    text = 'target "a" {\n  dockerfile-inline = <<-EOT\n    FROM alpine\n    RUN echo ${x ? 1 : 2}\n  EOT\n}\n'
    (request,) = read(tmp_path, bake_hcl=text)
    assert request.inline == Inline("FROM alpine\nRUN echo ${x ? 1 : 2}\n", "docker-bake.hcl", 3)
    assert (request.dockerfile, request.line) == (None, 3)


def test_a_bake_file_below_the_root_is_run_from_where_its_dockerfiles_are(tmp_path: Path) -> None:
    text = 'target "a" {\n  context = "./src/a"\n}\n'
    (tmp_path / "src" / "a").mkdir(parents=True)
    (tmp_path / "src" / "a" / "Dockerfile").touch()
    assert shown(read(tmp_path, "src/docker-bake.hcl", src__bake_hcl=text)) == [("a", "src/a/Dockerfile", "")]
    assert shown(read(tmp_path, "docker/docker-bake.hcl", docker__bake_hcl='target "a" {\n}\n')) == [
        ("a", "docker/Dockerfile", "")
    ]


@pytest.mark.parametrize("context", ["https://github.com/a/b.git#main", "../b", "/srv"])
def test_what_lies_elsewhere_is_no_build_of_the_project(tmp_path: Path, context: str) -> None:
    assert read(tmp_path, bake_hcl=f'target "a" {{\n  context = "{context}"\n}}\n') == []


def test_args_may_be_written_as_a_block(tmp_path: Path) -> None:
    (request,) = read(tmp_path, bake_hcl='target "a" {\n  args {\n    A = "1"\n  }\n}\n')
    assert dict(request.arguments) == {"A": "1"}


@pytest.mark.parametrize(
    "text",
    [
        "target {}\n",
        'target "a" {\n  args = ["x"]\n  contexts = "x"\n  inherits = "y"\n  matrix = "z"\n  output = 5\n}\n',
        'target "a" "b" {\n  target = ["x"]\n}\ngroup "g" { targets = "x" }\ntarget = "x"\n',
    ],
)
def test_odd_files_ask_for_nothing_certain(tmp_path: Path, text: str) -> None:
    assert all(not request.target for request in read(tmp_path, bake_hcl=text))


def test_odd_json_asks_for_nothing_certain(tmp_path: Path) -> None:
    text = '{"target": {"a": "x", "b": [{"args": "q"}], "c": null}, "group": {"default": ["x"]}, "variable": "x"}'
    assert all(not request.target for request in read(tmp_path, "docker-bake.json", bake_json=text))


@pytest.mark.parametrize(
    "text",
    [
        "target {",
        "x = <<A\n" + "\n" * 19_000,
        "x = " + "[" * 19_000 + "]" * 900,
        'target "a" {\n' * 5_000,
        'target "x" { target = ' + "+".join(["1"] * 30_000) + " }\n",
        'target "a" {\n  inherits = ["b"]\n}\ntarget "b" {\n  inherits = ["a"]\n}\n',
        "".join(f'target "x{n}" {{\n  inherits = ["x{n + 1}"]\n}}\n' for n in range(500)),
        'function "f" {\n  params = [x]\n  result = "${f(x)}${f(x)}"\n}\ntarget "t" {\n  target = f("a")\n}\n',
        'target "t" {\n  matrix = {\n'
        + "\n".join(f'a{n} = ["a", "b", "c"]' for n in range(12))
        + '\n}\n  name = "${a0}${a1}${a2}"\n  target = a0\n}\n',
    ],
    ids=["open", "gap", "brackets", "blocks", "sum", "circle", "chain", "calls", "matrix"],
)
def test_hostile_files_end_with_one_note(tmp_path: Path, text: str) -> None:
    (tmp_path / "docker-bake.hcl").write_text(text)
    files = ProjectFiles(str(tmp_path))
    start = time.perf_counter()
    read_bake("docker-bake.hcl", files)
    assert time.perf_counter() - start < 10
    assert [path for path, _ in files.notes] == ["docker-bake.hcl"]


def test_lists_that_double_each_other_are_not_compared(tmp_path: Path) -> None:
    doubled = "".join(f"a{n + 1} = [a{n}, a{n}]\nb{n + 1} = [b{n}, b{n}]\n" for n in range(40))
    text = f'a0 = ["x"]\nb0 = ["x"]\n{doubled}target "t" {{\n  target = a40 == b40 ? "a" : "b"\n}}\n'
    assert [request.target for request in read(tmp_path, bake_hcl=text)] == [None]


def test_the_parsers_are_imported_only_when_a_file_needs_them() -> None:
    code = "import sys, lint_multistage.project.bake; print(sorted({'hcl2', 'lark', 'yaml'} & set(sys.modules)))"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout == "[]\n"
