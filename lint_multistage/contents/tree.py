"""Which paths a stage can have at its end, and which it certainly has not.

A path is certainly absent where everything that the stage starts with and all that its instructions may write is known
to lie elsewhere. What is not understood may have made anything.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Callable, Iterator

from lint_multistage.contents.changes import SOMEWHERE, Change, Copied, Made, Tree, reached
from lint_multistage.contents.paths import holds, is_below, overlap
from lint_multistage.contents.written import SYSTEM_FOLDERS
from lint_multistage.late import late_regex
from lint_multistage.model.similar import nearest
from lint_multistage.text import Source

MAY, DOUBTFUL, ABSENT = "may", "doubtful", "absent"
"""What is known of a path: it may be there; only a build tool that writes where none does could have made it; it is not
there.
"""
_MOST_QUERIES = 5_000
_DEEPEST = 60
# What writes here is a tool that may write to all of the system.
_FIRST = SYSTEM_FOLDERS[0]
# What is a file by its name or its place: a program of cargo, of Go in a folder of its name, or among others.
_PROGRAM = late_regex(r"/[^/]*\.[A-Za-z]\w*$|/(?:s?bin|release|debug)/[^/]+$|/([^/]+)/\1$")


class Trees:
    """The trees of a file's stages, and the answers to questions about them.

    `ignored` tells of a path, relative to the build context, whether it certainly never arrives there.
    """

    def __init__(self, tree_of: Callable[[int], Tree], source: Source, ignored: Callable[[str], bool]) -> None:
        self.tree_of = tree_of
        self.ignored = ignored
        self.source = source
        self._answers: dict[tuple[int, str], str] = {}
        self._made: dict[int, tuple[Made, ...]] = {}

    def state(self, stage: int, path: str, depth: int = 0) -> str:
        """What is known of the absolute `path` at the end of a stage: `MAY`, `DOUBTFUL` or `ABSENT`."""
        key = (stage, path)
        if key not in self._answers:
            if depth > _DEEPEST or len(self._answers) > _MOST_QUERIES:
                return MAY
            # A circle of stages fails the build; until it is known, all may be.
            self._answers[key] = MAY
            self._answers[key] = self._state(stage, path, depth)
        return self._answers[key]

    def _state(self, stage: int, path: str, depth: int) -> str:
        if path == "/":
            return MAY
        tree = self.tree_of(stage)
        doubtful = False
        for change in reversed(tree.changes):
            if any(is_below(path, mount) for mount in change.mounts) or self._is_kept_out(change, path):
                continue
            for copied in change.copied:
                found = self._copied(copied, path, depth)
                if found == MAY:
                    return MAY
                doubtful = doubtful or found == DOUBTFUL
            for writes in reversed(change.writes):
                if writes.anywhere or reached(writes, path):
                    return MAY
                if any(holds(place, path) for place in writes.removed):
                    return DOUBTFUL if doubtful else ABSENT
                doubtful = doubtful or writes.usual
        if tree.parent is not None:
            found = self.state(tree.parent, path, depth + 1)
        elif tree.start is None or any(overlap(path, folder) for folder in tree.start):
            found = MAY
        else:
            found = ABSENT
        return DOUBTFUL if found == ABSENT and doubtful else found

    def _is_kept_out(self, change: Change, path: str) -> bool:
        """Whether a change copies the build context as a whole, of which `.dockerignore` keeps this path out."""
        folder = change.context
        return (
            bool(folder) and is_below(path, folder or "") and self.ignored(path[len((folder or "").rstrip("/")) + 1 :])
        )

    def _copied(self, copied: Copied, path: str, depth: int) -> str:
        if copied.destination.startswith(SOMEWHERE):
            return MAY
        if holds(path, copied.destination):
            return MAY
        if not is_below(path, copied.destination):
            return ABSENT
        if copied.source is None:
            return MAY
        rest = path[len(copied.destination.rstrip("/")) + 1 :]
        name = posixpath.basename(copied.source)
        if rest.split("/", 1)[0] == name:
            return MAY
        return self.state(copied.stage, posixpath.join(copied.source, rest), depth + 1)

    def chain(self, stage: int) -> Iterator[Tree]:
        """The trees of the stage, of the one that it is FROM, and so on."""
        at: int | None = stage
        for _ in range(_DEEPEST):
            if at is None:
                return
            tree = self.tree_of(at)
            yield tree
            at = tree.parent

    def made(self, stage: int) -> tuple[Made, ...]:
        """The paths that instructions of the stage and of those it is FROM certainly make, latest first."""
        if stage not in self._made:
            changes = (change for tree in self.chain(stage) for change in reversed(tree.changes))
            self._made[stage] = tuple(made for change in changes for made in reversed(change.made))
        return self._made[stage]

    def has_changes(self, stage: int) -> bool:
        """Whether anything happens in the stage, or in one that it is FROM: a sketch leaves that out."""
        return any(tree.changes for tree in self.chain(stage))

    def may_bring(self, stage: int, path: str, depth: int = 0) -> bool:
        """Whether an instruction of the stage, or of one that it is FROM, may make `path`, whatever its base image has.

        Of what may write anything, the text has to tell: it speaks of the file, or of its folder.
        """
        for tree in self.chain(stage):
            for change in tree.changes:
                if self._is_kept_out(change, path):
                    continue
                if any(self._may_copy(copied, path, depth) for copied in change.copied):
                    return True
                if change.copied or (change.files is not None and path not in change.files):
                    continue
                writers = [each for each in change.writes if each.anywhere or reached(each, path)]
                if writers and (
                    not change.is_run
                    or any(not each.anywhere and _FIRST not in each.trees for each in writers)
                    or self._speaks_of(change, path)
                ):
                    return True
        return False

    def _may_copy(self, copied: Copied, path: str, depth: int) -> bool:
        """The same of a copy from a stage; what a build command makes is taken for a file."""
        known = not copied.destination.startswith(SOMEWHERE)
        if not known and f"{copied.destination.removeprefix(SOMEWHERE)}/" not in f"{path}/":
            return False
        if known and holds(path, copied.destination):
            return True
        if known and not is_below(path, copied.destination):
            return False
        if copied.source is None or depth > _DEEPEST:
            return True
        name = posixpath.basename(copied.source)
        if posixpath.basename(path) == name:
            return True
        if _PROGRAM.search(copied.source) or any(
            made.product and made.path == copied.source for made in self.made(copied.stage)
        ):
            return False
        rest = path[len(copied.destination.rstrip("/")) + 1 :]
        return self.may_bring(copied.stage, posixpath.join(copied.source, rest), depth + 1) if known else True

    def _speaks_of(self, change: Change, path: str) -> bool:
        folder, name = posixpath.split(path)
        text = "".join(self.source[span] for span in change.spans)
        return any(
            re.search(rf"(?<![\w.-]){re.escape(word)}(?![\w-])", text) for word in (name, folder) if len(word) > 1
        )

    def mentions(self, stage: int, name: str) -> bool:
        """Whether an instruction of the stage, or of one that it is FROM, speaks of the folder `name`."""
        word = re.escape(name)
        pattern = re.compile(rf"/{word}(?![\w-])|(?:^|[\s=\"']){word}(?:$|[\s/\"'])", re.MULTILINE)
        spans = (span for tree in self.chain(stage) for change in tree.changes for span in change.spans)
        return any(pattern.search(self.source[span]) for span in spans)

    def cached(self, stage: int, path: str) -> Change | None:
        """The RUN that makes `path` in a cache mount, where it does not stay, if nothing but a COPY of files from the
        build context may bring it otherwise.
        """
        found: Change | None = None
        start: tuple[str, ...] | None = None
        for tree in self.chain(stage):
            for change in reversed(tree.changes):
                if any(is_below(path, mount) for mount in change.mounts):
                    if found is None and change.builds and any(is_below(path, cache) for cache in change.caches):
                        found = change
                elif self._brings(change, path):
                    return None
            start = None if tree.parent is not None else tree.start
        return found if start is not None and not any(overlap(path, folder) for folder in start) else None

    def _brings(self, change: Change, path: str) -> bool:
        """Whether a change may make `path` other than by bringing it from the build context."""
        ran = change.context is None and any(each.anywhere or reached(each, path) for each in change.writes)
        return ran or self._copies(change, path)

    def _copies(self, change: Change, path: str) -> bool:
        return any(self._copied(copied, path, 0) != ABSENT for copied in change.copied)

    def slip(self, stage: int, path: str) -> Made | None:
        """The product beside `path` of whose name that of `path` is a slip, if nothing but files of the build context,
        or of the base image, could lie at `path` itself.
        """
        folder, name = posixpath.split(path)
        for tree in self.chain(stage):
            for change in tree.changes:
                ran = change.context is None and any(each.anywhere or path in each.paths for each in change.writes)
                if ran or self._copies(change, path):
                    return None
        beside = {
            posixpath.basename(made.path): made
            for made in self.made(stage)
            if made.product and posixpath.dirname(made.path) == folder
        }
        found = nearest(name, beside)
        return beside[found] if found and found not in name and name not in found else None

    def context_folders(self, stage: int) -> list[str]:
        """The folders of the stage, or of one that it is FROM, into which the build context as a whole is copied."""
        found = [change.context for tree in self.chain(stage) for change in reversed(tree.changes) if change.context]
        return list(dict.fromkeys(found))

    def is_known(self, stage: int) -> bool:
        """Whether it is known which folders the stage's base image has."""
        *_, root = self.chain(stage)
        return root.parent is None and root.start is not None

    def is_empty(self, stage: int) -> bool:
        """Whether the stage is `scratch` with nothing in it."""
        tree = self.tree_of(stage)
        return tree.parent is None and tree.start == () and not any(c.writes or c.copied for c in tree.changes)
