"""The toolchains of images, and where they lie."""

from __future__ import annotations

from collections.abc import Iterator

from lint_multistage.contents.carried import BASE, BUNDLED, Carried
from lint_multistage.facts import Facts, Image
from lint_multistage.model.images import ImageReference, parse_image
from lint_multistage.text import Span

# Where the packages of a distribution lie.
_SYSTEM = "/usr"


def image_toolchains(
    base: ImageReference, image: Image, stage: int, line: int, span: Span, facts: Facts
) -> Iterator[Carried]:
    """The toolchains of a base image, by the place where they lie."""
    if image.role not in ("toolchain", "bundled"):
        return
    by_place: dict[str | None, list[str]] = {}
    for name in image.toolchains:
        if facts.heavy(name):
            by_place.setdefault(_place(base, image, name, facts), []).append(name)
    via = BASE if image.role == "toolchain" else BUNDLED
    for path, names in by_place.items():
        yield Carried(
            toolchains=tuple(names),
            via=via,
            by=base.text.partition("@")[0],
            stage=stage,
            line=line,
            span=span,
            path=path,
        )


def _place(base: ImageReference, image: Image, toolchain: str, facts: Facts) -> str | None:
    """Where a toolchain lies in an image: where that image has it, else where a package would put a compiler."""
    known = facts.place(base.name, toolchain)
    if known is None and image.distro != "windows":
        place = facts.package_place(toolchain)
        return place if place == _SYSTEM else None
    return known


def toolchains_of(name: str, stage: int, line: int, span: Span, facts: Facts) -> tuple[Carried, ...]:
    """The toolchains of the image `name`, for the instruction on `line` of stage number `stage` that reads it."""
    base = parse_image(name)
    image = None if isinstance(base, str) else facts.image(base.name, base.fact_tag)
    return (
        () if image is None or isinstance(base, str) else tuple(image_toolchains(base, image, stage, line, span, facts))
    )
