"""What lies beside a product in the stage that built it: its sources, and the files of its distribution."""

from __future__ import annotations

from lint_multistage.contents.paths import holds, joined, overlap
from lint_multistage.contents.placed import Known, placed_in
from lint_multistage.contents.products import Product
from lint_multistage.model.stages import Stage
from lint_multistage.syntax.instructions import Copy, Run

# The sources of these are of no use to the program that is made of them.
_COMPILED = frozenset(("go", "rust", "c", "haskell", "swift"))
_CLEANING = frozenset("rm mv find git rsync chroot shred unlink".split())
# What is emptied there is no part of a project.
_CACHES = ("/var/lib/apt", "/var/cache", "/var/log", "/tmp", "/var/tmp", "/root/.cache", "/usr/share/doc")


def built_among_sources(known: Known, stage: Stage, folder: str) -> tuple[Product, ...]:
    """The programs that a stage certainly builds in a folder into which it copies all of the build context, where no
    command may have cleaned up after them; none where that is not certain.
    """
    contents = known.contents(stage.index)
    built = [x for x in contents.products if x.certain and x.path and x.ecosystem in _COMPILED and x.path != folder]
    if not any(holds(folder, product.path or "") for product in built):
        return ()
    whole = any(
        isinstance(each.instruction, Copy)
        and each.instruction.source is None
        and each.path in (".", "./", "/")
        and joined("/", each.destination) == folder
        for each in placed_in(known, stage)
    )
    if not whole or cleans(known, stage, folder):
        return ()
    return tuple(product for product in built if holds(folder, product.path or ""))


def built_in(known: Known, stage: Stage) -> tuple[Product, ...]:
    """The programs that a stage certainly builds at a known path, where nothing cleans the stage; else none."""
    contents = known.contents(stage.index)
    built = tuple(product for product in contents.products if product.certain and product.path)
    return () if not built or cleans(known, stage, "/") else built


def cleans(known: Known, stage: Stage, folder: str) -> bool:
    """Whether a command of the stage may remove or move what lies in a folder, caches apart."""
    for step in known.contents(stage.index).steps:
        if not isinstance(step.instruction, Run):
            continue
        if step.script is None or not step.script.understood:
            return True
        for command in step.script.commands:
            if command.name not in _CLEANING:
                continue
            if command.name == "git" and not any(word.text in ("clean", "rm", "mv") for word in command.words[1:3]):
                continue
            paths = [joined(command.directory, word.text) for word in command.words[1:] if not _is_option(word.text)]
            if any(path is None or (overlap(folder, path) and not _is_cache(path)) for path in paths):
                return True
    return False


def _is_option(text: str | None) -> bool:
    return text is not None and text.startswith("-")


def _is_cache(path: str) -> bool:
    return any(holds(cache, path) for cache in _CACHES)
