"""How large images are: what was measured, on which tag, and which other tags that says something of."""

from __future__ import annotations

import os
import re
from functools import cache
from typing import Literal

import msgspec
from msgspec import Struct

from lint_multistage.facts.images import ARCHITECTURES, HUB, normalise
from lint_multistage.facts.store import DATA
from lint_multistage.late import late_regex

Measure = Literal["compressed", "unpacked"]

_WORD = late_regex(r"([a-z]*?)v?(\d+(?:[._]\d+)*)?")
# A tag may leave out which release of it is meant.
_ALPINE = "alpine"


class Measured(Struct, frozen=True, forbid_unknown_fields=True):
    """The size for amd64 of what the tag named on the day; `also` are other tags that named the same image then.

    `compressed` is what a pull transfers, `unpacked` what `docker image ls` shows. A MB is a million bytes.
    """

    tag: str
    measure: Measure
    mb: float
    source: str
    also: tuple[str, ...] = ()


class Line(Struct, frozen=True, forbid_unknown_fields=True):
    """The sizes of one image. So many `numbered` parts of its versions name a release line: Node's 22, Go's 1.26."""

    sizes: tuple[Measured, ...]
    numbered: int = 2


class Example(Struct, frozen=True, forbid_unknown_fields=True):
    """What a `program` measured on the small `image`, once built on the image `builder`."""

    builder: str
    program: str
    image: str
    measure: Measure
    mb: float
    source: str


class SizeFile(Struct, frozen=True, forbid_unknown_fields=True):
    """The form of `sizes.json`."""

    checked: str
    images: dict[str, Line]
    examples: tuple[Example, ...]


class Size(Struct, frozen=True):
    """A size, measured on `image`. `distance` is 0 where that is the image asked for, 1 where both names meant the same
    on that day, and more where they are alike.
    """

    mb: float
    measure: Measure
    image: str
    distance: int = 1

    @property
    def exact(self) -> bool:
        return self.distance == 0

    @property
    def tag(self) -> str:
        return self.image.rpartition(":")[2]

    @property
    def data(self) -> dict[str, float | str]:
        """The size for programs."""
        return {"mb": int(self.mb) if self.mb.is_integer() else self.mb, "measure": self.measure, "image": self.image}


@cache
def _file() -> SizeFile:
    with open(os.path.join(DATA, "sizes.json"), "rb") as file:
        return msgspec.json.decode(file.read(), type=SizeFile)


def sizes_of(name: str, tag: str) -> dict[Measure, Size]:
    """What is known of the size of an image, by measure; `name` is as a reference has it, `tag` "" is latest.

    Only tags of the same variant and a near release count. Images for other processors than amd64 are unknown.
    """
    if _architecture(name) not in ("", "amd64"):
        return {}
    name, tag = normalise(name), tag or "latest"
    line = _file().images.get(name)
    found: dict[Measure, Size] = {}
    for measured in line.sizes if line else ():
        distance = _distance(tag, measured, line.numbered if line else 0)
        if distance is not None and (measured.measure not in found or distance < found[measured.measure].distance):
            found[measured.measure] = Size(measured.mb, measured.measure, f"{name}:{measured.tag}", distance)
    return found


def example_of(name: str, tag: str) -> Example | None:
    """A program that was built on exactly this image, and measured on a small one."""
    image = f"{normalise(name)}:{tag}"
    return next((example for example in _file().examples if example.builder == image), None)


def _architecture(name: str) -> str:
    parts = name.split("/")
    if parts[0] in HUB:
        parts = parts[1:]
    return parts[0] if len(parts) == 2 and parts[0] in ARCHITECTURES else ""


def _distance(tag: str, measured: Measured, numbered: int) -> int | None:
    """0 for the tag that was measured, more for one that is like it, None for another variant or a far release."""
    if tag == measured.tag:
        return 0
    if tag in measured.also:
        return 1
    far = [far for name in (measured.tag, *measured.also) if (far := _between(tag, name, numbered)) is not None]
    return 2 + min(far) if far else None


def _between(one: str, other: str, numbered: int) -> int | None:
    """How many releases apart two tags are that differ in nothing else, None where they do or it is more than one."""
    words, others = one.split("-"), other.split("-")
    if len(words) != len(others):
        return None
    apart = 0
    for at, (word, against) in enumerate(zip(words, others, strict=True)):
        if word == against:
            continue
        (prefix, version), (its_prefix, its_version) = _parsed(word), _parsed(against)
        if prefix != its_prefix or prefix != (_ALPINE if at else ""):
            return None
        if prefix and not (version and its_version):
            continue
        between = _releases(version, its_version, 2 if prefix else numbered)
        if between is None:
            return None
        apart = max(apart, between)
    return apart


def _parsed(word: str) -> tuple[str, tuple[int, ...]]:
    """A word of a tag as what stands before its version, and the version; a word without one as it is."""
    match = _WORD.fullmatch(word)
    if match is None:
        return word, ()
    return match[1], tuple(map(int, re.split(r"[._]", match[2]))) if match[2] else ()


def _releases(one: tuple[int, ...], other: tuple[int, ...], numbered: int) -> int | None:
    """How many releases lie between two versions, None where that is unknown or more than one."""
    if min(len(one), len(other)) < numbered:
        return None
    if one[:numbered] == other[:numbered]:
        return 0
    near = numbered > 1 and one[: numbered - 1] == other[: numbered - 1]
    return 1 if near and abs(one[numbered - 1] - other[numbered - 1]) == 1 else None
