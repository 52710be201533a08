"""Builds that compose files ask for."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from lint_multistage.project.compose import read_compose
from lint_multistage.project.files import ProjectFiles
from lint_multistage.project.requests import BuildRequest, Inline


def read(root: Path, path: str = "compose.yaml", /, **texts: str) -> list[BuildRequest]:
    """The builds of the file at `path`; `texts` are the files, with `__` for `/` and `_` for `.` in their names."""
    for name, text in texts.items():
        file = root / name.replace("__", "/").replace("_", ".")
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
    files = ProjectFiles(str(root))
    found = read_compose(path, files)
    assert not files.notes
    return found


def shown(requests: list[BuildRequest]) -> list[tuple[str, str | None, str | None]]:
    return [(request.name, request.dockerfile, request.target) for request in requests]


def test_a_build_may_be_a_folder_or_a_mapping(tmp_path: Path) -> None:
    text = """\
services:
  db:
    image: postgres
  web:
    build: ./web
  api:
    build:
      context: api
      dockerfile: docker/Dockerfile.api
      target: prod
"""
    web, api = read(tmp_path, compose_yaml=text)
    assert (web.name, web.dockerfile, web.target, web.context) == ("web", "web/Dockerfile", "", "web")
    assert (web.path, web.line, web.column, web.kind) == ("compose.yaml", 5, 5, "compose")
    assert (api.dockerfile, api.target, api.context) == ("api/docker/Dockerfile.api", "prod", "api")
    assert (api.line, api.column) == (10, 15)


def test_paths_start_in_the_folder_of_the_file(tmp_path: Path) -> None:
    text = "services: {a: {build: {context: .., dockerfile: deploy/Dockerfile}}, b: {build: {target: x}}}"
    requests = read(tmp_path, "deploy/compose.yaml", deploy__compose_yaml=text)
    assert shown(requests) == [("a", "deploy/Dockerfile", ""), ("b", "deploy/Dockerfile", "x")]


def test_a_dockerfile_that_lies_below_a_folder_above_is_found_there(tmp_path: Path) -> None:
    text = "services: {a: {build: {context: ., dockerfile: deploy/Dockerfile}}}"
    (tmp_path / "deploy").mkdir()
    (tmp_path / "deploy" / "Dockerfile").touch()
    (request,) = read(tmp_path, "deploy/compose.yaml", deploy__compose_yaml=text)
    assert (request.dockerfile, request.context) == ("deploy/Dockerfile", ".")


@pytest.mark.parametrize("context", ["https://github.com/a/b.git", "git@github.com:a/b", "../other", "/srv/app"])
def test_what_lies_elsewhere_is_no_build_of_the_project(tmp_path: Path, context: str) -> None:
    assert read(tmp_path, compose_yaml=f"services: {{a: {{build: '{context}'}}}}") == []


def test_arguments_and_contexts_may_be_lists_or_mappings(tmp_path: Path) -> None:
    text = """\
services:
  a:
    build:
      args: [A=1, B, "C=x=y"]
      additional_contexts:
        base: service:b
        lib: ./lib
        alpine: docker-image://alpine:3.20
        other: ${UNSET}
  b:
    build:
      args: {A: 1, B: null, C: $UNSET}
      additional_contexts: [lib=../lib]
"""
    a, b = read(tmp_path, compose_yaml=text)
    assert dict(a.arguments) == {"A": "1", "B": None, "C": "x=y"}
    contexts = {"base": "service:b", "lib": "lib", "alpine": "docker-image://alpine:3.20", "other": ""}
    assert dict(a.contexts) == contexts
    assert dict(b.arguments) == {"A": "1", "B": None, "C": None}
    assert dict(b.contexts) == {"lib": "../lib"}


def test_an_inline_dockerfile_is_kept_with_the_line_of_its_text(tmp_path: Path) -> None:
    text = "services:\n  a:\n    build:\n      dockerfile_inline: |\n        FROM alpine\n        RUN echo $$HOME\n"
    (request,) = read(tmp_path, compose_yaml=text)
    assert request.inline == Inline("FROM alpine\nRUN echo $HOME\n", "compose.yaml", 5)
    assert (request.dockerfile, request.line) == (None, 5)


@pytest.mark.parametrize(
    ("written", "targets"),
    [
        ("prod", ["prod"]),
        ("${STAGE:-dev}", ["dev", None]),
        ("${STAGE-dev}", ["dev", None]),
        ("${STAGE:-${OTHER:-dev}}", ["dev", None]),
        ("${STAGE:?needed}", [None]),
        ("${STAGE}", [None]),
        ("$STAGE", [None]),
        ("$KNOWN", ["test", None]),
        ("${KNOWN:-dev}", ["test", None]),
        ("${KNOWN:+dev}", ["dev", None]),
        ("${EMPTY:-dev}", ["dev", None]),
        ("${EMPTY-dev}", ["", None]),
        ("a$$b", ["a$b"]),
        ("${KNOWN", [None]),
        ("${!}", [None]),
    ],
)
def test_a_target_with_variables_is_open_beside_its_default(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, written: str, targets: list[str | None]
) -> None:
    monkeypatch.setenv("STAGE", "from-the-environment")
    text = f"services: {{a: {{build: {{target: '{written}'}}}}}}"
    requests = read(tmp_path, compose_yaml=text, _env="# words\nexport KNOWN='test' # more\nEMPTY=\n")
    assert [request.target for request in requests] == targets


def test_a_dockerfile_that_is_not_literal_is_not_known(tmp_path: Path) -> None:
    text = "services: {a: {build: {context: $A}}, b: {build: {dockerfile: $A}}, c: {build: '${B:-web}'}}"
    assert shown(read(tmp_path, compose_yaml=text)) == [("a", None, ""), ("b", None, ""), ("c", "web/Dockerfile", "")]


def test_a_service_extends_others_of_its_file_and_of_other_files(tmp_path: Path) -> None:
    text = """\
services:
  a:
    extends: b
    build: {target: dev}
  b:
    extends: {file: common/base.yaml, service: app}
"""
    common = "services:\n  app:\n    build:\n      context: .\n      target: prod\n      args: {A: 1}\n"
    a, b = read(tmp_path, compose_yaml=text, common__base_yaml=common)
    assert (a.dockerfile, a.target, a.path, a.line) == ("common/Dockerfile", "dev", "compose.yaml", 4)
    assert (b.dockerfile, b.target, b.path, b.line) == ("common/Dockerfile", "prod", "common/base.yaml", 5)
    assert dict(a.arguments) == {"A": "1"}


def test_services_that_extend_each_other_are_read_once(tmp_path: Path) -> None:
    text = "services: {a: {extends: b}, b: {extends: {service: a}, build: {target: x}}, c: {extends: c}}"
    assert shown(read(tmp_path, compose_yaml=text)) == [("a", "Dockerfile", "x"), ("b", "Dockerfile", "x")]


def test_included_files_are_read_from_their_own_folders(tmp_path: Path) -> None:
    text = "include: [web/part.yaml, {path: [api/part.yaml, api/dev.yaml]}]\nservices: {}\n"
    web = "include: [../compose.yaml, part.yaml]\nservices: {web: {build: .}}\n"
    api = "services: {api: {build: {context: ., target: prod}}}\n"
    dev = "services: {api: {build: {target: dev}}}\n"
    requests = read(tmp_path, compose_yaml=text, web__part_yaml=web, api__part_yaml=api, api__dev_yaml=dev)
    assert shown(requests) == [
        ("web", "web/Dockerfile", ""),
        ("api", "api/Dockerfile", "prod"),
        ("api", "api/Dockerfile", "dev"),
    ]


BASE = """\
services:
  web:
    build:
      context: web
      dockerfile: Dockerfile.web
      target: prod
      args: {A: 1, B: 1}
  db: {image: postgres}
"""


def test_an_overlay_is_laid_over_the_base_and_not_over_other_overlays(tmp_path: Path) -> None:
    overlay = "services:\n  web:\n    build:\n      target: dev\n      args: [B=2]\n"
    other = "services: {web: {build: {args: {C: 3}}}}"
    texts = {"compose_yaml": BASE, "compose_dev_yaml": overlay, "compose_override_yaml": other}
    (base,) = read(tmp_path, **texts)
    assert (base.target, dict(base.arguments)) == ("prod", {"A": "1", "B": "1"})
    (dev,) = read(tmp_path, "compose.dev.yaml")
    assert (dev.dockerfile, dev.target, dev.path, dev.line) == ("web/Dockerfile.web", "dev", "compose.dev.yaml", 4)
    assert dict(dev.arguments) == {"A": "1", "B": "2"}
    (override,) = read(tmp_path, "compose.override.yaml")
    assert (override.target, override.path, override.line) == ("prod", "compose.yaml", 6)
    assert dict(override.arguments) == {"A": "1", "B": "1", "C": "3"}


def test_an_overlay_that_changes_no_build_asks_for_none(tmp_path: Path) -> None:
    overlay = "services: {web: {ports: ['80:80']}, db: {environment: {A: 1}}}"
    assert read(tmp_path, "compose.dev.yaml", compose_yaml=BASE, compose_dev_yaml=overlay) == []


def test_a_file_whose_services_are_all_complete_is_no_overlay(tmp_path: Path) -> None:
    alone = "services: {web: {build: {context: web, dockerfile: Dockerfile.dev}}, db: {image: postgres}}"
    (request,) = read(tmp_path, "compose.dev.yaml", compose_yaml=BASE, compose_dev_yaml=alone)
    assert (request.dockerfile, request.target) == ("web/Dockerfile.dev", "")


def test_an_overlay_can_take_back_what_the_base_says(tmp_path: Path) -> None:
    overlay = """\
services:
  web:
    build:
      target: !reset null
      args: !override {C: 3}
"""
    (request,) = read(tmp_path, "compose.dev.yaml", compose_yaml=BASE, compose_dev_yaml=overlay)
    assert (request.dockerfile, request.target, dict(request.arguments)) == ("web/Dockerfile.web", "", {"C": "3"})
    removed = "services: {web: {build: !reset null, image: x}, other: {ports: []}}"
    assert read(tmp_path, "compose.prod.yaml", compose_prod_yaml=removed) == []


def test_anchors_and_merge_keys_are_followed(tmp_path: Path) -> None:
    text = """\
x-build: &build
  context: app
  target: prod
services:
  a:
    build: *build
  b:
    build:
      <<: *build
      target: dev
"""
    a, b = read(tmp_path, compose_yaml=text)
    assert (a.target, a.line, b.target, b.line) == ("prod", 3, "dev", 10)
    assert (a.context, b.context) == ("app", "app")


def test_the_first_form_of_compose_files_is_read(tmp_path: Path) -> None:
    text = "web:\n  build: .\n  dockerfile: Dockerfile.web\ndb:\n  image: postgres\n"
    assert shown(read(tmp_path, compose_yaml=text)) == [("web", "Dockerfile.web", "")]


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[a, b]",
        "services: [a]",
        "services: {a: [x], b: {build: [x]}, e: {extends: [a]}, f: {extends: {file: /etc/passwd, service: x}}}",
        "include: {a: b}\nservices: {}\n---\nfoo\n---\ninclude: [[x], {path: [a, {b: c}]}, 5]\n",
    ],
)
def test_odd_files_ask_for_nothing_certain(tmp_path: Path, text: str) -> None:
    assert all(request.target == "" for request in read(tmp_path, compose_yaml=text))


@pytest.mark.parametrize(
    "text",
    [
        "x: &x\n"
        + "".join(f"  A{n}: ${{B:-x}}\n" for n in range(5_000))
        + "services:\n"
        + "".join(f"  a{n}: {{build: {{args: *x}}}}\n" for n in range(5_000)),
        "x: &x |\n  FROM a\n"
        + "  RUN $b$c\n" * 50_000
        + "services:\n"
        + "".join(f"  a{n}: {{build: {{dockerfile_inline: *x}}}}\n" for n in range(3_000)),
        "services: {" + "".join(f"a{n}: {{extends: a{n + 1}}}, " for n in range(20_000)) + "}",
    ],
    ids=["arguments", "inline", "extends"],
)
def test_hostile_files_end_with_one_note(tmp_path: Path, text: str) -> None:
    (tmp_path / "compose.yaml").write_text(text)
    files = ProjectFiles(str(tmp_path))
    start = time.perf_counter()
    read_compose("compose.yaml", files)
    assert time.perf_counter() - start < 5
    assert [path for path, _ in files.notes] == ["compose.yaml"]


def test_variables_that_double_each_other_are_not_known(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("A=xxxxxxxx\n" + "A=$A$A\n" * 100)
    assert [request.target for request in read(tmp_path, compose_yaml="services: {a: {build: {target: $A}}}")] == [None]


@pytest.mark.parametrize(
    ("keys", "ships"),
    [
        ("", False),
        ("    image: acme/base\n    profiles: [build]\n", False),
        ("    ports: ['80:80']\n", True),
        ("    command: serve\n", True),
        ("    command: serve\n    scale: 0\n", False),
        ("    command: serve\n    deploy:\n      replicas: 0\n", False),
        ("    command: serve\n    deploy:\n      replicas: 2\n", True),
    ],
)
def test_a_service_that_only_other_builds_need_does_not_ship(tmp_path: Path, keys: str, ships: bool) -> None:
    text = f"services:\n  base:\n    build: base\n{keys}  app:\n    build:\n      context: .\n"
    base, app = read(tmp_path, compose_yaml=text)
    assert (base.ships, app.ships) == (True, True)
    base, app = read(tmp_path, compose_yaml=f"{text}      additional_contexts: [b=service:base]\n")
    assert (base.ships, app.ships) == (ships, True)


def test_an_override_file_may_let_a_service_run(tmp_path: Path) -> None:
    text = (
        "services:\n  base:\n    build: base\n  app:\n    build:\n      context: .\n"
        "      additional_contexts: [b=service:base]\n"
    )
    over = "services:\n  base:\n    build:\n      target: x\n    command: serve\n  app:\n    build:\n      target: y\n"
    read(tmp_path, compose_yaml=text)
    base, _ = read(tmp_path, "compose.override.yaml", compose_override_yaml=over)
    assert base.ships
