"""`lint-multistage completion`: scripts for shells, made of the parsers, so that they know what those know."""

from __future__ import annotations

import shlex
from argparse import Action, ArgumentParser, Namespace
from collections.abc import Iterator

from msgspec import Struct

from lint_multistage.commands.parsers import PARSERS, PROGRAM
from lint_multistage.commands.terminal import put
from lint_multistage.findings import Severity
from lint_multistage.plugins import load_plugins


class Option(Struct, frozen=True):
    """An option as shells see it: its flags, its help, whether a value follows, what that may be, whether it is a file,
    and whether several values stand in one word, with commas.
    """

    flags: tuple[str, ...]
    about: str
    valued: bool
    values: tuple[str, ...] = ()
    files: bool = False
    several: bool = False


def run(arguments: Namespace) -> int:
    """Print the script of a shell, and give the exit status."""
    commands = {name: list(_options(parser())) for name, parser in PARSERS.items()}
    put({"bash": _bash, "zsh": _zsh, "fish": _fish}[arguments.shell](commands))
    return 0


def _options(parser: ArgumentParser) -> Iterator[Option]:
    plugins = load_plugins()
    codes = tuple(check.code for check in plugins.checks)
    known = {
        "--format": tuple(plugins.reports) if parser.prog == PROGRAM else (),
        "--fail-on": tuple(severity.value for severity in Severity),
        **dict.fromkeys(("--select", "--ignore", "--extend-select", "--extend-ignore", "--fix-only"), codes),
    }
    for action in parser._actions:
        flag = next((name for name in action.option_strings if name.startswith("--")), "")
        if not action.option_strings:
            if values := _positional(action, codes):
                yield Option((), action.help or "", True, values)
            continue
        values = known.get(flag) or tuple(map(str, action.choices or ()))
        yield Option(
            tuple(action.option_strings),
            " ".join((action.help or "").split()),
            action.nargs != 0,
            values,
            action.metavar in ("FILE", "FOLDER"),
            values == codes,
        )


def _positional(action: Action, codes: tuple[str, ...]) -> tuple[str, ...]:
    """What stands in the place of a file, where that is a word of a list."""
    if action.metavar == "CODE":
        return codes
    return tuple(map(str, action.choices or ()))


def _words(commands: dict[str, list[Option]], name: str) -> tuple[str, ...]:
    """What may stand without a flag behind a command."""
    return next((option.values for option in commands[name] if not option.flags), ())


def _bash(commands: dict[str, list[Option]]) -> str:
    flags = "".join(
        f"    {name}) flags={shlex.quote(' '.join(flag for option in options for flag in option.flags))};;\n"
        for name, options in commands.items()
    )
    values = "".join(
        f"    {_bash_case(name, option)}) {_bash_values(option)}; return;;\n"
        for name, options in commands.items()
        for option in options
        if option.flags and option.valued
    )
    plain = "".join(
        f'    {name}) COMPREPLY=($(compgen -W {shlex.quote(" ".join(words))} -- "$cur")); return;;\n'
        for name in commands
        if (words := _words(commands, name))
    )
    names = " ".join(commands)
    return f"""# Completion of {PROGRAM} in bash: eval "$({PROGRAM} completion bash)"
_lint_multistage() {{
  local cur=${{COMP_WORDS[COMP_CWORD]}} prev=${{COMP_WORDS[COMP_CWORD-1]}} command=lint flags=
  # Bash takes --flag=value apart.
  if [[ $cur == = ]]; then cur=; elif [[ $prev == = ]]; then prev=${{COMP_WORDS[COMP_CWORD-2]}}; fi
  if (( COMP_CWORD > 1 )) && [[ " {names} " == *" ${{COMP_WORDS[1]}} "* ]]; then command=${{COMP_WORDS[1]}}; fi
  case "$command $prev" in
{values}  esac
  case $command in
{flags}  esac
  if [[ $cur == -* ]]; then
    COMPREPLY=($(compgen -W "$flags" -- "$cur"))
    return
  fi
  case $command in
{plain}  esac
  COMPREPLY=($(compgen -f -- "$cur"))
  if (( COMP_CWORD == 1 )); then COMPREPLY+=($(compgen -W "{names}" -- "$cur")); fi
}}
_lint_multistage_list() {{
  local done=
  if [[ $2 == *,* ]]; then done=${{2%,*}},; fi
  COMPREPLY=($(compgen -P "$done" -W "$1" -- "${{2##*,}}"))
}}
complete -o filenames -o bashdefault -F _lint_multistage {PROGRAM}
"""


def _bash_case(command: str, option: Option) -> str:
    return "|".join(f'"{command} {flag}"' for flag in option.flags)


def _bash_values(option: Option) -> str:
    words = shlex.quote(" ".join(option.values))
    if option.several:
        return f'_lint_multistage_list {words} "$cur"'
    if option.values:
        return f'COMPREPLY=($(compgen -W {words} -- "$cur"))'
    return 'COMPREPLY=($(compgen -f -- "$cur"))' if option.files else "COMPREPLY=()"


def _zsh(commands: dict[str, list[Option]]) -> str:
    cases = "".join(
        f"    {name})\n      _arguments -s \\\n"
        + "".join(f"        {spec} \\\n" for option in options for spec in _zsh_specs(option))
        + f"        {_zsh_rest(_words(commands, name))}\n      ;;\n"
        for name, options in commands.items()
    )
    names = " ".join(commands)
    return f"""#compdef {PROGRAM}
# Completion of {PROGRAM} in zsh: a file _{PROGRAM} in a folder of $fpath.
local command=lint
local -a commands=({names})
if (( CURRENT == 2 )) && [[ $words[2] != -* ]]; then
  _alternative 'commands:command:({names})' 'files:file:_files'
  return
fi
if (( ${{commands[(Ie)$words[2]]}} )); then
  command=$words[2]
  shift words
  (( CURRENT-- ))
fi
case $command in
{cases}esac
"""


def _zsh_specs(option: Option) -> Iterator[str]:
    about = "".join(f"\\{char}" if char in "[]:\\" else char for char in option.about)
    value = ""
    if option.several:
        value = f":code:_values -s , code {' '.join(option.values)}"
    elif option.values:
        value = f":value:({' '.join(option.values)})"
    elif option.valued:
        value = ":file:_files" if option.files else ":value: "
    for flag in option.flags:
        yield shlex.quote(f"*{flag}{'=' if value and flag.startswith('--') else ''}[{about}]{value}")


def _zsh_rest(words: tuple[str, ...]) -> str:
    return shlex.quote(f"1:what:({' '.join(words)})") if words else "'*:file:_files'"


def _fish(commands: dict[str, list[Option]]) -> str:
    others = " ".join(name for name in commands if name != "lint")
    lines = [f"# Completion of {PROGRAM} in fish: ~/.config/fish/completions/{PROGRAM}.fish"]
    for name in commands:
        about = " ".join((PARSERS[name]().description or "").split()).partition(":")[0]
        lines.append(f"complete -c {PROGRAM} -n __fish_use_subcommand -a {name} -d {_fish_quoted(about)}")
    for name, options in commands.items():
        seen = f"not __fish_seen_subcommand_from {others}" if name == "lint" else f"__fish_seen_subcommand_from {name}"
        for option in options:
            lines.append(f"complete -c {PROGRAM} -n {_fish_quoted(seen)}{_fish_option(option)}")
    return "\n".join(lines) + "\n"


def _fish_option(option: Option) -> str:
    flags = "".join(f" -l {flag[2:]}" if flag.startswith("--") else f" -s {flag[1:]}" for flag in option.flags)
    value = " -r" if option.valued and option.flags else ""
    if option.several:
        value = f" -x -a '(__fish_append , {' '.join(option.values)})'"
    elif option.values:
        value = f"{' -x' if option.flags else ' -f'} -a {_fish_quoted(' '.join(option.values))}"
    elif option.files:
        value = " -r -F"
    return f"{flags}{value} -d {_fish_quoted(option.about)}"


def _fish_quoted(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace("'", "\\'")
    return f"'{escaped}'"
