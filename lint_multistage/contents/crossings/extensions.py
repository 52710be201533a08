"""Compiled extensions of Ruby and PHP, which load into the version only that they were built for."""

from __future__ import annotations

from lint_multistage.contents.carried import within
from lint_multistage.contents.crossings.shipping import Crossing, Shipping, origins
from lint_multistage.contents.placed import Known, Placed
from lint_multistage.contents.versions import PHP, RUBY, version_of
from lint_multistage.late import late_regex

_RUBY_FOLDER = late_regex(r".*/ruby/(\d+\.\d+)\.0(?:/.*)?")
_RUBY_MENDS = late_regex(r"bundle (?:install|pristine)|gem (?:install|pristine)|\brbenv\b|\brvm\b|ruby-install")
_GEMS = "/usr/local/bundle"
_PHP_EXTENSIONS = "/usr/local/lib/php/extensions"
_PHP_FOLDER = late_regex(r".*/no-debug-(?:non-)?zts-(\d{8})(?:/.*)?")
_PHP_BY_DATE = {
    "20160303": "7.1",
    "20170718": "7.2",
    "20180731": "7.3",
    "20190902": "7.4",
    "20200930": "8.0",
    "20210902": "8.1",
    "20220829": "8.2",
    "20230831": "8.3",
    "20240924": "8.4",
}


def ruby(known: Known, shipping: Shipping, placed: Placed) -> Crossing | None:
    """The gems of another Ruby."""
    runs = version_of(known, shipping.stage.index, RUBY)
    if runs is None or _RUBY_MENDS.search(shipping.text):
        return None
    match = _RUBY_FOLDER.fullmatch(placed.destination or "")
    if match:
        differs = match[1] != runs.text
        return Crossing(placed, shipping.stage, "gems", match[1], runs.text, path=match[0]) if differs else None
    for made, place in origins(known, placed):
        bundles = [each for each in known.contents(made).products if each.command == "bundle install"]
        product = next((each for each in bundles if each.path and within(place, each.path) is not None), None)
        if product is None and place == _GEMS and bundles:
            product = bundles[-1]
        if product is not None:
            built = version_of(known, made, RUBY)
            if built is None or built.number == runs.number:
                return None
            return Crossing(placed, shipping.stage, "gems", built.text, runs.text, made, product, product.path or _GEMS)
    return None


def php(known: Known, shipping: Shipping, placed: Placed) -> Crossing | None:
    """The extensions of another PHP."""
    runs = version_of(known, shipping.stage.index, PHP)
    if runs is None:
        return None
    match = _PHP_FOLDER.fullmatch(placed.destination or "") or _PHP_FOLDER.fullmatch(placed.path or "")
    if match:
        built = _PHP_BY_DATE.get(match[1])
        differs = built is not None and built != runs.text
        return Crossing(placed, shipping.stage, "php", built or "", runs.text, path=match[0]) if differs else None
    for made, place in origins(known, placed):
        version = version_of(known, made, PHP)
        if within(_PHP_EXTENSIONS, place) is not None and version is not None and version.number != runs.number:
            return Crossing(placed, shipping.stage, "php", version.text, runs.text, made, path=place)
    return None
