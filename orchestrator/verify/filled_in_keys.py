"""Condition keys that AWS fills in by itself from what a probe says elsewhere: giving another value means no call.

Source: IAM User Guide, "AWS global condition context keys".
"""

from __future__ import annotations

from landing_zone.manifest.rules_probes import ProbeLine
from landing_zone.substitution import account_in, references
from orchestrator.verify.resources import owner_of

_BY_CALLER = "follows from who makes the call: write role in place of it, or leave it out for an administrator"
_BY_ORGANIZATION = "is that of the fleet's organisation, for every account: leave it out"

_REASONS = {
    "aws:requestedregion": "is where the call goes: write region in place of it",
    "aws:principalaccount": "is the account where it is tried: select it with accounts or units",
    "aws:principalorgid": _BY_ORGANIZATION,
    "aws:principalorgpaths": _BY_ORGANIZATION,
    **dict.fromkeys(
        (
            "aws:principalarn",
            "aws:principalisawsservice",
            "aws:principalservicename",
            "aws:principalservicenameslist",
            "aws:principaltype",
            "aws:username",
        ),
        _BY_CALLER,
    ),
}
"""Why, by keys in lower case."""

_OF_RESOURCES = ("aws:resourceaccount", "aws:resourceorgid", "aws:resourceorgpaths")
_BY_RESOURCE = "follows from the resource: write resource in place of it, an ARN with its account"
_ACCOUNT_FIELDS = ("account.id", "management_account_id")


def filled_in(line: ProbeLine, key: str) -> str:
    """Return why a probe cannot give a key and what to write in place of it; empty for one that it may give."""
    plain = key.lower()
    if plain in _OF_RESOURCES:
        return _BY_RESOURCE if _knows_owner(line, whose=plain == "aws:resourceaccount") else ""
    return _REASONS.get(plain, "")


def _knows_owner(line: ProbeLine, *, whose: bool) -> bool:
    """Tell whether the resource says whose it is; for `whose` any account, else one of the fleet.

    Without a resource, and for what is no single one, it is the account where the call is made. The ARN of a bucket
    names no account.
    """
    if line.resource is None or not line.resource.value.startswith("arn:"):
        return True
    fields = line.resource.value.split(":", 5)
    owner = fields[4] if len(fields) > 4 else ""
    names = [name for name, _ in references(owner)]
    if any(name in _ACCOUNT_FIELDS or account_in(name) for name in names):
        return True
    return whose and bool(owner_of(line.resource.value))
