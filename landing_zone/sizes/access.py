"""Measures the documents of permissions, hub, spoke and organisation reader against AWS's limits."""

from __future__ import annotations

from collections.abc import Iterator

from landing_zone import limits
from landing_zone.documents.hub import hub_only_trust, hub_policy, hub_trust
from landing_zone.fleet import Manifest
from landing_zone.identifiers import role_arn
from landing_zone.substitution import account_in, substitute

Size = tuple[str, int, int, tuple[str | int, ...]]
"""What is measured, its size, AWS's limit, and the manifest's block that makes it grow."""

_ANY_ACCOUNT_ID = "0" * 12


def measure_access(manifest: Manifest, organization_id: str) -> Iterator[Size]:
    """Yield the sizes; what differs between accounts is stood in for by the longest there is."""
    longest = _longest(manifest, organization_id)

    def value_of(reference: str) -> str:
        return _ANY_ACCOUNT_ID if account_in(reference) else longest.get(reference, "${" + reference + "}")

    for name, one in manifest.access.permissions.items():
        size = limits.measure(substitute(one.document, value_of))
        yield f"policy of the permissions {name}", size, limits.MANAGED_POLICY, ("permissions", name, "file")
    hub = manifest.access.hub
    if hub is None:
        return
    management_id = manifest.management_account.id
    arns = [role_arn(management_id, name) for name in hub.management_roles]
    reader = manifest.access.organization_reader
    trusts = {
        "trust of the hub": (hub_trust(management_id, arns, hub.services), ("hub", "trusted")),
        "trust of the spoke": (
            hub_only_trust(_ANY_ACCOUNT_ID, role_arn(_ANY_ACCOUNT_ID, hub.role), organization_id),
            ("hub", "spoke"),
        ),
    }
    for what, (trust, path) in trusts.items():
        yield what, limits.measure(trust), limits.TRUST_POLICY, path
    own = hub_policy(hub.spoke.role, organization_id, role_arn(management_id, reader) if reader else "")
    yield "policy of the hub", limits.measure(own), limits.ROLE_INLINE_POLICIES, ("hub",)


def _longest(manifest: Manifest, organization_id: str) -> dict[str, str]:
    def of(field: str) -> str:
        return max((str(getattr(account, field)) for account in manifest.members), key=len, default="")

    return {
        "account.id": _ANY_ACCOUNT_ID,
        "account.name": of("name"),
        "account.stage": of("stage"),
        "account.unit": of("unit"),
        "organization": manifest.organization,
        "organization_id": organization_id,
        "region": manifest.region,
        "management_account_id": manifest.management_account.id,
    }
