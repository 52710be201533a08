"""The instructions of a Dockerfile, with a span for every word."""

from __future__ import annotations

from msgspec import Struct

from lint_multistage.syntax.lines import Heredoc
from lint_multistage.text import Span


class Word(Struct, frozen=True):
    """A word as BuildKit takes it from the file, before any expansion, and where it stands."""

    text: str
    span: Span


class Flag(Struct, frozen=True):
    """`--name=value`; `value` is None where there is no `=`. `span` covers the whole flag."""

    name: str
    value: Word | None
    span: Span


class Setting(Struct, frozen=True):
    """One `NAME=value` of ARG, ENV or LABEL; `value` is None for `ARG NAME`."""

    name: Word
    value: Word | None


class Instruction(Struct, frozen=True, kw_only=True):
    """What every instruction has.

    `line` and `end_line` are physical lines (heredocs included), `value` spans what follows the keyword and its flags.
    `words` are the arguments; shell-form RUN, CMD and ENTRYPOINT have one word. `json` marks the exec form.
    """

    keyword: Word
    span: Span
    line: int
    end_line: int
    flags: tuple[Flag, ...] = ()
    value: Word
    words: tuple[Word, ...] = ()
    json: bool = False
    heredocs: tuple[Heredoc, ...] = ()

    @property
    def spans(self) -> tuple[Span, ...]:
        """All that belongs to it: its lines, and the bodies of its heredocs."""
        return (self.span, *(heredoc.body for heredoc in self.heredocs))

    def flag(self, name: str) -> Word | None:
        """The value of `--name=…`, None where the flag is absent or has no value."""
        return next((flag.value for flag in self.flags if flag.name == name), None)


class From(Instruction, frozen=True, kw_only=True):
    """`FROM base [AS name]`."""

    base: Word
    name: Word | None = None


class Copy(Instruction, frozen=True, kw_only=True):
    """COPY. `source` is the value of `--from`, None where files come from the build context."""

    source: Word | None = None
    paths: tuple[Word, ...] = ()
    destination: Word


class Add(Instruction, frozen=True, kw_only=True):
    """ADD: like COPY, but never from a stage."""

    paths: tuple[Word, ...] = ()
    destination: Word


class Mount(Struct, frozen=True):
    """A `--mount` of RUN: its type (bind unless it says otherwise) and the values of its keys, lower case.

    `source` is the value of `from`, and `path` that of `source`.
    """

    type: str
    source: Word | None
    target: str
    span: Span
    path: str = ""


class Run(Instruction, frozen=True, kw_only=True):
    """RUN."""

    mounts: tuple[Mount, ...] = ()


class Arg(Instruction, frozen=True, kw_only=True):
    """ARG."""

    settings: tuple[Setting, ...] = ()


class Env(Instruction, frozen=True, kw_only=True):
    """ENV."""

    settings: tuple[Setting, ...] = ()


class Onbuild(Instruction, frozen=True, kw_only=True):
    """ONBUILD; `trigger` is None where BuildKit refuses it."""

    trigger: Instruction | None = None
