"""A public zone that others are delegated from; run by a management role in the account that keeps the domain."""

from __future__ import annotations

import pulumi
import pulumi_aws as aws
from pydantic import BaseModel

from landing_zone.domains import Domain
from landing_zone.providers import account_provider
from landing_zone.stack_config import WorkloadConfig


class Settings(BaseModel, extra="forbid"):
    """What the manifest's `workloads.dns-parent.config` may say."""

    zone: Domain
    delete_contents: bool = False


config = WorkloadConfig.from_stack()
settings = config.settings(Settings)
options = pulumi.ResourceOptions(provider=account_provider(config))

zone = aws.route53.Zone("zone", name=settings.zone, force_destroy=settings.delete_contents, opts=options)

pulumi.export("zone_id", zone.zone_id)
pulumi.export("name_servers", zone.name_servers)
