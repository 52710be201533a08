"""What a project's own files tell of what a stage makes."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from lint_multistage.contents.products.manifests import cargo_programs, go_program, maven_archive
from lint_multistage.facts import load
from lint_multistage.model.build import lone_build
from lint_multistage.model.dockerfile import read_dockerfile
from lint_multistage.survey import Survey
from lint_multistage.text import Source

CARGO = '[package]\nname = "shop"\nversion = "1.0.0"\n'
POM = (
    '<project xmlns="http://maven.apache.org/POM/4.0.0"><artifactId>shop</artifactId><version>1.2</version>'
    "<build><finalName>{}</finalName></build></project>"
)


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("module example.com/acme/shop\n\ngo 1.26\n", "shop"),
        ("// about\nmodule example.com/acme/shop/v2 // more\n", "shop"),
        ('module "example.com/shop"\r\n', "shop"),
        ("module shop\n", "shop"),
        ("module v2\n", "v2"),
        ("module example.com/$X\n", None),
        ("go 1.26\n", None),
    ],
)
def test_the_program_of_a_module(text: str, name: str | None) -> None:
    assert go_program(text) == name


@pytest.mark.parametrize(
    ("text", "main", "names"),
    [
        (CARGO, True, ["shop"]),
        (CARGO, False, []),
        (CARGO + '[[bin]]\nname = "api"\n[[bin]]\nname = "worker"\npath = "w.rs"\n', True, ["api", "worker"]),
        ('[workspace]\nmembers = ["a"]\n', True, []),
        (CARGO + "[workspace]\n", True, []),
        ("[package\n", True, []),
        ("bin = 1\n[package]\nname = 2\n", True, []),
    ],
)
def test_the_binaries_of_a_crate(text: str, main: bool, names: list[str]) -> None:
    assert cargo_programs(text, main) == names


@pytest.mark.parametrize(
    ("text", "name"),
    [
        (POM.format(""), "shop-1.2.jar"),
        (POM.format("app"), "app.jar"),
        (POM.format("${project.artifactId}"), "shop.jar"),
        (POM.format("${git.commit}"), None),
        (POM.format("").replace("<build>", "<packaging>war</packaging><build>"), "shop-1.2.war"),
        (POM.format("").replace("<build>", "<packaging>pom</packaging><build>"), None),
        (POM.format("").replace("<build>", "<modules/><build>"), None),
        (POM.format("").replace("<version>1.2</version>", "<parent><version>3</version></parent>"), "shop-3.jar"),
        ("<!DOCTYPE x [<!ENTITY a 'b'>]>" + POM.format(""), None),
        ("<project>", None),
    ],
)
def test_the_archive_of_maven(text: str, name: str | None) -> None:
    assert maven_archive(text) == name


@given(st.text(max_size=200))
def test_any_text_is_read(text: str) -> None:
    go_program(f"module {text}")
    cargo_programs(text, True)
    maven_archive(f"<project><artifactId>{text}</artifactId></project>")


def paths(tmp_path: Path, dockerfile: str, **files: str) -> list[str | None]:
    """The paths of what the first stage makes, the files being the build context."""
    for name, text in files.items():
        path = tmp_path / name.replace("__", "/").replace("_", ".")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    build = replace(lone_build(read_dockerfile(Source.of("Dockerfile", dockerfile))), folders=(str(tmp_path),))
    return [product.path for product in Survey(build, load()).contents(0).products]


@pytest.mark.parametrize(
    ("dockerfile", "files", "expected"),
    [
        ("FROM golang\nWORKDIR /src\nCOPY . .\nRUN go build\n", {"go_mod": "module a.b/shop\n"}, ["/src/shop"]),
        ("FROM golang\nWORKDIR /src\nCOPY go.mod .\nRUN go build .\n", {"go_mod": "module a.b/shop\n"}, ["/src/shop"]),
        (
            "FROM golang\nCOPY . /src\nWORKDIR /src/cmd/api\nRUN go build\n",
            {"go_mod": "module a.b/shop\n"},
            ["/src/cmd/api/api"],
        ),
        # What the folder of the module is called says nothing.
        ("FROM golang\nWORKDIR /src\nCOPY . .\nRUN go build\n", {}, [None]),
        ("FROM golang\nWORKDIR /src\nCOPY --from=x . .\nRUN go build\n", {"go_mod": "module a.b/shop\n"}, [None]),
        (
            "FROM rust\nWORKDIR /src\nCOPY . .\nRUN cargo build --release\n",
            {"Cargo_toml": CARGO, "src__main_rs": "fn main() {}"},
            ["/src/target/release/shop"],
        ),
        (
            "FROM rust\nWORKDIR /src\nCOPY . .\nRUN cargo build --release -p other\n",
            {"Cargo_toml": CARGO, "src__main_rs": "fn main() {}"},
            [None],
        ),
        (
            "FROM maven\nWORKDIR /a\nCOPY . .\nRUN mvn package\n",
            {"pom_xml": POM.format("")},
            ["/a/target/shop-1.2.jar"],
        ),
        ("FROM maven\nWORKDIR /a\nCOPY . .\nRUN mvn -f b package\n", {"pom_xml": POM.format("")}, [None]),
    ],
)
def test_the_build_context_settles_names(
    tmp_path: Path, dockerfile: str, files: dict[str, str], expected: list[str | None]
) -> None:
    assert paths(tmp_path, dockerfile, **files) == expected
