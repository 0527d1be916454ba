"""Accounts and units that the manifest marks as adopted and the organisation's state does not hold: never made anew.

`accounts adopt` writes the manifest before it takes anything into the state. Killed in between, it leaves such marks;
a run of the organisation would ask AWS to make what exists, which only the check of the email stands against.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from landing_zone.fleet import Manifest
from landing_zone.lock import Lock
from landing_zone.stack_config.adoption import OrganizationImports
from orchestrator.accounts.adoption.errors import AdoptionPending
from orchestrator.accounts.lost_accounts import ACCOUNT_TYPE, resources_of
from orchestrator.files.workspace import Workspace
from orchestrator.planning.plan import PlannedStack

UNIT_TYPE = "aws:organizations/organizationalUnit:OrganizationalUnit"
_SHOWN = 6


@dataclass(frozen=True, slots=True)
class PendingAdoptions:
    """Names of accounts and paths of units that wait to be taken in; `first` where no adoption has ever ended."""

    accounts: tuple[str, ...] = ()
    units: tuple[str, ...] = ()
    first: bool = False


def pending_adoptions(
    manifest: Manifest,
    lock: Lock,
    workspace: Workspace,
    organization: PlannedStack,
    imports: OrganizationImports | None = None,
) -> PendingAdoptions:
    """Return what an up of the organisation would make though it was adopted; `imports` is what the run takes in.

    An account that the lock knows and a state has lost is none of them: the program only records it.
    """
    taken = imports or OrganizationImports()
    found = resources_of(workspace, organization)
    held = {(str(each.get("type")), str(each.get("urn", "")).split("::", 3)[-1]) for each in found}
    recorded = lock.accounts if found else {}
    return PendingAdoptions(
        tuple(
            account.name
            for account in manifest.members
            if account.adopted
            and not account.id
            and account.name not in {*recorded, *taken.accounts}
            and (ACCOUNT_TYPE, account.name) not in held
        ),
        tuple(
            unit.path
            for unit in manifest.units
            if unit.adopted and not unit.root and unit.path not in taken.units and (UNIT_TYPE, unit.path) not in held
        ),
        first=not found or not lock.organization_id,
    )


def refuse_pending(pending: PendingAdoptions) -> None:
    """Raise AdoptionPending, naming accounts and units, unless nothing waits to be taken in."""
    words = [*_named("account", pending.accounts), *_named("unit", pending.units)]
    if not words:
        return
    whole = pending.first or not pending.accounts
    raise AdoptionPending(
        f"{' and '.join(words)} marked as adopted and not in the organisation's state",
        subject=", ".join([*pending.accounts, *pending.units][:_SHOWN]),
        why="an adoption was broken off; AWS would be asked to make them a second time",
        not_run="any stack",
        hint=f"fleetyard accounts adopt {'--all' if whole else pending.accounts[0]}",
    )


def _named(thing: str, names: Sequence[str]) -> Sequence[str]:
    return [f"{len(names)} {thing}{'' if len(names) == 1 else 's'}"] if names else []
