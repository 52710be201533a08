"""The packages that a stage has after each RUN."""

from __future__ import annotations

import re
from collections.abc import Callable
from fnmatch import fnmatchcase
from functools import lru_cache

from msgspec import Struct
from msgspec.structs import replace

from lint_multistage.contents.package_commands import Action, Kind, Name, package_actions
from lint_multistage.facts.packages import unpinned
from lint_multistage.syntax.patterns import Pattern, SlowPatternError, read_pattern
from lint_multistage.syntax.shell_commands import Script
from lint_multistage.text import Span

MOST_ACTIONS = 300
MOST_PACKAGES = 500
MOST_PATTERNS = 20

# What stays behind where such a package is removed without what it has brought.
_META = {("apt", "build-essential"): ("gcc", "g++", "make", "dpkg-dev", "libc6-dev")}
_GLOB = re.compile(r"[*?\[]")
_REGULAR = re.compile(r"[\^$|]|\.[*+]")
_EXPRESSION = re.compile(r"(\^)?((?:[\w:-]|\+\+|\\?\.[*+]?)*)(\$)?")
_WILD = re.compile(r"\\\.|\.[*+]?")


class Installed(Struct, frozen=True):
    """A package that was asked for by name.

    `manager` is a family (apt for apt-get, dnf for yum), `name` the name as written with its pin (groups start with
    `@`, zypper's patterns with `pattern:`), `span` where it stands and `instruction` what the caller numbers
    instructions by. `certain` is false where it may be absent. `virtual` is apk's group; `auto` is true where a package
    is there for another one or was marked so, and goes with what nothing needs; `recommends` is false where
    recommended packages were turned off.
    """

    manager: str
    name: str
    span: Span
    instruction: int
    certain: bool = True
    virtual: str = ""
    auto: bool = False
    recommends: bool = True

    @property
    def plain(self) -> str:
        """The name without version, release, architecture or channel."""
        return clean_names(self.manager, self.name)[0]


def packages_after(before: tuple[Installed, ...], script: Script, instruction: int) -> tuple[Installed, ...]:
    """What is left of `before` and of what `script` installs when it has run, in the order of installation.

    Where the script may have removed a package that it does not name, the package stays and is not certain.
    """
    packages: _Packages | None = None
    count = 0
    for command in script.commands:
        for action in package_actions(command):
            if packages is None:
                packages = _Packages(before, instruction)
            count += 1
            if count > MOST_ACTIONS:
                packages.doubt(lambda package: True)
                return tuple(packages.packages)
            packages.take(action)
    return before if packages is None else tuple(packages.packages)


@lru_cache(maxsize=4096)
def clean_names(manager: str, name: str) -> tuple[str, ...]:
    """The names that `name` may mean, likeliest first."""
    if name.startswith("@"):
        return ("@" + name[1:].strip("\"'").lower().replace(" ", "-"),)
    if name.endswith((".deb", ".rpm", ".apk")):
        name = name.rpartition("/")[2].rpartition(".")[0].partition("_")[0]
    return unpinned(manager, name)


class _Packages:
    """The packages while one script runs."""

    def __init__(self, before: tuple[Installed, ...], instruction: int) -> None:
        self.packages = list(before)
        self.instruction = instruction
        self.listed = before
        """The packages when `apt-mark showmanual` listed those that were asked for."""

    def take(self, action: Action) -> None:
        match action.kind:
            case Kind.INSTALL:
                self._install(action)
            case Kind.REMOVE:
                self._remove(action)
            case Kind.AUTOREMOVE:
                self._drop(action, lambda package: package.auto)
            case Kind.LIST_MANUAL:
                self.listed = tuple(self.packages)
            case Kind.MARK_AUTO | Kind.MARK_MANUAL:
                self._mark(action)

    def doubt(self, concerned: Callable[[Installed], bool]) -> None:
        """Packages that may or may not have gone."""
        self.packages = [
            replace(package, certain=False) if package.certain and concerned(package) else package
            for package in self.packages
        ]

    def _install(self, action: Action) -> None:
        if action.virtual:
            # A second `apk add --virtual` of a name replaces the first.
            self._drop(action, lambda package: package.virtual == action.virtual)
        if len(self.packages) >= MOST_PACKAGES:
            return
        asked: dict[tuple[str, str], list[int]] = {}
        for at, package in enumerate(self.packages):
            if package.manager == action.manager:
                asked.setdefault((package.plain, package.virtual), []).append(at)
        for name in action.names:
            new = Installed(
                manager=action.manager,
                name=name.text,
                span=name.span,
                instruction=self.instruction,
                certain=action.certain,
                virtual=action.virtual,
                recommends=action.recommends,
            )
            places = asked.setdefault((new.plain, new.virtual), [])
            if new.certain:
                for at in places:
                    # It is now kept for itself.
                    self.packages[at] = replace(self.packages[at], auto=False)
            here = next((at for at in places if self.packages[at].instruction == self.instruction), None)
            if here is not None and (self.packages[here].certain or not new.certain):
                continue
            if here is not None:
                self.packages[here] = new
            elif len(self.packages) < MOST_PACKAGES:
                # Another RUN that asks for it is another place to mend.
                places.append(len(self.packages))
                self.packages.append(new)

    def _remove(self, action: Action) -> None:
        named = _Named(action.manager, action.names)
        remaining: list[Installed] = []
        for package in self.packages:
            if package.manager != action.manager:
                remaining.append(package)
            elif not named.covers(package):
                doubtful = package.certain and not (action.complete and named.complete)
                remaining.append(replace(package, certain=False) if doubtful else package)
            elif not action.certain or (package.virtual and package.virtual not in named.exact):
                # apk keeps what a virtual package still needs.
                remaining.append(replace(package, certain=False))
            elif not action.auto:
                remaining += self._left_behind(package)
        self.packages = remaining
        if action.auto:
            self._drop(action, lambda package: package.auto)

    def _left_behind(self, meta: Installed) -> list[Installed]:
        """What a package that is removed alone has brought and leaves, if nobody asked for it by name."""
        named = {package.plain for package in self.packages if package.manager == meta.manager}
        brought = _META.get((meta.manager, meta.plain), ())
        return [replace(meta, name=name, auto=True) for name in brought if name not in named]

    def _drop(self, action: Action, concerned: Callable[[Installed], bool]) -> None:
        """Take away the packages concerned of one manager; doubt them where that is not certain."""

        def hit(package: Installed) -> bool:
            return package.manager == action.manager and concerned(package)

        if action.certain:
            self.packages = [package for package in self.packages if not hit(package)]
        else:
            self.doubt(hit)

    def _mark(self, action: Action) -> None:
        named = _Named(action.manager, action.names)
        auto = action.kind is Kind.MARK_AUTO
        manual = {(package.name, package.span) for package in self.listed if not package.auto}
        marked: list[Installed] = []
        for package in self.packages:
            if package.manager == action.manager:
                if auto and not action.complete:
                    package = replace(package, certain=False)
                elif named.covers(package):
                    package = replace(package, auto=auto, certain=package.certain and (action.certain or not auto))
                elif not auto and not action.complete and (package.name, package.span) in manual:
                    # `apt-mark manual $saved`, where `saved` is what `apt-mark showmanual` said.
                    package = replace(package, auto=False)
            marked.append(package)
        self.packages = marked


class _Named:
    """The packages that the names of a removal cover. `complete` is false where a name could not be understood."""

    def __init__(self, manager: str, names: tuple[Name, ...]) -> None:
        self.exact = {text for name in names for text in (name.text, *clean_names(manager, name.text))}
        # apt takes for a regular expression what is no shell pattern of any package.
        expressions = [name.text for name in names if manager == "apt" and _REGULAR.search(name.text)]
        globs = [name.text for name in names if _GLOB.search(name.text) and name.text not in expressions]
        self.complete = len(globs) + len(expressions) <= MOST_PATTERNS
        self.globs = globs[:MOST_PATTERNS]
        self.expressions: list[Pattern] = []
        for text in expressions[:MOST_PATTERNS]:
            for part in text.split("|"):
                pattern = _pattern(part)
                if pattern:
                    self.expressions.append(pattern)
                else:
                    self.complete = False

    def covers(self, package: Installed) -> bool:
        """Whether one of the names means the package or its group."""
        names = clean_names(package.manager, package.name)
        return (
            (package.virtual != "" and package.virtual in self.exact)
            or not self.exact.isdisjoint(names)
            or any(fnmatchcase(name, glob) for glob in self.globs for name in names)
            or any(_matches(expression, name) for expression in self.expressions for name in names[:1])
        )


def _pattern(expression: str) -> Pattern | None:
    """A simple regular expression as a shell pattern, which cannot take long to match; None for any other."""
    match = _EXPRESSION.fullmatch(expression)
    if not match or not match[2]:
        return None
    inner = _WILD.sub(lambda found: {".": "?", ".*": "*", ".+": "?*"}.get(found[0], "."), match[2])
    return read_pattern(("" if match[1] else "*") + inner + ("" if match[3] else "*"))


def _matches(pattern: Pattern, name: str) -> bool:
    try:
        return not pattern.trimmed(name, end=False, longest=True)
    except SlowPatternError:
        return False
