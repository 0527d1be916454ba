"""The documents around the organisation's trail: what CloudTrail may do, and what nobody in the archive's account may.

Pure: names and ids in, documents out. docs/adr/0013-log-archive.md says why each is as it is, and what it leaves open.
Sources: AWS CloudTrail User Guide, "Amazon S3 bucket policy for CloudTrail", "Configure AWS KMS key policies for
CloudTrail" and "Organization delegated administrator".
"""

from __future__ import annotations

from dataclasses import dataclass

from landing_zone.documents.access import state_bucket_policy
from landing_zone.documents.statements import Document, Statement, document
from landing_zone.identifiers import ACCOUNT_ACCESS_ROLE, account_root_arn, bucket_arn, role_arn, trail_arn
from landing_zone.naming import log_bucket, trail_name

CLOUDTRAIL = "cloudtrail.amazonaws.com"

_LOOSENS_BUCKET = (
    "s3:BypassGovernanceRetention",
    "s3:Delete*",
    "s3:PutBucketAcl",
    "s3:PutBucketObjectLockConfiguration",
    "s3:PutBucketOwnershipControls",
    "s3:PutBucketPolicy",
    "s3:PutBucketPublicAccessBlock",
    "s3:PutBucketRequestPayment",
    "s3:PutBucketVersioning",
    "s3:PutEncryptionConfiguration",
    "s3:PutLifecycleConfiguration",
    "s3:PutObjectLegalHold",
    "s3:PutObjectRetention",
    "s3:PutReplicationConfiguration",
    "s3:Replicate*",
)
"""Everything by which logs, the bucket, or what keeps them could go. Tags may still be changed."""

_LOOSENS_KEY = (
    "kms:DeleteImportedKeyMaterial",
    "kms:DisableKey",
    "kms:DisableKeyRotation",
    "kms:PutKeyPolicy",
    "kms:ScheduleKeyDeletion",
)
"""Without their key logs are as good as deleted."""

_LOOSENS_TRAIL = (
    "cloudtrail:DeleteTrail",
    "cloudtrail:PutEventSelectors",
    "cloudtrail:PutInsightSelectors",
    "cloudtrail:StopLogging",
    "cloudtrail:UpdateTrail",
)

_CHANGES_ROLE = (
    "iam:Attach*",
    "iam:CreateRole",
    "iam:Delete*",
    "iam:Detach*",
    "iam:Put*",
    "iam:Tag*",
    "iam:Untag*",
    "iam:Update*",
    "sts:AssumeRole",
)


@dataclass(frozen=True, slots=True)
class ArchiveNames:
    """Who and what the documents name. `account_id` is the archive's account."""

    organization: str
    management_account_id: str
    account_id: str
    region: str

    @property
    def bucket(self) -> str:
        """The bucket's name."""
        return log_bucket(self.organization, self.account_id, self.region)

    @property
    def trail(self) -> str:
        """The trail's name."""
        return trail_name(self.organization)

    @property
    def trail_arn(self) -> str:
        """The trail's ARN: the management account owns an organisation's trail, whoever made it."""
        return trail_arn(self.management_account_id, self.region, self.trail)

    @property
    def keeper(self) -> str:
        """The role that alone may loosen anything: only the management account's administrator gets there."""
        return role_arn(self.account_id, ACCOUNT_ACCESS_ROLE)


def log_bucket_policy(names: ArchiveNames, organization_id: str, *, locked: bool) -> Document:
    """Return the bucket's policy: CloudTrail writes for this one trail, nobody else writes, nobody loosens.

    Not `locked` it lets the account's administrators do what their own policies allow.
    """
    bucket = bucket_arn(names.bucket)
    logs = [f"{bucket}/AWSLogs/{owner}/*" for owner in (names.management_account_id, organization_id)]
    of_trail = {"StringEquals": {"aws:SourceArn": names.trail_arn}}
    statements: list[Statement] = [
        *state_bucket_policy(names.bucket)["Statement"],
        {
            "Sid": "CloudTrailLooks",
            "Effect": "Allow",
            "Principal": {"Service": CLOUDTRAIL},
            "Action": "s3:GetBucketAcl",
            "Resource": bucket,
            "Condition": of_trail,
        },
        {
            "Sid": "CloudTrailWrites",
            "Effect": "Allow",
            "Principal": {"Service": CLOUDTRAIL},
            "Action": "s3:PutObject",
            "Resource": logs,
            "Condition": {
                "StringEquals": {
                    "aws:SourceArn": names.trail_arn,
                    "s3:x-amz-acl": "bucket-owner-full-control",
                }
            },
        },
        {
            "Sid": "NobodyElseWrites",
            "Effect": "Deny",
            "Principal": "*",
            "Action": "s3:PutObject",
            "Resource": f"{bucket}/*",
            "Condition": {"Bool": {"aws:PrincipalIsAWSService": "false"}},
        },
    ]
    if locked:
        statements.append(_locked(_LOOSENS_BUCKET, [bucket, f"{bucket}/*"], names))
    return document(*statements)


def log_key_policy(names: ArchiveNames, *, locked: bool) -> Document:
    """Return the key's policy: the account's own policies decide who reads, CloudTrail encrypts, nobody loosens."""
    of_trail = {"aws:SourceArn": names.trail_arn}
    any_trail = trail_arn(names.management_account_id, "*", "*")
    statements: list[Statement] = [
        {
            "Sid": "ByTheAccountsPolicies",
            "Effect": "Allow",
            "Principal": {"AWS": account_root_arn(names.account_id)},
            "Action": "kms:*",
            "Resource": "*",
        },
        {
            "Sid": "CloudTrailEncrypts",
            "Effect": "Allow",
            "Principal": {"Service": CLOUDTRAIL},
            "Action": "kms:GenerateDataKey*",
            "Resource": "*",
            "Condition": {
                "StringEquals": of_trail,
                "StringLike": {"kms:EncryptionContext:aws:cloudtrail:arn": any_trail},
            },
        },
        {
            "Sid": "CloudTrailLooks",
            "Effect": "Allow",
            "Principal": {"Service": CLOUDTRAIL},
            "Action": "kms:DescribeKey",
            "Resource": "*",
            "Condition": {"StringEquals": of_trail},
        },
    ]
    if locked:
        statements.append(_locked(_LOOSENS_KEY, "*", names))
    return document(*statements)


def log_archive_guard(organization: str, account_id: str) -> Document:
    """Return the SCP over the archive's account: what bucket and key policy can't say.

    A trail has no policy of its own, so that only an SCP binds the delegated administrator's own administrators. The
    role that may loosen things must not be taken over, nor the account taken out from under the SCP.
    """
    keeper = role_arn(account_id, ACCOUNT_ACCESS_ROLE)
    others = {"ArnNotEquals": {"aws:PrincipalArn": keeper}}
    return document(
        {
            "Sid": "KeepTheTrail",
            "Effect": "Deny",
            "Action": list(_LOOSENS_TRAIL),
            # By name alone: the trail is the management account's, the request comes from its delegated administrator.
            "Resource": trail_arn("*", "*", trail_name(organization)),
            "Condition": others,
        },
        {
            "Sid": "KeepTheKeeper",
            "Effect": "Deny",
            "Action": list(_CHANGES_ROLE),
            "Resource": keeper,
            "Condition": others,
        },
        {
            "Sid": "NotTheRootUser",
            "Effect": "Deny",
            "Action": "*",
            "Resource": "*",
            "Condition": {"ArnEquals": {"aws:PrincipalArn": account_root_arn(account_id)}},
        },
        {"Sid": "Stay", "Effect": "Deny", "Action": "organizations:LeaveOrganization", "Resource": "*"},
    )


def _locked(actions: tuple[str, ...], resource: str | list[str], names: ArchiveNames) -> Statement:
    return {
        "Sid": "NobodyLoosens",
        "Effect": "Deny",
        "Principal": "*",
        "Action": list(actions),
        "Resource": resource,
        "Condition": {"ArnNotEquals": {"aws:PrincipalArn": names.keeper}},
    }
