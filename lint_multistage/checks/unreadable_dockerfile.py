from __future__ import annotations

from collections.abc import Iterator
from itertools import islice

from lint_multistage.api import Arg, Check, Finding, Invalid, Severity, Survey, Valid
from lint_multistage.syntax.expansion import ExpansionError, TooLongError, expand
from lint_multistage.syntax.parse import KEYWORDS
from lint_multistage.syntax.quoting import shown

_MANY = 3
_MOST = 50
"""Problems that are told of one file; BuildKit stops at the first."""
_EXPANDED = frozenset(("ADD", "ARG", "COPY", "ENV", "EXPOSE", "LABEL", "STOPSIGNAL", "USER", "VOLUME", "WORKDIR"))


class UnreadableDockerfile(Check):
    """BuildKit cannot read the file.

    ## Why is this bad?
    What BuildKit refuses builds nothing: an unknown instruction or flag, a missing argument, a heredoc that never
    ends, a mount with a wrong key. The position and the reason are those of BuildKit's own parser.
    """

    code = "MS901"
    severity = Severity.ERROR
    valid = (
        Valid("FROM alpine\nRUN <<EOF\necho hello\nEOF\n"),
        Valid("# escape=`\nFROM alpine\nRUN a `\n b\n"),
        Valid("FROM alpine\nRUN echo $((1<<2))\n"),
        Valid("FROM alpine\nRUN --mount=type=secret,id=token,env=TOKEN true\n"),
        Valid('FROM alpine\nCMD ["a"] b\n'),
        # The base image may set it, and a stage that nothing needs is not looked at.
        Valid("FROM alpine\nCOPY a-${V:?} /a\n"),
        Valid("FROM alpine\nCOPY ${X /a\nFROM alpine\n"),
        Valid("FROM alpine\nCOPY /f / --from=x\n"),
    )
    invalid = (
        Invalid("FROM alpine\n«FOO» x\n", message="unknown instruction 'FOO'"),
        Invalid(
            "FROM alpine\nCOPY «--From=x» /a /b\n", message="COPY has no flag --From (flags are lower case: --from)"
        ),
        Invalid("FROM alpine\nCOPY «--from» x /a /b\n", message="--from has no value"),
        Invalid("FROM alpine\n«RUN <<EOF»\ntrue\n", message="unterminated heredoc"),
        Invalid("FROM alpine\n«RUN echo $((1 << 2))»\n", message="unterminated heredoc: no line '2))' follows"),
        Invalid("FROM «alpine b»\n", message="FROM takes one argument, or three"),
        Invalid("FROM alpine\nRUN «--mount=type=bnd,target=/x» true\n", message="a mount's type is one of"),
        Invalid("«ENV» A=1\nFROM alpine\n", message="ENV stands before the first FROM"),
        Invalid("FROM alpine\nCOPY «${X» /a\n", message="cannot expand '${X'"),
        Invalid(
            "FROM alpine\nARG V\nCOPY «a-${V:?}» /a\n",
            message="where no --build-arg gives V",
            severity=Severity.INFO,
        ),
        Invalid("FROM alpine\n«WORKDIR»\n", message="WORKDIR takes exactly one argument"),
    )

    def check(self, survey: Survey) -> Iterator[Finding]:
        dockerfile = survey.dockerfile
        instructions = list(dockerfile.instructions())
        foreign = [x for x in instructions if x.keyword.text not in KEYWORDS]
        if len(foreign) >= _MANY and len(foreign) * 2 > len(instructions):
            yield Finding(
                span=foreign[0].keyword.span,
                message=f"this is no Dockerfile: {len(foreign)} of its {len(instructions)} lines are no instruction",
                hint="exclude the file, or name it otherwise",
            )
            return
        for number, problem in enumerate(dockerfile.problems[:_MOST], 1):
            more = len(dockerfile.problems) - number if number == _MOST else 0
            also = f" (and {more} more problems follow)" if more else ""
            yield Finding(span=problem.span, message=shown(problem.message, 180) + also)
        yield from islice((finding for index in sorted(survey.needed) for finding in _expansions(survey, index)), _MOST)


def _expansions(survey: Survey, stage: int) -> Iterator[Finding]:
    """The words of a stage that BuildKit cannot expand; it does not look at those of stages that it skips."""
    dockerfile = survey.dockerfile
    without_value: set[str] = set()
    for instruction, values in dockerfile.with_variables(stage):
        if isinstance(instruction, Arg):
            without_value |= {setting.name.text for setting in instruction.settings if setting.value is None}
        for word in instruction.words if instruction.keyword.text in _EXPANDED else ():
            if "$" not in word.text and "'" not in word.text and '"' not in word.text:
                continue
            try:
                expand(word.text, values, dockerfile.escape)
            except TooLongError:
                continue
            except ExpansionError as error:
                if not error.required:
                    message = f"cannot expand '{shown(word.text)}': {error}"
                    yield Finding(span=word.span, message=message, stage=stage)
                elif survey.build.alone and error.required in without_value:
                    name = shown(error.required)
                    yield Finding(
                        span=word.span,
                        message=f"the build fails where no --build-arg gives {name}",
                        hint=f"give ARG {name} a default, or leave it as it is where every build passes one",
                        severity=Severity.INFO,
                        stage=stage,
                    )
