"""Accounts that AWS has made and the lock does not know, as after a run that was killed: they count as made."""

from __future__ import annotations

from landing_zone.fleet import Manifest
from landing_zone.lock import LOCK_NAME, Lock
from orchestrator.accounts.errors import AccountNotInLock
from orchestrator.accounts.lost_accounts import held_accounts
from orchestrator.files.workspace import Workspace
from orchestrator.planning.plan import ORGANIZATION, make_plan
from orchestrator.stack_id import StackId


def refuse_unlocked(manifest: Manifest, lock: Lock, workspace: Workspace, name: str) -> None:
    """Raise AccountNotInLock for an account whose id the organisation's state has and the lock has not."""
    if name in lock.accounts:
        return
    organization = make_plan(manifest).stack(StackId(ORGANIZATION, manifest.management_account.name))
    account_id = held_accounts(workspace, organization).get(name)
    if account_id is None:
        return
    raise AccountNotInLock(
        f"AWS has made {name}, and {LOCK_NAME} does not know it",
        subject=account_id,
        why="a run of the organisation ended before it could write the id down; its state has it",
        not_run="nothing was touched",
        hint=f"fleetyard up --stack {ORGANIZATION}, which writes it down also where it fails; then repeat the command",
    )
