"""What adopting writes into the manifest and takes into the state. Pure: from what AWS has and the manifest says.

FoundOrganization + Manifest + Lock ─▶ AdoptionPlan: entries of the manifest, ids to import, what is left alone
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from landing_zone.fleet import Account, Manifest
from landing_zone.limits import ACCOUNT_NAME
from landing_zone.lock import Lock
from landing_zone.stack_config.adoption import OrganizationImports
from orchestrator.accounts.adoption.found import FoundAccount, FoundOrganization, FoundUnit
from orchestrator.accounts.adoption.matching import Matching, match
from orchestrator.accounts.retirement.retired_file import Retirement

STAGE_TAG = "stage"
ROOT_UNIT = "root"
_NOT_IN_ACCOUNT_NAMES = re.compile(r"[^A-Za-z0-9_-]+")
_NOT_IN_UNIT_NAMES = re.compile(r"[/*?\[\]]+")
_STAGE = re.compile(r"\S(.*\S)?")

Block = dict[str, Any]
"""A block of the manifest as JSON values."""


@dataclass(frozen=True, slots=True)
class AdoptionPlan:
    """What to write and what to import.

    `units` are keys of new units, by path; `accounts` new accounts by unit and name; `changed` keys to give accounts
    that the manifest has already (None takes one out); `top` keys of the whole manifest. `stageless` are the new
    accounts of which no stage is known; left out are `closed` ones and those `retiring`, with how far each is.
    """

    imports: OrganizationImports
    units: Mapping[str, Block] = field(default_factory=dict)
    accounts: Mapping[str, Mapping[str, Block]] = field(default_factory=dict)
    changed: Mapping[str, Block] = field(default_factory=dict)
    top: Block = field(default_factory=dict)
    stageless: tuple[str, ...] = ()
    closed: tuple[FoundAccount, ...] = ()
    retiring: tuple[Retirement, ...] = ()

    @property
    def new_accounts(self) -> int:
        """How many accounts the manifest did not have."""
        return sum(map(len, self.accounts.values()))


def plan_adoption(
    manifest: Manifest,
    lock: Lock,
    found: FoundOrganization,
    only: FoundAccount | None = None,
    stage: str = "",
    retired: Sequence[Retirement] = (),
) -> AdoptionPlan:
    """Return how to adopt one account with the units it stands in, or everything; `stage` is for those without one.

    Accounts that are retired or on their way out are left alone.
    """
    there = {account.id for account in found.accounts}
    leaving = {each.id: each for each in retired if each.id in there}
    rest = replace(found, accounts=tuple(account for account in found.accounts if account.id not in leaving))
    plan = _Planner(manifest, lock, rest, only, stage).plan()
    return replace(plan, retiring=tuple(leaving.values()) if only is None else ())


class _Planner:
    """Plans one adoption; made for it and not used again."""

    def __init__(
        self, manifest: Manifest, lock: Lock, found: FoundOrganization, only: FoundAccount | None, stage: str
    ) -> None:
        self._manifest = manifest
        self._lock = lock
        self._found = found
        self._only = only
        self._stage = stage
        self._matching: Matching = match(manifest, lock, found)
        self._paths = {unit.id: path for path, unit in self._matching.units.items()}
        if self._matching.root_path:
            self._paths[found.root_id] = self._matching.root_path
        self._units: dict[str, Block] = {}
        self._accounts: dict[str, dict[str, Block]] = {}
        self._changed: dict[str, Block] = {}
        self._names = {account.name.lower() for account in manifest.accounts}
        self._imported: dict[str, str] = {}
        self._stageless: list[str] = []

    def plan(self) -> AdoptionPlan:
        """Return the plan."""
        if self._only is None:
            for unit in self._found.units:
                self._path_of(unit.id)
        wanted = [self._only] if self._only else self._found.accounts
        for account in wanted:
            if account.active:
                self._take(account)
        self._keep_known()
        return AdoptionPlan(
            imports=OrganizationImports(
                organization=self._found.id,
                units={path: unit_id for unit_id, path in self._paths.items() if unit_id != self._found.root_id},
                accounts=self._imported,
            ),
            units=self._units,
            accounts=self._accounts,
            changed=self._changed,
            top=self._top(),
            stageless=tuple(self._stageless),
            closed=tuple(account for account in wanted if not account.active),
        )

    def _take(self, account: FoundAccount) -> None:
        name = self._matching.account_named(account.id)
        if name:
            self._take_known(self._manifest.account(name), account)
            return
        name = _free(_account_name(account.name, account.id), self._names)
        path = self._path_of(account.parent_id)
        stage = _stage_of(account) or self._stage
        block: Block = {"email": account.email}
        if account.id == self._found.management_account_id:
            block["management"] = True
        else:
            block |= {"adopted": True}
            self._imported[name] = account.id
            if not stage:
                self._stageless.append(name)
        block |= {"aws_name": account.name} if name != account.name else {}
        block |= {"stage": stage} if stage else {}
        block |= {"tags": dict(account.tags)} if account.tags else {}
        self._accounts.setdefault(path, {})[name] = block

    def _take_known(self, known: Account, account: FoundAccount) -> None:
        """Mark an account of the manifest that the program did not make: known by email, or by an id of its own."""
        mine = known.name in self._matching.by_email or (known.id and self._only is not None)
        if known.management or not mine:
            return
        self._imported[known.name] = account.id
        keys: Block = {"adopted": True}
        keys |= {"id": None} if known.id else {}
        keys |= {"aws_name": account.name} if account.name != (known.aws_name or known.name) else {}
        keys |= {"tags": dict(account.tags)} if dict(account.tags) != dict(known.tags) else {}
        self._changed[known.name] = keys

    def _keep_known(self) -> None:
        """Import all that is marked as adopted: it may be there from an adoption that was broken off."""
        for name, account in self._matching.accounts.items():
            known = self._manifest.account(name)
            if not known.id and account.active and known.adopted:
                self._imported.setdefault(name, account.id)

    def _path_of(self, parent_id: str) -> str:
        """Return the manifest's path of a unit, which is added with those above it where the manifest has none."""
        if parent_id in self._paths:
            return self._paths[parent_id]
        unit = next((each for each in self._found.units if each.id == parent_id), None)
        above = self._path_of(unit.parent_id) if unit and unit.parent_id != self._found.root_id else ""
        own = _NOT_IN_UNIT_NAMES.sub("-", unit.names[-1]).strip() or "unit" if unit else ROOT_UNIT
        path = _free(f"{above}/{own}" if above else own, self._taken_paths(parent_id))
        self._paths[parent_id] = path
        self._units[path] = _unit_block(unit, path.rpartition("/")[2])
        return path

    def _taken_paths(self, unit_id: str) -> set[str]:
        there = {unit.path.lower() for unit in self._manifest.units} | {path.lower() for path in self._paths.values()}
        # The other units of AWS are to find their own names free.
        others = (unit for unit in self._found.units if unit.id not in {*self._paths, unit_id})
        return there | {"/".join(unit.names).lower() for unit in others}

    def _top(self) -> Block:
        """Return what the organisation itself is to say; one that Fleetyard made says it already."""
        if not self._lock.is_empty:
            return {}
        types = list(self._found.policy_types)
        keys: Block = {"policy_types": types} if set(types) != set(self._manifest.policy_types) else {}
        trusted = self._found.trusted_services
        return keys | ({"trusted_services": list(trusted)} if trusted else {})


def _unit_block(unit: FoundUnit | None, name: str) -> Block:
    if unit is None:
        return {"root": True}
    block: Block = {"adopted": True}
    block |= {"aws_name": unit.names[-1]} if unit.names[-1] != name else {}
    return block | ({"tags": dict(unit.tags)} if unit.tags else {})


def _account_name(name: str, account_id: str) -> str:
    """Return a name as the manifest takes it, near to AWS's, which may hold spaces and more."""
    plain = _NOT_IN_ACCOUNT_NAMES.sub("-", name).strip("-_")[:ACCOUNT_NAME].rstrip("-_")
    return plain or f"account-{account_id}"


def _free(name: str, taken: set[str]) -> str:
    """Return the name, or where it is taken the name with a number; case does not tell names apart."""
    numbers = itertools.count(2)
    free = name
    while free.lower() in taken:
        free = f"{name}-{next(numbers)}"
    taken.add(free.lower())
    return free


def _stage_of(account: FoundAccount) -> str:
    """Return the stage that an account's tag says; nothing is guessed from names."""
    found: Iterable[str] = (value for key, value in account.tags.items() if key.lower() == STAGE_TAG)
    return next((value for value in found if _STAGE.fullmatch(value)), "")
