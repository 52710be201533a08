"""One build under examination: what checks ask."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import cached_property
from typing import TYPE_CHECKING

from lint_multistage.contents.copied import read_stages
from lint_multistage.contents.products.call import DEFAULT, DYNAMIC
from lint_multistage.contents.stage import Contents, image_contents, stage_contents
from lint_multistage.context import Context
from lint_multistage.facts import Facts
from lint_multistage.model.build import Build
from lint_multistage.model.contexts import IMAGE, NOTHING, context_name
from lint_multistage.model.dockerfile import Dockerfile
from lint_multistage.model.stages import Stage, StageGraph
from lint_multistage.roles import Role, stage_role
from lint_multistage.roles.evidence import role_of_contents
from lint_multistage.settings.suppressions import UnusedSuppression

if TYPE_CHECKING:
    from lint_multistage.contents.changes import Tree
    from lint_multistage.contents.reads import Read
    from lint_multistage.contents.tree import Trees
    from lint_multistage.model.runs import Run


_MOST_IGNORED = 256 * 1024


class Survey:
    """A build with the facts about it. It alone remembers: what a stage carries is worked out once for all checks."""

    def __init__(self, build: Build, facts: Facts, unused_suppressions: tuple[UnusedSuppression, ...] = ()) -> None:
        self.build = build
        self.facts = facts
        self.unused_suppressions = unused_suppressions
        self._contents: dict[tuple[int, int], Contents] = {}
        self._roles: dict[int, Role] = {}
        self._trees: dict[int, Tree] = {}
        self._reads: dict[int, tuple[Read, ...]] = {}
        self._context = Context(build.folders)

    @property
    def dockerfile(self) -> Dockerfile:
        return self.build.dockerfile

    @property
    def context(self) -> Context:
        """The build context's files, as far as they are at hand."""
        return self._context

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
    def started(self) -> tuple[Stage, ...]:
        """The stages that become images whose programs are started, be it for tests or development, in file order."""
        return tuple(stage for stage in self.built if self.role(stage.index).name not in ("ci", "export"))

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
        if stage not in self._roles:
            found = stage_role(self.build, stage)
            if found.runs and not found.reason:
                name, reason = role_of_contents(self, self.build, stage)
                found = Role(name, reason) if name else found
            self._roles[stage] = found
        return self._roles[stage]

    def is_context(self, name: str) -> bool:
        """Whether a build gives a named context in place of the stage or image `name`."""
        return bool(name and self.build.contexts) and context_name(name) in self._runs[-1].given

    def replaced(self, stage: int, name: str) -> bool:
        """Whether all builds that run a stage, as far as they are known, give a named context in place of `name`."""
        return self.is_context(name) and all(context_name(name) in run.given for run in self._running(stage))

    def runs(self, stage: int) -> bool:
        """Whether a target needs the stage's instructions: no named context replaces it there."""
        if not self.build.contexts:
            return stage in self.needed
        return any(stage in run.stages for run in self._runs)

    def contents(self, stage: int) -> Contents:
        """What the stage carries; the stage it is FROM is asked the same way.

        Nothing is known of what a named context brings where every build that runs the stage gives it.
        """
        return self._contents_above(stage, self._unknown_above(stage))

    def start(self, stage: int) -> Contents:
        """What the stage carries before its own instructions run."""
        return self._start(stage, self._unknown_above(stage))

    def _contents_above(self, stage: int, unknown: int) -> Contents:
        """The contents of a stage where `unknown` is what is replaced among what it starts from, or itself."""
        if stage == unknown:
            return Contents()
        for index, above in self._unknown_before(stage, unknown):
            start = self._start(index, above)
            self._contents[index, above] = stage_contents(
                self.dockerfile, index, self.facts, start, self._context, self._sources
            )
        return self._contents[stage, unknown]

    def _start(self, stage: int, unknown: int) -> Contents:
        parent = self.stages[stage].parent
        if parent is not None:
            return self._contents_above(parent, unknown)
        return Contents() if unknown == IMAGE else image_contents(self.dockerfile, stage, self.facts)

    def _unknown_above(self, stage: int) -> int:
        """What every build that runs the stage replaces among what it starts from: `IMAGE`, the index of a stage (its
        own where no build runs it), or `NOTHING`.
        """
        if not self.build.contexts:
            return NOTHING
        running = self._running(stage)
        if not running[0].stages and self.is_context(self.stages[stage].name):
            return stage
        # The fewer are replaced, the more is known: a build of which it is known is enough to speak of it.
        return min(run.replaced[stage] for run in running)

    def _running(self, stage: int) -> Sequence[Run]:
        """The runs of a stage that files ask for, else the one that stands for all that is known; never empty."""
        return [run for run in self._runs if run.asked and stage in run.stages] or self._runs[-1:]

    @cached_property
    def _runs(self) -> tuple[Run, ...]:
        from lint_multistage.model.runs import runs

        return runs(self.build)

    def reads(self, stage: int) -> tuple[Read, ...]:
        """The paths that a stage reads from earlier stages that no named context replaces."""
        from lint_multistage.contents.reads import stage_reads

        if stage not in self._reads:
            self._reads[stage] = tuple(stage_reads(self, self.stages[stage]))
        return self._reads[stage]

    @cached_property
    def links_dynamically(self) -> bool:
        """Whether a stage makes a program that needs a C library: only such a one can lack something when it starts."""
        return any(
            product.link in (DEFAULT, DYNAMIC)
            for stage in self.stages
            for product in self.contents(stage.index).products
        )

    @cached_property
    def installs_addons(self) -> bool:
        """Whether a stage installs packages of Node.js that are compiled for one C library."""
        return any(product.addons for stage in self.stages for product in self.contents(stage.index).products)

    @cached_property
    def trees(self) -> Trees:
        """Which paths the stages can have, and which they certainly have not."""
        from lint_multistage.contents.tree import Trees

        return Trees(self._tree, self.dockerfile.source, self._ignored)

    @cached_property
    def _ignored(self) -> Callable[[str], bool]:
        """Whether `.dockerignore` keeps a path of the build context out of it."""
        path = self.build.dockerignore
        if not path:
            return lambda _: False
        from lint_multistage.context.dockerignore import ignored_by

        try:
            with open(path, encoding="utf-8", errors="surrogateescape") as file:
                return ignored_by(file.read(_MOST_IGNORED))
        except OSError:
            return lambda _: False

    def _tree(self, stage: int) -> Tree:
        from lint_multistage.contents.changes import Tree, read_tree

        if stage not in self._trees:
            asked = self.stages[stage]
            # A named context may take the place of the stage or of the image that it stands on.
            replaced = self.is_context(asked.name) or self.is_context(asked.base)
            found = (
                Tree(None, None, ())
                if replaced
                else read_tree(self.dockerfile, stage, self.contents(stage), self.facts)
            )
            self._trees[stage] = found
        return self._trees[stage]

    def not_understood(self) -> list[tuple[int, str]]:
        """The line and reason of scripts, among those looked at so far, that could not be read; each reason once."""
        found: dict[str, int] = {}
        for _, contents in sorted(self._contents.items()):
            for script in contents.not_understood:
                found.setdefault(script.reason, script.line)
        return sorted((line, f"RUN is passed over: {reason}") for reason, line in found.items())

    @property
    def _sources(self) -> Mapping[int, Contents]:
        """What is known of the stages that others copy from. A named context takes the place of a stage."""
        return {
            index: each
            for (index, above), each in self._contents.items()
            if above == NOTHING and not self.is_context(self.stages[index].name)
        }

    def _unknown_before(self, stage: int, unknown: int) -> list[tuple[int, int]]:
        """The contents that must be worked out for those of `stage`, in order: of what it is FROM, which may be
        replaced, and of what it copies toolchains from.
        """
        found: set[tuple[int, int]] = set()
        todo = [(stage, unknown)]
        while todo:
            at, above = todo.pop()
            if at == above or (at, above) in found or (at, above) in self._contents:
                continue
            found.add((at, above))
            parent = self.stages[at].parent
            todo += [(parent, above)] if parent is not None else []
            todo += [(source, NOTHING) for source in read_stages(self.dockerfile, at)]
        return sorted(found)
