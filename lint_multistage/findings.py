"""What a run says: findings with their fixes, and the notes and failures beside them."""

from __future__ import annotations

from enum import Enum
from typing import Any

from msgspec import Struct

from lint_multistage.text import Edit, Span


class Severity(Enum):
    """How bad a finding is. `rank` grows with it."""

    INFO = "info"
    WARNING = "warning"
    ERROR = "error"

    @property
    def rank(self) -> int:
        return _RANKS[self]


_RANKS = {severity: rank for rank, severity in enumerate(Severity)}


class Safety(Enum):
    """What applying a fix may change.

    SAFE: the build stays the same. UNSAFE: probably what is wanted, look at it. DISPLAY: never applied, only shown.
    """

    SAFE = "safe"
    UNSAFE = "unsafe"
    DISPLAY = "display"


class Fix(Struct, frozen=True):
    """Edits of the linted file that mend a finding; `title` is an imperative.

    The fix of a finding in another file has no edits: `words` replace those that stand `elsewhere`.
    """

    title: str
    edits: tuple[Edit, ...]
    safety: Safety
    words: str = ""


class Related(Struct, frozen=True):
    """Another place that explains a finding; `path` is empty for the linted file itself.

    In another file `line` (from 1) says where, since its text is not at hand.
    """

    message: str
    span: Span | None = None
    path: str = ""
    line: int = 0


class Elsewhere(Struct, frozen=True):
    """A place in a file whose text is not at hand: path, line and column from 1, and the words that stand there."""

    path: str
    line: int
    column: int
    words: str


class Finding(Struct, frozen=True, kw_only=True):
    """One thing that is wrong.

    A check gives the span of the word concerned, the fact (`message`), and what to write instead (`hint`).
    `stage` is the index of the stage spoken of. Findings with the same `cause` are one fault seen by several checks:
    the engine keeps the one that the others yield to. `severity` is set only where it differs from the check's own.
    A finding in another file, such as a build file, is `elsewhere`. The engine fills in `code`.
    """

    span: Span
    message: str
    hint: str = ""
    stage: int | None = None
    related: tuple[Related, ...] = ()
    fix: Fix | None = None
    cause: tuple[str | int, ...] = ()
    severity: Severity | None = None
    data: dict[str, Any] = {}
    elsewhere: Elsewhere | None = None
    code: str = ""


class Note(Struct, frozen=True):
    """Something the reader should know that is no finding; `kind` is one of build-file, facts, baseline, role,
    template.
    """

    path: str
    kind: str
    message: str
    line: int | None = None


class Failure(Struct, frozen=True):
    """Something that kept the linter from doing its work on `path`: exit status 2."""

    path: str
    message: str
    code: str | None = None
