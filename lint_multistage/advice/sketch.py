"""The lines of two stages: the one that builds, and the one that ships. `…` stands for what stays as it is."""

from __future__ import annotations

import re
from collections.abc import Sequence

from lint_multistage.advice.artefacts import Artefacts, artefacts, covers, in_words
from lint_multistage.advice.runtime import RunsOn
from lint_multistage.contents.products import Product
from lint_multistage.contents.stage import Contents
from lint_multistage.contents.started import started
from lint_multistage.model.scope import expanded
from lint_multistage.model.stages import Stage
from lint_multistage.survey import Survey
from lint_multistage.syntax.instructions import Add, Copy, Env, Instruction

_LONGEST_LINE = 100
_TAKEN_OVER = ("HEALTHCHECK", "USER", "VOLUME")
_FOR_BUILDING = re.compile(
    r"(?:CGO|GO|CARGO|RUST|CC|CXX|C|CPP|LD|MAKE|CMAKE|MAVEN|MVN|GRADLE|SBT|DEBIAN|DEBCONF|NUGET|PIP|POETRY|UV|NPM|YARN)"
    r"(?:\w*(?:FLAGS|_\w+|PATH|PROXY|ROOT|BIN|OS|ARCH|ARM|HOME|OPTS)|\d\w*)?|(?:APP_|\w*_)?VERSION"
)


def indented(head: str, lines: Sequence[str]) -> str:
    """A hint: a sentence and the lines to paste."""
    return "\n".join([head, *(f"  {line}" for line in lines)])


def two_stage_sketch(survey: Survey, stage: Stage, runtime: RunsOn | None, built: Sequence[Product]) -> str:
    """The hint that shows both stages, for a stage that makes what was `built`."""
    contents = survey.contents(stage.index)
    name = builder_name(survey, stage)
    needed = artefacts(contents, built)
    if runtime is None:
        told = [f"'{path}'" for path in needed.paths]
        told += [in_words(needed.unknown, survey.dockerfile.source)] if needed.unknown or not told else []
        what = " and ".join([", ".join(told[:-1]), told[-1]] if len(told) > 1 else told)
        return f"build in this stage, and copy {what} into a last one without the toolchain"
    head = "build in this stage and ship another one"
    if runtime.shown != runtime.image:
        head += f" on {runtime.shown}"
    if runtime.open:
        head += ", N being the version in the builder"
    if needed.unknown:
        head += f"; copy {in_words(needed.unknown, survey.dockerfile.source)} with COPY --from={name}"
    lines = [named_from(survey, stage, name), "…", f"FROM {runtime.image}", *copies(name, needed)]
    rest = _taken_over(survey, stage, needed.paths)
    lines += [f"…  ({rest})"] if rest else []
    return indented(f"{head}:", [*lines, *start_lines(survey, contents)])


def copy_lines(name: str, paths: Sequence[str]) -> list[str]:
    """`COPY --from` for each path, to the same place."""
    return [f"COPY --from={name} {path} {path}" for path in paths]


def copies(name: str, needed: Artefacts) -> list[str]:
    """The lines that copy what is needed, as far as its paths are known."""
    more = [f"COPY --from={name} …  ({needed.more} more)"] if needed.more else []
    return [*copy_lines(name, needed.paths), *more]


def builder_name(survey: Survey, stage: Stage) -> str:
    """The stage's own name, or one for it that no other stage has."""
    if stage.from_.name:
        return stage.from_.name.text
    taken = {other.name for other in survey.stages}
    return next(name for name in ("builder", "build", *(f"build-{n}" for n in range(1, 10_000))) if name not in taken)


def named_from(survey: Survey, stage: Stage, name: str) -> str:
    """The stage's FROM as written, with a name."""
    flags = "".join(f"{survey.dockerfile.source[flag.span]} " for flag in stage.from_.flags)
    return f"FROM {flags}{stage.from_.base.text} AS {name}"


def start_lines(survey: Survey, contents: Contents) -> list[str]:
    """ENTRYPOINT and CMD as they stand, and the WORKDIR where they need it."""
    lines = [line for line in (_written(survey, contents.entrypoint), _written(survey, contents.command)) if line]
    relative = any(start.relative for start in started(contents))
    if lines and contents.directory not in (None, "/") and relative:
        lines.insert(0, f"WORKDIR {contents.directory}")
    return lines


def _written(survey: Survey, instruction: Instruction | None) -> str:
    """An instruction to be taken over, "" for one that says nothing."""
    if instruction is None or (instruction.json and not instruction.words):
        return ""
    text = survey.dockerfile.source[instruction.span].strip()
    return f"{instruction.keyword.text} …" if "\n" in text or len(text) > _LONGEST_LINE else text


def _taken_over(survey: Survey, stage: Stage, paths: Sequence[str]) -> str:
    """Which instructions of the stage the one that ships needs too: `ENV and USER as they stand`; "" for none."""
    found = {instruction.keyword.text for instruction in stage.instructions if instruction.keyword.text in _TAKEN_OVER}
    for instruction in stage.instructions:
        if isinstance(instruction, Env):
            names = [setting.name.text for setting in instruction.settings]
            if not all(name == "PATH" or _FOR_BUILDING.fullmatch(name) for name in names):
                found.add("ENV")
    if _brings_more(survey, stage, paths):
        found.add("COPY")
    names = sorted(found)
    if not names:
        return ""
    listed = names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"
    return f"{listed} as {'it stands' if len(names) == 1 else 'they stand'}"


def _brings_more(survey: Survey, stage: Stage, paths: Sequence[str]) -> bool:
    """Whether files are copied beside the sources, to where none of `paths` takes them along."""
    contents = survey.contents(stage.index)
    last = max((product.span.start for product in contents.products if product.certain), default=-1)
    for instruction in stage.instructions:
        if isinstance(instruction, Copy | Add) and instruction.span.start > last:
            destination = expanded(instruction.destination.text, contents.variables, survey.dockerfile.escape)
            if destination and destination.startswith("/") and not any(covers(path, destination) for path in paths):
                return True
    return False
