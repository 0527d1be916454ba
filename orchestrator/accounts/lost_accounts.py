"""Accounts that AWS has made and the organisation's state no longer holds: recorded by their id, never made twice.

A refresh takes a closed account out of the state, as the provider says that it is gone; the next `up` would then ask
AWS for a second account with the same email. Source: terraform-provider-aws, findAccountByID in
`internal/service/organizations/account.go`: an account whose status is SUSPENDED is not found.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from landing_zone.fleet import Manifest
from landing_zone.lock import Lock
from orchestrator.files.workspace import Workspace
from orchestrator.planning.plan import PlannedStack
from orchestrator.state.backends import stack_record_name
from orchestrator.state.state_files import FolderObjects, checkpoint_key

ACCOUNT_TYPE = "aws:organizations/account:Account"


def lost_accounts(manifest: Manifest, lock: Lock, workspace: Workspace, organization: PlannedStack) -> dict[str, str]:
    """Return name and id of each account that the lock knows and the organisation's state has not; none before it."""
    found = resources_of(workspace, organization)
    if not found:
        return {}
    held = {str(entry.get("id")) for entry in found if entry.get("type") == ACCOUNT_TYPE}
    return {
        account.name: lock.accounts[account.name]
        for account in manifest.members
        if not account.id and account.name in lock.accounts and lock.accounts[account.name] not in held
    }


def recorded(manifest: Manifest, lost: Mapping[str, str]) -> Manifest:
    """Return the manifest with these accounts as ones that exist already, which the program only records."""
    accounts = (replace(each, id=lost[each.name]) if each.name in lost else each for each in manifest.accounts)
    return replace(manifest, accounts=tuple(accounts)) if lost else manifest


def warnings_of(lost: Mapping[str, str]) -> tuple[str, ...]:
    """Return what is to be said of lost accounts."""
    return tuple(
        f"the account {name} ({account_id}) is in fleet.lock.yaml and not in the organisation's state, as when AWS "
        f"has closed it; it is recorded by its id, not made a second time\n"
        f"next: fleetyard accounts show {name} --live; if it is closed: fleetyard accounts suspend {name}"
        for name, account_id in lost.items()
    )


def resources_of(workspace: Workspace, planned: PlannedStack) -> Sequence[Mapping[str, Any]]:
    """Return the resources in the state of a stack whose state is in files; none where it cannot be read."""
    content = FolderObjects(workspace.state).read(checkpoint_key(*stack_record_name(workspace, planned)))
    try:
        entries = json.loads(content or b"")["checkpoint"]["latest"]["resources"]
    except (ValueError, KeyError, TypeError):
        return ()
    return [entry for entry in entries if isinstance(entry, Mapping)] if isinstance(entries, list) else ()
