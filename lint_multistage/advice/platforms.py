"""What is said of a stage on the platform of the machine that builds, and the two ways out."""

from __future__ import annotations

from lint_multistage.contents.platforms import Foreign
from lint_multistage.findings import Finding, Fix, Related, Safety
from lint_multistage.survey import Survey
from lint_multistage.text import Edit, Span

_CROSS = {
    "go": "'ARG TARGETOS TARGETARCH' and 'GOOS=$TARGETOS GOARCH=$TARGETARCH {command}'",
    "rust": "'ARG TARGETARCH' and '{command} --target' with the triple of that processor",
}
_ANY = "'ARG TARGETPLATFORM' and a cross-compiler for it, as tonistiigi/xx sets it up"


def wrong_platform(survey: Survey, foreign: Foreign) -> Finding:
    """The finding of a stage that ships, or of a program that is built, on the builder's own platform."""
    if foreign.arrival is None:
        return _stage(survey, foreign)
    arrival = foreign.arrival
    product = arrival.products[-1]
    cross = _CROSS.get(product.ecosystem, _ANY).format(command=product.command)
    return Finding(
        span=foreign.flag.span,
        message=(
            f"'{product.command}' in stage '{survey.stages[arrival.made].label}' builds for the machine that builds, "
            f"and stage '{foreign.stage.label}' ships it: on any other platform, 'exec format error'"
        ),
        hint=f"cross-compile: {cross}; or build in 'FROM {foreign.root.shown_base}' without --platform, emulated",
        stage=foreign.root.index,
        related=(
            Related(f"'{product.command}' builds it here", product.span),
            Related(f"stage '{foreign.stage.label}' takes it here", arrival.placed.word.span),
        ),
        cause=("platform", foreign.root.index),
    )


def _stage(survey: Survey, foreign: Foreign) -> Finding:
    root, stage = foreign.root, foreign.stage
    via = "" if root.index == stage.index else f", being FROM '{root.label}',"
    text = survey.dockerfile.source.text
    end = foreign.flag.span.end
    while text[end : end + 1] in (" ", "\t"):
        end += 1
    edit = Edit(Span(foreign.flag.span.start, end), "")
    related = () if root.index == stage.index else (Related(f"stage '{stage.label}' ships", stage.from_.base.span),)
    return Finding(
        span=foreign.flag.span,
        message=(
            f"stage '{stage.label}' ships{via} for the platform of the machine that builds, whatever is asked for: "
            "elsewhere the base's programs end in 'exec format error', and the image names the wrong architecture"
        ),
        hint=f"write 'FROM {root.shown_base}': only stages whose results suit any platform belong on $BUILDPLATFORM",
        stage=root.index,
        related=related,
        fix=Fix("Build the stage for the target platform", (edit,), Safety.UNSAFE),
        cause=("platform", root.index),
    )
