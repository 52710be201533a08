"""Commands that run other commands: `sudo`, `env`, `xargs`, `sh -c` …"""

from __future__ import annotations

import re
from collections.abc import Sequence

from msgspec import Struct

from lint_multistage.late import late_regex
from lint_multistage.syntax.shell_commands import ShellWord
from lint_multistage.text import Span

SHELLS = frozenset(("sh", "bash", "dash", "ash", "ksh", "mksh", "zsh", "rbash"))
_ASSIGNMENT = late_regex(r"([A-Za-z_]\w*)=(.*)", re.DOTALL)

# Each wrapper with its options that take the next word as their value.
_WRAPPERS: dict[str, tuple[str, ...]] = {
    "sudo": ("-u", "-g", "-h", "-p", "-C", "-r", "-t", "-T", "-U", "-D", "-R", "--user", "--group"),
    "doas": ("-u", "-C"),
    "env": ("-u", "-C", "--unset", "--chdir"),
    "nice": ("-n", "--adjustment"),
    "ionice": ("-c", "-n", "-p", "--class", "--classdata"),
    "time": ("-f", "-o", "--format", "--output"),
    "exec": ("-a",),
    "command": (),
    "builtin": (),
    "nohup": (),
    "setsid": (),
    "stdbuf": ("-i", "-o", "-e"),
    "eatmydata": (),
    "chronic": (),
    "fakeroot": (),
    "busybox": (),
    "linux32": (),
    "linux64": (),
    "setarch": (),
    "gosu": (),
    "su-exec": (),
    "timeout": ("-k", "-s", "--kill-after", "--signal"),
    "xvfb-run": ("-n", "-s", "-e", "-f", "-p", "-w"),
    "xargs": (
        "-n",
        "-P",
        "-I",
        "-L",
        "-d",
        "-a",
        "-E",
        "-s",
        "--max-args",
        "--max-procs",
        "--arg-file",
        "--delimiter",
    ),
}
_OPERANDS = {"timeout": 1, "gosu": 1, "su-exec": 1, "setarch": 1}
_MOST = 20


class Unwrapped(Struct, frozen=True):
    """A command without its wrappers.

    `script` is the text that a shell is given to run, `same_shell` where it is `eval`.
    """

    words: tuple[ShellWord, ...]
    env: tuple[tuple[str, str | None], ...] = ()
    script: ShellWord | None = None
    same_shell: bool = False


def unwrap(words: Sequence[ShellWord]) -> Unwrapped:
    """Take the wrappers off `words`."""
    env: list[tuple[str, str | None]] = []
    for _ in range(_MOST):
        name = name_of(words)
        if name == "command" and len(words) > 1 and words[1].text in ("-v", "-V"):
            break
        if name not in _WRAPPERS:
            break
        at = _after_options(words, 1, _WRAPPERS[name]) + _OPERANDS.get(name, 0)
        while name in ("env", "sudo") and at < len(words):
            match = _ASSIGNMENT.match(words[at].text or words[at].raw)
            if not match:
                break
            env.append((match[1], match[2] if words[at].text is not None else None))
            at += 1
        if at >= len(words):
            break
        rest = words[at:]
        if name == "xargs":
            rest = _with_input(words[1:at], words[0], tuple(rest))
        words = rest
    words = tuple(words)
    script, same_shell = _script(words)
    return Unwrapped(words, tuple(env), script, same_shell)


def name_of(words: Sequence[ShellWord]) -> str:
    """The basename of a command's first word."""
    text = words[0].text if words else None
    return text.rpartition("/")[2] if text else ""


def reads_script(words: Sequence[ShellWord]) -> bool:
    """Whether a shell called so reads its script from its input."""
    if name_of(words) not in SHELLS:
        return False
    at = _after_options(words, 1, ("-o", "+o", "-O", "+O", "--rcfile", "--init-file"))
    options = [word.text or "" for word in words[1:at]]
    return (
        at >= len(words) or words[at].text == "-" or any(o[:1] == "-" and o[1:2] != "-" and "s" in o for o in options)
    )


def _with_input(options: Sequence[ShellWord], xargs: ShellWord, words: tuple[ShellWord, ...]) -> tuple[ShellWord, ...]:
    """The words of a command to which xargs adds what it reads: at the end, or in place of `-I`'s text."""
    texts = [option.text or "" for option in options]
    placed = ""
    for at, text in enumerate(texts):
        if text in ("-I", "--replace", "-i"):
            placed = texts[at + 1] if text == "-I" and at + 1 < len(texts) else "{}"
        elif text.startswith(("-I", "-i", "--replace=")):
            placed = text.removeprefix("--replace=").removeprefix("-I").removeprefix("-i")
    if not placed:
        return (*words, ShellWord(None, xargs.raw, xargs.span))
    return tuple(
        ShellWord(None, word.raw, word.span) if word.text is not None and placed in word.text else word
        for word in words
    )


def _after_options(words: Sequence[ShellWord], at: int, valued: tuple[str, ...]) -> int:
    while at < len(words):
        text = words[at].text
        if text is None or text[:1] not in ("-", "+") or text == "-":
            return at
        at += 2 if text in valued else 1
        if text == "--":
            return at
    return at


def _script(words: tuple[ShellWord, ...]) -> tuple[ShellWord | None, bool]:
    name = name_of(words)
    if name == "eval" and len(words) > 1:
        if len(words) == 2:
            return words[1], True
        texts = [word.text for word in words[1:]]
        known = [text for text in texts if text is not None]
        whole = Span(words[1].span.start, words[-1].span.end)
        raw = " ".join(word.raw for word in words[1:])
        return ShellWord(" ".join(known) if len(known) == len(texts) else None, raw, whole), True
    if name in ("su", "runuser"):
        for at, word in enumerate(words[:-1]):
            if word.text in ("-c", "--command", "-lc", "-pc"):
                return words[at + 1], False
        return None, False
    if name not in SHELLS:
        return None, False
    given = False
    at = 1
    while at < len(words):
        text = words[at].text
        if text is None or text[:1] not in ("-", "+") or len(text) < 2:
            break
        at += 1
        if text[1] != "-":
            given = given or "c" in text
            if text[-1] in "oO":
                at += 1
    return (words[at], False) if given and at < len(words) else (None, False)
