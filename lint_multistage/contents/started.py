"""What an image starts: its programs, and the files that each is told to run."""

from __future__ import annotations

import posixpath
import re
import shlex
from collections.abc import Mapping, Sequence

from msgspec import Struct

from lint_multistage.contents.paths import joined
from lint_multistage.contents.stage import Contents
from lint_multistage.late import late_regex
from lint_multistage.model.scope import expanded
from lint_multistage.syntax.instructions import Instruction

_SHELLS = frozenset(("sh", "bash", "ash", "dash"))
_WRAPPERS = frozenset(("exec", "nohup", "nice", "time", "tini", "tini-static", "dumb-init", "env", "command"))
# They take a user, or the like, ahead of the program.
_WITH_OPERAND = frozenset(("gosu", "su-exec", "setpriv", "timeout"))
_INTERPRETERS = late_regex(r"(?:node|nodejs|bun|deno|python|pypy|ruby|php|perl|lua|Rscript)(?:\d+(?:\.\d+)*)?")
_PACKAGE_RUNNERS = frozenset(
    "npm npx yarn pnpm pnpx bunx pm2 pm2-runtime nodemon bundle rails rackup puma uv poetry pipenv gunicorn uvicorn "
    "flask celery hypercorn daphne streamlit".split()
)
_ENTRYPOINT_SCRIPT = late_regex(r"entry-?point|\.(?:sh|bash)$")
_SCRIPT = late_regex(r"\.(?:sh|bash|py|rb|pl|js|mjs|cjs|ts|php)$")
_TOOLS = {
    "go": ("run",),
    "cargo": ("run",),
    "dotnet": ("run", "watch"),
    "mvn": ("spring-boot:run", "exec:java", "jetty:run", "quarkus:dev", "tomcat7:run"),
    "gradle": ("run", "bootRun", "quarkusDev"),
    "sbt": ("run", "~run"),
    "mix": ("phx.server", "run"),
    "lein": ("run", "ring"),
    "swift": ("run",),
    "stack": ("run", "exec"),
    "cabal": ("run",),
}
_INSTALLS = late_regex(
    r"^(?:\S*/)?(?:make|cmake|ninja|gcc|g\+\+|cc|cargo build|go build|npm (?:ci|i|install)|yarn(?: install)?$|pnpm i"
    r"|(?:python\d* -m )?pip\d* install|uv (?:sync|pip|run)|poetry install|bundle install|gem install|pecl install"
    r"|luarocks)\b"
)


class Start(Struct, frozen=True):
    """One program that the image starts.

    `words` are the program and its arguments. `files` are the absolute paths of what it runs, as far as they are
    said: the program's own, the archives of a Java program, the working directory of one that is interpreted.
    `relative` is true where they are found from the working directory; `script` where the program is a text.
    `tool` is the command that compiles at every start (`go run`), "" for none.
    """

    words: tuple[str, ...]
    files: tuple[str, ...] = ()
    relative: bool = False
    script: bool = False
    tool: str = ""

    @property
    def program(self) -> str:
        return posixpath.basename(self.words[0])


def started(contents: Contents) -> tuple[Start, ...]:
    """The programs that ENTRYPOINT and CMD start, in order; none where they are not said."""
    entrypoint, command = contents.entrypoint, contents.command
    if entrypoint is None:
        lines = _lines(command, contents)
    elif command is None or not (entrypoint.json and command.json):
        lines = _lines(entrypoint, contents)
    elif entrypoint.words and _ENTRYPOINT_SCRIPT.search(entrypoint.words[-1].text):
        # Such a script runs in the end what CMD names.
        lines = [*_lines(entrypoint, contents), *_lines(command, contents)]
    else:
        lines = _unwrapped([word.text for word in (*entrypoint.words, *command.words)], contents.variables)
    starts: list[Start] = []
    directory = contents.directory
    for words in lines:
        if words[0] == "cd":
            directory = joined(directory, words[1]) if len(words) > 1 and "$" not in words[1] else None
        else:
            starts.append(_start(words, directory))
    return tuple(starts)


def may_compile(contents: Contents) -> bool:
    """Whether the image compiles, or installs packages that may be compiled, when it starts."""
    return any(start.tool or _INSTALLS.search(" ".join(start.words)) for start in started(contents))


def _lines(instruction: Instruction | None, contents: Contents) -> list[list[str]]:
    if instruction is None:
        return []
    if instruction.json:
        return _unwrapped([word.text for word in instruction.words], contents.variables)
    return _of_script(instruction.value.text, contents.variables)


def _of_script(script: str, variables: Mapping[str, str]) -> list[list[str]]:
    """The commands of a short shell script, those that only prepare or tell left out."""
    found: list[list[str]] = []
    for part in re.split(r"&&|\|\||[;|&\n]", script.replace("\\\n", " ")):
        try:
            words = shlex.split(part, comments=True)
        except ValueError:
            words = part.split()
        words = [expanded(word, variables, "\\") or word if "$" in word else word for word in words]
        if words and words[0] not in ("echo", "export", "set", "sleep", "true", "mkdir", "printf"):
            found += _unwrapped(words, variables)
    return found


def _unwrapped(words: list[str], variables: Mapping[str, str]) -> list[list[str]]:
    """The commands that `words` run in the end: `tini`, `exec` and `sh -c` taken off."""
    while words:
        name = posixpath.basename(words[0])
        if name in _SHELLS and len(words) > 2 and re.fullmatch(r"-\w*c", words[1]):
            return _of_script(words[2], variables)
        if name in _WRAPPERS or name in _WITH_OPERAND:
            words = words[1:]
            while words and words[0].startswith("-"):
                words = words[1:]
            words = words[1:] if name in _WITH_OPERAND else words
        elif re.match(r"[A-Za-z_]\w*=", words[0]):
            words = words[1:]
        else:
            return [words]
    return []


def _start(words: Sequence[str], directory: str | None) -> Start:
    name = posixpath.basename(words[0])
    if tool := _compiling(name, words):
        return Start(tuple(words), tool=tool)
    script = False
    if name == "java":
        files = _of_java(words)
    elif name == "dotnet":
        files = [word for word in words[1:] if word.endswith(".dll")][:1]
    elif name in _SHELLS:
        files = [word for word in words[1:] if not word.startswith("-")][:1]
        script = True
    elif _INTERPRETERS.fullmatch(name) or name in _PACKAGE_RUNNERS:
        # It loads what lies beside it: packages, templates, other modules.
        first = next((word for word in words[1:] if _SCRIPT.search(word)), ".")
        files = ["." if not first.startswith("/") else posixpath.dirname(first)]
    elif "/" in words[0]:
        files = [words[0]]
        script = bool(_SCRIPT.search(words[0])) or bool(_ENTRYPOINT_SCRIPT.search(name))
    else:
        files = []
    known = [file for file in files if not re.search(r"[$\"'`*?<>{}\\]", file)]
    paths = [path for file in known if (path := joined(directory, file)) is not None]
    relative = any(not file.startswith("/") for file in known)
    return Start(tuple(words), tuple(path for path in paths if path != "/"), relative, script)


def _compiling(name: str, words: Sequence[str]) -> str:
    """`go run` and the like; gradle's and Maven's wrappers count as them."""
    name = {"mvnw": "mvn", "gradlew": "gradle"}.get(name, name)
    task = next(
        (word for word in words[1:] if word.rpartition(":")[2] in _TOOLS.get(name, ()) or word in _TOOLS.get(name, ())),
        "",
    )
    return f"{name} {task}" if task else ""


def _of_java(words: Sequence[str]) -> list[str]:
    """The archives and folders of classes that `java` is told to load, what it runs first."""
    files: list[str] = []
    agents = [word.removeprefix("-javaagent:").partition("=")[0] for word in words if word.startswith("-javaagent:")]
    if "-jar" in words:
        after = words[words.index("-jar") + 1 :]
        files = [word for word in after if not word.startswith("-")][:1]
    else:
        for option in ("-cp", "-classpath", "--class-path"):
            if option in words[:-1]:
                files = [part.removesuffix("/*") for part in words[words.index(option) + 1].split(":") if part]
        if not files and any(not word.startswith("-") for word in words[1:]):
            files = ["."]
    return [*files, *agents]
