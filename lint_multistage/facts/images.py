"""Facts about base images: which record speaks of a reference, and what all variants of a repository share."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from msgspec import Struct

HUB = frozenset(("docker.io", "index.docker.io", "registry-1.docker.io", "registry.hub.docker.com", "mirror.gcr.io"))
# Docker Hub publishes every official image once more for each architecture, as "arm64v8/ruby".
ARCHITECTURES = frozenset(
    ["amd64", "arm32v5", "arm32v6", "arm32v7", "arm64v8", "i386", "mips64le", "ppc64le", "riscv64", "s390x", "winamd64"]
)


class Runtime(Struct, frozen=True, forbid_unknown_fields=True):
    """An image that the stage that ships may use instead.

    `image` is a template for `fill`; `link` says which programs it suits (static, dynamic, any); `when` is the
    condition in words, "" for none.
    """

    image: str
    link: str = "any"
    when: str = ""


class Image(Struct, frozen=True, forbid_unknown_fields=True):
    """What is known of the tags of some repositories of equal contents.

    `repositories` are normalised names, the canonical one first; `tags` is a regular expression searched in the
    tag ("" matches every tag); `role` is toolchain, bundled (an interpreter with a toolchain), runtime, minimal or
    os; `distro` and `libc` are "" where unknown (`libc` is "none" where there is none); `toolchains` are names of
    `toolchains.json`; `runtimes` are best first. `directory` is the working directory that it sets ("" unknown),
    `variables` those of its ENV that say where build commands put things.
    """

    repositories: tuple[str, ...]
    tags: str = ""
    role: str = ""
    distro: str = ""
    libc: str = ""
    toolchains: tuple[str, ...] = ()
    runtimes: tuple[Runtime, ...] = ()
    directory: str = ""
    variables: dict[str, str] = {}
    note: str = ""
    sources: tuple[str, ...] = ()


def normalise(repository: str) -> str:
    """The name under which facts are kept: Docker Hub images without registry or `library/`, others as written.

    A proxy path that ends in `library/NAME` is Docker Hub's NAME; `registry.corp/NAME` is another image.
    """
    parts = repository.split("/")
    if len(parts) > 1 and parts[-2] == "library":
        return parts[-1]
    if len(parts) > 1 and parts[0] in HUB:
        parts = parts[1:]
    if len(parts) == 2 and parts[0] in ARCHITECTURES:
        parts = parts[1:]
    return "/".join(parts)


class ImageTable:
    """Image records, found by repository and tag."""

    def __init__(self, images: Iterable[Image]) -> None:
        self._by_repository: dict[str, list[Image]] = {}
        for image in images:
            for repository in image.repositories:
                self._by_repository.setdefault(normalise(repository), []).append(image)

    def variants(self, repository: str) -> list[Image]:
        """The records of a normalised repository, in order; none when it is unknown."""
        return self._by_repository.get(repository, [])

    def find(self, repository: str, tag: str) -> Image | None:
        """The first record of a normalised repository that covers the tag."""
        for image in self.variants(repository):
            if re.search(image.tags, tag):
                return image
        return None


def reachable(variants: Iterable[Image]) -> Iterator[Image]:
    """The records that some tag can select: none after the first that covers every tag."""
    for image in variants:
        yield image
        if not image.tags:
            return


def merged(variants: Iterable[Image]) -> Image | None:
    """What holds for every record but those of Windows images; None when they share nothing.

    The role is "" where they disagree.
    """
    images = [image for image in variants if image.distro != "windows"]
    if not images:
        return None
    first = images[0]
    role, distro, libc = (
        values.pop() if len(values) == 1 else ""
        for values in ({i.role for i in images}, {i.distro for i in images}, {i.libc for i in images})
    )
    toolchains = tuple(name for name in first.toolchains if all(name in image.toolchains for image in images))
    runtimes = tuple(runtime for runtime in first.runtimes if all(runtime in image.runtimes for image in images))
    if not (role or distro or libc or toolchains or runtimes):
        return None
    return Image(
        repositories=first.repositories,
        role=role,
        distro=distro,
        libc=libc,
        toolchains=toolchains,
        runtimes=runtimes,
        directory=first.directory if all(image.directory == first.directory for image in images) else "",
        variables=first.variables if all(image.variables == first.variables for image in images) else {},
        note=first.note if all(image.note == first.note for image in images) else "",
        sources=tuple(dict.fromkeys(source for image in images for source in image.sources)),
    )
