"""Names that a project's own files settle: the program of a Go module, the binaries of a crate, the archive of Maven.

All of them may be hostile or half-written; what cannot be read tells nothing.
"""

from __future__ import annotations

import re

from lint_multistage.late import late_regex

_VERSION = late_regex(r"v[2-9]\d*|v1\d+")
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


def _plain(name: str) -> str | None:
    """The name where it is one file name without anything that a tool would fill in."""
    return name if _PLAIN.fullmatch(name) else None
