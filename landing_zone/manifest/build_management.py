"""Builds what the manifest says of the management account: state buckets, rights to them, Identity Center."""

from __future__ import annotations

from collections.abc import Mapping

from landing_zone.fleet import Account, IdentityCenterTrust, StateRights
from landing_zone.manifest.blocks import ListedSelectorBlock
from landing_zone.manifest.file_model import FleetBlock
from landing_zone.manifest.management_blocks import IdentityCenterBlock
from landing_zone.manifest.selection import Selector, select
from landing_zone.state_buckets import Retention, StateBuckets


def rights_of(written: str | Mapping[str, str]) -> tuple[StateRights, Mapping[str, StateRights]]:
    """Return the most that a management role may do with any state bucket, and what with each where they differ."""
    if isinstance(written, str):
        return StateRights(written), {}
    rights = {name: StateRights(right) for name, right in written.items()}
    return next((right for right in StateRights if right in rights.values()), StateRights.NONE), rights


def identity_center_of(block: IdentityCenterBlock | None) -> IdentityCenterTrust | None:
    """Return whom of Identity Center a management role trusts."""
    return IdentityCenterTrust(tuple(block.permission_sets), block.direct) if block else None


def listed_selector(block: ListedSelectorBlock, lists: Mapping[str, list[str]]) -> Selector:
    """Return a selector with what the account lists hold that it names."""
    listed = tuple(entry for name in block.lists for entry in lists[name]) if block.lists else None
    return Selector(tuple(block.accounts), tuple(block.stages), tuple(block.units), listed)


def build_state_buckets(fleet: FleetBlock, accounts: tuple[Account, ...]) -> StateBuckets:
    """Return the state buckets and whose workloads are in them."""
    retention, log = fleet.state_retention, fleet.state_access_log
    return StateBuckets(
        names=tuple(fleet.state_buckets),
        accounts={
            account.name: name
            for name, block in fleet.state_buckets.items()
            for account in select(accounts, listed_selector(block, fleet.account_lists))
        },
        retention=Retention(retention.old_versions_days, retention.newest_versions) if retention else None,
        access_log_days=log.days if log else 0,
    )
