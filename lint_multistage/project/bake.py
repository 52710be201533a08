"""Builds that bake files ask for."""

from __future__ import annotations

import posixpath
from collections.abc import Iterator, Mapping

from msgspec.structs import replace

from lint_multistage.project.bake_targets import Bake, Target, Value, read_targets
from lint_multistage.project.compose import BASES, REMOTE, read_compose
from lint_multistage.project.files import ProjectFiles, joined
from lint_multistage.project.requests import BuildRequest, Inline

# Bake reads all of these that are there, the later over the earlier, and a compose file below them.
DEFAULTS = ("docker-bake.json", "docker-bake.hcl")
OVERRIDES = ("docker-bake.override.json", "docker-bake.override.hcl")
MAX_PROBES = 50


def read_bake(path: str, files: ProjectFiles) -> list[BuildRequest]:
    """The builds of the targets that the bake file at `path` is the first to define.

    The default files of a folder are read as one, with and without their override files. Where a target says too little
    by itself, it is laid over the compose service of its name, as bake does, and one of another bake file over the
    target of its name in the default files. A target that depends on variables comes twice: as their defaults have it,
    and as None, for whoever builds may set them.
    """
    folder, name = posixpath.split(path)
    defaults = _present(DEFAULTS, folder, files)
    overrides = _present(OVERRIDES, folder, files)
    readings: list[tuple[Bake, list[Target]]] = []
    if name in DEFAULTS + OVERRIDES:
        for paths in dict.fromkeys((tuple(defaults), tuple(defaults + overrides))):
            if path in paths:
                bake = read_targets(paths, files)
                readings.append((bake, [target for target in bake.targets.values() if target.paths[0] == path]))
    else:
        alone = read_targets((path,), files)
        over = read_targets((*defaults, path), files) if defaults else alone
        readings.append((alone, [target for target in alone.targets.values() if _complete(target)]))
        rest = (over.targets[name] for name, target in alone.targets.items() if not _complete(target))
        readings.append((over, list(rest)))
    below = _services(folder, files) if any(not _complete(one) for _, some in readings for one in some) else {}
    found: dict[tuple[object, ...], BuildRequest] = {}
    for bake, targets in readings:
        base = _base(folder, targets, files)
        for target in targets:
            service = None if _complete(target) else below.get(target.name)
            for request in _requests(target, base, bake, service):
                key = (request.path, request.line, request.column, target.name, request.target, request.dockerfile)
                found.setdefault(key, request)
    return list(found.values())


def _present(names: tuple[str, ...], folder: str, files: ProjectFiles) -> list[str]:
    return [path for path in (posixpath.join(folder, name) for name in names) if files.exists(path)]


def _complete(target: Target) -> bool:
    """Whether a target says what it builds, so that its file may be all that is read."""
    return not target.missing and any(key in target.values for key in ("context", "dockerfile", "dockerfile-inline"))


def _services(folder: str, files: ProjectFiles) -> Mapping[str, BuildRequest]:
    """The builds of the compose file that bake reads along."""
    for path in _present(BASES, folder, files)[:1]:
        return {request.name: request for request in reversed(read_compose(path, files))}
    return {}


def _text(target: Target, key: str, default: str) -> str | None:
    value = target.values.get(key)
    return value.text or default if value is not None and value.text is not None else (None if value else default)


def _base(folder: str, targets: list[Target], files: ProjectFiles) -> str:
    """The folder that paths start in: where people run bake, which the file does not say.

    That is the file's own folder, or the one above in which more of the Dockerfiles are.
    """
    pairs = {(_text(target, "context", "."), _text(target, "dockerfile", "Dockerfile")) for target in targets}
    known = sorted((context, file) for context, file in pairs if context and file and not REMOTE.match(context))
    folders = [folder]
    while folders[-1]:
        folders.append(posixpath.dirname(folders[-1]))
    if len(folders) == 1:
        return folder

    def present(base: str) -> int:
        contexts = ((joined(base, context), file) for context, file in known[:MAX_PROBES])
        paths = (joined(context, file) for context, file in contexts if context is not None)
        return sum(path is not None and files.exists(path) for path in paths)

    return max(folders, key=present)


def _requests(target: Target, base: str, bake: Bake, service: BuildRequest | None) -> Iterator[BuildRequest]:
    """What a target asks for; nothing where its Dockerfile certainly is none of the project's."""
    values = target.values
    inline = values.get("dockerfile-inline")
    text = _text(target, "context", ".")
    remote = text is not None and bool(REMOTE.match(text) and not text.startswith("cwd://"))
    context = joined(base, text.removeprefix("cwd://") or ".") if text is not None and not remote else None
    elsewhere = text is not None and context is None
    file = _text(target, "dockerfile", "Dockerfile")
    dockerfile: str | None = None
    if inline is None and file is not None and context is not None:
        dockerfile = joined(context, file)
        elsewhere = dockerfile is None
    if service is not None:
        context, dockerfile, elsewhere = service.context, service.dockerfile, False
    if elsewhere and inline is None:
        return
    stage = values.get("target")
    place: Value | Target | BuildRequest = stage or inline or target
    if stage is None and service is not None and service.target:
        place = service
    request = BuildRequest(
        path=place.path,
        line=place.line,
        column=place.column,
        kind="bake",
        name=target.name,
        dockerfile=dockerfile,
        target=stage.text if stage is not None else (service.target if service is not None else ""),
        context=context,
        arguments={**(service.arguments if service is not None else {}), **target.arguments},
        contexts={
            **(service.contexts if service is not None else {}),
            **{name: _context(value, base) for name, value in target.contexts.items()},
        },
        ships=_ships(target, bake),
        inline=Inline(inline.text or "", inline.path, inline.line)
        if inline is not None
        else (service.inline if service is not None else None),
    )
    yield request
    if stage is not None and stage.free and stage.text is not None:
        yield replace(request, target=None)


def _context(text: str, base: str) -> str:
    """The value of a named context: a path is made relative to the root; "" is not known."""
    if not text or REMOTE.match(text) or text.startswith(("target:", "service:")):
        return text
    return joined(base, text) or text


def _ships(target: Target, bake: Bake) -> bool:
    """Whether the target makes an image for somebody: not an output of files, nor a mere part of other targets."""
    call = target.values.get("call")
    if target.output_ships is False or (call is not None and call.text not in (None, "", "build")):
        return False
    part = target.name in bake.inherited or target.name in bake.used
    return not part or target.name in bake.grouped or target.name == "default"
