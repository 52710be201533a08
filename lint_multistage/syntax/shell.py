"""A RUN as the commands that it runs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from lint_multistage.late import late_regex
from lint_multistage.syntax.expansion import heredoc_name
from lint_multistage.syntax.instructions import Instruction
from lint_multistage.syntax.shell_commands import Command, Script, ShellWord
from lint_multistage.syntax.shell_layout import Layout, of_heredoc, of_value, with_heredocs
from lint_multistage.syntax.shell_walk import walk_command, walk_script
from lint_multistage.syntax.shell_wrappers import SHELLS
from lint_multistage.text import Source, Span

__all__ = ["Command", "Script", "ShellWord", "read_file", "read_script"]

DEFAULT_SHELL = ("/bin/sh", "-c")
_NO_VARIABLES: Mapping[str, str] = {}
_LONE_HEREDOC = late_regex(r"\d*<<-?\s*([^<]*)")
_INTERPRETER = late_regex(r"#![ \t]*(\S+)(?:[ \t]+(?:-S[ \t]+)?(\S+))?")


def read_script(
    run: Instruction,
    source: Source,
    *,
    shell: tuple[str, ...] = DEFAULT_SHELL,
    variables: Mapping[str, str] = _NO_VARIABLES,
    directory: str | None = "/",
    escape: str = "\\",
) -> Script:
    """The commands of a RUN (or of a CMD or ENTRYPOINT) of `source`; never fails, whatever it holds.

    `shell` is the SHELL in force, `variables` the ARGs and ENVs whose value is known, `directory` the WORKDIR (None
    where it is not known) and `escape` the Dockerfile's escape character.
    """
    if run.json:
        return _exec_form(run, source, variables, directory)
    layout = None
    if len(run.heredocs) == 1 and (match := _LONE_HEREDOC.fullmatch(run.value.text)) and heredoc_name(match[1]):
        layout = of_heredoc(run.heredocs[0], source)
        if layout.text.startswith("#!"):
            if not _is_shell(layout.text):
                return Script(())
            return walk_script(layout, variables, directory)
    if not any(_program(word) in SHELLS for word in shell):
        return Script((), False, f"the SHELL '{shell[0] if shell else ''}' is no POSIX shell")
    if layout is None:
        layout = of_value(run, source, escape)
        if run.heredocs:
            layout = with_heredocs(layout, run, source)
    return walk_script(layout, variables, directory)


def read_file(
    text: str,
    span: Span,
    *,
    arguments: Sequence[str | None] = (),
    variables: Mapping[str, str] = _NO_VARIABLES,
    directory: str | None = "/",
    interpreted: bool = False,
) -> Script:
    """The commands of a script that lies in a file; all of them stand at `span`, the word that runs it.

    `interpreted` is true where a shell is called with it, whatever its `#!` says.
    """
    text = text.replace("\r\n", "\n")
    if text.startswith("#!") and not interpreted and not _is_shell(text):
        return Script(())
    return walk_script(Layout(text, (), span), variables, directory, arguments=arguments)


def _exec_form(run: Instruction, source: Source, variables: Mapping[str, str], directory: str | None) -> Script:
    if not run.words:
        return Script(())
    words = tuple(ShellWord(word.text, source[word.span], word.span) for word in run.words)
    whole = Span(words[0].span.start, words[-1].span.end)
    return walk_command(words, Layout(source[whole], ((0, whole.start),)), variables, directory)


def _is_shell(script: str) -> bool:
    """Whether the `#!` of a script names a shell, itself or through `env`."""
    match = _INTERPRETER.match(script)
    if match is None:
        return False
    program = _program(match[1])
    return (_program(match[2] or "") if program == "env" else program) in SHELLS


def _program(word: str) -> str:
    return word.replace("\\", "/").rpartition("/")[2].lower().removesuffix(".exe")
