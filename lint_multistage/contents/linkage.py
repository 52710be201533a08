"""Which C library a program needs, and which of them a stage has."""

from __future__ import annotations

from lint_multistage.contents.products import Product
from lint_multistage.contents.products.call import DEFAULT, DYNAMIC, GLIBC, MUSL, STATIC
from lint_multistage.contents.stage import Contents
from lint_multistage.late import late_regex

__all__ = ["GLIBC", "MUSL", "NONE", "needed", "offered"]

NONE = "none"
"""No C library at all: what a static program needs, and what scratch has."""
_COMPATIBLE = {
    MUSL: late_regex(r"gcompat|libc6-compat|glibc(?:-.*)?|alpine-glibc|libc6.*"),
    GLIBC: late_regex(r"musl(?:-.*)?"),
}
# Where the command tells: others are linked as a file of the project says.
_TOLD = frozenset("go rust c fortran haskell crystal swift dart java elixir node python cobol".split())
# Rust's own toolchain links statically on musl; the one that Alpine packages does not.
_ALPINES_RUST = frozenset(("rust", "cargo"))


def needed(product: Product, contents: Contents) -> str:
    """The C library that must be there when `product`, made in the stage of `contents`, runs: glibc, musl, `NONE` for
    a static program, "" where that is not known.
    """
    if product.link == STATIC:
        return NONE
    if product.ecosystem not in _TOLD and not product.libc:
        return ""
    libc = product.libc or (contents.image.libc if contents.image else "")
    if libc not in (GLIBC, MUSL):
        return ""
    if product.link == DEFAULT and libc == MUSL:
        if _ALPINES_RUST.intersection(each.plain for each in contents.packages):
            return ""
        rustup = contents.image is not None and "rustup" in contents.image.toolchains
        return NONE if rustup else ""
    return libc if product.link in (DEFAULT, DYNAMIC) else ""


def offered(contents: Contents, complete: bool = False) -> str:
    """The one C library that a stage has, `NONE` where it has none, "" where that is not known or it has several.

    `complete` is true where the packages whose names are not known bring none.
    """
    image = contents.image
    if image is None or image.distro == "windows" or not image.libc:
        return ""
    pattern = _COMPATIBLE.get(image.libc)
    if not (complete or contents.asked.complete) or (
        pattern and any(pattern.fullmatch(each.plain) for each in contents.packages)
    ):
        return ""
    return image.libc
