"""What a shell script is read into: its simple commands, word by word."""

from __future__ import annotations

from msgspec import Struct

from lint_multistage.text import Span


class ShellWord(Struct, frozen=True):
    """One argument after quote removal and variable expansion; patterns (`*`, `?`, `[]`) stay as written.

    `text` is None where it cannot be known: the output of a command, a variable without a known value. `raw` is the
    word as written in its script (continuations joined) and `span` where that stands in the Dockerfile; the words that
    one unquoted variable splits into share its `raw` and `span`.
    """

    text: str | None
    raw: str
    span: Span


class Command(Struct, frozen=True):
    """A simple command: `words[0]` is the program that runs, wrappers such as `sudo` and `env` taken off.

    `env` is what the script puts into its environment: variables exported before it, then assignments in front of it.
    `certain` is false where an ordinary build may pass without it: in a branch, behind a question or behind `||`.
    `directory` is where it runs, None where that is not known.
    """

    words: tuple[ShellWord, ...]
    env: tuple[tuple[str, str | None], ...]
    span: Span
    certain: bool
    directory: str | None

    @property
    def name(self) -> str:
        """The program without its path, empty where it is not known."""
        text = self.words[0].text if self.words else None
        return text.rpartition("/")[2] if text else ""


class Output(Struct, frozen=True):
    """A file that a redirection writes: the word that names it, and the directory in which that is looked for."""

    word: ShellWord
    directory: str | None


class Script(Struct, frozen=True):
    """The commands of a RUN in the order in which they run, and the files that its redirections write.

    Where `understood` is false, some may be missing; `reason` says why in one sentence.
    """

    commands: tuple[Command, ...]
    understood: bool = True
    reason: str = ""
    outputs: tuple[Output, ...] = ()
