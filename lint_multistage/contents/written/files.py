"""Where commands write that copy, move, fetch and unpack files."""

from __future__ import annotations

import posixpath
import re

from lint_multistage.contents.products.call import Call
from lint_multistage.contents.written.writes import (
    ANYWHERE,
    NOTHING,
    Writes,
    all_of,
    file_at,
    file_of,
    top,
    tree_at,
    tree_of,
)
from lint_multistage.late import late_regex

_URL = late_regex(r"[a-z][a-z0-9+.-]*://[^/]+/(?:[^?#]*/)?([\w.+%@-]+)(?:[?#].*)?")
_RECURSIVE = late_regex(r"-\w*[rRa]\w*|--recursive|--archive|--parents")
_COPY_VALUED = frozenset(
    ("-S", "--suffix", "-m", "--mode", "-o", "--owner", "-g", "--group", "-t", "--target-directory")
)
_CURL_VALUED = frozenset(
    (
        "-H --header -A --user-agent -u --user -d --data --data-raw --data-binary -X --request -e --referer -x --proxy "
        "-m --max-time -w --write-out -r --range -C --continue-at -T --upload-file -F --form -E --cert --cacert "
        "--capath --retry --retry-delay --retry-max-time --connect-timeout -K --config --proto --proto-redir "
        "--tlsv1.2 --url -o --output --output-dir -D --dump-header -c --cookie-jar -b --cookie --resolve -y -Y -z "
        "--limit-rate --ciphers --interface --speed-limit --speed-time --max-redirs"
    ).split()
) - {"--tlsv1.2"}
_WGET_VALUED = frozenset(
    (
        "-O --output-document -P --directory-prefix -o --output-file -a --append-output -i --input-file -t --tries -T "
        "--timeout -U --user-agent --header -e --execute --user --password --waitretry -w --wait -A -R -D -l --level "
        "--retry-on-http-error --read-timeout --dns-timeout --connect-timeout --ca-certificate --post-data --method "
        "--body-data -nc --limit-rate"
    ).split()
) - {"-nc"}
_HARMLESS = frozenset(
    "rm chmod chown chgrp strip ls echo cat touch sed grep dos2unix gzip mv cp test sha256sum".split()
)
_SHORT = late_regex(r"-[A-Za-z]+")
_GIT_SILENT = frozenset(
    (
        "log show status diff rev-parse describe ls-files ls-remote ls-tree grep blame shortlog version help "
        "check-ignore cat-file rev-list for-each-ref merge-base name-rev symbolic-ref var"
    ).split()
)


def several(call: Call) -> Writes:
    """`mkdir`, `touch`, `tee`: each argument is made."""
    return all_of(file_of(call, at) for at in call.positions(("-m", "--mode", "-r", "-d", "-t", "-s", "--size")))


def copied(call: Call) -> Writes:
    """`cp`, `install`: the destination, or what goes by its name in it."""
    if call.name == "install" and any(head in ("-d", "--directory") or _has_short(head, "d") for head in call.heads):
        return all_of(file_of(call, at) for at in call.positions(_COPY_VALUED))
    given = call.values("-t", "--target-directory")
    places = call.positions(_COPY_VALUED)
    if given:
        return tree_at(call, given[-1])
    if len(places) < 2:
        return NOTHING if call.has("--help", "--version") else ANYWHERE
    *sources, last = places
    tree = any(_RECURSIVE.fullmatch(head) for head in call.heads) or call.name == "mv"
    names = [posixpath.basename((call.text(at) or "*").rstrip("/")) for at in sources]
    place = call.place(call.text(last))
    if tree and place is not None and not any(mark in name for name in names for mark in "*?[{") and "" not in names:
        inside = tuple(posixpath.join(place, name) for name in names)
        # Where the destination is a folder, the source goes into it; else the source becomes it.
        return Writes(trees=inside) if place == "/" else Writes(trees=(place,))
    if tree or place is None or any(mark in name for name in names for mark in "*?[{"):
        return tree_of(call, last)
    return Writes(paths=(place, *(posixpath.join(place, name) for name in names if name)))


def moved(call: Call) -> Writes:
    """`mv`: like a copy, and the sources are gone."""
    sources = call.positions(_COPY_VALUED)
    if not call.values("-t", "--target-directory"):
        sources = sources[:-1]
    places = [call.place(call.text(at)) for at in sources]
    gone = tuple(place for place in places if place is not None and place != "/") if call.certain else ()
    return copied(call) | Writes(removed=gone)


def linked(call: Call) -> Writes:
    """`ln`: what lies behind a link is found below its name, and what is written below that lies there."""
    places = call.positions(("-t", "--target-directory", "-S", "--suffix"))
    given = call.values("-t", "--target-directory")
    if given:
        return tree_at(call, given[-1])
    if len(places) == 1:
        text = call.text(places[0])
        return tree_at(call, posixpath.basename(text.rstrip("/")) or None) if text else ANYWHERE
    return all_of(tree_of(call, at) for at in places)


def removed(call: Call) -> Writes:
    """`rm`, `rmdir`, `unlink`."""
    if not call.certain:
        return NOTHING
    places = [call.place(call.text(at)) for at in call.positions(())]
    return Writes(removed=tuple(place for place in places if place is not None and place != "/"))


def fetched(call: Call) -> Writes:
    """`curl`: the output that options name; nothing where it goes to standard output."""
    found: list[Writes] = []
    folder = call.values("--output-dir")
    remote = False
    for at, head in enumerate(call.heads):
        if head in ("--output", "--dump-header", "--cookie-jar") or (
            _SHORT.fullmatch(head) and head[-1] in "oDc" and (at == 0 or call.heads[at - 1] not in _CURL_VALUED)
        ):
            found.append(tree_at(call, folder[-1]) if folder else file_of(call, at + 1))
        elif head.startswith("--output="):
            found.append(file_at(call, call.value("--output")))
        elif re.fullmatch(r"-[a-zA-Z]*o/[^ ]+", head):
            found.append(file_at(call, head.partition("o")[2]))
        elif head in ("--remote-name", "--remote-name-all") or (_SHORT.fullmatch(head) and "O" in head[1:]):
            remote = True
    if remote and folder:
        found.append(tree_at(call, folder[-1]))
    elif remote:
        found += (_by_name(call, at) for at in call.positions(_CURL_VALUED))
    if call.opaque(_CURL_VALUED) and not found:
        # The options may stand in what is not known; a URL alone holds none.
        unknown = [at for at in call.positions(_CURL_VALUED) if not call.heads[at]]
        if any("URL" not in call.args[at].raw.upper() and "http" not in call.args[at].raw for at in unknown):
            return ANYWHERE
    return all_of(found)


def wget(call: Call) -> Writes:
    """`wget`: the file that `-O` names, else the URL's own name in `-P` or where it runs."""
    found: list[Writes] = []
    for at, head in enumerate(call.heads):
        if head.startswith("-O") and len(head) > 2 and not _SHORT.fullmatch(head[2:]):
            found.append(NOTHING if head == "-O-" else file_at(call, head[2:]))
        elif head == "--output-document" or (_SHORT.fullmatch(head) and head.endswith("O")):
            found.append(NOTHING if call.text(at + 1) == "-" else file_of(call, at + 1))
        elif head.startswith("--output-document="):
            found.append(NOTHING if head.endswith("=-") else file_at(call, call.value("--output-document")))
    if found:
        return all_of(found)
    folder = call.values("-P", "--directory-prefix", glued=True)
    if folder:
        return tree_at(call, folder[-1])
    if call.has("-r", "-m", "--mirror", "--recursive", "-i", "--input-file", "-x") or call.opaque(_WGET_VALUED):
        return tree_at(call, ".")
    return all_of(_by_name(call, at) for at in call.positions(_WGET_VALUED))


def _by_name(call: Call, at: int) -> Writes:
    """The file that a URL names, where the command runs."""
    text = call.text(at)
    match = _URL.fullmatch(text) if text else None
    return file_at(call, match[1]) if match else tree_at(call, ".")


def tar(call: Call) -> Writes:
    """`tar`: what is unpacked, or the archive."""
    mode = "".join(head for head in call.heads[:1] if not head.startswith("--"))
    mode += "".join(head for head in call.heads if _SHORT.fullmatch(head))
    if call.has("--absolute-names") or "P" in mode:
        return ANYWHERE
    folders = call.values("-C", "--directory", "--cd", glued=True)
    # -xzC DIR, and `tar xzC DIR`.
    folders += [call.text(at + 1) for at, head in enumerate(call.heads) if _has_short(head, "C") and head[-1] == "C"]
    if call.has("--extract", "--get") or "x" in mode:
        here = tree_at(call, ".")
        return all_of(tree_at(call, folder) for folder in folders) if folders else here
    if call.has("--list") or "t" in mode:
        return NOTHING
    archives = call.values("--file") + [
        call.text(at + 1) for at, head in enumerate(call.heads) if (at == 0 or _SHORT.fullmatch(head)) and "f" in head
    ]
    return all_of(file_at(call, archive) for archive in archives if archive != "-") if archives else NOTHING


def unzipped(call: Call) -> Writes:
    """`unzip`."""
    if call.has("-l", "-t", "-v", "-p"):
        return NOTHING
    folders = call.values("-d", glued=True)
    return tree_at(call, folders[-1] if folders else ".")


def unpacked(call: Call) -> Writes:
    """`gunzip`, `xz` …: a file beside the one that is read."""
    places = call.positions(())
    texts = [call.text(at) for at in places]
    return all_of(tree_at(call, posixpath.dirname(text) or "." if text else None) for text in texts)


def last_one(call: Call) -> Writes:
    """`rsync`, `objcopy`, `debootstrap` …: the arguments from the second on are written."""
    return all_of(tree_of(call, at) for at in call.positions(())[1:])


def sed(call: Call) -> Writes:
    """`sed -i`: the files themselves, and their backups beside them."""
    if not any(head.startswith(("-i", "--in-place")) or _has_short(head, "i") for head in call.heads):
        return NOTHING
    found = []
    for at in call.positions(("-e", "-f", "--expression", "--file")):
        place = call.place(call.text(at))
        if place is not None:
            found.append(Writes(paths=(place,)))
    # It changes files that are there, whatever their names.
    return all_of(found)


def git(call: Call) -> Writes:
    """`git clone`, and what else changes a working tree."""
    folders = call.values("-C")
    if folders:
        call = call.moved(folders[-1])
    at = call.subcommand(("-C", "-c", "--git-dir", "--work-tree"))
    sub = call.text(at)
    if sub in _GIT_SILENT or sub == "config":
        return Writes(trees=("/root", "/home", "/etc")) if sub == "config" else NOTHING
    if sub == "clone":
        valued = ("-b --branch --depth -o --origin -c --config -j --jobs --reference --filter --template").split()
        places = call.positions(frozenset(valued), at + 1)
        if len(places) > 1:
            return tree_of(call, places[1])
        text = call.text(places[0]) if places else None
        name = text.rstrip("/").rpartition("/")[2].removesuffix(".git") if text else ""
        return tree_at(call, name or ".")
    if sub == "init":
        places = call.positions(("-b", "--initial-branch"), at + 1)
        return tree_of(call, places[0]) if places else tree_at(call, ".")
    return top(call.place("."))


def find(call: Call) -> Writes:
    """`find`: what it runs on what it finds."""
    for at, head in enumerate(call.heads):
        if head in ("-exec", "-execdir", "-ok", "-okdir"):
            name = (call.text(at + 1) or "").rpartition("/")[2]
            if name not in _HARMLESS:
                return ANYWHERE
            if name in ("mv", "cp"):
                return ANYWHERE if not call.heads[at + 2 :] else _run_by_find(call, at)
        elif head in ("-fprint", "-fprintf", "-fls"):
            return file_of(call, at + 1)
    return NOTHING


def _run_by_find(call: Call, at: int) -> Writes:
    end = next((i for i in range(at, len(call.heads)) if call.heads[i] in (";", "\\;", "+")), len(call.heads))
    inner = [i for i in range(at + 2, end) if not call.heads[i].startswith("-") and call.heads[i] != "{}"]
    given = [i + 1 for i in range(at + 2, end) if call.heads[i] in ("-t", "--target-directory")]
    targets = given or inner[-1:]
    return all_of(tree_of(call, i) for i in targets) if targets else ANYWHERE


def dd(call: Call) -> Writes:
    """`dd of=FILE`."""
    outs = [head[3:] for head in call.heads if head.startswith("of=")]
    return all_of(file_at(call, out) for out in outs)


def patched(call: Call) -> Writes:
    """`patch`, `dos2unix` …: files of the tree in which it runs."""
    folders = call.values("-d", "--directory")
    return top(call.place(folders[-1] if folders else "."))


def _has_short(head: str, letter: str) -> bool:
    return bool(_SHORT.fullmatch(head)) and letter in head[1:]


READERS = {
    "mkdir": several,
    "touch": several,
    "tee": several,
    "truncate": several,
    "cp": copied,
    "install": copied,
    "mv": moved,
    "ln": linked,
    "rm": removed,
    "rmdir": removed,
    "unlink": removed,
    "curl": fetched,
    "wget": wget,
    "tar": tar,
    "bsdtar": tar,
    "unzip": unzipped,
    "gunzip": unpacked,
    "gzip": unpacked,
    "bunzip2": unpacked,
    "bzip2": unpacked,
    "xz": unpacked,
    "unxz": unpacked,
    "zstd": unpacked,
    "rsync": last_one,
    "objcopy": last_one,
    "debootstrap": last_one,
    "sed": sed,
    "git": git,
    "find": find,
    "dd": dd,
    "patch": patched,
}
