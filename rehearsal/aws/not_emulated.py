"""What the twin keeps without acting on it, for the pages of types: by the type's package, and by type."""

from __future__ import annotations

from collections.abc import Mapping

from rehearsal.aws.resource_type import ResourceType

_BY_PACKAGE: Mapping[str, tuple[str, ...]] = {
    "account": ("Contacts are kept; nobody is written to.",),
    "budgets": ("No spending is known, so no budget is ever exceeded and no notification is sent.",),
    "cfg": ("Nothing is recorded or delivered; whether AWS Config may write to the bucket or topic is not looked up.",),
    "cloudfront": ("No pages are served. A distribution is deployed as soon as it is asked about.",),
    "cloudtrail": ("No log files are delivered.",),
    "cloudwatch": (),
    "dynamodb": ("Nothing is slowed down for want of capacity, no item expires, and no table is restored.",),
    "ebs": ("The setting is kept; no volume is encrypted by it.",),
    "ec2": ("No packet flows: routes, gateways and subnets are kept, and refused where they contradict each other.",),
    "ecr": ("No image is scanned, and none expires.",),
    "guardduty": ("No threat is looked for; members are not managed by a delegated administrator.",),
    "iam": (),
    "identitystore": ("Nobody signs in, and no directory is connected.",),
    "kms": ("No key is ever rotated.",),
    "lambda": (),
    "organizations": (),
    "ram": (
        "What is shared is not seen in the other accounts: a subnet stays its owner's.",
        "Whether a resource that is shared exists is not looked up, only whose it is.",
    ),
    "route53": ("No query is answered, and no delegation looked up.",),
    "s3": (),
    "secretsmanager": ("No secret is rotated or replicated; what is in one is never in state.",),
    "securityhub": (
        "Nothing is checked, and no standard is switched on.",
        "A delegated administrator is one for all regions, and manages no members.",
    ),
    "servicequotas": (
        "Up to twice a quota is granted at once, more stays an open request; no quota has an effect by itself.",
    ),
    "sns": ("Nothing is delivered to subscribers, and no subscription by mail is ever confirmed.",),
    "sqs": (),
    "ssm": (),
    "vpc": ("No packet flows, so no rule lets anything in or out.",),
    "ssoadmin": (
        "Permission sets and assignments are kept: no role appears in an account, and nobody signs in.",
        "Whether the principal or the account of an assignment exists is not looked up.",
        "Every account of the twin has an instance of Identity Center of its own.",
    ),
}
_BY_TYPE: Mapping[str, tuple[str, ...]] = {
    "aws:cloudtrail/trail:Trail": (
        "An organisation's trail is seen in the management account and by its delegated administrator.",
        "AWS shows a copy in every member account as well.",
    ),
    "aws:cloudwatch/eventRule:EventRule": ("No event reaches a rule by itself, and no schedule fires.",),
    "aws:cloudwatch/eventTarget:EventTarget": ("Nothing is delivered to targets.",),
    "aws:cloudwatch/logGroup:LogGroup": ("No log event expires.",),
    "aws:cloudwatch/metricAlarm:MetricAlarm": ("No alarm goes off by itself, and no action is taken.",),
    "aws:ec2/flowLog:FlowLog": ("No record is ever delivered.",),
    "aws:ec2/instanceMetadataDefaults:InstanceMetadataDefaults": ("The defaults are kept; no instance takes them.",),
    "aws:iam/accountAlias:AccountAlias": ("An alias taken by an account outside the organisation is not known.",),
    "aws:iam/accountPasswordPolicy:AccountPasswordPolicy": ("No password is measured against it.",),
    "aws:iam/instanceProfile:InstanceProfile": ("No instance takes a role from it.",),
    "aws:iam/samlProvider:SamlProvider": (
        "The metadata document is kept as it is; whoever gives an assertion of the provider is believed.",
    ),
    "aws:lambda/function:Function": (
        "No function runs. Whether its role may write logs, reach a queue or make network interfaces is not looked up.",
    ),
    "aws:lambda/permission:Permission": (
        "A principal that is an account's id is replaced with each run, as by the real provider: Lambda tells an ARN.",
        "Name the ARN of the account's root instead (hashicorp/terraform-provider-aws, issue 30722).",
    ),
    "aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration": ("No object expires or moves.",),
    "aws:s3/bucketLogging:BucketLogging": (
        "The log has one object for each request; AWS delivers later, and many requests at once.",
    ),
    "aws:s3/bucketOwnershipControls:BucketOwnershipControls": (
        "Access control lists, where the ownership allows them, are kept and let nobody in.",
    ),
    "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration": (
        "No object is really encrypted; who reads and writes under a KMS key needs the key.",
    ),
}


def not_emulated(kind: ResourceType) -> tuple[str, ...]:
    """Return in sentences what the twin keeps of a type without acting on it. Raises: KeyError for a new package."""
    return (*_BY_PACKAGE[package_of(kind)], *_BY_TYPE.get(kind.type, ()))


def package_of(kind: ResourceType) -> str:
    """Return the package of a type: `iam` of `aws:iam/role:Role`."""
    return kind.type.split("/")[0].removeprefix("aws:")


def strangers(types: frozenset[str]) -> frozenset[str]:
    """Return the types that are named here and that nobody offers."""
    return frozenset(_BY_TYPE.keys() - types)
