"""The toolchains that scripts install without a package manager: archives, installers, clones."""

from __future__ import annotations

import posixpath
from collections.abc import Iterator, Sequence

from msgspec import Struct
from msgspec.structs import replace

from lint_multistage.contents.carried import (
    BASE,
    COPIED,
    FETCHING,
    HIDDEN,
    INSTALLER,
    INSTALLING,
    LEFT,
    RUNNING,
    UNPACKING,
    Carried,
    Place,
    Toolchains,
    within,
)
from lint_multistage.contents.fetching import (
    STDOUT,
    Fetch,
    Unpack,
    apart,
    fetches,
    home_of,
    moved,
    option_value,
    pattern_of,
    place_of,
    plain_words,
    removed,
    unpacked,
)
from lint_multistage.facts import Facts
from lint_multistage.facts.installers import Installer
from lint_multistage.syntax.expansion import expand
from lint_multistage.syntax.shell_commands import Command, Script
from lint_multistage.text import Span

MOST = 100
_FILES = FETCHING | UNPACKING | frozenset(("rm", "mv", "git"))
_UNPACKED_BY_ADD = (".tar", ".tar.gz", ".tgz", ".tar.bz2", ".tbz", ".tar.xz", ".txz")


class Fetched(Struct, frozen=True):
    """A file that lies ready: what it is, its path (STDOUT while a command reads it, None where it is not known), the
    name that it was fetched as, "" where that is not known, and the instruction and words that say so.
    """

    installer: Installer
    path: str | None
    name: str
    span: Span
    stage: int
    line: int
    certain: bool = True


def toolchains_after(before: Toolchains, script: Script, place: Place, facts: Facts) -> Toolchains:
    """What is left of `before`, and of what `script` installs, when it has run."""
    state = _Toolchains(before, place, facts)
    for command in script.commands:
        state.take(command)
    return state.done()


def added(before: Toolchains, url: str, destination: str, span: Span, place: Place, facts: Facts) -> Toolchains:
    """The toolchains once ADD has put what is at `url`, a file of the build context or a URL, to `destination`."""
    if "://" in url:
        installer = facts.installers.of_url(url)
        if installer is None:
            return before
        fetched = Fetched(installer, destination, posixpath.basename(url), span, place.stage, place.line)
        return replace(before, fetched=(*before.fetched, fetched)[-MOST:])
    installer = facts.installers.of_file(url)
    if installer is None or installer.kind != "archive" or not url.endswith(_UNPACKED_BY_ADD):
        return before
    state = _Toolchains(before, place, facts)
    state.install(installer, [posixpath.join(destination, installer.inside)], posixpath.basename(url), span, True)
    return state.done()


class _Toolchains:
    """The toolchains while one script runs."""

    def __init__(self, before: Toolchains, place: Place, facts: Facts) -> None:
        self.carried = list(before.carried)
        self.fetched = list(before.fetched)
        self.place = place
        self.facts = facts

    def done(self) -> Toolchains:
        # What goes through a pipe is gone with it.
        fetched = tuple(each for each in self.fetched if each.path != STDOUT)
        return Toolchains(tuple(self.carried[:MOST]), fetched[-MOST:])

    def take(self, command: Command) -> None:
        name = command.name
        if not name or (name not in _FILES and not self.runs(name)):
            return
        home = self.home(command)
        if name in FETCHING:
            for fetch in fetches(command, home):
                self.fetch(fetch, command)
        elif name in UNPACKING:
            unpack = unpacked(command, home)
            if unpack is not None:
                self.unpack(unpack, command)
        elif name == "rm":
            for path, recursive, span in removed(command, home):
                self.remove(path, recursive, span, command.certain)
        elif name == "mv":
            for source, target in moved(command, home):
                self.move(source, target)
        elif name == "git":
            self.clone(command, home)
        elif self.runs(name):
            self.execute(command, home)

    def runs(self, name: str) -> bool:
        """Whether a program of that name may install or remove a toolchain."""
        return name in RUNNING or name in INSTALLING or self.ready

    @property
    def ready(self) -> bool:
        """Whether a script was fetched that may be what runs."""
        return any(each.installer.kind == "script" for each in self.fetched)

    def home(self, command: Command) -> str:
        return home_of(self.place.user, {**self.place.variables, **_known(command)})

    # --- what is fetched, and then unpacked or run

    def fetch(self, fetch: Fetch, command: Command) -> None:
        installer = self.facts.installers.of_url(fetch.url)
        if installer is None:
            return
        if installer.kind == "program":
            path = None if fetch.output == STDOUT else fetch.output
            self.install(installer, [path], installer.name, fetch.span, command.certain)
        elif installer.kind in ("archive", "script"):
            self.fetched.append(self.fetch_of(installer, fetch.output, fetch.name, fetch.span, command.certain))

    def fetch_of(self, installer: Installer, path: str | None, name: str, span: Span, certain: bool) -> Fetched:
        return Fetched(installer, path, name, span, self.place.stage, self.place.line, certain)

    def unpack(self, unpack: Unpack, command: Command) -> None:
        found = self._archive(unpack.archive)
        if found is None:
            name = (unpack.archive or "").rpartition("/")[2]
            installer = self.facts.installers.of_file(name)
            if installer is None or installer.kind != "archive":
                return
            found = self.fetch_of(installer, unpack.archive, name, unpack.span, True)
        elif found.path in (STDOUT, None):
            self.fetched.remove(found)
        inside = found.installer.inside
        if any(not _same_member(member, inside) for member in unpack.members):
            return
        path = unpack.into and posixpath.join(unpack.into, inside)
        if unpack.bare or not inside:
            path = apart(unpack.into, found.installer.core)
        self.install(found.installer, [path], found.name, found.span, found.certain and command.certain)

    def _archive(self, path: str | None) -> Fetched | None:
        """The archive at `path` that was fetched."""
        archives = [each for each in reversed(self.fetched) if each.installer.kind == "archive"]
        if path is None:
            return archives[0] if archives else None
        exact = next((each for each in archives if each.path and _same_file(each.path, path)), None)
        # It may have gone to a file by a redirection, which is not followed.
        return exact or next((each for each in archives if each.path == STDOUT), None)

    def execute(self, command: Command, home: str) -> None:
        words = [pattern_of(word, home) for word in command.words]
        words[0] = command.name
        # A shell's script, or the program itself.
        name = posixpath.basename(_script_of(words) if command.name in RUNNING else words[0])
        text = " ".join([*(f"{name}={value or ''}" for name, value in command.env), *words])
        span = Span(command.words[0].span.start, command.words[-1].span.end)
        ready = self._script(command, name)
        installer = ready.installer if ready else self.facts.installers.of_program(name) if name else None
        if installer is not None and not installer.excluded(text):
            if ready is not None:
                span = ready.span
                if ready.path == STDOUT:
                    self.fetched.remove(ready)
            certain = command.certain and (ready is None or ready.certain)
            self.install(installer, self.places(installer, command, words), installer.name, span, certain)
        plain = plain_words(words)
        for found in self.facts.installers.of_command(plain):
            if not found.excluded(text) and not self._has(found):
                self.install(found, self.places(found, command, words), found.name, span, command.certain)
        for found in self.facts.installers.removed_by(plain):
            self._uninstall(found, span, command.certain)

    def _script(self, command: Command, name: str) -> Fetched | None:
        """The script that was fetched and that a command runs: the last one, or that of this name."""
        scripts = [each for each in reversed(self.fetched) if each.installer.kind == "script"]
        if command.name in RUNNING and (not name or name.startswith("*")):
            return next((each for each in scripts if each.path in (STDOUT, None)), None)
        return next((each for each in scripts if name and each.path and posixpath.basename(each.path) == name), None)

    def places(self, installer: Installer, command: Command, words: Sequence[str]) -> list[str | None]:
        """Where an installer puts what it installs."""
        given = option_value(words, installer.into) if installer.into else None
        if given is not None:
            folder = place_of(given, command.directory)
            return [folder and posixpath.join(folder, installer.core) if installer.core else apart(folder, "")]
        variables = {**self.place.variables, **_known(command)}
        home = self.home(command)
        program = (command.words[0].text or "").rpartition("/")
        found: list[str | None] = []
        for place in installer.places:
            if place.startswith("./"):
                # Beside the program, which may be found by PATH.
                beside = place_of(program[0] or program[1], command.directory) if program[1] else None
                found.append(place_of(place, beside) if beside else None)
                continue
            # A variable that nothing sets leaves the default.
            found.append(place_of(expand(place.replace("~", home), variables).text, command.directory))
        return found or [None]

    def clone(self, command: Command, home: str) -> None:
        words = plain_words([pattern_of(word, home) for word in command.words[1:]])
        if not words or words[0] != "clone":
            return
        at = next((at for at, word in enumerate(words) if "://" in word), None)
        installer = self.facts.installers.of_url(words[at].removesuffix(".git")) if at is not None else None
        if at is None or installer is None or installer.kind != "clone":
            return
        folder = words[at + 1] if at + 1 < len(words) else words[at].removesuffix(".git").rpartition("/")[2]
        span = Span(command.words[0].span.start, command.words[-1].span.end)
        self.install(installer, [place_of(folder, command.directory)], installer.name, span, command.certain)

    def install(self, installer: Installer, places: Sequence[str | None], by: str, span: Span, certain: bool) -> None:
        """Note what an installer brings: one record for each place, the first for the most of it."""
        many = len(places) > 1
        heavy = [name for name in installer.toolchains if self.facts.heavy(name)]
        for number, (path, names) in enumerate(_shares(heavy, places) if heavy else ()):
            if path and any(within(folder, path) is not None for folder in self.place.mounted):
                continue
            carried = Carried(
                toolchains=names,
                via=INSTALLER,
                by=by,
                stage=self.place.stage,
                line=self.place.line,
                span=span,
                path=path,
                certain=certain,
                main=not (many and number),
                image=installer.image,
            )
            same = [at for at, each in enumerate(self.carried) if _same(each, carried)]
            if same:
                self.carried[same[0]] = replace(carried, certain=carried.certain or self.carried[same[0]].certain)
            elif len(self.carried) < MOST:
                self.carried.append(carried)

    def _has(self, installer: Installer) -> bool:
        """Whether the first toolchain of an installer is there already: it brings another release of the same."""
        return any(each.stays and installer.toolchains[0] in each.toolchains for each in self.carried)

    # --- what is removed and moved

    def remove(self, path: str | None, recursive: bool, span: Span, certain: bool) -> None:
        for each in [each for each in self.fetched if path and each.path and _same_file(each.path, path)]:
            self.fetched.remove(each)
            if each.installer.kind == "archive" and each.certain and certain:
                self._archive_gone(each, span)
        if path and path.endswith((*_UNPACKED_BY_ADD, ".zip")):
            # An archive bears the name of the folder that it holds, and is not that folder.
            return
        for at, carried in enumerate(self.carried):
            if carried.state != LEFT:
                continue
            if path is None or carried.path is None:
                # It may be what is removed here.
                own = (carried.stage, carried.line) == (self.place.stage, self.place.line)
                doubtful = recursive and own and (path is None or not path.startswith(_NO_TOOLCHAIN))
                self.carried[at] = replace(carried, certain=False) if doubtful else carried
                continue
            rest = within(path, carried.path)
            if rest is not None and (recursive or not rest):
                self._gone(at, span, certain)

    def _archive_gone(self, fetched: Fetched, span: Span) -> None:
        """Note that an archive was removed, if it was too late: its layer keeps it."""
        names = tuple(name for name in fetched.installer.toolchains if self.facts.heavy(name))
        carried = Carried(
            toolchains=names,
            via=INSTALLER,
            by=fetched.name or fetched.installer.name,
            stage=fetched.stage,
            line=fetched.line,
            span=fetched.span,
            path=fetched.path,
            archive=True,
        ).without(self.place.stage, self.place.line, span)
        if names and carried.state == HIDDEN and len(self.carried) < MOST:
            self.carried.append(carried)

    def _gone(self, at: int, span: Span, certain: bool) -> None:
        carried = self.carried[at]
        if certain:
            self.carried[at] = carried.without(self.place.stage, self.place.line, span)
        elif (carried.stage, carried.line) == (self.place.stage, self.place.line):
            self.carried[at] = replace(carried, certain=False)

    def _uninstall(self, installer: Installer, span: Span, certain: bool) -> None:
        for at, carried in enumerate(self.carried):
            if (
                carried.state == LEFT
                and carried.via in (INSTALLER, BASE, COPIED)
                and set(carried.toolchains) & set(installer.toolchains)
            ):
                self._gone(at, span, certain)

    def move(self, source: str, target: str | None) -> None:
        for at, carried in enumerate(self.carried):
            rest = within(source, carried.path) if carried.path and carried.state == LEFT else None
            if rest is not None:
                path = posixpath.join(target, rest).rstrip("/") if target else None
                own = (carried.stage, carried.line) == (self.place.stage, self.place.line)
                self.carried[at] = replace(carried, path=path) if own or path else carried
        for number, each in enumerate(self.fetched):
            if each.path and _same_file(each.path, source):
                self.fetched[number] = replace(each, path=target)


# Recursive removals of these take away what downloads, packages and builds leave behind, not a toolchain.
_NO_TOOLCHAIN = ("/var/", "/tmp/", "/root/.cache", "/usr/share/doc", "/usr/share/man")


def _script_of(words: Sequence[str]) -> str:
    """The script that a shell is given, "" where it reads its input."""
    for word in words[1:]:
        if word in ("-", "/dev/stdin") or (word.startswith("-") and word[1:2] != "-" and "s" in word):
            return ""
        if not word.startswith(("-", "+")):
            return word
    return ""


def _known(command: Command) -> dict[str, str]:
    return {name: value for name, value in command.env if value is not None}


def _same_file(one: str, other: str) -> bool:
    return one == other or ("*" in one + other and within(one, other) == "")


def _same_member(member: str, inside: str) -> bool:
    """Whether a part of an archive that is unpacked is the folder that matters, as a whole."""
    return bool(inside) and within("/" + member.strip("./*"), "/" + inside) == ""


def _same(one: Carried, other: Carried) -> bool:
    """Whether two records speak of one thing that one instruction brought twice."""
    first, second = ((each.via, each.stage, each.line, each.path, each.toolchains) for each in (one, other))
    return first == second and one.state == LEFT


def _shares(names: Sequence[str], places: Sequence[str | None]) -> Iterator[tuple[str | None, tuple[str, ...]]]:
    """The toolchains by place: one each where there is more than one place, the last place taking the rest."""
    if len(places) < 2:
        yield places[0], tuple(names)
        return
    for number, place in enumerate(places):
        last = number == len(places) - 1
        yield place, tuple(names[number:] if last else names[number : number + 1])
