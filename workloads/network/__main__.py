"""A VPC over zones with a flow log; run by a management role, acting as the account's own role."""

from __future__ import annotations

from typing import Self

import pulumi
from pydantic import BaseModel, model_validator

from landing_zone.components.flow_log import FlowLog
from landing_zone.components.network import Network
from landing_zone.providers import account_provider
from landing_zone.stack_config import WorkloadConfig
from landing_zone.subnets import divide


class Settings(BaseModel, extra="forbid"):
    """What the manifest's `workloads.network.config` may say."""

    cidr: str
    zones: int = 2
    flow_log_days: int = 90

    @model_validator(mode="after")
    def _divides(self) -> Self:
        divide(self.cidr, self.zones)
        return self


config = WorkloadConfig.from_stack()
settings = config.settings(Settings)
provider = account_provider(config)

network = Network("network", cidr=settings.cidr, zones=settings.zones, provider=provider)
flow_log = FlowLog(
    "network-flow-log",
    vpc_id=network.vpc_id,
    where=(config.account_id, config.region),
    days=settings.flow_log_days,
    provider=provider,
)

pulumi.export("vpc_id", network.vpc_id)
pulumi.export("public_subnet_ids", network.public_subnet_ids)
pulumi.export("private_subnet_ids", network.private_subnet_ids)
pulumi.export("flow_log_group", flow_log.log_group)
