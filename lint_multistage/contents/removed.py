"""The paths that a script certainly removes."""

from __future__ import annotations

import posixpath
from collections.abc import Iterable, Mapping, Sequence

from msgspec import Struct

from lint_multistage.contents.paths import joined, overlap
from lint_multistage.late import late_regex
from lint_multistage.syntax.shell_commands import Script
from lint_multistage.text import Source, Span

_LONGEST_PATH = 4_096
_MOST_PATTERNS = 20
_PATTERN = late_regex(r"[*?\[]")
_STAR = late_regex(r"[\w.+-]*\*[\w.+-]*")
_FORCED = late_regex(r"-\w*f\w*|--force")
_RECURSIVE = late_regex(r"-\w*[rR]\w*|--recursive")
# Other wrappers may run it elsewhere (`env -C`), in another root, or not at all (`xargs -r`).
_IN_PLACE = late_regex(r"(?:(?:sudo(?:\s+-[EHn]+)?|doas|exec|command|(?:/bin/)?busybox|\w+=\S*)(?:\s|\\\n)+)*")


class _Pattern(Struct, frozen=True):
    """A name with one star in it, as `rm` was given it; `recursive` where folders go, too."""

    before: str
    behind: str
    recursive: bool
    span: Span

    def covers(self, name: str) -> bool:
        """Whether it matches `name`, or all that `name` matches where that has a star, too."""
        return (
            name.startswith(self.before)
            and name.endswith(self.behind)
            and len(name) >= len(self.before) + len(self.behind)
            and (not name.startswith(".") or self.before.startswith("."))
        )


class Removed(Struct, frozen=True):
    """What `rm` takes away in one script, by path, each with the command's place.

    `trees` go with all below them; `files` went only if they were none but files, and those among them that are `found`
    were there: without `-f`, `rm` fails where there is nothing. `patterns` are by folder, and `roots` the first names
    of all these paths. Nothing is said of what overlaps with `mounted`: what lay under a mount is still there.
    """

    trees: Mapping[str, Span] = {}
    files: Mapping[str, Span] = {}
    found: frozenset[str] = frozenset()
    patterns: Mapping[str, Sequence[_Pattern]] = {}
    roots: frozenset[str] = frozenset()
    mounted: tuple[str, ...] = ()

    def tree(self, path: str) -> Span | None:
        """Where `path` is removed, be it a file or a folder."""
        return self._tree(path) if self._can_tell(path) else None

    def file(self, path: str) -> Span | None:
        """Where the file `path` is removed, or the files that it matches where its name has a star."""
        if not self._can_tell(path):
            return None
        return self._tree(path) or self.files.get(path) or self._matched(*posixpath.split(path), recursive=False)

    def named(self, path: str) -> Span | None:
        """Where `rm` is told to remove `path`, and would fail if it were a folder."""
        return self.files.get(path) if self._can_tell(path) else None

    def _tree(self, path: str) -> Span | None:
        span = None
        while span is None and path.strip("/"):
            span = self.trees.get(path)
            folder, name = posixpath.split(path)
            if span is None and folder in self.patterns:
                span = self._matched(folder, name, recursive=True)
            path = folder
        return span

    def _matched(self, folder: str, name: str, *, recursive: bool) -> Span | None:
        patterns = self.patterns.get(folder, ())
        return next((each.span for each in patterns if each.recursive >= recursive and each.covers(name)), None)

    def _can_tell(self, path: str) -> bool:
        # Nearly all paths that are asked for lie where nothing is removed.
        return (
            path.split("/", 2)[1] in self.roots
            and len(path) <= _LONGEST_PATH
            and not any(overlap(path, mount) for mount in self.mounted)
        )


def removed_by(script: Script, source: Source, mounted: Iterable[str | None]) -> Removed:
    """What a RUN's script removes; nothing where the script is not understood, or one of the paths `mounted` for it is
    not known.
    """
    mounts = [*mounted]
    known = tuple(mount for mount in mounts if mount is not None)
    if not script.understood or len(known) < len(mounts):
        return Removed()
    trees: dict[str, Span] = {}
    files: dict[str, Span] = {}
    found: set[str] = set()
    patterns: dict[str, list[_Pattern]] = {}
    for command in script.commands:
        if command.name != "rm" or not command.certain:
            continue
        if not _IN_PLACE.fullmatch(source[Span(command.span.start, command.words[0].span.start)]):
            continue
        recursive = any(word.text and _RECURSIVE.fullmatch(word.text) for word in command.words)
        forced = any(word.text is None or _FORCED.fullmatch(word.text) for word in command.words)
        for word in command.words[1:]:
            text = word.text or ""
            folder, slash, name = text.rpartition("/")
            if not _PATTERN.search(text):
                path = joined(command.directory, text) if text and not text.startswith("-") else None
                if path is not None and path != "/":
                    (trees if recursive else files)[path] = command.span
                    if not forced and not recursive:
                        found.add(path)
            elif _STAR.fullmatch(name) and word.raw.rpartition("/")[2] == name and not _PATTERN.search(folder):
                # A star in quotes, or one that no shell reads, is an ordinary character.
                place = joined(command.directory, folder + slash or ".")
                if place is not None and place != "/":
                    before, _, behind = name.partition("*")
                    here = patterns.setdefault(place, [])
                    if len(here) < _MOST_PATTERNS:
                        here.append(_Pattern(before, behind, recursive, command.span))
    roots = frozenset(path.split("/", 2)[1] for path in (*trees, *files, *patterns))
    return Removed(trees, files, frozenset(found), patterns, roots, known)
