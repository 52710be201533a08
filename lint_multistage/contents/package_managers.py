"""How package managers are called: the options that take the next word, the verbs, and a command's words by them."""

from __future__ import annotations

import re
from collections.abc import Mapping

from msgspec import Struct

from lint_multistage.facts.packages import FAMILIES
from lint_multistage.late import late_regex
from lint_multistage.syntax.shell_commands import Command, ShellWord


class Syntax(Struct, frozen=True):
    """How a family of package managers is called: options that take the next word, and what each verb does."""

    valued: frozenset[str]
    verbs: Mapping[str, str]
    root: frozenset[str] = frozenset()
    idle: re.Pattern[str] = late_regex(r"(?!)")


_APT = Syntax(
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
_APK = Syntax(
    valued=frozenset(
        "-t --virtual -p --root -X --repository --keys-dir --repositories-file --cache-dir --cache-max-age --wait "
        "--arch --progress-fd --timeout".split()
    ),
    verbs={"add": "install", "del": "remove"},
    root=frozenset(("-p", "--root")),
    idle=late_regex(r"-[qviUflu]*s[qviUflu]*|--simulate|--help"),
)
_DNF = Syntax(
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
_ZYPPER = Syntax(
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
_PACMAN = Syntax(
    valued=frozenset(
        "-b --dbpath -r --root --sysroot --config --cachedir --gpgdir --hookdir --logfile --ignore --ignoregroup "
        "--overwrite --assume-installed --arch --color --print-format".split()
    ),
    verbs={},
    root=frozenset(("-r", "--root", "--sysroot")),
    idle=late_regex(r"--(help|print|search|info|list|groups|downloadonly)"),
)
_CONDA = Syntax(
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
# By the family of the manager, and the families by program.
SYNTAXES = {"apt": _APT, "apk": _APK, "dnf": _DNF, "zypper": _ZYPPER, "pacman": _PACMAN, "conda": _CONDA}
PROGRAMS = {**FAMILIES, "nala": "apt", "mamba2": "conda"}


class Call:
    """The words of a package manager's command: its verb, what it is about, and the options apart."""

    def __init__(self, command: Command, syntax: Syntax) -> None:
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
        """Whether one of these options is given."""
        return any(option in names for option, _ in self.options)

    def value(self, *names: str) -> str:
        """The last known value of an option."""
        return next((value for option, value in reversed(self.options) if option in names and value), "")

    def setting(self, pattern: str) -> bool:
        """Whether an option's value matches `pattern`."""
        return any(value and re.search(pattern, value, re.IGNORECASE) for _, value in self.options)


def _ends_in_valued(option: str, syntax: Syntax) -> bool:
    """Whether a cluster such as `-yt` takes the next word; `-tbookworm` holds its value."""
    letters = option[1:]
    return (
        len(letters) > 1
        and letters.isalpha()
        and f"-{letters[0]}" not in syntax.valued
        and f"-{letters[-1]}" in syntax.valued
    )
