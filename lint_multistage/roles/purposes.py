"""What an image is for, told from what it starts and from its labels."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterable

from lint_multistage.contents.stage import Contents
from lint_multistage.late import late_regex
from lint_multistage.syntax.instructions import Instruction

_SHELLS = frozenset(("sh", "bash", "ash", "dash", "zsh", "fish"))
# Languages that answer line by line, and compilers: an image that starts one without a program is the language's own.
_TALKING = frozenset(
    ("erl", "iex", "ghci", "irb", "jshell", "sbt", "scala", "stack", "cabal", "rustc", "gcc", "cargo", "go")
)
# An image that starts one of these without a program waits for the user's, or is the language's own.
_INTERPRETERS = frozenset(("node", "python", "pypy", "julia", "lua", "ruby", "perl"))
# What starts these hands out what was built in it.
_HANDING_OUT = frozenset(("tar", "cp", "cat"))
_BUILD_TOOLS = frozenset(
    (
        "make gmake cmake cpack ctest ninja meson bazel bazelisk rpmbuild dpkg-buildpackage debuild makepkg abuild mvn "
        "mvnw gradle gradlew ant tox nox pytest phpunit rspec golangci-lint goreleaser cypress playwright cross pulumi "
        "cdktf"
    ).split()
)
# What these are told to do says whether they build, or run what was built.
_TASKS = {
    "go": "build test vet generate install",
    "cargo": "build test check clippy bench install",
    "npm": "test build lint",
    "yarn": "test build lint",
    "pnpm": "test build lint",
    "dotnet": "build test publish",
    "mix": "test compile",
    "swift": "build test",
    "conan": "create install",
}
_PACKS = late_regex(
    r"(?:^|[;&|]|\bRUN)\s*(?:\\\s*)*(?:tar\s+(?:-\w*c|c[a-z]*f|--create)|zip\s+-|dpkg-deb\s+(?:-b|--build)|n?fpm\s|rpmbuild\s"
    r"|makepkg\b|debuild\b|dpkg-buildpackage\b)"
)
_LIBRARY = late_regex(r"\.(?:so(?:\.\d+)*|a|dylib)$")
_SCRIPTS = ("build", "compile", "make", "package", "run", "test", "lint")
_KNOWN = _SHELLS | _TALKING | _INTERPRETERS | _HANDING_OUT | _BUILD_TOOLS | _TASKS.keys()
_SIGNS = str.maketrans(dict.fromkeys("\"',[]/;&|()=", " "))


def purpose_of_start(contents: Contents) -> tuple[str, str]:
    """The role of an image that starts a compiler, a build tool or script, or a shell, and what it starts; "" for all
    others.
    """
    written = " ".join(x.value.text for x in (contents.entrypoint, contents.command) if x is not None)
    words = written.translate(_SIGNS).split()
    # Most start something else, and need not be read.
    if not any(_unversioned(word) in _KNOWN or word.startswith(_SCRIPTS) for word in words):
        return "", ""
    from lint_multistage.contents.started import started

    starts = started(contents)
    for start in starts:
        if not start.tool and _builds(start.words):
            return "toolchain", " ".join(start.words[:2])
        if any(_is_build_script(posixpath.basename(file)) for file in (start.program, *start.files)):
            return "toolchain", start.program
    if starts and all(_is_shell(start.words) for start in starts):
        return "development", starts[0].program
    if starts and all(start.program in _HANDING_OUT and len(start.words) > 1 for start in starts):
        return "export", starts[0].program
    return "", ""


def handed_out(contents: Contents, scripts: Iterable[str]) -> str:
    """What an image that starts nothing makes for others to take, a package or a library; "" for none."""
    if any(_PACKS.search(script) for script in scripts):
        return "an archive or a package"
    products = contents.products
    named = [product.path for product in products if product.path]
    return "a library" if named and len(named) == len(products) and all(map(_LIBRARY.search, named)) else ""


def is_interpreter(program: str) -> bool:
    """Whether a program only runs others that it is given."""
    return _unversioned(program) in _INTERPRETERS


def purpose_of_labels(labels: Iterable[Instruction]) -> str:
    """The words of a label that tell that an image is for building, "" for none."""
    said = (
        r"\b(?:build(?:er)?[ -](?:environment|image|container)|toolchain|development (?:environment|image|container)|"
        r"dev(?:[ -]?container)|ci (?:image|environment)|cross[ -]?compil\w+|compiler image)\b"
    )
    for instruction in labels:
        for word in instruction.words:
            name, _, value = word.text.partition("=")
            tells = name.strip("\"'").lower().endswith(("title", "description", "summary", "name"))
            if tells and (match := re.search(said, value, re.IGNORECASE)):
                return match[0]
    return ""


def _unversioned(word: str) -> str:
    """`gcc` for `gcc-12`."""
    return word.rstrip("0123456789.").rstrip("-") or word


def _builds(words: tuple[str, ...]) -> bool:
    """Whether a command builds or tests, rather than to run what was built."""
    name = _unversioned(posixpath.basename(words[0]))
    arguments = [word for word in words[1:] if not word.startswith("-")]
    if (name in _TALKING and not arguments) or (name in _INTERPRETERS and len(words) == 1):
        return True
    if name in _TASKS:
        wanted = [word for word in arguments if word != "run"]
        return bool(wanted) and wanted[0].partition(":")[0] in _TASKS[name].split()
    runs = r"(?:.*:)?(?:run|bootRun|quarkusDev|exec|start|serve|server|dev|watch)|jetty.*"
    return name in _BUILD_TOOLS and not any(re.fullmatch(runs, word) for word in arguments)


def _is_build_script(name: str) -> bool:
    stem, dot, ending = name.partition(".")
    if not dot or ending not in ("sh", "bash", "py"):
        return False
    return bool(re.fullmatch(r"(?:build|compile|make|package|run-?(?:tests?|lint)|tests?|lint)(?:[-_]\w+)*", stem))


def _is_shell(words: tuple[str, ...]) -> bool:
    name = posixpath.basename(words[0])
    return name in _SHELLS and all(word in ("-l", "--login", "-i") for word in words[1:])
