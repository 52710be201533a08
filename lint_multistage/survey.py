"""One build under examination: what checks ask."""

from __future__ import annotations

from functools import cached_property

from lint_multistage.contents.stage import Contents, image_contents, stage_contents
from lint_multistage.facts import Facts
from lint_multistage.model.build import Build
from lint_multistage.model.dockerfile import Dockerfile
from lint_multistage.model.stages import Stage, StageGraph
from lint_multistage.roles import Role, stage_role
from lint_multistage.settings.suppressions import UnusedSuppression


class Survey:
    """A build with the facts about it. It alone remembers: what a stage carries is worked out once for all checks."""

    def __init__(self, build: Build, facts: Facts, unused_suppressions: tuple[UnusedSuppression, ...] = ()) -> None:
        self.build = build
        self.facts = facts
        self.unused_suppressions = unused_suppressions
        self._contents: dict[int, Contents] = {}

    @property
    def dockerfile(self) -> Dockerfile:
        return self.build.dockerfile

    @property
    def graph(self) -> StageGraph:
        return self.build.dockerfile.graph

    @property
    def stages(self) -> tuple[Stage, ...]:
        return self.build.dockerfile.stages

    @cached_property
    def shipped(self) -> tuple[Stage, ...]:
        """The stages that become images people run, in file order."""
        return tuple(stage for stage in self.built if self.role(stage.index).runs)

    @cached_property
    def built(self) -> tuple[Stage, ...]:
        """The stages that somebody builds, in file order."""
        return tuple(self.stages[index] for index in sorted({target.stage for target in self.build.targets}))

    @cached_property
    def needed(self) -> frozenset[int]:
        """The stages that building the targets needs under any arguments."""
        return self.graph.reached(target.stage for target in self.build.targets)

    def role(self, stage: int) -> Role:
        """What the image of a stage that is built is for, and why that is thought."""
        return stage_role(self.build, stage)

    def contents(self, stage: int) -> Contents:
        """What the stage carries; the stage it is FROM is asked the same way."""
        for index in self._unknown_ancestry(stage):
            self._contents[index] = stage_contents(self.dockerfile, index, self.facts, self.start(index))
        return self._contents[stage]

    def start(self, stage: int) -> Contents:
        """What the stage carries before its own instructions run."""
        parent = self.stages[stage].parent
        return image_contents(self.dockerfile, stage, self.facts) if parent is None else self.contents(parent)

    def not_understood(self) -> list[tuple[int, str]]:
        """The line and reason of scripts, among those looked at so far, that could not be read; each reason once."""
        found: dict[str, int] = {}
        for _, contents in sorted(self._contents.items()):
            for script in contents.not_understood:
                found.setdefault(script.reason, script.line)
        return sorted((line, f"RUN is passed over: {reason}") for reason, line in found.items())

    def _unknown_ancestry(self, stage: int) -> list[int]:
        chain: list[int] = []
        at: int | None = stage
        while at is not None and at not in self._contents:
            chain.append(at)
            at = self.stages[at].parent
        return chain[::-1]
