"""Apply every fix to real Dockerfiles and to broken ones: python tools/fixes.py FOLDER [--mutate SCRIPT].

FOLDER holds repositories. With SCRIPT, a module that has `File` and `mutants`, each multi-stage file is also broken in
each of its ways first. Every fix is made alone, then all of a file together. After each the file must parse, its other
lines must be what they were, the finding must be gone, and a second run must change nothing. A fix that brings an
error is one that `--fix` has to refuse: those are counted.
Exit status 1 where one of these does not hold.
"""

from __future__ import annotations

import argparse
import os
import random
import re
import sys
from collections import Counter
from collections.abc import Iterable, Iterator
from importlib.machinery import SourceFileLoader
from importlib.util import module_from_spec, spec_from_loader
from pathlib import Path
from types import ModuleType

from lint_multistage.findings import Finding, Severity
from lint_multistage.fixing import FixOptions, fix
from lint_multistage.linting import Linter, Options
from lint_multistage.model.dockerfile import Dockerfile, read_dockerfile
from lint_multistage.plugins import load_plugins
from lint_multistage.settings.files import walk
from lint_multistage.settings.settings import Settings
from lint_multistage.text import Source, apply_edits

OUTCOMES = ("offered", "applied", "gone", "refused")


def loaded(path: Path) -> ModuleType:
    loader = SourceFileLoader("mutate", str(path))
    spec = spec_from_loader("mutate", loader)
    assert spec is not None
    module = module_from_spec(spec)
    sys.modules["mutate"] = module
    loader.exec_module(module)
    return module


def texts(path: Path, mutate: ModuleType | None) -> Iterator[str]:
    """The text of a file, then those of its mutants."""
    text = path.read_bytes().decode("utf-8", "surrogateescape")
    yield text
    if mutate is not None:
        file = mutate.File(text)
        if file.fit():
            chance = random.Random(str(path))
            for make in (mutate.mutants, mutate.built_faults):
                yield from (mutant for _, mutant, *_ in make(file, chance))


def faults(
    linter: Linter, before: Dockerfile, finding: Finding, found: list[Finding], counts: Counter[tuple[str, str]]
) -> Iterator[str]:
    """What does not hold after the fix of one finding; the outcome is added to `counts`."""
    assert finding.fix
    edits = finding.fix.edits
    changed = apply_edits(before.source.text, edits)
    after = read_dockerfile(Source.of(before.source.path, changed), before.build_args)
    if len(after.problems) > len(before.problems):
        yield "does not parse"
    if not untouched(before, edits, changed):
        yield "changes other bytes"
    settings = linter.settings(before.source.path)
    left = linter.run(after, settings).findings
    gone = [about(x) for x in left].count(about(finding)) < [about(x) for x in found].count(about(finding))
    if gone:
        counts[finding.code, "gone"] += 1
    else:
        yield "is still found"
    harmful = bool(errors(linter, settings, left) - errors(linter, settings, found))
    only = FixOptions(unsafe=True, only=(finding.code,))
    alone = sum(x.code == finding.code and x.fix is not None for x in found) == 1
    if harmful:
        counts[finding.code, "refused"] += 1
    else:
        counts[finding.code, "applied"] += 1
    if alone and harmful == bool(fix(linter, before, settings, only).count):
        yield "is made though it brings an error" if harmful else "is not made"


def errors(linter: Linter, settings: Settings, findings: Iterable[Finding]) -> Counter[str]:
    return Counter(x.code for x in findings if linter.severity(x, settings) is Severity.ERROR)


def about(finding: Finding) -> tuple[str, str]:
    """The code and message; the numbers of lines and stages change with the file."""
    return finding.code, re.sub(r"\d+", "", finding.message)


def untouched(before: Dockerfile, edits: object, changed: str) -> bool:
    """Whether all lines outside the edits are there still, in their order."""
    text = before.source.text
    starts = {before.source.line_number(edit.span.start) for edit in edits}  # type: ignore[attr-defined]
    ends = {before.source.line_number(edit.span.end) for edit in edits}  # type: ignore[attr-defined]
    within = {line for a, b in zip(sorted(starts), sorted(ends), strict=True) for line in range(a, b + 1)}
    rest = iter(changed.split("\n"))
    return all(number in within or line in rest for number, line in enumerate(text.split("\n"), 1))


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--mutate", type=Path)
    arguments = parser.parse_args()
    mutate = loaded(arguments.mutate) if arguments.mutate else None
    counts: Counter[tuple[str, str]] = Counter()
    bad: Counter[tuple[str, str]] = Counter()
    plugins = load_plugins()
    for repository in sorted(path for path in arguments.folder.iterdir() if path.is_dir()):
        os.chdir(repository)
        linter = Linter(plugins, Options(isolated=True, project_root="."))
        alone = Linter(plugins, Options(isolated=True, project=False))
        for path in walk(["."], linter.settings).files:
            for number, text in enumerate(texts(Path(path), mutate)):
                using = alone if number else linter
                before = read_dockerfile(Source.of(path, text))
                settings = using.settings(path)
                found = list(using.run(before, settings).findings)
                for finding in found:
                    # One in a build file is mended there.
                    if finding.fix is None or finding.elsewhere is not None:
                        continue
                    counts[finding.code, "offered"] += 1
                    for fault in faults(using, before, finding, found, counts):
                        bad[finding.code, fault] += 1
                        print(f"{repository.name}/{path} ({number}): {finding.code} {fault}: {finding.message}")
                if any(finding.fix for finding in found):
                    once = fix(using, before, settings, FixOptions(unsafe=True))
                    again = fix(using, once.dockerfile, settings, FixOptions(unsafe=True))
                    if again.count or again.dockerfile.source.text != once.dockerfile.source.text:
                        bad["all", "changes it again"] += 1
                        print(f"{repository.name}/{path} ({number}): a second run changes it again")
                    if len(once.dockerfile.problems) > len(before.problems):
                        bad["all", "does not parse"] += 1
                        print(f"{repository.name}/{path} ({number}): all fixes together do not parse")
    print(f"{'':6}" + "".join(f"{outcome:>9}" for outcome in OUTCOMES))
    for code in sorted({code for code, _ in counts}):
        print(f"{code:6}" + "".join(f"{counts[code, outcome]:>9}" for outcome in OUTCOMES))
    print(
        "not as they should be:", ", ".join(f"{code} {what}: {n}" for (code, what), n in sorted(bad.items())) or "none"
    )
    return int(bool(bad))


if __name__ == "__main__":
    sys.exit(main())
