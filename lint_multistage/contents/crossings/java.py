"""Classes of a newer Java, shipped with an older one."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator

from lint_multistage.contents.carried import within
from lint_multistage.contents.crossings.shipping import Crossing, Shipping, origins, told
from lint_multistage.contents.placed import Known, Placed
from lint_multistage.contents.products import Product
from lint_multistage.contents.versions import JAVA, version_of
from lint_multistage.late import late_regex

_PLAIN = frozenset(("javac", "jar"))
_OTHERS = frozenset(("native-image", "jlink", "jpackage", "kotlinc-native"))
_OLDER = late_regex(r"--release\b|-source\b|--source\b|-target\b|--target\b|\s@\w|JAVAC_OPTIONS|JAVA_TOOL_OPTIONS")
# Where one of these is spoken of, another Java than the image's may be at work.
_CHOOSES = late_regex(r"JAVA_HOME|sdkman|\bsdk install|\bjlink\b|update-alternatives|\bjenv\b|\bnix\b")
_BRINGS = late_regex(r"(?i)(?:jre|jdk|jvm|java|graalvm)[\w.+-]*/?$")
_ARCHIVE = late_regex(r".*\.(?:jar|war|ear)")
_OUTPUT = late_regex(r"/(?:target|libs|install|quarkus-app|classes|dist)(?:/|$)")
_GIVEN = late_regex(r"-D(?:maven\.compiler|java\.version|release|jdk)|-P\S*(?:java|jdk|target|source)")
_MAVEN = late_regex(r"<(?:maven\.compiler\.(?:release|target)|(java\.version))>\s*(?:1\.)?(\d+)\s*<")
_GRADLE = late_regex(
    r"JavaLanguageVersion\.of\(\s*(\d+)|jvmToolchain\(\s*(\d+)"
    r"|targetCompatibility\s*=?\s*(?:JavaVersion\.VERSION_|[\"'])?(?:1[._])?(\d+)"
)


def java(known: Known, shipping: Shipping, placed: Placed) -> Crossing | None:
    """What a COPY brings of classes that the Java of the stage that ships is too old for."""
    runs = version_of(known, shipping.stage.index, JAVA)
    if runs is None or _CHOOSES.search(shipping.text) or any(map(_brings_java, shipping.placed)):
        return None
    for made, place in origins(known, placed):
        products = [each for each in known.contents(made).products if each.ecosystem == "java"]
        if not products:
            continue
        if any(each.command in _OTHERS for each in products):
            return None
        text = told(known, known.dockerfile.stages[made])
        built = _compiled(known, made, place, products, text) or _declared(known, made, place, products, text)
        if built is None or built <= runs.number[0]:
            return None
        return Crossing(placed, shipping.stage, "class", str(built), runs.text, made, products[-1])
    return None


def _brings_java(placed: Placed) -> bool:
    """Whether a COPY may bring a Java of its own."""
    if placed.path is None or placed.destination is None:
        return True
    path = placed.path.rstrip("/*")
    return not path or (bool(_BRINGS.search(path)) and not _ARCHIVE.fullmatch(path))


def _compiled(known: Known, made: int, place: str, products: list[Product], text: str) -> int | None:
    """The Java of what javac made by itself: that of its image, unless it is told otherwise."""
    if not {"javac"} <= {each.command for each in products} <= _PLAIN or _OLDER.search(text) or _CHOOSES.search(text):
        return None
    inside = any(each.path and (within(place, each.path) or within(each.path, place)) is not None for each in products)
    if not inside and not place.endswith((".class", ".jar")):
        return None
    version = version_of(known, made, JAVA)
    return version.number[0] if version else None


def _declared(known: Known, made: int, place: str, products: list[Product], text: str) -> int | None:
    """The Java that the build file in the context asks for, where it says so in one way only."""
    tools = {each.command.partition(" ")[0] for each in products}
    if len(tools) != 1 or _GIVEN.search(text) or not (_ARCHIVE.fullmatch(place) or _OUTPUT.search(place)):
        return None
    tool = tools.pop()
    if tool == "mvn":
        found = {version for file in _files(known, made, ("pom.xml",)) for version in _of_pom(file)}
    elif tool == "gradle":
        files = _files(known, made, ("build.gradle", "build.gradle.kts"))
        found = {int(next(filter(None, match.groups()))) for file in files for match in _GRADLE.finditer(file)}
    else:
        return None
    return found.pop() if len(found) == 1 else None


def _of_pom(text: str) -> Iterator[int]:
    spring = "spring-boot-starter-parent" in text or "${java.version}" in text
    for match in _MAVEN.finditer(text):
        if not match[1] or spring:
            yield int(match[2])


def _files(known: Known, made: int, names: tuple[str, ...]) -> Iterator[str]:
    """The build files that a stage got from the context, as far as they are at hand."""
    seen: set[str] = set()
    for brought in known.contents(made).copied:
        for path in brought.paths or ():
            if posixpath.basename(path) in names:
                seen.add(posixpath.normpath(path.lstrip("/")))
            elif not re.search(r"[*?\[]", path):
                seen.update(posixpath.normpath(posixpath.join(path, name).lstrip("/")) for name in names)
    for path in sorted(seen):
        text = known.context.text(path)
        if text is not None:
            yield text
