"""The account map: what there is to know of each account, without the organisation's API.

`bootstrap` writes one parameter per account in the management account; roles that may read them use `read_account_map`.
A workload's program is told by its config instead: `accounts: "${accounts}"` in the manifest, and
`accounts: AccountMap` in its settings.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any, Protocol

from pydantic import BaseModel, ConfigDict, RootModel, ValidationError

from landing_zone.account_map_path import MAP_PATH, parameter_name
from landing_zone.errors import AccountMapUnreadable, AccountNotInMap

__all__ = ["MAP_PATH", "AccountEntry", "AccountMap", "parameter_name", "read_account_map"]


class AccountEntry(BaseModel):
    """An account: `roles` maps the names of the roles that somebody is granted in it to their ARNs.

    The management account is one of them, with `management` set and no roles to assume.
    """

    model_config = ConfigDict(extra="ignore", frozen=True)

    name: str
    id: str
    unit: str
    stage: str = ""
    management: bool = False
    roles: dict[str, str] = {}

    def as_text(self) -> str:
        """Return the JSON text that its parameter holds."""
        return json.dumps(self.model_dump(), separators=(",", ":"))


class AccountMap(RootModel[tuple[AccountEntry, ...]]):
    """All accounts of an organisation, looked up by name, id, stage or unit."""

    model_config = ConfigDict(frozen=True)

    def __iter__(self) -> Iterator[AccountEntry]:  # type: ignore[override]  # pydantic's yields fields
        """Yield the accounts in the map's order."""
        return iter(self.root)

    def __len__(self) -> int:
        return len(self.root)

    def by_name(self, name: str) -> AccountEntry:
        """Return the account of this name; raises AccountNotInMap with the nearest name."""
        return self._one("name", name, [entry for entry in self.root if entry.name == name])

    def by_id(self, account_id: str) -> AccountEntry:
        """Return the account of this id; raises AccountNotInMap."""
        return self._one("id", account_id, [entry for entry in self.root if entry.id == account_id])

    def by_stage(self, stage: str) -> tuple[AccountEntry, ...]:
        """Return the accounts of a stage; none when no account has it."""
        return tuple(entry for entry in self.root if entry.stage == stage)

    def by_unit(self, unit: str) -> tuple[AccountEntry, ...]:
        """Return the accounts in a unit, by its path such as plat/eu, or below it."""
        return tuple(entry for entry in self.root if entry.unit == unit or entry.unit.startswith(f"{unit}/"))

    def _one(self, field: str, wanted: str, found: list[AccountEntry]) -> AccountEntry:
        if not found:
            raise AccountNotInMap(field, wanted, [entry.name for entry in self.root] if field == "name" else [])
        return found[0]


class SsmClient(Protocol):
    """What is needed of boto3's client of Systems Manager."""

    def get_paginator(self, operation_name: str) -> Any:  # noqa: ANN401  (botocore ships no types)
        """Return a paginator."""


def read_account_map(ssm: SsmClient) -> AccountMap:
    """Return the map as the client may read it: a client of the management account, in the fleet's home region.

    One call for every ten accounts. Raises AccountMapUnreadable with AWS's own words, or naming the parameter that is
    not what Fleetyard writes.
    """
    from botocore.exceptions import BotoCoreError, ClientError  # noqa: PLC0415  (programs that only look up need none)

    entries: list[AccountEntry] = []
    try:
        for page in ssm.get_paginator("get_parameters_by_path").paginate(Path=MAP_PATH):
            entries += [_entry(found["Name"], found["Value"]) for found in page["Parameters"]]
    except (BotoCoreError, ClientError) as error:
        raise AccountMapUnreadable(str(error)) from error
    if not entries:
        raise AccountMapUnreadable(f"there is nothing under {MAP_PATH}")
    return AccountMap(tuple(sorted(entries, key=lambda entry: entry.name)))


def _entry(name: str, value: str) -> AccountEntry:
    try:
        return AccountEntry.model_validate_json(value)
    except ValidationError as error:
        problem = error.errors(include_url=False)[0]
        raise AccountMapUnreadable(f"{name} holds something else: {problem['msg']}") from error
