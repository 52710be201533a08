"""Shell scripts of a repository: the builds that their commands ask for."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Mapping, Sequence

from msgspec import Struct

from lint_multistage.late import late_regex
from lint_multistage.project.commands import BuildCommand, Value, read_build
from lint_multistage.project.files import ProjectFiles
from lint_multistage.project.layouts import UNKNOWN, replaced
from lint_multistage.project.requests import BuildRequest
from lint_multistage.syntax.shell_commands import Command
from lint_multistage.syntax.shell_layout import Layout
from lint_multistage.text import Source

ROOT = "/\ue000"
"""What stands for the project root in scripts and in the values of their variables."""
START = "/\ue001" * 12
"""What stands for the directory in which a script is started; deep enough for `cd ../..`."""

_MAY_BUILD = late_regex(
    r"docker|buildx|podman|buildah|nerdctl|kaniko|depot|finch|container|engine|oci|runtime|\bimg\b|\bfly|\baz\b", re.I
)
_BUILDS = late_regex(r"build|\bbud\b|executor|deploy", re.IGNORECASE)
_REMOTE = late_regex(r"[a-zA-Z][a-zA-Z0-9+.-]*:|git@|github\.com/|git\.")

_ITSELF = r"\"?(?:\$0|\$\{0\}|\$\{?BASH_SOURCE(?:\[[0@]\])?\}?|\$\{BASH_SOURCE\[0\]:-\$0\}|\$\{\(%\):-%x\})\"?"
_REAL = rf"(?:\"?\$\((?:g?readlink +-f|realpath) +(?:-- +)?{_ITSELF}\)\"?|`readlink +-f {_ITSELF}`|{_ITSELF})"
_DIRNAME = rf" *dirname +(?:-- +)?{_REAL} *"
_PWD = r" *pwd *(?:-P *)?"
_TOP = r" *git +rev-parse +--show-toplevel *"
_IDIOMS = late_regex(
    rf"(?P<own>\$\({_DIRNAME}\)|`{_DIRNAME}`|\$\{{0%/\*\}}|\$\{{BASH_SOURCE(?:\[0\])?%/\*\}})"
    rf"|(?P<root>\$\({_TOP}\)|`{_TOP}`)"
    rf"|(?P<here>\$\({_PWD}\)|`{_PWD}`|\$PWD\b|\$\{{PWD\}})"
)
_CD = r"(?:builtin +|command +)?cd +(?:-P +)?(?:-- +)?"
_QUIETLY = r"(?:[12&]?>[^;)]*?)?"
_PATHS = late_regex(
    rf"\$\( *(?:{_CD}[\"']?(?P<path>/[\ue000\ue001][^\"'\s()$`;&|]*)[\"']? *{_QUIETLY}(?:&&|;){_PWD}"
    r"|(?:realpath|readlink +-f) +[\"']?(?P<real>/[\ue000\ue001][^\"'\s()$`;&|]*)[\"']? *"
    r"|(?P<up>dirname) +[\"']?(?P<outer>/[\ue000\ue001][^\"'\s()$`;&|]*)[\"']? *)\)"
)
_CHANGES = late_regex(r"\b(cd|pushd)\s")
_BELOW_ROOT = late_regex(
    r"""["']?(?:\$\{?|\x01)(?:\w*root(?:_?(?:dir|path))?|\w*(?:top|project|workspace|repo)_?(?:dir|path))[}\x02]?"?((?:/[\w./-]*)?)["']?""",
    re.IGNORECASE,
)
_DEFAULT = late_regex(r"\$\{\w+:?-([\w./-]*)\}")
_LINE = late_regex(r"(?:[^\n\\]|\\.)+", re.DOTALL)
_PROGRAM = late_regex(
    r"(?:[\w./-]*(?:docker|podman|buildah|nerdctl|executor)\b|\x01\w+\x02 +(?:buildx +)?build\b)"
    r"(?:[^;&|\n\\]|\\.)*",
    re.DOTALL,
)
_MOST_PASSES = 3
_MOST_REQUESTS = 500
_MOST_LINES = 5_000
_LONGEST_LINE = 4_000
_LONGEST_PATH = 4_096


class Origin(Struct, frozen=True):
    """The file whose scripts are read, and what kind of requests they make."""

    files: ProjectFiles
    source: Source
    kind: str

    @property
    def path(self) -> str:
        return self.source.path

    @property
    def folder(self) -> str:
        """The folder of the file, "" for the root."""
        return posixpath.dirname(self.source.path)


class Starts(Struct, frozen=True):
    """The folders in which a script may be started.

    Where what it names is found from one of the `likely` ones, that counts, and nothing is known if it is found from
    two. Otherwise it is looked for from the `others`, and from the `outer` ones if it is named with its folder.
    """

    likely: tuple[str, ...] = ("",)
    others: tuple[str, ...] = ()
    outer: tuple[str, ...] = ()


AT_ROOT = Starts()


def in_folder(path: str) -> Starts:
    """A file whose scripts are started in its own folder, as a rule."""
    own, *outer = _folders(path)
    return Starts((own,), outer=tuple(outer))


def anywhere(path: str) -> Starts:
    """A file whose scripts are started in the root or in its own folder, as a rule."""
    own, *outer = _folders(path)
    return Starts(("", own), tuple(outer[:-1])) if outer else AT_ROOT


def _folders(path: str) -> list[str]:
    """The folder of a file and those around it, up to the root."""
    folders = [posixpath.dirname(path)]
    while folders[-1]:
        folders.append(posixpath.dirname(folders[-1]))
    return folders


def origin_of(files: ProjectFiles, path: str, text: str, kind: str) -> Origin:
    """The origin of what `text`, the text of the file `path`, asks for."""
    return Origin(files, Source.of(path, text), kind)


def may_build(text: str) -> bool:
    """Whether a script may hold a command that builds; a quick look that errs on the side of yes."""
    return bool(_BUILDS.search(text)) and bool(_MAY_BUILD.search(text))


def shell_requests(
    layout: Layout,
    origin: Origin,
    *,
    name: str = "",
    started: Starts = AT_ROOT,
    variables: Mapping[str, str] | None = None,
) -> list[BuildRequest]:
    """What the script `layout` asks for.

    `variables` are what is known of its environment; paths in there begin with ROOT where they are absolute.
    """
    if not may_build(layout.text):
        return []
    layout = _with_paths(layout, origin.folder)

    def read(layout: Layout) -> list[BuildRequest]:
        found = ((command, read_build(command.words)) for command in _commands(layout, variables or {}))
        return [
            request_of(build, origin, name=name, directory=command.directory, started=started)
            for command, build in found
            if build is not None
        ]

    requests = read(layout)
    if any(request.target is None for request in requests) and _DEFAULT.search(layout.text):
        requests = [*defaults(requests, read(replaced(layout, _DEFAULT, lambda match: match[1]))), *requests]
    return once(requests)


def defaults(requests: Sequence[BuildRequest], others: Sequence[BuildRequest]) -> list[BuildRequest]:
    """Those of `others`, read with the values that variables have by default, that make a target of `requests` literal.

    The requests that know no target stay beside them, since anybody may give the variables other values.
    """
    unknown = {request.line for request in requests if request.target is None}
    return [request for request in others if request.target is not None and request.line in unknown]


def once(requests: Sequence[BuildRequest]) -> list[BuildRequest]:
    """`requests` without those that say the same again, as a loop does."""
    seen: dict[str, BuildRequest] = {}
    for request in requests[:_MOST_REQUESTS]:
        seen.setdefault(repr(request), request)
    return list(seen.values())


def request_of(
    build: BuildCommand, origin: Origin, *, name: str, directory: str | None, started: Starts
) -> BuildRequest:
    """The request that `build`, run in `directory` of its script, makes."""
    files = origin.files
    places = list(dict.fromkeys(_resolved(build, directory, start, files) for start in started.likely))
    known = [place for place in places if place[0] is not None and files.exists(place[0])]
    if not known:
        named = build.file is not None and "/" in (build.file.text or "")
        further = (*started.others, *started.outer) if named else started.others
        others = (_resolved(build, directory, start, files) for start in further)
        known = [place for place in others if place[0] is not None and files.exists(place[0])][:1]
    if len(known) > 1:
        dockerfile, context = None, None
    else:
        dockerfile, context = (known or places)[0]
    target = build.target
    position = origin.source.position((target.span if target is not None else build.program).start)
    return BuildRequest(
        path=origin.path,
        line=position.line,
        column=position.column,
        kind=origin.kind,
        name=name,
        dockerfile=dockerfile,
        target=target.text if target is not None else None if build.open else "",
        context=context,
        arguments=build.arguments,
        contexts=_contexts(build.contexts, directory, started.likely[0]),
        ships=build.ships,
    )


def is_remote(text: str) -> bool:
    """Whether a context is a URL."""
    return bool(_REMOTE.match(text))


def _resolved(
    build: BuildCommand, directory: str | None, start: str, files: ProjectFiles
) -> tuple[str | None, str | None]:
    """The Dockerfile and the context of `build` for a script started in `start`."""
    if directory is not None and UNKNOWN in directory:
        directory = None
    context_given = _given(build.context) if build.context is not None else build.default_context
    from_input = context_given == "-"
    if context_given is not None and not from_input and is_remote(context_given):
        return None, None
    context = None if from_input else _path(context_given, directory, start)
    if build.file is None:
        if context is None:
            return None, None
        names = ("Containerfile", "Dockerfile") if build.falls_back else ("Dockerfile",)
        guessed = build.context is not None and build.context.text is None
        choices = [posixpath.normpath(posixpath.join(context, name)) for name in names]
        return next((choice for choice in choices if files.exists(choice)), None if guessed else choices[-1]), context
    text = _given(build.file)
    if text is None or text == "-" or is_remote(text):
        return None, context
    dockerfile = _path(text, directory, start)
    missing = dockerfile is None or not files.exists(dockerfile)
    if missing and build.file.text is None:
        return None, context
    if from_input and missing:
        return None, None
    if build.falls_back and missing and context is not None and not text.startswith("/"):
        inner = posixpath.normpath(posixpath.join(context, text))
        if not inner.startswith("..") and files.exists(inner):
            return inner, context
    if build.context is None and build.falls_back and dockerfile is not None:
        context = posixpath.dirname(dockerfile) or "."
    return dockerfile, context


def _given(value: Value) -> str | None:
    """A path as it is written, with the root for a variable whose name says that it holds the root."""
    if value.text is not None:
        return value.text
    match = _BELOW_ROOT.fullmatch(value.raw)
    return ROOT + (match[1] or "") if match else None


def _contexts(contexts: Mapping[str, str], directory: str | None, start: str) -> dict[str, str]:
    """Named contexts, with the paths among them as paths from the root."""
    return {
        name: text if is_remote(text) or "://" in text else _path(text, directory, start) or ""
        for name, text in contexts.items()
    }


def _path(text: str | None, directory: str | None, start: str) -> str | None:
    """A path as the script writes it, as one from the project root; None where it is not known or lies outside."""
    if not text or text.startswith("~") or UNKNOWN in start or "\0" in text or len(text) > _LONGEST_PATH:
        return None
    if text[0] != "/":
        if directory is None:
            return None
        text = posixpath.join(directory, text)
    text = posixpath.normpath("/" + text.lstrip("/"))
    if text.startswith(START[:2]):
        text = posixpath.normpath(posixpath.join(ROOT, start, posixpath.relpath(text, START)))
    if text == ROOT:
        return "."
    return text.removeprefix(ROOT + "/") if text.startswith(ROOT + "/") else None


def _with_paths(layout: Layout, folder: str) -> Layout:
    """`layout` with the ways in which scripts find their own folder, the root or the working directory as paths."""
    if "$" not in layout.text and "`" not in layout.text:
        return layout
    own = posixpath.join(ROOT, folder).rstrip("/")
    change = _CHANGES.search(layout.text)

    def value(match: re.Match[str]) -> str | None:
        if match["own"]:
            return own
        if match["root"]:
            return ROOT
        # Behind the first `cd` it is no longer the directory in which the script was started.
        return START if change is None or match.start() < change.start() else None

    def settled(match: re.Match[str]) -> str:
        path = posixpath.normpath(match["path"] or match["real"] or match["outer"])
        return posixpath.dirname(path) if match["up"] else path

    layout = replaced(layout, _IDIOMS, value)
    for _ in range(_MOST_PASSES):
        before = layout
        layout = replaced(layout, _PATHS, settled)
        if layout is before:
            break
    return layout


def _commands(layout: Layout, variables: Mapping[str, str]) -> list[Command]:
    """The commands of a script; where it cannot be read in full, also those of its lines, each read by itself."""
    from lint_multistage.syntax.shell_walk import walk_script

    script = walk_script(layout, variables, START, arguments=None)
    commands = list(script.commands)
    if not script.understood:
        known = {command.span.start for command in commands}
        for match in list(_LINE.finditer(layout.text))[:_MOST_LINES]:
            line = match[0]
            if len(line) < _LONGEST_LINE and may_build(line) and not line.lstrip().startswith("#"):
                inside = _line(layout.part(*match.span()), variables)
                commands += [command for command in inside if command.span.start not in known]
    return commands


def _line(layout: Layout, variables: Mapping[str, str]) -> tuple[Command, ...]:
    """The commands of one line, continued ones included; of one that cannot be read either, what looks like a build."""
    from lint_multistage.syntax.shell_walk import walk_script

    script = walk_script(layout, variables, START, arguments=None)
    if script.understood:
        return script.commands
    found = _PROGRAM.search(layout.text)
    if found is None:
        return script.commands
    before = layout.text[: found.start()]
    if "#" in before:
        return script.commands
    directory = None if _CHANGES.search(before) else START
    return walk_script(layout.part(*found.span()), variables, directory, arguments=None).commands
