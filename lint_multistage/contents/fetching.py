"""What one command fetches, unpacks, moves or removes, as far as its words say."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator, Mapping, Sequence

from msgspec import Struct

from lint_multistage.late import late_regex
from lint_multistage.syntax.shell_commands import Command, ShellWord
from lint_multistage.text import Span

STDOUT = "-"
_CURL_VALUED = frozenset("-o -H -d -u -A -e -x -X -m -w -b -c -T -F -r -y -Y -z -E -K".split())
_WGET_VALUED = frozenset("-O -P -o -a -t -T -U -e -i -B -w -Q".split())
_LONG_VALUED = frozenset(
    "--output --output-document --directory-prefix --output-dir --header --retry --retry-delay --retry-max-time "
    "--max-time --connect-timeout --proto --cacert --cert --key --user --user-agent --referer --proxy --request "
    "--data --tries --timeout --waitretry --limit-rate --dir --out --proto-redir --tls-max --ciphers".split()
)
_ARIA_VALUED = frozenset("-d -o -x -s -j -k -m -t".split())
_LOOKS_LIKE_URL = late_regex(r"(?:https?|ftp)://|^[\w.-]+\.[a-z]{2,}/|^(?:[\w-]+\.)+(?:io|org|rs|run|sh|dev|net)$")
_SUBSTITUTED = late_regex(r"[$<]\((?:[^()]|\([^()]*\))*\)|`[^`]*`|\$\{[^}]*\}|\$\w+")
_HOME = late_regex(r"\$HOME\b|\$\{HOME\}|^~(?=/|$)")
_FOLDERS = late_regex(
    r"/(?:(?:usr/)?(?:local|lib|share|opt)|usr|opt|srv|home|root|tmp|usr/local/(?:lib|share|bin)|usr/bin)?"
)
_RECURSIVE = late_regex(r"-\w*[rR]\w*|--recursive")


class Fetch(Struct, frozen=True):
    """A URL that is fetched, `*` standing for what is not known of it.

    `name` is that of its file as written, "" where nothing is known of it. `output` is the absolute path of the file,
    STDOUT where it goes to the next command, None where it is not known.
    """

    url: str
    name: str
    span: Span
    output: str | None


class Unpack(Struct, frozen=True):
    """An archive that is unpacked: its path as a pattern (STDOUT for what comes in, None where it is not known).

    `into` is the folder, None where that is not known; `bare` is true where the outer folders of its contents are left
    out, and `members` are the parts that are unpacked, where not all are.
    """

    archive: str | None
    span: Span
    into: str | None
    bare: bool = False
    members: tuple[str, ...] = ()


def pattern_of(word: ShellWord, home: str) -> str:
    """A word as a shell pattern: what is not known of it becomes `*`."""
    if word.text is not None:
        text = word.text
        return home + text[1:] if text == "~" or text.startswith("~/") else text
    raw = word.raw.replace('"', "").replace("'", "")
    return re.sub(r"\*+", "*", _SUBSTITUTED.sub("*", _HOME.sub(lambda _: home, raw)))


def place_of(word: str | None, directory: str | None) -> str | None:
    """The absolute path that `word` is in `directory`; None where it does not say where it lies."""
    if not word or word.startswith("*") or (directory is None and not word.startswith("/")):
        return None
    return "/" + posixpath.normpath(posixpath.join(directory or "/", word)).lstrip("/")


def fetches(command: Command, home: str) -> Iterator[Fetch]:
    """What curl, wget and the like fetch."""
    wget, aria = command.name in ("wget", "wget2"), command.name == "aria2c"
    valued = _WGET_VALUED if wget else _ARIA_VALUED if aria else _CURL_VALUED
    urls: list[tuple[str, ShellWord]] = []
    output: str | None = ""
    folder: str | None = None
    named = wget or aria
    words = [(pattern_of(word, home), word) for word in command.words[1:]]
    at = 0
    while at < len(words):
        text, word = words[at]
        at += 1
        if not text.startswith("-") or text == "-":
            if _LOOKS_LIKE_URL.search(text) or word.text is None:
                urls.append((text, word))
            continue
        option, value, taken = _option(text, valued)
        if taken and value is None:
            value = words[at][0] if at < len(words) else ""
            at += 1
        if option == "--url" and value:
            urls.append((value, word))
        elif option in (("-O", "--output-document") if wget else ("-o", "--out") if aria else ("-o", "--output")):
            output = value
        elif option in (("-P", "--directory-prefix") if wget else ("-d", "--dir") if aria else ("--output-dir",)):
            folder = value
        elif not wget and not aria and (option == "--remote-name" or (option[1:2] != "-" and "O" in option)):
            named = True
    for url, word in urls:
        name = url.partition("?")[0].rstrip("/").rpartition("/")[2]
        if output:
            path = (
                STDOUT
                if output in ("-", "/dev/stdout")
                else place_of(output, place_of(folder, command.directory) or command.directory)
            )
        elif named:
            path = place_of(name, place_of(folder, command.directory) if folder else command.directory)
        else:
            path = STDOUT
        yield Fetch(url, _shown(word), word.span, path)


def _shown(word: ShellWord) -> str:
    """The name of the file that a URL fetches, for people: as written where it holds a variable."""
    url = word.raw.replace('"', "").replace("'", "") if word.text is None else word.text
    name = url.partition("?")[0].rpartition("/")[2]
    return name if re.search(r"\w\.\w", name) else ""


def _option(text: str, valued: frozenset[str]) -> tuple[str, str | None, bool]:
    """An option, its value where it stands in the same word, and whether it takes one: `-fsSLo`, `-O-`, `--out=x`."""
    if text.startswith("--"):
        option, equals, value = text.partition("=")
        return option, value if equals else None, bool(equals) or option in _LONG_VALUED
    for at, letter in enumerate(text[1:], 1):
        if "-" + letter in valued:
            return "-" + letter, text[at + 1 :] or None, True
    return text, None, False


def unpacked(command: Command, home: str) -> Unpack | None:
    """What tar, unzip and the like unpack."""
    words = [pattern_of(word, home) for word in command.words[1:]]
    span = Span(command.words[0].span.start, command.words[-1].span.end)
    if command.name == "unzip":
        return _unzipped(words, span, command.directory)
    extracts, archive, into, bare = False, STDOUT, command.directory, False
    members: list[str] = []
    at = 0
    while at < len(words):
        text = words[at]
        at += 1
        if text.startswith("--"):
            option, equals, value = text.partition("=")
            extracts = extracts or option in ("--extract", "--get")
            bare = bare or option.startswith("--strip")
            if (
                option in ("--file", "--directory", "--strip-components", "--strip", "--exclude", "--transform")
                and not equals
            ):
                value = words[at] if at < len(words) else ""
                at += 1
            if option == "--file":
                archive = value
            elif option == "--directory":
                into = place_of(value, into)
        elif text.startswith("-") or at == 1:
            letters = text.removeprefix("-")
            for number, letter in enumerate(letters, 1):
                extracts = extracts or letter == "x"
                if letter in "fCbHIX":
                    value = letters[number:] if text.startswith("-") else ""
                    if not value:
                        value = words[at] if at < len(words) else ""
                        at += 1
                        if letter == "f":
                            archive = value
                        elif letter == "C":
                            into = place_of(value, into)
                        continue
                    if letter == "f":
                        archive = value
                    elif letter == "C":
                        into = place_of(value, into)
                    break
        else:
            members.append(text)
    if not extracts:
        return None
    return Unpack(_archive(archive, command.directory), span, into, bare, tuple(members))


def _unzipped(words: Sequence[str], span: Span, directory: str | None) -> Unpack | None:
    into, archive, members = directory, "", []
    at = 0
    while at < len(words):
        text = words[at]
        at += 1
        if text == "-d":
            into = place_of(words[at] if at < len(words) else "", directory)
            at += 1
        elif text.startswith("-d") and len(text) > 2:
            into = place_of(text[2:], directory)
        elif text.startswith("-"):
            if re.fullmatch(r"-\w*[lptvzZ]\w*", text):
                return None
        elif not archive:
            archive = text
        else:
            members.append(text)
    return Unpack(_archive(archive, directory), span, into, False, tuple(members)) if archive else None


def _archive(word: str, directory: str | None) -> str | None:
    if word in ("-", "/dev/stdin"):
        return STDOUT
    return place_of(word, directory) or (word if word.strip("*") else None)


def removed(command: Command, home: str) -> Iterator[tuple[str | None, bool, Span]]:
    """The paths that `rm` removes (None for one that is not known), whether with all below, and where it says so."""
    recursive = any(_RECURSIVE.fullmatch(word.text or "") for word in command.words[1:])
    for word in command.words[1:]:
        if not (word.text or "").startswith("-"):
            yield place_of(pattern_of(word, home), command.directory), recursive, word.span


def moved(command: Command, home: str) -> tuple[tuple[str, str | None], ...]:
    """What `mv` moves where; None for a place that is not known."""
    texts = [pattern_of(word, home) for word in command.words[1:] if not (word.text or "").startswith("-")]
    if len(texts) < 2:
        return ()
    target = place_of(texts[-1], command.directory)
    is_folder = (
        len(texts) > 2 or texts[-1].endswith(("/", "/.")) or texts[-1] == "." or bool(_FOLDERS.fullmatch(target or "*"))
    )
    found = []
    for text in texts[:-1]:
        source = place_of(text, command.directory)
        if source is not None:
            name = posixpath.basename(source)
            found.append((source, posixpath.join(target, name) if target and is_folder else target))
    return tuple(found)


def apart(folder: str | None, part: str) -> str | None:
    """What tells of something that was put right into `folder`: the folder, or `part` of what was put there where the
    folder has other things too; None where that is not known.
    """
    if folder is None or not _FOLDERS.fullmatch(folder.rstrip("/") or "/"):
        return folder
    return posixpath.join(folder, part) if part else None


def option_value(words: Sequence[str], names: Sequence[str]) -> str | None:
    """The value of one of the options `names`; None where none is given."""
    for at, word in enumerate(words):
        option, equals, value = word.partition("=")
        if option in names:
            return value if equals else words[at + 1] if at + 1 < len(words) else None
    return None


def plain_words(words: Sequence[str]) -> list[str]:
    """The words that are no options."""
    return [word for word in words if not word.startswith(("-", "+"))]


def home_of(user: str, environment: Mapping[str, str]) -> str:
    """The home folder of the user that commands run as."""
    known = environment.get("HOME")
    name = user.partition(":")[0]
    return known or ("/root" if name in ("", "root", "0") else f"/home/{name}")
