"""The condition keys of services that the twin gives to requests, or that are rightly absent from every request here.

Without what follows a slash. What is not listed is not known: see `conditions.py`. Global keys (`aws:…`) and those of
identity providers are not here. A key listed is given wherever AWS has it; README names what is left.
"""

from __future__ import annotations

_GIVEN = {
    "account": "AlternateContactTypes TargetRegion",
    "cloudformation": "RoleArn TemplateUrl",
    "dynamodb": (
        "Attributes EnclosingOperation FirstPartitionKeyValues FourthPartitionKeyValues LeadingKeys "
        "ReturnConsumedCapacity ReturnValues SecondPartitionKeyValues Select ThirdPartitionKeyValues"
    ),
    "ec2": "Add CreateAction Region Remove ResourceTag",
    "ecr": "ResourceTag",
    "events": "TargetArn detail-type source",
    "iam": (
        "AWSServiceName AssociatedResourceArn OrganizationsPolicyId PassedToService PermissionsBoundary PolicyARN "
        "ResourceTag ServiceSpecificCredentialAgeDays ServiceSpecificCredentialServiceName"
    ),
    "kms": (
        "BypassPolicyLockoutSafetyCheck CallerAccount DataKeyPairSpec EncryptionAlgorithm EncryptionContext "
        "EncryptionContextKeys ExpirationModel GrantConstraintType GrantIsForAWSResource GrantOperations "
        "GranteePrincipal KeyOrigin KeySpec KeyUsage MacAlgorithm MessageType MultiRegion ReplicaRegion RequestAlias "
        "ResourceAliases RetiringPrincipal RotationPeriodInDays ScheduleKeyDeletionPendingWindowInDays "
        "SigningAlgorithm ViaService"
    ),
    "lambda": "FunctionUrlAuthType Layer Principal SecurityGroupIds SubnetIds",
    "organizations": "PolicyType ServicePrincipal",
    "ram": "Principal RequestedAllowsExternalPrincipals ResourceArn",
    "s3": (
        "ExistingObjectTag LocationConstraint RequestObjectTag RequestObjectTagKeys ResourceAccount TlsVersion "
        "VersionId authType delimiter if-match if-none-match max-keys object-lock-legal-hold object-lock-mode "
        "object-lock-retain-until-date prefix signatureAge signatureversion x-amz-acl x-amz-content-sha256 "
        "x-amz-copy-source x-amz-grant-full-control x-amz-grant-read x-amz-grant-read-acp x-amz-grant-write "
        "x-amz-grant-write-acp x-amz-metadata-directive x-amz-object-ownership x-amz-server-side-encryption "
        "x-amz-server-side-encryption-aws-kms-key-id x-amz-server-side-encryption-customer-algorithm "
        "x-amz-storage-class x-amz-website-redirect-location"
    ),
    "secretsmanager": (
        "BlockPublicPolicy Description ForceDeleteWithoutRecovery Name RecoveryWindowInDays ResourceTag VersionStage"
    ),
    "servicequotas": "service",
    "sns": "Endpoint Protocol",
    "ssm": "Overwrite Recursive ResourceTag",
    "sts": "ExternalId RoleSessionName SourceIdentity TaskPolicyArn TransitiveTagKeys",
}
# Of access points, access grants, experiments, rules that services manage: none of them carries a request here.
# Tags of buckets are read only where that was switched on, which cannot be done here.
_RIGHTLY_ABSENT = {
    "dynamodb": "FisActionId FisTargetArns",
    "ec2": "FisActionId FisTargetArns ManagedResourceOperator",
    "events": "ManagedBy",
    "lambda": "InvokedViaFunctionUrl",
    "s3": (
        "AccessGrantsInstanceArn AccessPointNetworkOrigin AccessPointTag BucketTag DataAccessPointAccount "
        "DataAccessPointArn"
    ),
}
# What is given from the parameters of a request that makes something, and of nothing that is there already.
_GIVEN_TO = {
    "ec2:CreateSubnet": "AvailabilityZone",
    "ec2:CreateVolume": "AvailabilityZone Encrypted VolumeIops VolumeSize VolumeType",
    "ec2:CreateVpcEndpoint": "VpceServiceName",
    "ec2:RunInstances": (
        "AvailabilityZone EbsOptimized InstanceType MetadataHttpEndpoint MetadataHttpPutResponseHopLimit "
        "MetadataHttpTokens Tenancy"
    ),
    "elasticfilesystem:CreateFileSystem": "Encrypted",
    "elasticloadbalancing:CreateLoadBalancer": "Scheme",
    "rds:CreateDBInstance": (
        "DatabaseClass DatabaseEngine DatabaseName MultiAz Piops PubliclyAccessible StorageEncrypted StorageSize"
    ),
}


def _named(keys: dict[str, str]) -> frozenset[str]:
    return frozenset(f"{service}:{key}".lower() for service, names in keys.items() for key in names.split())


GIVEN = _named(_GIVEN) | _named(_RIGHTLY_ABSENT)
GIVEN_TO = {action.lower(): _named({action.partition(":")[0]: names}) for action, names in _GIVEN_TO.items()}
STATEMENTS_NOT_READ = frozenset(f"dynamodb:partiql{verb}" for verb in ("delete", "insert", "select", "update"))
"""Actions whose requests say what they ask for in a language that the twin does not read: they have no key of these."""
