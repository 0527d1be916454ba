"""Takes an account out of manifest, organisation state and lock, in an order in which it can be cut short anywhere.

    manifest ──▶ the organisation's state ──▶ lock

While the manifest alone is done, a run of the organisation is refused by the account's protection; while the lock is
not done it still tells name and id, by which the same command goes on. In AWS nothing is changed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from landing_zone.fleet import Manifest
from landing_zone.lock import LOCK_NAME, Lock, load_lock, write_lock
from orchestrator.accounts.editing.manifest_edits import ManifestEdit
from orchestrator.accounts.errors import AccountNeeded
from orchestrator.accounts.forget_job import ForgetResult, Forgotten
from orchestrator.accounts.lost_accounts import ACCOUNT_TYPE
from orchestrator.accounts.release import (
    AccountRecord,
    AccountStates,
    OnForgotten,
    refuse_in_use,
    refuse_unreleasable,
)
from orchestrator.accounts.retirement.rules import needed_as

Say = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Removal:
    """What is to be taken out; `edit` is None if the manifest does not have the account any more."""

    name: str
    account_id: str
    record: AccountRecord
    edit: ManifestEdit | None


def refuse_needed(manifest: Manifest, name: str) -> None:
    """Raise AccountNeeded for the management account, and for a member that the manifest gives a task of its own."""
    account = next((each for each in manifest.accounts if each.name == name), None)
    if account is None:
        return
    if account.management:
        raise AccountNeeded(
            f"{name} is the management account, which is never removed",
            subject=name,
            why="the organisation and everything in it rest on it",
            not_run="nothing was touched",
            hint="fleetyard accounts list has the accounts that can be removed",
        )
    if reasons := list(needed_as(manifest, account)):
        raise AccountNeeded(
            f"{name} cannot be removed while others need it",
            subject=name,
            why="; ".join(reasons),
            not_run="nothing was touched",
            hint="give that task to another account in the manifest, fleetyard up, then repeat the command",
        )


def refuse_removal(record: AccountRecord) -> None:
    """Raise AccountInUse or NotReleasable unless nothing of the account is deployed and nothing in its way."""
    refuse_in_use(record)
    refuse_unreleasable(record)


def removal_steps(removal: Removal) -> Iterator[str]:
    """Yield in words what `remove_account_everywhere` would do beside changing the manifest."""
    for stack in removal.record.empty:
        yield f"remove the empty state of {stack.id}"
    for orphan in removal.record.hollow:
        yield f"remove the empty state of {orphan}, which the manifest has no more"
    if removal.account_id:
        resource = f"{ACCOUNT_TYPE.rpartition(':')[2]} {removal.name} ({removal.account_id})"
        yield f"take the resource {resource} out of the organisation's state"
        yield f"take the line {removal.name}: {removal.account_id} out of {LOCK_NAME}"


def remove_account_everywhere(
    removal: Removal, states: AccountStates, lock_path: Path, forgotten: OnForgotten
) -> ForgetResult | None:
    """Take an account out, and return what became of its resource in the organisation's state, None if it has no id.

    Raises: ReleaseIncomplete, ManifestChanged, ManifestUnwritable; repeated, it goes on from there.
    """
    states.forget_stacks(removal.record.empty, forgotten)
    states.forget_orphans(removal.record.hollow, forgotten)
    if removal.edit is not None:
        removal.edit.write()
    result = None
    if removal.account_id:
        result = states.forget_account(removal.account_id)
        if result.outcome is Forgotten.FORGOTTEN:
            forgotten(result)
    forget_in_lock(lock_path, removal.name)
    return result


def forget_in_lock(path: Path, name: str) -> None:
    """Take an account's id out of the lock file; an absent one is left alone. Raises: LockUnreadable."""
    lock: Lock = load_lock(path)
    if name in lock.accounts:
        rest = {other: account_id for other, account_id in lock.accounts.items() if other != name}
        write_lock(path, replace(lock, accounts=rest))
