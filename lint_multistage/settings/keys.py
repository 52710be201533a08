"""The keys of a configuration and what may stand behind them."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

from lint_multistage.findings import Severity
from lint_multistage.late import late_regex
from lint_multistage.settings.errors import UsageError, nearest

Reader = Callable[[object, str], object]

ROLES = ("runtime", "development", "test", "ci", "export", "toolchain")
"""What an image can be for."""

_TRUE = ("true", "yes", "on", "1")
_FALSE = ("false", "no", "off", "0")
_CODE = late_regex(r"[A-Z]{2,4}\d*")


def read_value(key: str, value: object, where: str, *, text: bool) -> object:
    """The typed value of `key`, as `Settings` holds it. `where` names the place in errors.

    `text` says that a text holds all there is (ini files and flags; several texts are one a line), so that numbers
    and yes/no are read from it; TOML has types of its own.
    """
    if text and isinstance(value, list | tuple):
        value = "\n".join(map(str, value))
    reader = READERS[key]
    if text and isinstance(value, str):
        reader = _FROM_TEXT.get(key, reader)
    return reader(value, where)


def _wrong(where: str, wanted: str, value: object) -> UsageError:
    shown = str(value).lower() if isinstance(value, bool) else repr(value)
    return UsageError(f"{where} must be {wanted}, not {shown}")


def _entry(where: str, name: str) -> str:
    """The place of an entry of a table: `file: 'severity.MS306'`, `--severity MS306`."""
    return f"{where[:-1]}.{name}'" if where.endswith("'") else f"{where} {name}"


def _string(value: object, where: str) -> str:
    if isinstance(value, str):
        return value.strip()
    raise _wrong(where, "a string", value)


def _strings(value: object, where: str) -> tuple[str, ...]:
    items = re.split(r"[,\n]", value) if isinstance(value, str) else value
    if not isinstance(items, list):
        raise _wrong(where, "a list of strings", value)
    for item in items:
        if not isinstance(item, str):
            raise _wrong(where, "a list of strings", value)
    return tuple(item.strip() for item in items if item.strip())


def _codes(value: object, where: str) -> tuple[str, ...]:
    if isinstance(value, str):
        value = value.split()
        value = [code for word in value for code in word.split(",")]
    return tuple(code.upper() for code in _strings(value, where))


def _boolean(value: object, where: str) -> bool:
    if isinstance(value, bool):
        return value
    raise _wrong(where, "true or false", value)


def _boolean_text(value: object, where: str) -> bool:
    word = str(value).strip().lower()
    if word in _TRUE or word in _FALSE:
        return word in _TRUE
    raise _wrong(where, "true or false", value)


def _size(value: object, where: str) -> int:
    if isinstance(value, int) and not isinstance(value, bool) and value > 0:
        return value
    raise _wrong(where, "a number of bytes above 0", value)


def _size_text(value: object, where: str) -> int:
    digits = str(value).strip().replace("_", "")
    return _size(int(digits) if digits.isascii() and digits.isdigit() else value, where)


def _severity(value: object, where: str) -> Severity:
    word = value.strip().lower() if isinstance(value, str) else value
    for severity in Severity:
        if severity.value == word:
            return severity
    raise _wrong(where, "error, warning or info", value)


def _entries(text: str, where: str, separators: str, wanted: str) -> dict[str, str]:
    """`name=value` texts, one a line, to a mapping; errors say that `wanted` is the form."""
    entries: dict[str, str] = {}
    for line in filter(None, map(str.strip, text.split("\n"))):
        match = re.match(rf"([^{separators}]+)[{separators}](.*)", line, re.DOTALL)
        if not match or not match[1].strip():
            raise _wrong(where, wanted, line)
        entries[match[1].strip()] = match[2].strip()
    return entries


def _severities(value: object, where: str) -> Mapping[str, Severity]:
    if isinstance(value, str):
        value = _entries(value.replace(",", "\n"), where, ":=", "like MS306:warning")
    if not isinstance(value, dict):
        raise _wrong(where, "a table of codes and severities", value)
    return {code.strip().upper(): _severity(word, _entry(where, code)) for code, word in value.items()}


def _arguments(value: object, where: str) -> Mapping[str, str]:
    if isinstance(value, str):
        return _entries(value, where, "=", "like NAME=value")
    if not isinstance(value, dict):
        raise _wrong(where, "a table of names and values", value)
    for name, word in value.items():
        if not isinstance(word, str):
            raise _wrong(_entry(where, name), "a string (in quotes)", word)
    return value


def _file_ignores(value: object, where: str) -> tuple[tuple[str, tuple[str, ...]], ...]:
    if isinstance(value, str):
        return _file_ignores_text(value, where)
    if not isinstance(value, dict):
        raise _wrong(where, "a table of globs and codes", value)
    return tuple((glob, _codes(codes, _entry(where, glob))) for glob, codes in value.items())


def _file_ignores_text(text: str, where: str) -> tuple[tuple[str, tuple[str, ...]], ...]:
    """flake8's form: `glob,glob:CODE,CODE`, several apart by blanks, commas or line ends."""
    entries: list[tuple[str, tuple[str, ...]]] = []
    globs: list[str] = []
    codes: list[str] = []
    behind_colon = False
    for match in re.finditer(r":|[^\s,:]+(?=(\s*:)?)", text):
        token = match[0]
        if token == ":" and globs and not behind_colon:
            behind_colon = True
        elif behind_colon and not match[1] and _CODE.fullmatch(token.upper()):
            codes.append(token.upper())
        elif token != ":" and (codes or not behind_colon):
            if behind_colon:
                entries += [(glob, tuple(codes)) for glob in globs]
                globs, codes, behind_colon = [], [], False
            globs.append(token)
        else:
            break
    else:
        if codes or not globs:
            return (*entries, *((glob, tuple(codes)) for glob in globs))
    raise _wrong(where, "like path/*:MS301,MS302", text.strip())


def _roles(value: object, where: str) -> tuple[tuple[str, str], ...]:
    if isinstance(value, str):
        value = _entries(value, where, "=", "like docker/ci/*=ci")
    if not isinstance(value, dict):
        raise _wrong(where, "a table of globs and roles", value)
    for pattern, role in value.items():
        if role not in ROLES:
            raise _wrong(_entry(where, pattern), f"{', '.join(ROLES[:-1])} or {ROLES[-1]}", role)
    return tuple((pattern.strip(), role) for pattern, role in value.items())


def _images(value: object, where: str) -> object:
    # Few configurations have them.
    from lint_multistage.settings.own_facts import read_images

    return read_images(value, where)


def _packages(value: object, where: str) -> object:
    from lint_multistage.settings.own_facts import read_packages

    return read_packages(value, where)


READERS: dict[str, Reader] = {
    "select": _codes,
    "ignore": _codes,
    "extend-select": _codes,
    "extend-ignore": _codes,
    "per-file-ignores": _file_ignores,
    "severity": _severities,
    "fail-on": _severity,
    "target": _strings,
    "roles": _roles,
    "build-arg": _arguments,
    "exclude": _strings,
    "extend-exclude": _strings,
    "force-exclude": _boolean,
    "max-file-size": _size,
    "preview": _boolean,
    "required-version": _string,
    "require-plugins": _strings,
    "images": _images,
    "packages": _packages,
    "format": _string,
    "output-file": _string,
    "baseline": _string,
}
"""Every key that becomes a setting; `extend` is the only other."""

_FROM_TEXT: dict[str, Reader] = {
    "force-exclude": _boolean_text,
    "max-file-size": _size_text,
    "preview": _boolean_text,
}

TABLES = ("severity", "build-arg", "images", "packages")
"""Keys whose entries are settings of their own: `severity.MS306` replaces `severity.MS306` alone."""

NESTED = ("packages",)
"""Those of them whose entries are tables again."""

GROWING = ("extend-select", "extend-ignore", "extend-exclude")
"""Keys that add to what was there before."""


def check_key(key: str, where: str) -> None:
    """UsageError unless `key` may stand in a configuration."""
    if key not in READERS and key != "extend":
        near = nearest(key, (*READERS, "extend"))
        mend = f"did you mean '{near}'?" if near else "known are " + ", ".join((*READERS, "extend"))
        raise UsageError(f"{where}: unknown key '{key}'; {mend}")
