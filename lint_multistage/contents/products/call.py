"""A call of a build tool: its arguments as a reader of one tool needs them, and the products that it makes."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Callable, Container, Mapping, Sequence

from msgspec import Struct
from msgspec.structs import replace

from lint_multistage.late import late_regex
from lint_multistage.syntax.shell_commands import Command, ShellWord
from lint_multistage.text import Span

STATIC, DYNAMIC, UNKNOWN = "static", "dynamic", "unknown"
DEFAULT = "default"
"""How a product is linked where nothing says otherwise: the toolchain of its image decides."""
GLIBC, MUSL = "glibc", "musl"

_NOT_PLAIN = late_regex(r"[*?\[\]{}$`\n]")
_SHARED_FOLDERS = frozenset(("/", "/usr", "/usr/local", "/bin", "/lib", "/etc", "/opt", "/var", "/home", "/root"))


class Product(Struct, frozen=True):
    """Something that a build command makes.

    `ecosystem` is the language, or the tool's own kind where the command does not tell: make, bazel, site, deb.
    `command` is what a person calls it (`go build`); `span` covers those words. `path` is the absolute path, in the
    stage, of the file or folder to copy, None where the command does not tell. `link` is "static", "dynamic" (needs the
    C library of where it was built), "default" (as the toolchain does by itself) or "unknown", always so for what an
    interpreter runs. `certain` is true where the command certainly runs and certainly builds what is to be run or
    served: installing libraries or a tool is not that. `libc` is the C library that the command builds for, glibc or
    musl, "" for that of where it runs. `libraries` are those that it is told to link with: `ssl` of `-lssl`. `unmade`
    is a path that it would make were its configuration another, and the name of that configuration. `addons`
    are packages among those installed that are compiled for one C library.
    """

    ecosystem: str
    command: str
    span: Span
    path: str | None
    link: str
    certain: bool
    libc: str = ""
    libraries: tuple[str, ...] = ()
    unmade: tuple[str, str] | None = None
    addons: tuple[str, ...] = ()


Read = Callable[[str], str | None]


def nothing_at_hand(path: str) -> str | None:
    """The text of a file of which nothing is known."""
    return None


class Call(Struct, frozen=True):
    """A program, its arguments, and the directory and environment that it runs with.

    `heads` are the arguments as far as they are known: all of it, or what stands before the first unknown part. `read`
    gives the text of a file that lies at an absolute path when the call runs, None where it is not at hand.
    """

    program: ShellWord
    args: tuple[ShellWord, ...]
    heads: tuple[str, ...]
    directory: str | None
    env: Mapping[str, str | None]
    certain: bool
    read: Read = nothing_at_hand

    @property
    def name(self) -> str:
        """The program without its path."""
        return (self.program.text or "").rpartition("/")[2]

    def text(self, at: int) -> str | None:
        """The argument number `at`, None where it is not known or missing."""
        return self.args[at].text if 0 <= at < len(self.args) else None

    def values(self, *names: str, glued: bool = False) -> list[str | None]:
        """The values of the options `names`: `--name V`, `--name=V`, `-n:V`, and `-nV` where `glued`."""
        found: list[str | None] = []
        for at, head in enumerate(self.heads):
            if head[:1] not in ("-", "/"):
                continue
            known = self.args[at].text is not None
            for name in names:
                if head == name:
                    found.append(self.text(at + 1) if known else None)
                elif head.startswith(name) and (head[len(name)] in "=:" or (glued and len(name) == 2)):
                    start = len(name) + (head[len(name)] in "=:")
                    found.append(head[start:] if known else None)
                else:
                    continue
                break
        return found

    def value(self, *names: str, glued: bool = False) -> str | None:
        """The last value of the options `names`, None where there is none or it is not known."""
        found = self.values(*names, glued=glued)
        return found[-1] if found else None

    def has(self, *names: str) -> bool:
        """Whether one of the options `names` is given, with a value or without."""
        return any(head == name or head.startswith(f"{name}=") for head in self.heads for name in names)

    def positions(self, valued: Container[str] = (), start: int = 0) -> list[int]:
        """Where the arguments stand that are neither options nor the values of the options `valued`."""
        found: list[int] = []
        at = start
        while at < len(self.args):
            head = self.heads[at]
            if head == "--":
                return [*found, *range(at + 1, len(self.args))]
            if len(head) > 1 and head[0] == "-":
                at += 2 if head in valued and self.args[at].text is not None else 1
                continue
            if head or self.args[at].text is None:
                found.append(at)
            at += 1
        return found

    def subcommand(self, valued: Container[str] = (), start: int = 0) -> int:
        """Where the first known word stands that is no option, -1 where there is none."""
        return next((at for at in self.positions(valued, start) if self.args[at].text), -1)

    def opaque(self, valued: Container[str] = ()) -> bool:
        """Whether an argument of which nothing is known may hold options; values of the options `valued` do not."""
        return any(not self.heads[at] for at in self.positions(valued))

    def place(self, text: str | None, directory: str | None = None) -> str | None:
        """The absolute path of `text` seen from `directory`, or else from where the call runs; None where not known."""
        if not text or _NOT_PLAIN.search(text):
            return None
        if text == "~" or text.startswith("~/"):
            home = self.env.get("HOME")
            if not home or not home.startswith("/"):
                return None
            text = home + text[1:]
        elif text.startswith("~"):
            return None
        directory = self.directory if directory is None else directory
        if not text.startswith("/"):
            if not directory or not directory.startswith("/") or _NOT_PLAIN.search(directory):
                return None
            text = posixpath.join(directory, text)
        return "/" + posixpath.normpath(text).lstrip("/")

    def inside(self, folder: str | None, *names: str | None) -> str | None:
        """The path of `names` below the absolute `folder`, None where a part is not known."""
        if folder is None:
            return None
        for name in names:
            if name is None:
                return None
            folder = self.place(name, folder)
            if folder is None:
                return None
        return folder

    def product(
        self,
        ecosystem: str,
        command: str,
        *,
        path: str | None = None,
        link: str = UNKNOWN,
        sure: bool = True,
        last: int = -1,
        libc: str = "",
        libraries: tuple[str, ...] = (),
    ) -> Product:
        """A product of this call; `last` is the last argument that belongs to what a person calls it."""
        start = self.program.span.start
        end = self.args[last].span.end if 0 <= last < len(self.args) else self.program.span.end
        if end < start:
            end = self.program.span.end
        return Product(ecosystem, command, Span(start, end), path, link, sure and self.certain, libc, libraries)

    def moved(self, text: str | None) -> Call:
        """The same call, run in the directory `text`."""
        return replace(self, directory=self.place(text))

    def file(self, name: str) -> str | None:
        """The text of a file in the directory that the call runs in, None where it is not at hand."""
        path = self.place(name)
        return self.read(path) if path else None

    def rest(self, at: int) -> Call | None:
        """The call that the arguments from number `at` on make."""
        if not 0 <= at < len(self.args):
            return None
        return replace(self, program=self.args[at], args=self.args[at + 1 :], heads=self.heads[at + 1 :])

    def with_env(self, env: Mapping[str, str | None]) -> Call:
        """The same call with more in its environment."""
        return replace(self, env={**self.env, **env})


def call_of(command: Command, variables: Mapping[str, str | None], read: Read = nothing_at_hand) -> Call | None:
    """The call that `command` is, None where it runs no known program."""
    words = command.words
    if not words or not words[0].text:
        return None
    env = {**variables, **dict(command.env)} if command.env else variables
    args = words[1:]
    return Call(words[0], args, tuple(_head(word) for word in args), command.directory, env, command.certain, read)


def _head(word: ShellWord) -> str:
    if word.text is not None:
        return word.text
    if "$" not in word.raw and "`" not in word.raw:
        return ""
    return re.split(r"[$`]", word.raw, maxsplit=1)[0].replace('"', "").replace("'", "")


def libc_of_target(target: str) -> str | None:
    """The C library of a target triple, or of a compiler named after one; None for what is no Linux with either."""
    if "musl" in target:
        return MUSL
    return GLIBC if re.search(r"linux-gnu(?!x32)", target) else None


def own_folder(path: str | None) -> str | None:
    """`path`, unless it is a folder such as /usr/local that holds much else."""
    return None if path in _SHARED_FOLDERS else path


def is_true(text: str | None) -> bool:
    """Whether a setting is switched on."""
    return bool(text) and text.lower() in ("1", "true", "yes", "on")  # type: ignore[union-attr]


def only(texts: Sequence[str | None]) -> str | None:
    """The one element of `texts`, None where there are none or several."""
    return texts[0] if len(texts) == 1 else None


def stem(source: str | None, ending: str) -> str | None:
    """A source's path without its ending, None where it has another."""
    return source.removesuffix(ending) if source and source.endswith(ending) and source != ending else None
