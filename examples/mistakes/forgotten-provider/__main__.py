"""A workload that makes its provider and then forgets to use it."""

import pulumi
import pulumi_aws as aws

from landing_zone.providers import account_provider
from landing_zone.stack_config import WorkloadConfig

config = WorkloadConfig.from_stack()
provider = account_provider(config)

# The mistake: without opts=pulumi.ResourceOptions(provider=provider) this bucket would be made with the caller's own
# credentials, which is in the management account.
reports = aws.s3.Bucket("reports")

pulumi.export("bucket", reports.bucket)
