"""Takes an account out of manifest, organisation state and lock, in an order in which it can be cut short anywhere.

    manifest ──▶ the organisation's state ──▶ lock

While the manifest alone is done, a run of the organisation is refused by the account's protection; while the lock is
not done it still tells name and id, by which the same command goes on. In AWS nothing is changed.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

from landing_zone.lock import Lock, load_lock, write_lock
from orchestrator.accounts.forget_job import ForgetResult, Forgotten
from orchestrator.accounts.manifest_edits import ManifestEdit
from orchestrator.accounts.release import AccountRecord, AccountStates, OnForgotten, refuse_in_use, refuse_unreleasable

Say = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Removal:
    """What is to be taken out; `edit` is None if the manifest does not have the account any more."""

    name: str
    account_id: str
    record: AccountRecord
    edit: ManifestEdit | None


def refuse_removal(record: AccountRecord) -> None:
    """Raise AccountInUse or NotReleasable unless nothing of the account is deployed and nothing in its way."""
    refuse_in_use(record)
    refuse_unreleasable(record)


def remove_account_everywhere(
    removal: Removal, states: AccountStates, lock_path: Path, forgotten: OnForgotten
) -> ForgetResult | None:
    """Take an account out, and return what became of its resource in the organisation's state, None if it has no id.

    Raises: ReleaseIncomplete, ManifestChanged, ManifestUnwritable; repeated, it goes on from there.
    """
    states.forget_stacks(removal.record.empty, forgotten)
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
