"""The organisation's trail, the bucket that keeps its logs, and the key that encrypts them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import pulumi
import pulumi_aws as aws

from landing_zone.components.bucket_parts import (
    closed_to_the_public,
    encrypted_by,
    keeping_versions,
    without_access_lists,
)
from landing_zone.components.state_key import DELETION_WINDOW_DAYS
from landing_zone.documents.log_archive import ArchiveNames, log_bucket_policy, log_key_policy
from landing_zone.limits import compact
from landing_zone.naming import LOG_KEY_ALIAS


@dataclass(frozen=True, slots=True)
class Retention:
    """How long nobody can delete a log, and whether the keeper can all the same (governance)."""

    mode: Literal["GOVERNANCE", "COMPLIANCE"]
    days: int


class LogArchive(pulumi.ComponentResource):
    """A trail of every account and region into a locked bucket, made from CloudTrail's delegated administrator.

    `locked`: all of it is protected from this program too, and only the account's `OrganizationAccountAccessRole` may
    loosen it. `trail_arn`, `bucket` and `key_arn` say what there is.
    """

    trail_arn: pulumi.Output[str]
    bucket: pulumi.Output[str]
    key_arn: pulumi.Output[str]

    def __init__(
        self,
        name: str,
        *,
        names: ArchiveNames,
        organization_id: str,
        retention: Retention,
        locked: bool,
        provider: aws.Provider,
    ) -> None:
        super().__init__("fleetyard:landingzone:LogArchive", name)
        self._child = pulumi.ResourceOptions(parent=self, provider=provider, protect=locked)
        key = self._key(name, names, locked=locked)
        bucket, usable = self._bucket(name, names, organization_id, retention, key, locked=locked)
        trail = aws.cloudtrail.Trail(
            name,
            name=names.trail,
            s3_bucket_name=bucket.bucket,
            kms_key_id=key.arn,
            is_organization_trail=True,
            is_multi_region_trail=True,
            include_global_service_events=True,
            enable_log_file_validation=True,
            opts=self._after(usable),
        )
        self.trail_arn, self.bucket, self.key_arn = trail.arn, bucket.bucket, key.arn
        self.register_outputs({"trail_arn": self.trail_arn, "bucket": self.bucket, "key_arn": self.key_arn})

    def _after(self, *resources: pulumi.Resource) -> pulumi.ResourceOptions:
        return pulumi.ResourceOptions.merge(self._child, pulumi.ResourceOptions(depends_on=list(resources)))

    def _key(self, name: str, names: ArchiveNames, *, locked: bool) -> aws.kms.Key:
        key = aws.kms.Key(
            name,
            description="Encrypts the logs of the organisation's trail",
            enable_key_rotation=True,
            deletion_window_in_days=DELETION_WINDOW_DAYS,
            policy=compact(log_key_policy(names, locked=locked)),
            # Who makes the key may not change its policy afterwards; without this KMS takes that for a mistake.
            bypass_policy_lockout_safety_check=locked,
            opts=self._child,
        )
        aws.kms.Alias(name, name=LOG_KEY_ALIAS, target_key_id=key.key_id, opts=self._child)
        return key

    def _bucket(
        self,
        name: str,
        names: ArchiveNames,
        organization_id: str,
        retention: Retention,
        key: aws.kms.Key,
        *,
        locked: bool,
    ) -> tuple[aws.s3.Bucket, aws.s3.BucketPolicy]:
        bucket = aws.s3.Bucket(
            name, bucket=names.bucket, object_lock_enabled=True, force_destroy=not locked, opts=self._child
        )
        ownership = without_access_lists(name, bucket, self._child)
        versioning = keeping_versions(name, bucket, self._child)
        lock = aws.s3.BucketObjectLockConfiguration(
            name,
            bucket=bucket.bucket,
            rule=aws.s3.BucketObjectLockConfigurationRuleArgs(
                default_retention=aws.s3.BucketObjectLockConfigurationRuleDefaultRetentionArgs(
                    mode=retention.mode, days=retention.days
                )
            ),
            opts=self._after(versioning),
        )
        encryption = aws.s3.BucketServerSideEncryptionConfiguration(
            name, bucket=bucket.bucket, rules=[encrypted_by(key.arn)], opts=self._child
        )
        private = closed_to_the_public(name, bucket, self._child)
        # Last: once the policy is there, nothing else of the bucket can be set by whoever deploys this.
        policy = aws.s3.BucketPolicy(
            name,
            bucket=bucket.bucket,
            policy=compact(log_bucket_policy(names, organization_id, locked=locked)),
            opts=self._after(ownership, versioning, lock, encryption, private),
        )
        return bucket, policy
