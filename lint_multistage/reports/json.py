"""The report that programs read."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import msgspec
from msgspec.structs import replace

from lint_multistage import __version__
from lint_multistage.findings import Failure, Note
from lint_multistage.results import Results

VERSION = 1


def render(results: Results) -> str:
    """The run as one JSON object; its form changes only with a major version."""
    return document(
        {
            "version": VERSION,
            "tool": {"name": "lint-multistage", "version": __version__},
            "files": results.files,
            "findings": [replace(finding, source=msgspec.UNSET, content=msgspec.UNSET) for finding in results.findings],
            "notes": notes(results.notes),
            "errors": errors(results.failures),
        }
    )


def notes(said: Iterable[Note]) -> list[dict[str, Any]]:
    """The entries of `notes`."""
    return [{"path": note.path, "line": note.line, "kind": note.kind, "message": note.message} for note in said]


def errors(failures: Iterable[Failure]) -> list[dict[str, Any]]:
    """The entries of `errors`."""
    return [{"path": failure.path, "code": failure.code, "message": failure.message} for failure in failures]


def document(value: dict[str, Any] | list[dict[str, Any]]) -> str:
    """`value` as indented JSON, ending with a line break. Bytes that are not UTF-8 become U+FFFD."""
    try:
        encoded = msgspec.json.encode(value, enc_hook=str)
    except UnicodeEncodeError:
        encoded = msgspec.json.encode(_encodable(msgspec.to_builtins(value, enc_hook=str)))
    return msgspec.json.format(encoded, indent=2).decode() + "\n"


def _encodable(value: Any) -> Any:
    """`value` with lone surrogates replaced."""
    if isinstance(value, str):
        return value.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
    if isinstance(value, dict):
        return {_encodable(key): _encodable(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_encodable(item) for item in value]
    return value
