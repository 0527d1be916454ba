"""Shows what `accounts discover` found: a table for people, an object for programs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from orchestrator.accounts.discovery import Difference, Discovery

_HEAD = ("what", "account or unit", "id", "in AWS", "in the manifest")


def discovery_as_json(found: Discovery) -> Mapping[str, object]:
    """Return the result as a JSON object."""
    return {
        "organization_id": found.organization_id,
        "accounts": found.accounts,
        "units": found.units,
        "calls": found.calls,
        "differences": differences_as_json(found.differences),
    }


def differences_as_json(differences: Sequence[Difference]) -> list[Mapping[str, object]]:
    """Return differences as JSON objects."""
    return [
        {
            "kind": each.kind.name.lower(),
            "subject": each.subject,
            "id": each.id or None,
            "aws": each.aws or None,
            "manifest": each.manifest or None,
        }
        for each in differences
    ]


def discovery_as_text(found: Discovery) -> str:
    """Return the result as a table under a line that says what was compared."""
    count = len(found.differences)
    words = "no difference" if not count else f"{count} difference{'s' if count > 1 else ''}"
    head = (
        f"{found.organization_id}: {found.accounts} accounts and {found.units} units in AWS, "
        f"read with {found.calls} calls; {words}"
    )
    if not count:
        return head
    rows = [_HEAD, *((e.kind.value, e.subject, e.id, e.aws, e.manifest) for e in found.differences)]
    widths = [max(len(row[column]) for row in rows) for column in range(len(_HEAD))]
    lines = ["  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows]
    return "\n".join([head, "", *lines])
