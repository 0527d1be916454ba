"""Accounts that only one of lock and organisation's state has: recorded by their id, never made twice.

A refresh takes a closed account out of the state, as the provider says that it is gone; the next `up` would then ask
AWS for a second account with the same email. Source: terraform-provider-aws, findAccountByID in
`internal/service/organizations/account.go`: an account whose status is SUSPENDED is not found.

The other way round, a run that fails after AWS has made an account exports nothing, and the state alone has its id.
"""

from __future__ import annotations

import json
import re
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
_ORGANIZATION_TYPE = "aws:organizations/organization:Organization"
_ACCOUNT_ID = re.compile(r"[0-9]{12}")


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


def held_accounts(workspace: Workspace, organization: PlannedStack) -> dict[str, str]:
    """Return name and id of each account that the organisation's state holds, by the names its program gives them."""
    return {
        _name(entry): str(entry["id"])
        for entry in resources_of(workspace, organization)
        if entry.get("type") == ACCOUNT_TYPE and _ACCOUNT_ID.fullmatch(str(entry.get("id"))) and not entry.get("delete")
    }


def with_held(manifest: Manifest, lock: Lock, workspace: Workspace, organization: PlannedStack) -> Lock:
    """Return the lock with the ids of accounts that it does not know and the organisation's state has.

    Organisation and root come from there too, where the run that failed was the first one; without them a lock cannot
    be written, and stays as it was.
    """
    held, known = held_accounts(workspace, organization), {"", *lock.accounts.values()}
    unknown = {
        each.name: held[each.name]
        for each in manifest.members
        if not each.id and each.name not in lock.accounts and held.get(each.name, "") not in known
    }
    organization_id, root_id = lock.organization_id, lock.root_id
    if unknown and lock.is_empty:
        organization_id, root_id = _organization(resources_of(workspace, organization))
    if not (unknown and organization_id and root_id):
        return lock
    accounts = {**lock.accounts, **unknown}
    return replace(lock, organization_id=organization_id, root_id=root_id, accounts=accounts)


def _organization(resources: Sequence[Mapping[str, Any]]) -> tuple[str, str]:
    """Return the ids of organisation and root as a state has them, empty where it has not."""
    for entry in resources:
        if entry.get("type") == _ORGANIZATION_TYPE:
            outputs = entry.get("outputs")
            roots = outputs.get("roots") if isinstance(outputs, Mapping) else None
            root = roots[0] if isinstance(roots, list) and roots and isinstance(roots[0], Mapping) else {}
            return str(entry.get("id") or ""), str(root.get("id") or "")
    return "", ""


def _name(entry: Mapping[str, Any]) -> str:
    """Return the name that the program gives a resource, the last part of its URN."""
    return str(entry.get("urn", "")).split("::", 3)[-1]


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
