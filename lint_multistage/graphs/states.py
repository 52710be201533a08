"""What becomes of each stage when the targets are built."""

from __future__ import annotations

from msgspec.structs import replace

from lint_multistage.model.build import Build
from lint_multistage.model.stages import StageGraph

SHIPS, NEEDED, PERHAPS, NOT_NEEDED = "ships", "needed", "perhaps", "not needed"


def stage_states(build: Build) -> list[str]:
    """One of the words above for each stage; `perhaps` is needed if an argument chooses it."""
    graph = build.dockerfile.graph
    shipped = {target.stage for target in build.targets}
    certain = StageGraph(graph.stages, tuple(replace(reference, alternatives=()) for reference in graph.references))
    needed, perhaps = certain.reached(shipped), graph.reached(shipped)

    def state(stage: int) -> str:
        if stage in shipped:
            return SHIPS
        return NEEDED if stage in needed else PERHAPS if stage in perhaps else NOT_NEEDED

    return [state(stage.index) for stage in graph.stages]
