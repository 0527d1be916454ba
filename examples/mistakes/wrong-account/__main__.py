"""A workload of one account whose provider assumes the role of another."""

import pulumi
import pulumi_aws as aws

from landing_zone.identifiers import role_arn
from landing_zone.providers import account_provider
from landing_zone.stack_config import WorkloadConfig

config = WorkloadConfig.from_stack()

# The mistake: the stack belongs to `dev`, and the role is that of `prod`.
another = role_arn(config.values["another_account_id"], "Admin")
provider = account_provider(config.model_copy(update={"role_arn": another}))

reports = aws.s3.Bucket("reports", opts=pulumi.ResourceOptions(provider=provider))

pulumi.export("bucket", reports.bucket)
