"""The IAM documents say exactly who may do what."""

from __future__ import annotations

import pytest

from landing_zone.documents.access import (
    KEY_ADMINISTRATION,
    assume_by_name,
    management_role_trust,
    member_role_trust,
    state_bucket_policy,
    state_key_policy,
    state_statements,
)
from landing_zone.fleet import OidcTrust, SamlTrust, StateRights, Trust

MANAGEMENT = "100000000001"
KEY = "arn:aws:kms:eu-west-1:100000000001:key/k"
ROOT = {"AWS": "arn:aws:iam::100000000001:root"}


def test_users_become_a_management_role_with_mfa() -> None:
    """Each user is named, and MFA must be there: a session without it does not match."""
    assert management_role_trust(MANAGEMENT, Trust(users=("ops", "people/anna")))["Statement"] == [
        {
            "Sid": "Users",
            "Effect": "Allow",
            "Principal": {"AWS": ["arn:aws:iam::100000000001:user/ops", "arn:aws:iam::100000000001:user/people/anna"]},
            "Action": "sts:AssumeRole",
            "Condition": {"Bool": {"aws:MultiFactorAuthPresent": "true"}},
        }
    ]


def test_mfa_is_left_out_only_when_the_manifest_says_so() -> None:
    """Without MFA the trust has no condition at all."""
    (statement,) = management_role_trust(MANAGEMENT, Trust(users=("ops",), mfa=False))["Statement"]
    assert "Condition" not in statement


def test_saml_and_oidc_sign_in() -> None:
    """A provider's people become the role by that provider's own call, for this audience and these subjects."""
    trust = Trust(saml=SamlTrust("okta"), oidc=OidcTrust("ci.example", "sts.amazonaws.com", ("repo:a/b:*",)))
    assert management_role_trust(MANAGEMENT, trust)["Statement"] == [
        {
            "Sid": "Saml",
            "Effect": "Allow",
            "Principal": {"Federated": "arn:aws:iam::100000000001:saml-provider/okta"},
            "Action": "sts:AssumeRoleWithSAML",
            "Condition": {"StringEquals": {"SAML:aud": "https://signin.aws.amazon.com/saml"}},
        },
        {
            "Sid": "Oidc",
            "Effect": "Allow",
            "Principal": {"Federated": "arn:aws:iam::100000000001:oidc-provider/ci.example"},
            "Action": "sts:AssumeRoleWithWebIdentity",
            "Condition": {
                "StringEquals": {"ci.example:aud": "sts.amazonaws.com"},
                "StringLike": {"ci.example:sub": ["repo:a/b:*"]},
            },
        },
    ]


def test_a_member_role_trusts_the_granted_management_roles() -> None:
    """The principal is the management account, and the roles stand in the condition by ARN."""
    roles = ["arn:aws:iam::100000000001:role/Management-Admin", "arn:aws:iam::100000000001:role/Management-Billing"]
    assert member_role_trust(MANAGEMENT, roles)["Statement"] == [
        {
            "Sid": "GrantedManagementRoles",
            "Effect": "Allow",
            "Principal": ROOT,
            "Action": "sts:AssumeRole",
            "Condition": {"ArnEquals": {"aws:PrincipalArn": roles}},
        }
    ]


def test_roles_by_name_are_those_of_the_organisation() -> None:
    """A pattern over all accounts is bound to accounts of the own organisation."""
    statement = assume_by_name(["arn:aws:iam::*:role/Admin"], "o-a1b2c3d4e5")
    assert statement["Condition"] == {"StringEquals": {"aws:ResourceOrgID": "o-a1b2c3d4e5"}}


@pytest.mark.parametrize(
    ("rights", "objects", "key"),
    [
        (
            StateRights.WRITE,
            ["s3:DeleteObject", "s3:GetObject", "s3:PutObject"],
            ["kms:Decrypt", "kms:Encrypt", "kms:GenerateDataKey"],
        ),
        (StateRights.READ, ["s3:GetObject"], ["kms:Decrypt"]),
    ],
)
def test_rights_on_state(rights: StateRights, objects: list[str], key: list[str]) -> None:
    """State rights are the Pulumi prefix of the one bucket, the one key, and nothing else."""
    assert state_statements(rights, "b", KEY) == (
        {
            "Sid": "ListState",
            "Effect": "Allow",
            "Action": "s3:ListBucket",
            "Resource": "arn:aws:s3:::b",
            "Condition": {"StringLikeIfExists": {"s3:prefix": [".pulumi/*"]}},
        },
        {"Sid": "UseState", "Effect": "Allow", "Action": objects, "Resource": "arn:aws:s3:::b/.pulumi/*"},
        {"Sid": "UseStateKey", "Effect": "Allow", "Action": key, "Resource": KEY},
    )


def test_no_rights_on_state() -> None:
    """`none` is nothing."""
    assert state_statements(StateRights.NONE, "b", KEY) == ()


def test_the_state_bucket_takes_tls_only() -> None:
    """Whoever comes without TLS is denied everything on the bucket and its objects."""
    assert state_bucket_policy("b")["Statement"] == [
        {
            "Sid": "TlsOnly",
            "Effect": "Deny",
            "Principal": "*",
            "Action": "s3:*",
            "Resource": ["arn:aws:s3:::b", "arn:aws:s3:::b/*"],
            "Condition": {"Bool": {"aws:SecureTransport": "false"}},
        }
    ]


def test_administrators_keep_the_key_and_may_not_use_it() -> None:
    """The account's administrators may change and delete the key, and neither use it nor hand its use out."""
    (administration,) = state_key_policy(MANAGEMENT, [], [])["Statement"]
    assert administration["Principal"] == ROOT
    assert "kms:PutKeyPolicy" in administration["Action"]
    uses = ("kms:Encrypt", "kms:Decrypt", "kms:ReEncrypt", "kms:GenerateDataKey", "kms:CreateGrant", "kms:Sign")
    assert [action for action in KEY_ADMINISTRATION if action.startswith(uses) or "*" in action] == []


def test_only_roles_with_state_rights_use_the_key() -> None:
    """Writers encrypt and decrypt, readers decrypt; both by name in a condition."""
    _, writers, readers = state_key_policy(MANAGEMENT, ["arn:w"], ["arn:r"])["Statement"]
    assert writers == {
        "Sid": "Writers",
        "Effect": "Allow",
        "Principal": ROOT,
        "Action": ["kms:Decrypt", "kms:Encrypt", "kms:GenerateDataKey"],
        "Resource": "*",
        "Condition": {"ArnEquals": {"aws:PrincipalArn": ["arn:w"]}},
    }
    assert readers["Action"] == ["kms:Decrypt"]
    assert readers["Condition"] == {"ArnEquals": {"aws:PrincipalArn": ["arn:r"]}}
