"""The alias of an account: the name AWS shows in place of its id, from the manifest's pattern."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from landing_zone.fleet import Account, Manifest
from landing_zone.substitution import substitute

ALIAS_VARIABLES = (
    "organization",
    "region",
    "management_account_id",
    "account.name",
    "account.id",
    "account.stage",
    "account.unit",
)
"""What a pattern may name beside `vars.NAME`."""

NO_ALIAS = "none"
"""Written in place of a pattern: the account has no alias, whatever more general layers say."""

SHORTEST, LONGEST = 3, 63
_FORM = re.compile(r"[a-z0-9](?:-?[a-z0-9])*")
"""Source: IAM API Reference, CreateAccountAlias, AccountAlias."""


def filled_alias(pattern: str, variables: Mapping[str, Any], own: Mapping[str, Any]) -> str:
    """Return the alias of a pattern: `variables` by the names of ALIAS_VARIABLES, `own` are the account's `vars`."""
    known = {**variables, **{f"vars.{name}": value for name, value in own.items()}}
    return str(substitute(pattern, lambda name: str(known[name]))) if pattern else ""


def is_alias(text: str) -> bool:
    """Tell whether AWS takes the text as an alias."""
    return SHORTEST <= len(text) <= LONGEST and bool(_FORM.fullmatch(text))


def account_alias(manifest: Manifest, account: Account, account_id: str) -> str:
    """Return the alias that an account of this id is given, or an empty text."""
    variables = {
        "organization": manifest.organization,
        "region": manifest.region,
        "management_account_id": manifest.management_account.id,
        "account.name": account.name,
        "account.id": account_id,
        "account.stage": account.stage,
        "account.unit": account.unit,
    }
    return filled_alias(account.settings.alias, variables, account.vars)
