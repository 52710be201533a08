"""Image references, read as distribution/reference and BuildKit read them."""

from __future__ import annotations

import re

from msgspec import Struct

from lint_multistage.late import late_regex

_COMPONENT = r"[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*"
_REPOSITORY = late_regex(rf"{_COMPONENT}(?:/{_COMPONENT})*")
_LABEL = r"[a-zA-Z0-9](?:[a-zA-Z0-9-]*[a-zA-Z0-9])?"
_REGISTRY = late_regex(rf"(?:{_LABEL}(?:\.{_LABEL})*|\[[a-fA-F0-9:]+\])(?::[0-9]+)?")
_TAG = late_regex(r"\w[\w.-]{0,127}", re.ASCII)
_DIGEST = late_regex(r"[A-Za-z][A-Za-z0-9]*(?:[-_+.][A-Za-z][A-Za-z0-9]*)*:[0-9a-fA-F]{32,}")
_HEX_ID = late_regex(r"[a-f0-9]{64}")
_LONGEST_NAME = 255

HUB = "docker.io"


class ImageReference(Struct, frozen=True):
    """An image name taken apart. `tag` and `digest` are empty where not written.

    `registry` is docker.io where none is written, and `repository` of an official image there starts with `library/`.
    """

    text: str
    registry: str
    repository: str
    tag: str
    digest: str

    @property
    def name(self) -> str:
        """The familiar name without tag and digest: `golang`, `mcr.microsoft.com/dotnet/sdk`."""
        if self.registry == HUB:
            return self.repository.removeprefix("library/")
        return f"{self.registry}/{self.repository}"

    @property
    def fact_tag(self) -> str | None:
        """The tag that decides what is in the image: `latest` where none is written, None where only a digest is."""
        return self.tag or (None if self.digest else "latest")


def parse_image(text: str) -> ImageReference | str:
    """Take an image reference apart, or say why BuildKit refuses it."""
    name, at, digest = text.partition("@")
    if at and not _DIGEST.fullmatch(digest):
        return "the digest is not valid"
    last = name.rpartition("/")[2]
    tag = ""
    if ":" in last:
        name, _, tag = name.rpartition(":")
        if not _TAG.fullmatch(tag):
            return "the tag is empty" if not tag else f"the tag '{tag}' is not valid"
    if _HEX_ID.fullmatch(name):
        return "64 hexadecimal digits are an image ID, not a name"
    first, slash, rest = name.partition("/")
    registry, repository = HUB, name
    if slash and ("." in first or ":" in first or first == "localhost" or first != first.lower()):
        registry, repository = first, rest
        if not _REGISTRY.fullmatch(registry):
            return f"the registry '{registry}' is not valid"
    if registry in ("index.docker.io", HUB):
        registry = HUB
        if "/" not in repository:
            repository = f"library/{repository}"
    if repository != repository.lower():
        return "an image name must be lower case"
    if not _REPOSITORY.fullmatch(repository):
        return "the image name is empty" if repository in ("", "library/") else f"'{name}' is no valid image name"
    if len(registry) + 1 + len(repository) > _LONGEST_NAME:
        return f"an image name has at most {_LONGEST_NAME} characters"
    return ImageReference(text, registry, repository, tag, digest)
