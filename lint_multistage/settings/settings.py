"""The settings of one run over one file."""

from __future__ import annotations

from collections.abc import Mapping

from msgspec import Struct

from lint_multistage.findings import Severity

DEFAULT_EXCLUDE = (
    ".bzr",
    ".direnv",
    ".eggs",
    ".git",
    ".hg",
    ".mypy_cache",
    ".nox",
    ".pytest_cache",
    ".ruff_cache",
    ".svn",
    ".terraform",
    ".tox",
    ".venv",
    "__pycache__",
    "bower_components",
    "node_modules",
    "site-packages",
    "venv",
)


OwnImage = Mapping[str, str | tuple[str, ...]]
"""What a configuration says of an image: `toolchains`, and `like`, `runtime`, `role`, `distro` or `libc`."""


class Settings(Struct, frozen=True, kw_only=True):
    """What configuration files and flags say, with the defaults filled in.

    Codes are upper-case prefixes; an empty `select` means all. Globs are relative to `root`, the folder of the
    configuration file (without one: the working directory). `origins` tells for each key, written as in a
    configuration file, where its value came from: "default", the file's path, the flag, or several of them.
    """

    select: tuple[str, ...] = ()
    ignore: tuple[str, ...] = ()
    extend_select: tuple[str, ...] = ()
    extend_ignore: tuple[str, ...] = ()
    per_file_ignores: tuple[tuple[str, tuple[str, ...]], ...] = ()
    severity: Mapping[str, Severity] = {}
    fail_on: Severity = Severity.WARNING
    target: tuple[str, ...] = ()
    roles: tuple[tuple[str, str], ...] = ()
    build_arg: Mapping[str, str] = {}
    exclude: tuple[str, ...] = DEFAULT_EXCLUDE
    extend_exclude: tuple[str, ...] = ()
    force_exclude: bool = False
    max_file_size: int = 5_000_000
    preview: bool = False
    required_version: str = ""
    require_plugins: tuple[str, ...] = ()
    images: Mapping[str, OwnImage] = {}
    packages: Mapping[str, Mapping[str, tuple[str, ...]]] = {}
    format: str = "text"
    output_file: str = ""
    baseline: str = ""
    root: str = ""
    origins: Mapping[str, str] = {}


def show(settings: Settings) -> list[str]:
    """One line a key, `key = value  # where it came from`; the values are written as in a TOML file."""
    from lint_multistage.settings.keys import READERS

    lines = [f"# globs are relative to {settings.root}"]
    for key in READERS:
        value = getattr(settings, key.replace("-", "_"))
        lines.append(f"{key} = {_toml(value)}  # {settings.origins.get(key, 'default')}")
    return lines


def _toml(value: object) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, Severity):
        value = value.value
    if isinstance(value, str):
        import json

        # JSON escapes everything that TOML forbids in a string, but for DEL.
        return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
    if isinstance(value, tuple) and value and isinstance(value[0], tuple):
        value = dict(value)
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{_toml(key)} = {_toml(entry)}" for key, entry in value.items()) + "}"
    if isinstance(value, tuple):
        return "[" + ", ".join(map(_toml, value)) + "]"
    return str(value)
