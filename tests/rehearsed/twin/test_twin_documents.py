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


@pytest.mark.parametrize(
    "service",
    [
        pytest.param("lambda.amazonaw.com", id="mistyped"),
        pytest.param("lambda.amazonaws.co", id="another ending"),
        pytest.param("amazonaws.com", id="no service"),
        pytest.param("lambda_x.amazonaws.com", id="a sign that no name has"),
    ],
)
def test_a_service_that_cannot_be_one_is_refused(aws: TwinAws, account: str, service: str) -> None:
    """A trust in a service principal of a form that AWS has none of is refused, in AWS's words.

    Source: aws-samples/aws-cdk-examples, issue 801 ("SERVICE":"amazonaws.com").
    """
    trust = {"Effect": "Allow", "Principal": {"Service": ["ec2.amazonaws.com", service]}, "Action": "sts:AssumeRole"}
    with refused("MalformedPolicyDocument") as refusal:
        aws.client("iam", aws.into(account)).create_role(RoleName="bad", AssumeRolePolicyDocument=document(trust))
    assert refusal.message == f'Invalid principal in policy: "SERVICE":"{service}"'


def test_services_are_not_looked_up(aws: TwinAws, account: str) -> None:
    """Names of services pass in every form AWS has: by region, by partition, as parts of others, of other Amazons."""
    named = ["logs.eu-west-1.amazonaws.com", "ec2.amazonaws.com.cn", "ops.brand-new.amazonaws.com", "alexa.amazon.com"]
    trust = {"Effect": "Allow", "Principal": {"Service": named}, "Action": "sts:AssumeRole"}
    made = aws.client("iam", aws.into(account)).create_role(RoleName="all", AssumeRolePolicyDocument=document(trust))
    assert made["Role"]["AssumeRolePolicyDocument"]["Statement"][0]["Principal"]["Service"] == named


def test_documents_are_checked_with_the_gate_off_as_well(aws: TwinAws, gate_off: Callable[[], None]) -> None:
    """What AWS could not store is refused however open the gate is."""
    gate_off()
    with refused("MalformedPolicyDocument"):
        aws.client("iam").create_role(RoleName="bad", AssumeRolePolicyDocument=NO_PRINCIPAL)
