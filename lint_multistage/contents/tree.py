"""Which paths a stage can have at its end, and which it certainly has not.

A path is certainly absent where everything that the stage starts with and all that its instructions may write is known
to lie elsewhere. What is not understood may have made anything.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Callable, Iterator

from msgspec import Struct
from msgspec.structs import replace

from lint_multistage.contents.copied import stage_of
from lint_multistage.contents.products import products
from lint_multistage.contents.stage import Contents, Step, joined
from lint_multistage.contents.written import ANYWHERE, SYSTEM_FOLDERS, Writes, written_by
from lint_multistage.facts import Facts
from lint_multistage.model.dockerfile import Dockerfile
from lint_multistage.model.scope import expanded
from lint_multistage.syntax.instructions import Add, Copy, Onbuild, Run
from lint_multistage.text import Span

MAY, DOUBTFUL, ABSENT = "may", "doubtful", "absent"
"""What is known of a path: it may be there; only a build tool that writes where none does could have made it; it is not
there.
"""
_MOST_QUERIES = 5_000
_DEEPEST = 60
_PATTERN = re.compile(r"[*?\[]")
_WHOLE_VARIABLE = re.compile(r"\$[^/:]*$")
_FILE = re.compile(r"[^/]*\.[A-Za-z]\w*")


class Made(Struct, frozen=True):
    """A path that an instruction certainly makes, and the words that do; `product` where a build command does."""

    path: str
    span: Span
    product: bool = False


class Copied(Struct, frozen=True):
    """Files that a COPY brings from another stage: `source` there, None where it is a pattern or not known."""

    stage: int
    source: str | None
    destination: str
    into: bool


class Change(Struct, frozen=True):
    """What one instruction may write; nothing of it stays below `mounts`, some of which are `caches`.

    `made` are paths that it certainly makes; `builds` is true for a RUN with a build command. `context` is where a COPY
    puts files of the build context, "" where that is not all of it; None for anything else.
    """

    line: int
    span: Span
    writes: tuple[Writes, ...] = ()
    copied: tuple[Copied, ...] = ()
    mounts: tuple[str, ...] = ()
    caches: tuple[str, ...] = ()
    made: tuple[Made, ...] = ()
    builds: bool = False
    context: str | None = None


class Tree(Struct, frozen=True):
    """The files of a stage: what it starts with, and the changes of its own instructions in order.

    `parent` is the stage that it is FROM; `start` are folders that may hold anything from the start, None where nothing
    is known of its base.
    """

    parent: int | None
    start: tuple[str, ...] | None
    changes: tuple[Change, ...]


def read_tree(dockerfile: Dockerfile, stage: int, contents: Contents, facts: Facts) -> Tree:
    """The tree of stage number `stage`, which has `contents`."""
    asked = dockerfile.stages[stage]
    parent = asked.parent
    start: tuple[str, ...] | None = None
    if parent is not None:
        # Triggers run before the stage's own instructions; what they do is not followed.
        triggered = any(isinstance(each, Onbuild) for each in dockerfile.stages[parent].instructions)
        parent = None if triggered or asked.alternatives else parent
    elif not asked.alternatives and not _WHOLE_VARIABLE.match(asked.from_.base.text):
        start = base_folders(contents, facts)

    def source_of(copy: Copy) -> int | None:
        return stage_of(dockerfile, copy.source, stage)

    return Tree(parent, start, tuple(_change(step, dockerfile.escape, source_of) for step in contents.steps))


def base_folders(contents: Contents, facts: Facts) -> tuple[str, ...] | None:
    """The folders of a base image that may hold anything; None where nothing is known of it."""
    image = contents.image
    official = contents.base is not None and facts.is_official(contents.base.name)
    if contents.base is not None and contents.base.name == "scratch":
        return ()
    if image is None or not official or image.role not in ("toolchain", "os", "bundled") or image.distro == "windows":
        return None
    more = [image.directory, *image.variables.values()]
    own = [place for value in more for place in value.split(":") if place.startswith("/") and place != "/"]
    return (*SYSTEM_FOLDERS, "/docker-entrypoint.d", "/__cacert_entrypoint.sh", *own)


class Trees:
    """The trees of a file's stages, and the answers to questions about them."""

    def __init__(self, tree_of: Callable[[int], Tree]) -> None:
        self.tree_of = tree_of
        self._answers: dict[tuple[int, str], str] = {}

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
            if any(_is_below(path, mount) for mount in change.mounts):
                continue
            for copied in change.copied:
                found = self._copied(copied, path, depth)
                if found == MAY:
                    return MAY
                doubtful = doubtful or found == DOUBTFUL
            for writes in reversed(change.writes):
                if writes.anywhere or _reached(writes, path):
                    return MAY
                if any(path == place or _is_below(path, place) for place in writes.removed):
                    return DOUBTFUL if doubtful else ABSENT
                doubtful = doubtful or writes.usual
        if tree.parent is not None:
            found = self.state(tree.parent, path, depth + 1)
        elif tree.start is None or any(_overlap(path, folder) for folder in tree.start):
            found = MAY
        else:
            found = ABSENT
        return DOUBTFUL if found == ABSENT and doubtful else found

    def _copied(self, copied: Copied, path: str, depth: int) -> str:
        if path == copied.destination or _is_below(copied.destination, path):
            return MAY
        if not _is_below(path, copied.destination):
            return ABSENT
        if copied.source is None:
            return MAY
        rest = path[len(copied.destination.rstrip("/")) + 1 :]
        name = posixpath.basename(copied.source)
        if copied.into and rest.split("/", 1)[0] == name:
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

    def made(self, stage: int) -> list[Made]:
        """The paths that instructions of the stage and of those it is FROM certainly make, latest first."""
        return [
            made for tree in self.chain(stage) for change in reversed(tree.changes) for made in reversed(change.made)
        ]

    def has_changes(self, stage: int) -> bool:
        """Whether anything happens in the stage, or in one that it is FROM: a sketch leaves that out."""
        return any(tree.changes for tree in self.chain(stage))

    def cached(self, stage: int, path: str) -> Change | None:
        """The RUN that makes `path` in a cache mount, where it does not stay, if nothing but a COPY of files from the
        build context may bring it otherwise.
        """
        found: Change | None = None
        start: tuple[str, ...] | None = None
        for tree in self.chain(stage):
            for change in reversed(tree.changes):
                if any(_is_below(path, mount) for mount in change.mounts):
                    if found is None and change.builds and any(_is_below(path, cache) for cache in change.caches):
                        found = change
                elif self._brings(change, path):
                    return None
            start = None if tree.parent is not None else tree.start
        return found if start is not None and not any(_overlap(path, folder) for folder in start) else None

    def _brings(self, change: Change, path: str) -> bool:
        """Whether a change may make `path` other than by bringing it from the build context."""
        ran = change.context is None and any(each.anywhere or _reached(each, path) for each in change.writes)
        return ran or any(self._copied(copied, path, 0) != ABSENT for copied in change.copied)

    def context_folders(self, stage: int) -> list[str]:
        """The folders of the stage, or of one that it is FROM, into which the build context as a whole is copied."""
        found = [change.context for tree in self.chain(stage) for change in reversed(tree.changes) if change.context]
        return list(dict.fromkeys(found))

    def is_empty(self, stage: int) -> bool:
        """Whether the stage is `scratch` with nothing in it."""
        tree = self.tree_of(stage)
        return tree.parent is None and tree.start == () and not any(c.writes or c.copied for c in tree.changes)


def _change(step: Step, escape: str, source_of: Callable[[Copy], int | None]) -> Change:
    instruction = step.instruction
    line, span = instruction.line, instruction.keyword.span

    def expand(text: str) -> str | None:
        return expanded(text, step.variables, escape)

    if isinstance(instruction, Run):
        return _run(step, instruction, expand)
    if isinstance(instruction, Copy | Add):
        return _copy(step, instruction, expand, source_of)
    place = joined(step.directory, expand(instruction.value.text))
    if place is None:
        return Change(line, span, (ANYWHERE,))
    return Change(line, span, (Writes(paths=(place,)),), made=(Made(place, instruction.value.span),))


def _run(step: Step, run: Run, expand: Callable[[str], str | None]) -> Change:
    script = step.script
    # What another interpreter runs has no commands.
    if script is None or not (script.commands or script.outputs):
        return Change(run.line, run.keyword.span, (ANYWHERE,))
    places = [(mount.type, joined(step.directory, expand(mount.target))) for mount in run.mounts if mount.target]
    mounts = tuple(place for kind, place in places if place is not None and kind in ("bind", "cache", "tmpfs"))
    caches = tuple(place for kind, place in places if place is not None and kind == "cache")
    writes = written_by(script, step.variables)
    if mounts:
        writes = [_without_removed(each, mounts) for each in writes]
    built = products(script, step.variables)
    made = tuple(
        Made(product.path, product.span, product=True)
        for product in built
        if product.path is not None and not any(_is_below(product.path, mount) for mount in mounts)
    )
    return Change(run.line, run.keyword.span, tuple(writes), (), mounts, caches, made, bool(built))


def _without_removed(writes: Writes, mounts: tuple[str, ...]) -> Writes:
    """Nothing is removed that lies under a mount."""
    left = tuple(place for place in writes.removed if not any(_overlap(place, mount) for mount in mounts))
    return writes if left == writes.removed else replace(writes, removed=left)


def _copy(
    step: Step, copy: Copy | Add, expand: Callable[[str], str | None], source_of: Callable[[Copy], int | None]
) -> Change:
    written = expand(copy.destination.text)
    destination = joined(step.directory, written)
    if destination is None or written is None:
        return Change(copy.line, copy.keyword.span, (ANYWHERE,))
    several = len(copy.paths) > 1
    into = several or written.endswith(("/", "/.")) or written in (".", "")
    if any(flag.name == "parents" for flag in copy.flags):
        return Change(copy.line, copy.keyword.span, (_tree(destination),))
    if copy.heredocs and len(copy.heredocs) == len(copy.paths):
        places = [joined(destination, each.name) if into else destination for each in copy.heredocs]
        known = tuple(place for place in places if place is not None)
        spans = tuple(Made(place, word.span) for place, word in zip(known, copy.paths, strict=False))
        return Change(copy.line, copy.keyword.span, (Writes(paths=known),), made=spans)
    made = [] if into else [Made(destination, copy.destination.span)]
    stage = source_of(copy) if isinstance(copy, Copy) and copy.source is not None else None
    copied = []
    for word in copy.paths:
        path = expand(word.text)
        pattern = path is None or bool(_PATTERN.search(path))
        if into and path is not None and not pattern and _FILE.fullmatch(posixpath.basename(path)):
            made.append(Made(posixpath.join(destination, posixpath.basename(path)), word.span))
        if stage is not None:
            place = None if pattern or path is None else joined("/", path)
            copied.append(Copied(stage, place, destination, True))
    if stage is not None:
        return Change(copy.line, copy.keyword.span, (), tuple(copied), made=tuple(made))
    context = destination if any(word.text in (".", "./", "/") for word in copy.paths) else ""
    return Change(
        copy.line,
        copy.keyword.span,
        (_tree(destination),),
        made=tuple(made),
        context=context if isinstance(copy, Copy) and copy.source is None else None,
    )


def _tree(place: str) -> Writes:
    return Writes(trees=(place,)) if place != "/" else ANYWHERE


def _reached(writes: Writes, path: str) -> bool:
    """Whether a command may make `path`, or something below it."""
    return any(path == place or _is_below(place, path) for place in writes.paths) or any(
        _overlap(path, tree) for tree in writes.trees
    )


def _is_below(path: str, folder: str) -> bool:
    return path.startswith(f"{folder.rstrip('/')}/") and path != folder


def _overlap(path: str, folder: str) -> bool:
    return path == folder or _is_below(path, folder) or _is_below(folder, path)
