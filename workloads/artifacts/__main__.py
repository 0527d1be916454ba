"""Container repositories and a bucket for the whole organisation; run by a management role in the account of both."""

from __future__ import annotations

from typing import Annotated, Self

import pulumi
from pydantic import BaseModel, Field, model_validator

from landing_zone.components.artifacts import Artifacts, Images, Sharing
from landing_zone.components.private_bucket import bucket_name_of
from landing_zone.providers import account_provider
from landing_zone.stack_config import WorkloadConfig

# Source: Amazon ECR API Reference, CreateRepository, repositoryName.
Repository = Annotated[
    str,
    Field(min_length=2, max_length=256, pattern=r"^(?:[a-z0-9]+(?:[._-][a-z0-9]+)*/)*[a-z0-9]+(?:[._-][a-z0-9]+)*$"),
]
RoleArn = Annotated[str, Field(pattern=r"^arn:aws:iam::\d{12}:role/[\w+=,.@/-]+$")]


class Settings(BaseModel, extra="forbid"):
    """What the manifest's `workloads.artifacts.config` may say."""

    organization_id: str = Field(pattern=r"^o-[a-z0-9]{10,32}$")
    repositories: list[Repository] = []
    writers: list[RoleArn] = []
    untagged_days: int = Field(default=14, ge=1)
    delete_contents: bool = False

    @model_validator(mode="after")
    def _each_once(self) -> Self:
        twice = sorted({name for name in self.repositories if self.repositories.count(name) > 1})
        if twice:
            raise ValueError(f"repositories: {', '.join(twice)} is there twice")
        return self


config = WorkloadConfig.from_stack()
settings = config.settings(Settings)

artifacts = Artifacts(
    "artifacts",
    images=Images(tuple(settings.repositories), settings.untagged_days),
    bucket_name=bucket_name_of(config),
    sharing=Sharing(settings.organization_id, tuple(settings.writers)),
    emptied=settings.delete_contents,
    provider=account_provider(config),
)

pulumi.export("repositories", artifacts.repositories)
pulumi.export("bucket", artifacts.bucket)
