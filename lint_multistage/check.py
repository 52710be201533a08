"""The contract of a check: its code, its examples, and one method."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, ClassVar

from msgspec import Struct

from lint_multistage.findings import Finding, Severity
from lint_multistage.late import late_regex

if TYPE_CHECKING:
    from lint_multistage.survey import Survey

_WORDS = late_regex(r"(?<=[a-z0-9])(?=[A-Z])")


class Valid(Struct, frozen=True):
    """A Dockerfile in which the check finds nothing, under these targets and build arguments.

    `asked` are targets that a build file of the repository asks for ("" is the default), all that any does. `contexts`
    are named contexts that these builds give, that of the default target where none is asked for.
    """

    text: str
    targets: tuple[str, ...] = ()
    asked: tuple[str, ...] | None = None
    build_args: Mapping[str, str] = {}
    contexts: Mapping[str, str] = {}


class Invalid(Struct, frozen=True):
    """A Dockerfile in which the check finds what stands between « and », in that order and nothing else.

    `fixed` is the text after the check's fixes, safe or not (None: no fix is offered); `words` are what the fix of the
    first finding writes in another file. `message` and `hint` are parts
    that the first finding's must hold; `severity` is that of the first finding where it is not the check's own.
    """

    text: str
    fixed: str | None = None
    words: str = ""
    message: str = ""
    hint: str = ""
    severity: Severity | None = None
    targets: tuple[str, ...] = ()
    asked: tuple[str, ...] | None = None
    build_args: Mapping[str, str] = {}
    contexts: Mapping[str, str] = {}


class Check:
    """A check. Its docstring is its page: one sentence, then the headings *Why is this bad?* and, with a fix, *Fix
    safety*.

    `yields_to` are codes whose finding of the same cause replaces this check's. A check with `last` set runs after the
    suppressions were applied, and may read `survey.unused_suppressions`.
    """

    code: ClassVar[str]
    severity: ClassVar[Severity]
    valid: ClassVar[tuple[Valid, ...]] = ()
    invalid: ClassVar[tuple[Invalid, ...]] = ()
    yields_to: ClassVar[tuple[str, ...]] = ()
    preview: ClassVar[bool] = False
    last: ClassVar[bool] = False

    def check(self, survey: Survey) -> Iterator[Finding]:
        """What is wrong in the surveyed build; at most one finding for each fault."""
        raise NotImplementedError

    @classmethod
    def name(cls) -> str:
        """The check's name, made of its class name: `unknown-stage` of `UnknownStage`."""
        return _WORDS.sub("-", cls.__name__).lower()


def page_url(check: type[Check]) -> str:
    """Where the page of a built-in check is, empty for a plugin's."""
    if not check.code.startswith("MS"):
        return ""
    return f"https://github.com/lint-multistage/lint-multistage/blob/main/docs/checks/{check.code}.md"
