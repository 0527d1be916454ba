"""The policies that Fleetyard ships: sound, small, and denying what they say to those they mean."""

from __future__ import annotations

import re
from functools import cache

import pytest

from iam_decision import Policies, PolicyKind, Principal, PrincipalKind, Request, decide, parse_policy
from landing_zone.documents.log_archive import log_archive_guard
from landing_zone.identifiers import role_arn
from landing_zone.limits import RCP_DOCUMENT, compact
from landing_zone.manifest.policy_files import shipped_names
from landing_zone.naming import trail_name
from landing_zone.organization_policies import OrganizationPolicy, PolicyType, filled
from tests.unit.landing_zone.fleets import SMALL, parsed

RCPS = {"own-organization-only"}
KINDS = {PolicyType.SCP: PolicyKind.SCP, PolicyType.RCP: PolicyKind.RCP}
ACCOUNT = "200000000002"
EVERYTHING = parse_policy(
    {"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": "*", "Resource": "*"}}, "FullAWSAccess"
)


@cache
def _shipped(name: str) -> OrganizationPolicy:
    kind = "rcp" if name in RCPS else "scp"
    text = f"{SMALL}policies:\n  checked: {{file: starter/{name}, type: {kind}, root: true}}\n"
    (policy,) = parsed(text).governance.policies
    return policy


def _allowed(name: str, action: str, resource: str = "*", role: str = "Admin", region: str = "eu-west-1") -> bool:
    """Return whether a role of an account may do something under a policy, which its own policies all allow."""
    scp = parse_policy(_shipped(name).template, name, kind=KINDS[_shipped(name).type])
    session = f"arn:aws:sts::{ACCOUNT}:assumed-role/{role}/test"
    caller = Principal(PrincipalKind.ROLE_SESSION, ACCOUNT, session, role_arn(ACCOUNT, role))
    if role == "root":
        caller = Principal(PrincipalKind.ROOT, ACCOUNT, f"arn:aws:iam::{ACCOUNT}:root")
    request = Request(caller, action, resource, {"aws:RequestedRegion": region})
    return decide(request, Policies(identity=(EVERYTHING,), scp_levels=((EVERYTHING, scp),))).allowed


@pytest.mark.parametrize("name", shipped_names())
def test_every_one_is_what_aws_takes(name: str) -> None:
    """With its own defaults each has IAM's grammar and fits into a policy, with room to spare."""
    policy = _shipped(name)
    document = filled(policy.template, {"organization_id": "o-a1b2c3d4e5"})
    assert parse_policy(document, name, kind=KINDS[policy.type]).denies
    assert len(compact(document)) < RCP_DOCUMENT / 2


@pytest.mark.parametrize(
    "action",
    [
        "cloudfront:CreateDistribution",
        "iam:CreateRole",
        "organizations:DescribeOrganization",
        "route53:CreateHostedZone",
        "s3:ListAllMyBuckets",
        "sts:AssumeRole",
        "support:CreateCase",
    ],
)
def test_global_services_are_exempt_from_the_region_lock(action: str) -> None:
    """Services with one endpoint for the world are used from everywhere."""
    assert _allowed("region-lock", action, region="us-east-1")


@pytest.mark.parametrize("action", ["ec2:RunInstances", "s3:CreateBucket", "lambda:CreateFunction", "new:Service"])
def test_everything_else_is_locked(action: str) -> None:
    """Outside the fleet's region nothing else can be done, but by the administrator."""
    assert _allowed("region-lock", action)
    assert not _allowed("region-lock", action, region="us-east-1")
    assert _allowed("region-lock", action, role="OrganizationAccountAccessRole", region="us-east-1")


def test_the_root_user_can_do_nothing() -> None:
    """Root users of member accounts are denied everything; a role named after them is not."""
    assert not _allowed("deny-root-user", "s3:GetObject", role="root")
    assert _allowed("deny-root-user", "s3:GetObject", role="rooted")


def test_nobody_leaves() -> None:
    """Leaving the organisation is denied, and nothing else."""
    assert not _allowed("deny-leaving", "organizations:LeaveOrganization")
    assert _allowed("deny-leaving", "organizations:DescribeOrganization")


@pytest.mark.parametrize(
    ("action", "resource"),
    [
        ("iam:DeleteRole", role_arn(ACCOUNT, "Admin")),
        ("iam:UpdateAssumeRolePolicy", role_arn(ACCOUNT, "OrganizationAccountAccessRole")),
        ("iam:CreatePolicyVersion", f"arn:aws:iam::{ACCOUNT}:policy/fleetyard/deployer"),
        ("iam:DeletePolicy", f"arn:aws:iam::{ACCOUNT}:policy/fleetyard-boundary-member"),
        ("ssm:PutParameter", f"arn:aws:ssm:eu-west-1:{ACCOUNT}:parameter/fleetyard/account"),
        ("cloudtrail:StopLogging", f"arn:aws:cloudtrail:eu-west-1:{ACCOUNT}:trail/{trail_name('small')}"),
    ],
)
def test_the_baseline_is_protected(action: str, resource: str) -> None:
    """Roles of the manifest, the access role, the parameters and the trail are the administrator's alone to change."""
    assert not _allowed("protect-baseline", action, resource)
    assert _allowed("protect-baseline", action, resource, role="OrganizationAccountAccessRole")
    own = re.sub(r"/.*", "/own", resource)
    assert _allowed("protect-baseline", action, own)


def test_the_trail_is_protected_as_the_log_archives_guard_does() -> None:
    """The two deny the same calls on the trail."""
    guard = next(one for one in log_archive_guard("small", ACCOUNT)["Statement"] if one["Sid"] == "KeepTheTrail")
    shipped = _shipped("protect-baseline").template["Statement"]
    mine = next(one for one in shipped if one["Sid"] == "ProtectTrail")
    assert set(mine["Action"]) == set(guard["Action"])
    assert mine["Resource"] == guard["Resource"]


def test_everything_is_denied() -> None:
    """Over the suspended unit nobody can do anything, the administrator's role and the root user included."""
    for role in ("Admin", "OrganizationAccountAccessRole", "root"):
        assert not _allowed("deny-all", "sts:GetSessionToken", role=role)
