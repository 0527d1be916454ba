"""The bucket that holds S3's log of every request to the state buckets."""

from __future__ import annotations

from collections.abc import Sequence

import pulumi
import pulumi_aws as aws

from landing_zone.components.bucket_parts import closed_to_the_public, without_access_lists
from landing_zone.documents.access import state_log_bucket_policy
from landing_zone.limits import compact

BROKEN_OFF_DAYS = 7
"""After which the parts of an upload that was never completed go."""


class StateLog(pulumi.ComponentResource):
    """A private bucket that only S3's log delivery writes to, for the buckets named; its files go after some days.

    `bucket` is its name, `writable` what a bucket has to wait for before it is logged. Encrypted by S3's own key, as
    log delivery takes no bucket that is encrypted by KMS. Source: Amazon S3 User Guide, "Logging requests with server
    access logging".
    """

    bucket: pulumi.Output[str]
    writable: pulumi.Resource

    def __init__(
        self,
        name: str,
        *,
        bucket_name: str,
        account_id: str,
        logged: Sequence[str],
        days: int,
        provider: aws.Provider,
    ) -> None:
        super().__init__("fleetyard:landingzone:StateLog", name)
        child = pulumi.ResourceOptions(parent=self, provider=provider)
        bucket = aws.s3.Bucket(name, bucket=bucket_name, force_destroy=False, opts=child)
        owned = without_access_lists(name, bucket, child)
        private = closed_to_the_public(name, bucket, child)
        aws.s3.BucketLifecycleConfiguration(name, bucket=bucket.bucket, rules=[_files_go(days)], opts=child)
        after = pulumi.ResourceOptions(depends_on=[owned, private])
        self.writable = aws.s3.BucketPolicy(
            name,
            bucket=bucket.bucket,
            policy=compact(state_log_bucket_policy(bucket_name, account_id, logged)),
            opts=pulumi.ResourceOptions.merge(child, after),
        )
        self.bucket = bucket.bucket
        self.register_outputs({"bucket": self.bucket})


def _files_go(days: int) -> aws.s3.BucketLifecycleConfigurationRuleArgs:
    broken_off = aws.s3.BucketLifecycleConfigurationRuleAbortIncompleteMultipartUploadArgs(
        days_after_initiation=BROKEN_OFF_DAYS
    )
    return aws.s3.BucketLifecycleConfigurationRuleArgs(
        id="log-files",
        status="Enabled",
        filter=aws.s3.BucketLifecycleConfigurationRuleFilterArgs(prefix=""),
        expiration=aws.s3.BucketLifecycleConfigurationRuleExpirationArgs(days=days),
        abort_incomplete_multipart_upload=broken_off,
    )
