"""From configuration files and flags to the Settings of a Dockerfile."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Any

from lint_multistage import __version__
from lint_multistage.settings.errors import UsageError
from lint_multistage.settings.globs import moved
from lint_multistage.settings.keys import GROWING, NESTED, READERS, TABLES, check_key, read_value
from lint_multistage.settings.settings import Settings
from lint_multistage.settings.tables import NAME, NAMES, Table, read_table, shown

Overrides = Mapping[str, tuple[str, object]]
"""What the command line says: key -> (flag, value); None stands for a flag that was not given."""

Values = dict[str, tuple[Any, str]]
"""Key -> its typed value and where it came from."""


def settings_for(
    path: str,
    overrides: Overrides | None = None,
    *,
    isolated: bool = False,
    config: str = "",
    project_root: str = "",
    cache: dict[str, Settings] | None = None,
) -> Settings:
    """The settings of the Dockerfile at `path`, which need not exist.

    `isolated` leaves configuration files alone, `config` names the one file that counts. Else the nearest folder
    above with our table decides; the search ends behind `project_root`, or behind a folder with `.git`.
    `cache` (an empty dict, to be passed again) makes files of one folder cheap; it belongs to one set of the
    other arguments. Files under one configuration share one Settings object.
    """
    if isolated and config:
        raise UsageError("--isolated and --config contradict each other; leave one of them out")
    cache = {} if cache is None else cache
    overrides = overrides or {}
    if isolated or config:
        return _cached(cache, config, overrides)
    folder = os.path.dirname(os.path.abspath(path))
    top = _top(folder, project_root)
    passed: list[str] = []
    while folder not in cache:
        passed.append(folder)
        table = _table_in(folder)
        if table:
            found = _settings(table, overrides)
            break
        if _is_top(folder, top):
            found = _cached(cache, "", overrides)
            break
        folder = os.path.dirname(folder)
    else:
        found = cache[folder]
    cache.update(dict.fromkeys(passed, found))
    return found


def project_root_of(path: str, *, given: str = "", cache: dict[str, str] | None = None) -> str:
    """The root of the project that the Dockerfile at `path` belongs to, as an absolute path.

    That is `given`, else the nearest folder above with `.git` or our configuration, else the file's own folder.
    """
    if given:
        return os.path.abspath(given)
    cache = {} if cache is None else cache
    own = folder = os.path.dirname(os.path.abspath(path))
    passed: list[str] = []
    while folder not in cache:
        passed.append(folder)
        if os.path.lexists(os.path.join(folder, ".git")) or _table_in(folder):
            root = folder
            break
        if os.path.dirname(folder) == folder:
            root = ""
            break
        folder = os.path.dirname(folder)
    else:
        root = cache[folder]
    cache.update(dict.fromkeys(passed, root))
    return root or own


def _top(folder: str, project_root: str) -> str:
    """The absolute project root where `folder` lies in it, else nothing."""
    top = os.path.abspath(project_root) if project_root else ""
    inside = folder == top or folder.startswith(top.rstrip(os.sep) + os.sep)
    return top if top and inside else ""


def _is_top(folder: str, top: str) -> bool:
    if os.path.dirname(folder) == folder:
        return True
    return folder == top if top else os.path.lexists(os.path.join(folder, ".git"))


def _table_in(folder: str) -> Table | None:
    for name in NAMES:
        table = read_table(os.path.join(folder, name))
        if table:
            return table
    return None


def _cached(cache: dict[str, Settings], config: str, overrides: Overrides) -> Settings:
    if "" not in cache:
        cache[""] = _settings(_named(config, "--config") if config else None, overrides)
    return cache[""]


def _named(path: str, where: str) -> Table:
    """The table of a file that somebody names: it must have one."""
    if not os.path.exists(path):
        raise UsageError(f"{where}: there is no file {shown(path)}")
    table = read_table(os.path.abspath(path))
    if table is None:
        header = f"[tool.{NAME}]" if path.endswith(".toml") else f"[{NAME}]"
        raise UsageError(f"{where}: {shown(path)} is no file with a table {header}")
    return table


def _settings(table: Table | None, overrides: Overrides) -> Settings:
    root = os.path.dirname(table.path) if table else os.getcwd()
    values = _merged(_resolved(table, ()) if table else {}, _flags(overrides, root))
    origins = dict.fromkeys(READERS, "default") | {key: origin for key, (_, origin) in values.items()}
    fields = {key.replace("-", "_"): value for key, (value, _) in values.items()}
    return Settings(**fields, root=root, origins=origins)


def _flags(overrides: Overrides, root: str) -> Values:
    """The values of the flags; their globs, which are meant from the working directory, as seen from `root`."""
    here = os.getcwd()
    values: Values = {}
    for key, (flag, given) in overrides.items():
        if given is None:
            continue
        value: Any = read_value(key, given, flag, text=True)
        if key in ("exclude", "extend-exclude"):
            value = tuple(moved(glob, here, root) for glob in value)
        elif key == "per-file-ignores":
            value = tuple((moved(glob, here, root), codes) for glob, codes in value)
        values[key] = (value, flag)
    return values


def _resolved(table: Table, below: tuple[str, ...]) -> Values:
    """The values of `table` over those of the files it extends; `below` are the paths that led here."""
    chain = (*below, table.path)
    if chain[-1] in below:
        circle = " -> ".join(shown(path) for path in chain[below.index(chain[-1]) :])
        raise UsageError(f"{shown(below[-1])}: 'extend' runs in a circle ({circle}); take one of them out")
    file = shown(table.path)
    # First, for another version may know other keys.
    _check_version(table.values.get("required-version", ""), file)
    values: Values = {}
    for key, value in table.values.items():
        check_key(key, file)
        if key != "extend":
            values[key] = (read_value(key, value, f"{file}: '{key}'", text=table.text), file)
    if (baseline := values.get("baseline")) and baseline[0]:
        values["baseline"] = (os.path.join(os.path.dirname(table.path), baseline[0]), file)
    extend = table.values.get("extend")
    if extend is None:
        return values
    if not isinstance(extend, str) or not extend.strip():
        raise UsageError(f"{file}: 'extend' must be the path of a file, not {extend!r}")
    where = f"{file}: 'extend'"
    return _merged(_resolved(_named(_extended(extend.strip(), table.path, where), where), chain), values)


def _merged(lower: Values, upper: Values) -> Values:
    merged = dict(lower)
    for key, (value, origin) in upper.items():
        if key in lower and (key in GROWING or key in TABLES):
            before, first = lower[key]
            if key in NESTED:
                value = {name: {**before.get(name, {}), **entries} for name, entries in value.items()}
            merged[key] = (before + value if key in GROWING else {**before, **value}, f"{first}, {origin}")
        else:
            merged[key] = (value, origin)
    return merged


def _check_version(requirement: object, file: str) -> None:
    if not requirement or not isinstance(requirement, str):
        return
    from lint_multistage.settings.versions import meets

    try:
        met = meets(__version__, requirement)
    except ValueError as error:
        raise UsageError(f"{file}: 'required-version': {error}; write it like '>=0.1,<2'") from None
    if not met:
        raise UsageError(
            f"{file}: 'required-version' is {requirement}, this is {NAME} {__version__}; "
            "install a version that fits, or change the requirement"
        )


def _extended(extend: str, file: str, where: str) -> str:
    """The absolute path that `extend` in `file` means."""
    if "://" in extend:
        raise UsageError(f"{where} is never fetched from the network; give a path or package:NAME/FILE")
    if not extend.startswith("package:"):
        return os.path.abspath(os.path.join(os.path.dirname(file), extend))
    package, slash, rest = extend.removeprefix("package:").partition("/")
    if not package or not slash or not rest:
        raise UsageError(f"{where} must be like package:NAME/FILE, not {extend!r}")
    path = _package_file(package, rest)
    if not path:
        raise UsageError(f"{where}: no installed package has {package}/{rest}; install it, or mend the name")
    return path


def _package_file(package: str, rest: str) -> str:
    """A file of an import package, or of a distribution with a package folder that holds it; nothing is imported."""
    from importlib.util import find_spec

    # With a dot in the name find_spec would import the parent.
    spec = find_spec(package) if package.isidentifier() and package != "__main__" else None
    for folder in (spec.submodule_search_locations or ()) if spec else ():
        path = os.path.join(folder, rest)
        if os.path.isfile(path):
            return path

    from importlib.metadata import PackageNotFoundError, distribution

    try:
        files = distribution(package).files or ()
    except PackageNotFoundError:
        return ""
    for file in sorted(files):
        if "/".join(file.parts[1:]) == rest:
            return os.path.abspath(str(file.locate()))
    return ""
