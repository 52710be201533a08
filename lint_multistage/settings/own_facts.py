"""What a configuration knows of a company's images and packages: the tables `images` and `packages`."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from lint_multistage.facts import Facts, Image, Package, Runtime, normalise
from lint_multistage.facts.packages import FAMILIES
from lint_multistage.late import late_regex
from lint_multistage.model.images import parse_image
from lint_multistage.settings.errors import UsageError, nearest
from lint_multistage.settings.settings import OwnImage, Settings

_LISTS = ("toolchains",)
_TEXTS = ("like", "runtime", "role", "distro", "libc")
_WORDS = {"role": ("toolchain", "bundled", "runtime", "minimal", "os"), "libc": ("glibc", "musl", "none")}
_TOOLCHAIN = late_regex(r"[a-z0-9][a-z0-9.+_-]*")
_TEMPLATE = late_regex(r"\{(?:tag|version)\}")


def read_images(value: object, where: str) -> Mapping[str, OwnImage]:
    """The table `images`, checked: what is said of each image, by its name."""
    if isinstance(value, str):
        value = {name: _words(rest, where) for name, rest in _lines(value, where)}
    images: dict[str, OwnImage] = {}
    for name, entries in _table(value, where, "a table of image names").items():
        place = _inner(where, name)
        if reason := _unfit(name, tagged=True):
            raise UsageError(f"{place}: {reason}")
        images[name] = _image(_table(entries, place, "a table, such as {toolchains = ['go']}"), place)
        if "like" in images[name] and (reason := _unfit(name, tagged=False)):
            raise UsageError(f"{place}: {reason}")
    return images


def read_packages(value: object, where: str) -> Mapping[str, Mapping[str, tuple[str, ...]]]:
    """The table `packages`, checked: for each package manager the toolchains of packages by name."""
    if isinstance(value, str):
        value = {name: _words(rest, where) for name, rest in _lines(value, where)}
    packages: dict[str, Mapping[str, tuple[str, ...]]] = {}
    for manager, entries in _table(value, where, "a table of package managers").items():
        place = _inner(where, manager)
        if manager not in FAMILIES:
            raise UsageError(f"{place}: unknown package manager; {_mend(manager, tuple(FAMILIES))}")
        named = _table(entries, place, "a table of packages and toolchains")
        packages[manager] = {name: _toolchains(names, _inner(place, name)) for name, names in named.items()}
    return packages


def with_own_facts(facts: Facts, settings: Settings) -> Facts:
    """`facts` under what the configuration knows; UsageError where an image is like one that nobody knows."""
    like: dict[str, str] = {}
    images: list[Image] = []
    for name, entries in settings.images.items():
        if model := entries.get("like"):
            assert isinstance(model, str)
            if not facts.variants(model):
                file = settings.origins.get("images", "")
                place = f"{file}: 'images.{name}.like'"
                raise UsageError(f"{place}: nothing is known of '{model}'; say what the image carries: toolchains")
            like[normalise(_parts(name)[0])] = normalise(model)
        else:
            images.append(_fact(name, entries, facts))
    # A tag is told before what holds for all others.
    images.sort(key=lambda image: not image.tags)
    packages = {
        manager: tuple(_package(name, toolchains) for name, toolchains in named.items())
        for manager, named in settings.packages.items()
    }
    return facts.extended(images, packages, like)


def _fact(name: str, entries: OwnImage, facts: Facts) -> Image:
    repository, tag = _parts(name)
    toolchains = tuple(entries.get("toolchains", ()))
    texts = {key: value for key, value in entries.items() if isinstance(value, str)}
    return Image(
        repositories=(repository,),
        tags=f"^{re.escape(tag)}$" if tag else "",
        role=texts.get("role") or ("toolchain" if any(map(facts.heavy, toolchains)) else "runtime"),
        distro=texts.get("distro", ""),
        libc=texts.get("libc", ""),
        toolchains=toolchains,
        runtimes=(Runtime(texts["runtime"]),) if "runtime" in texts else (),
        sources=("configuration",),
    )


def _package(name: str, toolchains: tuple[str, ...]) -> Package:
    kind = "compiler" if toolchains else ""
    if "*" not in name:
        return Package(name, toolchains=toolchains, kind=kind)
    return Package(pattern=".*".join(map(re.escape, name.split("*"))), toolchains=toolchains, kind=kind)


def _image(entries: Mapping[str, object], where: str) -> OwnImage:
    image: dict[str, str | tuple[str, ...]] = {}
    for key, value in entries.items():
        place = _inner(where, key)
        if key in _LISTS:
            image[key] = _toolchains(value, place)
        elif key not in _TEXTS:
            raise UsageError(f"{place}: unknown key; {_mend(key, (*_LISTS, *_TEXTS))}")
        elif not isinstance(value, str) or not value.strip():
            raise UsageError(f"{place} must be a string, not {value!r}")
        else:
            image[key] = _text(key, value.strip(), place)
    if "like" in image and len(image) > 1:
        raise UsageError(f"{where}: 'like' says all; leave it or the other keys out")
    if not image:
        raise UsageError(f"{where} says nothing; give toolchains, which may be none: []")
    return image


def _text(key: str, value: str, where: str) -> str:
    if key in _WORDS and value not in _WORDS[key]:
        raise UsageError(f"{where} must be {', '.join(_WORDS[key][:-1])} or {_WORDS[key][-1]}, not {value!r}")
    if key == "like" and (reason := _unfit(value, tagged=False)):
        raise UsageError(f"{where}: {reason}")
    if key == "runtime" and (reason := _unfit(_TEMPLATE.sub("1", value), tagged=True)):
        raise UsageError(f"{where}: {reason}")
    return value


def _unfit(name: str, *, tagged: bool) -> str:
    """Why a name is not that of an image, "" where it is; without `tagged` a tag is too much."""
    reference = parse_image(name)
    if isinstance(reference, str):
        return reference
    if reference.digest:
        return "leave the digest out"
    return "" if tagged or not reference.tag else "leave the tag out: it means every tag of the two"


def _parts(name: str) -> tuple[str, str]:
    reference = parse_image(name)
    return (name, "") if isinstance(reference, str) else (reference.name, reference.tag)


def _toolchains(value: object, where: str) -> tuple[str, ...]:
    names = re.findall(r"[^,\s]+", value) if isinstance(value, str) else value
    if not isinstance(names, list | tuple) or not all(isinstance(name, str) for name in names):
        raise UsageError(f"{where} must be a list of toolchains, not {value!r}")
    for name in names:
        if not _TOOLCHAIN.fullmatch(name):
            raise UsageError(f"{where}: {name!r} is no name of a toolchain; write it like 'go' or 'acme-sdk'")
    return tuple(names)


def _table(value: object, where: str, wanted: str) -> Mapping[str, object]:
    if isinstance(value, dict):
        return value
    raise UsageError(f"{where} must be {wanted}, not {value!r}")


def _lines(text: str, where: str) -> list[tuple[str, str]]:
    """The lines of an ini value, each `NAME = key=value key=value`."""
    found = []
    for line in filter(None, map(str.strip, text.split("\n"))):
        match = re.fullmatch(r"([^\s=]+)\s*=\s*(\S.*)", line)
        if match is None:
            raise UsageError(f"{where} must be like NAME = key=value key=value, not {line!r}")
        found.append((match[1], match[2]))
    return found


def _words(text: str, where: str) -> dict[str, str]:
    entries: dict[str, str] = {}
    for word in text.split():
        key, equals, value = word.partition("=")
        if not equals:
            raise UsageError(f"{where} must be like NAME = key=value key=value, not {text!r}")
        entries[key] = value
    return entries


def _inner(where: str, name: str) -> str:
    """The place of an entry of a table: `file: 'images.registry.corp/base'`."""
    return f"{where[:-1]}.{name}'"


def _mend(word: str, known: Sequence[str]) -> str:
    near = nearest(word, known)
    return f"did you mean '{near}'?" if near else f"known are {', '.join(known)}"
