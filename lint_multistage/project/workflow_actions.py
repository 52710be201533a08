"""Steps of workflows that build an image with an action: its inputs name Dockerfile, stage and context."""

from __future__ import annotations

import posixpath
import re

from lint_multistage.late import late_regex
from lint_multistage.project.commands import BuildCommand, Value, is_local_output, read_build
from lint_multistage.project.layouts import UNKNOWN
from lint_multistage.project.requests import BuildRequest
from lint_multistage.project.scopes import Scope
from lint_multistage.project.shells import AT_ROOT, ROOT, START, Origin, request_of
from lint_multistage.project.yaml_nodes import Node
from lint_multistage.syntax.shell_commands import ShellWord
from lint_multistage.text import Span

_BUILD_PUSH = late_regex(r"(?:^|/)build-push-action$")
_BUILDAH = late_regex(r"(?:^|/)buildah-build$")
_BUILDS = late_regex(
    r"(docker|kaniko|buildah|podman|image|container).*(build|push|publish|deploy)|kaniko|build.*image", re.I
)
_NOT = late_regex(r"lint|scan|trivy|bake|login|setup|metadata|snyk|grype|dockle|dive|compose", re.IGNORECASE)
_FILES = ("dockerfile", "file", "containerfile", "dockerfile-path", "dockerfile_path", "docker-file", "dockerFile")
_TARGETS = ("target", "build-target", "build_target", "docker-target", "docker_target", "target-stage")
_CONTEXTS = ("context", "build-context", "build_context", "docker-context", "path", "directory", "workdir", "folder")
_DEFAULT_CONTEXT = "{{defaultContext}}"
_GIT = late_regex(r"github\.repository|github\.server_url")
_LINE = late_regex(r"[^\n]+")


def asks_to_build(step: Node) -> bool:
    """Whether a step (or a job that calls a workflow elsewhere) builds an image with what it `uses`."""
    name = _name(step)
    if not name or name.startswith(("./", "docker://")):
        return False
    if _BUILD_PUSH.search(name) or _BUILDAH.search(name):
        return True
    given = step.get("with")
    return bool(
        _BUILDS.search(name)
        and not _NOT.search(name)
        and given is not None
        and any(given.get(key) is not None for key in (*_FILES, *_TARGETS))
    )


def action_requests(
    step: Node, scope: Scope, origin: Origin, name: str, *, pick: int = 0, prefix: str = ""
) -> list[BuildRequest]:
    """What a step that `asks_to_build` asks for in `scope`; the repository is checked out into the folder `prefix`."""
    reading = _Reading(step, scope, origin, pick, prefix)
    uses = _name(step)
    if _BUILD_PUSH.search(uses):
        builds = [reading.build_push()]
    elif _BUILDAH.search(uses):
        builds = reading.buildah()
    else:
        builds = [reading.other()]
    return [request_of(build, origin, name=name, directory=START, started=AT_ROOT) for build in builds]


def _name(step: Node) -> str:
    return step.text_of("uses").partition("@")[0]


class _Reading:
    """Reads the inputs of one step."""

    def __init__(self, step: Node, scope: Scope, origin: Origin, pick: int, prefix: str) -> None:
        self.given = step.get("with")
        self.scope = scope
        self.origin = origin
        self.pick = pick
        self.prefix = prefix
        uses = step.get("uses")
        self.program = self._span(uses) if uses is not None else Span(0, 0)

    def build_push(self) -> BuildCommand:
        """What `docker/build-push-action` builds: without a context, the repository as it was pushed."""
        context = self._first(("context",))
        raw = self._raw("context")
        file = self._first(("file",))
        if context is None or raw.startswith(_DEFAULT_CONTEXT) or _GIT.search(raw):
            folder = _subfolder(context.raw if context is not None else "")
            where = self._at(folder, context)
            below = file.text if file is not None else "Dockerfile"
            inner = posixpath.join(folder, below) if folder is not None and below is not None else None
            file = self._at(inner, file)
            context = where
        return self._build(file, context)

    def buildah(self) -> list[BuildCommand]:
        """What `redhat-actions/buildah-build` builds."""
        node = self._node(("containerfiles", "dockerfiles"))
        context = self._first(("context",)) or self._at(".", None)
        words = [ShellWord(word, word, self.program) for word in self._text("extra-args").split()]
        extra = read_build((ShellWord("buildah", "", self.program), ShellWord("bud", "", self.program), *words))
        target = extra.target if extra is not None else None
        texts = [text for text in self._text_of(node).split() if text] if node is not None else []
        if node is None or not texts:
            return [self._build(None, context, target)]
        span = self._span(node)
        return [self._build(Value(_known(text), span, text), context, target) for text in texts]

    def other(self) -> BuildCommand:
        """What an action with inputs of the usual names builds."""
        context = self._first(_CONTEXTS) or self._at(".", None)
        return self._build(self._first(_FILES), context, falls_back=True)

    def _build(
        self, file: Value | None, context: Value | None, target: Value | None = None, *, falls_back: bool = False
    ) -> BuildCommand:
        outputs = _LINE.findall(self._text("outputs"))
        pushes = any(self._text(key).strip() not in ("", "false") for key in ("push", "load"))
        arguments = dict(_pairs(self._text("build-args")))
        contexts = {key: text or "" for key, text in _pairs(self._text("build-contexts"))}
        return BuildCommand(
            program=self.program,
            file=file,
            target=target or self._first(_TARGETS),
            context=context,
            arguments=arguments,
            contexts=contexts,
            ships=pushes or not outputs or not all(is_local_output(output.strip()) for output in outputs),
            falls_back=falls_back,
        )

    def _node(self, keys: tuple[str, ...]) -> Node | None:
        nodes = (self.given.get(key) for key in keys) if self.given is not None else iter(())
        return next((node for node in nodes if node is not None and node.is_scalar), None)

    def _raw(self, key: str) -> str:
        node = self._node((key,))
        return node.text if node is not None else ""

    def _text_of(self, node: Node) -> str:
        return self.scope.text(node.text, self.pick)

    def _text(self, key: str) -> str:
        node = self._node((key,))
        return self._text_of(node) if node is not None else ""

    def _first(self, keys: tuple[str, ...]) -> Value | None:
        """The first of the inputs `keys` that is given."""
        node = self._node(keys)
        text = self._text_of(node).strip() if node is not None else ""
        if node is None or not text:
            return None
        known = _known(text)
        if known is not None and self.prefix:
            path = posixpath.normpath(known)
            if path == self.prefix or path.startswith(self.prefix + "/"):
                known = path[len(self.prefix) + 1 :] or "."
        return Value(known, self._span(node), text)

    def _at(self, path: str | None, value: Value | None) -> Value:
        """The value that is `path` from the root."""
        absolute = posixpath.join(ROOT, path) if path is not None else None
        return Value(absolute, value.span if value is not None else self.program)

    def _span(self, node: Node) -> Span:
        source = self.origin.source
        line = min(node.text_line, len(source.starts))
        start = source.starts[line - 1]
        if node.style in ("|", ">"):
            text = source.line(line)
            start += len(text) - len(text.lstrip())
        else:
            start += node.column - 1
        return Span(start, start)


def _known(text: str) -> str | None:
    return None if UNKNOWN in text else text


def _subfolder(context: str) -> str | None:
    """The folder that a Git context names behind its last colon; None where it is not known."""
    if context.startswith(_DEFAULT_CONTEXT):
        reference = context.removeprefix(_DEFAULT_CONTEXT)
    else:
        reference = context.partition("#")[2]
    folder = reference.partition(":")[2]
    return None if UNKNOWN in folder else folder.strip("/")


def _pairs(text: str) -> list[tuple[str, str | None]]:
    """The `key=value` lines of an input."""
    found: list[tuple[str, str | None]] = []
    for line in _LINE.findall(text):
        key, equals, value = line.strip().partition("=")
        if equals and UNKNOWN not in key:
            found.append((key.strip().strip('"'), _known(value.strip().strip('"'))))
    return found
