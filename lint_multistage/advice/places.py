"""Which of the paths that a stage makes somebody probably meant."""

from __future__ import annotations

import posixpath
from collections.abc import Iterable, Sequence

from lint_multistage.contents.changes import Made
from lint_multistage.model.similar import distance
from lint_multistage.syntax.quoting import shown
from lint_multistage.wording import listed

_MOST = 3


def meant(path: str, made: Iterable[Made]) -> Made | None:
    """The one of `made` that `path` probably stands for: it has the same name elsewhere, or nearly the same path."""
    name = posixpath.basename(path)
    best: tuple[int, Made] | None = None
    for each in made:
        own = posixpath.basename(each.path)
        if each.path == path or path.startswith(f"{each.path}/"):
            continue
        if own == name:
            off = 0 if each.product else 1
        elif len(own) > 2 and distance(path, each.path) <= min(2, len(path) // 4):
            off = 2
        else:
            continue
        if best is None or off < best[0]:
            best = (off, each)
    return best[1] if best else None


def offered(label: str, made: Sequence[Made], contexts: Sequence[str]) -> str:
    """What the stage `label` has to offer, in words: what it builds, or else makes, and where the context lies."""
    paths = list(dict.fromkeys(each.path for each in made if each.product)) or list(
        dict.fromkeys(each.path for each in made)
    )
    said = []
    if paths:
        said.append("makes " + listed([shown(path) for path in paths[:_MOST]]))
    if contexts:
        said.append(f"has the build context in '{shown(contexts[0])}'")
    return f"stage '{label}' {' and '.join(said)}" if said else f"nothing in stage '{label}' makes it"
