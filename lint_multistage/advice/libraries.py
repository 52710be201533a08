"""What is said of a program whose shared library is not there."""

from __future__ import annotations

import re

from lint_multistage.advice.linkage import statically
from lint_multistage.contents.libraries import Missing
from lint_multistage.contents.products.call import GLIBC, MUSL
from lint_multistage.findings import Finding, Fix, Related, Safety
from lint_multistage.late import late_regex
from lint_multistage.survey import Survey
from lint_multistage.text import Edit, Span
from lint_multistage.wording import bare

_FULL = {
    "libgcc_s": "libgcc_s.so.1",
    "libstdc++": "libstdc++.so.6",
}
_PACKAGE = late_regex(r"[a-z0-9][a-z0-9.+-]+")
_FROM_AND_MORE = 2


def lacks_library(survey: Survey, missing: Missing) -> Finding:
    """The finding for one COPY and one library."""
    placed, product, package = missing.arrival.placed, missing.product, missing.package
    base = bare(survey.graph.root(missing.stage).shown_base)
    related = [Related(f"'{product.command}' builds it here", product.span)]
    if package is not None:
        related.append(Related(f"'{package.plain}' is installed here", package.span))
    name = _file(missing)
    image = survey.contents(missing.stage.index).image
    # The words of musl's loader, and of glibc's.
    musl = image is not None and image.libc == MUSL
    error = "Error loading shared library" if musl else "error while loading shared libraries:"
    return Finding(
        span=placed.word.span,
        message=(
            f"'{placed.word.text}' is linked with {missing.library}, and '{base}' does not have it: it stops with"
            f" '{error} {name}'"
        ),
        hint=_hint(survey, missing),
        stage=placed.stage,
        related=tuple(related),
        fix=_fix(survey, missing),
        cause=("library", placed.stage, placed.instruction.line, placed.word.span.start),
        data={"library": missing.library},
    )


def _file(missing: Missing) -> str:
    """The name that the loader asks for. Debian's packages have the library's version in their name (Debian Policy,
    8.1: `libpq5`, `libsqlite3-0`).
    """
    dash = "-" if missing.library[-1].isdigit() else ""
    match = re.fullmatch(rf"{re.escape(missing.library)}{dash}(\d+(?:\.\d+)*)(?:t64)?", missing.runtime)
    return _FULL.get(missing.library) or (f"{missing.library}.so.{match[1]}" if match else f"{missing.library}.so")


def _hint(survey: Survey, missing: Missing) -> str:
    contents = survey.contents(missing.stage.index)
    label = missing.stage.label
    image = contents.image
    name = image.repositories[0] if image else ""
    static = _statically(missing)
    if "distroless" in name:
        if missing.package is None:
            return f"start stage '{label}' FROM {_with_gcc(survey, missing)}, which has it{static}"
        return f"start stage '{label}' FROM debian:stable-slim, and install {missing.runtime}{static}"
    if name == "busybox":
        return f"start stage '{label}' FROM an image that has it, such as gcr.io/distroless/cc-debian12{static}"
    if not _PACKAGE.fullmatch(missing.runtime):
        return f"install it in stage '{label}': {missing.runtime}{static}"
    return f"install it in stage '{label}': {_line(name, missing.runtime)}{static}"


def _statically(missing: Missing) -> str:
    """The other way out, as the end of a sentence; "" where it is not known to work."""
    if missing.library == "libstdc++":
        return ", or link with -static-libstdc++ -static-libgcc"
    if missing.package is not None and missing.product.ecosystem == "go":
        return ""
    way = statically(missing.product, GLIBC if missing.library == "libgcc_s" else "")
    return f", or {way}" if way else ""


def _line(name: str, package: str) -> str:
    if name == "alpine":
        return f"RUN apk add --no-cache {package}"
    return f"RUN apt-get update && apt-get install -y --no-install-recommends {package} && rm -rf /var/lib/apt/lists/*"


def _with_gcc(survey: Survey, missing: Missing) -> str:
    """The distroless image that is like the one that is there, with libgcc and libstdc++."""
    return re.sub(r"/base(?:-nossl)?", "/cc", bare(survey.graph.root(missing.stage).shown_base))


def _fix(survey: Survey, missing: Missing) -> Fix | None:
    """Install the library beside what the stage installs, else by a line of its own; or start FROM the image of the
    same family that has it. None where the package is not known by one name, or FROM is another stage's too.
    """
    stage = missing.stage
    contents = survey.contents(stage.index)
    name = contents.image.repositories[0] if contents.image else ""
    if "distroless/base" in name and missing.package is None:
        if stage.parent is not None or "$" in stage.from_.base.text:
            return None
        image = _with_gcc(survey, missing)
        return Fix(f"Start FROM {image}", (Edit(stage.from_.base.span, image),), Safety.UNSAFE)
    if name not in ("alpine", "debian", "ubuntu") or not _PACKAGE.fullmatch(missing.runtime):
        return None
    title = f"Install {missing.runtime}"
    source = survey.dockerfile.source
    for each in reversed(contents.packages):
        own = stage.from_.span.end <= each.span.start <= stage.instructions[-1].span.end
        if own and each.certain and not each.by and source[each.span] == each.name:
            at = Span(each.span.end, each.span.end)
            return Fix(title, (Edit(at, f" {missing.runtime}"),), Safety.UNSAFE)
    if stage.parent is not None or len(stage.instructions) < _FROM_AND_MORE:
        return None
    at = Span(stage.instructions[1].span.start, stage.instructions[1].span.start)
    return Fix(title, (Edit(at, f"{_line(name, missing.runtime)}\n"),), Safety.UNSAFE)
