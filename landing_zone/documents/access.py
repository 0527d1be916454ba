"""The IAM documents of a fleet, as plain data: who may become whom, reach what, and touch which state.

Pure: names and ids in, documents out. The programs hand them to AWS, and validation measures them against AWS's
limits before anything is started. docs/access.md says why each is as it is.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from landing_zone.documents.people import people_statement, pipeline_statements
from landing_zone.documents.statements import Document, Statement, document, trusted_in_account
from landing_zone.fleet import StateRights, Trust
from landing_zone.identifiers import (
    account_root_arn,
    bucket_arn,
    oidc_provider_arn,
    permission_set_patterns,
    saml_provider_arn,
    user_arn,
)
from landing_zone.naming import STATE_PREFIX

KEY_ADMINISTRATION = (
    "kms:CancelKeyDeletion",
    "kms:CreateAlias",
    "kms:DeleteAlias",
    "kms:DescribeKey",
    "kms:DisableKey",
    "kms:DisableKeyRotation",
    "kms:EnableKey",
    "kms:EnableKeyRotation",
    "kms:GetKeyPolicy",
    "kms:GetKeyRotationStatus",
    "kms:ListAliases",
    "kms:ListGrants",
    "kms:ListKeyPolicies",
    "kms:ListKeyRotations",
    "kms:ListResourceTags",
    "kms:PutKeyPolicy",
    "kms:RevokeGrant",
    "kms:RotateKeyOnDemand",
    "kms:ScheduleKeyDeletion",
    "kms:TagResource",
    "kms:UntagResource",
    "kms:UpdateAlias",
    "kms:UpdateKeyDescription",
)
"""Everything that keeps a key in order and nothing that uses it. `kms:CreateGrant` is left out: a grant is use."""

_KEY_USE = {
    StateRights.WRITE: ("kms:Decrypt", "kms:Encrypt", "kms:GenerateDataKey"),
    StateRights.READ: ("kms:Decrypt",),
    StateRights.NONE: (),
}
"""Decrypt reads state and secrets; Encrypt wraps a stack's secrets key; GenerateDataKey lets S3 encrypt an object.

Source: Pulumi, pkg/secrets/cloud; Amazon S3 User Guide, "Using server-side encryption with AWS KMS keys (SSE-KMS)".
"""

_OBJECT_USE = {
    StateRights.WRITE: ("s3:DeleteObject", "s3:GetObject", "s3:PutObject"),
    StateRights.READ: ("s3:GetObject",),
    StateRights.NONE: (),
}


def management_role_trust(account_id: str, trust: Trust) -> Document:
    """Return who may become a management role of the management account.

    Users are named one by one, so that they need no policy of their own; AWS keeps a user's unique id, so a user made
    anew has to be trusted anew (`pulumi up` does it).
    """
    statements = []
    if trust.users:
        users: Statement = {
            "Sid": "Users",
            "Effect": "Allow",
            "Principal": {"AWS": [user_arn(account_id, user) for user in trust.users]},
            "Action": "sts:AssumeRole",
        }
        if trust.mfa:
            users["Condition"] = {"Bool": {"aws:MultiFactorAuthPresent": "true"}}
        statements.append(users)
    if trust.saml:
        statements.append(
            {
                "Sid": "Saml",
                "Effect": "Allow",
                "Principal": {"Federated": saml_provider_arn(account_id, trust.saml.provider)},
                "Action": "sts:AssumeRoleWithSAML",
                "Condition": {"StringEquals": {"SAML:aud": "https://signin.aws.amazon.com/saml"}},
            }
        )
    if trust.oidc:
        provider = trust.oidc.provider
        statements.append(
            {
                "Sid": "Oidc",
                "Effect": "Allow",
                "Principal": {"Federated": oidc_provider_arn(account_id, provider)},
                "Action": "sts:AssumeRoleWithWebIdentity",
                "Condition": {
                    "StringEquals": {f"{provider}:aud": trust.oidc.audience},
                    "StringLike": {f"{provider}:sub": list(trust.oidc.subjects)},
                },
            }
        )
    if trust.identity_center:
        statements.append(_permission_sets(account_id, trust.identity_center.permission_sets))
    if trust.people:
        statements.append(people_statement(trust.people))
    statements += pipeline_statements(account_id, trust.pipelines)
    return document(*statements)


def _permission_sets(management_account_id: str, permission_sets: Sequence[str]) -> Statement:
    """Return the trust in people signed in to the management account through these permission sets.

    The roles that Identity Center makes for them stand in a condition: they are named anew when a set is assigned anew.
    The sets' own policies have to allow the hop as well.
    """
    roles = [pattern for one in permission_sets for pattern in permission_set_patterns(management_account_id, one)]
    return trusted_in_account("IdentityCenter", management_account_id, {"ArnLike": {"aws:PrincipalArn": roles}})


def member_role_trust(
    management_account_id: str, management_role_arns: Sequence[str], permission_sets: Sequence[str] = ()
) -> Document:
    """Return who may become a role of a member account: exactly these management roles and permission sets."""
    exactly = {"ArnEquals": {"aws:PrincipalArn": list(management_role_arns)}}
    granted = trusted_in_account("GrantedManagementRoles", management_account_id, exactly)
    return document(granted, *([_permission_sets(management_account_id, permission_sets)] if permission_sets else []))


def assume_exactly(role_arns: Sequence[str]) -> Statement:
    """Return the right to assume these roles."""
    return {
        "Sid": "AssumeGrantedRoles",
        "Effect": "Allow",
        "Action": "sts:AssumeRole",
        "Resource": list(role_arns),
    }


def assume_by_name(role_patterns: Sequence[str], organization_id: str) -> Statement:
    """Return the right to assume roles of these names anywhere in the organisation.

    For fleets whose list of ARNs would be larger than AWS takes; who reaches what then rests on the trust policies.
    """
    return {
        "Sid": "AssumeRolesOfTheOrganization",
        "Effect": "Allow",
        "Action": "sts:AssumeRole",
        "Resource": list(role_patterns),
        "Condition": {"StringEquals": {"aws:ResourceOrgID": organization_id}},
    }


def state_statements(rights: StateRights, bucket: str, key_arn: Any) -> tuple[Statement, ...]:  # noqa: ANN401
    """Return the rights on the state bucket's Pulumi prefix and on the key; nothing for `none`.

    `key_arn` is a text, or an output that a program resolves.
    """
    if rights is StateRights.NONE:
        return ()
    return (
        {
            "Sid": "ListState",
            "Effect": "Allow",
            "Action": "s3:ListBucket",
            "Resource": bucket_arn(bucket),
            # A read of a missing object asks for this right too, without a prefix; without it S3 answers 403, not 404,
            # and Pulumi takes a stack without tags for a denial. Source: Amazon S3 API Reference, GetObject.
            "Condition": {"StringLikeIfExists": {"s3:prefix": [f"{STATE_PREFIX}*"]}},
        },
        {
            "Sid": "UseState",
            "Effect": "Allow",
            "Action": list(_OBJECT_USE[rights]),
            "Resource": f"{bucket_arn(bucket)}/{STATE_PREFIX}*",
        },
        {"Sid": "UseStateKey", "Effect": "Allow", "Action": list(_KEY_USE[rights]), "Resource": key_arn},
    )


def rights_statements(rights: Sequence[tuple[StateRights, str, Any]]) -> tuple[Statement, ...]:
    """Return the rights on several state buckets: for each what may be done, its name and the ARN of its key.

    Buckets with the same rights share statements. For one bucket it is `state_statements`.
    """
    used = [each for each in rights if each[0] is not StateRights.NONE]
    statements: list[Statement] = []
    for right in (StateRights.WRITE, StateRights.READ):
        same = [state_statements(right, bucket, key) for which, bucket, key in used if which is right]
        for statement in (_together(parts) for parts in zip(*same, strict=True)):
            taken = any(other["Sid"] == statement["Sid"] for other in statements)
            statements.append({**statement, "Sid": f"{statement['Sid']}ToRead"} if taken else statement)
    return tuple(statements)


def _together(parts: Sequence[Statement]) -> Statement:
    """Return statements that differ in their resource alone as one."""
    return {**parts[0], "Resource": [part["Resource"] for part in parts]} if len(parts) > 1 else parts[0]


def state_bucket_policy(bucket: str) -> Document:
    """Return the state bucket's policy: nobody without TLS. Rights come from the management roles' own policies."""
    return document(
        {
            "Sid": "TlsOnly",
            "Effect": "Deny",
            "Principal": "*",
            "Action": "s3:*",
            "Resource": [bucket_arn(bucket), f"{bucket_arn(bucket)}/*"],
            "Condition": {"Bool": {"aws:SecureTransport": "false"}},
        }
    )


def state_log_bucket_policy(bucket: str, account_id: str, logged: Sequence[str]) -> Document:
    """Return the policy of the bucket that holds the state buckets' access log: S3 writes there, for these alone.

    Source: Amazon S3 User Guide, "Enabling Amazon S3 server access logging", permissions for log delivery.
    """
    return document(
        {
            "Sid": "LogDelivery",
            "Effect": "Allow",
            "Principal": {"Service": "logging.s3.amazonaws.com"},
            "Action": "s3:PutObject",
            "Resource": f"{bucket_arn(bucket)}/*",
            "Condition": {
                "ArnEquals": {"aws:SourceArn": [bucket_arn(each) for each in logged]},
                "StringEquals": {"aws:SourceAccount": account_id},
            },
        },
        *state_bucket_policy(bucket)["Statement"],
    )


def state_key_policy(account_id: str, writers: Sequence[str], readers: Sequence[str]) -> Document:
    """Return the state key's policy; `writers` and `readers` are ARNs of management roles.

    The account's administrators keep the key in order, so that it can't be orphaned, but may not use it. The roles
    need the same rights in their own policies as well.
    """
    statements: list[Statement] = [
        {
            "Sid": "AdministerKey",
            "Effect": "Allow",
            "Principal": {"AWS": account_root_arn(account_id)},
            "Action": list(KEY_ADMINISTRATION),
            "Resource": "*",
        }
    ]
    for sid, rights, roles in (("Writers", StateRights.WRITE, writers), ("Readers", StateRights.READ, readers)):
        if roles:
            statements.append(
                {
                    "Sid": sid,
                    "Effect": "Allow",
                    "Principal": {"AWS": account_root_arn(account_id)},
                    "Action": list(_KEY_USE[rights]),
                    "Resource": "*",
                    "Condition": {"ArnEquals": {"aws:PrincipalArn": list(roles)}},
                }
            )
    return document(*statements)
