"""Apply fixes: edit, lint again, until nothing changes; write so that nothing is ever lost."""

from __future__ import annotations

import os
from collections.abc import Collection, Iterator, Sequence

from msgspec import Struct

from lint_multistage.engine import Linted
from lint_multistage.findings import Finding, Fix, Safety
from lint_multistage.linting import Linter
from lint_multistage.model.dockerfile import Dockerfile, read_dockerfile
from lint_multistage.settings.settings import Settings
from lint_multistage.text import Edit, Source, apply_edits

_MOST_ROUNDS = 20


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
    """Apply the wanted fixes of `dockerfile`; nothing is written."""
    count = 0
    linted = linter.run(dockerfile, settings)
    for _ in range(_MOST_ROUNDS):
        wanted = [finding for finding in linted.findings if _is_wanted(finding, options)]
        dockerfile, made = _apply(dockerfile, [finding.fix for finding in wanted if finding.fix])
        if not made:
            break
        count += made
        linted = linter.run(dockerfile, settings)
    return Fixed(dockerfile, linted, count)


def _is_wanted(finding: Finding, options: FixOptions) -> bool:
    if finding.fix is None or (options.only and not finding.code.startswith(options.only)):
        return False
    return finding.fix.safety is Safety.SAFE or (options.unsafe and finding.fix.safety is Safety.UNSAFE)


def _apply(dockerfile: Dockerfile, fixes: Sequence[Fix]) -> tuple[Dockerfile, int]:
    """Make the fixes that do not overlap and after which the file still parses; others may come in the next round."""
    chosen = list(_apart(fixes))
    changed = _edited(dockerfile, [edit for fix in chosen for edit in fix.edits])
    if changed is not None or len(chosen) < 2:
        return changed or dockerfile, len(chosen) if changed else 0
    # One of them does harm: take those that go well with the ones before.
    edits: list[Edit] = []
    best, made = dockerfile, 0
    for fix in chosen:
        changed = _edited(dockerfile, [*edits, *fix.edits])
        if changed is not None:
            best, made = changed, made + 1
            edits += fix.edits
    return best, made


def _apart(fixes: Sequence[Fix]) -> Iterator[Fix]:
    """The fixes less those that overlap an earlier one."""
    taken: list[Edit] = []
    for fix in fixes:
        if not fix.edits or any(_overlap(edit, other) for edit in fix.edits for other in taken):
            continue
        taken += fix.edits
        yield fix


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
    """Replace the content of the file at `path` in one step; OSError where that cannot be done.

    Its mode is kept, and a symbolic link stays one: the file behind it is replaced. A new file is made as usual.
    """
    import shutil
    import tempfile

    real = os.path.realpath(path)
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
