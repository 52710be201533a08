"""Products of Java, Kotlin, Scala and Clojure build tools.

The names of what Maven, Gradle and sbt make stand in their build files, so those products have no path.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from lint_multistage.contents.products.call import DYNAMIC, STATIC, UNKNOWN, Call, Product, own_folder
from lint_multistage.late import late_regex

_MAVEN_VALUED = frozenset(
    (
        "-f -s -t -T -P -pl -rf -gs -gt -l -b -D --file --settings --toolchains --threads --activate-profiles "
        "--projects --resume-from --global-settings --global-toolchains --log-file --builder --define -emp -ep "
        "--color"
    ).split()
)
_MAVEN_GOALS = frozenset(("package", "verify", "install", "deploy"))
_MAVEN_PLUGIN_GOALS = late_regex(
    r"(?:[\w.-]+:)*(?:assembly:(?:single|assembly)|shade:shade|spring-boot:repackage|native:(?:compile|build)(?:-no-fork)?"
    r"|jar:jar|war:war)"
)


def maven(call: Call) -> Iterator[Product]:
    """`mvn package` and the phases after it."""
    if call.has("-v", "--version", "-h", "--help"):
        return
    goals = [(at, call.text(at) or "") for at in call.positions(_MAVEN_VALUED)]
    found = [
        (at, goal)
        for at, goal in goals
        if goal in _MAVEN_GOALS or _MAVEN_PLUGIN_GOALS.fullmatch(goal.partition("@")[0])
    ]
    if not found:
        return
    at, goal = found[-1]
    # Without the sources, or without the modules, it only fills the cache of dependencies.
    real = not call.has("-N", "--non-recursive", "-Dmaven.main.skip", "-Dmaven.main.skip=true")
    yield call.product("java", f"mvn {goal}", path=_archive(call), sure=real, last=at)


def _archive(call: Call) -> str | None:
    """The archive that pom.xml tells, None where it is not at hand or is of several modules."""
    elsewhere = any("finalName" in head or "buildDir" in head for head in call.heads)
    if elsewhere or call.has("-f", "--file", "-pl", "--projects"):
        return None
    text = call.file("pom.xml")
    if text is None:
        return None
    from lint_multistage.contents.products.manifests import maven_archive

    return call.inside(call.place("target"), maven_archive(text))


_GRADLE_VALUED = frozenset(
    (
        "-x -p -b -c -g -I -P -D --exclude-task --project-dir --build-file --settings-file --gradle-user-home "
        "--init-script --console --include-build --max-workers --warning-mode --project-cache-dir --priority --tests"
    ).split()
)
_GRADLE_TASKS = late_regex(
    r"build|assemble(?:Release|Dist|Prod\w*)?|jar|war|bootJar|bootWar|bootDistTar|bootDistZip|shadowJar|fatJar|uberJar|allJar"
    r"|buildFatJar|installDist|installBootDist|installShadowDist|distTar|distZip|shadowDistTar|shadowDistZip|nativeCompile"
    r"|nativeBuild|nativeImage|quarkusBuild|optimizedBuildLayers|jlink|runtime|jpackage|stage|distribution"
)


def gradle(call: Call) -> Iterator[Product]:
    """`gradle build` and the tasks that make archives."""
    if call.has("-m", "--dry-run", "-v", "--version", "-h", "--help", "--stop"):
        return
    for at in reversed(call.positions(_GRADLE_VALUED)):
        task = call.text(at) or ""
        if _GRADLE_TASKS.fullmatch(task.rpartition(":")[2]):
            yield call.product("java", f"gradle {task}", last=at)
            return


_SBT_TASKS = frozenset(
    "assembly stage dist packagebin packageziptarball packagexztarball package nativelink fulllinkjs fulloptjs".split()
)


def sbt(call: Call) -> Iterator[Product]:
    """`sbt assembly`, `sbt stage`; several commands may stand in one word."""
    for at in reversed(range(len(call.args))):
        if call.heads[at].startswith("-"):
            continue
        for task in reversed(re.split(r"[;\s]+", call.text(at) or "")):
            if re.split(r"[/:]", task)[-1].lower() in _SBT_TASKS:
                yield call.product("java", f"sbt {task}", last=at)
                return


def mill(call: Call) -> Iterator[Product]:
    """`mill app.assembly`."""
    for at in call.positions():
        if (call.text(at) or "").rpartition(".")[2] in ("assembly", "jar", "nativeImage", "nativeLink"):
            yield call.product("java", f"mill {call.text(at)}", last=at)
            return


def ant(call: Call) -> Iterator[Product]:
    """`ant [targets]`."""
    if call.has("-version", "-p", "-projecthelp", "-h", "-help", "-diagnostics"):
        return
    targets = [
        (at, call.text(at) or "") for at in call.positions(("-f", "-file", "-buildfile", "-lib", "-l", "-logfile"))
    ]
    builds = [(at, name) for at, name in targets if re.match(r"jar|war|dist|build|all|package|release|deploy", name)]
    if builds:
        yield call.product("java", f"ant {builds[-1][1]}", last=builds[-1][0])
    elif not targets:
        yield call.product("java", "ant")
    elif any(not re.match(r"$|.*(?:clean|test|init|resolve|deps|javadoc)", name) for _, name in targets):
        yield call.product("java", "ant", sure=False)


def lein(call: Call) -> Iterator[Product]:
    """`lein uberjar`."""
    for at in reversed(call.positions()):
        task = (call.text(at) or "").rstrip(",")
        if task in ("uberjar", "uberwar", "jar"):
            yield call.product("java", f"lein {task}", last=at)
            return


def clojure(call: Call) -> Iterator[Product]:
    """`clojure -T:build uber` and aliases called uberjar."""
    for at, head in enumerate(call.heads):
        if re.fullmatch(r"(?:-[TXM]\S*:)?(?:uberjar|uber|jar|depstar)", head):
            yield call.product("java", f"{call.name} {head}", last=at)
            return


def javac(call: Call) -> Iterator[Product]:
    """`javac`, `kotlinc`, `scalac`, `groovyc`: classes in the folder of -d, else beside the sources."""
    if call.has("-version", "--version", "-help", "--help", "-proc:only", "-X"):
        return
    valued = (
        "-d",
        "-cp",
        "-classpath",
        "--class-path",
        "-s",
        "-h",
        "-source",
        "-target",
        "--release",
        "-encoding",
        "-p",
    )
    if not call.positions((*valued, "--source", "--target", "--module-path", "-processorpath", "--add-modules", "-o")):
        return
    outs = call.values("-d")
    yield call.product("java", call.name, path=own_folder(call.place(outs[-1])) if outs else None)


def kotlin_native(call: Call) -> Iterator[Product]:
    """`kotlinc-native main.kt -o out` makes out.kexe."""
    out = call.value("-o", "-output")
    path = call.place(out if not out or out.endswith(".kexe") else f"{out}.kexe")
    if call.positions(("-o", "-output", "-l", "-target", "-p", "-produce")):
        yield call.product("java", call.name, path=path, link=DYNAMIC)


def jar(call: Call) -> Iterator[Product]:
    """`jar cf app.jar`, `jar --create --file app.jar`."""
    if call.has("--create", "-c"):
        yield call.product("java", "jar", path=call.place(call.value("--file", "-f")))
        return
    letters = call.heads[0] if call.heads else ""
    if re.fullmatch(r"-?[cvfmeM0iPn]*c[cvfmeM0iPn]*", letters):
        # The names follow in the order of the letters f, m and e.
        asked = [letter for letter in letters if letter in "fme"]
        at = 1 + asked.index("f") if "f" in asked else -1
        yield call.product("java", "jar", path=call.place(call.text(at)) if at > 0 else None)


def jlink(call: Call) -> Iterator[Product]:
    """`jlink --output DIR`: a Java runtime of its own."""
    if call.has("--output"):
        yield call.product("java", "jlink", path=own_folder(call.place(call.value("--output"))), link=DYNAMIC)


def jpackage(call: Call) -> Iterator[Product]:
    """`jpackage`."""
    if not call.has("--version", "--help", "-h"):
        yield call.product("java", "jpackage", link=DYNAMIC)


def native_image(call: Call) -> Iterator[Product]:
    """GraalVM's `native-image`."""
    if call.has("--version", "--help", "--help-extra", "--expert-options", "--expert-options-all", "--dry-run"):
        return
    valued = (
        "-cp",
        "-classpath",
        "--class-path",
        "-p",
        "--module-path",
        "-jar",
        "-o",
        "-m",
        "--module",
        "--add-modules",
    )
    names = call.positions(valued)
    if not names and not call.has("-jar", "-m", "--module") and not any(head.startswith("@") for head in call.heads):
        return
    out: str | None = None
    if call.has("-o"):
        out = call.value("-o")
    elif any(head.startswith("-H:Name=") for head in call.heads):
        out = call.value("-H:Name")
    elif call.has("-jar"):
        archive = call.value("-jar")
        if not names:
            out = archive.rpartition("/")[2].removesuffix(".jar") if archive and archive.endswith(".jar") else None
        elif len(names) == 1:
            out = call.text(names[0])
    elif len(names) == 2:
        out = call.text(names[1])
    folder = call.place(call.value("-H:Path")) if any(h.startswith("-H:Path=") for h in call.heads) else call.place(".")
    path = call.inside(folder, out)
    if call.has("--shared"):
        path = None
    dynamic = call.has("--static-nolibc", "-H:+StaticExecutableWithDynamicLibC")
    link = STATIC if call.has("--static") and not dynamic else UNKNOWN if call.opaque(valued) else DYNAMIC
    yield call.product("java", "native-image", path=path, link=link)


def scala_cli(call: Call) -> Iterator[Product]:
    """`scala-cli package -o out`, `quarkus build`, `grails war`."""
    at = call.subcommand()
    wanted = {
        "scala-cli": ("package",),
        "quarkus": ("build",),
        "grails": ("war", "assemble"),
        "grailsw": ("war", "assemble"),
    }
    if call.text(at) in wanted[call.name]:
        out = call.value("-o", "--output") if call.name == "scala-cli" else None
        yield call.product("java", f"{call.name} {call.text(at)}", path=call.place(out), last=at)


READERS = {
    "mvn": maven,
    "mvnw": maven,
    "mvnd": maven,
    "gradle": gradle,
    "gradlew": gradle,
    "sbt": sbt,
    "mill": mill,
    "ant": ant,
    "lein": lein,
    "clojure": clojure,
    "clj": clojure,
    "javac": javac,
    "kotlinc": javac,
    "scalac": javac,
    "groovyc": javac,
    "kotlinc-native": kotlin_native,
    "jar": jar,
    "jlink": jlink,
    "jpackage": jpackage,
    "native-image": native_image,
    "scala-cli": scala_cli,
    "quarkus": scala_cli,
    "grails": scala_cli,
    "grailsw": scala_cli,
}
