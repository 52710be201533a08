"""Lint one build: run the checks, settle what several saw of one fault, suppress, sort."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence

from msgspec import Struct
from msgspec.structs import replace

from lint_multistage.check import Check
from lint_multistage.facts import Facts
from lint_multistage.findings import Failure, Finding, Note
from lint_multistage.model.build import Build
from lint_multistage.model.images import parse_image
from lint_multistage.settings.suppressions import read_suppressions, suppress, unused
from lint_multistage.survey import Survey


class Linted(Struct, frozen=True):
    """What the checks said of one build, findings in file order."""

    findings: tuple[Finding, ...] = ()
    notes: tuple[Note, ...] = ()
    failures: tuple[Failure, ...] = ()


def lint(
    build: Build, checks: Sequence[type[Check]], facts: Facts, *, judge_suppressions: Collection[str] = ()
) -> Linted:
    """Run `checks` on `build`.

    `judge_suppressions` are the codes of all installed checks; without them nothing is said of comments that
    suppress nothing, as is right where only some checks run. A check that raises is a failure and stops no other.
    """
    dockerfile = build.dockerfile
    path = dockerfile.source.path
    frontend = foreign_frontend(dockerfile.directive("syntax"))
    if frontend:
        message = f"passed over: '# syntax={frontend}' hands the file to another frontend than Docker's own"
        return Linted(notes=(Note(path, "template", message, line=1),))
    survey = Survey(build, facts)
    failures: list[Failure] = []
    found = _run((check for check in checks if not check.last), survey, failures)
    settled = _settled(found, checks)
    suppressions = read_suppressions(dockerfile) if "lint-multistage" in dockerfile.source.text else ()
    kept, used = suppress(((finding, _line(finding, build)) for finding in settled), suppressions)
    if suppressions and judge_suppressions:
        ran = [check.code for check in checks]
        judged = Survey(build, facts, unused(suppressions, used, ran, judge_suppressions))
        late = _run((check for check in checks if check.last), judged, failures)
        kept += suppress(((finding, _line(finding, build)) for finding in late), suppressions)[0]
    if build.ignored:
        kept = [finding for finding in kept if not _ignored(finding, build)]
    kept.sort(key=lambda finding: (finding.span, finding.code, finding.message))
    line_in_file = dockerfile.source.line_in_file
    notes = [Note(path, "facts", message, line_in_file(line)) for line, message in survey.not_understood()]
    return Linted(tuple(kept), tuple(notes), tuple(failures))


def _run(checks: Iterable[type[Check]], survey: Survey, failures: list[Failure]) -> list[Finding]:
    findings: list[Finding] = []
    for check in checks:
        try:
            findings += [replace(finding, code=check.code) for finding in check().check(survey)]
        except Exception as error:  # one broken check must not hide what the others found
            reason = f"check {check.code} ({check.name()}) failed on this file: {type(error).__name__}: {error}"
            failures.append(Failure(survey.dockerfile.source.path, reason.splitlines()[0], check.code))
    return findings


def _settled(findings: list[Finding], checks: Iterable[type[Check]]) -> list[Finding]:
    """Drop a finding whose cause is also reported by a check that its own yields to."""
    yields_to = {check.code: check.yields_to for check in checks}
    told = {(finding.code, finding.cause) for finding in findings if finding.cause}
    return [
        finding
        for finding in findings
        if not finding.cause or not any((code, finding.cause) in told for code in yields_to[finding.code])
    ]


def _line(finding: Finding, build: Build) -> int:
    return build.dockerfile.source.line_number(finding.span.start)


def _ignored(finding: Finding, build: Build) -> bool:
    """Whether a comment in the build file in which a finding is placed silences it there."""
    source = build.dockerfile.source
    if finding.elsewhere is not None:
        path, line = finding.elsewhere.path, finding.elsewhere.line
    elif source.inset is not None:
        path, line = source.path, source.line_in_file(_line(finding, build))
    else:
        return False
    return any(ignored.silences(finding.code, path, line) for ignored in build.ignored)


def foreign_frontend(syntax: str) -> str:
    """The frontend image that `# syntax=` names, empty where it is Docker's own, a mirror of it, or none."""
    image = syntax.split(" ", 1)[0]
    if not image:
        return ""
    reference = parse_image(image)
    if isinstance(reference, str):
        return image
    own = reference.repository.endswith(("docker/dockerfile", "docker/dockerfile-upstream"))
    return "" if own else image
