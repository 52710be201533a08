"""What is said of a program whose shared library is not there."""

from __future__ import annotations

import re

from lint_multistage.contents.libraries import Missing
from lint_multistage.findings import Finding, Related
from lint_multistage.survey import Survey
from lint_multistage.wording import bare

_FULL = {
    "libgcc_s": "libgcc_s.so.1",
    "libstdc++": "libstdc++.so.6",
}


def lacks_library(survey: Survey, missing: Missing) -> Finding:
    """The finding for one COPY and one library."""
    placed, product, package = missing.arrival.placed, missing.product, missing.package
    base = bare(survey.graph.root(missing.stage).shown_base)
    related = [Related(f"'{product.command}' builds it here", product.span)]
    if package is not None:
        related.append(Related(f"'{package.plain}' is installed here", package.span))
    name = _FULL.get(missing.library, f"{missing.library}.so")
    return Finding(
        span=placed.word.span,
        message=(
            f"'{placed.word.text}' is linked with {missing.library}, and '{base}' does not have it: it stops with"
            f" 'error while loading shared libraries: {name}'"
        ),
        hint=_hint(survey, missing),
        stage=placed.stage,
        related=tuple(related),
        cause=("library", placed.stage, placed.instruction.line, placed.word.span.start),
        data={"library": missing.library},
    )


def _hint(survey: Survey, missing: Missing) -> str:
    contents = survey.contents(missing.stage.index)
    label = missing.stage.label
    image = contents.image
    base = survey.graph.root(missing.stage).shown_base
    name = image.repositories[0] if image else ""
    if "distroless" in name:
        if missing.package is None:
            cc = re.sub(r"/base(?:-nossl)?", "/cc", bare(base))
            return f"start stage '{label}' FROM {cc}, which has it"
        return f"start stage '{label}' FROM debian:stable-slim, and install {missing.runtime}"
    if name == "busybox":
        return f"start stage '{label}' FROM an image that has it, such as gcr.io/distroless/cc-debian12"
    if name == "alpine":
        return f"RUN apk add --no-cache {missing.runtime}"
    return f"install it in stage '{label}': {missing.runtime}"
