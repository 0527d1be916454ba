"""The trust in permission sets, put before AWS's rules, lets in the roles of those sets and nobody who looks alike."""

from __future__ import annotations

import pytest

from iam_decision import (
    Policies,
    PolicyKind,
    Principal,
    PrincipalKind,
    Request,
    ResourceKind,
    decide,
    parse_policy,
)
from landing_zone.documents.access import management_role_trust, member_role_trust
from landing_zone.fleet import IdentityCenterTrust, Trust

MANAGEMENT, MEMBER = "100000000001", "200000000002"
ALLOWED = parse_policy(
    {"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": "sts:AssumeRole", "Resource": "*"}},
    "the set's",
)
PATH = "aws-reserved/sso.amazonaws.com"
SUFFIX = "0123456789abcdef"
INTO = [
    pytest.param(management_role_trust(MANAGEMENT, Trust(identity_center=IdentityCenterTrust(("Admins",)))), id="own"),
    pytest.param(
        member_role_trust(MANAGEMENT, [f"arn:aws:iam::{MANAGEMENT}:role/Management-Admin"], ("Admins",)), id="member"
    ),
]


def let_in(trust: dict[str, object], account: str, role: str, *, consent: bool = True) -> bool:
    """Return whether a session of a role of an account may pass a trust; `consent` is its own policy's."""
    arn = f"arn:aws:iam::{account}:role/{role}"
    session = f"arn:aws:sts::{account}:assumed-role/{role.rpartition('/')[2]}/ada"
    principal = Principal(PrincipalKind.ROLE_SESSION, account, session, role_arn=arn)
    policies = Policies(
        identity=(ALLOWED,) if consent else (),
        resource=parse_policy(trust, "trust", kind=PolicyKind.TRUST),
        resource_account=MEMBER,
        resource_kind=ResourceKind.TRUST,
    )
    return decide(Request(principal, "sts:AssumeRole", f"arn:aws:iam::{MEMBER}:role/Admin"), policies).allowed


@pytest.mark.parametrize("trust", INTO)
@pytest.mark.parametrize("path", [PATH, f"{PATH}/eu-west-1"])
def test_a_set_is_let_in_wherever_identity_center_is(trust: dict[str, object], path: str) -> None:
    """The path has a region, or none where Identity Center is in us-east-1; the set's own policy has to agree."""
    role = f"{path}/AWSReservedSSO_Admins_{SUFFIX}"
    assert let_in(trust, MANAGEMENT, role)
    assert not let_in(trust, MANAGEMENT, role, consent=False)


@pytest.mark.parametrize("trust", INTO)
@pytest.mark.parametrize(
    ("account", "role"),
    [
        (MANAGEMENT, f"{PATH}/eu-west-1/AWSReservedSSO_Admins_Audit_{SUFFIX}"),
        (MANAGEMENT, f"{PATH}/eu-west-1/AWSReservedSSO_Owners_{SUFFIX}"),
        (MANAGEMENT, f"{PATH}/eu-west-1/AWSReservedSSO_Admins_{SUFFIX}0"),
        (MANAGEMENT, f"mine/AWSReservedSSO_Admins_{SUFFIX}"),
        (MANAGEMENT, f"AWSReservedSSO_Admins_{SUFFIX}"),
        ("300000000003", f"{PATH}/eu-west-1/AWSReservedSSO_Admins_{SUFFIX}"),
    ],
)
def test_nobody_who_looks_alike_is_let_in(trust: dict[str, object], account: str, role: str) -> None:
    """Another set, a role that somebody made with that name, and the set's role in another account stay outside."""
    assert not let_in(trust, account, role)
