"""Access keys of root users, which moto does not have; they are kept with the account's IAM.

Nobody gets one by a call to AWS to begin with: one signs in as the root user on a web page and makes it there. So the
twin's own interface makes them.
Source: IAM User Guide, "Create access keys for the root user"; "IAM and AWS STS quotas" (two keys).
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

MOST_KEYS = 2
ACTIVE = "Active"


@dataclass(slots=True)
class RootKey:
    """An access key of an account's root user."""

    account_id: str
    access_key_id: str
    secret: str = field(repr=False)
    created: datetime
    status: str = ACTIVE


def root_keys(iam: Any) -> dict[str, RootKey]:
    """Return the keys of an account's root user by their ids."""
    keys: dict[str, RootKey] = vars(iam).setdefault("fleetyard_root_keys", {})
    return keys


class RootKeyRefused(Exception):
    """No key can be made for a root user; the text says why."""


def make_root_key(account_id: str) -> RootKey:
    """Make a key for the root user of an account, as on AWS's web page. Raises: RootKeyRefused."""
    from moto.iam.models import iam_backends

    if account_id not in iam_backends:
        raise RootKeyRefused(f"there is no account {account_id!r}")
    key = new_root_key(iam_backends[account_id]["aws"])
    if key is None:
        raise RootKeyRefused(f"the root user of {account_id} has {MOST_KEYS} keys, and may have no more")
    return key


def new_root_key(iam: Any) -> RootKey | None:
    """Make a key for an account's root user; None if it has as many as it may have."""
    from moto.iam.utils import generate_access_key_id_from_account_id

    keys = root_keys(iam)
    if len(keys) >= MOST_KEYS:
        return None
    key_id = str(generate_access_key_id_from_account_id(iam.account_id, prefix="AKIA"))
    keys[key_id] = RootKey(iam.account_id, key_id, secrets.token_urlsafe(30), datetime.now(UTC))
    return keys[key_id]
