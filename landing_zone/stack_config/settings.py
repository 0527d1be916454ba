"""What the programs of the foundation are told of an account's settings: as the manifest has them, the alias filled."""

from __future__ import annotations

from dataclasses import replace

from landing_zone.account_alias import account_alias
from landing_zone.account_settings import AccountSettings
from landing_zone.fleet import Account, Manifest


def settings_of(manifest: Manifest, account: Account, account_id: str) -> AccountSettings:
    """Return the settings of an account of this id."""
    return replace(account.settings, alias=account_alias(manifest, account, account_id))
