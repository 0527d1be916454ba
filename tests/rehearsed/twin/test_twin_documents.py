"""Policy documents that AWS would not take are refused on their way in."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tests.support.twin_fixtures import MANAGEMENT, TwinAws, document, refused, trusting

NO_EFFECT = document({"Action": "*", "Resource": "*"})
NO_PRINCIPAL = document({"Effect": "Allow", "Action": "sts:AssumeRole"})


@pytest.mark.parametrize(
    ("operation", "arguments"),
    [
        ("create_role", {"RoleName": "bad", "AssumeRolePolicyDocument": NO_PRINCIPAL}),
        ("create_role", {"RoleName": "bad", "AssumeRolePolicyDocument": "{not json"}),
        (
            "update_assume_role_policy",
            {"RoleName": "OrganizationAccountAccessRole", "PolicyDocument": NO_PRINCIPAL},
        ),
        (
            "put_role_policy",
            {"RoleName": "OrganizationAccountAccessRole", "PolicyName": "p", "PolicyDocument": NO_EFFECT},
        ),
        ("create_policy", {"PolicyName": "bad", "PolicyDocument": NO_EFFECT}),
    ],
)
def test_iam_refuses_a_malformed_document(
    aws: TwinAws, account: str, operation: str, arguments: dict[str, Any]
) -> None:
    """IAM refuses a document outside the grammar."""
    with refused("MalformedPolicyDocument"):
        getattr(aws.client("iam", aws.into(account)), operation)(**arguments)


def test_s3_refuses_a_malformed_bucket_policy(aws: TwinAws, account: str) -> None:
    """S3 refuses a bucket policy without a principal, and keeps none."""
    s3 = aws.client("s3", aws.into(account))
    s3.create_bucket(Bucket=f"malformed-{account}")
    with refused("MalformedPolicy"):
        s3.put_bucket_policy(Bucket=f"malformed-{account}", Policy=NO_EFFECT)
    with refused("NoSuchBucketPolicy"):
        s3.get_bucket_policy(Bucket=f"malformed-{account}")


def test_kms_refuses_a_malformed_key_policy(aws: TwinAws, account: str) -> None:
    """KMS refuses a key policy without a principal."""
    with refused("MalformedPolicyDocumentException"):
        aws.client("kms", aws.into(account)).create_key(Policy=NO_EFFECT)


def test_organizations_refuses_a_malformed_scp(aws: TwinAws, organization: str) -> None:
    """Organizations refuses an SCP that is no policy."""
    assert organization
    with refused("MalformedPolicyDocumentException"):
        aws.client("organizations").create_policy(
            Name="bad", Description="", Type="SERVICE_CONTROL_POLICY", Content=NO_EFFECT
        )


@pytest.mark.parametrize("kind", ["user", "role"])
def test_a_principal_must_exist(aws: TwinAws, account: str, kind: str) -> None:
    """A trust policy may not name a user or role that its account does not have."""
    nobody = f"arn:aws:iam::{MANAGEMENT}:{kind}/Nobody"
    with refused("MalformedPolicyDocument") as refusal:
        aws.client("iam", aws.into(account)).create_role(RoleName="trusting", AssumeRolePolicyDocument=trusting(nobody))
    assert refusal.message == f'Invalid principal in policy: "AWS":"{nobody}"'


def test_accounts_and_services_need_not_be_looked_up(aws: TwinAws, account: str) -> None:
    """Accounts outside, services and everybody can be named as principals."""
    iam = aws.client("iam", aws.into(account))
    iam.create_role(RoleName="outside", AssumeRolePolicyDocument=trusting("arn:aws:iam::999988887777:root"))
    service = {"Effect": "Allow", "Principal": {"Service": "ec2.amazonaws.com"}, "Action": "sts:AssumeRole"}
    iam.create_role(RoleName="service", AssumeRolePolicyDocument=document(service))


def test_documents_are_checked_with_the_gate_off_as_well(aws: TwinAws, gate_off: Callable[[], None]) -> None:
    """What AWS could not store is refused however open the gate is."""
    gate_off()
    with refused("MalformedPolicyDocument"):
        aws.client("iam").create_role(RoleName="bad", AssumeRolePolicyDocument=NO_PRINCIPAL)
