"""Which version of a language's runtime a stage has: its image's tag tells, or its distribution's packages do."""

from __future__ import annotations

import re

from msgspec import Struct

from lint_multistage.contents.placed import Known
from lint_multistage.contents.stage import Contents
from lint_multistage.facts.images import normalise
from lint_multistage.late import late_regex
from lint_multistage.model.images import ImageReference

PYTHON, JAVA, DOTNET, RUBY, PHP = "python", "java", "dotnet", "ruby", "php"
_HUB_MINOR = r"(\d+\.\d+)(?:\.\d+)?(?:-?(?:rc|alpha|beta|preview)\d*)?(?:-.*)?"
_JAVA_FIRST = r"(\d+)(?:[._u+-].*)?"


class Version(Struct, frozen=True):
    """A runtime: its language, the part of its version that decides what fits, and the prefix that it lies under, ""
    where that does not matter.
    """

    language: str
    number: tuple[int, ...]
    prefix: str = ""

    @property
    def text(self) -> str:
        return ".".join(map(str, self.number))


# What the names of images and packages with a runtime hold.
_WORDS = {
    PYTHON: ("python", "astral-sh/uv", "py3-"),
    JAVA: ("java jdk jre temurin corretto maven gradle tomcat jetty scala-sbt semeru sapmachine zulu liberica".split()),
    DOTNET: ("dotnet",),
    RUBY: ("ruby",),
    PHP: ("php",),
}
# By language: the image's normalised name and its tag, whose first group is the version; the name's, where it has one.
_IMAGES: dict[str, tuple[tuple[str, str, str], ...]] = {
    PYTHON: (
        (r"python", _HUB_MINOR, "/usr/local"),
        (r"ghcr\.io/astral-sh/uv", r"(?:.*-)?python(3\.\d+)(?:\.\d+)?(?:-.*)?", "/usr/local"),
        (r"nikolaik/python-nodejs", r"python(3\.\d+)(?:\.\d+)?-.*", "/usr/local"),
        (r"public\.ecr\.aws/lambda/python", r"(3\.\d+)(?:[.-].*)?", "/var/lang"),
    ),
    JAVA: (
        (
            r"eclipse-temurin|openjdk|java|amazoncorretto|sapmachine|azul/zulu-openjdk(?:-\w+)?|adoptopenjdk"
            r"|bellsoft/liberica-openj(?:dk|re)-[\w-]+|mcr\.microsoft\.com/openjdk/jdk|ibmjava",
            _JAVA_FIRST,
            "",
        ),
        (r"ibm-semeru-runtimes", r"open-(\d+).*", ""),
        (r"maven", r".*-(?:jdk|eclipse-temurin|amazoncorretto|openjdk|sapmachine|azulzulu|ibm-semeru)-(\d+)\b.*", ""),
        (r"gradle|tomcat|jetty", r"(?:.*-)?j(?:dk|re)-?(\d+).*", ""),
        (r"gcr\.io/distroless/java(\d+)(?:-debian\d+)?", r".*", ""),
        (r"gcr\.io/distroless/java", r"(\d+)(?:-.*)?", ""),
        (r"(?:hseeberger|sbtscala)/scala-sbt", r"(?:[a-z][\w.]*-)*(\d+)[._u].*", ""),
        (r"registry\.(?:access\.)?redhat\.(?:com|io)/ubi\d+/openjdk-(\d+)(?:-runtime)?", r".*", ""),
    ),
    DOTNET: ((r"mcr\.microsoft\.com/dotnet/(?:nightly/|core/)?(?:sdk|aspnet|runtime)", r"(\d+\.\d+)(?:[.-].*)?", ""),),
    RUBY: ((r"ruby", _HUB_MINOR, ""),),
    PHP: ((r"php", _HUB_MINOR, ""),),
}
# The Python that a distribution's own package is.
_DISTRIBUTIONS = {
    "debian": {"10": "3.7", "11": "3.9", "12": "3.11", "13": "3.13"},
    "ubuntu": {"18.04": "3.6", "20.04": "3.8", "22.04": "3.10", "24.04": "3.12"},
    "alpine": {"3.17": "3.10", "3.18": "3.11", "3.19": "3.11", "3.20": "3.12", "3.21": "3.12", "3.22": "3.12"},
}
_RELEASES = {
    "buster": "10",
    "bullseye": "11",
    "bookworm": "12",
    "trixie": "13",
    "bionic": "18.04",
    "focal": "20.04",
    "jammy": "22.04",
    "noble": "24.04",
}
_DISTROLESS_PYTHON = late_regex(r"gcr\.io/distroless/python3-debian(\d+)")
_PYTHON_PACKAGE = late_regex(r"python3(?:-(?:minimal|venv|pip|full|dev|virtualenv))?|py3-(?:pip|virtualenv)")
_OTHER_PYTHON = late_regex(r"python(?:3\.\d+|3\d+|2.*|-is-.*)|pypy.*")
_JAVA_PACKAGES = late_regex(
    r"openjdk-?(\d+)(?:-.*)?|java-(?:1\.)?(\d+)(?:\.0)?-(?:openjdk|amazon-corretto).*|temurin-(\d+)-j.*"
)


def may_have(contents: Contents, language: str) -> bool:
    """Whether an image or package of a stage has a name like that of a runtime of the language: a cheap question."""
    names = [each.name for each in contents.packages]
    if contents.base is not None:
        names.append(contents.base.name)
    return any(word in name for name in names for word in _WORDS[language])


def version_of(known: Known, stage: int, language: str) -> Version | None:
    """The runtime of a language in a stage; None where it is not known, or there may be several."""
    contents = known.contents(stage)
    base = contents.base
    if (
        not may_have(contents, language)
        or base is None
        or (contents.image is not None and contents.image.distro == "windows")
    ):
        return None
    found = _of_image(base, language)
    if language == PYTHON:
        return found or _packaged_python(contents, base)
    if language == JAVA:
        packaged = _packaged_java(contents)
        if packaged and found:
            return found if packaged == {found.number[0]} else None
        return found or (Version(JAVA, (packaged.pop(),)) if len(packaged) == 1 else None)
    return found


def is_image(base: ImageReference | None, pattern: str) -> bool:
    """Whether the familiar name of an image fits a pattern."""
    return base is not None and re.fullmatch(pattern, normalise(base.name)) is not None


def _of_image(base: ImageReference, language: str) -> Version | None:
    name = normalise(base.name)
    for names, tags, prefix in _IMAGES[language]:
        by_name, by_tag = re.fullmatch(names, name), re.fullmatch(tags, base.tag)
        if by_name and by_tag:
            text = next((match[1] for match in (by_tag, by_name) if match.re.groups), None)
            return Version(language, _number(text), prefix) if text else None
    if language == PYTHON and (match := _DISTROLESS_PYTHON.fullmatch(name)):
        number = _DISTRIBUTIONS["debian"].get(match[1])
        return Version(PYTHON, _number(number), "/usr") if number else None
    return None


def _packaged_python(contents: Contents, base: ImageReference) -> Version | None:
    """The Python of the distribution's package, where it is the only one."""
    releases = _DISTRIBUTIONS.get(normalise(base.name))
    if releases is None or not contents.asked.complete:
        return None
    names = [each.plain for each in contents.packages]
    if not any(map(_PYTHON_PACKAGE.fullmatch, names)) or any(map(_OTHER_PYTHON.fullmatch, names)):
        return None
    release = base.tag.removesuffix("-slim").partition("-2")[0]
    release = _RELEASES.get(release, release)
    match = re.match(r"3\.\d+" if base.name.endswith("alpine") else r"\d+(?:\.04)?", release)
    number = releases.get(match[0]) if match else None
    return Version(PYTHON, _number(number), "/usr") if number else None


def _packaged_java(contents: Contents) -> set[int]:
    found: set[int] = set()
    for each in contents.packages:
        match = _JAVA_PACKAGES.fullmatch(each.plain)
        if match:
            found.add(int(next(group for group in match.groups() if group)))
    return found


def _number(text: str) -> tuple[int, ...]:
    return tuple(int(part) for part in text.split("."))
