"""The lock file `fleet.lock.yaml`: which id AWS gave to each account of the manifest. Committed beside it.

Written by `up` of the organisation and of the management account's bootstrap, from those stacks' outputs; everything
else reads ids from here.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, NoReturn

from landing_zone.errors import AccountNotCreated, LockConflict, LockUnreadable
from landing_zone.fleet import Manifest
from landing_zone.state_buckets import DEFAULT_BUCKET
from landing_zone.whole_files import write_whole

LOCK_NAME = "fleet.lock.yaml"
HEADER = "# Written by fleetyard after `up` of organisation and bootstrap; commit it, and leave it to fleetyard.\n"

_SHOWN = 3
"""Problems named in a message; a file that Fleetyard did not write may have hundreds."""

_ACCOUNT_ID = re.compile(r"[0-9]{12}")
_FORMS = {
    "organization_id": re.compile(r"o-[a-z0-9]{10,32}"),
    "root_id": re.compile(r"r-[0-9a-z]{4,32}"),
}
"""Source: AWS Organizations API Reference, Organization and Root."""

_STATE_FORMS = {
    "bucket": re.compile(r"[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]"),
    "key_arn": re.compile(r"arn:aws[a-z-]*:kms:[a-z0-9-]+:[0-9]{12}:key/[A-Za-z0-9-]+"),
}
"""Source: Amazon S3 User Guide, bucket naming rules; AWS KMS Developer Guide, key ARN."""


@dataclass(frozen=True, slots=True)
class StateHome:
    """A bucket that holds the state of workloads, and the key that encrypts it and their secrets."""

    bucket: str
    key_arn: str

    @property
    def region(self) -> str:
        """Where both are; an ARN's fourth part."""
        return self.key_arn.split(":")[3]


@dataclass(frozen=True, slots=True)
class Lock:
    """Ids that AWS gave. Empty before the organisation is created. `accounts` maps names to ids.

    `state` is known once the management account's bootstrap has made bucket and key; `state_buckets` are those beside
    it, by their names in the manifest.
    """

    organization_id: str = ""
    root_id: str = ""
    accounts: Mapping[str, str] = field(default_factory=dict)
    state: StateHome | None = None
    state_buckets: Mapping[str, StateHome] = field(default_factory=dict)

    def home(self, bucket: str) -> StateHome | None:
        """Return bucket and key by the bucket's name in the manifest; None while they are not made."""
        return self.state if bucket == DEFAULT_BUCKET else self.state_buckets.get(bucket)

    @property
    def homes(self) -> Mapping[str, StateHome]:
        """Every bucket that is made, the default one first."""
        return {**({DEFAULT_BUCKET: self.state} if self.state else {}), **self.state_buckets}

    @property
    def is_empty(self) -> bool:
        """Whether the organisation has not been created."""
        return not self.organization_id

    def account_id(self, account: str) -> str:
        """Return an account's id; raises AccountNotCreated when AWS has not made it yet."""
        if account not in self.accounts:
            raise AccountNotCreated(account)
        return self.accounts[account]


def lock_path(manifest_path: Path) -> Path:
    """Return where the lock file of a manifest stands: beside it."""
    return manifest_path.with_name(LOCK_NAME)


def load_lock(path: Path) -> Lock:
    """Return the lock, an empty one when there is no file; raises LockUnreadable when it is damaged.

    It is read within the bounds of a manifest: size, nesting, aliases.
    """
    # Programs import this module and never read a lock.
    from landing_zone.manifest.bounds import LARGEST_FILE  # noqa: PLC0415
    from landing_zone.manifest.positions import read_document  # noqa: PLC0415
    from landing_zone.manifest.problems import Problems  # noqa: PLC0415

    try:
        with path.open("rb") as file:
            content = file.read(LARGEST_FILE + 1)
        text = content.decode("utf-8-sig")
    except FileNotFoundError:
        return Lock()
    except UnicodeDecodeError as error:
        _refuse(path, f"byte {error.start} is not UTF-8")
    except OSError as error:
        _refuse(path, error.strerror or str(error))
    if len(content) > LARGEST_FILE:
        _refuse(path, f"it has more than {LARGEST_FILE:,} bytes")
    problems = Problems()
    document = read_document(text, path.name, problems)
    if problems:
        _refuse(path, "; ".join(map(str, problems.sorted()[:_SHOWN])))
    return _checked(path, document.values)


def _checked(path: Path, values: dict[str, Any]) -> Lock:
    unknown = set(values) - {"organization_id", "root_id", "state", "state_buckets", "accounts"}
    if unknown:
        _refuse(path, f"unknown key {min(map(str, unknown))}")
    for key, form in _FORMS.items():
        if not form.fullmatch(str(values.get(key))):
            _refuse(path, f"{key} is {values.get(key)!r}, which is no such id")
    accounts = values.get("accounts")
    if not isinstance(accounts, dict):
        _refuse(path, "accounts is no mapping of names to ids")
    owner: dict[str, str] = {}
    for name, account_id in accounts.items():
        if not isinstance(account_id, str) or not _ACCOUNT_ID.fullmatch(account_id):
            _refuse(path, f"the id of {name} is {account_id!r}, not 12 digits in quotes")
        if account_id in owner:
            _refuse(path, f"{owner[account_id]} and {name} have one id, {account_id}")
        owner[account_id] = str(name)
    ids = {str(name): account_id for name, account_id in accounts.items()}
    others = values.get("state_buckets") or {}
    if not isinstance(others, dict):
        _refuse(path, "state_buckets is no mapping of names to buckets and keys")
    homes = {str(name): _state_home(path, home, f"state_buckets.{name}") for name, home in others.items()}
    state = _state_home(path, values["state"], "state") if values.get("state") is not None else None
    return Lock(values["organization_id"], values["root_id"], ids, state, homes)


def _state_home(path: Path, values: object, where: str) -> StateHome:
    if not isinstance(values, dict) or set(values) != set(_STATE_FORMS):
        _refuse(path, f"{where} holds other keys than {' and '.join(_STATE_FORMS)}")
    for key, form in _STATE_FORMS.items():
        if not form.fullmatch(str(values[key])):
            _refuse(path, f"{where}.{key} is {values[key]!r}, which is none")
    return StateHome(bucket=str(values["bucket"]), key_arn=str(values["key_arn"]))


def _refuse(path: Path, why: str) -> NoReturn:
    hint = f"take back the last good one: git checkout -- {path}"
    raise LockUnreadable("the lock file is damaged", subject=str(path), why=why, not_run="anything", hint=hint)


def write_lock(path: Path, lock: Lock) -> None:
    """Write the lock whole or not at all; accounts are sorted by name, ids quoted."""
    lines = [HEADER, f"organization_id: {lock.organization_id}\n", f"root_id: {lock.root_id}\n"]
    if lock.state:
        lines += ["state:\n", f"  bucket: {lock.state.bucket}\n", f"  key_arn: {lock.state.key_arn}\n"]
    lines += ["state_buckets:\n"] if lock.state_buckets else []
    for name, home in sorted(lock.state_buckets.items()):
        lines += [f"  {name}:\n", f"    bucket: {home.bucket}\n", f"    key_arn: {home.key_arn}\n"]
    lines += ["accounts:"]
    lines += [f'\n  {name}: "{lock.accounts[name]}"' for name in sorted(lock.accounts)] or [" {}"]
    write_whole(path, ("".join(lines) + "\n").encode("utf-8"), 0o644)


def resolve_lock(manifest: Manifest, lock: Lock) -> Lock:
    """Return the lock with the ids that the manifest itself gives added.

    Raises LockConflict when the two disagree, or when one id would belong to two accounts.
    """
    accounts = dict(lock.accounts)
    for account in manifest.accounts:
        if not account.id:
            continue
        locked = accounts.setdefault(account.name, account.id)
        if locked != account.id:
            _conflict(manifest, f"{account.name} is {account.id} in the manifest and {locked} in the lock file")
    owner: dict[str, str] = {}
    for name, account_id in accounts.items():
        other = owner.setdefault(account_id, name)
        if other != name:
            _conflict(manifest, f"{account_id} would be the id of {other} and of {name}")
    return replace(lock, accounts=accounts)


def _conflict(manifest: Manifest, why: str) -> NoReturn:
    raise LockConflict(
        "lock file and manifest disagree",
        subject=str(lock_path(manifest.path)),
        why=why,
        not_run="anything",
        hint="correct the id in the manifest; if the lock file is of another organisation, move it away",
    )
