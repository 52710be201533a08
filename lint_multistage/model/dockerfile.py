"""A Dockerfile as a whole."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from msgspec import Struct

from lint_multistage.model.scope import GlobalScope, after, read_globals
from lint_multistage.model.stages import Stage, StageGraph, read_graph, read_stages
from lint_multistage.syntax.instructions import Arg, From, Instruction
from lint_multistage.syntax.lines import Comment, Directive, Problem
from lint_multistage.syntax.parse import KEYWORDS, parse
from lint_multistage.text import Source, Span

_EMPTY: Mapping[str, str] = {}


class Dockerfile(Struct, frozen=True):
    """A Dockerfile read under some build arguments.

    `before` are the instructions ahead of the first FROM (ARGs, where the file is right); `problems` are what BuildKit
    refuses about the text.
    """

    source: Source
    directives: tuple[Directive, ...]
    escape: str
    comments: tuple[Comment, ...]
    before: tuple[Instruction, ...]
    scope: GlobalScope
    build_args: Mapping[str, str]
    graph: StageGraph
    problems: tuple[Problem, ...]

    @property
    def stages(self) -> tuple[Stage, ...]:
        return self.graph.stages

    def directive(self, name: str) -> str:
        """The value of a parser directive, empty where there is none."""
        return next((directive.value for directive in self.directives if directive.name == name), "")

    def instructions(self) -> Iterator[Instruction]:
        """Every instruction in file order."""
        yield from self.before
        for stage in self.stages:
            yield from stage.instructions

    def with_variables(
        self, stage: int, inherited: Mapping[str, str] = _EMPTY
    ) -> Iterator[tuple[Instruction, Mapping[str, str]]]:
        """The instructions of a stage, each with the variables that have a known value before it.

        `inherited` are the variables at the end of the stage it is FROM, or those that its base image sets.
        """
        values = inherited
        for instruction in self.stages[stage].instructions:
            yield instruction, values
            values = after(instruction, values, self.scope, self.build_args, self.escape)


def read_dockerfile(source: Source, build_args: Mapping[str, str] = _EMPTY) -> Dockerfile:
    """Read `source`; never fails, whatever it holds."""
    syntax = parse(source)
    problems = list(syntax.problems)
    instructions = syntax.instructions
    first = next(
        (at for at, instruction in enumerate(instructions) if isinstance(instruction, From)), len(instructions)
    )
    before = instructions[:first]
    for instruction in before:
        if not isinstance(instruction, Arg) and instruction.keyword.text in KEYWORDS:
            keyword = instruction.keyword
            problems.append(
                Problem(keyword.span, f"{keyword.text} stands before the first FROM, where only ARG may stand")
            )
    if instructions and first == len(instructions) and not problems:
        problems.append(Problem(Span(0, 0), "the file has no FROM, so there is nothing to build"))
    scope, refused = read_globals((arg for arg in before if isinstance(arg, Arg)), build_args, syntax.escape)
    problems += refused
    stages = read_stages(instructions[first:], scope, syntax.escape)
    problems.sort(key=lambda problem: problem.span)
    return Dockerfile(
        source=source,
        directives=syntax.directives,
        escape=syntax.escape,
        comments=syntax.comments,
        before=before,
        scope=scope,
        build_args=build_args,
        graph=read_graph(stages),
        problems=tuple(problems),
    )
