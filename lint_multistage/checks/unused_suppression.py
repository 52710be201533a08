from __future__ import annotations

from collections.abc import Iterator

from lint_multistage.api import Check, Dockerfile, Edit, Finding, Fix, Invalid, Safety, Severity, Span, Survey, Valid
from lint_multistage.late import late_regex
from lint_multistage.settings.suppressions import UnusedSuppression as Unused
from lint_multistage.syntax.quoting import shown
from lint_multistage.text import BOM

_DIRECTIVE = late_regex(r"[ \t]*#[ \t]*[A-Za-z][A-Za-z0-9]*[ \t]*=")
_SHOWN = 4


class UnusedSuppression(Check):
    """A comment silences findings that are not there.

    ## Why is this bad?
    It tells the reader of a fault that was mended, or never was where the comment stands, and it will hide the next one
    without anybody's having looked at it.

    Only codes whose checks ran are judged, so nothing is said of an absent plugin's codes or under `--select`.

    ## Fix safety
    Safe: only the comment, or the code in it, is taken away.
    """

    code = "MS902"
    severity = Severity.INFO
    last = True
    valid = (
        Valid("# lint-multistage: ignore[MS301] it is a build image\nFROM golang\n"),
        Valid("# lint-multistage: ignore-file[MS3]\nFROM golang\n"),
        Valid("# lint-multistage: ignore[ACME001] a plugin's\nFROM alpine\n"),
        Valid("FROM alpine\n# this is not lint-multistage's business\nRUN true\n"),
    )
    invalid = (
        Invalid(
            "«# lint-multistage: ignore[MS301]»\nFROM alpine\n",
            fixed="FROM alpine\n",
            message="MS301 is not found here",
        ),
        Invalid(
            "# lint-multistage: ignore[MS301, «MS306»] build image\nFROM golang\n",
            fixed="# lint-multistage: ignore[MS301] build image\nFROM golang\n",
        ),
        Invalid("«# lint-multistage: ignore»\nFROM golang AS a\n", message="names no code"),
        Invalid(
            "FROM alpine\nRUN true \\\n  «# lint-multistage: ignore[MS302]»\n  && true\n",
            message="inside an instruction",
        ),
        Invalid(
            "FROM alpine\n«# lint-multistage: ignore[MS302]»\n\nRUN true\n",
            fixed="FROM alpine\n\nRUN true\n",
            message="directly below",
        ),
        # Without the comment the next line would become a parser directive.
        Invalid("«# lint-multistage: ignore[MS302]»\n# escape=`\nFROM alpine\n"),
    )

    def check(self, survey: Survey) -> Iterator[Finding]:
        for found in survey.unused_suppressions:
            comment, codes = found.suppression.comment, found.suppression.codes
            names = ", ".join(shown(code, 20) for code, _ in found.unused[:_SHOWN])
            if len(found.unused) > _SHOWN:
                names += f" and {len(found.unused) - _SHOWN} more"
            partly = 0 < len(found.unused) < len(codes)
            reason = found.reason or f"{names} {'is' if len(found.unused) == 1 else 'are'} not found here"
            yield Finding(
                span=found.unused[0][1] if partly else comment.span,
                message=f"the comment silences nothing: {reason}",
                hint=f"take {names} out of it" if partly else "remove it, or put it directly above the instruction",
                fix=_fix(found, survey.dockerfile),
            )


def _fix(found: Unused, dockerfile: Dockerfile) -> Fix | None:
    comment, codes = found.suppression.comment, found.suppression.codes
    if not codes or comment.inner:
        return None
    idle = set(found.unused)
    kept = [code for code in codes if code not in idle]
    if kept:
        span = Span(codes[0][1].start, codes[-1][1].end)
        text = ", ".join(dockerfile.source[code_span] for _, code_span in kept)
        return Fix("Take the code out of the comment", (Edit(span, text),), Safety.SAFE)
    starts = dockerfile.source.starts
    start = starts[comment.line - 1]
    if dockerfile.source.text.startswith(BOM):
        start = max(start, len(BOM))
    if comment.line >= len(starts):
        end = len(dockerfile.source.text)
    else:
        end = starts[comment.line]
        if _DIRECTIVE.match(dockerfile.source.line(comment.line + 1)):
            return None
    return Fix("Remove the comment", (Edit(Span(start, end), ""),), Safety.SAFE)
