"""The organisation's trail and what keeps it; run by a management role in CloudTrail's delegated account."""

from __future__ import annotations

from typing import Literal

import pulumi
from pydantic import BaseModel, Field

from landing_zone.components.log_archive import LogArchive, Retention
from landing_zone.documents.log_archive import ArchiveNames
from landing_zone.providers import account_provider
from landing_zone.stack_config import WorkloadConfig


class Settings(BaseModel, extra="forbid"):
    """What the manifest's `workloads.log-archive.config` may say.

    `locked: false` takes effect only for who acts as OrganizationAccountAccessRole; see README.md beside this file.
    """

    organization_id: str
    management_account_id: str
    retention_days: int = Field(default=365, ge=1, le=36500)
    retention_mode: Literal["GOVERNANCE", "COMPLIANCE"] = "GOVERNANCE"
    locked: bool = True


config = WorkloadConfig.from_stack()
settings = config.settings(Settings)
provider = account_provider(config)

archive = LogArchive(
    "log-archive",
    names=ArchiveNames(config.organization, settings.management_account_id, config.account_id, config.region),
    organization_id=settings.organization_id,
    retention=Retention(settings.retention_mode, settings.retention_days),
    locked=settings.locked,
    provider=provider,
)

pulumi.export("trail_arn", archive.trail_arn)
pulumi.export("bucket", archive.bucket)
pulumi.export("key_arn", archive.key_arn)
