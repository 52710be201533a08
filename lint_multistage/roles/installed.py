"""What the software beside a toolchain tells of an image: a container engine, several SDKs, a debugger."""

from __future__ import annotations

from collections.abc import Iterable

from lint_multistage.contents.carried import BASE, BUNDLED
from lint_multistage.contents.stage import Contents
from lint_multistage.late import late_regex
from lint_multistage.syntax.instructions import Instruction

_ENGINES = frozenset(
    "docker-ce docker.io docker-engine moby-engine moby podman buildah docker docker-cli docker-ce-cli".split()
)
_DEBUGGER = late_regex(r"(?:php[\d.]*-)?(?:pecl-)?(?:xdebug|pcov)\d*")
# Of these no program needs two; a C compiler and make go with all of them.
_SDKS = {
    **dict.fromkeys("jdk maven gradle sbt scala ant kotlinc groovyc leiningen".split(), "Java"),
    "go": "Go",
    "rust": "Rust",
    "cargo": "Rust",
    "dotnet-sdk": ".NET",
    "android-sdk": "Android",
    "swift": "Swift",
    "ghc": "Haskell",
    "emscripten": "Emscripten",
    "elixir-mix": "Elixir",
    "dart": "Dart",
    "flutter": "Flutter",
}
_HOOKS = late_regex(r"\bpre-commit (?:install-hooks|run)\b")
_RUNNER = ("actions/runner/releases/download", "actions-runner-linux")
_AGENTS = frozenset(("buildagent", "build-agent"))


def is_runner(texts: Iterable[str], contents: Contents) -> str:
    """What says that the image runs the jobs of a CI service or the hooks of a repository, "" for nothing."""
    if contents.user.partition(":")[0] in _AGENTS:
        return f"its user is '{contents.user}'"
    for text in texts:
        if found := next((word for word in _RUNNER if word in text), ""):
            return f"it installs '{found.partition('/releases')[0]}'"
        if match := _HOOKS.search(text):
            return f"it runs '{match[0]}'"
    return ""


def container_engine(contents: Contents, instructions: Iterable[Instruction]) -> str:
    """The container engine that is installed in an image, "" for none."""
    if any(x.keyword.text == "VOLUME" and "/var/lib/docker" in x.value.text for x in instructions):
        return "docker"
    return next((each.plain for each in contents.packages if each.certain and each.plain in _ENGINES), "")


def debugger(contents: Contents) -> str:
    """The package of a debugger or of a tool that measures coverage, "" for none."""
    return next((x.plain for x in contents.packages if x.certain and _DEBUGGER.fullmatch(x.plain)), "")


def builds_for_phones(contents: Contents) -> bool:
    """Whether an image has the SDK of Android: nothing that runs in a container is built with it."""
    return any(each.stays and "android-sdk" in each.toolchains for each in contents.carried)


def several_sdks(contents: Contents) -> list[str]:
    """The SDKs of an image, of different languages, that it adds to its base image; those of one alone tell nothing."""
    carried = [each for each in contents.carried if each.stays]
    found = dict.fromkeys(_SDKS[name] for each in carried for name in each.toolchains if name in _SDKS)
    added = any(each.via not in (BASE, BUNDLED) for each in carried)
    return [*found] if len(found) > 1 and added else []
