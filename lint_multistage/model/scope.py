"""Which value a variable has where: global ARGs for FROM, ARG and ENV inside a stage.

Follows buildMetaArgs and dispatch in moby/buildkit frontend/dockerfile/dockerfile2llb/convert.go.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from msgspec import Struct

from lint_multistage.syntax.expansion import ExpansionError, expand
from lint_multistage.syntax.instructions import Arg, Env, Instruction
from lint_multistage.syntax.lines import Problem
from lint_multistage.syntax.quoting import shown

MOST_VARIABLES = 1_000
"""Variables of one stage whose values are followed; those set later are not known."""

PLATFORM: dict[str, str] = {
    "BUILDPLATFORM": "linux/amd64",
    "BUILDOS": "linux",
    "BUILDOSVERSION": "",
    "BUILDARCH": "amd64",
    "BUILDVARIANT": "",
    "TARGETPLATFORM": "linux/amd64",
    "TARGETOS": "linux",
    "TARGETOSVERSION": "",
    "TARGETARCH": "amd64",
    "TARGETVARIANT": "",
    "TARGETSTAGE": "default",
}
"""The platform arguments of an ordinary build on Linux. BuildKit sets them for FROM without any ARG."""


class GlobalScope(Struct, frozen=True):
    """The variables that FROM sees.

    `values` holds those that have one, platform arguments included. `declared` are the ARGs before the first FROM;
    `given` those whose value comes from a build argument.
    """

    values: dict[str, str]
    declared: frozenset[str]
    given: frozenset[str]


def read_globals(args: Iterable[Arg], build_args: Mapping[str, str], escape: str) -> tuple[GlobalScope, list[Problem]]:
    """Evaluate the ARGs before the first FROM, and say which of them BuildKit cannot expand."""
    values = dict(PLATFORM)
    declared: set[str] = set()
    problems: list[Problem] = []
    for arg in args:
        for setting in arg.settings:
            name = setting.name.text
            declared.add(name)
            if name in build_args:
                values[name] = build_args[name]
            elif setting.value is not None:
                try:
                    values[name] = expand(setting.value.text, values, escape).text
                except ExpansionError as error:
                    problems.append(
                        Problem(setting.value.span, f"cannot expand '{shown(setting.value.text)}': {error}")
                    )
    # Platform arguments can be given without any ARG.
    values |= {name: value for name, value in build_args.items() if name in PLATFORM}
    given = frozenset(name for name in build_args if name in declared or name in PLATFORM)
    return GlobalScope(values, frozenset(declared), given), problems


def after(
    instruction: Instruction, values: Mapping[str, str], scope: GlobalScope, build_args: Mapping[str, str], escape: str
) -> Mapping[str, str]:
    """The variables of a stage behind `instruction`, given those before it.

    A name that is missing has no value that is known: the base image or a build argument may set it.
    """
    if isinstance(instruction, Env):
        changed = {
            setting.name.text: expanded(setting.value.text, values, escape)
            for setting in instruction.settings
            if setting.value
        }
    elif isinstance(instruction, Arg):
        changed = {}
        for setting in instruction.settings:
            name = setting.name.text
            if name in build_args:
                changed[name] = build_args[name]
            elif setting.value is not None:
                changed[name] = expanded(setting.value.text, values, escape)
            else:
                changed[name] = scope.values.get(name)
    else:
        return values
    merged = {**values}
    for name, value in changed.items():
        if value is None:
            merged.pop(name, None)
        elif name in merged or len(merged) < MOST_VARIABLES:
            merged[name] = value
    return merged


def expanded(word: str, values: Mapping[str, str], escape: str) -> str | None:
    """`word` with its variables replaced; None where one of them has no known value."""
    try:
        expansion = expand(word, values, escape)
    except ExpansionError:
        return None
    return None if expansion.unset else expansion.text
