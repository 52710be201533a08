"""What one command of a package manager does: which packages it installs, removes or marks."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from enum import Enum

from msgspec import Struct

from lint_multistage.contents.package_managers import PROGRAMS, SYNTAXES, Call
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

# Scripts of slim base images around `apt-get install`.
_APT_INSTALLERS = frozenset(("install_packages", "clean-install"))
_SUFFIXED = late_regex(r"[\w.:+-]*[\w-](\+\+)?[+-]")
_LONGEST_NAME = 300
_ORPHANS = late_regex(r"pacman\s+-Q[a-z]*(t[a-z]*d|d[a-z]*t)")


def package_actions(command: Command) -> tuple[Action, ...]:
    """What `command` does to the packages of the image, in order; none where it is no package manager."""
    name = command.name
    if name in PROGRAMS:
        call = Call(command, SYNTAXES[PROGRAMS[name]])
        return () if call.elsewhere or call.idle else tuple(_managed(PROGRAMS[name], call))
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


def _managed(manager: str, call: Call) -> list[Action]:
    if manager == "pacman":
        return _pacman(call)
    verb = SYNTAXES[manager].verbs.get(call.verb.text or "", "") if call.verb else ""
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


def _pacman(call: Call) -> list[Action]:
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
