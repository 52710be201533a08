"""The commands of a stage's RUNs, with the RUN of each and where it runs."""

from __future__ import annotations

from collections.abc import Iterator

from lint_multistage.contents.paths import joined
from lint_multistage.contents.products import Product
from lint_multistage.contents.stage import Contents
from lint_multistage.model.scope import expanded
from lint_multistage.model.stages import Stage
from lint_multistage.survey import Survey
from lint_multistage.syntax.instructions import Instruction, Run
from lint_multistage.syntax.shell import read_script
from lint_multistage.syntax.shell_commands import Command, Script


def instructions(survey: Survey, stage: Stage) -> list[Instruction]:
    """All instructions that run in the stage, those of what it is FROM first."""
    return [instruction for each in survey.graph.lineage(stage) for instruction in each.instructions]


def text_of(survey: Survey, stage: Stage) -> str:
    """The text of all that runs in the stage."""
    return "\n".join(survey.dockerfile.source[each.span] for each in instructions(survey, stage))


def scripts(survey: Survey, stage: Stage) -> Iterator[tuple[Run, Script]]:
    """The RUNs of the stage and of what it is FROM, and what each runs."""
    contents = survey.contents(stage.index)
    directory = survey.start(survey.graph.root(stage).index).directory
    escape = survey.dockerfile.escape
    for instruction in instructions(survey, stage):
        if isinstance(instruction, Run):
            yield instruction, script_of(survey, contents, instruction, directory)
        elif instruction.keyword.text == "WORKDIR":
            directory = joined(directory, expanded(instruction.value.text, contents.variables, escape))


def script_of(survey: Survey, contents: Contents, run: Run, directory: str | None) -> Script:
    """What a RUN of the stage with `contents` runs in `directory`, with the variables of the stage's end."""
    return read_script(
        run,
        survey.dockerfile.source,
        shell=contents.shell,
        variables=contents.variables,
        directory=directory,
        escape=survey.dockerfile.escape,
    )


def command_of(survey: Survey, stage: Stage, product: Product) -> tuple[Run, Command] | None:
    """The command that makes a product, and its RUN; None where it stands in a script that RUN only calls."""
    for run, script in scripts(survey, stage):
        if run.span.start <= product.span.start < run.span.end:
            # The last that begins before it: a wrapper's own words come first.
            found = [each for each in script.commands if each.span.start <= product.span.start < each.span.end]
            return (run, found[-1]) if found else None
    return None
