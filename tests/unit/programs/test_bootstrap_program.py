"""The management account's program: who becomes what, and exactly what that lets them do."""

from __future__ import annotations

import pytest

from landing_zone.stack_config import for_bootstrap
from tests.unit.landing_zone.fleets import edited, full_lock, parsed
from tests.unit.programs import deployed
from tests.unit.programs.program_under_mocks import run_program

ROLE = "aws:iam/role:Role"
POLICY = "aws:iam/rolePolicy:RolePolicy"
BUCKET = "acme-state-100000000001-eu-west-1"
KEY_ARN = "arn:aws:kms:eu-west-1:000000000000:key/k-1"


def test_who_becomes_a_management_role() -> None:
    """The IAM user of the sample becomes each management role, with MFA only, for an hour."""
    roles = deployed.bootstrap().of_type(ROLE)
    assert set(roles) == {"Management-Admin", "Management-Billing", "Management-Developer"}
    for name, role in roles.items():
        assert role.inputs["name"] == name
        assert role.inputs["maxSessionDuration"] == 3600
        assert role.document("assumeRolePolicy")["Statement"] == [
            {
                "Sid": "Users",
                "Effect": "Allow",
                "Principal": {"AWS": ["arn:aws:iam::100000000001:user/ops"]},
                "Action": "sts:AssumeRole",
                "Condition": {"Bool": {"aws:MultiFactorAuthPresent": "true"}},
            }
        ]


def test_exactly_what_management_admin_may_do() -> None:
    """Management-Admin assumes its 22 roles and uses the state; this is the whole list of what it may do."""
    ran = deployed.bootstrap()
    assert ran.of_type(POLICY)["Management-Admin"].document("policy")["Statement"] == [
        {
            "Sid": "AssumeGrantedRoles",
            "Effect": "Allow",
            "Action": "sts:AssumeRole",
            "Resource": [
                f"arn:aws:iam::{account}:role/{role}"
                for account in range(100000000002, 100000000013)
                for role in ("Admin", "Billing")
            ],
        },
        {
            "Sid": "ListState",
            "Effect": "Allow",
            "Action": "s3:ListBucket",
            "Resource": f"arn:aws:s3:::{BUCKET}",
            "Condition": {"StringLikeIfExists": {"s3:prefix": [".pulumi/*"]}},
        },
        {
            "Sid": "UseState",
            "Effect": "Allow",
            "Action": ["s3:DeleteObject", "s3:GetObject", "s3:PutObject"],
            "Resource": f"arn:aws:s3:::{BUCKET}/.pulumi/*",
        },
        {
            "Sid": "UseStateKey",
            "Effect": "Allow",
            "Action": ["kms:Decrypt", "kms:Encrypt", "kms:GenerateDataKey"],
            "Resource": KEY_ARN,
        },
    ]
    assert ran.of_type("aws:iam/rolePolicyAttachment:RolePolicyAttachment") == {}
    assert len(ran.of_type(POLICY)) == 3


@pytest.mark.parametrize(
    ("role", "reach"),
    [
        (
            "Management-Billing",
            [f"arn:aws:iam::{account}:role/Billing" for account in range(100000000002, 100000000013)],
        ),
        (
            "Management-Developer",
            [
                "arn:aws:iam::100000000009:role/ReadOnly",
                "arn:aws:iam::100000000010:role/ReadOnly",
                "arn:aws:iam::100000000011:role/Admin",
                "arn:aws:iam::100000000012:role/Admin",
            ],
        ),
    ],
)
def test_roles_without_state_only_assume(role: str, reach: list[str]) -> None:
    """A role with `state: none` assumes what it is granted, and does nothing else."""
    (statement,) = deployed.bootstrap().of_type(POLICY)[role].document("policy")["Statement"]
    assert statement["Action"] == "sts:AssumeRole"
    assert statement["Resource"] == reach


def test_a_role_that_reaches_nothing_has_no_policy() -> None:
    """AWS takes no empty policy, so there is none."""
    text = edited(("    grants:\n      - {roles: [ReadOnly], stages: [prod]}\n", ""))
    manifest = parsed(text)
    config = for_bootstrap(manifest, full_lock(manifest))
    ran = run_program("bootstrap", config, project="bootstrap", stack="root")
    assert set(ran.of_type(POLICY)) == {"Management-Admin"}
    assert set(ran.of_type(ROLE)) == {"Management-Admin", "Management-Developer"}


def test_a_large_fleet_is_granted_by_role_name() -> None:
    """Where the list of ARNs is too long for AWS, names within the organisation are granted."""
    lines = "".join(f"      a{at:04}: {{email: a{at}@small.example}}\n" for at in range(300))
    manifest = parsed(edited(("      audit: {email: audit@small.example}\n", lines)))
    config = for_bootstrap(manifest, full_lock(manifest))
    ran = run_program("bootstrap", config, project="bootstrap", stack="root")
    assert ran.of_type(POLICY)["Management-Admin"].document("policy")["Statement"][0] == {
        "Sid": "AssumeRolesOfTheOrganization",
        "Effect": "Allow",
        "Action": "sts:AssumeRole",
        "Resource": ["arn:aws:iam::*:role/Admin"],
        "Condition": {"StringEquals": {"aws:ResourceOrgID": "o-a1b2c3d4e5"}},
    }


def test_sessions_of_many_hours() -> None:
    """`session_hours` is the role's longest session."""
    manifest = parsed(edited(("state: write", "state: write\n    session_hours: 12")))
    config = for_bootstrap(manifest, full_lock(manifest))
    ran = run_program("bootstrap", config, project="bootstrap", stack="root")
    assert ran.of_type(ROLE)["Management-Admin"].inputs["maxSessionDuration"] == 12 * 3600


def test_the_state_bucket() -> None:
    """The bucket is protected, private, versioned, encrypted with the key by default, and reached by TLS only."""
    ran = deployed.bootstrap()
    bucket = ran.only("aws:s3/bucket:Bucket")
    assert bucket.protect
    assert bucket.inputs == {"bucket": BUCKET, "forceDestroy": False}
    private = ran.only("aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock").inputs
    blocks = ("blockPublicAcls", "blockPublicPolicy", "ignorePublicAcls", "restrictPublicBuckets")
    assert all(private[block] is True for block in blocks)
    owner = ran.only("aws:s3/bucketOwnershipControls:BucketOwnershipControls").inputs
    assert owner["rule"] == {"objectOwnership": "BucketOwnerEnforced"}
    versions = ran.only("aws:s3/bucketVersioning:BucketVersioning").inputs
    assert versions["versioningConfiguration"] == {"status": "Enabled"}
    encryption = "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration"
    assert ran.only(encryption).inputs["rules"] == [
        {
            "applyServerSideEncryptionByDefault": {"sseAlgorithm": "aws:kms", "kmsMasterKeyId": KEY_ARN},
            "bucketKeyEnabled": True,
        }
    ]
    (statement,) = ran.only("aws:s3/bucketPolicy:BucketPolicy").document("policy")["Statement"]
    assert statement["Effect"] == "Deny"
    assert statement["Condition"] == {"Bool": {"aws:SecureTransport": "false"}}


def test_the_state_key() -> None:
    """The key is protected, rotated, kept for 30 days after deletion, and used by Management-Admin only."""
    ran = deployed.bootstrap()
    key = ran.only("aws:kms/key:Key")
    assert key.protect
    assert key.inputs["enableKeyRotation"] is True
    assert key.inputs["deletionWindowInDays"] == 30
    administration, writers = key.document("policy")["Statement"]
    assert administration["Sid"] == "AdministerKey"
    assert writers["Condition"] == {
        "ArnEquals": {"aws:PrincipalArn": ["arn:aws:iam::100000000001:role/Management-Admin"]}
    }
    assert ran.only("aws:kms/alias:Alias").inputs == {"name": "alias/fleetyard-state", "targetKeyId": "k-1"}


def test_what_holds_state_is_protected_whole() -> None:
    """Bucket and key are protected, and so is all that keeps them private; roles and parameters can be made anew."""
    protected = {found.type.split(":")[1].split("/")[0]: found.protect for found in deployed.bootstrap().aws}
    assert protected == {"s3": True, "kms": True, "iam": False, "ssm": False}
    assert all(found.protect is not found.type.startswith(("aws:iam", "aws:ssm")) for found in deployed.bootstrap().aws)


def test_what_it_tells() -> None:
    """Its outputs name bucket, key and roles, and nothing secret."""
    outputs = deployed.bootstrap().outputs
    assert outputs["state_bucket"] == BUCKET
    assert outputs["state_key_arn"] == KEY_ARN
    assert set(outputs) == {"state_bucket", "state_key_arn", "management_roles"}
    assert set(outputs["management_roles"]) == {"Management-Admin", "Management-Billing", "Management-Developer"}
