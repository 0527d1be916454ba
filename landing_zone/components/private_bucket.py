"""A bucket that nobody outside its policy reaches, encrypted by S3 itself."""

from __future__ import annotations

import pulumi
import pulumi_aws as aws

from landing_zone.components.bucket_parts import closed_to_the_public, keeping_versions, without_access_lists
from landing_zone.limits import BUCKET_NAME
from landing_zone.stack_config.models import WorkloadConfig


class PrivateBucket(pulumi.ComponentResource):
    """A bucket without access lists and out of the public's reach; its policy is put on it with `put_policy`.

    Encrypted with S3's own keys: a policy then suffices to let another account read, which a KMS key of AWS's
    (`aws/s3`) never allows. With `versioned` what is written over stays; `emptied` lets its deletion take the contents.
    """

    bucket: pulumi.Output[str]
    domain: pulumi.Output[str]
    """Its name in DNS, in its region."""

    def __init__(
        self, name: str, *, bucket_name: str, versioned: bool, emptied: bool, opts: pulumi.ResourceOptions
    ) -> None:
        super().__init__("fleetyard:landingzone:PrivateBucket", name, opts=opts)
        self._name = name
        self._child = pulumi.ResourceOptions(parent=self, provider=opts.provider)
        bucket = aws.s3.Bucket(name, bucket=bucket_name, force_destroy=emptied, opts=self._child)
        without_access_lists(name, bucket, self._child)
        aws.s3.BucketServerSideEncryptionConfiguration(
            name, bucket=bucket.bucket, rules=[_encrypted_by_s3()], opts=self._child
        )
        if versioned:
            keeping_versions(name, bucket, self._child)
        self._private = closed_to_the_public(name, bucket, self._child)
        self.bucket, self.domain = bucket.bucket, bucket.bucket_regional_domain_name
        self.register_outputs({"bucket": self.bucket})

    def put_policy(self, policy: pulumi.Input[str]) -> aws.s3.BucketPolicy:
        """Put the bucket's policy on it, once the public access block is there, beside which S3 refuses it."""
        after = pulumi.ResourceOptions(depends_on=[self._private])
        options = pulumi.ResourceOptions.merge(self._child, after)
        return aws.s3.BucketPolicy(self._name, bucket=self.bucket, policy=policy, opts=options)


def bucket_name_of(config: WorkloadConfig) -> str:
    """Return the name of a workload's bucket, unique in all of AWS by its account's id.

    Raises: pulumi.RunError where it would be longer than AWS takes.
    """
    name = f"{config.organization}-{config.workload}-{config.account_id}-{config.region}"
    if len(name) > BUCKET_NAME:
        raise pulumi.RunError(
            f"the bucket's name {name} has {len(name)} characters, AWS takes {BUCKET_NAME}; name the workload shorter "
            "in the manifest, with `folder:` for the program's"
        )
    return name


def _encrypted_by_s3() -> aws.s3.BucketServerSideEncryptionConfigurationRuleArgs:
    by_default = aws.s3.BucketServerSideEncryptionConfigurationRuleApplyServerSideEncryptionByDefaultArgs(
        sse_algorithm="AES256"
    )
    return aws.s3.BucketServerSideEncryptionConfigurationRuleArgs(apply_server_side_encryption_by_default=by_default)
