from __future__ import annotations

from collections.abc import Iterator

from lint_multistage.api import Check, Elsewhere, Finding, Fix, Invalid, Related, Safety, Severity, Span, Survey, Valid
from lint_multistage.model.similar import nearest

_SHOWN = 6


class UnknownTarget(Check):
    """A build file asks for a stage that the Dockerfile does not have.

    ## Why is this bad?
    That build fails with "target stage could not be found". Compose, bake, workflows and Makefiles name a stage in
    their own file, so a renamed stage is easily forgotten there. A number is never a target.

    The finding is placed in the build file, and so is a comment that allows it: above the command or at its end.

    ## Fix safety
    Unsafe: it writes the name that comes nearest into the build file.
    """

    code = "MS202"
    severity = Severity.ERROR
    valid = (
        Valid("FROM golang AS build\nFROM alpine AS final\n", asked=("build", "FINAL", "")),
        Valid("FROM golang AS build\nFROM alpine\n"),
    )
    invalid = (
        Invalid(
            "«»FROM golang AS build\nFROM alpine AS production\n",
            asked=("prodution",),
            words="production",
            message="no stage 'prodution'",
            hint="did you mean 'production'?",
        ),
        Invalid("«»FROM golang AS build\nFROM alpine AS production\n", asked=("0",), hint="build, production"),
    )

    def check(self, survey: Survey) -> Iterator[Finding]:
        stages = {stage.name: stage for stage in survey.stages if stage.name}
        path = survey.dockerfile.source.path
        for target in survey.build.unknown_targets:
            found = nearest(target.name.lower(), stages)
            shown = ", ".join(list(stages)[:_SHOWN]) + (" …" if len(stages) > _SHOWN else "")
            named = f"its stages are {shown}" if stages else "none of its stages has a name"
            place = target.place
            build = f"the build of '{target.by}'" if target.by else "this build"
            yield Finding(
                span=Span(0, 0),
                message=f"{path} has no stage '{target.name}': {build} fails",
                hint=f"did you mean '{found}'?" if found else named,
                related=tuple(
                    Related(f"stage '{stage.label}'", stage.from_.base.span)
                    for stage in ([stages[found]] if found else [*stages.values()][:_SHOWN])
                ),
                elsewhere=Elsewhere(place.path, place.line, place.column, target.name),
                fix=Fix(f"Write '{found}'", (), Safety.UNSAFE, found) if found and target.written else None,
            )
