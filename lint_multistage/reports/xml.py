"""Parts of XML documents."""

from __future__ import annotations

import re

DECLARATION = '<?xml version="1.0" encoding="UTF-8"?>\n'


def text(value: str) -> str:
    """`value` as character data."""
    return _legal(value).replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").replace("\r", "&#13;")


def attributes(**values: str | int | None) -> str:
    """The attributes that have a value, each with a blank before it. Line breaks and tabs survive."""
    return "".join(f' {name}="{_attribute(str(value))}"' for name, value in values.items() if value is not None)


def _attribute(value: str) -> str:
    escaped = text(value).replace('"', "&quot;")
    return escaped.replace("\n", "&#10;").replace("\t", "&#9;")


def _legal(value: str) -> str:
    """`value` with U+FFFD for each character that XML 1.0 (section 2.2) does not allow, lone surrogates among them."""
    return re.sub("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]", "\ufffd", value)
