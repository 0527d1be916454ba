"""The IAM documents of people, last-resort users and pipelines, as plain data.

docs/people-and-ci.md and docs/last-resort.md say why each is as it is.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from landing_zone.documents.statements import Document, Statement, document, trusted_in_account
from landing_zone.identifiers import oidc_provider_arn, user_arn
from landing_zone.people import PeopleTrust, PipelineTrust

GROUPS_TAG = "fleetyard:groups"
"""The tag by which a management role knows who is in a group: names between colons, `:Developers:Operators:`."""

_OWN_USER = "arn:aws:iam::*:user/${aws:username}"
_WITHOUT_MFA = (
    "iam:CreateVirtualMFADevice",
    "iam:EnableMFADevice",
    "iam:GetMFADevice",
    "iam:GetUser",
    "iam:ListMFADevices",
    "iam:ListVirtualMFADevices",
    "iam:ResyncMFADevice",
    "sts:GetSessionToken",
)
"""What a user may do before MFA. Source: IAM User Guide, "AWS: Allows MFA-authenticated IAM users to manage their own
credentials on the Security credentials page"."""

_SIGN_IN_NAMES = (
    "ConsoleLogin",
    "CheckMfa",
    "AssumeRole",
    "GetSessionToken",
    "GetFederationToken",
    "SwitchRole",
    "CreateAccessKey",
    "CreateLoginProfile",
    "UpdateLoginProfile",
    "ChangePassword",
    "CreateVirtualMFADevice",
    "EnableMFADevice",
    "DeactivateMFADevice",
)
"""What a last-resort user is seen by: signing in, going on from there, and changing what it signs in with."""


def groups_tag(groups: Sequence[str]) -> str:
    """Return the value of the tag that says which groups a user is in."""
    return f":{':'.join(sorted(groups))}:" if groups else ":"


def people_statement(trust: PeopleTrust) -> Statement:
    """Return the trust in the users of some groups, signed in with MFA.

    The groups are known by a tag of the user, so that a person who comes or goes changes nothing here. `PrincipalArn`
    keeps out roles of that account, whose sessions might carry a tag of that name. Raises ValueError without an id.
    """
    if not trust.account_id:
        raise ValueError("the account that holds users is not known yet")
    in_groups = {
        "ArnLike": {"aws:PrincipalArn": user_arn(trust.account_id, "*")},
        "StringLike": {f"aws:PrincipalTag/{GROUPS_TAG}": [f"*:{group}:*" for group in trust.groups]},
        "Bool": {"aws:MultiFactorAuthPresent": "true"},
    }
    return trusted_in_account("People", trust.account_id, in_groups)


def pipeline_statements(account_id: str, trusts: Sequence[PipelineTrust]) -> list[Statement]:
    """Return the trust in pipelines: one statement for each issuer, its tokens' audience and subjects."""
    statements: list[Statement] = []
    for number, trust in enumerate(trusts, start=1):
        subjects = list(trust.subjects)
        claims: dict[str, dict[str, Any]] = {"StringEquals": {f"{trust.issuer}:aud": trust.audience}}
        like = "StringLike" if any("*" in subject for subject in subjects) else "StringEquals"
        claims.setdefault(like, {})[f"{trust.issuer}:sub"] = subjects
        statements.append(
            {
                "Sid": f"Pipelines{number}",
                "Effect": "Allow",
                "Principal": {"Federated": oidc_provider_arn(account_id, trust.issuer)},
                "Action": "sts:AssumeRoleWithWebIdentity",
                "Condition": claims,
            }
        )
    return statements


def own_credentials() -> Document:
    """Return what everybody may do for themselves, and the denial of everything else without MFA."""
    return document(
        _allow("ViewAccount", ("iam:GetAccountPasswordPolicy", "iam:ListVirtualMFADevices"), "*"),
        _allow("OwnPassword", ("iam:ChangePassword", "iam:GetUser"), _OWN_USER),
        _allow(
            "OwnAccessKeys",
            (
                "iam:CreateAccessKey",
                "iam:DeleteAccessKey",
                "iam:GetAccessKeyLastUsed",
                "iam:ListAccessKeys",
                "iam:UpdateAccessKey",
            ),
            _OWN_USER,
        ),
        *_own_mfa(),
    )


def last_resort_guard() -> Document:
    """Return what binds last-resort users: nothing without MFA, and no access keys of their own making."""
    keys = _allow("NoAccessKeys", ("iam:CreateAccessKey",), _OWN_USER)
    return document(*_own_mfa(), {**keys, "Effect": "Deny"})


def may_become(role_arns: Sequence[str]) -> Document:
    """Return the right of a group to become these management roles."""
    return document(_allow("BecomeManagementRoles", ("sts:AssumeRole",), list(role_arns)))


def use_pattern(account_id: str, users: Sequence[str]) -> Document:
    """Return the event pattern of a last-resort user's use, as CloudTrail tells it to EventBridge.

    Source: EventBridge User Guide, "AWS service events delivered via AWS CloudTrail".
    """
    return {
        "detail-type": ["AWS Console Sign In via CloudTrail", "AWS API Call via CloudTrail"],
        "account": [account_id],
        "detail": {
            "userIdentity": {"type": ["IAMUser"], "userName": list(users)},
            "eventName": list(_SIGN_IN_NAMES),
        },
    }


def alarm_topic_policy(topic_arn: str) -> Document:
    """Return the topic's policy: EventBridge publishes.

    Without a condition on the rule, which EventBridge's own examples do not have: whoever used it so could send a false
    alarm, and with a condition that does not hold there would be none.
    """
    return document(
        {
            "Sid": "EventBridgePublishes",
            "Effect": "Allow",
            "Principal": {"Service": "events.amazonaws.com"},
            "Action": "sns:Publish",
            "Resource": topic_arn,
        }
    )


def forwarding_trust(account_id: str) -> Document:
    """Return who may become the role that carries events to the fleet's region: this account's rules."""
    return document(
        {
            "Sid": "Rules",
            "Effect": "Allow",
            "Principal": {"Service": "events.amazonaws.com"},
            "Action": "sts:AssumeRole",
            "Condition": {"StringEquals": {"aws:SourceAccount": account_id}},
        }
    )


def forwarding_right(bus_arn: str) -> Document:
    """Return the right to hand events to an event bus."""
    return document(_allow("Forward", ("events:PutEvents",), bus_arn))


def _own_mfa() -> tuple[Statement, ...]:
    devices = (
        "iam:DeactivateMFADevice",
        "iam:EnableMFADevice",
        "iam:GetMFADevice",
        "iam:ListMFADevices",
        "iam:ResyncMFADevice",
    )
    return (
        _allow("NewMfaDevice", ("iam:CreateVirtualMFADevice",), "arn:aws:iam::*:mfa/*"),
        _allow("OwnMfa", devices, _OWN_USER),
        {
            "Sid": "NothingElseWithoutMfa",
            "Effect": "Deny",
            "NotAction": list(_WITHOUT_MFA),
            "Resource": "*",
            # Requests signed by an access key do not have the key at all: IfExists denies those as well.
            "Condition": {"BoolIfExists": {"aws:MultiFactorAuthPresent": "false"}},
        },
    )


def _allow(sid: str, actions: Sequence[str], resource: str | list[str]) -> Statement:
    return {"Sid": sid, "Effect": "Allow", "Action": list(actions), "Resource": resource}
