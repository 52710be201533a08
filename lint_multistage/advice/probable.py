"""Where what a command makes most probably lies, where the command alone does not tell: lines to be adapted."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Sequence

from msgspec import Struct

from lint_multistage.advice.commands import command_of, text_of
from lint_multistage.contents.paths import holds
from lint_multistage.contents.products import Product
from lint_multistage.contents.stage import Contents
from lint_multistage.contents.started import started
from lint_multistage.late import late_regex
from lint_multistage.model.stages import Stage
from lint_multistage.survey import Survey

ADAPT = "  (to be adapted)"
_PREFIX = late_regex(r"(?:--prefix|PREFIX|prefix|-DCMAKE_INSTALL_PREFIX(?::\w+)?)[= ](/[\w./-]*|\S)")
_INSTALLS = late_regex(r"(?:make|gmake|ninja|meson|cmake) (?:--)?(?:install|altinstall)")
# With these it is /usr/local where nothing else is said; what the others make goes to where their language looks.
_CONFIGURED = late_regex(r"\b(?:configure|cmake|meson)\b")
_OWN_PLACES = late_regex(r"\bphpize\b|Makefile\.PL|extconf\.rb|\bqmake\b|--libdir|--bindir|--exec-prefix")
_IN_PLACE = frozenset(("node", "ruby", "php", "python"))
# Programs that are found in PATH are put where every image looks for them.
_PROGRAMS = "/usr/local/bin/"
_KNOWN = late_regex(
    r"(?:ba|da|a|z)?sh|env|java|dotnet|node|nodejs|npm|npx|yarn|pnpm|bun|deno|python[\d.]*|ruby|bundle|rails|php|perl"
    r"|supervisord|nginx|apache2?|httpd|tini|dumb-init|tail|sleep|cat|echo|cron|sudo|su|gosu|service|systemctl|init|sshd"
    r"|mysqld|postgres|redis-server|s6-svscan|runsvdir|mpirun|xvfb-run|start|source|cp|rm|while|if|for|until|make|cmake"
)


class Probably(Struct, frozen=True):
    """Lines for what is made at an unknown place: `first` for the stage that builds, `copies` for the one that ships.

    `products` are those of which nothing needs to be adapted.
    """

    first: tuple[str, ...] = ()
    copies: tuple[str, ...] = ()
    products: tuple[Product, ...] = ()


def probably(survey: Survey, stage: Stage, unknown: Sequence[Product], taken: Sequence[str], name: str) -> Probably:
    """What to write for `unknown` products of the stage that builds, which is called `name`; `taken` is copied too."""
    first: list[str] = []
    copies: list[str] = []
    told: list[Product] = []
    contents = survey.contents(stage.index)
    single = sum(bool(_INSTALLS.match(product.command)) for product in unknown) < 2
    for product in unknown:
        env, source, destination = _redirected(product) or _installed(survey, stage, product, single) or ("", "", "")
        # Not every Makefile of one's own knows DESTDIR.
        adapt = ADAPT if "DESTDIR" in env else ""
        if not source:
            likely = _in_prefix if _INSTALLS.match(product.command) else _beside
            source, destination = likely(survey, stage, product, contents)
            adapt = ADAPT
        if not source or any(holds(path, source) for path in taken):
            continue
        told += [] if adapt else [product]
        first += [env] if env and env not in first else []
        line = f"COPY --from={name} {source} {destination}{adapt}"
        copies += [line] if line not in copies else []
    return Probably(tuple(first), tuple(copies[-3:]), tuple(told))


def _redirected(product: Product) -> tuple[str, str, str] | None:
    """The setting that makes `go install` and `cargo install` put programs into a folder of their own, and the two
    places of a COPY.
    """
    if product.command == "go install":
        return "ENV GOBIN=/out/bin", "/out/bin", "/usr/local/bin"
    if product.command == "cargo install":
        return "ENV CARGO_INSTALL_ROOT=/out", "/out/bin", "/usr/local/bin"
    return None


def _installed(survey: Survey, stage: Stage, product: Product, single: bool) -> tuple[str, str, str] | None:
    """What `make install` and the like install, where that is by its own rules a folder with nothing else in it."""
    if not _INSTALLS.match(product.command):
        return None
    found = command_of(survey, stage, product)
    if found is None:
        return None
    image = survey.contents(stage.index).image
    prefixes = _PREFIX.findall(text_of(survey, stage))
    if prefixes or product.command.startswith("cmake") or "DESTDIR" in survey.dockerfile.source[found[0].span]:
        folder = next((prefix for prefix in prefixes if len(prefix) > 1), "")
        own = len(set(prefixes)) == 1 and folder not in ("", "/", "/usr", "/usr/", "/usr/local", "/usr/local/")
        if own:
            return "", folder.rstrip("/"), folder.rstrip("/")
        if not all(prefix.rstrip("/") == "/usr/local" for prefix in prefixes) or "DESTDIR" in found[1].words[-1].raw:
            return None
    text = text_of(survey, stage)
    if _OWN_PLACES.search(text):
        return None
    if image is not None and image.role == "os" and _CONFIGURED.search(text):
        # There it is empty at first.
        return "", "/usr/local", "/usr/local"
    if image is not None and image.role == "toolchain" and single and not prefixes:
        return "ENV DESTDIR=/out", "/out", "/"
    return None


def _beside(survey: Survey, stage: Stage, product: Product, contents: Contents) -> tuple[str, str]:
    """The likely place of a product by the custom of its tool, `…` standing for the name where nothing tells it."""
    found = command_of(survey, stage, product)
    folder = found[1].directory if found else None
    if found is None or folder is None:
        return "", ""
    if product.ecosystem in _IN_PLACE:
        return (folder, folder) if folder.count("/") and folder != "/" else ("", "")
    words = [word.raw for word in found[1].words]
    program = _program(contents)
    if product.ecosystem == "rust":
        if not product.command.endswith("build"):
            return "", ""
        target = next((word.partition("=")[2] for word in words if word.startswith("--target=")), "")
        target = target or next((words[at + 1] for at, word in enumerate(words[:-1]) if word == "--target"), "")
        kind = "release" if {"--release", "-r"} & set(words) else "debug"
        folder = posixpath.join(folder, "target", *([target] if re.fullmatch(r"[\w.-]+", target) else []), kind)
    elif product.ecosystem == "java":
        tool = product.command.partition(" ")[0]
        jars = {"mvn": "target", "mvnw": "target", "gradle": "build/libs", "gradlew": "build/libs", "ant": "dist"}
        if tool not in jars:
            return "", ""
        place = posixpath.join(folder, jars[tool])
        return f"{place}/*.jar", f"{place}/"
    elif product.ecosystem in ("dotnet", "site", "bazel", "rpm", "deb", "apk", "pacman", "perl", "haskell", "beam"):
        return "", ""
    else:
        folder = _inside(folder, words)
    if not folder or (folder == "/" and not program):
        return "", ""
    return posixpath.join(folder, program or "…"), _PROGRAMS


def _in_prefix(survey: Survey, stage: Stage, product: Product, contents: Contents) -> tuple[str, str]:
    """Where the started program lies that is installed among the system's own files; what else is installed with it
    is not told apart.
    """
    text, program = text_of(survey, stage), _program(contents)
    prefixes = {prefix.rstrip("/") for prefix in _PREFIX.findall(text)} or {"/usr/local"}
    if not program or _OWN_PLACES.search(text) or prefixes - {"/usr", "/usr/local"} or len(prefixes) > 1:
        return "", ""
    path = f"{min(prefixes)}/bin/{program}"
    return path, path


def _program(contents: Contents) -> str:
    """The program that the image starts by its name alone, "" where it may be another's."""
    return next((start.program for start in reversed(started(contents)) if _is_own(start.words[0], contents)), "")


def _inside(folder: str, words: Sequence[str]) -> str:
    """The folder that `make -C`, `ninja -C` or `cmake --build` names, seen from `folder`; "" where it is not known."""
    for at, word in enumerate(words[:-1]):
        if word in ("-C", "--directory", "--build"):
            plain = re.fullmatch(r"[\w./-]+", words[at + 1])
            return posixpath.normpath(posixpath.join(folder, words[at + 1])) if plain else ""
    return folder


def _is_own(word: str, contents: Contents) -> bool:
    """Whether a started program is named alone, and is none that the image or a package brings."""
    if not re.fullmatch(r"[A-Za-z0-9][\w.-]*", word) or _KNOWN.fullmatch(word):
        return False
    return all(package.plain != word for package in contents.packages)


def module_folder(survey: Survey, stage: Stage, product: Product) -> str | None:
    """Where Node's or Ruby's packages lie: the path that the command tells, or where official images of Ruby say."""
    if product.path is not None or product.ecosystem != "ruby":
        return product.path
    image = survey.contents(stage.index).image
    text = text_of(survey, stage)
    # A setting of Bundler's own overrides the image's.
    if image is None or image.repositories[0] != "ruby" or re.search(r"BUNDLE_PATH|GEM_HOME|\.bundle/config", text):
        return None
    setting = re.search(r"bundler? config (?:set )?(?:--(?:local|global) )?(path|deployment) ['\"]?([^\s'\";&]+)", text)
    if setting is None:
        return "/usr/local/bundle"
    found = command_of(survey, stage, product)
    folder = found[1].directory if found else None
    if folder is None or "$" in setting[2]:
        return None
    return posixpath.normpath(posixpath.join(folder, setting[2] if setting[1] == "path" else "vendor/bundle"))
