"""JSON as Pulumi's CLI writes it, so that either engine's files differ only where their content does.

Source: Go `encoding/json` with and without HTML escaping; Pulumi `pkg/cmd/pulumi/ui/json.go`.
"""

from __future__ import annotations

import json
from typing import Any

_LARGEST_EXACT = 2**53


def plain_json(value: Any) -> Any:
    """Return a value with maps in key order and numbers as Go prints them: whole ones without a fraction."""
    if isinstance(value, dict):
        return {key: plain_json(value[key]) for key in sorted(value)}
    if isinstance(value, list | tuple):
        return [plain_json(item) for item in value]
    if isinstance(value, float):
        return go_number(value)
    return value


def go_number(value: float) -> int | float:
    """Return a number in the form whose text is Go's: no `.0`, no exponent below 1e21."""
    return int(value) if value.is_integer() and abs(value) < 1e21 else value


def compact(value: Any, *, escape_html: bool = False) -> str:
    """Write JSON without white space; maps keep their order. HTML escaping is that of Go's default marshaller."""
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    return _escape_html(text) if escape_html else text


def indented(value: Any, spaces: int = 2) -> str:
    """Write JSON over several lines; maps keep their order, empty ones stay on one line."""
    return json.dumps(value, ensure_ascii=False, indent=spaces, allow_nan=False)


def _escape_html(text: str) -> str:
    return text.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026")
