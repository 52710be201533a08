"""The options of each command."""

from __future__ import annotations

import argparse
from collections.abc import Callable

from lint_multistage import __version__
from lint_multistage.reports import NAMES as REPORTS

PROGRAM = "lint-multistage"
SHELLS = ("bash", "zsh", "fish")


def lint_parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog=PROGRAM,
        usage="%(prog)s [OPTIONS] [FILE|FOLDER|-]...",
        description="Lint multi-stage Dockerfiles: the image that ships carries only what it needs at run time.",
        epilog="other commands: graph FILE... draws the stages of a Dockerfile; targets tells who builds which; "
        "explain CODE tells about a check; init writes a configuration; lsp serves editors; completion SHELL",
        allow_abbrev=False,
    )
    parser.add_argument(
        "paths",
        nargs="*",
        metavar="PATH",
        help="Dockerfiles, folders, build files, or - for standard input (default: .)",
    )
    parser.add_argument("--version", action="version", version=f"{PROGRAM} {__version__}")
    codes = parser.add_argument_group("which checks")
    for flag, what in (
        ("--select", "run only these"),
        ("--ignore", "leave these out"),
        ("--extend-select", "run these as well"),
        ("--extend-ignore", "leave these out as well"),
    ):
        codes.add_argument(
            flag, action="append", metavar="CODES", help=f"{what}: codes or their beginnings, with commas"
        )
    codes.add_argument(
        "--per-file-ignores", action="append", metavar="GLOB:CODES", help="leave codes out for some files"
    )
    codes.add_argument("--preview", action="store_true", default=None, help="run checks that are still on trial")
    building = parser.add_argument_group("how the files are built")
    building.add_argument("--target", action="append", metavar="STAGE", help="this stage ships, beside the last one")
    building.add_argument("--build-arg", action="append", metavar="NAME=VALUE", help="value of a build argument")
    files = parser.add_argument_group("which files")
    files.add_argument("--exclude", action="append", metavar="GLOBS", help="leave files out when folders are walked")
    files.add_argument("--extend-exclude", action="append", metavar="GLOBS", help="leave these out as well")
    files.add_argument("--force-exclude", action="store_true", default=None, help="exclude files that are named, too")
    files.add_argument("--max-file-size", metavar="BYTES", help="do not read larger files (default: 5000000)")
    files.add_argument("--stdin-display-name", default="stdin", metavar="NAME", help="what to call standard input")
    files.add_argument("--show-files", action="store_true", help="print the files that would be linted, and stop")
    _add_configuration(parser)
    parser.add_argument("--show-settings", metavar="FILE", help="print the settings of a file and where they come from")
    output = parser.add_argument_group("what is printed")
    output.add_argument(
        "--format",
        metavar="FORMAT",
        help=f"{', '.join(REPORTS)}, or a plugin's (default: text)",
    )
    output.add_argument("--output-file", metavar="FILE", help="write the report there")
    output.add_argument("--statistics", action="store_true", help="count the findings of each code")
    output.add_argument("--color", choices=("auto", "always", "never"), default="auto", help="colour (default: auto)")
    output.add_argument("--fail-on", metavar="SEVERITY", help="exit 1 from this severity on: error, warning or info")
    output.add_argument("--exit-zero", action="store_true", help="exit 0 in spite of findings")
    old = parser.add_argument_group("old findings")
    old.add_argument("--baseline", metavar="FILE", help="leave out the findings that this file holds")
    old.add_argument("--write-baseline", default="", metavar="FILE", help="write all findings there, and stop")
    old.add_argument("--diff-base", default="", metavar="COMMIT", help="only stages that changed since then (git)")
    old.add_argument("--add-ignores", action="store_true", help="silence all findings by comments in the Dockerfiles")
    old.add_argument("--reason", default="", metavar="TEXT", help="with --add-ignores: what the comments say")
    fixes = parser.add_argument_group("fixes")
    fixes.add_argument("--fix", action="store_true", help="apply safe fixes")
    fixes.add_argument("--unsafe-fixes", action="store_true", help="with --fix or --diff: unsafe ones, too")
    fixes.add_argument(
        "--fix-only", action="append", metavar="CODES", help="with --fix or --diff: only those of these codes"
    )
    fixes.add_argument("--diff", action="store_true", help="print what --fix would change, and change nothing")
    parser.add_argument("-j", "--jobs", type=int, default=0, metavar="N", help="processes (default: one a processor)")
    return parser


def graph_parser() -> argparse.ArgumentParser:
    parser = _files_parser(
        "graph", "Draw the stages of a Dockerfile: which feeds which, what ships, what nobody needs."
    )
    parser.add_argument(
        "--format",
        choices=("text", "json", "mermaid", "dot"),
        default="text",
        help="text (default), json, mermaid or dot (Graphviz)",
    )
    return parser


def targets_parser() -> argparse.ArgumentParser:
    parser = _files_parser("targets", "Say who builds which stage of each Dockerfile, and what nobody builds.")
    parser.add_argument("--format", choices=("text", "json"), default="text", help="text (default) or json")
    return parser


def _files_parser(command: str, description: str) -> argparse.ArgumentParser:
    """A parser for a command that shows something of Dockerfiles."""
    parser = argparse.ArgumentParser(prog=f"{PROGRAM} {command}", description=description, allow_abbrev=False)
    parser.add_argument(
        "paths",
        nargs="*",
        metavar="FILE",
        help="Dockerfiles, folders, build files, or - for standard input (default: .)",
    )
    parser.add_argument("--target", action="append", metavar="STAGE", help="this stage ships, beside the last one")
    parser.add_argument("--build-arg", action="append", metavar="NAME=VALUE", help="value of a build argument")
    parser.add_argument("--stdin-display-name", default="stdin", metavar="NAME", help="what to call standard input")
    parser.add_argument("--color", choices=("auto", "always", "never"), default="auto", help="colour (default: auto)")
    _add_configuration(parser)
    return parser


def _add_configuration(parser: argparse.ArgumentParser) -> None:
    group = parser.add_argument_group("configuration")
    group.add_argument("--config", default="", metavar="FILE", help="the one configuration file that counts")
    group.add_argument("--isolated", action="store_true", help="read no configuration file")
    group.add_argument("--project-root", default="", metavar="FOLDER", help="the root of the project")
    group.add_argument("--no-project", action="store_true", help="look at nothing but the Dockerfile itself")


def explain_parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog=f"{PROGRAM} explain", description="Tell what a check finds, and why that is bad.", allow_abbrev=False
    )
    parser.add_argument("code", nargs="?", default="", metavar="CODE", help="a code or name; none lists all checks")
    parser.add_argument("--color", choices=("auto", "always", "never"), default="auto", help="colour (default: auto)")
    return parser


def lsp_parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog=f"{PROGRAM} lsp",
        description="Serve an editor: a language server.",
        allow_abbrev=False,
    )
    way = parser.add_mutually_exclusive_group()
    way.add_argument("--stdio", action="store_true", help="over standard input and output (default)")
    way.add_argument("--tcp", default="", metavar="[HOST:]PORT", help="wait for an editor there (host: 127.0.0.1)")
    _add_configuration(parser)
    return parser


def init_parser() -> argparse.ArgumentParser:
    """Of `init`."""
    return argparse.ArgumentParser(
        prog=f"{PROGRAM} init",
        description="Write a first configuration: into pyproject.toml, or where there is none .lint-multistage.toml.",
        allow_abbrev=False,
    )


def completion_parser() -> argparse.ArgumentParser:
    """Of `completion`."""
    parser = argparse.ArgumentParser(
        prog=f"{PROGRAM} completion",
        description="Print a script that completes commands, options and their values.",
        epilog='bash: eval "$(lint-multistage completion bash)"; zsh: a file _lint-multistage in a folder of fpath; '
        "fish: ~/.config/fish/completions/lint-multistage.fish",
        allow_abbrev=False,
    )
    parser.add_argument("shell", choices=SHELLS, help="whose script to print")
    return parser


PARSERS: dict[str, Callable[[], argparse.ArgumentParser]] = {
    "lint": lint_parser,
    "graph": graph_parser,
    "targets": targets_parser,
    "explain": explain_parser,
    "init": init_parser,
    "completion": completion_parser,
    "lsp": lsp_parser,
}
"""The commands; `lint` is meant where none is named."""
