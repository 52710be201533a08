"""What an image costs, in a few words: `1.14 GB unpacked`, `about 297 MB compressed, like 1.26.5-bookworm`."""

from __future__ import annotations

from typing import Any

from msgspec import Struct
from msgspec.structs import replace

from lint_multistage.facts.sizes import Measure, Size, example_of, sizes_of
from lint_multistage.late import late_regex
from lint_multistage.model.images import ImageReference, parse_image
from lint_multistage.model.stages import Stage

_GB = 1000
# Sizes are those for amd64; a variable is mostly that.
_AMD64 = late_regex(r"amd64|x86_64|\$")


class Cost(Struct, frozen=True):
    """The size of a base image, None where it is unknown."""

    size: Size | None = None

    @property
    def clause(self) -> str:
        """What to say behind the image's name, "" where the size is unknown."""
        return f" ({in_words(self.size)})" if self.size else ""

    @property
    def data(self) -> dict[str, Any]:
        """The size for programs."""
        return {"size": self.size.data} if self.size else {}


def cost(root: Stage) -> Cost:
    """The size of the image that a stage is FROM, in the measure that is best known."""
    return Cost(_best(sizes_of_base(root)))


def sizes_of_base(root: Stage) -> dict[Measure, Size]:
    """The sizes that are known of the image that a stage is FROM, by measure."""
    elsewhere = any(x.name == "platform" and x.value and not _AMD64.search(x.value.text) for x in root.from_.flags)
    reference = None if root.unset or not root.base or elsewhere else parse_image(root.base)
    return _of(reference) if isinstance(reference, ImageReference) else {}


def instead(base: ImageReference, image: str) -> str:
    """What to say behind the name of the `image` that takes the place of `base`, "" where the sizes of the two are
    not known in the same measure.
    """
    size = _best(_of(base))
    reference = parse_image(image)
    if size is None or isinstance(reference, str):
        return ""
    example = example_of(base.name, base.tag)
    if example and example.measure == size.measure and _repository(example.image) == reference.name:
        return f" ({example.program} on {example.image} is {_amount(example.mb)} {example.measure})"
    own = _of(reference).get(size.measure)
    return f" ({in_words(own)})" if own else ""


def in_words(size: Size) -> str:
    """A size with its measure, and for another tag than the one asked for, the tag that it was measured on."""
    if size.exact:
        return f"{_amount(size.mb)} {size.measure}"
    return f"about {_amount(size.mb, rough=True)} {size.measure}, like {size.tag}"


def _best(sizes: dict[Measure, Size]) -> Size | None:
    """The size that is said of a base image; those beside it are told in its measure alone."""
    ranked = sorted(sizes.values(), key=lambda size: (size.distance, size.measure != "compressed"))
    return ranked[0] if ranked else None


def _of(reference: ImageReference) -> dict[Measure, Size]:
    tag = reference.fact_tag
    if tag is None:
        return {}
    sizes = sizes_of(reference.name, tag)
    if not reference.digest:
        return sizes
    # The digest may be that of another day.
    return {measure: replace(size, distance=size.distance + 1) for measure, size in sizes.items()}


def _repository(image: str) -> str:
    return image.rpartition(":")[0]


def _amount(mb: float, *, rough: bool = False) -> str:
    """`1.14 GB`, `297 MB`, `43.4 MB`, `8.42 MB`; rough ones with a digit less."""
    if mb >= _GB:
        return f"{mb / _GB:.{1 if rough else 2}f} GB"
    digits = 0 if mb >= 100 or (rough and mb >= 10) else 1 if mb >= 10 or rough else 2
    return f"{mb:.{digits}f} MB"
