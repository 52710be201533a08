"""Named contexts: what a build gives in place of stages and images."""

from __future__ import annotations

from collections.abc import Mapping

from msgspec import Struct

from lint_multistage.model.images import parse_image

NOTHING, IMAGE = -2, -1
"""What is replaced of all that a stage starts from: nothing, or the image at its root; else the index of a stage."""

_RESERVED = ("scratch", "context")
"""Names that nothing replaces."""


class OtherTarget(Struct, frozen=True):
    """The build whose result is given: its Dockerfile's path as reports print it, and the stage that it asks for ("" is
    the last one, None is not known).
    """

    path: str
    stage: str | None = ""


class NamedContext(Struct, frozen=True):
    """What a build gives in place of the stage or image `name`, which is written as `context_name` has it.

    `value` is a path, an URL, docker-image://…, oci-layout://…, target:NAME (of bake) or service:NAME (of compose), ""
    where it is not known; `source` is what target: and service: lead to, as far as it is known. `by` is the place that
    gives it, such as compose.yaml:7. `bases` are the stages of which it is the base under the arguments of that build,
    though the Dockerfile's own defaults name something else.
    """

    name: str
    value: str = ""
    source: OtherTarget | None = None
    by: str = ""
    bases: tuple[int, ...] = ()


def context_name(text: str) -> str:
    """What BuildKit compares of a context, a stage or an image: its familiar name, without the tag `latest`.

    So a context `alpine` replaces `docker.io/library/alpine:latest`, not `alpine:3.18`. The platform behind `::`, for
    which alone a context may be meant, is left out.
    """
    text = text.partition("::")[0]
    image = parse_image(text)
    if isinstance(image, str):
        return text
    tag = "" if image.tag == "latest" and not image.digest else image.tag
    return image.name + (f":{tag}" if tag else "") + (f"@{image.digest}" if image.digest else "")


def named_contexts(values: Mapping[str, str]) -> dict[str, str]:
    """Contexts as a build file has them, by the names that BuildKit compares; those that replace nothing left out."""
    named = ((context_name(name), value) for name, value in values.items())
    return {name: value for name, value in named if name.lower() not in _RESERVED}
