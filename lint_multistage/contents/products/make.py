"""Products of tools that build whatever a build file says: make, cmake, ninja, meson, bazel, packagers …

The command alone does not tell the language, so the ecosystem is the tool's own name.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Sequence

from lint_multistage.contents.products.call import Call, Product, own_folder
from lint_multistage.late import late_regex

_ASSIGNMENT = late_regex(r"([A-Za-z_][\w.-]*)\s*[:+?]?=(.*)", re.DOTALL)
_NUMBER = late_regex(r"\d+(?:\.\d+)?")
_BUILDS = frozenset(("all", "release", "build", "install", "altinstall", "default"))
_NO_BUILDS = late_regex(
    r".*(?:clean|proper|config|lint|vet|fmt|format|check|test|tests|bench|cover|coverage|help|version|deps?|dependencies|vendor"
    r"|download|fetch|setup|bootstrap|init|tools?|generate|gen|proto|protos|docs?|docker|image|images|push|deploy|run|serve|start"
    r"|dev|tidy|prepare|headers|mod|modules|requirements|print|hooks?)(?:[-_./:].*)?"
    r"|(?:test|check|lint|docker|generate|gen|fetch|download|deps?|print|run|setup)[-_]?.*"
)
_BUILD_VARIANT = late_regex(r"(?:build|install)[-_.:/].+")


def _builds(name: str | None) -> bool | None:
    """Whether a target certainly builds something to ship, None where its name does not tell."""
    if name is None or len(name) > 200:
        return None
    name = name.lower()
    if name in _BUILDS:
        return True
    if _NO_BUILDS.fullmatch(name):
        return False
    return True if _BUILD_VARIANT.fullmatch(name) else None


def _targets(
    call: Call, ecosystem: str, targets: Sequence[tuple[int, str | None]], tool: str, path: str | None = None
) -> Iterator[Product]:
    """The product of building `targets` (where each stands, and its name): none if all are known to build nothing."""
    if not targets:
        yield call.product(ecosystem, tool, path=path)
        return
    judged = [(at, name, _builds(name)) for at, name in targets]
    building = [(at, name) for at, name, builds in judged if builds]
    others = [(at, name) for at, name, builds in judged if builds is None]
    if building or others:
        at, name = (building or others)[-1]
        label = tool if name is None or " " in tool else f"{tool} {name}"
        yield call.product(ecosystem, label, path=path, sure=bool(building), last=at)


def _installed(call: Call, targets: Sequence[tuple[int, str | None]], given: dict[str, str | None]) -> str | None:
    """Where `install` puts things, where a folder of their own is named."""
    if not any(name and name.lower().startswith("install") for _, name in targets):
        return None
    for name in ("DESTDIR", "PREFIX", "prefix"):
        value = given.get(name) if name in given else call.env.get("DESTDIR", "") if name == "DESTDIR" else ""
        if value is None:
            return None
        if value and (place := call.place(value)) != "/":
            return own_folder(place)
    return None


_MAKE_VALUED = frozenset(
    "-C -sC -kC -wC -f -I -o -W -E -l --directory --file --makefile --include-dir --eval --old-file --what-if".split()
)


def make(call: Call) -> Iterator[Product]:
    """`make [targets]`."""
    if call.has("-n", "--dry-run", "--just-print", "--recon", "-q", "--question", "-t", "--touch", "-p", "-h"):
        return
    if call.has("--version", "-v", "--help", "--print-data-base"):
        return
    given: dict[str, str | None] = {}
    targets: list[tuple[int, str | None]] = []
    for at in call.positions(_MAKE_VALUED):
        head, text = call.heads[at], call.text(at)
        match = _ASSIGNMENT.match(head)
        if match:
            given[match[1]] = match[2] if text is not None else None
        elif not (at and call.heads[at - 1] in ("-j", "--jobs", "-l") and (text is None or _NUMBER.fullmatch(text))):
            targets.append((at, text))
    folder = call.values("-C", "-sC", "-kC", "-wC", "--directory", glued=True)
    inside = call.moved(folder[-1]) if folder else call
    for product in _targets(inside, "make", targets, "make", _installed(inside, targets, given)):
        keeps_going = call.has("-k", "--keep-going", "-i", "--ignore-errors")
        yield product if not keeps_going else inside.product("make", product.command, path=product.path, sure=False)


def runner(call: Call) -> Iterator[Product]:
    """`just`, `task`, `mage`: targets like make's, but without one they often only list."""
    targets = [(at, call.text(at)) for at in call.positions(("-d", "-f", "-t", "--dir", "--taskfile", "--justfile"))]
    named = [(at, name) for at, name in targets if name and not _ASSIGNMENT.match(name)]
    if named:
        yield from _targets(call, call.name, named, call.name)


def cmake(call: Call) -> Iterator[Product]:
    """`cmake --build`, `cmake --install`, `cmake --workflow`."""
    if call.has("--build"):
        start = call.heads.index("--build") if "--build" in call.heads else 0
        targets: list[tuple[int, str | None]] = []
        following = False
        for at in range(start, len(call.args)):
            head = call.heads[at]
            if head == "--":
                break
            if head.startswith("--target="):
                targets.append((at, call.values("--target")[0]))
            elif head in ("--target", "-t"):
                following = True
            elif head.startswith("-"):
                following = False
            elif following:
                targets.append((at, call.text(at)))
        path = _installed(call, targets, {})
        yield from _targets(call, "c", targets, "cmake --build", path)
    elif call.has("--install"):
        folders = [call.env.get("DESTDIR", ""), call.value("--prefix") if call.has("--prefix") else ""]
        yield call.product("c", "cmake --install", path=_first_folder(call, folders), last=0)
    elif call.has("--workflow"):
        yield call.product("c", "cmake --workflow", last=0)


def _first_folder(call: Call, folders: Collection[str | None]) -> str | None:
    """The first of `folders` that is given, "" where it is not; None where that is no folder of its own."""
    return next((own_folder(call.place(folder)) for folder in folders if folder != ""), None)


def ninja(call: Call) -> Iterator[Product]:
    """`ninja [targets]`."""
    if call.has("-t", "-n", "--version", "-h", "--help"):
        return
    targets = [(at, call.text(at)) for at in call.positions(("-C", "-vC", "-f", "-j", "-k", "-l", "-d", "-w"))]
    folder = call.values("-C", "-vC", glued=True)
    inside = call.moved(folder[-1]) if folder else call
    yield from _targets(inside, "c", targets, "ninja", _installed(inside, targets, {}))


def meson(call: Call) -> Iterator[Product]:
    """`meson compile`, `meson install`."""
    at = call.subcommand()
    sub = call.text(at)
    if sub == "compile":
        yield call.product("c", "meson compile", last=at)
    elif sub == "install" and not call.has("-n", "--dry-run"):
        folders = [call.value("--destdir") if call.has("--destdir") else "", call.env.get("DESTDIR", "")]
        yield call.product("c", "meson install", path=_first_folder(call, folders), last=at)


def simple(call: Call) -> Iterator[Product]:
    """`scons`, `waf`, `xmake`: targets as words, the default one builds."""
    if call.has("--version", "--help", "-h", "-c", "-n"):
        return
    targets = [
        (at, call.text(at)) for at in call.positions(("-C", "-f", "-j")) if not _ASSIGNMENT.match(call.heads[at])
    ]
    if targets or call.name != "waf":
        yield from _targets(call, "c", targets, call.name)


_BOOST = late_regex(r"install$|stage$|headers$|--with(?:out)?-|--prefix|[a-z-]+=")


def boost(call: Call) -> Iterator[Product]:
    """Boost's `b2`, `bjam`; Backblaze's `b2` takes no properties."""
    own = (call.program.text or "").startswith(("./", "../")) or call.name == "bjam"
    if not own and not any(_BOOST.match(head) for head in call.heads):
        return
    if call.has("--version", "--help", "-n", "--show-libraries", "--clean"):
        return
    installs = "install" in call.heads
    prefix = call.value("--prefix") if installs else None
    label = f"{call.name} install" if installs else call.name
    yield call.product("c", label, path=own_folder(call.place(prefix)))


def colcon(call: Call) -> Iterator[Product]:
    """`colcon build`: ROS packages."""
    at = call.subcommand(("--log-base",))
    if call.text(at) != "build":
        return
    base = call.value("--install-base") if call.has("--install-base") else "install"
    yield call.product("c", "colcon build", path=own_folder(call.place(base)), last=at)


_BAZEL_COMMANDS = frozenset(
    "build test run query cquery aquery fetch clean info version help sync shutdown mod coverage dump".split()
)


def bazel(call: Call) -> Iterator[Product]:
    """`bazel build`, `buck2 build`. The output folder links out of the workspace, so no path to copy is known."""
    at = next((at for at in call.positions() if call.text(at) in _BAZEL_COMMANDS), -1)
    if call.text(at) == "build" and not call.has("--nobuild"):
        yield call.product("bazel", f"{call.name} build", last=at)


def packager(call: Call) -> Iterator[Product]:
    """Tools that make a distribution's packages."""
    if call.has("--version", "--help"):
        return
    if call.name == "rpmbuild":
        if not call.has("-bb", "-ba", "--rebuild", "-tb", "-ta"):
            return
        yield call.product("rpm", "rpmbuild")
    elif call.name in ("dpkg-buildpackage", "debuild", "gbp"):
        yield call.product("deb", call.name)
    elif call.name == "dpkg-deb" and call.has("-b", "--build"):
        places = call.positions(("-Z", "-z", "-S"))
        out = call.text(places[1]) if len(places) > 1 else None
        path = call.place(out) if out and out.endswith(".deb") else None
        yield call.product("deb", "dpkg-deb --build", path=path)
    elif call.name == "makepkg":
        yield call.product("pacman", "makepkg")
    elif call.name == "abuild" and not set(call.heads) & {"checksum", "deps", "unpack", "fetch", "clean"}:
        yield call.product("apk", "abuild")


READERS = {
    "make": make,
    "gmake": make,
    "just": runner,
    "task": runner,
    "mage": runner,
    "cmake": cmake,
    "ninja": ninja,
    "samu": ninja,
    "meson": meson,
    "scons": simple,
    "waf": simple,
    "xmake": simple,
    "b2": boost,
    "bjam": boost,
    "colcon": colcon,
    "bazel": bazel,
    "bazelisk": bazel,
    "buck2": bazel,
    "rpmbuild": packager,
    "dpkg-buildpackage": packager,
    "dpkg-deb": packager,
    "debuild": packager,
    "makepkg": packager,
    "abuild": packager,
}
