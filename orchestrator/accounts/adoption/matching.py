"""Which account and which unit of the manifest is which of AWS. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from landing_zone.fleet import Manifest
from landing_zone.lock import Lock, resolve_lock
from orchestrator.accounts.adoption.found import FoundAccount, FoundOrganization, FoundUnit

Names = tuple[str, ...]
"""AWS's names of a unit from the root down; empty for the root."""


@dataclass(frozen=True, slots=True)
class Matching:
    """The manifest's accounts by name and units by path, each with what AWS has; without those AWS has not.

    `by_email` are names of accounts that neither lock nor manifest has an id of. `root_path` is the unit that stands
    for the root, empty where none does.
    """

    accounts: Mapping[str, FoundAccount]
    units: Mapping[str, FoundUnit]
    by_email: frozenset[str]
    root_path: str = ""

    def account_named(self, account_id: str) -> str:
        """Return the manifest's name of an account of AWS, empty where it has none."""
        return next((name for name, account in self.accounts.items() if account.id == account_id), "")

    def path_of(self, parent_id: str, root_id: str) -> str | None:
        """Return the manifest's path of a unit of AWS or of the root; None where it has none."""
        if parent_id == root_id:
            return self.root_path or None
        return next((path for path, unit in self.units.items() if unit.id == parent_id), None)


def match(manifest: Manifest, lock: Lock, found: FoundOrganization) -> Matching:
    """Return what belongs together: accounts by id, without one by email; units by AWS's names from the root down."""
    ids = resolve_lock(manifest, lock).accounts
    by_id = {account.id: account for account in found.accounts}
    by_mail = {account.email.lower(): account for account in found.accounts}
    taken = set(ids.values())
    accounts: dict[str, FoundAccount] = {}
    guessed = set()
    for account in manifest.accounts:
        same = by_id.get(ids.get(account.name, ""))
        if same is None and account.name not in ids:
            same = by_mail.get(account.email.lower())
            if same is not None and same.id in taken:
                same = None
            if same is not None:
                guessed.add(account.name)
        if same is not None:
            accounts[account.name] = same
    by_names = {unit.names: unit for unit in found.units}
    names = unit_names(manifest)
    units = {path: by_names[each] for path, each in names.items() if each and each in by_names}
    root = next((unit.path for unit in manifest.units if unit.root), "")
    return Matching(accounts, units, frozenset(guessed), root)


def unit_names(manifest: Manifest) -> Mapping[str, Names]:
    """Return AWS's names of each unit of the manifest, by path; none for the one that stands for the root."""
    found: dict[str, Names] = {}
    for unit in manifest.units:
        found[unit.path] = () if unit.root else (*found.get(unit.parent, ()), unit.aws_name or unit.name)
    return found
