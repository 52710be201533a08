"""Where products lie once `cp`, `mv` and `install` have run."""

from __future__ import annotations

import posixpath
from collections.abc import Mapping, Sequence

from msgspec import Struct
from msgspec.structs import replace

from lint_multistage.contents.products import MOVES
from lint_multistage.contents.products.call import Call, Product, call_of
from lint_multistage.late import late_regex
from lint_multistage.syntax.shell_commands import Script

_VALUED = frozenset(("-S", "--suffix", "-m", "--mode", "-o", "--owner", "-g", "--group"))
_TARGET = ("-t", "--target-directory")
_RECURSIVE = late_regex(r"-\w*[rRa]\w*|--recursive|--archive")
_FOLDERS = late_regex(r"/(?:opt|srv|(?:usr/(?:local/)?)?(?:bin|lib|libexec|sbin))?")
_FOR_A_WHILE = late_regex(r"/(?:var/)?tmp/|/(?:dev|proc)/")
# Where tools that do not say what they make put it.
_OUTPUT = {
    "rust": late_regex(r"/target/(?:[\w.-]+/)?(?:release|debug|[\w-]+)/[^/]+$"),
    "java": late_regex(r"/(?:target|build|out|dist)/.*\.(?:[jw]ar|zip)$|\.[jw]ar$"),
    "dotnet": late_regex(r"/(?:bin|publish|out)(?:/|$)|\.(?:dll|exe)$"),
    "node": late_regex(r"/(?:dist|build|out|public|\.next|\.output)(?:/|$)"),
    "site": late_regex(r"/(?:dist|build|public|_site|site|book|html)(?:/|$)"),
}
# What other tools make is known by where it is put: a program among programs, or at the top.
_PROGRAM = late_regex(r"/(?:(?:.*/)?(?:s?bin|libexec)/)?[^/.]+|/(?:.*/)?[^/]+\.(?:so(?:\.\d+)*|wasm)")


class _Move(Struct, frozen=True):
    """A file or folder that is put somewhere; the last part of `source` may be a pattern. `tree` is true for -r."""

    source: str
    destination: str
    tree: bool


def placed(
    known: Sequence[Product], made: Sequence[Product], script: Script, variables: Mapping[str, str]
) -> list[Product]:
    """The products `known` before `script` and those `made` in it, where its last copy or move put each.

    A program that is put among the system's after a build that does not say where its output lies is that output.
    """
    products = [*known, *made]
    hidden = [at for at, product in enumerate(products) if product.certain and product.path is None]
    hidden = [at for at in hidden if not is_installed(products, at)]
    for command in script.commands:
        if command.name not in MOVES or not command.certain:
            continue
        # A product that is made later in the script cannot have been copied yet.
        reach = len(known) + sum(product.span.start < command.span.start for product in made)
        call = call_of(command, variables) if reach else None
        for move in _moves(call) if call else ():
            _follow(products, reach, [at for at in hidden if at < reach], move)
    return products


def is_installed(products: Sequence[Product], at: int) -> bool:
    """Whether the product number `at` is put in its place by the build tool: `make install`, or `make` before it."""
    tool = products[at].command.partition(" ")[0]
    later = next((other.command for other in products[at + 1 :] if other.command.startswith(tool)), "")
    return "install" in products[at].command or "install" in later


def _moves(call: Call) -> list[_Move]:
    """What a call puts where, as far as both are known."""
    if call.name == "install" and call.has("-d", "--directory"):
        return []
    folders = call.values(*_TARGET)
    texts = [call.text(at) for at in call.positions(_VALUED | frozenset(_TARGET))]
    into = folders[-1] if folders else texts.pop() if len(texts) > 1 else None
    place = call.place(into)
    if into is None or place is None or _FOR_A_WHILE.match(f"{place}/"):
        return []
    is_folder = (
        bool(folders) or len(texts) > 1 or into.endswith("/") or into in (".", "..") or bool(_FOLDERS.fullmatch(place))
    )
    tree = any(_RECURSIVE.fullmatch(head) for head in call.heads)
    found = []
    for text in texts:
        source = _source(call, text)
        if source is None:
            continue
        name = posixpath.basename(source)
        if not is_folder:
            found.append(_Move(source, place, tree))
        elif "*" not in name:
            found.append(_Move(source, posixpath.join(place, name), tree))
    return found


def _source(call: Call, text: str | None) -> str | None:
    """The absolute path of `text`, of whose last part a pattern such as `*.jar` may remain."""
    if text is None:
        return None
    folder, slash, name = text.rpartition("/")
    if "*" not in name:
        return call.place(text)
    place = call.place(folder or slash or ".")
    return posixpath.join(place, name) if place else None


def _follow(products: list[Product], reach: int, hidden: Sequence[int], move: _Move) -> None:
    for at in range(reach):
        if products[at].path == move.source:
            products[at] = replace(products[at], path=move.destination)
            return
    for at in reversed(range(reach)):
        path = products[at].path
        if products[at].certain and path and move.source.startswith(path.rstrip("/") + "/") and at not in hidden:
            # The rest of the folder may be needed too, so both stay.
            products.append(replace(products[at], path=move.destination))
            return
    for at in reversed(hidden):
        pattern = _OUTPUT.get(products[at].ecosystem)
        if pattern is None:
            fits = not move.tree and "*" not in move.source and _PROGRAM.fullmatch(move.destination)
        else:
            fits = pattern.search(move.source)
        if fits and products[at].path is None:
            products[at] = replace(products[at], path=move.destination)
            return
        if fits:
            # One command may make several things.
            products.append(replace(products[at], path=move.destination))
            return
