"""The parts that every bucket of ours has alike; each is made under the bucket's name, with the caller's options."""

from __future__ import annotations

import pulumi
import pulumi_aws as aws


def without_access_lists(
    name: str, bucket: aws.s3.Bucket, opts: pulumi.ResourceOptions
) -> aws.s3.BucketOwnershipControls:
    """Let policies alone say who reaches the bucket, and its account own every object in it."""
    return aws.s3.BucketOwnershipControls(
        name,
        bucket=bucket.bucket,
        rule=aws.s3.BucketOwnershipControlsRuleArgs(object_ownership="BucketOwnerEnforced"),
        opts=opts,
    )


def keeping_versions(name: str, bucket: aws.s3.Bucket, opts: pulumi.ResourceOptions) -> aws.s3.BucketVersioning:
    """Keep what is written over or deleted."""
    return aws.s3.BucketVersioning(
        name,
        bucket=bucket.bucket,
        versioning_configuration=aws.s3.BucketVersioningVersioningConfigurationArgs(status="Enabled"),
        opts=opts,
    )


def closed_to_the_public(
    name: str, bucket: aws.s3.Bucket, opts: pulumi.ResourceOptions
) -> aws.s3.BucketPublicAccessBlock:
    """Keep the public out, whatever a policy says. S3 refuses a policy while this is being written: put it after."""
    return aws.s3.BucketPublicAccessBlock(
        name,
        bucket=bucket.bucket,
        block_public_acls=True,
        block_public_policy=True,
        ignore_public_acls=True,
        restrict_public_buckets=True,
        opts=opts,
    )


def encrypted_by(key_arn: pulumi.Input[str]) -> aws.s3.BucketServerSideEncryptionConfigurationRuleArgs:
    """Return the rule by which new objects are encrypted; the bucket key saves a KMS call per object."""
    by_default = aws.s3.BucketServerSideEncryptionConfigurationRuleApplyServerSideEncryptionByDefaultArgs(
        sse_algorithm="aws:kms", kms_master_key_id=key_arn
    )
    return aws.s3.BucketServerSideEncryptionConfigurationRuleArgs(
        apply_server_side_encryption_by_default=by_default, bucket_key_enabled=True
    )
