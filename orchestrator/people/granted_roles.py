"""The part of a manifest's grants that somebody asks for: management role, account, role."""

from __future__ import annotations

import difflib
import fnmatch
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from landing_zone.fleet import Account, ManagementRole, Manifest
from landing_zone.lock import Lock
from orchestrator.people.errors import NotGranted


@dataclass(frozen=True, slots=True)
class Grant:
    """A role in an account that a management role may assume. `account_id` is empty before AWS has made the account."""

    management_role: ManagementRole
    account: Account
    account_id: str
    role: str


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is asked for; an empty text means all. `account` is a name, a glob or an id, `role` a name or a glob."""

    account: str = ""
    role: str = ""
    management_role: str = ""


def granted(manifest: Manifest, lock: Lock, wanted: Wanted = Wanted()) -> tuple[Grant, ...]:
    """Return the grants asked for, by management role, account and role in the manifest's order.

    Raises: NotGranted, naming the nearest name, when nothing fits.
    """
    every = tuple(_every_grant(manifest, lock))
    found = tuple(grant for grant in every if _fits(grant, wanted))
    if not found:
        raise _nothing_fits(manifest, every, wanted)
    return found


def _every_grant(manifest: Manifest, lock: Lock) -> Iterable[Grant]:
    hub = manifest.access.hub
    for management_role in manifest.management_roles.values():
        for account in manifest.members:
            held = management_role.granted.get(account.name, ())
            for role in manifest.roles:
                if role in held:
                    yield Grant(management_role, account, lock.accounts.get(account.name, ""), role)
            if hub is not None and hub.account == account.name and manifest.access.becomes_hub(management_role.name):
                yield Grant(management_role, account, lock.accounts.get(account.name, ""), hub.role)


def _fits(grant: Grant, wanted: Wanted) -> bool:
    names = (grant.account.name, *([grant.account_id] if grant.account_id else []))
    return (
        (not wanted.account or any(fnmatch.fnmatchcase(name, wanted.account) for name in names))
        and (not wanted.role or fnmatch.fnmatchcase(grant.role, wanted.role))
        and wanted.management_role in {"", grant.management_role.name}
    )


def _nothing_fits(manifest: Manifest, every: Sequence[Grant], wanted: Wanted) -> NotGranted:
    known = {
        "account": ([grant.account.name for grant in every] + [grant.account_id for grant in every], wanted.account),
        "role": ([grant.role for grant in every], wanted.role),
        "management role": ([grant.management_role.name for grant in every], wanted.management_role),
    }
    for kind, (names, asked) in known.items():
        if asked and not fnmatch.filter(names, asked):
            near = difflib.get_close_matches(asked, names, n=1)
            return NotGranted(
                f"the manifest grants nothing for the {kind} {asked}",
                subject=str(manifest.path),
                why=f"did you mean {near[0]}?" if near else f"there are {_listed(names)}",
                hint="list what is granted: fleetyard console",
            )
    asked = ", ".join(text for text in (wanted.management_role, wanted.account, wanted.role) if text)
    return NotGranted(
        "the manifest grants no such thing",
        subject=asked,
        why="each of the names exists, but no management role is granted that role in that account",
        hint="list what is granted: fleetyard console",
    )


def _listed(names: Iterable[str]) -> str:
    return ", ".join(dict.fromkeys(name for name in names if name)) or "none"
