"""What comments that silence findings say: `lint-multistage: ignore[MS301] why` and `ignore-file[MS2]`."""

from __future__ import annotations

from msgspec import Struct

from lint_multistage.late import late_regex
from lint_multistage.text import Span

NAME = "lint-multistage"
"""What every such comment holds."""

_DIRECTIVE = late_regex(rf"\s*{NAME}\s*:\s*(?P<kind>ignore-file|ignore)\b\s*(?:\[(?P<codes>[^\]]*)\])?")
_CODE = late_regex(r"[A-Za-z]+[0-9]*")


class IgnoreComment(Struct, frozen=True):
    """The codes, or beginnings of codes, that a comment silences, each with its place in the comment; `whole_file` says
    whether in the whole file.
    """

    whole_file: bool
    codes: tuple[tuple[str, Span], ...]


def read_ignore(comment: str) -> IgnoreComment | None:
    """What a comment, without the mark that opens it, silences; None for any other comment."""
    match = _DIRECTIVE.match(comment)
    if match is None:
        return None
    start = match.start("codes")
    return IgnoreComment(
        match["kind"] == "ignore-file",
        tuple(
            (code[0].upper(), Span(start + code.start(), start + code.end()))
            for code in _CODE.finditer(match["codes"] or "")
        ),
    )
