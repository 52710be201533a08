"""The commands of a stage's RUNs, with the RUN of each and where it runs."""

from __future__ import annotations

from collections.abc import Iterator

from lint_multistage.contents.products import Product
from lint_multistage.contents.stage import joined
from lint_multistage.model.scope import expanded
from lint_multistage.model.stages import Stage
from lint_multistage.survey import Survey
from lint_multistage.syntax.instructions import Instruction, Run
from lint_multistage.syntax.shell import read_script
from lint_multistage.syntax.shell_commands import Command, Script


def lineage(survey: Survey, stage: Stage) -> list[Stage]:
    """The stage and those that it is FROM, the first of them first."""
    found = [stage]
    while (parent := found[0].parent) is not None:
        found.insert(0, survey.stages[parent])
    return found


def instructions(survey: Survey, stage: Stage) -> list[Instruction]:
    """All instructions that run in the stage, those of what it is FROM first."""
    return [instruction for each in lineage(survey, stage) for instruction in each.instructions]


def text_of(survey: Survey, stage: Stage) -> str:
    """The text of all that runs in the stage."""
    return "\n".join(survey.dockerfile.source[each.span] for each in instructions(survey, stage))


def scripts(survey: Survey, stage: Stage) -> Iterator[tuple[Run, Script]]:
    """The RUNs of the stage and of what it is FROM, and what each runs."""
    contents = survey.contents(stage.index)
    directory = survey.start(lineage(survey, stage)[0].index).directory
    escape = survey.dockerfile.escape
    for instruction in instructions(survey, stage):
        if isinstance(instruction, Run):
            yield (
                instruction,
                read_script(
                    instruction,
                    survey.dockerfile.source,
                    shell=contents.shell,
                    variables=contents.variables,
                    directory=directory,
                    escape=escape,
                ),
            )
        elif instruction.keyword.text == "WORKDIR":
            directory = joined(directory, expanded(instruction.value.text, contents.variables, escape))


def command_of(survey: Survey, stage: Stage, product: Product) -> tuple[Run, Command] | None:
    """The command that makes a product, and its RUN; None where it stands in a script that RUN only calls."""
    for run, script in scripts(survey, stage):
        if run.span.start <= product.span.start < run.span.end:
            # The last that begins before it: a wrapper's own words come first.
            found = [each for each in script.commands if each.span.start <= product.span.start < each.span.end]
            return (run, found[-1]) if found else None
    return None
