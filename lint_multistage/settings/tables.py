"""A configuration file's table of ours, as it is written there."""

from __future__ import annotations

import os
import re

from msgspec import Struct

from lint_multistage.settings.errors import UsageError
from lint_multistage.settings.keys import TABLES

NAMES = (".lint-multistage.toml", "pyproject.toml", "setup.cfg", "tox.ini")
"""The files of a folder that may hold our table, the first that has it counts."""

NAME = "lint-multistage"


class Table(Struct, frozen=True):
    """The keys and values of one file; `text` where its values are texts only (ini)."""

    path: str
    values: dict[str, object]
    text: bool


def shown(path: str) -> str:
    """The shorter of the path as seen from the working directory and the absolute one, with `/`."""
    path = os.path.abspath(path)
    try:
        near = os.path.relpath(path)
    except ValueError:
        near = path
    return min(near, path, key=len).replace(os.sep, "/")


def read_table(path: str) -> Table | None:
    """Our table in the file at `path`; None where there is no such file or no such table in it."""
    try:
        with open(path, "rb") as file:
            data = file.read()
    except (FileNotFoundError, NotADirectoryError, IsADirectoryError):
        return None
    except OSError as error:
        raise UsageError(f"{shown(path)}: cannot be read: {error.strerror}") from None
    name = os.path.basename(path)
    shared = name == "pyproject.toml" or name.endswith((".cfg", ".ini"))
    # Files without our name are other people's: no time for them, and no complaint about their mistakes.
    if shared and NAME.encode() not in data:
        return None
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise UsageError(f"{shown(path)}:{line}: is not UTF-8; save the file as UTF-8") from None
    if name.endswith((".cfg", ".ini")):
        return _read_ini(path, text)
    return _read_toml(path, text, shared=shared)


def _read_toml(path: str, text: str, *, shared: bool) -> Table | None:
    import tomllib

    try:
        values = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        match = re.fullmatch(r"(.*) \(at (?:line (\d+), column \d+|end of document)\)", str(error), re.DOTALL)
        line = match[2] if match and match[2] else text.count("\n") + 1
        raise UsageError(f"{shown(path)}:{line}: is no valid TOML: {match[1] if match else error}") from None
    if not shared:
        return Table(path, values, text=False)
    tool = values.get("tool")
    table = tool.get(NAME) if isinstance(tool, dict) else None
    if table is None:
        return None
    if not isinstance(table, dict):
        raise UsageError(f"{shown(path)}: tool.{NAME} must be a table; write [tool.{NAME}]")
    return Table(path, table, text=False)


def _read_ini(path: str, text: str) -> Table | None:
    from configparser import DuplicateOptionError, DuplicateSectionError, ParsingError, RawConfigParser

    lines, ours = text.split("\n"), False
    for number, line in enumerate(lines):
        header = re.match(r"\[(.+)\]", line)
        if header:
            ours = header[1] == NAME
        # The other sections are other people's; blank lines keep the numbers right.
        if not ours:
            lines[number] = ""
    parser = RawConfigParser(default_section="")
    parser.optionxform = str  # type: ignore[method-assign,assignment]
    try:
        parser.read_string("\n".join(lines))
    except (DuplicateOptionError, DuplicateSectionError) as error:
        what = f"key '{error.option}'" if isinstance(error, DuplicateOptionError) else f"section [{NAME}]"
        raise UsageError(f"{shown(path)}:{error.lineno}: {what} stands there twice; keep one") from None
    except ParsingError as error:
        number = error.errors[0][0]
        raise UsageError(f"{shown(path)}:{number}: {lines[number - 1].strip()!r} is no 'key = value'") from None
    if not parser.has_section(NAME):
        return None
    values: dict[str, str] = {}
    for key, value in parser.items(NAME):
        table, dot, entry = key.partition(".")
        if dot and table in TABLES:
            values[table] = f"{values.get(table, '')}\n{entry}={value}"
        else:
            values[key] = f"{values[key]}\n{value}" if key in values else value
    return Table(path, dict(values), text=True)
