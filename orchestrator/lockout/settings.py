"""What an account's settings and quotas take: the calls by which bootstrap-subaccount sets them and keeps them so."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from landing_zone.fleet import Account
from orchestrator.lockout.actions import (
    ALIAS_ACTIONS,
    BUDGET_ACTIONS,
    CONTACT_ACTIONS,
    EBS_ACTIONS,
    METADATA_ACTIONS,
    PASSWORD_ACTIONS,
    PUBLIC_ACCESS_ACTIONS,
    QUOTA_ACTIONS,
    QUOTA_REQUEST_ACTIONS,
)

_GLOBAL = ""
_QUOTA_SERVICE = "servicequotas:service"
"""Source: Service Authorization Reference, "Actions, resources, and condition keys for Service Quotas"."""


@dataclass(frozen=True, slots=True)
class SettingCalls:
    """Calls for one setting: in words what of, on which ARN (`{id}` for the account's id), in which region.

    An empty region is that of AWS's global services. `service` is the one a quota is of.
    """

    what: str
    actions: tuple[str, ...]
    resource: str = "*"
    region: str = _GLOBAL
    service: str = ""

    @property
    def context(self) -> dict[str, str]:
        """What such a call says of itself."""
        return {_QUOTA_SERVICE: self.service} if self.service else {}


def calls_of_settings(account: Account, home: str) -> Iterator[tuple[SettingCalls, ...]]:
    """Yield the calls of each of an account's settings and quotas; `home` is the fleet's region."""
    settings = account.settings
    if settings.alias:
        yield (SettingCalls("the account's alias", ALIAS_ACTIONS),)
    if settings.password_policy:
        yield (SettingCalls("the account's password policy", PASSWORD_ACTIONS),)
    if settings.s3_public_access_block:
        yield (SettingCalls("the block of public access to its buckets", PUBLIC_ACCESS_ACTIONS, region=home),)
    for region in settings.regions:
        if settings.ebs_encryption:
            yield (SettingCalls(f"the encryption of new volumes in {region}", EBS_ACTIONS, region=region),)
        if settings.imdsv2:
            yield (SettingCalls(f"the metadata defaults of instances in {region}", METADATA_ACTIONS, region=region),)
    for budget in settings.budgets:
        arn = f"arn:aws:budgets::{{id}}:budget/{budget.name}"
        yield (SettingCalls(f"the budget {budget.name}", BUDGET_ACTIONS, arn),)
    if settings.contacts:
        yield (SettingCalls("the account's contacts", CONTACT_ACTIONS, "arn:aws:account::{id}:account"),)
    for quota in account.quotas:
        what = f"the quota {quota.name} in {quota.region}"
        arn = f"arn:aws:servicequotas:{quota.region}:{{id}}:{quota.service}/{quota.code}"
        yield (
            SettingCalls(what, QUOTA_ACTIONS, region=quota.region),
            SettingCalls(what, QUOTA_REQUEST_ACTIONS, arn, quota.region, quota.service),
        )
