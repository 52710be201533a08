"""The lines of two stages: the one that builds, and the one that ships. `…` stands for what stays as it is."""

from __future__ import annotations

import re
from collections.abc import Sequence

from lint_multistage.advice.artefacts import Artefacts, artefacts, in_words
from lint_multistage.advice.commands import instructions
from lint_multistage.advice.installs import Installs, installs
from lint_multistage.advice.probable import probably
from lint_multistage.advice.runtime import RunsOn
from lint_multistage.contents.carried import INSTALLER, PACKAGE
from lint_multistage.contents.paths import holds
from lint_multistage.contents.products import Product
from lint_multistage.contents.products.call import STATIC
from lint_multistage.contents.stage import Contents
from lint_multistage.contents.started import started
from lint_multistage.late import late_regex
from lint_multistage.model.scope import expanded
from lint_multistage.model.stages import Stage
from lint_multistage.survey import Survey
from lint_multistage.syntax.instructions import Add, Copy, Env, Instruction, Run

_LONGEST_LINE = 100
_MOST_RUNS = 3
_ADDS_USER = late_regex(r"\b(?:useradd|adduser)\b")
_FETCHES_PROGRAM = late_regex(r"(?s)\b(?:curl|wget)\b.*(?:/bin/|/bin\b|/opt/)")
_TAKEN_OVER = ("HEALTHCHECK", "USER", "VOLUME")
_FOR_BUILDING = late_regex(
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
    likely = probably(survey, stage, needed.unknown, needed.paths, name)
    unknown = [product for product in needed.unknown if product not in likely.products]
    linked = not built or any(product.link != STATIC for product in built)
    packages = installs(survey, stage, runtime.image, linked=linked)
    head = "build in this stage and ship another one"
    if runtime.shown != runtime.image:
        head += f" on {runtime.shown}"
    if runtime.open:
        head += ", N being the version in the builder"
    if unknown:
        head += f"; copy {in_words(unknown, survey.dockerfile.source)} with COPY --from={name}"
    lines = [named_from(survey, stage, name), *likely.first, "…", shipped_from(survey, stage, runtime.image)]
    lines += [packages.line] if packages.line else []
    lines += [*copies(name, needed), *likely.copies]
    certificates = _certificates(contents, built, runtime, packages)
    rest = "; ".join([*packages.notes, *certificates, *_taken_over(survey, stage, needed.paths)])
    lines += [f"…  ({rest})"] if rest else []
    return indented(f"{head}:", [*lines, *start_lines(survey, contents)])


def _certificates(contents: Contents, built: Sequence[Product], runtime: RunsOn, packages: Installs) -> list[str]:
    """What a slim image of Debian lacks where a program speaks TLS, and the image that builds has."""
    full = contents.image is not None and contents.image.role == "toolchain"
    if not full or not re.match(r"(?:debian|ubuntu):", runtime.image) or "ca-certificates" in packages.line:
        return []
    ecosystems = {product.ecosystem for product in built}
    if "rust" in ecosystems:
        return ["ca-certificates and OpenSSL's library where it speaks TLS"]
    return ["ca-certificates where it speaks TLS"] if "go" in ecosystems else []


def shipped_from(survey: Survey, stage: Stage, image: str) -> str:
    """The FROM of the stage that ships, on the platform that is asked for: what is copied is built for it."""
    flags = [survey.dockerfile.source[flag.span] for flag in stage.from_.flags]
    return " ".join(["FROM", *(flag for flag in flags if "BUILDPLATFORM" not in flag), image])


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


def _taken_over(survey: Survey, stage: Stage, paths: Sequence[str]) -> list[str]:
    """What of the stage the one that ships needs too: `ENV and USER as they stand`, `the RUN of line 4`."""
    found = {instruction.keyword.text for instruction in stage.instructions if instruction.keyword.text in _TAKEN_OVER}
    for instruction in stage.instructions:
        if isinstance(instruction, Env):
            names = [setting.name.text for setting in instruction.settings]
            if not all(name == "PATH" or _FOR_BUILDING.fullmatch(name) for name in names):
                found.add("ENV")
    if _brings_more(survey, stage, paths):
        found.add("COPY")
    told: list[str] = []
    if found:
        names = sorted(found)
        listed = names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"
        told.append(f"{listed} as {'it stands' if len(names) == 1 else 'they stand'}")
    if lines := [str(line) for line in _preparing(survey, stage)[:_MOST_RUNS]]:
        several = f"the RUNs of lines {', '.join(lines[:-1])} and {lines[-1]}"
        told.append(f"what it needs of {several if len(lines) > 1 else f'the RUN of line {lines[0]}'}")
    return told


def _preparing(survey: Survey, stage: Stage) -> list[int]:
    """The lines of the RUNs that make a user, or fetch a program that is no toolchain and is not copied."""
    contents = survey.contents(stage.index)
    spans = [product.span for product in contents.products]
    brought = {each.line for each in contents.carried if each.via in (INSTALLER, PACKAGE)}
    found: list[int] = []
    for instruction in instructions(survey, stage):
        if isinstance(instruction, Run) and instruction.line not in brought:
            text = survey.dockerfile.source[instruction.span]
            builds = any(instruction.span.start <= span.start < instruction.span.end for span in spans)
            if _ADDS_USER.search(text) or (not builds and _FETCHES_PROGRAM.search(text)):
                found.append(instruction.line)
    return found


def _brings_more(survey: Survey, stage: Stage, paths: Sequence[str]) -> bool:
    """Whether files are copied beside the sources, to where none of `paths` takes them along."""
    contents = survey.contents(stage.index)
    last = max((product.span.start for product in contents.products if product.certain), default=-1)
    for instruction in stage.instructions:
        if isinstance(instruction, Copy | Add) and instruction.span.start > last:
            destination = expanded(instruction.destination.text, contents.variables, survey.dockerfile.escape)
            if (
                destination
                and destination.startswith("/")
                and not any(
                    holds(path, destination) or path.rpartition("/")[0] == destination.rstrip("/") for path in paths
                )
            ):
                return True
    return False
