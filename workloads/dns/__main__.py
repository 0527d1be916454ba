"""A zone of this account, and the record in its parent zone's account that delegates it; run by a management role.

Two accounts, two providers: the second one's session may change name server records below the parent and no others.
"""

from __future__ import annotations

from typing import Self

import pulumi
from pydantic import BaseModel, Field, model_validator

from landing_zone.components.delegated_zone import DelegatedZone, find_zone
from landing_zone.documents.delegation import delegation_right
from landing_zone.domains import Domain, is_below
from landing_zone.limits import compact
from landing_zone.providers import OtherAccount, account_provider, other_account_provider
from landing_zone.stack_config import WorkloadConfig


class Parent(BaseModel, extra="forbid"):
    """The zone above, the account it is in, and the role there that the caller may assume."""

    zone: Domain
    account_id: str = Field(pattern=r"^\d{12}$")
    role: str = Field(default="Admin", pattern=r"^[\w+=,.@-]{1,64}$")


class Settings(BaseModel, extra="forbid"):
    """What the manifest's `workloads.dns.config` may say."""

    zone: Domain
    parent: Parent
    delete_contents: bool = False

    @model_validator(mode="after")
    def _lies_in_its_parent(self) -> Self:
        if not is_below(self.zone, self.parent.zone):
            raise ValueError(f"zone: {self.zone} does not lie in {self.parent.zone}, which is to delegate it")
        return self


config = WorkloadConfig.from_stack()
settings = config.settings(Settings)
parent = settings.parent
# Named after what it is limited to: under another parent, the old record goes with the provider that may delete it.
other = OtherAccount(
    name=f"parent-{parent.account_id}-{parent.zone}",
    account_id=parent.account_id,
    role=parent.role,
    limit=compact(delegation_right(parent.zone)),
)
parent_provider = other_account_provider(config, other)

zone = DelegatedZone(
    "dns",
    domain=settings.zone,
    parent_zone_id=find_zone(parent.zone, parent.account_id, parent_provider),
    emptied=settings.delete_contents,
    provider=account_provider(config),
    parent_provider=parent_provider,
)

pulumi.export("zone_id", zone.zone_id)
pulumi.export("name_servers", zone.name_servers)
