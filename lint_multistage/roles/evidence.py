"""What a stage's contents tell of its role: an image that starts a compiler, a shell, or nothing at all."""

from __future__ import annotations

from collections.abc import Sequence

from lint_multistage.contents.stage import Contents
from lint_multistage.model.build import Build
from lint_multistage.model.dockerfile import Dockerfile
from lint_multistage.model.stages import Stage
from lint_multistage.roles.names import role_of_name
from lint_multistage.roles.projects import SETTINGS, Examined, holds_program, holds_project
from lint_multistage.syntax.instructions import Add, Copy, Env, Instruction, Run

# Whoever starts such a file builds the image for others to run it.
_SERVICES = frozenset(("compose", "skaffold", "tilt", "werf"))
# Images that start an interpreter that waits for a program: one that starts nothing else runs nothing.
_INTERPRETERS = frozenset(("node", "python", "ruby", "perl", "pypy", "julia"))


def role_of_contents(known: Examined, build: Build, stage: int) -> tuple[str, str]:
    """The role that the contents of a stage tell where names tell none, and why; "" where it is one that people run.

    None is told of an image whose base image may start something that is not known.
    """
    contents = known.contents(stage)
    graph = build.dockerfile.graph
    # Its own instructions first, then those of what it is FROM.
    chain = [each for above in reversed(graph.lineage(graph.stages[stage])) for each in above.instructions]
    role, reason = _said(build.dockerfile, stage, chain)
    if not role and contents.starts:
        role, reason = _of_start(known, build, stage, chain)
    if not role:
        role, reason = _of_what_it_has(known, stage, chain)
    if role or contents.starts or _serves(build, stage):
        return role, reason
    if taker := _taker(build, stage):
        return "export", f"stage '{taker.label}' copies from it, and it starts nothing"
    scripts = [build.dockerfile.source[x.span] for x in chain if isinstance(x, Run)]
    if scripts and not any(isinstance(x, Copy | Add) for x in chain):
        from lint_multistage.roles.bases import is_base

        if is_base(contents):
            return "toolchain", "it starts nothing, and nothing is copied into a base image"
    if _starts_nothing(contents, ()):
        from lint_multistage.roles.purposes import handed_out

        if what := handed_out(contents, scripts):
            return "export", f"it starts nothing and makes {what}"
    if holds_program(contents):
        return "", ""
    if scripts:
        if _starts_nothing(contents, chain) and not any(map(_brings_program, chain)):
            return "toolchain", "it starts nothing and holds no program of its own"
        named = build.dockerfile.stages[stage].name
        if role_of_name(named) == "toolchain" and _starts_nothing(contents, ()):
            return "toolchain", f"it is named '{named}', starts nothing and builds no program"
    return "", ""


def _said(dockerfile: Dockerfile, stage: int, chain: Sequence[Instruction]) -> tuple[str, str]:
    """What the file itself says: comments, labels, and what it has beside FROM."""
    from lint_multistage.roles.bases import is_pin, triggers_builds

    if is_pin(dockerfile):
        return "toolchain", "the file only gives an image a name"
    if triggers_builds(dockerfile.stages[stage].instructions):
        return "toolchain", "what starts from it builds with ONBUILD"
    if labels := [x for x in chain if x.keyword.text == "LABEL"]:
        from lint_multistage.roles.purposes import purpose_of_labels

        if text := purpose_of_labels(labels):
            return "toolchain", f"its label says '{text}'"
    if dockerfile.comments:
        from lint_multistage.roles.comments import purpose_of_comments

        role, text = purpose_of_comments(dockerfile, dockerfile.stages[stage])
        if role:
            return role, f"a comment says '{text}'"
    return "", ""


def _of_start(known: Examined, build: Build, stage: int, chain: Sequence[Instruction]) -> tuple[str, str]:
    from lint_multistage.roles.purposes import is_interpreter, purpose_of_start

    contents = known.contents(stage)
    role, what = purpose_of_start(contents)
    if role == "development" and (_serves(build, stage) or holds_program(contents)):
        return "", ""
    if role and is_interpreter(what) and (_serves(build, stage) or holds_project(known, stage, chain)):
        return "", ""
    return role, f"it starts '{what}'" if role else ""


def _of_what_it_has(known: Examined, stage: int, chain: Sequence[Instruction]) -> tuple[str, str]:
    """What an image tells that has compilers and nothing of a project: it has them for those who use it."""
    contents = known.contents(stage)
    from lint_multistage.roles.installed import builds_for_phones, container_engine, debugger, is_runner, several_sdks

    source = known.dockerfile.source
    scripts = [source[x.span] for x in chain if isinstance(x, Run)]
    if what := is_runner(scripts, contents):
        return "ci", what
    if contents.carries_toolchain:
        from lint_multistage.roles.compiling import compiles_when_it_runs

        if package := compiles_when_it_runs(contents, scripts, known.context):
            return "toolchain", f"'{package}' compiles when it runs"
        if builds_for_phones(contents):
            return "toolchain", "it has the SDK of Android"
    found = "", ""
    if any(isinstance(x, Env) for x in chain):
        from lint_multistage.roles.environment import compiler_variable

        if name := compiler_variable(chain, contents):
            found = "toolchain", f"ENV {name} configures a compiler, and nothing is built"
    if contents.carries_toolchain and not found[0]:
        if engine := container_engine(contents, chain):
            found = "ci", f"it has {engine} beside compilers, and nothing is built"
        elif sdks := several_sdks(contents):
            found = "toolchain", f"it has the SDKs of {' and '.join(sdks)}, and nothing is built"
    if not found[0] and (package := debugger(contents)):
        found = "development", f"it has '{package}', and no program"
    if not found[0]:
        from lint_multistage.roles.bases import building_word

        if word := building_word(contents):
            found = "toolchain", f"its base image is one for building: '{word}'"
    return found if found[0] and not holds_project(known, stage, chain) else ("", "")


def _starts_nothing(contents: Contents, chain: Sequence[Instruction]) -> bool:
    """Whether the base image is known to start no program. An interpreter's may run what is copied or installed."""
    if contents.base is None or contents.image is None:
        return False
    if contents.image.role in ("os", "toolchain"):
        return True
    copies = any(isinstance(x, Copy | Add) for x in chain)
    return contents.base.name in _INTERPRETERS and bool(chain) and not copies and not contents.products


def _serves(build: Build, stage: int) -> bool:
    """Whether what builds the stage runs it, too, and may say what it starts."""
    return any(target.stage == stage and target.kind in _SERVICES for target in build.targets)


def _taker(build: Build, stage: int) -> Stage | None:
    """The stage that somebody builds as well and that copies from `stage`, which files alone ask for: it is what people
    run.
    """
    if not all(target.path for target in build.targets if target.stage == stage):
        return None
    graph = build.dockerfile.graph
    others = graph.reached(target.stage for target in build.targets if target.stage != stage and target.ships)
    takers = (x.stage for x in graph.references if x.to == stage and x.kind in ("copy-from", "mount-from"))
    return next((build.dockerfile.stages[taker] for taker in takers if taker in others), None)


def _brings_program(instruction: Instruction) -> bool:
    """Whether an instruction copies more than scripts and settings."""
    if not isinstance(instruction, Copy | Add) or instruction.heredocs:
        return False
    if isinstance(instruction, Copy) and instruction.source is not None:
        return True
    if instruction.destination.text.startswith(("/etc/", "/tmp/")):
        return False
    return not all(path.text.endswith(SETTINGS) for path in instruction.paths)
