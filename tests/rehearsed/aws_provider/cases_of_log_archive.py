"""The cases of the types that the log archive is made of: trails, their delegation, object lock, SCPs."""

from __future__ import annotations

import json
from contextlib import suppress

from rehearsal.aws.services import cloudtrail, organizations_policies, s3
from tests.rehearsed.aws_provider.cases import Case
from tests.rehearsed.aws_provider.world import World

_KEEP_A_DAY = {"defaultRetention": {"mode": "GOVERNANCE", "days": 1}}
_KEEP_A_YEAR = {"defaultRetention": {"mode": "COMPLIANCE", "years": 1}}
_SERVICE = {"Service": "cloudtrail.amazonaws.com"}


def log_bucket(world: World) -> str:
    """Make a bucket that CloudTrail may write to, and return its name."""
    name = world.bucket()
    arn = f"arn:aws:s3:::{name}"
    allow = {"Effect": "Allow", "Principal": _SERVICE}
    statements = [
        {**allow, "Action": "s3:GetBucketAcl", "Resource": arn},
        {**allow, "Action": "s3:PutObject", "Resource": f"{arn}/*"},
    ]
    policy = {"Version": "2012-10-17", "Statement": statements}
    world.client("s3").put_bucket_policy(Bucket=name, Policy=json.dumps(policy))
    return name


def log_key(world: World) -> str:
    """Make a key that CloudTrail may encrypt with, and return its ARN."""
    own = {"Effect": "Allow", "Principal": {"AWS": world.account_id}, "Action": "kms:*", "Resource": "*"}
    use = {**own, "Principal": _SERVICE, "Action": ["kms:GenerateDataKey*", "kms:DescribeKey"]}
    policy = {"Version": "2012-10-17", "Statement": [own, use]}
    return str(world.client("kms").create_key(Policy=json.dumps(policy))["KeyMetadata"]["Arn"])


def _locked_bucket(world: World) -> str:
    name = world.name("bucket")
    place = {"LocationConstraint": world.region}
    world.client("s3").create_bucket(Bucket=name, CreateBucketConfiguration=place, ObjectLockEnabledForBucket=True)
    return name


def _scp(action: str = "organizations:LeaveOrganization") -> str:
    deny = {"Effect": "Deny", "Action": action, "Resource": "*"}
    return json.dumps({"Version": "2012-10-17", "Statement": [deny]})


def _policy(world: World) -> str:
    with suppress(world.organizations().exceptions.PolicyTypeAlreadyEnabledException):
        world.organizations().enable_policy_type(
            RootId=world.organizations().list_roots()["Roots"][0]["Id"], PolicyType="SERVICE_CONTROL_POLICY"
        )
    made = world.organizations().create_policy(
        Name=world.name("policy"), Description="", Content=_scp(), Type="SERVICE_CONTROL_POLICY"
    )
    return str(made["Policy"]["PolicySummary"]["Id"])


def _member(world: World) -> str:
    name = world.name("member")
    status = world.organizations().create_account(Email=f"{name}@example.com", AccountName=name)
    return str(status["CreateAccountStatus"]["AccountId"])


def _delegate(world: World) -> str:
    """Return a member account to delegate to, in an organisation that trusts CloudTrail."""
    world.organizations().enable_aws_service_access(ServicePrincipal=cloudtrail.SERVICE_PRINCIPAL)
    return _member(world)


LOG_ARCHIVE = [
    Case(
        kind=cloudtrail.TRAIL,
        inputs=lambda w: {"s3BucketName": log_bucket(w), "s3KeyPrefix": "logs", "tags": {"a": "1"}},
        updates=lambda w, _: [
            {"s3BucketName": log_bucket(w), "s3KeyPrefix": None},
            {"kmsKeyId": log_key(w)},
            {"kmsKeyId": None},
            {"isMultiRegionTrail": True, "enableLogFileValidation": True},
            {"isMultiRegionTrail": None, "includeGlobalServiceEvents": False},
            {"snsTopicName": "logs"},
            {
                "cloudWatchLogsGroupArn": f"{w.group()}:*",
                "cloudWatchLogsRoleArn": f"arn:aws:iam::{w.account_id}:role/r",
            },
            {"cloudWatchLogsGroupArn": None, "cloudWatchLogsRoleArn": None},
            {"enableLogging": False},
            {"enableLogging": None},
            {"tags": {"b": "2"}},
        ],
        replacements=lambda w: {"name": w.name(), "region": "us-east-1"},
        drift=lambda w, r: w.client("cloudtrail").stop_logging(Name=r.id),
        drifted=frozenset({"enableLogging"}),
        not_tried={"isOrganizationTrail": "only the delegated administrator may; test_log_archive tries it"},
    ),
    Case(
        kind=cloudtrail.ORGANIZATION_DELEGATED_ADMIN_ACCOUNT,
        inputs=lambda w: {"accountId": _delegate(w)},
        updates=lambda *_: [],
        replacements=lambda w: {"accountId": _member(w)},
        drift=lambda w, r: w.aws.client("cloudtrail").deregister_organization_delegated_admin(
            DelegatedAdminAccountId=r.id
        ),
        drifted=frozenset({"gone"}),
        in_management=True,
    ),
    Case(
        kind=s3.BUCKET_OBJECT_LOCK,
        inputs=lambda w: {"bucket": _locked_bucket(w), "rule": _KEEP_A_DAY},
        updates=lambda *_: [{"rule": _KEEP_A_YEAR}, {"rule": None}],
        replacements=lambda w: {"bucket": w.bucket(), "region": "us-east-1"},
        drift=lambda w, r: w.client("s3").put_object_lock_configuration(
            Bucket=r.id, ObjectLockConfiguration={"ObjectLockEnabled": "Enabled"}
        ),
        drifted=frozenset({"rule"}),
        not_tried={"objectLockEnabled": "S3 has one value for it"},
        stays=True,
    ),
    Case(
        kind=organizations_policies.POLICY,
        inputs=lambda w: {"name": w.name("policy"), "content": _scp(), "tags": {"a": "1"}},
        updates=lambda w, _: [
            {"name": w.name("policy"), "content": _scp("iam:*"), "description": "second"},
            {"description": None},
            {"skipDestroy": True},
            {"skipDestroy": None},
            {"tags": {"b": "2"}},
        ],
        replacements=lambda *_: {"type": "TAG_POLICY"},
        drift=lambda w, r: w.organizations().update_policy(PolicyId=r.id, Content=_scp("s3:*")),
        drifted=frozenset({"content"}),
        in_management=True,
    ),
    Case(
        kind=organizations_policies.POLICY_ATTACHMENT,
        inputs=lambda w: {"policyId": _policy(w), "targetId": w.unit()},
        updates=lambda *_: [{"skipDestroy": True}, {"skipDestroy": None}],
        replacements=lambda w: {"policyId": _policy(w), "targetId": w.unit()},
        drift=lambda w, r: w.organizations().detach_policy(
            PolicyId=r.outputs["policyId"], TargetId=r.outputs["targetId"]
        ),
        drifted=frozenset({"gone"}),
        in_management=True,
    ),
]
