"""Shared libraries that a program is linked with, and that the stage which ships it lacks."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from msgspec import Struct

from lint_multistage.contents.arrivals import Arrival, arrivals
from lint_multistage.contents.brings import GATHERS, Places
from lint_multistage.contents.linkage import needed, offered
from lint_multistage.contents.packages import Installed
from lint_multistage.contents.placed import Known
from lint_multistage.contents.products import Product
from lint_multistage.contents.products.call import GLIBC, MUSL
from lint_multistage.contents.stage import Contents
from lint_multistage.facts.packages import FAMILIES
from lint_multistage.late import late_regex
from lint_multistage.model.stages import Stage
from lint_multistage.text import Span

APT, APK = "apt", "apk"
# Packages that bring no library but their own, and those of OpenSSL.
_LEAVES = frozenset(
    "ca-certificates tzdata bash tini dumb-init gosu su-exec adduser passwd netbase openssl locales libssl3 libssl3t64 "
    "libssl1.1 libcrypto3 musl musl-utils busybox zlib zlib1g shadow".split()
)
_OPENSSL = frozenset(("ca-certificates", "openssl", "libssl3", "libssl3t64", "libssl1.1", "libssl-dev"))
# What Debian and Alpine themselves have: the C library's parts, and what their package managers need.
_EVERYWHERE = frozenset(
    "c m pthread dl rt util resolv crypt nsl anl gcc gcc_s z bz2 lzma zstd lz4 tinfo ncurses ncursesw uuid blkid mount "
    "pam selinux systemd udev gmp acl attr pcre2-8 db cap seccomp audit ffi".split()
)
_HAS_OPENSSL = late_regex(r"alpine|ubuntu|gcr\.io/distroless/base(?!-nossl)(?:-debian\d+)?")
_SYSTEMS = late_regex(r"debian|ubuntu|alpine|gcr\.io/distroless/(?:base|base-nossl|cc)(?:-debian\d+)?")
_WITHOUT_GCC = late_regex(r"alpine|busybox|gcr\.io/distroless/base(?:-nossl)?(?:-debian\d+)?")
# What a library is called in the name of its package, where that is another name.
_PACKAGES = {"crypto": "ssl", "openssl": "ssl"}
_LIBRARY_FOLDERS = late_regex(r"/(?:usr/(?:local/)?)?lib(?:32|64)?(?:/.*)?|/usr|/usr/local|.*\.so(?:\.\d+)*")


class Missing(Struct, frozen=True):
    """A library, such as libpq, that a program of `arrival` needs and the stage that ships lacks.

    `package` is the package of its headers where the program is made, None for a library of the compiler; `runtime` is
    the package that brings it, by its name or in words.
    """

    stage: Stage
    arrival: Arrival
    product: Product
    library: str
    package: Installed | None
    runtime: str


def missing_libraries(known: Known, shipped: Iterable[Stage]) -> Iterator[Missing]:
    """The libraries that programs need in the stages that ship them and that are not there, each COPY told of once."""
    told: set[Span] = set()
    for stage in shipped:
        contents = known.contents(stage.index)
        image, libc = contents.image, offered(contents)
        if image is None or libc not in (GLIBC, MUSL) or not _is_plain(contents):
            continue
        places = Places(known, stage)
        for above in known.dockerfile.graph.lineage(stage):
            for arrival in arrivals(known, above):
                found = _missing(known, places, contents, arrival, libc)
                if found is not None and arrival.placed.word.span not in told:
                    told.add(arrival.placed.word.span)
                    yield found


def _is_plain(contents: Contents) -> bool:
    """Whether the libraries of a stage are those of its image: nothing else is installed that may bring some."""
    image = contents.image
    if image is None or not (
        _SYSTEMS.fullmatch(image.repositories[0]) or _WITHOUT_GCC.fullmatch(image.repositories[0])
    ):
        return False
    return contents.asked.complete and _LEAVES.issuperset(each.plain for each in contents.packages)


def _missing(known: Known, places: Places, contents: Contents, arrival: Arrival, libc: str) -> Missing | None:
    stage = places.stage
    builder = known.contents(arrival.stages[-1])
    product = arrival.products[-1]
    if any(needed(each, builder) != libc for each in arrival.products):
        return None
    found = next(iter(_lacking(known, contents, builder, product, libc)), None)
    if found is None or any(
        places.tells(known.dockerfile.stages[index], GATHERS) for index in (stage.index, *arrival.stages)
    ):
        return None
    if any(
        _LIBRARY_FOLDERS.fullmatch(target) or (target == "/" and not places.is_file(placed))
        for placed in places.placed
        for target in placed.targets or ("/",)
    ):
        return None
    library, package, runtime = found
    return Missing(stage, arrival, product, library, package, runtime)


def _lacking(
    known: Known, contents: Contents, builder: Contents, product: Product, libc: str
) -> Iterator[tuple[str, Installed | None, str]]:
    """The libraries that a program of `builder` needs and `contents` lack: name, package of headers, runtime."""
    name = contents.image.repositories[0] if contents.image else ""
    if _WITHOUT_GCC.fullmatch(name):
        if "stdc++" in product.libraries:
            yield "libstdc++", None, "libstdc++"
        elif product.ecosystem == "rust" and libc == GLIBC:
            yield "libgcc_s", None, "libgcc-s1"
    family = APK if libc == MUSL else APT
    openssl = bool(_HAS_OPENSSL.fullmatch(name)) or not _OPENSSL.isdisjoint(each.plain for each in contents.packages)
    for installed in builder.packages:
        if FAMILIES.get(installed.manager, installed.manager) != family or not installed.certain:
            continue
        package = known.facts.package(installed.manager, installed.name)
        if package is None or package.kind != "dev-headers" or not package.runtime:
            continue
        library = _library(installed.plain, product)
        if not library or library in _EVERYWHERE or (library in ("ssl", "crypto") and openssl):
            continue
        yield f"lib{library}", installed, package.runtime


def _library(package: str, product: Product) -> str:
    """The library of a package of headers that the program is linked with, "" where that is not certain."""
    stem = package.removesuffix("-dev").removeprefix("default-").removeprefix("lib")
    stem = re.sub(r"[\d.]+(?=-|$)", "", stem).strip("-") or stem
    for asked in product.libraries:
        plain = re.sub(r"[-\d.]+$", "", asked)
        plain = _PACKAGES.get(plain, plain)
        if plain and (stem in (plain, f"open{plain}") or stem.startswith(f"{plain}-")):
            return plain if plain == "ssl" else asked
    return ""
