"""Runtime templates filled in for the tag that a builder uses."""

from __future__ import annotations

import re

from lint_multistage.facts.images import Image, Runtime
from lint_multistage.late import late_regex

DEBIAN = ("wheezy", "jessie", "stretch", "buster", "bullseye", "bookworm", "trixie", "forky")
UBUNTU = ("trusty", "xenial", "bionic", "focal", "jammy", "noble", "plucky", "questing", "resolute")
# The distroless release whose C library is not older than that of a release; of newer ones there is none yet.
DISTROLESS = dict.fromkeys((*DEBIAN[:6], *UBUNTU[:5]), "12") | dict.fromkeys(("trixie", "noble", "plucky"), "13")
RELEASE = late_regex(
    rf"(?:^|[-_.])({'|'.join(DEBIAN + UBUNTU)}|ltsc20\d\d|ubuntu-?\d\d\.\d\d|debian-?\d\d?)(?=$|[-_.])"
)
NODE_NAMES = "argon|boron|carbon|dubnium|erbium|fermium|gallium|hydrogen|iron|jod|krypton"
VERSION = late_regex(rf"v?(\d+(?:\.\d+)*(?:-?(?:rc|alpha|beta|a|b)\d*)?|lts|current|{NODE_NAMES})(?=$|[-_.])")
# Tags whose first word names no version: a runtime's tag may then name none either.
FLOATING = late_regex(rf"(latest|stable|fpm|apache|cli|zts|{'|'.join(DEBIAN)})(?=$|-)")
JAVA_WORD = r"(?:jdk|jre|java|openjdk|temurin|corretto|sapmachine|semeru|zulu|liberica|graalvm)"
# Tools that come with a JDK: there the leading number is the tool's, as in maven:3.9-eclipse-temurin-21.
JAVA_TOOL = late_regex(r"(maven|gradle|sbt|clojure|groovy|tomcat)[^/]*$")
# Runtimes of Java below 8, and of 9, 10 and 12 to 16, were never published there.
NO_TEMURIN_JRE = frozenset((9, 10, 12, 13, 14, 15, 16))
TAG = late_regex(r"\w[\w.-]{0,127}", re.ASCII)


def fill(runtime: Runtime, image: Image, tag: str) -> str | None:
    """The concrete image for the builder `image` at `tag` ("" is latest), or None where the tag does not say enough.

    `{tag/a/b}` is the tag with `a` replaced by `b`, `{debian}` the number of the Debian release (13, the current one,
    when the tag names none: it also runs what older ones built). A release that is unknown may be left out of the
    tags of Docker Hub, and the version where the builder's tag has none, never a number that an image's name needs.
    """
    filled = _filled(runtime.image, image, tag or "latest")
    if filled is None:
        return None
    tag = filled.rpartition("/")[2].partition(":")[2]
    return None if "{" in filled or (tag and not TAG.fullmatch(tag)) else filled


def _filled(template: str, image: Image, tag: str) -> str | None:
    """The template with all that the tag says put in, None where it does not say enough."""
    if "/devcontainers/" in image.repositories[0]:
        # 1-3.12-bookworm: the first number is that of the development container.
        tag = re.sub(r"^(?:dev-)?\d+(?:\.\d+)*-(?=\d)", "", tag)
    replaced = _replaced(template, tag)
    if replaced is None or "{" not in replaced:
        return replaced
    template = replaced
    release = _release(image, tag)
    if template in ("debian:{distro}-slim", "ubuntu:{distro}"):
        return _system(template, release)
    values = {
        "{alpine}": _alpine(tag),
        "{debian}": _distroless(release),
        "{distro}": release,
        "{major}": _major(image, tag, template),
        "{version}": _version(template, tag),
    }
    for name, value in values.items():
        if name not in template:
            continue
        if value:
            template = template.replace(name, value)
        elif name == "{distro}" or (name == "{version}" and FLOATING.match(tag)):
            shorter = _without(template, name)
            if shorter is None:
                return None
            template = shorter
        else:
            return None
    return template


def _replaced(template: str, tag: str) -> str | None:
    """The template with the tag put in, None when the word to be replaced is not in the tag."""
    template = template.replace("{tag}-", "" if tag == "latest" else f"{tag}-").replace("{tag}", tag)
    found = re.search(r"\{tag/([^/}]+)/([^/}]*)\}", template)
    if not found:
        return template
    if found[1] not in tag:
        return None
    return template.replace(found[0], tag.replace(found[1], found[2]))


def _without(template: str, name: str) -> str | None:
    """The template less a part that Docker Hub's tags may lack; other registries have no such floating tags."""
    repository, _, tag = template.partition(":")
    if "." in repository:
        return None
    parts = [part for part in tag.split("-") if part != name]
    return f"{repository}:{'-'.join(parts)}" if parts else None


def _release(image: Image, tag: str) -> str:
    """The distribution's release as a tag would write it: bookworm, noble, ubuntu22.04, ltsc2022; "" unknown."""
    if found := RELEASE.search(tag):
        return found[1]
    if image.distro == "ubuntu" and (found := re.search(r"(?:^|-)(\d\d\.(?:04|10))(?=$|-)", tag)):
        return "ubuntu" + found[1]
    return ""


def _system(template: str, release: str) -> str:
    """Debian or Ubuntu at the builder's release: the libraries it linked are those of its own system."""
    if number := re.fullmatch(r"(ubuntu|debian)-?(\d\d?(?:\.\d\d)?)", release):
        return f"ubuntu:{number[2]}" if number[1] == "ubuntu" else f"debian:{number[2]}-slim"
    if release in UBUNTU:
        return f"ubuntu:{release}"
    if release in DEBIAN:
        return f"debian:{release}-slim"
    return "ubuntu:latest" if template.startswith("ubuntu") else "debian:stable-slim"


def _distroless(release: str) -> str:
    """The distroless release, "12" or "13", whose C library is not older than the builder's; "" where none is."""
    if number := re.fullmatch(r"(ubuntu|debian)-?(\d\d?)(?:\.\d\d)?", release):
        newest, older = (25, 22) if number[1] == "ubuntu" else (13, 12)
        return "" if int(number[2]) > newest else "12" if int(number[2]) <= older else "13"
    return DISTROLESS.get(release, "") if release in DEBIAN + UBUNTU else "13"


def _alpine(tag: str) -> str:
    """The Alpine release in the tag, else the newest "3"."""
    found = re.search(r"alpine-?v?(\d+(?:\.\d+)*)", tag)
    return found[1] if found else "3"


def _version(template: str, tag: str) -> str:
    """The version at the start of the tag, in as many parts as the runtime's own tags have; "" when there is none."""
    if found := re.search(r"python(\d+\.\d+(?:\.\d+)*)", tag):
        return found[1]
    found = VERSION.match(tag)
    if not found:
        return ""
    if "dotnet" not in template and "aspnetcore" not in template:
        return found[1]
    # SDK versions ("8.0.100") are no versions of the runtime: only the first two parts are shared.
    short = re.match(r"\d+\.\d+", found[1])
    return short[0] if short else ""


def _major(image: Image, tag: str, template: str) -> str:
    """The major version of Java where the image is a JDK, else the first number of the tag; "" unknown."""
    if "jdk" not in image.toolchains:
        found = re.match(r"v?(\d+)(?=$|[-_.])", tag)
        return found[1] if found else ""
    # GraalVM numbers itself and Java: 21.3.0-java11.
    found = re.search(r"(?:^|[-_])java-?(\d+)(?=$|[-_.])", tag)
    if not found and not JAVA_TOOL.search(image.repositories[0]):
        found = re.match(r"(?:jdk-?|open-)?(\d+)(?=$|[-_.+u])", tag)
    elif not found and "sbt" in image.toolchains:
        found = re.match(r"(\d+)(?:\.\d+)*(?:u\d+)?_", tag)
    # The number may follow the system's name: eclipse-temurin-alpine-21, amazoncorretto-al2023-17.
    found = found or re.search(JAVA_WORD + r"(?:-(?:[a-z]+|al\d+))*-?(\d+)(?=$|[-_.+u])", tag)
    if not found or len(found[1]) > 2:
        return ""
    major = int(found[1])
    if major < 8 or (template.startswith("eclipse-temurin") and major in NO_TEMURIN_JRE):
        return ""
    return str(major)
