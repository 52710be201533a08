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
from lint_multistage.model.similar import nearest
from lint_multistage.syntax.instructions import Add, Copy, Instruction, Onbuild, Run
from lint_multistage.text import Source, Span

MAY, DOUBTFUL, ABSENT = "may", "doubtful", "absent"
"""What is known of a path: it may be there; only a build tool that writes where none does could have made it; it is not
there.
"""
_MOST_QUERIES = 5_000
_DEEPEST = 60
# What writes here is a tool that may write to all of the system.
_FIRST = SYSTEM_FOLDERS[0]
# Below it lies what is put into a working directory that is not known; no file has such a name.
_SOMEWHERE = "/\0"
_PATTERN = re.compile(r"[*?\[]")
_WHOLE_VARIABLE = re.compile(r"\$[^/:]*$")
# What is a file by its name or its place: a program of cargo, of Go in a folder of its name, or among others.
_PROGRAM = re.compile(r"/[^/]*\.[A-Za-z]\w*$|/(?:s?bin|release|debug)/[^/]+$|/([^/]+)/\1$")
_ROOT = re.compile(r"(?i)root|rootfs|^fs$|overlay|files|image|sys|dist|build|out|target|\.$")
_FILE = re.compile(r"[^/]*\.[A-Za-z]\w*")


class Made(Struct, frozen=True):
    """A path that an instruction certainly makes, and the words that do; `product` where a build command does."""

    path: str
    span: Span
    product: bool = False


class Copied(Struct, frozen=True):
    """Files that a COPY brings from another stage: `source` there, None where it is a pattern or not known.

    `destination` is the absolute path, below `_SOMEWHERE` where the working directory is not known.
    """

    stage: int
    source: str | None
    destination: str
    into: bool


class Change(Struct, frozen=True):
    """What one instruction may write; nothing of it stays below `mounts`, some of which are `caches`.

    `made` are paths that it certainly makes; `builds` is true for a RUN with a build command. `context` is where a COPY
    puts files of the build context, "" where that is not all of it; None for anything else. `files` are the paths of a
    COPY or ADD whose sources are files by their names.
    """

    line: int
    spans: tuple[Span, ...]
    writes: tuple[Writes, ...] = ()
    copied: tuple[Copied, ...] = ()
    mounts: tuple[str, ...] = ()
    caches: tuple[str, ...] = ()
    made: tuple[Made, ...] = ()
    builds: bool = False
    context: str | None = None
    is_run: bool = False
    files: tuple[str, ...] | None = None


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

    def __init__(self, tree_of: Callable[[int], Tree], source: Source) -> None:
        self.tree_of = tree_of
        self.source = source
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
        if copied.destination.startswith(_SOMEWHERE):
            return MAY
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

    def may_bring(self, stage: int, path: str, depth: int = 0) -> bool:
        """Whether an instruction of the stage, or of one that it is FROM, may make `path`, whatever its base image has.

        Of what may write anything, the text has to tell: it speaks of the file, or of its folder.
        """
        for tree in self.chain(stage):
            for change in tree.changes:
                if any(self._may_copy(copied, path, depth) for copied in change.copied):
                    return True
                if change.copied or (change.files is not None and path not in change.files):
                    continue
                reached = [each for each in change.writes if each.anywhere or _reached(each, path)]
                if reached and (
                    not change.is_run
                    or any(not each.anywhere and _FIRST not in each.trees for each in reached)
                    or self._speaks_of(change, path)
                ):
                    return True
        return False

    def _may_copy(self, copied: Copied, path: str, depth: int) -> bool:
        """The same of a copy from a stage; what a build command makes is taken for a file."""
        known = not copied.destination.startswith(_SOMEWHERE)
        if not known and f"{copied.destination.removeprefix(_SOMEWHERE)}/" not in f"{path}/":
            return False
        if known and (path == copied.destination or _is_below(copied.destination, path)):
            return True
        if known and not _is_below(path, copied.destination):
            return False
        if copied.source is None or depth > _DEEPEST:
            return True
        name = posixpath.basename(copied.source)
        if posixpath.basename(path) == name:
            return True
        if _FILE.fullmatch(name) or any(
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

    def slip(self, stage: int, path: str) -> Made | None:
        """The product beside `path` of whose name that of `path` is a slip, if nothing but files of the build context,
        or of the base image, could lie at `path` itself.
        """
        folder, name = posixpath.split(path)
        for tree in self.chain(stage):
            for change in tree.changes:
                ran = change.context is None and any(each.anywhere or path in each.paths for each in change.writes)
                if ran or any(self._copied(copied, path, 0) != ABSENT for copied in change.copied):
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


def _change(step: Step, escape: str, source_of: Callable[[Copy], int | None]) -> Change:
    instruction = step.instruction
    line, spans = instruction.line, _spans(instruction)

    def expand(text: str) -> str | None:
        return expanded(text, step.variables, escape)

    if isinstance(instruction, Run):
        return _run(step, instruction, expand)
    if isinstance(instruction, Copy | Add):
        return _copy(step, instruction, expand, source_of)
    place = joined(step.directory, expand(instruction.value.text))
    if place is None:
        return Change(line, spans, (ANYWHERE,))
    return Change(line, spans, (Writes(paths=(place,)),), made=(Made(place, instruction.value.span),))


def _spans(instruction: Instruction) -> tuple[Span, ...]:
    return (instruction.span, *(heredoc.body for heredoc in instruction.heredocs))


def _run(step: Step, run: Run, expand: Callable[[str], str | None]) -> Change:
    script = step.script
    # What another interpreter runs has no commands.
    if script is None or not (script.commands or script.outputs):
        return Change(run.line, _spans(run), (ANYWHERE,), is_run=True)
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
    return Change(run.line, _spans(run), tuple(writes), (), mounts, caches, made, bool(built), is_run=True)


def _without_removed(writes: Writes, mounts: tuple[str, ...]) -> Writes:
    """Nothing is removed that lies under a mount."""
    left = tuple(place for place in writes.removed if not any(_overlap(place, mount) for mount in mounts))
    return writes if left == writes.removed else replace(writes, removed=left)


def _copy(
    step: Step, copy: Copy | Add, expand: Callable[[str], str | None], source_of: Callable[[Copy], int | None]
) -> Change:
    written = expand(copy.destination.text)
    destination = joined(step.directory, written)
    stage = source_of(copy) if isinstance(copy, Copy) and copy.source is not None else None
    if destination is None or written is None:
        if stage is None or written is None:
            return Change(copy.line, _spans(copy), (ANYWHERE,))
        destination = joined(_SOMEWHERE, written) or _SOMEWHERE
    several = len(copy.paths) > 1
    into = several or written.endswith(("/", "/.")) or written in (".", "")
    if any(flag.name == "parents" for flag in copy.flags):
        return Change(
            copy.line, _spans(copy), (ANYWHERE if destination.startswith(_SOMEWHERE) else _tree(destination),)
        )
    if copy.heredocs and len(copy.heredocs) == len(copy.paths):
        places = [joined(destination, each.name) if into else destination for each in copy.heredocs]
        known = tuple(place for place in places if place is not None)
        spans = tuple(Made(place, word.span) for place, word in zip(known, copy.paths, strict=False))
        return Change(copy.line, _spans(copy), (Writes(paths=known),), made=spans)
    made = [] if into or destination.startswith(_SOMEWHERE) else [Made(destination, copy.destination.span)]
    copied = []
    for word in copy.paths:
        path = expand(word.text)
        pattern = path is None or bool(_PATTERN.search(path))
        lies = path is not None and not pattern and not destination.startswith(_SOMEWHERE)
        if into and lies and path is not None and _FILE.fullmatch(posixpath.basename(path)):
            made.append(Made(posixpath.join(destination, posixpath.basename(path)), word.span))
        if stage is not None:
            place = None if pattern or path is None else joined("/", path)
            copied.append(Copied(stage, place, destination, True))
    if stage is not None:
        return Change(copy.line, _spans(copy), (), tuple(copied), made=tuple(made))
    files = None
    names = [posixpath.basename(expand(word.text) or "") for word in copy.paths]
    if all(
        (_FILE.fullmatch(n) or (destination == "/" and n and not _ROOT.search(n))) and not _PATTERN.search(n)
        for n in names
    ):
        files = tuple(posixpath.join(destination, name) for name in names) if into else (destination,)
    context = destination if any(word.text in (".", "./", "/") for word in copy.paths) else ""
    return Change(
        copy.line,
        _spans(copy),
        (_tree(destination),),
        made=tuple(made),
        context=context if isinstance(copy, Copy) and copy.source is None else None,
        files=files,
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
