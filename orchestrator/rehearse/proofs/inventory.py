"""What an account holds, by name or id: roles and what they may do, buckets, keys, VPCs, zones and so on.

Read with the account's own administrator role, so that two readings can be compared: before and after. Every service
in which the rehearsal's provider makes something is read, or left out for a reason: `inventory_readers` has both.
"""

from __future__ import annotations

from orchestrator.rehearse.access import Access, Credentials
from orchestrator.rehearse.proofs import inventory_readers
from orchestrator.rehearse.proofs.inventory_readers import READERS, READERS_BY_ACCOUNT

Inventory = frozenset[str]
"""One line per thing, such as `role Admin`, `role Admin attached arn:...`, `bucket x`, `vpc vpc-1`, `key 1f…`."""

DELEGATION = inventory_readers.DELEGATION
"""Begins the line of a zone that the account's own zone delegates, often into another account; its domain follows."""

ZONE = inventory_readers.ZONE
"""Begins the line of a zone; its domain follows."""


def take_inventory(access: Access, credentials: Credentials) -> Inventory:
    """Return what the account of these credentials holds in the services that are read, of the fleet's region."""
    account_id = str(access.client("sts", credentials).get_caller_identity()["Account"])
    return frozenset(
        (
            *(line for name, read in READERS.items() for line in read(access.client(name, credentials))),
            *(
                line
                for name, read in READERS_BY_ACCOUNT.items()
                for line in read(access.client(name, credentials), account_id)
            ),
        )
    )


def difference(before: Inventory, after: Inventory) -> list[str]:
    """Return what came (`+`) and went (`-`) between two readings, sorted."""
    return sorted([f"+ {line}" for line in after - before] + [f"- {line}" for line in before - after])
