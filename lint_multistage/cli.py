"""The command line: `lint-multistage [lint] PATHS`, `lint-multistage graph FILES`, `lint-multistage explain CODE`."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence

from lint_multistage.commands.parsers import PARSERS, PROGRAM
from lint_multistage.plugins import PluginError
from lint_multistage.settings.errors import UsageError

TRACEBACK = "LINT_MULTISTAGE_TRACEBACK"


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command and give its exit status: 0 clean, 1 findings, 2 a mistake in usage, configuration or a plugin."""
    words = list(sys.argv[1:] if arguments is None else arguments)
    command = words.pop(0) if words and words[0] in PARSERS else "lint"
    try:
        return _run(command, words)
    except (UsageError, PluginError) as error:
        from lint_multistage.reports.style import one_line

        print(f"{PROGRAM}: error: {one_line(str(error))}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        print(f"{PROGRAM}: interrupted", file=sys.stderr)
        return 130
    except BrokenPipeError:
        # The reader has seen enough. Python would complain once more when it flushes at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 141
    except Exception as error:
        if os.environ.get(TRACEBACK):
            raise
        reason = " ".join(str(error).split())
        print(
            f"{PROGRAM}: internal error, please report it: {type(error).__name__}: {reason} ({TRACEBACK}=1 tells more)",
            file=sys.stderr,
        )
        return 2


def _run(command: str, words: list[str]) -> int:
    from importlib import import_module

    parser = PARSERS[command]()
    if command == "lint":
        # Files may stand between the options; argparse knows no `--` then.
        end = words.index("--") if "--" in words else len(words)
        arguments = parser.parse_intermixed_args(words[:end])
        arguments.paths += words[end + 1 :]
    else:
        arguments = parser.parse_args(words)
    return int(import_module(f"lint_multistage.commands.{command}").run(arguments))
