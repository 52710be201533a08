"""`RUN --mount` (moby/buildkit frontend/dockerfile/instructions/commands_runmount.go)."""

from __future__ import annotations

from collections.abc import Iterable

from lint_multistage.late import late_regex
from lint_multistage.syntax.instructions import Flag, Mount, Word
from lint_multistage.syntax.lines import Problem
from lint_multistage.syntax.quoting import shown
from lint_multistage.text import Span

_TYPES = ("bind", "cache", "secret", "ssh", "tmpfs")
_KEYS = (
    "destination dst env from gid id mode readonly readwrite required ro rw sharing size source src target type uid"
).split()
_WITHOUT_VALUE = ("readonly", "ro", "readwrite", "rw", "required")
_TARGETS = ("target", "dst", "destination")
_VARIABLE = late_regex(r"\$.")


def read_mounts(flags: Iterable[Flag]) -> tuple[tuple[Mount, ...], list[Problem]]:
    """The mounts among a RUN's flags, and what BuildKit refuses about them."""
    mounts: list[Mount] = []
    problems: list[Problem] = []
    for flag in flags:
        if flag.name == "mount" and flag.value:
            mount, reasons = _read(flag.value, flag.span)
            mounts.append(mount)
            problems += (Problem(flag.span, reason) for reason in reasons)
    return tuple(mounts), problems


def _read(value: Word, span: Span) -> tuple[Mount, list[str]]:
    import csv

    try:
        fields = next(csv.reader([value.text], strict=True), [])
    except csv.Error:
        return Mount("bind", None, "", span), [f"--mount={shown(value.text)} is no list of key=value pairs"]
    reasons: list[str] = []
    keys: dict[str, str] = {}
    source: Word | None = None
    at = 0
    for field in fields:
        at = max(value.text.find(field, at), at)
        key, equals, text = field.partition("=")
        key = key.lower()
        if key not in _KEYS:
            reasons.append(f"a mount has no key '{shown(key)}'")
        elif not equals and key not in _WITHOUT_VALUE:
            reasons.append(f"the mount's '{shown(field)}' needs a value: {key}=VALUE")
        elif key == "from" and text:
            start = value.span.start + at + len("from=")
            source = Word(text, Span(start, min(start + len(text), value.span.end)))
        keys[key] = text
        at += len(field)
    kind = keys.get("type", "bind").lower() or "bind"
    target = next((keys[key] for key in _TARGETS if keys.get(key)), "")
    if "$" not in kind:
        reasons += _refused(kind, keys, target)
    return Mount(kind, source, target, span, keys.get("source") or keys.get("src", "")), reasons


def _refused(kind: str, keys: dict[str, str], target: str) -> list[str]:
    if kind not in _TYPES:
        return [f"a mount's type is one of {', '.join(_TYPES)}, not '{shown(kind)}'"]
    reasons = []
    if kind not in ("secret", "ssh", "cache"):
        reasons += [f"{key} is not allowed for {kind} mounts" for key in ("mode", "uid", "gid") if key in keys]
    if kind == "secret" and keys.get("from"):
        reasons.append("a secret mount cannot have a from")
    if kind == "secret" and not (target or keys.get("id") or keys.get("source") or keys.get("src")):
        reasons.append("a secret mount needs an id, a source or a target")
    if "sharing" in keys and kind != "cache":
        reasons.append(f"sharing is not allowed for {kind} mounts")
    elif (
        "sharing" in keys
        and "$" not in keys["sharing"]
        and keys["sharing"].lower() not in ("shared", "private", "locked")
    ):
        reasons.append("a cache mount's sharing is shared, private or locked")
    if "required" in keys and kind not in ("secret", "ssh"):
        reasons.append(f"required is not allowed for {kind} mounts")
    if "size" in keys and kind != "tmpfs":
        reasons.append(f"size is not allowed for {kind} mounts")
    return reasons


def has_variable(word: Word) -> bool:
    """Whether a mount's `from` holds what BuildKit takes for a variable."""
    return bool(_VARIABLE.search(word.text))
