"""The resource that a probe means where it names none: one of a name that nothing has, of the kind the action takes."""

from __future__ import annotations

from orchestrator.validation.aws_actions import aws_actions

NAME = "fleetyard-probe"
"""What is called so is a probe's own; nothing of a fleet is."""

_ANY = "*"
_FIELDS = 6


def resource_of(action: str, account_id: str, region: str) -> str:
    """Return an ARN of the first kind of resource that the action takes, `*` for one that takes none."""
    service, _, name = action.lower().partition(":")
    known = aws_actions()
    forms = known.resources(service, name) if name in known.names(service) else ()
    if not forms:
        return _ANY
    parts = forms[0].split(":", _FIELDS - 1)
    if len(parts) < _FIELDS:
        return _ANY
    where = [value if part == _ANY else part for part, value in zip(parts[3:5], (region, account_id), strict=True)]
    return ":".join(["arn", "aws", parts[2], *where, parts[5].replace(_ANY, NAME)])


def owner_of(resource: str) -> str:
    """Return the id of the account in an ARN; empty where it names none, as buckets' do, and for what is no ARN."""
    parts = resource.split(":", _FIELDS - 1)
    return parts[4] if len(parts) == _FIELDS and parts[4].isdigit() else ""
