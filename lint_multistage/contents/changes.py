"""What the instructions of a stage do to its files."""

from __future__ import annotations

import posixpath
from collections.abc import Callable

from msgspec import Struct
from msgspec.structs import replace

from lint_multistage.contents.copied import stage_of
from lint_multistage.contents.paths import holds, is_below, joined, overlap
from lint_multistage.contents.stage import Contents, Step
from lint_multistage.contents.written import ANYWHERE, SYSTEM_FOLDERS, Writes, written_by
from lint_multistage.facts import Facts
from lint_multistage.late import late_regex
from lint_multistage.model.dockerfile import Dockerfile
from lint_multistage.model.scope import expanded
from lint_multistage.syntax.instructions import Add, Copy, Onbuild, Run
from lint_multistage.text import Span

# Below it lies what is put into a working directory that is not known; no file has such a name.
SOMEWHERE = "/\0"
FILE = late_regex(r"[^/]*\.[A-Za-z]\w*")
_PATTERN = late_regex(r"[*?\[]")
_WHOLE_VARIABLE = late_regex(r"\$[^/:]*$")
_ROOT = late_regex(r"(?i)root|rootfs|^fs$|overlay|files|image|sys|dist|build|out|target|\.$")


class Made(Struct, frozen=True):
    """A path that an instruction certainly makes, and the words that do; `product` where a build command does."""

    path: str
    span: Span
    product: bool = False


class Copied(Struct, frozen=True):
    """Files that a COPY brings from another stage: `source` there, None where it is a pattern or not known.

    `destination` is the absolute path, below `SOMEWHERE` where the working directory is not known.
    """

    stage: int
    source: str | None
    destination: str


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
        start = _base_folders(contents, facts)

    def source_of(copy: Copy) -> int | None:
        return stage_of(dockerfile, copy.source, stage)

    return Tree(parent, start, tuple(_change(step, dockerfile.escape, source_of) for step in contents.steps))


def _base_folders(contents: Contents, facts: Facts) -> tuple[str, ...] | None:
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


def _change(step: Step, escape: str, source_of: Callable[[Copy], int | None]) -> Change:
    instruction = step.instruction
    line, spans = instruction.line, instruction.spans

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


def _run(step: Step, run: Run, expand: Callable[[str], str | None]) -> Change:
    script = step.script
    # What another interpreter runs has no commands.
    if script is None or not (script.commands or script.outputs):
        return Change(run.line, run.spans, (ANYWHERE,), is_run=True)
    places = [(mount.type, joined(step.directory, expand(mount.target))) for mount in run.mounts if mount.target]
    mounts = tuple(place for kind, place in places if place is not None and kind in ("bind", "cache", "tmpfs"))
    caches = tuple(place for kind, place in places if place is not None and kind == "cache")
    writes = written_by(script, step.variables)
    if mounts:
        writes = [_without_removed(each, mounts) for each in writes]
    built = step.built
    made = tuple(
        Made(product.path, product.span, product=True)
        for product in built
        if product.path is not None and not any(is_below(product.path, mount) for mount in mounts)
    )
    return Change(run.line, run.spans, tuple(writes), (), mounts, caches, made, bool(built), is_run=True)


def _without_removed(writes: Writes, mounts: tuple[str, ...]) -> Writes:
    """Nothing is removed that lies under a mount."""
    left = tuple(place for place in writes.removed if not any(overlap(place, mount) for mount in mounts))
    return writes if left == writes.removed else replace(writes, removed=left)


def _copy(
    step: Step, copy: Copy | Add, expand: Callable[[str], str | None], source_of: Callable[[Copy], int | None]
) -> Change:
    written = expand(copy.destination.text)
    destination = joined(step.directory, written)
    stage = source_of(copy) if isinstance(copy, Copy) and copy.source is not None else None
    if destination is None or written is None:
        if stage is None or written is None:
            return Change(copy.line, copy.spans, (ANYWHERE,))
        destination = joined(SOMEWHERE, written) or SOMEWHERE
    several = len(copy.paths) > 1
    into = several or written.endswith(("/", "/.")) or written in (".", "")
    if any(flag.name == "parents" for flag in copy.flags):
        return Change(copy.line, copy.spans, (ANYWHERE if destination.startswith(SOMEWHERE) else _tree(destination),))
    if copy.heredocs and len(copy.heredocs) == len(copy.paths):
        places = [joined(destination, each.name) if into else destination for each in copy.heredocs]
        known = tuple(place for place in places if place is not None)
        spans = tuple(Made(place, word.span) for place, word in zip(known, copy.paths, strict=False))
        return Change(copy.line, copy.spans, (Writes(paths=known),), made=spans)
    made = [] if into or destination.startswith(SOMEWHERE) else [Made(destination, copy.destination.span)]
    copied = []
    for word in copy.paths:
        path = expand(word.text)
        pattern = path is None or bool(_PATTERN.search(path))
        lies = path is not None and not pattern and not destination.startswith(SOMEWHERE)
        if into and lies and path is not None and FILE.fullmatch(posixpath.basename(path)):
            made.append(Made(posixpath.join(destination, posixpath.basename(path)), word.span))
        if stage is not None:
            place = None if pattern or path is None else joined("/", path)
            copied.append(Copied(stage, place, destination))
    if stage is not None:
        return Change(copy.line, copy.spans, (), tuple(copied), made=tuple(made))
    files = None
    names = [posixpath.basename(expand(word.text) or "") for word in copy.paths]
    if all(
        (FILE.fullmatch(n) or (destination == "/" and n and not _ROOT.search(n))) and not _PATTERN.search(n)
        for n in names
    ):
        files = tuple(posixpath.join(destination, name) for name in names) if into else (destination,)
    context = destination if any(word.text in (".", "./", "/") for word in copy.paths) else ""
    return Change(
        copy.line,
        copy.spans,
        (_tree(destination),),
        made=tuple(made),
        context=context if isinstance(copy, Copy) and copy.source is None else None,
        files=files,
    )


def _tree(place: str) -> Writes:
    return Writes(trees=(place,)) if place != "/" else ANYWHERE


def reached(writes: Writes, path: str) -> bool:
    """Whether a command may make `path`, or something below it."""
    return any(holds(path, place) for place in writes.paths) or any(overlap(path, tree) for tree in writes.trees)
