"""What a stage that ships has to install where another one builds: the packages that run, not those that build."""

from __future__ import annotations

import re
from collections.abc import Sequence

from msgspec import Struct

from lint_multistage.advice.commands import instructions, text_of
from lint_multistage.contents.packages import Installed
from lint_multistage.contents.stage import Contents
from lint_multistage.facts import Package
from lint_multistage.late import late_regex
from lint_multistage.model.stages import Stage
from lint_multistage.survey import Survey

_NAMED = late_regex(r"[a-z0-9][a-z0-9.+-]*(?:, [a-z0-9][a-z0-9.+-]*)*")
_PLAIN = late_regex(r"[A-Za-z0-9][\w.+~:=-]*")
# What every image of these systems has.
_PRESENT = late_regex(
    r"libc6|libstdc.*|libgcc.*|musl|zlib|zlib1g|libbz2-1\.0|liblzma5|libzstd1|libselinux1|libacl1|libuuid1|libcap2"
    r"|linux.*|python.*|libpython.*|perl|libpam0g|libudev1|libsystemd0|nodejs|ruby|php.*|glibc"
)
# Where packages come from sources that only this stage knows of, another cannot install them by name alone.
_OTHER_SOURCES = late_regex(
    r"sources\.list|add-apt-repository|/etc/apk/repositories|--repository|setup_\d|nodesource|-t\s+\S+-backports"
    r"|/etc/apt/|dpkg -i|dpkg --install|\.deb\b|--allow-untrusted"
)
# What builders fetch and unpack with; what runs seldom calls it, and says so where it does.
_FOR_FETCHING = frozenset(
    "curl wget git unzip zip gnupg gnupg2 gpg tar xz-utils xz bzip2 gzip apt-transport-https lsb-release "
    "software-properties-common jq file patch openssh-client openssh rsync ca-certificates apt-utils vim nano less "
    "sudo dirmngr bash".split()
)
_BUILDING = frozenset(("compiler", "build-tool", "sdk", "dev-headers"))
_SDKS = frozenset(("jdk", "dotnet-sdk"))
_OF_RUNNING = frozenset(("CMD", "ENTRYPOINT", "HEALTHCHECK"))
_NODE_GYP = frozenset(("python3", "python", "python2"))
_MOST = 10
_FEW = 4


class Installs(Struct, frozen=True):
    """`line` is the RUN that installs what runs, "" where there is none or its names are not known well enough.

    `notes` say the rest in words.
    """

    line: str = ""
    notes: tuple[str, ...] = ()


def installs(survey: Survey, stage: Stage, image: str, *, linked: bool = True) -> Installs:
    """What the stage that ships, FROM `image`, installs of what this stage has; `linked` is false where nothing that
    is built loads the libraries of packages of headers.
    """
    contents = survey.contents(stage.index)
    managers = {each.manager for each in contents.packages}
    if len(managers) != 1 or "scratch" in image or "distroless" in image:
        return Installs()
    manager = min(managers)
    toolchain = contents.image is not None and contents.image.role == "toolchain"
    kept: list[str] = []
    libraries: dict[str, str] = {}
    dropped: list[str] = []
    open_ = not contents.asked.complete
    running = "\n".join(
        survey.dockerfile.source[each.span] for each in instructions(survey, stage) if each.keyword.text in _OF_RUNNING
    )
    for each in contents.packages:
        if each.auto or each.by:
            continue
        package = survey.facts.package(manager, each.name)
        if package is None or package.kind not in _BUILDING:
            if (
                toolchain
                and each.plain in _FOR_FETCHING
                and not re.search(rf"(?<![\w.-]){re.escape(each.plain)}(?![\w.-])", running)
            ):
                continue
            if each.plain in _NODE_GYP and _is_nodes(contents):
                continue
            if not _PLAIN.fullmatch(each.name) or not each.certain:
                open_ = True
                continue
            kept.append(each.name)
        elif package.kind == "dev-headers":
            libraries[each.plain] = package.runtime
        else:
            instead = instead_of(each, package, contents)
            kept += instead
            if instead == [each.name]:
                continue
            dropped.append(each.plain)
    kept = list(dict.fromkeys(kept))
    found = _libraries(libraries) if linked else {}
    same = image == stage.from_.base.text or ("alpine" in image) == (manager == "apk")
    notes: list[str] = []
    if manager == "apk" and same:
        # Its names stay the same from release to release, but for those with a number.
        sure = [name for package in found if not re.search(r"\d", package) for name in found[package]]
        kept = list(dict.fromkeys([*kept, *sure]))
        found = {package: names for package, names in found.items() if not set(names) <= set(kept)}
    if found:
        notes.append(_in_this_release(found))
    if not kept:
        return Installs("", tuple(notes))
    line = _line(manager, kept, contents) if manager in ("apt", "apk") and same and not open_ else ""
    if not line or len(kept) > _MOST or _OTHER_SOURCES.search(text_of(survey, stage)):
        if same and dropped:
            notes.insert(0, f"the packages but {_few(dropped)}")
        else:
            notes.insert(0, f"the packages that run{'' if same else ', by their names there'}: {_few(kept, open_)}")
        line = ""
    return Installs(line, tuple(notes))


def _few(names: Sequence[str], more: bool = False) -> str:
    """Some names, and a sign where there are more."""
    return ", ".join(names[:_FEW]) + (" …" if more or len(names) > _FEW else "")


def instead_of(installed: Installed, package: Package, contents: Contents) -> list[str]:
    """What takes the place of a compiler, SDK or build tool at run time."""
    names = set(package.toolchains)
    if names & _SDKS:
        runtime = of_its_version(installed.plain, package.runtime)
        return [runtime] if _NAMED.fullmatch(runtime) and not re.search("N", runtime) else []
    if installed.manager == "apk" and (names & {"g++"} or installed.plain.startswith("g++")):
        return ["libstdc++"]
    if names & {"gfortran"} and _NAMED.fullmatch(package.runtime):
        return [package.runtime]
    if package.runtime in ("python3", "gettext-base", "libintl", "erlang-base"):
        own = contents.image is not None and "pip" in contents.image.toolchains
        return [] if own and package.runtime == "python3" else [package.runtime]
    if names & {"npm", "yarn"}:
        return [installed.name]
    return []


def of_its_version(name: str, runtime: str) -> str:
    """The runtime package of the one called `name`: `openjdk-N-jre` has its number."""
    version = re.search(r"\d+(?:\.\d+)*", name)
    first = runtime.partition(" / ")[0]
    if version and len(re.findall("N+", first)) == 1:
        return re.sub("N+", version[0], first)
    return runtime


def _is_nodes(contents: Contents) -> bool:
    """Whether the image is one of Node, where Python only helps to compile addons."""
    known = contents.image is not None and contents.image.repositories[0] == "node"
    return known and not any(each.plain.startswith(("py3-", "python3-")) for each in contents.packages)


def _libraries(headers: dict[str, str]) -> dict[str, list[str]]:
    """The libraries that packages of headers are for, by package; none that every image has."""
    found: dict[str, list[str]] = {}
    for package, runtime in headers.items():
        first = re.split(r" [(/]", runtime)[0]
        if _NAMED.fullmatch(first):
            names = [name for name in first.split(", ") if not _PRESENT.fullmatch(name)]
            found |= {package: names} if names else {}
    return found


def _in_this_release(found: dict[str, list[str]]) -> str:
    """`libpq5 for libpq-dev, or what this release calls it`."""
    each = [f"{' and '.join(names)} for {package}" for package, names in list(found.items())[:3]]
    more = " …" if len(found) > 3 else ""
    return f"{', '.join(each)}{more}, or what this release calls {'it' if len(found) == 1 else 'them'}"


def _line(manager: str, names: Sequence[str], contents: Contents) -> str:
    if manager == "apk":
        return f"RUN apk add --no-cache {' '.join(names)}"
    lean = all(not each.recommends for each in contents.packages if not each.auto and not each.by)
    options = "-y --no-install-recommends" if lean else "-y"
    return f"RUN apt-get update && apt-get install {options} {' '.join(names)} && rm -rf /var/lib/apt/lists/*"
