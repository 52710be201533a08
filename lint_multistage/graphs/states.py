"""What becomes of each stage when the targets are built."""

from __future__ import annotations

from msgspec.structs import replace

from lint_multistage.model.build import Build
from lint_multistage.model.stages import StageGraph
from lint_multistage.roles import stage_role

SHIPS, BUILT, NEEDED, PERHAPS, NOT_NEEDED = "ships", "built", "needed", "perhaps", "not needed"


def stage_states(build: Build) -> list[str]:
    """One of the words above for each stage: `built` is for another end than to be run, `perhaps` is needed if an
    argument chooses it, or a file that could not be read builds it.
    """
    graph = build.dockerfile.graph
    built = {target.stage for target in build.targets}
    certain = StageGraph(graph.stages, tuple(replace(reference, alternatives=()) for reference in graph.references))
    needed = certain.reached(built)
    perhaps = graph.reached((*built, *(target.stage for target in build.perhaps)))

    def state(stage: int) -> str:
        if stage in built:
            return SHIPS if stage_role(build, stage).runs else BUILT
        return NEEDED if stage in needed else PERHAPS if stage in perhaps else NOT_NEEDED

    return [state(stage.index) for stage in graph.stages]
