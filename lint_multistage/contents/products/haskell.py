"""Products of Haskell's build tools."""

from __future__ import annotations

import re
from collections.abc import Iterator

from lint_multistage.contents.products.call import DYNAMIC, STATIC, UNKNOWN, Call, Product, own_folder, stem


def stack(call: Call) -> Iterator[Product]:
    """`stack build`, `stack install`."""
    valued = ("--resolver", "--stack-yaml", "--work-dir", "--local-bin-path", "--system-ghc", "-j", "--jobs", "--flag")
    at = call.subcommand((*valued, "--ghc-options", "--stack-root", "--compiler", "--snapshot", "--docker-image"))
    sub = call.text(at)
    nothing = ("--only-dependencies", "--dependencies-only", "--only-snapshot", "--only-locals", "--dry-run", "--help")
    if sub not in ("build", "install") or call.has(*nothing) or call.has("--test"):
        return
    copies = sub == "install" or call.has("--copy-bins")
    path: str | None = None
    if copies:
        path = (
            call.place(call.value("--local-bin-path")) if call.has("--local-bin-path") else call.place("~/.local/bin")
        )
    yield call.product("haskell", f"stack {sub}", path=own_folder(path), link=_haskell_link(call), last=at)


def cabal(call: Call) -> Iterator[Product]:
    """`cabal build`, `cabal install`."""
    valued = (
        "--installdir",
        "--bindir",
        "--project-file",
        "-w",
        "--with-compiler",
        "-j",
        "--ghc-options",
        "-f",
        "--flags",
    )
    at = call.subcommand((*valued, "--store-dir", "--builddir", "--constraint", "--prefix"))
    sub = (call.text(at) or "").removeprefix("v2-").removeprefix("new-").removeprefix("v1-")
    nothing = ("--only-dependencies", "--dependencies-only", "--only-download", "--dry-run", "--help", "--lib")
    if sub not in ("build", "install") or call.has(*nothing):
        return
    folders = call.values("--installdir", "--bindir") if sub == "install" else []
    names = [call.heads[place] for place in call.positions(valued, at + 1)]
    # A name alone may be a tool from Hackage.
    sure = sub == "build" or bool(folders) or not names or any(re.match(r"[.:/]|exe:|all", name) for name in names)
    path = own_folder(call.place(folders[-1])) if folders else None
    yield call.product("haskell", f"cabal {sub}", path=path, link=_haskell_link(call), sure=sure, last=at)


def _haskell_link(call: Call) -> str:
    asked = call.has("--enable-executable-static") or any(
        "-optl-static" in h or "-optl=-static" in h for h in call.heads
    )
    return STATIC if asked else UNKNOWN


def ghc(call: Call) -> Iterator[Product]:
    """`ghc Main.hs [-o out]`."""
    heads = set(call.heads)
    if heads & {
        "-c",
        "-e",
        "-M",
        "-S",
        "-C",
        "-E",
        "--version",
        "-V",
        "--interactive",
        "--info",
        "--help",
        "-fno-code",
    }:
        return
    if any(head.startswith(("--print", "--numeric")) for head in heads):
        return
    sources = call.positions(("-o", "-outputdir", "-odir", "-hidir", "-package", "-i", "-main-is", "-package-db", "-x"))
    if not sources:
        return
    outs = call.values("-o")
    out = outs[-1] if outs else stem(call.text(sources[0]), ".hs") if len(sources) == 1 else None
    static = any("-optl-static" in head or "-optl=-static" in head for head in heads)
    yield call.product("haskell", "ghc", path=call.place(out), link=STATIC if static else DYNAMIC)


READERS = {
    "stack": stack,
    "cabal": cabal,
    "ghc": ghc,
}
