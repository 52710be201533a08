"""Files that are made from the code: the pages of the checks and of the settings,
the schema of the JSON report, and the hooks of pre-commit.

`python -m lint_multistage.docs` writes them, in the folder of the project; with `--check` it says which are stale.
"""

from __future__ import annotations

import inspect
import json
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path

import msgspec

from lint_multistage.check import Check, Invalid
from lint_multistage.findings import Failure, Note, Safety
from lint_multistage.plugins import verified
from lint_multistage.project.files import build_file_pattern
from lint_multistage.reports.json import VERSION
from lint_multistage.results import PlacedFinding
from lint_multistage.settings.described import KEYS, default
from lint_multistage.settings.files import DOCKERFILE

PAGES = "docs/checks"
SETTINGS = "docs/settings.md"
SCHEMA = "docs/report.schema.json"
HOOKS = ".pre-commit-hooks.yaml"
_SHOWN = 3


def page(check: type[Check]) -> str:
    """The page of a check in Markdown."""
    documentation = inspect.cleandoc(check.__doc__ or "").strip()
    parts = [
        f"# {check.code} {check.name()}",
        f"Severity: **{check.severity.value}**{' (preview)' if check.preview else ''} · {_fixes(check)}",
        documentation,
    ]
    if check.yields_to:
        parts.append(f"Where {_codes(check.yields_to)} speaks of the same fault, only that is reported.")
    if check.invalid:
        parts.append("## Reported")
        for example in check.invalid[:_SHOWN]:
            parts.append(_block(example.text.replace("«", "").replace("»", "")))
            if example.fixed is not None:
                parts += ["fixed:", _block(example.fixed)]
    if check.valid:
        parts.append("## Not reported")
        parts += [_block(example.text) for example in check.valid[:_SHOWN]]
    parts += [
        "## Allow it",
        _block(f"# lint-multistage: ignore[{check.code}] why"),
        f"above the instruction (above `FROM` for the whole stage), or `ignore = {check.code}` in the configuration.",
    ]
    return "\n\n".join(parts) + "\n"


def index(checks: Iterable[type[Check]]) -> str:
    """The page that lists the checks."""
    rows = [
        f"| [{check.code}]({check.code}.md) | {check.name()} | {_summary(check)} | {check.severity.value} |"
        for check in checks
    ]
    return "\n".join(["# Checks", "", "| code | name | finds | severity |", "|---|---|---|---|", *rows]) + "\n"


def settings() -> str:
    """The page that lists the keys of a configuration."""
    parts = [
        "# Settings",
        "Every key of a [configuration](configuration.md), as it stands in `.lint-multistage.toml`, or under\n"
        "`[tool.lint-multistage]` in `pyproject.toml`. `lint-multistage --show-settings FILE` prints what holds for a\n"
        "file, and where it comes from.",
    ]
    for described in KEYS:
        parts += [
            f"## {described.key}",
            described.meaning,
            f"Takes: {described.kind}. Default: {default(described.key)}.",
            f"```toml\n{described.key} = {described.example}\n```",
        ]
    return "\n\n".join(parts) + "\n"


def schema() -> str:
    """The JSON schema of the report in JSON, made from what it is written from."""
    (finding, note, failure), parts = msgspec.json.schema_components((PlacedFinding, Note, Failure))
    for name in ("source", "content"):
        del parts["PlacedFinding"]["properties"][name]
    for name in ("Note", "Failure"):
        # Those with a default are written all the same.
        parts[name]["required"] = list(parts[name]["properties"])
    for part in parts.values():
        part.pop("description", None)
    text = {"type": "string"}
    properties = {
        "version": {"const": VERSION},
        "tool": {"type": "object", "properties": {"name": text, "version": text}, "required": ["name", "version"]},
        "files": {"type": "array", "items": text},
        "findings": {"type": "array", "items": finding},
        "notes": {"type": "array", "items": note},
        "errors": {"type": "array", "items": failure},
    }
    document = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "The report of lint-multistage in JSON",
        "type": "object",
        "properties": properties,
        "required": list(properties),
        "$defs": parts,
    }
    return json.dumps(document, indent=2) + "\n"


def hooks() -> str:
    """The hooks that pre-commit and prek offer; they lint what a walk through folders would."""
    parts = []
    for name, entry, description in (
        ("lint-multistage", "lint-multistage --force-exclude", "Lint multi-stage Dockerfiles."),
        ("lint-multistage-fix", "lint-multistage --force-exclude --fix", "Lint, and apply safe fixes."),
    ):
        parts.append(
            f"- id: {name}\n  name: {name}\n  description: {description}\n  entry: {entry}\n  language: python\n"
            f"  files: '{DOCKERFILE}'\n  require_serial: true\n"
        )
    parts.append(
        "- id: lint-multistage-project\n  name: lint-multistage-project\n"
        "  description: Lint all Dockerfiles whenever one of them, or a file that builds them, changes.\n"
        "  entry: lint-multistage\n  language: python\n"
        f"  files: '{DOCKERFILE}|{build_file_pattern()}'\n  pass_filenames: false\n  require_serial: true\n"
    )
    return "".join(parts)


def files() -> dict[str, str]:
    """Every generated file by its path."""
    checks = verified(()).checks
    pages = {f"{PAGES}/{check.code}.md": page(check) for check in checks}
    return pages | {f"{PAGES}/README.md": index(checks), SETTINGS: settings(), SCHEMA: schema(), HOOKS: hooks()}


def _summary(check: type[Check]) -> str:
    return inspect.cleandoc(check.__doc__ or "").partition("\n")[0].rstrip(".")


def _fixes(check: type[Check]) -> str:
    offered = [
        example
        for example in check.invalid
        if isinstance(example, Invalid) and (example.fixed is not None or example.words)
    ]
    if not offered:
        return "no fix"
    every = len(offered) == len(check.invalid)
    return f"{'fixable' if every else 'sometimes fixable'} with `--fix`{_unsafe(check)}"


def _unsafe(check: type[Check]) -> str:
    text = inspect.cleandoc(check.__doc__ or "").partition("## Fix safety")[2].strip().lower()
    return " `--unsafe-fixes`" if text.startswith(Safety.UNSAFE.value) else ""


def _codes(codes: Sequence[str]) -> str:
    return codes[0] if len(codes) == 1 else f"{', '.join(codes[:-1])} or {codes[-1]}"


def _block(text: str) -> str:
    return f"```dockerfile\n{text.rstrip()}\n```"


def main(arguments: Sequence[str], root: Path = Path()) -> int:
    """Write the files, or with `--check` say which are stale and give 1."""
    wanted = files()
    present = {path.as_posix(): root / path for path in map(Path, wanted) if (root / path).exists()}
    present |= {f"{PAGES}/{path.name}": path for path in (root / PAGES).glob("*.md")}
    stale = {
        path
        for path in wanted.keys() | present.keys()
        if path not in present or present[path].read_text(encoding="utf-8") != wanted.get(path)
    }
    if "--check" in arguments:
        for path in sorted(stale):
            print(f"{path} is stale: run python -m lint_multistage.docs", file=sys.stderr)
        return int(bool(stale))
    for path in stale:
        if path not in wanted:
            present[path].unlink()
            continue
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text(wanted[path], encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
