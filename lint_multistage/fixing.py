"""Apply fixes: edit, lint again, until nothing changes; write so that nothing is ever lost."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Collection, Iterator, Sequence

from msgspec import Struct

from lint_multistage.engine import Linted
from lint_multistage.findings import Finding, Safety, Severity
from lint_multistage.late import late_regex
from lint_multistage.linting import Linter
from lint_multistage.model.dockerfile import Dockerfile, read_dockerfile
from lint_multistage.settings.settings import Settings
from lint_multistage.text import Edit, Source, apply_edits

_MOST_ROUNDS = 20
_NUMBER = late_regex(r"\d+")


class FixOptions(Struct, frozen=True):
    """Which fixes are wanted: `only` are code prefixes, empty for all."""

    unsafe: bool = False
    only: tuple[str, ...] = ()


class Fixed(Struct, frozen=True):
    """A file after its fixes, what is said of it then, and how many fixes there were."""

    dockerfile: Dockerfile
    linted: Linted
    count: int


def fix(linter: Linter, dockerfile: Dockerfile, settings: Settings, options: FixOptions) -> Fixed:
    """Apply the wanted fixes of `dockerfile` after which it still parses, what they mend is gone, and no check finds
    more errors; nothing is written.
    """
    fixed = Fixed(dockerfile, linter.run(dockerfile, settings), 0)
    for _ in range(_MOST_ROUNDS):
        # What did no good before may do so now that others are made.
        step = _step(linter, settings, fixed, [x for x in fixed.linted.findings if _is_wanted(x, options)])
        if step is None:
            break
        fixed = step
    return fixed


def _step(linter: Linter, settings: Settings, fixed: Fixed, wanted: Sequence[Finding]) -> Fixed | None:
    """The file after as many of the wanted fixes as do good together; None where none does."""
    parts = [wanted] if wanted else []
    while parts:
        part = parts.pop()
        changed, made = _apply(fixed.dockerfile, part)
        if made:
            linted = linter.run(changed, settings)
            before, after = fixed.linted.findings, linted.findings
            if _are_gone(made, before, after) and not (
                _errors(linter, settings, after) - _errors(linter, settings, before)
            ):
                return Fixed(changed, linted, fixed.count + len(made))
        if len(part) > 1:
            half = len(part) // 2
            parts += [part[half:], part[:half]]
    return None


def _are_gone(mended: Sequence[Finding], before: Sequence[Finding], after: Sequence[Finding]) -> bool:
    """Whether findings are fewer by those that fixes mended, of each kind that was mended."""
    counts = [Counter(map(_kind, findings)) for findings in (mended, before, after)]
    return all(counts[2][kind] <= counts[1][kind] - number for kind, number in counts[0].items())


def _kind(finding: Finding) -> tuple[str, str]:
    """What a finding is about. The numbers in its message, those of lines and stages, change with the file."""
    return finding.code, _NUMBER.sub("", finding.message)


def _errors(linter: Linter, settings: Settings, findings: Sequence[Finding]) -> Counter[str]:
    """How many errors each check finds."""
    return Counter(x.code for x in findings if linter.severity(x, settings) is Severity.ERROR)


def _is_wanted(finding: Finding, options: FixOptions) -> bool:
    if finding.fix is None or (options.only and not finding.code.startswith(options.only)):
        return False
    return finding.fix.safety is Safety.SAFE or (options.unsafe and finding.fix.safety is Safety.UNSAFE)


def _apply(dockerfile: Dockerfile, findings: Sequence[Finding]) -> tuple[Dockerfile, list[Finding]]:
    """Make the fixes that do not overlap and after which the file still parses, and say of which findings they are."""
    chosen = list(_apart(findings))
    changed = _edited(dockerfile, [edit for finding in chosen for edit in _edits(finding)])
    if changed is not None or len(chosen) < 2:
        return (changed, chosen) if changed else (dockerfile, [])
    # One of them does harm: take those that go well with the ones before.
    edits: list[Edit] = []
    best, made = dockerfile, []
    for finding in chosen:
        changed = _edited(dockerfile, [*edits, *_edits(finding)])
        if changed is not None:
            best = changed
            made.append(finding)
            edits += _edits(finding)
    return best, made


def _edits(finding: Finding) -> tuple[Edit, ...]:
    return finding.fix.edits if finding.fix else ()


def _apart(findings: Sequence[Finding]) -> Iterator[Finding]:
    """The findings whose fixes overlap no earlier one."""
    taken: list[Edit] = []
    for finding in findings:
        edits = _edits(finding)
        if not edits or any(_overlap(edit, other) for edit in edits for other in taken):
            continue
        taken += edits
        yield finding


def _overlap(one: Edit, other: Edit) -> bool:
    if one.span == other.span:
        return True
    return one.span.start < other.span.end and other.span.start < one.span.end


def _edited(dockerfile: Dockerfile, edits: Collection[Edit]) -> Dockerfile | None:
    """The file after `edits`; None where it is unchanged or has problems that it did not have."""
    source = dockerfile.source
    text = apply_edits(source.text, edits)
    if text == source.text:
        return None
    changed = read_dockerfile(Source.of(source.path, text), dockerfile.build_args)
    return None if len(changed.problems) > len(dockerfile.problems) else changed


def difference(path: str, before: str, after: str) -> str:
    """A unified diff of two texts of a file."""
    from difflib import unified_diff

    lines = unified_diff(_lines(before), _lines(after), f"a/{path}", f"b/{path}")
    return "".join(line if line.endswith("\n") else f"{line}\n\\ No newline at end of file\n" for line in lines)


def _lines(text: str) -> list[str]:
    """The lines with their ends; only LF ends a line."""
    lines = [f"{line}\n" for line in text.split("\n")]
    last = lines.pop().removesuffix("\n")
    return [*lines, last] if last else lines


def write(path: str, data: bytes) -> None:
    """Replace the content of the file at `path` in one step; OSError where that cannot be done or its mode forbids it.

    Its mode is kept, and a symbolic link stays one: the file behind it is replaced. A new file is made as usual.
    """
    import errno
    import shutil
    import stat
    import tempfile

    real = os.path.realpath(path)
    if os.path.exists(real):
        # A folder that can be written lets any file in it be replaced, and root may do all: neither is meant here.
        mode = os.stat(real).st_mode
        if stat.S_ISREG(mode) and not (mode & 0o222 and os.access(real, os.W_OK)):
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), path)
    descriptor, temporary = tempfile.mkstemp(prefix=".lint-multistage-", dir=os.path.dirname(real))
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        if os.path.exists(real):
            shutil.copymode(real, temporary)
        else:
            mask = os.umask(0)
            os.umask(mask)
            os.chmod(temporary, 0o666 & ~mask)
        os.replace(temporary, real)
    except BaseException:
        os.unlink(temporary)
        raise
