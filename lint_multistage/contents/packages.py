"""The packages that a stage has after each RUN."""

from __future__ import annotations

from collections.abc import Callable
from fnmatch import fnmatchcase
from functools import lru_cache

from msgspec import Struct
from msgspec.structs import replace

from lint_multistage.contents.package_commands import Action, Kind, Name, package_actions
from lint_multistage.facts.packages import unpinned
from lint_multistage.late import late_regex
from lint_multistage.syntax.patterns import Pattern, SlowPatternError, read_pattern
from lint_multistage.syntax.shell_commands import Script
from lint_multistage.text import Span

MOST_ACTIONS = 300
MOST_PACKAGES = 500
MOST_PATTERNS = 20

# What stays behind where such a package is removed without what it has brought.
_META = {("apt", "build-essential"): ("gcc", "g++", "make", "dpkg-dev", "libc6-dev")}
_GLOB = late_regex(r"[*?\[]")
_REGULAR = late_regex(r"[\^$|]|\.[*+]")
_EXPRESSION = late_regex(r"(\^)?((?:[\w:-]|\+\+|\\?\.[*+]?)*)(\$)?")
_WILD = late_regex(r"\\\.|\.[*+]?")


class Installed(Struct, frozen=True):
    """A package that was asked for by name.

    `manager` is a family (apt for apt-get, dnf for yum), `name` the name as written with its pin (groups start with
    `@`, zypper's patterns with `pattern:`), `span` where it stands and `instruction` what the caller numbers
    instructions by. `certain` is false where it may be absent. `virtual` is apk's group; `auto` is true where a package
    is there for another one or was marked so, and goes with what nothing needs; `recommends` is false where
    recommended packages were turned off. `by` names the package that recommends it where nobody asked for it.
    """

    manager: str
    name: str
    span: Span
    instruction: int
    certain: bool = True
    virtual: str = ""
    auto: bool = False
    recommends: bool = True
    by: str = ""

    @property
    def plain(self) -> str:
        """The name without version, release, architecture or channel."""
        return clean_names(self.manager, self.name)[0]


class Removed(Struct, frozen=True):
    """A package that a later instruction than its own certainly removed: it is hidden, and its layer keeps its size.

    `span` is where the removal says so (the package's name or group, or else what it does) and `instruction` what the
    caller numbers the removing instruction by.
    """

    package: Installed
    span: Span
    instruction: int


class Packages(Struct, frozen=True):
    """The packages of a stage: those that are there, in the order of installation, and those removed too late.

    `complete` is false where others were installed whose names are not known: they come from a file or a command.
    `recommending` is false where apt may have been told for good not to install what packages recommend. `cleaned` are
    the instructions that removed packages which they had installed themselves.
    """

    installed: tuple[Installed, ...] = ()
    removed: tuple[Removed, ...] = ()
    complete: bool = True
    recommending: bool = True
    cleaned: frozenset[int] = frozenset()

    def doubted(self) -> Packages:
        """The same where anything may have been installed and removed since."""
        installed = tuple(replace(package, certain=False) for package in self.installed)
        return replace(self, installed=installed, complete=False)


Recommended = Callable[[str, str], tuple[str, ...]]
"""The packages that one of a manager brings along unless recommended ones are turned off."""


def packages_after(
    before: Packages, script: Script, instruction: int, recommended: Recommended | None = None
) -> Packages:
    """What is left of `before` and of what `script` installs when it has run.

    Where the script may have removed a package that it does not name, the package stays and is not certain.
    """
    packages: _Packages | None = None
    count = 0
    for command in script.commands:
        for action in package_actions(command):
            if packages is None:
                packages = _Packages(before, instruction, recommended)
            count += 1
            if count > MOST_ACTIONS:
                return packages.done().doubted()
            packages.take(action)
    return before if packages is None else packages.done()


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

    def __init__(self, before: Packages, instruction: int, recommended: Recommended | None) -> None:
        self.before = before
        self.packages = list(before.installed)
        self.removed = list(before.removed)
        self.complete = before.complete
        self.cleaned = before.cleaned
        self.instruction = instruction
        self.recommended = recommended if before.recommending else None
        self.listed = before.installed
        """The packages when `apt-mark showmanual` listed those that were asked for."""

    def done(self) -> Packages:
        return replace(
            self.before,
            installed=tuple(self.packages),
            removed=tuple(self.removed),
            complete=self.complete,
            cleaned=self.cleaned,
        )

    def take(self, action: Action) -> None:
        match action.kind:
            case Kind.INSTALL:
                self._install(action)
            case Kind.REMOVE:
                self._remove(action)
            case Kind.AUTOREMOVE:
                self._drop(action, self._orphans(action))
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
        self.complete = self.complete and action.complete
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
                self._bring_along(new, asked)

    def _bring_along(self, asker: Installed, asked: dict[tuple[str, str], list[int]]) -> None:
        """Install what a package recommends, unless it is there."""
        brought = self.recommended(asker.manager, asker.name) if self.recommended and asker.recommends else ()
        for name in brought:
            places = asked.setdefault((name, ""), [])
            if not any(self.packages[at].certain for at in places) and len(self.packages) < MOST_PACKAGES:
                places.append(len(self.packages))
                self.packages.append(replace(asker, name=name, auto=True, by=asker.plain))

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
            else:
                self._gone(package, named.place(package) or action.span)
                remaining += () if action.auto else self._left_behind(package)
        self.packages = remaining
        if action.auto:
            self._drop(action, self._orphans(action))

    def _gone(self, package: Installed, span: Span) -> None:
        """Note that a package was removed, in time or too late."""
        if package.instruction == self.instruction:
            self.cleaned |= {self.instruction}
        elif package.certain and len(self.removed) < MOST_PACKAGES:
            self.removed.append(Removed(package, span, self.instruction))

    def _orphans(self, action: Action) -> Callable[[Installed], bool]:
        """Which packages go with what nothing needs; apt takes a recommendation for a need unless told not to."""
        there = {package.plain for package in self.packages if package.manager == action.manager and not package.auto}
        return lambda package: package.auto and not (action.needed and package.by in there)

    def _left_behind(self, meta: Installed) -> list[Installed]:
        """What a package that is removed alone has brought and leaves, if nobody asked for it by name."""
        named = {package.plain for package in self.packages if package.manager == meta.manager}
        brought = _META.get((meta.manager, meta.plain), ())
        return [replace(meta, name=name, auto=True, by="") for name in brought if name not in named]

    def _drop(self, action: Action, concerned: Callable[[Installed], bool]) -> None:
        """Take away the packages concerned of one manager; doubt them where that is not certain."""

        def hit(package: Installed) -> bool:
            return package.manager == action.manager and concerned(package)

        if not action.certain:
            self.doubt(hit)
            return
        for package in self.packages:
            if hit(package):
                self._gone(package, action.span)
        self.packages = [package for package in self.packages if not hit(package)]

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
        self.exact = {text: name.span for name in names for text in (name.text, *clean_names(manager, name.text))}
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
            or any(name in self.exact for name in names)
            or any(fnmatchcase(name, glob) for glob in self.globs for name in names)
            or any(_matches(expression, name) for expression in self.expressions for name in names[:1])
        )

    def place(self, package: Installed) -> Span | None:
        """Where the package or its group is named, None where a pattern covers it."""
        names = (package.virtual, *clean_names(package.manager, package.name))
        return next((self.exact[name] for name in names if name in self.exact), None)


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
