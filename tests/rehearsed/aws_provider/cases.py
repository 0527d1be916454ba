"""One case per resource type: what to create, what to change, what replaces, what may drift."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from rehearsal.aws.resource_type import ResourceType
from rehearsal.aws.services import cloudwatch, iam, kms, organizations, s3
from tests.rehearsed.aws_provider.world import ALLOW_S3, ALLOW_SQS, OTHER_TRUST, TRUST, World
from tests.unit.aws_provider.driving import Driver, Recorded

Inputs = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Case:
    """A type's case. Inputs are made anew for each test, with what they need."""

    kind: ResourceType
    inputs: Callable[[World], Inputs]
    updates: Callable[[World, Inputs], list[Inputs]]
    """Changes to the inputs, each applied to the result of the one before."""
    replacements: Callable[[World], Inputs]
    """One other value for each property whose change means another resource."""
    drift: Callable[[World, Recorded], object]
    """Changes the resource behind the provider's back."""
    drifted: frozenset[str]
    """The properties that then differ."""
    import_id: Callable[[Recorded], str] = lambda recorded: recorded.id
    untold: frozenset[str] = frozenset()
    """Properties that an import can't know."""
    not_tried: Mapping[str, str] = field(default_factory=dict)
    """Properties no update or replacement is tried for, and why."""
    in_management: bool = False
    own_account: bool = False
    """An account has one of it, so that each test that changes it takes an account of its own."""
    one_in_organization: bool = False
    """An organisation has one of it, so that each test, also one that only looks, makes it anew; `inputs` clears."""
    variant: str = ""
    """What tells two cases of one type apart."""
    stays: bool = False
    """What the type sets can't be unset, so that there is still something to read after its deletion."""

    @property
    def name(self) -> str:
        """Return the type, and which of its cases this is if it has more than one."""
        return f"{self.kind.type} {self.variant}".rstrip()

    def driver(self, world: World) -> Driver:
        """Return the provider of the account this type is for."""
        return world.management if self.in_management else world.hand


def _deny_plain(bucket: str, sid: str = "Tls") -> str:
    resources = [f"arn:aws:s3:::{bucket}", f"arn:aws:s3:::{bucket}/*"]
    parts = {"Sid": sid, "Effect": "Deny", "Principal": "*", "Action": "s3:*", "Resource": resources}
    parts["Condition"] = {"Bool": {"aws:SecureTransport": "false"}}
    return json.dumps({"Version": "2012-10-17", "Statement": [parts]})


def _encrypted(key: str) -> list[Inputs]:
    return [{"applyServerSideEncryptionByDefault": {"sseAlgorithm": "aws:kms", "kmsMasterKeyId": key}}]


IAM = [
    Case(
        kind=iam.ROLE,
        inputs=lambda w: {
            "assumeRolePolicy": json.dumps(json.loads(TRUST), indent=2),
            "name": w.name("role"),
            "description": "first",
            "maxSessionDuration": 7200,
            "tags": {"a": "1"},
        },
        updates=lambda w, _: [
            {"assumeRolePolicy": OTHER_TRUST},
            {"description": None},
            {"maxSessionDuration": 3600},
            {"permissionsBoundary": w.policy()},
            {"permissionsBoundary": None},
            {"forceDetachPolicies": True},
            {"tags": {"a": "2", "b": "3"}},
            {"tags": None},
        ],
        replacements=lambda w: {"name": w.name(), "path": "/other/"},
        drift=lambda w, r: w.client("iam").update_assume_role_policy(RoleName=r.id, PolicyDocument=OTHER_TRUST),
        drifted=frozenset({"assumeRolePolicy"}),
    ),
    Case(
        kind=iam.ROLE_POLICY,
        inputs=lambda w: {"role": w.role(), "policy": json.loads(ALLOW_S3)},
        updates=lambda *_: [{"policy": ALLOW_SQS}],
        replacements=lambda w: {"role": w.role(), "name": w.name()},
        drift=lambda w, r: w.client("iam").put_role_policy(
            RoleName=r.outputs["role"], PolicyName=r.outputs["name"], PolicyDocument=ALLOW_SQS
        ),
        drifted=frozenset({"policy"}),
    ),
    Case(
        kind=iam.ROLE_POLICY_ATTACHMENT,
        inputs=lambda w: {"role": w.role(), "policyArn": "arn:aws:iam::aws:policy/AdministratorAccess"},
        updates=lambda *_: [],
        replacements=lambda w: {"role": w.role(), "policyArn": w.policy()},
        drift=lambda w, r: w.client("iam").detach_role_policy(
            RoleName=r.outputs["role"], PolicyArn=r.outputs["policyArn"]
        ),
        drifted=frozenset({"gone"}),
    ),
    Case(
        kind=iam.POLICY,
        inputs=lambda *_: {"policy": ALLOW_S3, "description": "first", "tags": {"a": "1"}},
        updates=lambda *_: [
            *({"policy": policy} for policy in (ALLOW_SQS, ALLOW_S3) * 3),  # more versions than IAM keeps
            {"tags": {"b": "2"}},
        ],
        replacements=lambda w: {"name": w.name(), "path": "/other/", "description": "second"},
        drift=lambda w, r: w.client("iam").create_policy_version(
            PolicyArn=r.id, PolicyDocument=ALLOW_SQS, SetAsDefault=True
        ),
        drifted=frozenset({"policy"}),
    ),
]

S3 = [
    Case(
        kind=s3.BUCKET,
        inputs=lambda *_: {"tags": {"a": "1"}},
        updates=lambda *_: [{"tags": {"b": "2"}}, {"tags": None}, {"forceDestroy": True}],
        replacements=lambda w: {"bucket": w.name(), "objectLockEnabled": True, "region": "us-east-1"},
        drift=lambda w, r: w.client("s3").put_bucket_tagging(
            Bucket=r.id, Tagging={"TagSet": [{"Key": "a", "Value": "theirs"}, {"Key": "org", "Value": "acme"}]}
        ),
        drifted=frozenset({"tags", "tagsAll"}),
    ),
    Case(
        kind=s3.BUCKET_VERSIONING,
        inputs=lambda w: {"bucket": w.bucket(), "versioningConfiguration": {"status": "Enabled"}},
        updates=lambda *_: [{"versioningConfiguration": {"status": "Suspended"}}],
        replacements=lambda w: {"bucket": w.bucket(), "region": "us-east-1"},
        drift=lambda w, r: w.client("s3").put_bucket_versioning(
            Bucket=r.id, VersioningConfiguration={"Status": "Suspended"}
        ),
        drifted=frozenset({"versioningConfiguration"}),
        stays=True,
    ),
    Case(
        kind=s3.BUCKET_ENCRYPTION,
        inputs=lambda w: {"bucket": w.bucket(), "rules": [{**_encrypted(w.key())[0], "bucketKeyEnabled": True}]},
        updates=lambda w, _: [{"rules": _encrypted(w.key())}],
        replacements=lambda w: {"bucket": w.bucket(), "region": "us-east-1"},
        drift=lambda w, r: w.client("s3").delete_bucket_encryption(Bucket=r.id),
        drifted=frozenset({"rules"}),
        stays=True,
    ),
    Case(
        kind=s3.BUCKET_PUBLIC_ACCESS_BLOCK,
        inputs=lambda w: {"bucket": w.bucket(), "blockPublicAcls": True, "blockPublicPolicy": True},
        updates=lambda *_: [
            {"ignorePublicAcls": True, "restrictPublicBuckets": True},
            {"blockPublicAcls": False, "blockPublicPolicy": None},
            {"skipDestroy": True},
        ],
        replacements=lambda w: {"bucket": w.bucket(), "region": "us-east-1"},
        drift=lambda w, r: w.client("s3").put_public_access_block(
            Bucket=r.id, PublicAccessBlockConfiguration={"BlockPublicAcls": True}
        ),
        drifted=frozenset({"blockPublicPolicy"}),
    ),
    Case(
        kind=s3.BUCKET_POLICY,
        inputs=lambda w: {"bucket": (name := w.bucket()), "policy": json.loads(_deny_plain(name))},
        updates=lambda _, inputs: [{"policy": _deny_plain(inputs["bucket"], "Other")}],
        replacements=lambda w: {"bucket": w.bucket(), "region": "us-east-1"},
        drift=lambda w, r: w.client("s3").put_bucket_policy(Bucket=r.id, Policy=_deny_plain(r.id, "Theirs")),
        drifted=frozenset({"policy"}),
    ),
    Case(
        kind=s3.BUCKET_OWNERSHIP_CONTROLS,
        inputs=lambda w: {"bucket": w.bucket(), "rule": {"objectOwnership": "BucketOwnerEnforced"}},
        updates=lambda *_: [{"rule": {"objectOwnership": "BucketOwnerPreferred"}}],
        replacements=lambda w: {"bucket": w.bucket(), "region": "us-east-1"},
        drift=lambda w, r: w.client("s3").delete_bucket_ownership_controls(Bucket=r.id),
        drifted=frozenset({"gone"}),
    ),
]

KMS = [
    Case(
        kind=kms.KEY,
        inputs=lambda *_: {"description": "state", "deletionWindowInDays": 7, "tags": {"a": "1"}},
        updates=lambda w, _: [
            {"description": "other"},
            {"enableKeyRotation": True},
            {"enableKeyRotation": False},
            {"isEnabled": False},
            {"isEnabled": True},
            {"policy": _key_policy(w.account_id)},
            {"deletionWindowInDays": 30},
            {"bypassPolicyLockoutSafetyCheck": True},
            {"tags": {"b": "2"}},
        ],
        replacements=lambda *_: {
            "keyUsage": "SIGN_VERIFY",
            "customerMasterKeySpec": "RSA_2048",
            "multiRegion": True,
            "region": "us-east-1",
        },
        drift=lambda w, r: w.client("kms").enable_key_rotation(KeyId=r.id),
        drifted=frozenset({"enableKeyRotation"}),
        untold=frozenset({"deletionWindowInDays"}),
    ),
    Case(
        kind=kms.ALIAS,
        inputs=lambda w: {"targetKeyId": w.key()},
        updates=lambda w, _: [{"targetKeyId": w.key().rsplit("/", 1)[-1]}],
        replacements=lambda w: {"name": f"alias/{w.name()}", "region": "us-east-1"},
        drift=lambda w, r: w.client("kms").update_alias(AliasName=r.id, TargetKeyId=w.key()),
        drifted=frozenset({"targetKeyId"}),
    ),
]


def _key_policy(account_id: str) -> str:
    owner = {"Sid": "Own", "Effect": "Allow", "Principal": {"AWS": account_id}, "Action": "kms:*", "Resource": "*"}
    return json.dumps({"Version": "2012-10-17", "Statement": [owner]})


ORGANIZATIONS = [
    Case(
        kind=organizations.ORGANIZATIONAL_UNIT,
        inputs=lambda w: {"name": w.name("unit"), "parentId": w.root(), "tags": {"a": "1"}},
        updates=lambda w, _: [{"name": w.name("unit")}, {"tags": {"b": "2"}}],
        replacements=lambda w: {"parentId": w.unit()},
        drift=lambda w, r: w.organizations().update_organizational_unit(
            OrganizationalUnitId=r.id, Name=w.name("theirs")
        ),
        drifted=frozenset({"name"}),
        in_management=True,
    ),
    Case(
        kind=organizations.ACCOUNT,
        inputs=lambda w: {
            "name": "core-audit",
            "email": f"{w.name()}@acme.example",
            "parentId": w.unit(),
            "roleName": "OrganizationAccountAccessRole",
            "tags": {"a": "1"},
        },
        updates=lambda w, _: [
            {"name": "core-auditing"},
            {"parentId": w.unit()},
            {"closeOnDeletion": True},
            {"tags": {"b": "2"}},
        ],
        replacements=lambda *_: {"email": "new@acme.example", "roleName": "Other", "iamUserAccessToBilling": "DENY"},
        drift=lambda w, r: w.organizations().move_account(
            AccountId=r.id, SourceParentId=r.outputs["parentId"], DestinationParentId=w.unit()
        ),
        drifted=frozenset({"parentId"}),
        untold=frozenset({"roleName"}),
        in_management=True,
    ),
]

CLOUDWATCH = [
    Case(
        kind=cloudwatch.LOG_GROUP,
        inputs=lambda *_: {"retentionInDays": 30, "tags": {"a": "1"}},
        updates=lambda *_: [
            {"retentionInDays": 7},
            {"retentionInDays": None},
            {"skipDestroy": True},
            {"skipDestroy": False},
            {"tags": {"b": "2"}},
        ],
        replacements=lambda w: {"name": w.name(), "logGroupClass": "INFREQUENT_ACCESS", "region": "us-east-1"},
        drift=lambda w, r: w.client("logs").put_retention_policy(logGroupName=r.id, retentionInDays=1),
        drifted=frozenset({"retentionInDays"}),
        not_tried={"kmsKeyId": "the twin does not carry out AssociateKmsKey"},
    ),
]
