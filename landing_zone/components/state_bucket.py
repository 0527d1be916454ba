"""The bucket that holds the state of all workloads."""

from __future__ import annotations

import pulumi
import pulumi_aws as aws

from landing_zone.access_documents import state_bucket_policy
from landing_zone.limits import compact


class StateBucket(pulumi.ComponentResource):
    """A bucket that is private, versioned, encrypted by the state key, and reached by TLS only.

    All of it is protected: with the bucket alone protected, a destroy would still take away what keeps it private.
    """

    bucket: pulumi.Output[str]

    def __init__(self, name: str, *, bucket_name: str, key_arn: pulumi.Input[str], provider: aws.Provider) -> None:
        super().__init__("fleetyard:landingzone:StateBucket", name)
        child = pulumi.ResourceOptions(parent=self, provider=provider, protect=True)
        bucket = aws.s3.Bucket(
            name,
            bucket=bucket_name,
            force_destroy=False,
            opts=child,
        )
        aws.s3.BucketOwnershipControls(
            name,
            bucket=bucket.bucket,
            rule=aws.s3.BucketOwnershipControlsRuleArgs(object_ownership="BucketOwnerEnforced"),
            opts=child,
        )
        aws.s3.BucketVersioning(
            name,
            bucket=bucket.bucket,
            versioning_configuration=aws.s3.BucketVersioningVersioningConfigurationArgs(status="Enabled"),
            opts=child,
        )
        aws.s3.BucketServerSideEncryptionConfiguration(
            name, bucket=bucket.bucket, rules=[_encrypted_by(key_arn)], opts=child
        )
        private = aws.s3.BucketPublicAccessBlock(
            name,
            bucket=bucket.bucket,
            block_public_acls=True,
            block_public_policy=True,
            ignore_public_acls=True,
            restrict_public_buckets=True,
            opts=child,
        )
        # S3 refuses a policy while the public access block of the same bucket is being written.
        after_private = pulumi.ResourceOptions(depends_on=[private])
        aws.s3.BucketPolicy(
            name,
            bucket=bucket.bucket,
            policy=compact(state_bucket_policy(bucket_name)),
            opts=pulumi.ResourceOptions.merge(child, after_private),
        )
        self.bucket = bucket.bucket
        self.register_outputs({"bucket": self.bucket})


def _encrypted_by(key_arn: pulumi.Input[str]) -> aws.s3.BucketServerSideEncryptionConfigurationRuleArgs:
    """Return the rule by which new objects are encrypted; the bucket key saves a KMS call per object."""
    by_default = aws.s3.BucketServerSideEncryptionConfigurationRuleApplyServerSideEncryptionByDefaultArgs(
        sse_algorithm="aws:kms", kms_master_key_id=key_arn
    )
    return aws.s3.BucketServerSideEncryptionConfigurationRuleArgs(
        apply_server_side_encryption_by_default=by_default, bucket_key_enabled=True
    )
