"""What each key of a configuration means, for the page that lists them. Linting never imports this."""

from __future__ import annotations

from collections.abc import Mapping

from msgspec import Struct

from lint_multistage.findings import Severity
from lint_multistage.settings.settings import DEFAULT_EXCLUDE, Settings


class Described(Struct, frozen=True):
    """A key: what kind of value it takes, what that does, and an example as it stands in a TOML file."""

    key: str
    kind: str
    meaning: str
    example: str


KEYS = (
    Described("select", "list of codes", "Run only the checks with these codes, or beginnings of codes.", '["MS3"]'),
    Described(
        "ignore", "list of codes", "Leave these out. Of `select` and `ignore` the longer beginning wins.", '["MS306"]'
    ),
    Described("extend-select", "list of codes", "Run these as well; adds to what was there before.", '["MS107"]'),
    Described(
        "extend-ignore", "list of codes", "Leave these out as well; adds to what was there before.", '["MS107", "MS2"]'
    ),
    Described(
        "per-file-ignores",
        "table of globs and lists of codes",
        "Leave codes out for the files that match a glob.",
        '{ "tools/*" = ["MS301", "MS302"] }',
    ),
    Described(
        "severity",
        "table of codes and severities",
        "Report a check as `error`, `warning` or `info`.",
        '{ MS306 = "warning" }',
    ),
    Described(
        "fail-on", "`error`, `warning` or `info`", "Exit with 1 where a finding is this severe, or more.", '"info"'
    ),
    Described("target", "list of stages", "These stages ship too, beside the last one.", '["api", "worker"]'),
    Described(
        "roles",
        "table of globs and roles",
        "What images are for: see [how it judges](judging.md).",
        '{ "docker/ci/*" = "ci", "*:tools" = "development" }',
    ),
    Described("build-arg", "table of names and texts", "Values of build arguments.", '{ VERSION = "1.22" }'),
    Described(
        "exclude", "list of globs", "What a walk through folders leaves out, in the place of the default.", '["old/*"]'
    ),
    Described("extend-exclude", "list of globs", "What a walk leaves out as well.", '["vendor", "*.generated"]'),
    Described(
        "force-exclude",
        "boolean",
        "Leave out files that are named on the command line, too, as pre-commit names them.",
        "true",
    ),
    Described("max-file-size", "number of bytes", "Larger files are not read.", "1000000"),
    Described("preview", "boolean", "Run the checks that are on trial.", "true"),
    Described("required-version", "text", "Versions of the linter that may read this configuration.", '">=0.1,<2"'),
    Described("require-plugins", "list of distributions", "Plugins that must be installed.", '["acme-lint"]'),
    Described(
        "images",
        "table of images",
        "What your own base images carry: see [configuration](configuration.md#your-own-images-and-packages).",
        '{ "registry.corp/go-builder" = { toolchains = ["go"] } }',
    ),
    Described(
        "packages",
        "table of managers",
        "What your own packages bring: see [configuration](configuration.md#your-own-images-and-packages).",
        '{ apt = { acme-sdk = ["acme-sdk"] } }',
    ),
    Described("format", "text", "The [report](ci.md), or one of a plugin.", '"concise"'),
    Described("output-file", "path", "Where the report is written; standard output without it.", '"report.json"'),
    Described(
        "baseline",
        "path",
        "A file of findings to leave out, seen from the configuration's folder: see [taking it up](adoption.md).",
        '".lint-multistage-baseline.json"',
    ),
    Described(
        "extend",
        "path or `package:…`",
        "Another configuration that this one adds to: a file, or a file of an installed distribution.",
        '"package:acme_lint/base.toml"',
    ),
)
"""In the order of the page: which checks, how the files are built, which files, the rest."""


def default(key: str) -> str:
    """The default of a key, as it would stand in a TOML file, or in words."""
    if key == "extend":
        return "none"
    value = getattr(Settings(), key.replace("-", "_"))
    if value is DEFAULT_EXCLUDE:
        return ", ".join(f"`{glob}`" for glob in value)
    if isinstance(value, bool):
        return f"`{str(value).lower()}`"
    if isinstance(value, Severity):
        return f"`{value.value}`"
    if isinstance(value, Mapping | tuple | str) and not value:
        return "all" if key == "select" else "any" if key == "required-version" else "none"
    return f"`{value}`"
