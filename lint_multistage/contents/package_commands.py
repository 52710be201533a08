"""What one command of a package manager does: which packages it installs, removes or marks."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from enum import Enum

from msgspec import Struct

from lint_multistage.facts.packages import FAMILIES
from lint_multistage.late import late_regex
from lint_multistage.syntax.shell_commands import Command, ShellWord
from lint_multistage.text import Span


class Kind(Enum):
    """What happens to the packages that an action names."""

    INSTALL = "install"
    REMOVE = "remove"
    AUTOREMOVE = "autoremove"
    MARK_AUTO = "mark auto"
    MARK_MANUAL = "mark manual"
    LIST_MANUAL = "list manual"


class Name(Struct, frozen=True):
    """A package name as written, and where."""

    text: str
    span: Span


class Action(Struct, frozen=True, kw_only=True):
    """A step of a package manager.

    `complete` is false where further names are not known. `virtual` names the group that packages are installed as.
    `auto` is true where a removal also takes what nothing needs any more; `recommends` is false where recommended
    packages are turned off; `needed` is true where a removal spares what another package recommends. `certain` is that
    of the command, and `span` where it says what to do.
    """

    kind: Kind
    manager: str
    span: Span
    names: tuple[Name, ...] = ()
    complete: bool = True
    virtual: str = ""
    auto: bool = False
    recommends: bool = True
    needed: bool = True
    certain: bool = True


_Make = Callable[[Kind, tuple[Name, ...], bool], Action]


class _Syntax(Struct, frozen=True):
    """How a family of package managers is called: options that take the next word, and what each verb does."""

    valued: frozenset[str]
    verbs: Mapping[str, str]
    root: frozenset[str] = frozenset()
    idle: re.Pattern[str] = late_regex(r"(?!)")


_APT = _Syntax(
    valued=frozenset(
        "-o --option -c --config-file -t --target-release --default-release -a --host-architecture -P --build-profiles "
        "--solver".split()
    ),
    verbs={
        "install": "install",
        "reinstall": "install",
        "satisfy": "",
        "remove": "remove",
        "purge": "remove",
        "autoremove": "autoremove",
        "auto-remove": "autoremove",
        "autopurge": "autoremove",
        "build-dep": "build-dep",
    },
    idle=late_regex(
        r"-[yqfmuVbh]*[sd][yqfmuVbhsd]*|--(simulate|just-print|dry-run|recon|no-act|download-only|print-uris|help|version)"
    ),
)
_APK = _Syntax(
    valued=frozenset(
        "-t --virtual -p --root -X --repository --keys-dir --repositories-file --cache-dir --cache-max-age --wait "
        "--arch --progress-fd --timeout".split()
    ),
    verbs={"add": "install", "del": "remove"},
    root=frozenset(("-p", "--root")),
    idle=late_regex(r"-[qviUflu]*s[qviUflu]*|--simulate|--help"),
)
_DNF = _Syntax(
    valued=frozenset(
        "-c --config -x --exclude --excludepkgs --installroot --releasever --repo --repoid --enablerepo --disablerepo "
        "--setopt -d --debuglevel -e --errorlevel -R --randomwait --disableplugin --enableplugin --comment --forcearch "
        "--repofrompath --color --rpmverbosity --advisory --bz --cve --downloaddir --destdir --disableexcludes".split()
    ),
    verbs={
        "install": "install",
        "in": "install",
        "install-n": "install",
        "install-na": "install",
        "install-nevra": "install",
        "localinstall": "install",
        "reinstall": "install",
        "groupinstall": "group install",
        "remove": "remove",
        "erase": "remove",
        "rm": "remove",
        "autoremove": "autoremove",
        "groupremove": "group remove",
        "group": "group",
        "groups": "group",
        "module": "module",
        "swap": "swap",
        "history": "history",
    },
    root=frozenset(("--installroot",)),
    idle=late_regex(r"--(downloadonly|assumeno|help)"),
)
_ZYPPER = _Syntax(
    valued=frozenset(
        "-c --config -R --root --installroot -C --cache-dir -D --reposd-dir --releasever -p --plus-repo --plus-content "
        "-t --type -r --repo --from --solver-focus".split()
    ),
    verbs={
        "install": "install",
        "in": "install",
        "remove": "remove",
        "rm": "remove",
        "install-new-recommends": "",
    },
    root=frozenset(("-R", "--root", "--installroot")),
    idle=late_regex(r"--(dry-run|download-only|help)"),
)
_PACMAN = _Syntax(
    valued=frozenset(
        "-b --dbpath -r --root --sysroot --config --cachedir --gpgdir --hookdir --logfile --ignore --ignoregroup "
        "--overwrite --assume-installed --arch --color --print-format".split()
    ),
    verbs={},
    root=frozenset(("-r", "--root", "--sysroot")),
    idle=late_regex(r"--(help|print|search|info|list|groups|downloadonly)"),
)
_CONDA = _Syntax(
    valued=frozenset(
        "-n --name -p --prefix -c --channel --file -r --root-prefix --repodata-fn --solver --subdir --platform "
        "--experimental-solver --clone --channel-priority --rc-file --log-level -f".split()
    ),
    verbs={
        "install": "install",
        "create": "install",
        "remove": "remove",
        "uninstall": "remove",
    },
    idle=late_regex(r"-d|--(dry-run|download-only|help)"),
)
_SYNTAXES = {"apt": _APT, "apk": _APK, "dnf": _DNF, "zypper": _ZYPPER, "pacman": _PACMAN, "conda": _CONDA}
_PROGRAMS = {**FAMILIES, "nala": "apt", "mamba2": "conda"}
# Scripts of slim base images around `apt-get install`.
_APT_INSTALLERS = frozenset(("install_packages", "clean-install"))
_SUFFIXED = late_regex(r"[\w.:+-]*[\w-](\+\+)?[+-]")
_LONGEST_NAME = 300
_ORPHANS = late_regex(r"pacman\s+-Q[a-z]*(t[a-z]*d|d[a-z]*t)")


def package_actions(command: Command) -> tuple[Action, ...]:
    """What `command` does to the packages of the image, in order; none where it is no package manager."""
    name = command.name
    if name in _PROGRAMS:
        call = _Call(command, _SYNTAXES[_PROGRAMS[name]])
        return () if call.elsewhere or call.idle else tuple(_managed(_PROGRAMS[name], call))
    words = command.words[1:]
    if name == "apt-mark":
        return _marked(words, command)
    if name in ("rpm", "dpkg"):
        return _low_level(name, words, command)
    if name in _APT_INSTALLERS:
        names, complete = _names(words)
        return (
            Action(
                kind=Kind.INSTALL,
                manager="apt",
                span=command.words[0].span,
                certain=command.certain,
                names=names,
                complete=complete,
                recommends=False,
            ),
        )
    return ()


class _Call:
    """The words of a command, options apart."""

    def __init__(self, command: Command, syntax: _Syntax) -> None:
        self.certain = command.certain
        self.program = command.name
        self.span = command.words[0].span
        self.verb: ShellWord | None = None
        self.operands: list[ShellWord] = []
        self.options: list[tuple[str, str | None]] = []
        self.elsewhere = False
        """Whether the packages go to another root than that of the image."""
        self.idle = False
        """Whether the command only says what it would do."""
        words = command.words
        at = 1
        plain = False
        while at < len(words):
            word = words[at]
            text = word.text
            at += 1
            if text is None or plain or not text.startswith("-") or text == "-":
                if self.verb is None and syntax.verbs:
                    self.verb = word
                else:
                    self.operands.append(word)
                continue
            if text == "--":
                plain = True
                continue
            option, equals, value = text.partition("=")
            given: str | None = value if equals else ""
            if not equals and (option in syntax.valued or _ends_in_valued(option, syntax)):
                option = option if option in syntax.valued else "-" + option[-1]
                given = words[at].text if at < len(words) else ""
                at += 1
            self.options.append((option, given))
            if option in syntax.root and given != "/":
                self.elsewhere = True
            self.idle = self.idle or bool(syntax.idle.fullmatch(option))

    def option(self, *names: str) -> bool:
        return any(option in names for option, _ in self.options)

    def value(self, *names: str) -> str:
        """The last known value of an option."""
        return next((value for option, value in reversed(self.options) if option in names and value), "")

    def setting(self, pattern: str) -> bool:
        """Whether an option's value matches `pattern`."""
        return any(value and re.search(pattern, value, re.IGNORECASE) for _, value in self.options)


def _ends_in_valued(option: str, syntax: _Syntax) -> bool:
    """Whether a cluster such as `-yt` takes the next word; `-tbookworm` holds its value."""
    letters = option[1:]
    return (
        len(letters) > 1
        and letters.isalpha()
        and f"-{letters[0]}" not in syntax.valued
        and f"-{letters[-1]}" in syntax.valued
    )


def _managed(manager: str, call: _Call) -> list[Action]:
    if manager == "pacman":
        return _pacman(call)
    verb = _SYNTAXES[manager].verbs.get(call.verb.text or "", "") if call.verb else ""
    operands = call.operands
    if verb in ("group", "module") and operands:
        verb = f"{verb} {operands[0].text}"
        operands = operands[1:]
    names, complete = _names(operands)
    if verb in ("module install", "module remove"):
        names = tuple(Name(re.split("[:/]", name.text)[0], name.span) for name in names)
        verb = verb.removeprefix("module ")
    if verb in ("group install", "group remove"):
        names = tuple(name if name.text.startswith("@") else Name("@" + name.text, name.span) for name in names)
        verb = verb.removeprefix("group ")
    if manager == "zypper" and call.value("-t", "--type") == "pattern":
        names = tuple(Name("pattern:" + name.text.removeprefix("pattern:"), name.span) for name in names)
    if manager == "conda" and call.option("--all", "-a") and verb == "remove":
        complete = False
    auto = manager != "apt" or call.program == "aptitude" or call.option("--auto-remove", "--autoremove")
    recommends = not (
        call.option("--no-install-recommends", "--no-recommends", "--without-recommends")
        or call.setting(r"install-recommends=[\"']?(0|no|false|off)|install_weak_deps=(0|no|false)")
    )
    needed = not call.setting(r"recommendsimportant=[\"']?(0|no|false|off)")

    def action(kind: Kind, of: tuple[Name, ...], complete: bool) -> Action:
        return Action(
            kind=kind,
            manager=manager,
            span=call.verb.span if call.verb else call.span,
            certain=call.certain,
            names=of,
            complete=complete,
            auto=auto,
            recommends=recommends,
            needed=needed,
            virtual=call.value("-t", "--virtual") if manager == "apk" else "",
        )

    match verb:
        case "install" | "remove":
            mixed = _mixed(verb, manager, names, complete, action)
            # What is marked so goes with the next autoremove.
            marked = manager == "apt" and verb == "install" and call.option("--mark-auto")
            return [*mixed, action(Kind.MARK_AUTO, names, True)] if marked else mixed
        case "autoremove":
            return [action(Kind.REMOVE, names, complete), action(Kind.AUTOREMOVE, (), True)]
        case "build-dep" if call.verb:
            # It installs more, but this is what it installs for every package.
            return [action(Kind.INSTALL, (Name("build-essential", call.verb.span),), False)]
        case "swap":
            return [action(Kind.REMOVE, names[:1], complete), action(Kind.INSTALL, names[1:2], complete)]
        case "history" if operands and operands[0].text in ("undo", "rollback"):
            return [action(Kind.REMOVE, (), False)]
    return []


def _mixed(verb: str, manager: str, names: tuple[Name, ...], complete: bool, action: _Make) -> list[Action]:
    """Names that say otherwise than the verb: `apt-get install a b-`, `apk add !b`."""
    contrary: list[Name] = []
    kept: list[Name] = []
    for name in names:
        text = name.text
        if manager == "apt" and _SUFFIXED.fullmatch(text) and text[-1] == ("-" if verb == "install" else "+"):
            contrary.append(Name(text[:-1], name.span))
        elif manager == "apk" and verb == "install" and text.startswith("!"):
            contrary.append(Name(text[1:], name.span))
        else:
            kept.append(name)
    kind, other = (Kind.INSTALL, Kind.REMOVE) if verb == "install" else (Kind.REMOVE, Kind.INSTALL)
    actions = [action(kind, tuple(kept), complete)]
    return [*actions, action(other, tuple(contrary), True)] if contrary else actions


def _pacman(call: _Call) -> list[Action]:
    operation = next((option for option, _ in call.options if re.fullmatch(r"-[SRU][a-z]*", option)), "")
    installs = operation[:2] in ("-S", "-U") or call.option("--sync", "--upgrade")
    removes = operation.startswith("-R") or call.option("--remove")
    if installs == removes or re.search(r"[csilgpw]", operation[2:] if installs else ""):
        return []
    operands = [word for word in call.operands if not (word.text is None and _ORPHANS.search(word.raw))]
    names, complete = _names(operands)
    kind = Kind.INSTALL if installs else Kind.REMOVE
    auto = "s" in operation or call.option("--recursive")
    return [
        Action(
            kind=kind,
            manager="pacman",
            span=call.span,
            certain=call.certain,
            names=names,
            complete=complete,
            auto=auto,
        )
    ]


def _marked(words: tuple[ShellWord, ...], command: Command) -> tuple[Action, ...]:
    operands = [word for word in words if not (word.text or "").startswith("-")]
    verb = operands[0].text if operands else None
    names, complete = _names(operands[1:])
    kinds = {
        "auto": Kind.MARK_AUTO,
        "markauto": Kind.MARK_AUTO,
        "manual": Kind.MARK_MANUAL,
        "unmarkauto": Kind.MARK_MANUAL,
        "showmanual": Kind.LIST_MANUAL,
    }
    kind = kinds.get(verb or "")
    if kind is None:
        return ()
    span = command.words[0].span
    return (Action(kind=kind, manager="apt", span=span, certain=command.certain, names=names, complete=complete),)


def _names(words: Iterable[ShellWord]) -> tuple[tuple[Name, ...], bool]:
    """The known names among `words`, and whether those are all."""
    names: list[Name] = []
    complete = True
    for word in words:
        if word.text is None or len(word.text) > _LONGEST_NAME:
            complete = False
        elif word.text:
            names.append(Name(word.text, word.span))
    return tuple(names), complete


def _low_level(program: str, words: tuple[ShellWord, ...], command: Command) -> tuple[Action, ...]:
    """`rpm -e`, `dpkg --purge`: removals; what they install is a file whose package is not known by name."""
    options = [word.text for word in words if word.text and word.text.startswith("-")]
    pattern = r"-e[a-z]*|-[a-z]*e|--erase" if program == "rpm" else r"-r|-P|--remove|--purge"
    if not any(re.fullmatch(pattern, option) for option in options) or any(o.startswith("--root") for o in options):
        return ()
    names, complete = _names(word for word in words if not (word.text or "").startswith("-"))
    families = ("dnf", "zypper") if program == "rpm" else ("apt",)
    span = command.words[0].span
    return tuple(
        Action(kind=Kind.REMOVE, manager=family, span=span, certain=command.certain, names=names, complete=complete)
        for family in families
    )
