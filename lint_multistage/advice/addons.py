"""What to say of a package that cannot be loaded where it ships."""

from __future__ import annotations

from lint_multistage.contents.addons import Unloadable
from lint_multistage.findings import Finding, Related
from lint_multistage.survey import Survey
from lint_multistage.wording import bare


def unloadable(survey: Survey, found: Unloadable) -> Finding:
    """The finding for packages that are built for a C library which is not there."""
    label = survey.stages[found.made].label
    base = bare(survey.graph.root(found.stage).shown_base)
    return Finding(
        span=found.placed.word.span,
        message=(
            f"'{found.addon}' is installed for {found.needs} in stage '{label}', and '{base}' has {found.offers}: it"
            " will not load"
        ),
        hint=f"run '{found.product.command}' in a stage FROM '{base}', or ship FROM an image that has {found.needs}",
        stage=found.placed.stage,
        related=(Related(f"'{found.product.command}' installs it here", found.product.span),),
        cause=("libc", found.placed.stage, found.placed.instruction.line, found.placed.word.span.start),
        data={"needs": found.needs, "has": found.offers},
    )
