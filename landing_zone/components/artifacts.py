"""What the organisation's programs are delivered from: container repositories and a bucket."""

from __future__ import annotations

import json
from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from landing_zone.components.private_bucket import PrivateBucket
from landing_zone.documents.artifacts import artifacts_bucket_policy, lifecycle_policy, repository_policy
from landing_zone.limits import compact


@dataclass(frozen=True, slots=True)
class Sharing:
    """Who reads (an organisation) and who alone writes (ARNs of roles)."""

    organization_id: str
    writers: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Images:
    """Which repositories there are, and for how many days they keep what no tag names."""

    repositories: tuple[str, ...]
    untagged_days: int


class Artifacts(pulumi.ComponentResource):
    """Repositories and a bucket that the whole organisation reads and only the writers write.

    Tags name one image for good, images are scanned when pushed, and untagged ones go. `repositories` holds their
    addresses by name, `bucket` the bucket's name. With `emptied` their deletion takes what is in them.
    """

    repositories: dict[str, pulumi.Output[str]]
    bucket: pulumi.Output[str]

    def __init__(
        self,
        name: str,
        *,
        images: Images,
        bucket_name: str,
        sharing: Sharing,
        emptied: bool,
        provider: aws.Provider,
    ) -> None:
        super().__init__("fleetyard:landingzone:Artifacts", name)
        self._child = pulumi.ResourceOptions(parent=self, provider=provider)
        kept = json.dumps(lifecycle_policy(images.untagged_days), separators=(",", ":"))
        self.repositories = {
            repository: self._repository(repository, sharing, kept, emptied=emptied)
            for repository in images.repositories
        }
        bucket = PrivateBucket(name, bucket_name=bucket_name, versioned=True, emptied=emptied, opts=self._child)
        bucket.put_policy(compact(artifacts_bucket_policy(bucket_name, sharing.organization_id, sharing.writers)))
        self.bucket = bucket.bucket
        self.register_outputs({"repositories": self.repositories, "bucket": self.bucket})

    def _repository(self, name: str, sharing: Sharing, kept: str, *, emptied: bool) -> pulumi.Output[str]:
        # AES256 is what ECR does by itself, at no cost.
        made = aws.ecr.Repository(
            name,
            name=name,
            image_tag_mutability="IMMUTABLE",
            image_scanning_configuration=aws.ecr.RepositoryImageScanningConfigurationArgs(scan_on_push=True),
            force_delete=emptied,
            opts=self._child,
        )
        aws.ecr.RepositoryPolicy(
            name,
            repository=made.name,
            policy=compact(repository_policy(sharing.organization_id, sharing.writers)),
            opts=self._child,
        )
        aws.ecr.LifecyclePolicy(name, repository=made.name, policy=kept, opts=self._child)
        address: pulumi.Output[str] = made.repository_url
        return address
