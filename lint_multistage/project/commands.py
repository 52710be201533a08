"""Command lines that build images: which Dockerfile, stage and context they name."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from msgspec import Struct

from lint_multistage.late import late_regex
from lint_multistage.project.layouts import UNKNOWN
from lint_multistage.syntax.shell_commands import ShellWord
from lint_multistage.text import Span


class Value(Struct, frozen=True):
    """The value of an option or an operand; `text` is None where it is not literal, `raw` as it is written."""

    text: str | None
    span: Span
    raw: str = ""


class BuildCommand(Struct, frozen=True, kw_only=True):
    """A command that builds a Dockerfile, as written: nothing in it is resolved to files.

    `program` is where the program stands. `file`, `target` and `context` are None where they are not given; `open` is
    whether words of unknown number or content may hold further options. `falls_back` is whether a `file` that the
    working directory lacks is looked for in the context.
    """

    program: Span
    file: Value | None = None
    target: Value | None = None
    context: Value | None = None
    arguments: Mapping[str, str | None] = {}
    contexts: Mapping[str, str] = {}
    ships: bool = True
    open: bool = False
    falls_back: bool = False
    default_context: str | None = None


class _Tool(Struct, frozen=True):
    """How a program is asked to build: its subcommands, and what its options are called."""

    subcommands: tuple[tuple[str, ...], ...]
    file: tuple[str, ...] = ("--file", "-f")
    target: tuple[str, ...] = ("--target",)
    context: tuple[str, ...] = ()
    output: tuple[str, ...] = ("--output", "-o")
    falls_back: bool = False
    default_context: str | None = None


_DOCKER = _Tool((("build",), ("buildx", "build"), ("buildx", "b"), ("image", "build"), ("builder", "build")))
_PODMAN = _Tool((*_DOCKER.subcommands, ("farm", "build")), falls_back=True, default_context=".")
_BUILDAH = _Tool((("bud",), ("build",), ("build-using-dockerfile",)), falls_back=True, default_context=".")
_KANIKO = _Tool(((),), ("--dockerfile", "-f"), context=("--context", "-c"), output=(), falls_back=True)
_FLY = _Tool((("deploy",),), ("--dockerfile",), ("--build-target",), output=(), default_context=".")
_TOOLS: Mapping[str, _Tool] = {
    "docker": _DOCKER,
    "docker-buildx": _Tool((("build",), ("b",))),
    "podman": _PODMAN,
    "podman-remote": _PODMAN,
    "buildah": _BUILDAH,
    "nerdctl": _DOCKER,
    "finch": _DOCKER,
    "img": _Tool((("build",),)),
    "depot": _Tool((("build",),)),
    "az": _Tool((("acr", "build"),), output=(), falls_back=True),
    "minikube": _Tool((("image", "build"),), output=(), falls_back=True),
    "fly": _FLY,
    "flyctl": _FLY,
    "executor": _KANIKO,
}

# Options that take the next word where they hold no `=`: those of all the programs together, which do not disagree.
_VALUED = frozenset(
    """
    --add-host --address --allow --annotation --app --arch --attest --auth-token --authfile --backend --blob-cache
    --build-arg --build-arg-file --build-context --build-platform --build-target --builder --buildkit-host
    --cache-dir --cache-from --cache-repo --cache-to --cache-ttl --call --cap-add --cap-drop --cert-dir
    --cgroup-manager --cgroup-parent --config --connection --context --context-sub-path --cpp-flag --cpu-period
    --cpu-quota --cpu-rt-period --cpu-rt-runtime --cpu-shares --cpuset-cpus --cpuset-mems --creds --custom-platform
    --decryption-key --destination --device --digest-file --dns --dns-option --dns-search --dockerfile --env --file
    --format --from --git --group-add --hooks-dir --host --identity --ignore-path --ignorefile --iidfile --image
    --image-label --image-name-with-digest-file --ipc --isolation --jobs --label --layer-label --load-path --local
    --log-format --log-level --logfile --manifest --memory --memory-swap --metadata-file --name --namespace
    --network --no-cache-filter --opt --os --os-feature --os-version --output --pid --platform --policy --profile
    --progress --project --provenance --registry --registry-mirror --resource-group --retry --retry-delay --root
    --runroot --runtime --runtime-flag --save-tag --sbom --secret --secret-build-arg --security-opt --shm-size
    --sign-by --signature-policy --snapshot-mode --snapshotter --source-date-epoch --ssh --state --storage-driver
    --storage-opt --subscription --tag --tar-path --target --timestamp --tlscacert --tlscert --tlskey --token
    --ulimit --unsetenv --unsetlabel --url --userns --userns-gid-map --userns-gid-map-group --userns-uid-map
    --userns-uid-map-user --uts --values --variant --verbosity --volume
    """.split()
)
_SHORT_VALUED = frozenset("acdefglmorstv")
_GLOBAL_VALUED = frozenset("acHln")

# Words in front of a program that run it and that nobody else takes off.
_RUNNERS = frozenset("retry run run_cmd try execute travis_retry lima colima caffeinate".split())
_MOST_RUNNERS = 6

_VARIABLE = late_regex(r"['\"]?(?:\$[({]?|\x01)([A-Za-z_]\w*)")
_BEHIND = late_regex(r"(?:\x01\w*\x02)+([\w./-]+)$")
_PROGRAM_VARIABLE = late_regex(r"docker|podman|container|buildah|nerdctl|oci|engine|runtime|builder", re.IGNORECASE)
_BUILDING_VARIABLE = late_regex(r"(docker|podman|buildah|nerdctl|container|image|oci).*build", re.IGNORECASE)
_WRAPPER = late_regex(r"^(?!.*compose).*(?:docker|buildx|podman|buildah)")
_UNKNOWN = late_regex(r"[$`\x01]")
_SPLITS = late_regex(
    r"(\x01\w*\x02|\$\w+|\$\{[^{}]*\}|\$\(.*\)|`.*`|\$@|\$\*)+|\"\$(@|\{(@|\w+\[@\])[^{}]*\})\"", re.DOTALL
)
"""Words of which it is not known how many they are."""
_HARMLESS = late_regex(
    r"cache|push|platform|label|proxy|tag|network|verb|quiet|pull|progress|secret|ssh|memory|cpu|load|arch|version|user",
    re.IGNORECASE,
)
_HARMFUL = late_regex(r"target|file|stage", re.IGNORECASE)
_TELLING = late_regex(r"(--(tag|file|target|build-arg|platform)(=|$)|-[tf])")
_LOCAL_OUTPUTS = frozenset(("local", "tar", "cacheonly"))
_CALLS = late_regex(r"--(check|print)(=|$)")
_SAME_VALUE = frozenset(("true", "1", ""))


def read_build(words: Sequence[ShellWord]) -> BuildCommand | None:
    """What the command `words` builds; None where it builds nothing."""
    words = [word if UNKNOWN not in (word.text or "") else ShellWord(None, word.raw, word.span) for word in words]
    for at in range(min(len(words), _MOST_RUNNERS)):
        word = words[at]
        found = _tool(words, at)
        if found is not None:
            tool, rest = found
            # What stands for the whole command may hold a target as well.
            return _read(tool, word, words[rest:], hidden=rest == at + 1 and tool is _DOCKER)
        text = word.text
        if text is not None and text not in _RUNNERS and not (at and (text.startswith("-") or text.isdigit())):
            return None
    return None


def _tool(words: Sequence[ShellWord], at: int) -> tuple[_Tool, int] | None:
    """The tool that `words[at]` is, and where its own operands begin."""
    text, rest = words[at].text, words[at + 1 :]
    if text is None and (behind := _BEHIND.match(words[at].raw)):
        # In a Makefile, `$(Q)docker` is `docker` or `@docker`.
        text = behind[1]
    if text is not None:
        name = text.replace("\\", "/").rpartition("/")[2].removesuffix(".exe").lower()
        tool = _TOOLS.get(name)
        if tool is None and _WRAPPER.search(name) and any(_TELLING.match(word.text or word.raw) for word in rest):
            # A function or script around docker: `buildxCmd build --target x .`
            tool = _BUILDAH
        if tool is None or (tool is _KANIKO and not _is_kaniko(text, rest)):
            return None
        length = _subcommand(tool, rest)
        return None if length is None else (tool, at + 1 + length)
    match = _VARIABLE.match(words[at].raw)
    if match is None:
        return None
    if _PROGRAM_VARIABLE.search(match[1]):
        for tool in (_DOCKER, _BUILDAH):
            length = _subcommand(tool, rest)
            if length is not None:
                return tool, at + 1 + length
    if _BUILDING_VARIABLE.search(match[1]) and any(_TELLING.match(word.text or word.raw) for word in rest):
        return _DOCKER, at + 1
    return None


def _is_kaniko(text: str, rest: Sequence[ShellWord]) -> bool:
    options = ("--dockerfile", "--destination", "--no-push")
    return "kaniko" in text or any((word.text or word.raw).startswith(options) for word in rest)


def _subcommand(tool: _Tool, words: Sequence[ShellWord]) -> int | None:
    """How many of `words` are global options and the subcommand that builds; None where it is another one."""
    wanted = list(tool.subcommands)
    if () in wanted:
        return 0
    depth = at = 0
    while at < len(words):
        text = words[at].text
        if text is None:
            # A variable with options, or none.
            if words[at].raw[:1] not in ("$", UNKNOWN):
                return None
            at += 1
            continue
        if text.startswith("-"):
            valued = text in _VALUED or (len(text) == 2 and text[1] in _GLOBAL_VALUED)
            at += 2 if valued and "=" not in text else 1
            continue
        wanted = [names for names in wanted if len(names) > depth and names[depth] == text]
        at += 1
        depth += 1
        if not wanted:
            return None
        if any(len(names) == depth for names in wanted):
            return at
    return None


class _Reading:
    """The options and operands of one build command, as they are met."""

    def __init__(self, tool: _Tool) -> None:
        self.tool = tool
        self.file: Value | None = None
        self.target: Value | None = None
        self.named_context: Value | None = None
        self.operands: list[tuple[Value, bool]] = []
        self.arguments: dict[str, str | None] = {}
        self.contexts: dict[str, str] = {}
        self.outputs: list[str | None] = []
        self.pushes = False
        self.calls = False
        self.open = False

    def option(self, name: str, value: Value) -> None:
        """Take a valued option."""
        tool = self.tool
        if name in tool.file:
            # Podman joins several files; what the first one names is enough to know that the rest is more of it.
            self.file = value
        elif name in tool.target:
            self.target = value
        elif name in tool.context:
            text = value.text.removeprefix("dir://") if value.text is not None else None
            self.named_context = Value(text, value.span, value.raw)
        elif name in tool.output:
            self.outputs.append(value.text)
        elif name == "--call":
            self.calls = value.text != "build"
        elif name == "--build-arg" and value.text is not None:
            key, equals, text = value.text.partition("=")
            self.arguments[key] = text if equals else None
        elif name == "--build-context":
            key, equals, text = (value.text or value.raw.strip("'\"")).partition("=")
            if equals and not _UNKNOWN.search(key):
                self.contexts[key] = text if value.text is not None else ""

    def flag(self, text: str) -> None:
        """Take an option without a value."""
        name, _, value = text.partition("=")
        if name in ("--push", "--load") and value in _SAME_VALUE:
            self.pushes = True
        elif _CALLS.match(text):
            self.calls = True


def _read(tool: _Tool, program: ShellWord, words: Sequence[ShellWord], *, hidden: bool) -> BuildCommand:
    reading = _Reading(tool)
    reading.open = hidden
    at = 0
    plain = False
    while at < len(words):
        word = words[at]
        at += 1
        text = word.text if word.text is not None else word.raw.lstrip("'\"")
        if plain or text == "-" or not text.startswith("-"):
            splits = word.text is None and bool(_SPLITS.fullmatch(word.raw))
            if splits and _is_harmless(word.raw):
                continue
            reading.operands.append((Value(word.text, word.span, word.raw), splits))
        elif text == "--":
            plain = True
        elif text.startswith("--"):
            at += _long(reading, word, text, words[at] if at < len(words) else None)
        else:
            at += _short(reading, word, text, words[at] if at < len(words) else None)
    context = reading.named_context or _context(reading)
    local = [is_local_output(output) for output in reading.outputs]
    return BuildCommand(
        program=program.span,
        file=reading.file,
        target=reading.target,
        context=context,
        arguments=reading.arguments,
        contexts=reading.contexts,
        ships=not reading.calls and (reading.pushes or not local or not all(local)),
        open=reading.open,
        falls_back=tool.falls_back,
        default_context=tool.default_context,
    )


def _long(reading: _Reading, word: ShellWord, text: str, following: ShellWord | None) -> int:
    """Take a long option; returns how many further words it uses."""
    name, equals, rest = text.partition("=")
    if not equals:
        if word.text is None:
            reading.open = True
            return 0
        if name not in _VALUED or following is None:
            reading.flag(text)
            return 0
        _take(reading, name, following, following.raw)
        return 1
    if name not in _VALUED:
        reading.flag(text)
        return 0
    if word.text is not None:
        reading.option(name, Value(rest, _after(word, name + "=")))
    else:
        _take(reading, name, ShellWord(None, rest, _after(word, name + "=")), rest)
    return 0


def _short(reading: _Reading, word: ShellWord, text: str, following: ShellWord | None) -> int:
    """Take a cluster of short options; returns how many further words it uses."""
    for at in range(1, len(text)):
        if text[at] not in _SHORT_VALUED:
            continue
        name = "-" + text[at]
        rest = text[at + 1 :].removeprefix("=")
        if rest:
            known = word.text is not None
            _take(reading, name, ShellWord(rest if known else None, rest, _after(word, text[: at + 1])), rest)
            return 0
        if following is None:
            return 0
        _take(reading, name, following, following.raw)
        return 1
    return 0


def _take(reading: _Reading, name: str, word: ShellWord, raw: str) -> None:
    if name == "--build-arg" and word.text is None:
        key, equals, _ = raw.strip("'\"").partition("=")
        if equals and key.isidentifier():
            reading.arguments[key] = None
        return
    reading.option(name, Value(word.text, word.span, raw))


def _after(word: ShellWord, prefix: str) -> Span:
    """The span of what stands behind `prefix` in a word."""
    length = word.span.end - word.span.start
    if length != len(word.raw) or not word.raw.startswith(prefix):
        return word.span
    return Span(word.span.start + len(prefix), word.span.end)


def _context(reading: _Reading) -> Value | None:
    """The operand that is the context; words that may be any number of options are none where another one is known."""
    operands = reading.operands
    sure = [value for value, splits in operands if not splits]
    splitting = [value for value, splits in operands if splits]
    # A variable may be the context only where nothing else is.
    last = None if sure or not splitting or reading.tool is _KANIKO else splitting.pop()
    reading.open = reading.open or bool(splitting)
    return sure[-1] if sure else last


def _is_harmless(raw: str) -> bool:
    """Whether the name of a variable says that it holds options which choose no stage."""
    return bool(_HARMLESS.search(raw)) and not _HARMFUL.search(raw)


def is_local_output(text: str | None) -> bool:
    """Whether a `--output` keeps the result from becoming an image that people run."""
    if text is None or UNKNOWN in text:
        return False
    if "=" not in text:
        return True
    fields = dict(part.strip().partition("=")[::2] for part in text.split(","))
    return fields.get("type", "") in _LOCAL_OUTPUTS
