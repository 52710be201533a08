"""Virtual environments and packages of one Python, shipped with another."""

from __future__ import annotations

import re
from collections.abc import Iterator

from lint_multistage.contents.carried import within
from lint_multistage.contents.crossings.shipping import Crossing, Shipping, origins, told
from lint_multistage.contents.placed import Known, Placed
from lint_multistage.contents.products import Product
from lint_multistage.contents.versions import PYTHON, Version, version_of
from lint_multistage.late import late_regex

_ENVIRONMENTS = frozenset(
    (
        "python -m venv",
        "virtualenv",
        "uv venv",
        "uv sync",
        *(f"{tool} {sub}" for tool in ("poetry", "pdm", "pipenv") for sub in ("install", "sync")),
    )
)
_SITE = late_regex(r"(/usr/local|/usr|/var/lang)/lib(?:64)?/python(3\.\d+)(?:/.*)?")
# Where one of these is spoken of, another Python than the image's may be at work.
_CHOOSES = late_regex(
    r"\buv python|UV_PYTHON(?:_PREFERENCE|_INSTALL_DIR)?\s*=|UV_MANAGED|--python\b|--python-version|--managed-python"
    r"|(?:venv|virtualenv|\buv)\b[^\n;&|]*\s-p\s|pyenv|conda|mamba|deadsnakes|pypy|python-build|\basdf\b|\bmise\b|--copies|--always-copy|\bnix\b|\brye\b"
    r"|Python-3|\bconfigure\b"
)
# And these may make up for it in the stage that ships.
_MENDS = late_regex(
    r"PYTHONPATH[^\n]*(?:\$(?!\{?PYTHONPATH)|lib/python)|PYTHONHOME|sys\.path|\.pth\b|site-packages|-m venv"
    r"|\bvirtualenv\b|update-alternatives|\buvx?\b"
)
_LINKS = late_regex(r"\bln\s[^\n;&|]*python")
_NAMED = late_regex(r"python-?(3\.\d+)")
_BELOW = frozenset(("/", "/usr", "/usr/local", "/usr/lib", "/usr/local/lib", "/usr/bin"))
_INTERPRETER = late_regex(r"(?<!/lib)/(?:c?python|pyenv|(?:mini|mamba|micro)?conda)[\w.]*(?:/.*)?$")
_PREFIX = late_regex(r"--prefix\b|--user\b|--root\b|PIP_PREFIX|PIP_USER")
_TARGET = late_regex(r"--target\b|\s-t\s|PIP_TARGET")


def python(known: Known, shipping: Shipping, placed: Placed) -> Crossing | None:
    """What a COPY brings of a Python that is not the one of the stage that ships."""
    runs = version_of(known, shipping.stage.index, PYTHON)
    if runs is None or any(each.search(shipping.text) for each in (_CHOOSES, _MENDS, _LINKS)):
        return None
    if any(each.word.span != placed.word.span and _may_replace(each) for each in shipping.placed):
        return None
    named = _by_path(shipping, placed, runs)
    if named is not None:
        return named
    for made, place in origins(known, placed):
        products = list(_products(known, made, place))
        if products:
            return _judged(known, shipping, placed, made, products, runs)
    return None


def _may_replace(placed: Placed) -> bool:
    """Whether a COPY may bring an interpreter."""
    if placed.path is None or placed.destination is None:
        return True
    if _INTERPRETER.search(placed.path) or _INTERPRETER.search(placed.destination):
        return True
    return placed.destination in _BELOW and not re.fullmatch(r".*\.\w+", placed.path)


def _by_path(shipping: Shipping, placed: Placed, runs: Version) -> Crossing | None:
    """The folder of another Python, where this one never looks."""
    match = _SITE.fullmatch(placed.destination or "")
    if match is None or match[1] != runs.prefix or match[2] == runs.text or _names(shipping.text, match[2]):
        return None
    return Crossing(placed, shipping.stage, "python-path", match[2], runs.text, path=match[0])


def _products(known: Known, made: int, place: str) -> Iterator[Product]:
    for each in known.contents(made).products:
        if each.ecosystem == "python" and each.path and within(place, each.path) is not None:
            yield each


def _judged(
    known: Known, shipping: Shipping, placed: Placed, made: int, products: list[Product], runs: Version
) -> Crossing | None:
    built = version_of(known, made, PYTHON)
    text = told(known, known.dockerfile.stages[made])
    if built is None or _CHOOSES.search(text) or set(_NAMED.findall(text)) - {built.text}:
        return None
    environment = next((each for each in products if each.command in _ENVIRONMENTS), None)
    product = environment or products[0]
    kind = "venv" if environment else _kind(known, made, product)
    if not kind or _names(shipping.text, built.text):
        return None
    if built.number == runs.number:
        if kind != "venv" or built.prefix == runs.prefix or not _lacks(known, shipping, built.prefix):
            return None
        # The link may lead to a path that both have.
        if _LINKS.search(text) or f"{runs.prefix}/bin/python" in text:
            return None
        kind = "venv-link"
    path = built.prefix if kind == "venv-link" else product.path or ""
    return Crossing(placed, shipping.stage, kind, built.text, runs.text, made, product, path)


def _lacks(known: Known, shipping: Shipping, prefix: str) -> bool:
    """Whether the stage that ships certainly has no Python below `prefix`."""
    contents = known.contents(shipping.stage.index)
    if prefix == "/usr/local":
        return contents.image is not None
    # Debian's own Python comes along with much else, the larger images' tools among it.
    small = contents.image is not None and contents.image.role in ("runtime", "minimal")
    return prefix == "/usr" and small and contents.asked.complete and not contents.packages


def _kind(known: Known, made: int, product: Product) -> str:
    """Whether pip made a folder with the version in its path, or one without; "" where the options do not say."""
    if product.command not in ("pip install", "uv pip install"):
        return ""
    source = known.dockerfile.source
    for stage in known.dockerfile.stages[: made + 1]:
        for each in stage.instructions:
            if each.span.start <= product.span.start < each.span.end:
                text = source[each.span]
                return "prefix" if _PREFIX.search(text) else "target" if _TARGET.search(text) else ""
    return ""


def _names(text: str, version: str) -> bool:
    """Whether a text speaks of that Python by its version."""
    return version in _NAMED.findall(text)
