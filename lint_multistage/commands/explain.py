"""`lint-multistage explain`."""

from __future__ import annotations

import re
from argparse import Namespace

from lint_multistage.check import Check
from lint_multistage.commands.terminal import coloured, put
from lint_multistage.docs import page
from lint_multistage.plugins import load_plugins
from lint_multistage.settings.errors import UsageError, nearest

_BOLD, _DIM, _OFF = "\x1b[1m", "\x1b[2m", "\x1b[0m"


def run(arguments: Namespace) -> int:
    """Print the page of a check, or the list of all, and give the exit status."""
    checks = load_plugins().checks
    if not arguments.code:
        width = max(len(check.name()) for check in checks)
        put("".join(f"{check.code}  {check.name():{width}}  {check.severity.value}\n" for check in checks))
        return 0
    put(_plain(page(_named(arguments.code, checks)), coloured(arguments.color)))
    return 0


def _named(code: str, checks: tuple[type[Check], ...]) -> type[Check]:
    for check in checks:
        if code.upper() == check.code or code.lower() == check.name():
            return check
    names = [*(check.code for check in checks), *(check.name() for check in checks)]
    near = nearest(code.upper(), names) or nearest(code.lower(), names)
    mend = f"did you mean '{near}'?" if near else "lint-multistage explain lists all"
    raise UsageError(f"there is no check '{code}'; {mend}")


def _plain(markdown: str, colour: bool) -> str:
    """A page without the marks of Markdown: headings stand out, examples are indented."""
    lines: list[str] = []
    example = False
    for line in markdown.split("\n"):
        if line.startswith("```"):
            example = not example
        elif example:
            lines.append(f"    {_DIM}{line}{_OFF}" if colour and line else f"    {line}".rstrip())
        elif heading := re.match(r"#+ (.*)", line):
            lines.append(f"{_BOLD}{heading[1]}{_OFF}" if colour else heading[1])
        else:
            lines.append(line.replace("**", "").replace("`", ""))
    return "\n".join(lines)
