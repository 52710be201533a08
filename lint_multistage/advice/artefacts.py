"""What the stage that ships needs of the one that builds: paths that are certainly there, and the rest in words."""

from __future__ import annotations

import posixpath
from collections.abc import Sequence

from msgspec import Struct

from lint_multistage.contents.paths import holds
from lint_multistage.contents.products import Product
from lint_multistage.contents.stage import Contents
from lint_multistage.contents.started import Start, started
from lint_multistage.late import late_regex
from lint_multistage.text import Source

_MOST_PATHS = 4
_MOST_COMMANDS = 3
_SYSTEM = late_regex(r"/(?:bin|dev|etc|lib|sbin|usr/(?:s?bin|lib|libexec|share|local/(?:lib|share|sbin)))/")
# What these make is used from the folder that it stands in.
_IN_PLACE = frozenset(("node", "python", "ruby", "php", "java"))
# `go install` of a tool makes it, and libraries of these are compiled where they are installed.
_TOOLS = frozenset(("go", "rust"))


class Artefacts(Struct, frozen=True):
    """What to copy: `paths`, the one that is started first, and what the commands of `unknown` make.

    `more` is how many further paths there are.
    """

    paths: tuple[str, ...] = ()
    unknown: tuple[Product, ...] = ()
    more: int = 0


def made(contents: Contents) -> tuple[Product, ...]:
    """What the stage certainly builds; where that is nothing, the programs that it certainly installs from sources."""
    certain = tuple(product for product in contents.products if product.certain)
    if certain or any(each.ecosystem in _TOOLS and not each.command.endswith("install") for each in contents.products):
        return certain
    return tools(contents)


def tools(contents: Contents, *, unplaced: bool = False) -> tuple[Product, ...]:
    """The programs that are installed from sources at a known path: nothing but the image's user may need them.

    With `unplaced`, also those that are installed to where the environment says.
    """
    return tuple(
        product
        for product in contents.products
        if not product.certain
        and product.ecosystem in _TOOLS
        and (
            (product.path and not _is_toolchains(product))
            or (unplaced and product.command in ("go install", "cargo install"))
        )
    )


def artefacts(contents: Contents, built: Sequence[Product]) -> Artefacts:
    """What is needed of a stage that makes what was `built`, and starts what it says."""
    # A folder of programs holds the toolchain's own as well.
    known = [product.path for product in built if product.path and not _is_toolchains(product)]
    unknown = [product for product in _last_steps(built) if product.path is None or _is_toolchains(product)]
    first: list[str] = []
    for start in started(contents):
        for path in start.files:
            if not _is_the_systems(path, contents):
                known, unknown = _with_started(path, start, known, unknown, contents)
                first.append(next((folder for folder in known if holds(folder, path)), path))
    found = _outermost([*first, *_gathered(known)])
    shown = found if len(found) <= _MOST_PATHS + 1 else found[:_MOST_PATHS]
    return Artefacts(tuple(shown), tuple(unknown), len(found) - len(shown))


def _with_started(
    path: str, start: Start, known: list[str], unknown: list[Product], contents: Contents
) -> tuple[list[str], list[Product]]:
    """The known paths and unknown products once it is known that `path` is started."""
    if any(holds(folder, path) for folder in known):
        return known, unknown
    if path == contents.directory and start.relative:
        # A folder as a whole is copied, with what was built in it.
        return known, [product for product in unknown if product.ecosystem not in _IN_PLACE]
    if start.script or path in contents.brought:
        return known, unknown
    same = [other for other in known if posixpath.basename(other) == posixpath.basename(path)]
    if same:
        # It was moved.
        return [other for other in known if other not in same], unknown
    # Made by the last command that does not say where.
    return known, unknown[:-1]


def _last_steps(built: Sequence[Product]) -> list[Product]:
    """The products without those that a later step of the same tool takes on: `make` before `make install`."""
    return [
        product
        for at, product in enumerate(built)
        if at + 1 == len(built) or not built[at + 1].command.startswith(f"{product.command} install")
    ]


def _is_toolchains(product: Product) -> bool:
    folder = product.path or ""
    return posixpath.basename(folder) == "bin" and product.ecosystem != "go"


def _is_the_systems(path: str, contents: Contents) -> bool:
    """Whether the base image, or a package, may have brought the file."""
    return bool(_SYSTEM.match(path)) and path not in contents.brought


def _gathered(paths: Sequence[str]) -> list[str]:
    """The paths; many programs in a folder of Go's become the folder."""
    folders = [posixpath.dirname(path) for path in paths]
    many = {folder for folder in folders if folders.count(folder) > 2 and folder.endswith("/go/bin")}
    return [folder if folder in many else path for folder, path in zip(folders, paths, strict=True)]


def _outermost(paths: Sequence[str]) -> list[str]:
    """The paths in order, each once, without those that lie in another."""
    return [path for path in dict.fromkeys(paths) if not any(holds(other, path) for other in paths if other != path)]


def in_words(products: Sequence[Product], source: Source) -> str:
    """`what 'make' makes (line 5)`, for products whose path is not known; "what it makes" for none."""
    told = dict.fromkeys((product.command, source.in_file(product.span.start).line) for product in products)
    shown = list(told)[-_MOST_COMMANDS:]
    if not shown:
        return "what it makes"
    commands = [f"'{command}' (line {line})" for command, line in shown]
    if len(commands) == 1:
        return f"what '{shown[0][0]}' makes (line {shown[0][1]})"
    return f"what {', '.join(commands[:-1])} and {commands[-1]} make"
