"""A bucket that holds the state of workloads, how long it keeps old versions, and S3's log of who used it."""

from __future__ import annotations

import pulumi
import pulumi_aws as aws

from landing_zone.components.bucket_parts import (
    closed_to_the_public,
    encrypted_by,
    keeping_versions,
    without_access_lists,
)
from landing_zone.components.state_log import BROKEN_OFF_DAYS, StateLog
from landing_zone.documents.access import state_bucket_policy
from landing_zone.limits import compact
from landing_zone.stack_config.management import StateBucketsConfig


class StateBucket(pulumi.ComponentResource):
    """A bucket that is private, versioned, encrypted by the state key, and reached by TLS only.

    All of it is protected: with the bucket alone protected, a destroy would still take away what keeps it private.
    Not so what the manifest may ask for and not: how long old versions stay (`states`), and the log in `log_bucket`.
    """

    bucket: pulumi.Output[str]

    def __init__(
        self,
        name: str,
        *,
        bucket_name: str,
        key_arn: pulumi.Input[str],
        provider: aws.Provider,
        states: StateBucketsConfig,
        log: StateLog | None = None,
    ) -> None:
        super().__init__("fleetyard:landingzone:StateBucket", name)
        child = pulumi.ResourceOptions(parent=self, provider=provider, protect=True)
        bucket = aws.s3.Bucket(
            name,
            bucket=bucket_name,
            force_destroy=False,
            opts=child,
        )
        without_access_lists(name, bucket, child)
        versioned = keeping_versions(name, bucket, child)
        aws.s3.BucketServerSideEncryptionConfiguration(
            name, bucket=bucket.bucket, rules=[encrypted_by(key_arn)], opts=child
        )
        private = closed_to_the_public(name, bucket, child)
        # S3 refuses a policy while the public access block of the same bucket is being written.
        after_private = pulumi.ResourceOptions(depends_on=[private])
        aws.s3.BucketPolicy(
            name,
            bucket=bucket.bucket,
            policy=compact(state_bucket_policy(bucket_name)),
            opts=pulumi.ResourceOptions.merge(child, after_private),
        )
        may_go = pulumi.ResourceOptions(parent=self, provider=provider, depends_on=[versioned])
        if states.old_versions_days:
            aws.s3.BucketLifecycleConfiguration(
                name, bucket=bucket.bucket, rules=[_old_versions_go(states)], opts=may_go
            )
        if log:
            ready = pulumi.ResourceOptions.merge(may_go, pulumi.ResourceOptions(depends_on=[log.writable]))
            aws.s3.BucketLogging(
                name, bucket=bucket.bucket, target_bucket=log.bucket, target_prefix=f"{bucket_name}/", opts=ready
            )
        self.bucket = bucket.bucket
        self.register_outputs({"bucket": self.bucket})


def _old_versions_go(states: StateBucketsConfig) -> aws.s3.BucketLifecycleConfigurationRuleArgs:
    """Return the rule by which versions that were replaced or deleted go, the newest ones kept in any case."""
    old = aws.s3.BucketLifecycleConfigurationRuleNoncurrentVersionExpirationArgs(
        noncurrent_days=states.old_versions_days, newer_noncurrent_versions=states.newest_versions
    )
    # Uploads that were broken off are nobody's state, and are charged like objects.
    broken_off = aws.s3.BucketLifecycleConfigurationRuleAbortIncompleteMultipartUploadArgs(
        days_after_initiation=BROKEN_OFF_DAYS
    )
    return aws.s3.BucketLifecycleConfigurationRuleArgs(
        id="old-versions",
        status="Enabled",
        filter=aws.s3.BucketLifecycleConfigurationRuleFilterArgs(prefix=""),
        noncurrent_version_expiration=old,
        abort_incomplete_multipart_upload=broken_off,
    )
