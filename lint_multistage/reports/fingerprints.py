"""By what a finding is known again in the next run, whatever its line then."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from lint_multistage.results import PlacedFinding


def fingerprints(findings: Sequence[PlacedFinding]) -> Iterator[str]:
    """For each finding a text that stays when lines are added, moved or taken out around it.

    It is made of the code, the stage and the words concerned, and counts findings of which all that is the same.
    """
    from hashlib import sha256

    seen: dict[tuple[str, str], int] = {}
    for finding in findings:
        content = "\0".join((finding.code, finding.stage or "", *_words(finding)))
        digest = sha256(content.encode("utf-8", "surrogatepass")).hexdigest()[:32]
        key = (finding.path, digest)
        seen[key] = seen.get(key, 0) + 1
        yield f"{digest}:{seen[key]}"


def _words(finding: PlacedFinding) -> Iterable[str]:
    """The lines that a finding speaks of and the part meant, blanks evened out; its message where there are none."""
    lines = finding.source or ()
    if not any(line.strip() for line in lines):
        return (finding.message,)
    end = finding.end_column - 1 if finding.end_line == finding.line else None
    return (" ".join(" ".join(lines).split()), lines[0][finding.column - 1 : end].strip())
