"""What git ignores, as far as the files of a repository say it."""

from __future__ import annotations

import os
import re

from msgspec import Struct

from lint_multistage.settings.globs import regex


class Rules(Struct, frozen=True):
    """The patterns of one file, the last first, each with whether it ignores; relative to the absolute `folder`."""

    folder: str
    patterns: tuple[tuple[re.Pattern[str], bool], ...]


def read_rules(path: str, folder: str) -> Rules | None:
    """The rules in the file at `path`; None where it is absent or cannot be read, as git has it."""
    try:
        with open(path, encoding="utf-8-sig", errors="surrogateescape", newline="\n") as file:
            lines = file.read().split("\n")
    except OSError:
        return None
    patterns: list[tuple[re.Pattern[str], bool]] = []
    for line in reversed(lines):
        pattern = _unpadded(line.removesuffix("\r"))
        ignores = not pattern.startswith("!")
        pattern = pattern.removeprefix("!")
        if pattern.strip("/") and not line.startswith("#"):
            patterns.append((re.compile(regex(pattern), re.DOTALL), ignores))
    return Rules(folder, tuple(patterns)) if patterns else None


def _unpadded(line: str) -> str:
    bare = line.rstrip(" ")
    backslashes = len(bare) - len(bare.rstrip("\\"))
    return bare + " " if backslashes % 2 and len(bare) < len(line) else bare


def ignored(path: str, rules: tuple[Rules, ...]) -> bool:
    """Whether the absolute `path` (a folder ends in `/`) is ignored by `rules`, those of the outermost folder first.

    Asked from the top down: whether a folder above is ignored is not looked at.
    """
    for group in reversed(rules):
        inside = path[len(group.folder) :].lstrip(os.sep).replace(os.sep, "/")
        for pattern, ignores in group.patterns:
            if pattern.fullmatch(inside):
                return ignores
    return False


def rules_in(folder: str, above: tuple[Rules, ...], *, repository: bool, own: bool) -> tuple[Rules, ...]:
    """The rules for what lies in the absolute `folder`, given those `above` it.

    `repository`: the folder holds `.git`, so that nothing above counts; `own`: it holds a `.gitignore`.
    """
    found: list[Rules | None] = [*above]
    if repository:
        found = [read_rules(os.path.join(folder, ".git", "info", "exclude"), folder)]
    if own:
        found.append(read_rules(os.path.join(folder, ".gitignore"), folder))
    return tuple(rules for rules in found if rules)


def rules_above(folder: str) -> tuple[Rules, ...]:
    """The rules that the folders above the absolute `folder` in its repository set.

    None where the folder is itself ignored: who names it wants what is in it.
    """
    chain = [folder]
    while not os.path.lexists(os.path.join(chain[-1], ".git")):
        parent = os.path.dirname(chain[-1])
        if parent == chain[-1]:
            return ()
        chain.append(parent)
    rules: tuple[Rules, ...] = ()
    for parent, child in zip(chain[:0:-1], chain[-2::-1], strict=True):
        rules = rules_in(parent, rules, repository=parent == chain[-1], own=True)
        if ignored(child + "/", rules):
            return ()
    return rules
