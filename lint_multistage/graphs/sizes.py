"""The sizes of base images in a graph."""

from __future__ import annotations

from lint_multistage.advice.sizes import sizes_of_base
from lint_multistage.facts.sizes import Size
from lint_multistage.model.build import Build


def base_sizes(build: Build) -> dict[int, Size]:
    """The size of the base image of each stage that is FROM one, as far as it is known, by the stage's index.

    They stand side by side, so all are in one measure: the one in which more of them are known.
    """
    known = {stage.index: sizes_of_base(stage) for stage in build.dockerfile.stages if stage.parent is None}
    measured = [size.measure for sizes in known.values() for size in sizes.values()]
    measure = "compressed" if 2 * measured.count("compressed") >= len(measured) else "unpacked"
    return {index: size for index, sizes in known.items() for size in sizes.values() if size.measure == measure}
