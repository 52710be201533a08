"""Code actions: quick fixes, fixing all, and comments that silence a finding."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from lsprotocol import types

from lint_multistage.findings import Finding, Safety
from lint_multistage.ignoring import ignore_edits
from lint_multistage.lsp.diagnostics import sendable
from lint_multistage.lsp.positions import Positions
from lint_multistage.model.dockerfile import Dockerfile
from lint_multistage.text import Edit, Span

FIX_ALL = "source.fixAll.lint-multistage"
KINDS = (types.CodeActionKind.QuickFix, FIX_ALL)


def text_edits(edits: Iterable[Edit], positions: Positions) -> list[types.TextEdit]:
    """Edits as the protocol has them."""
    return [types.TextEdit(positions.range(edit.span), sendable(edit.text)) for edit in edits]


def quick_fixes(
    dockerfile: Dockerfile,
    findings: Sequence[Finding],
    span: Span,
    diagnostics: Sequence[types.Diagnostic],
    positions: Positions,
) -> Iterator[tuple[types.CodeAction, tuple[Edit, ...]]]:
    """The actions for the findings that touch a span, each with its edits: fixes first, then comments that silence.

    `diagnostics` are those that the client asks about; an action names those that it mends.
    """

    def mended(finding: Finding) -> list[types.Diagnostic] | None:
        place = positions.range(finding.span)
        return [x for x in diagnostics if x.code == finding.code and x.range == place] or None

    touched = [x for x in findings if x.elsewhere is None and x.span.start <= span.end and span.start <= x.span.end]
    for finding in touched:
        fix = finding.fix
        if fix is None or not fix.edits or fix.safety is Safety.DISPLAY:
            continue
        caution = " (look at it: it may change what is built)" if fix.safety is Safety.UNSAFE else ""
        yield (
            types.CodeAction(
                f"{sendable(fix.title)}{caution}",
                kind=types.CodeActionKind.QuickFix,
                diagnostics=mended(finding),
                is_preferred=fix.safety is Safety.SAFE or None,
            ),
            fix.edits,
        )
    for finding in {x.code: x for x in reversed(touched)}.values():
        if edits := ignore_edits(dockerfile, [finding]):
            yield (
                types.CodeAction(
                    f"Ignore {finding.code} here",
                    kind=types.CodeActionKind.QuickFix,
                    diagnostics=mended(finding),
                ),
                edits,
            )


def wants(kind: str, only: Sequence[str] | None) -> bool:
    """Whether a client that asks for the kinds `only` wants actions of `kind`: `source` means `source.fixAll`, too."""
    return not only or any(_text(kind) == wanted or _text(kind).startswith(f"{wanted}.") for wanted in map(_text, only))


def _text(kind: str) -> str:
    """A kind as the protocol has it: those that it knows are members of an enumeration, which prints its own name."""
    return str(kind.value) if isinstance(kind, types.CodeActionKind) else kind


def wants_all(only: Sequence[str] | None) -> bool:
    """Whether a client asks for fixing all: only where it says so, since it is no action for a place."""
    return bool(only) and wants(FIX_ALL, only)
