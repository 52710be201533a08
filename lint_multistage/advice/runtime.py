"""The image that what was built can run on."""

from __future__ import annotations

import re
from collections.abc import Sequence

from msgspec import Struct
from msgspec.structs import replace

from lint_multistage.advice.sizes import instead
from lint_multistage.contents.products import Product
from lint_multistage.contents.stage import Contents
from lint_multistage.facts import Runtime, fill
from lint_multistage.facts.images import ARCHITECTURES
from lint_multistage.late import late_regex
from lint_multistage.model.images import ImageReference

_WINDOWS_PROGRAM = late_regex(r"\.exe$", re.IGNORECASE)
# public.ecr.aws/docker/library/golang
_MIRROR = late_regex(r"[^@]+/library/(?=[^/]+$)")
_VERSION = late_regex(r"\{(?:major|version)\}")


class RunsOn(Struct, frozen=True):
    """An image to ship.

    `when` is the condition in words, "" for none. `open` says that `N` in it is to be filled in. `instead_of` is the
    image whose place it takes.
    """

    image: str
    when: str = ""
    open: bool = False
    instead_of: ImageReference | None = None

    @property
    def shown(self) -> str:
        """The image, with its size where it can be compared."""
        if self.open or self.instead_of is None:
            return self.image
        return self.image + instead(self.instead_of, self.image)


def runs_on(contents: Contents, built: Sequence[Product]) -> RunsOn | None:
    """The image that what was `built` on the stage's base image can run on, None where the facts name none."""
    image, base = contents.image, contents.base
    if image is None or base is None:
        return None
    if image.distro != "windows" and any(product.path and _WINDOWS_PROGRAM.search(product.path) for product in built):
        return None
    ranked = _ranked(contents, built)
    for runtime in ranked:
        if filled := fill(runtime, image, base.tag):
            return RunsOn(_from_mirror(filled, base), runtime.when, instead_of=base)
    if base.tag and re.search(r"\d", base.tag):
        return None
    # The tag names no version, and there is no runtime without one.
    for runtime in ranked:
        template, parts = _VERSION.subn("N", runtime.image)
        if parts and (filled := fill(replace(runtime, image=template), image, base.tag)):
            return RunsOn(_from_mirror(filled, base), runtime.when, open=True)
    return None


def _from_mirror(image: str, base: ImageReference) -> str:
    """An official image from where the base image comes from: a mirror of Docker Hub has them all, and so have the
    repositories of an architecture.
    """
    if "/" in image or image == "scratch":
        return image
    mirror = _MIRROR.match(base.text)
    architecture = base.repository.partition("/")[0]
    return mirror[0] + image if mirror else f"{architecture}/{image}" if architecture in ARCHITECTURES else image


def _ranked(contents: Contents, built: Sequence[Product]) -> list[Runtime]:
    """The runtimes of the facts, the best for what was built first."""
    image = contents.image
    if image is None:
        return []
    links = {product.link for product in built}
    ecosystems = {product.ecosystem for product in built}
    # Rust and Go link all but musl itself statically there; cgo is the exception that dynamic is for.
    musl = image.libc == "musl" and ecosystems <= {"rust", "go"}
    link = "static" if links == {"static"} or (musl and "dynamic" not in links) else "dynamic"
    # A .NET program that is native, or brings its runtime, needs the system's libraries only.
    native = ecosystems == {"dotnet"} and links == {"dynamic"}

    def rank(runtime: Runtime) -> tuple[bool, bool, bool]:
        fits = native and "runtime-deps" in runtime.image
        return (runtime.link not in (link, "any"), not fits, bool(runtime.when))

    return sorted(image.runtimes, key=rank)
