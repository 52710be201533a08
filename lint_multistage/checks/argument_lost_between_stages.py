from __future__ import annotations

from collections.abc import Iterator

from lint_multistage.api import (
    Arg,
    Check,
    Copy,
    Edit,
    Env,
    Finding,
    Fix,
    Instruction,
    Invalid,
    Related,
    Safety,
    Severity,
    Span,
    Stage,
    Survey,
    Valid,
    Word,
)
from lint_multistage.late import late_regex
from lint_multistage.model.scope import PLATFORM

_USED = late_regex(r"(?<!\\)\$(?:\{(\w+)\}|(\w+))")
_EXPANDED = frozenset(("LABEL", "WORKDIR", "USER", "EXPOSE", "VOLUME", "STOPSIGNAL", "ADD"))
# Variables that BuildKit or every system sets, and those that images of these programs set themselves.
_GIVEN = late_regex(
    r"(?i)(?:https?|ftp|no|all)_proxy|BUILDKIT_\w+|SOURCE_DATE_EPOCH|PATH|HOME|HOSTNAME|USER|LANG|LC_\w+"
)
_OF_IMAGES = frozenset(
    "NODE YARN NPM PYTHON PIP GOLANG GO GOPATH JAVA JRE JDK JVM RUBY GEM BUNDLE PHP COMPOSER NGINX HTTPD APACHE "
    "CATALINA TOMCAT JETTY MAVEN GRADLE RUST RUSTUP CARGO PG POSTGRES MYSQL MARIADB MONGO REDIS ERLANG ELIXIR "
    "OTP DOTNET ASPNET CUDA NVIDIA NCCL LD SPARK FLINK HADOOP KAFKA DEBIAN UBUNTU ALPINE APP SERVICE RAILS DENO "
    "BUN SWIFT DART".split()
)


class ArgumentLostBetweenStages(Check):
    """A variable of another stage is used in the stage that ships, where it is empty.

    ## Why is this bad?
    ARG and ENV end with their stage: COPY does not bring them, and an ARG before the first FROM is seen by a stage only
    after an `ARG NAME` of its own. BuildKit takes the variable for empty and goes on.

    ## Fix safety
    Unsafe: it declares the argument in the stage again, with the default that it has elsewhere.
    """

    code = "MS407"
    severity = Severity.WARNING
    valid = (
        Valid("FROM golang AS b\nARG REL=1\nRUN go build\nFROM alpine\nARG REL\nCOPY --from=b /a /a\nENV R=$REL\n"),
        Valid("FROM golang AS b\nARG REL=1\nRUN go build\nFROM b\nENV R=$REL\n"),
        Valid("FROM golang AS b\nARG REL=1\nRUN go build\nFROM alpine\nCOPY --from=b /a /a\nENV R=${REL:-none}\n"),
        # What a search path may hold already.
        Valid("FROM golang AS b\nENV MANPATH=/m\nFROM alpine\nCOPY --from=b /a /a\nENV MANPATH=/x:$MANPATH\n"),
        # Images of Java and others set such variables.
        Valid("FROM maven AS b\nARG JAVA_HOME=/j\nFROM tomcat\nCOPY --from=b /a /a\nENV PATH=$JAVA_HOME/bin:$PATH\n"),
        Valid("FROM golang AS b\nENV REL=1\nFROM registry.corp/run\nCOPY --from=b /a /a\nENV R=$REL\n"),
        # A shell expands it when it runs.
        Valid("FROM golang AS b\nARG REL=1\nFROM alpine\nCOPY --from=b /a /a\nRUN REL=2; echo $REL\nCMD echo $REL\n"),
        Valid("FROM golang AS b\nARG REL=1\nFROM alpine\nCOPY --from=b /a /a\nENV R='$REL' S=\\$REL\n"),
    )
    invalid = (
        Invalid(
            "FROM golang AS b\nARG REL=1.4\nRUN go build\nFROM alpine\nCOPY --from=b /a /a\nENV R=«$REL»\n",
            fixed="FROM golang AS b\nARG REL=1.4\nRUN go build\n"
            "FROM alpine\nCOPY --from=b /a /a\nARG REL=1.4\nENV R=$REL\n",
            message="'REL' is empty here: only stage 'b' sets it",
            hint="ARG REL=1.4",
        ),
        Invalid(
            'ARG REL=1.4\nFROM golang AS b\nRUN go build\nFROM alpine\nCOPY --from=b /a /a\nLABEL «v="${REL}"»\n',
            fixed="ARG REL=1.4\nFROM golang AS b\nRUN go build\n"
            'FROM alpine\nCOPY --from=b /a /a\nARG REL\nLABEL v="${REL}"\n',
            message="'REL' is empty here: its ARG stands before the first FROM",
            hint="ARG REL",
        ),
    )

    def check(self, survey: Survey) -> Iterator[Finding]:
        if len(survey.stages) < 2 or survey.dockerfile.problems:
            return
        for stage in survey.built:
            known = _known(survey, stage)
            told: set[str] = set()
            for instruction in stage.instructions[1:]:
                for word, own in _words(instruction):
                    for match in _USED.finditer(word.text):
                        name = match[1] or match[2]
                        if name in known or name in told or name == own or "'" in word.text or name.isdigit():
                            continue
                        found = _finding(survey, stage, instruction, word, name)
                        if found is not None:
                            told.add(name)
                            yield found
                if isinstance(instruction, Arg | Env):
                    known |= {setting.name.text for setting in instruction.settings}


def _known(survey: Survey, stage: Stage) -> set[str]:
    """The names that are set before the stage's own instructions."""
    known = {*PLATFORM} if any(isinstance(each, Arg) for each in stage.instructions) else set()
    known |= set(survey.start(stage.index).variables)
    for above in survey.graph.lineage(stage)[:-1]:
        known |= {s.name.text for each in above.instructions if isinstance(each, Arg | Env) for s in each.settings}
    return known


def _words(instruction: Instruction) -> Iterator[tuple[Word, str]]:
    """The words that BuildKit expands, each with the name that it is the value of."""
    if isinstance(instruction, Env):
        yield from ((setting.value, setting.name.text) for setting in instruction.settings if setting.value)
    elif isinstance(instruction, Copy):
        yield from ((word, "") for word in (*instruction.paths, instruction.destination))
    elif instruction.keyword.text in _EXPANDED:
        yield from ((word, "") for word in instruction.words)


def _finding(survey: Survey, stage: Stage, instruction: Instruction, word: Word, name: str) -> Finding | None:
    if _GIVEN.fullmatch(name) or name in PLATFORM:
        return None
    contents = survey.contents(stage.index)
    bare = contents.image is not None and contents.image.role in ("os", "minimal")
    bare = bare or (contents.base is not None and contents.base.name == "scratch")
    if not bare and name.partition("_")[0].upper() in _OF_IMAGES:
        return None
    if name in survey.dockerfile.scope.declared:
        where = "its ARG stands before the first FROM"
        related = next(
            s.name for a in survey.dockerfile.before if isinstance(a, Arg) for s in a.settings if s.name.text == name
        )
        line = f"ARG {name}"
    else:
        source = _setter(survey, stage, name, bare)
        if source is None:
            return None
        other, related, value = source
        where = f"only stage '{other.label}' sets it"
        line = f"ARG {name}={value}" if value else f"ARG {name}"
    at = Span(instruction.span.start, instruction.span.start)
    return Finding(
        span=word.span,
        message=f"'{name}' is empty here: {where}",
        hint=f"declare it in this stage, too: {line}",
        stage=stage.index,
        related=(Related("it is set here", related.span),),
        fix=Fix(f"Add '{line}'", (Edit(at, line + survey.dockerfile.source.line_end),), Safety.UNSAFE),
    )


def _setter(survey: Survey, stage: Stage, name: str, bare: bool) -> tuple[Stage, Word, str] | None:
    """The stage that sets a variable which `stage` lacks, where it does so, and the value where that is plain."""
    for other in reversed(survey.stages[: stage.index]):
        for instruction in other.instructions:
            # An image that is not known may set the variables of others' ENV, too.
            if isinstance(instruction, Arg) or (isinstance(instruction, Env) and bare):
                for setting in instruction.settings:
                    if setting.name.text == name:
                        value = setting.value.text if setting.value and "$" not in setting.value.text else ""
                        return other, setting.name, value
    return None
