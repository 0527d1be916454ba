"""A static web site: the files in `site/` beside this one, behind CloudFront; run by a management role."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

import pulumi
from pydantic import BaseModel

from landing_zone.components.private_bucket import bucket_name_of
from landing_zone.components.static_site import StaticSite, site_files
from landing_zone.providers import account_provider
from landing_zone.stack_config import WorkloadConfig


class Settings(BaseModel, extra="forbid"):
    """What the manifest's `workloads.static-site.config` may say."""

    price_class: Literal["PriceClass_100", "PriceClass_200", "PriceClass_All"] = "PriceClass_100"


config = WorkloadConfig.from_stack()
settings = config.settings(Settings)

site = StaticSite(
    "site",
    bucket_name=bucket_name_of(config),
    files=site_files(Path(__file__).parent / "site"),
    price_class=settings.price_class,
    provider=account_provider(config),
)

pulumi.export("url", site.url)
pulumi.export("bucket", site.bucket)
