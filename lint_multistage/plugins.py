"""Find, load and verify plugins, the built-in one among them."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence

import pluggy
from msgspec import Struct

from lint_multistage.check import Check
from lint_multistage.entry_points import plugin_entry_points
from lint_multistage.facts import Facts, load
from lint_multistage.findings import Severity
from lint_multistage.hooks import PROJECT, Hooks, MoreFacts
from lint_multistage.late import late_regex
from lint_multistage.results import Results

Report = Callable[[Results], str]

_PREFIX = late_regex(r"[A-Z]{2,4}")
BUILT_IN = "MS"


class PluginError(Exception):
    """A plugin that cannot be used; the text names it and says what to do."""


class Plugins(Struct, frozen=True):
    """What the installed plugins bring. `checks` are sorted by code;"""

    checks: tuple[type[Check], ...]
    reports: Mapping[str, Report]
    facts: Facts


def load_plugins(required: Sequence[str] = ()) -> Plugins:
    """Load the built-in plugin and every installed one.

    `required` are distributions that must be installed. Raises PluginError for one that is absent or cannot be used:
    a run with fewer checks than asked for must not pass.
    """
    plugins: list[tuple[str, str, object]] = []
    for entry in plugin_entry_points():
        distribution = entry.dist.name if entry.dist else entry.value
        if entry.name == BUILT_IN:
            continue
        try:
            plugins.append((entry.name, distribution, entry.load()))
        except Exception as error:  # whatever it is, it is told in one line
            reason = str(error).splitlines()[0] if str(error) else type(error).__name__
            raise PluginError(
                f"plugin {distribution} ({entry.name}) cannot be loaded: {type(error).__name__}: {reason};"
                " mend or uninstall it"
            ) from error
    absent = [name for name in required if _canonical(name) not in {_canonical(plugin[1]) for plugin in plugins}]
    if absent:
        raise PluginError(f"require-plugins names {absent[0]}, which is not installed: pip install {absent[0]}")
    return verified(plugins)


def verified(plugins: Iterable[tuple[str, str, object]]) -> Plugins:
    """Register plugins, each given as code prefix, distribution and module or object, and check what they bring."""
    import lint_multistage.checks
    import lint_multistage.reports

    manager = pluggy.PluginManager(PROJECT)
    manager.add_hookspecs(Hooks)
    names: dict[str, str] = {}
    owners: dict[str, tuple[str, str]] = {}
    for prefix, distribution, plugin in [
        (BUILT_IN, "lint-multistage", lint_multistage.checks),
        ("", "lint-multistage", lint_multistage.reports),
        *plugins,
    ]:
        if prefix and not _PREFIX.fullmatch(prefix):
            raise PluginError(
                f"plugin {distribution}: its entry point is named '{prefix}', which must be two to four capital letters"
            )
        if prefix in names or (prefix == BUILT_IN and names):
            raise PluginError(
                f"plugins {names[prefix]} and {distribution} both claim the prefix {prefix}; uninstall one"
            )
        names[prefix] = distribution
        key = f"{distribution} {prefix}"
        owners[key] = (prefix, distribution)
        try:
            manager.register(plugin, name=key)
            manager.check_pending()
        except pluggy.PluginValidationError as error:
            raise PluginError(f"plugin {distribution} ({prefix}): {' '.join(str(error).split())}") from error
    checks: dict[str, type[Check]] = {}
    for key, brought in _results(manager, "lint_multistage_checks"):
        _add_checks(checks, *owners[key], brought)
    reports: dict[str, Report] = {}
    for key, brought in _results(manager, "lint_multistage_reports"):
        if not isinstance(brought, Mapping):
            raise PluginError(f"plugin {owners[key][1]}: lint_multistage_reports must return names and functions")
        for name, report in brought.items():
            if name in reports:
                raise PluginError(f"plugin {owners[key][1]}: there is already a report named '{name}'")
            reports[name] = report
    facts = load()
    for key, brought in _results(manager, "lint_multistage_facts"):
        if not isinstance(brought, MoreFacts):
            raise PluginError(f"plugin {owners[key][1]}: lint_multistage_facts must return MoreFacts")
        try:
            facts = facts.extended(brought.images, brought.packages)
        except ValueError as error:
            raise PluginError(f"plugin {owners[key][1]}: lint_multistage_facts: {error}") from error
    return Plugins(tuple(checks[code] for code in sorted(checks)), reports, facts)


def _results(manager: pluggy.PluginManager, hook: str) -> list[tuple[str, object]]:
    """What each plugin answers, with its name, in order of names: never in the order of installation."""
    answers: list[tuple[str, object]] = []
    for implementation in sorted(getattr(manager.hook, hook).get_hookimpls(), key=lambda found: found.plugin_name):
        try:
            answers.append((implementation.plugin_name, implementation.function()))
        except Exception as error:
            raise PluginError(
                f"plugin {implementation.plugin_name}: {hook} raised {type(error).__name__}: {error}"
            ) from error
    return answers


def _add_checks(checks: dict[str, type[Check]], prefix: str, distribution: str, brought: object) -> None:
    if not isinstance(brought, Iterable):
        raise PluginError(f"plugin {distribution} ({prefix}): lint_multistage_checks must return check classes")
    for check in brought:
        if not (isinstance(check, type) and issubclass(check, Check)):
            raise PluginError(
                f"plugin {distribution} ({prefix}): {check!r} is no subclass of lint_multistage.api.Check"
            )
        code = getattr(check, "code", "")
        if not re.fullmatch(rf"{prefix}[0-9]{{3}}", code):
            raise PluginError(
                f"plugin {distribution} ({prefix}): the code '{code}' of {check.__name__}"
                f" must be {prefix} and three digits"
            )
        if code in checks:
            raise PluginError(f"plugin {distribution} ({prefix}): the code {code} is given twice")
        if not isinstance(getattr(check, "severity", None), Severity):
            raise PluginError(f"plugin {distribution} ({prefix}): {check.__name__} has no severity")
        checks[code] = check


def _canonical(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()
