"""What a project's own files settle: the program of a Go module, the binaries of a crate, the archive of Maven, whether
Next.js makes a server that stands alone.

All of them may be hostile or half-written; what cannot be read tells nothing.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from lint_multistage.late import late_regex

_VERSION = late_regex(r"v[2-9]\d*|v1\d+")
# A setting of where it puts its output, and whatever may hold one: other files, other objects, the environment.
_OUTPUT = late_regex(r"\boutput\b|standalone|\bdistDir\b|process\.env|\.\.\.|[\"'`]\.{1,2}/|\bawait\b|\bimport\(")
_NEXT_BUILD = late_regex(r"next build(?: --?[\w-]+)*")
_ADDONS = frozenset(("better-sqlite3", "canvas", "libpq", "node-rdkafka", "pg-native", "re2", "sqlite3"))
_EXTENSIONS = frozenset(
    "asyncpg greenlet grpcio lxml mysqlclient numpy orjson pandas pillow psycopg2 psycopg2-binary pydantic-core "
    "scikit-learn scipy uvloop".split()
)
_REQUIREMENT = late_regex(r"\s*([A-Za-z0-9][\w.-]*)")
_OLD_BCRYPT = late_regex(r"[~^]?[2-5](?:\.[\dx]+)*")
_PLAIN = late_regex(r"[A-Za-z0-9][\w.-]*")


def go_program(text: str) -> str | None:
    """The name of the program in the folder of a go.mod: the last element of the module's path, less a major version
    (https://go.dev/ref/mod#major-version-suffixes; `go help build`).
    """
    match = re.search(r"(?m)^module[ \t]+\"?([^\s\"]+)", text)
    parts = match[1].rstrip("/").split("/") if match else []
    if len(parts) > 1 and _VERSION.fullmatch(parts[-1]):
        parts.pop()
    return _plain(parts[-1]) if parts else None


def cargo_programs(text: str, has_main: bool) -> list[str]:
    """The binaries of a crate, by its Cargo.toml; `has_main` says whether src/main.rs is there. None of a workspace
    (https://doc.rust-lang.org/cargo/reference/cargo-targets.html).
    """
    import tomllib

    try:
        read = tomllib.loads(text)
    except (tomllib.TOMLDecodeError, RecursionError):
        return []
    package, binaries = read.get("package"), read.get("bin")
    if not isinstance(package, dict) or "workspace" in read:
        return []
    found = [each.get("name") for each in binaries if isinstance(each, dict)] if isinstance(binaries, list) else []
    if not found and has_main:
        found = [package.get("name")]
    return [name for each in found if isinstance(each, str) and (name := _plain(each))]


def maven_archive(text: str) -> str | None:
    """The file that `mvn package` makes in target/ by a pom.xml of one module: finalName, or artifactId-version
    (https://maven.apache.org/pom.html#BaseBuild_Element).
    """
    from xml.etree import ElementTree

    # Entities can grow without bounds, and no pom needs any.
    if "<!DOCTYPE" in text or "<!ENTITY" in text:
        return None
    try:
        root = ElementTree.fromstring(text)
    except (ElementTree.ParseError, ValueError):
        return None
    space = root.tag.partition("}")[0] + "}" if root.tag.startswith("{") else ""

    def value(*names: str) -> str:
        found = root.find("/".join(space + name for name in names))
        return (found.text or "").strip() if found is not None else ""

    kind = value("packaging") or "jar"
    if kind not in ("jar", "war") or root.find(f"{space}modules") is not None:
        return None
    version = value("version") or value("parent", "version")
    name = value("build", "finalName") or f"{value('artifactId')}-{version}"
    name = name.replace("${project.artifactId}", value("artifactId")).replace("${project.version}", version)
    return f"{name}.{kind}" if version and _plain(name) else None


def leaves_out_standalone(configuration: str, package: str) -> bool:
    """Whether `next build`, which the `build` script of this package.json is, certainly has no `output` in its
    configuration, so that it makes no `.next/standalone`
    (https://nextjs.org/docs/app/api-reference/config/next-config-js/output).
    """
    scripts = _table(package, "scripts")
    # A script before or after it may do more.
    if "prebuild" in scripts or "postbuild" in scripts:
        return False
    build = scripts.get("build")
    plain = isinstance(build, str) and _NEXT_BUILD.fullmatch(build.strip()) is not None
    return plain and not _OUTPUT.search(configuration)


def native_addons(package: str) -> tuple[str, ...]:
    """The dependencies in a package.json that are compiled, or fetched as compiled, for one C library when they are
    installed: by the `install` script of each one's own package.json (github.com/WiseLibs/better-sqlite3,
    Automattic/node-canvas, brianc/node-libpq, Blizzard/node-rdkafka, uhop/node-re2, TryGhost/node-sqlite3). bcrypt
    brings a build for each from version 6 on (github.com/kelektiv/node.bcrypt.js).
    """
    found = _table(package, "dependencies")
    old = isinstance(version := found.get("bcrypt"), str) and _OLD_BCRYPT.fullmatch(version) is not None
    return tuple(sorted((_ADDONS & found.keys()) | ({"bcrypt"} if old else set())))


def compiled_requirements(lines: Iterable[str]) -> tuple[str, ...]:
    """The requirements among `lines` whose wheels hold extension modules for one C library, by name: on musl Python
    does not even look for those of glibc (`sysconfig.get_config_var("EXT_SUFFIX")`, https://peps.python.org/pep-0656).
    """
    names = (match[1] for line in lines if ";" not in line and (match := _REQUIREMENT.match(line)))
    return tuple(sorted(_EXTENSIONS & {re.sub(r"[-_.]+", "-", name).lower() for name in names}))


def _table(package: str, key: str) -> dict[str, object]:
    """An object in a package.json, empty where there is none."""
    import json

    try:
        read = json.loads(package)
    except (ValueError, RecursionError):
        return {}
    found = read.get(key) if isinstance(read, dict) else None
    return found if isinstance(found, dict) else {}


def _plain(name: str) -> str | None:
    """The name where it is one file name without anything that a tool would fill in."""
    return name if _PLAIN.fullmatch(name) else None
