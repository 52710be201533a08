"""What a command may write: the paths outside of which it certainly leaves nothing."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cache
from importlib import import_module

from lint_multistage.contents.products.call import Call, call_of
from lint_multistage.contents.written.writes import (
    ANYWHERE,
    NOTHING,
    SYSTEM_FOLDERS,
    Writes,
    file_at,
)
from lint_multistage.late import late_regex
from lint_multistage.syntax.shell_commands import Command, Output, Script

__all__ = ["ANYWHERE", "NOTHING", "SYSTEM_FOLDERS", "Writes", "written", "written_by"]

# Commands that write to no file but those that a redirection names, or that only change files that are there.
_SILENT = frozenset(
    (
        "echo printf test [ [[ cd pushd popd export set unset true false : ls cat grep egrep fgrep zgrep head tail "
        "uniq wc cut tr chmod chown chgrp setfacl env printenv which command type hash sleep id whoami uname date pwd "
        "basename dirname realpath readlink stat du df file ldd nproc getconf ulimit umask wait exit return break "
        "continue shift read local declare typeset readonly alias trap let expr seq yes sha1sum sha256sum sha512sum "
        "md5sum b2sum cksum shasum cmp diff ps kill pkill jobs getent hostname locale arch free uptime sync jq strip "
        "base64 od xxd hexdump strings nm readelf objdump tac rev nl paste join comm fold fmt column shuf dig nslookup "
        "ping tty clear sum dos2unix getopts getopt logger setcap getcap upx mktemp xx-verify xx-info "
        "sort bc lsb_release"
    ).split()
)
# Names that carry a version or a target, and what they go by.
_SHAPES = (
    (late_regex(r"(?:[\w.]+-)*(?:cc|c\+\+|gcc|g\+\+|clang|clang\+\+|gfortran)(?:-\d+(?:\.\d+)*)?"), "cc"),
    (late_regex(r"(?:python|pypy)(?:\d+(?:\.\d+)*)?"), "python"),
    (late_regex(r"pip(?:\d+(?:\.\d+)*)?"), "pip"),
    (late_regex(r"go1\.\d+(?:\.\d+)?|gotip"), "go"),
)


def written_by(script: Script, variables: Mapping[str, str]) -> list[Writes]:
    """Where the commands of `script` may write, in order, and then its redirections.

    `variables` is the environment that the RUN starts with.
    """
    found = [written(command, variables) for command in script.commands]
    found += (_output(output, variables) for output in script.outputs)
    if not script.understood:
        found.append(ANYWHERE)
    return [each for each in found if each != NOTHING]


def written(command: Command, variables: Mapping[str, str]) -> Writes:
    """Where `command` may write."""
    name = command.name
    if name in _SILENT:
        return NOTHING
    call = call_of(command, variables)
    if call is None:
        return ANYWHERE
    reader = _readers().get(name) or _readers().get(next((key for shape, key in _SHAPES if shape.fullmatch(name)), ""))
    return reader(call) if reader else ANYWHERE


def _output(output: Output, variables: Mapping[str, str]) -> Writes:
    call = Call(output.word, (), (), output.directory, variables, True)
    return file_at(call, output.word.text if output.word.text is not None else f"{output.word.raw}*".replace('"', ""))


@cache
def _readers() -> dict[str, Callable[[Call], Writes]]:
    return {
        name: reader
        for module in ("files", "tools")
        for name, reader in import_module(f"{__name__}.{module}").READERS.items()
    }
