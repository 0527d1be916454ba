"""A policy over which Fleetyard could no longer deploy is refused, unless it is meant."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from landing_zone.errors import PolicyLocksOut
from landing_zone.manifest import load_manifest
from orchestrator.lockout.known_policies import KnownPolicy
from orchestrator.lockout.organization_levels import Level
from orchestrator.lockout.policy_lockout import lockouts, refuse_lockouts
from tests.unit.landing_zone.fleets import SMALL, full_lock, parsed

Statement = dict[str, object]
ABROAD = {"StringNotEquals": {"aws:RequestedRegion": ["eu-west-1"]}}
EXEMPT = {"ArnNotLike": {"aws:PrincipalArn": "arn:aws:iam::*:role/OrganizationAccountAccessRole"}}


def _deny(action: str = "*", **elements: object) -> Statement:
    return {"Sid": "Closed", "Effect": "Deny", "Action": action, "Resource": "*", **elements}


def _lockouts(folder: Path, statement: Statement, block: str = "units: [plat]", fleet: str = SMALL) -> list[str]:
    """Return what a policy of one statement locks out, line by line."""
    (folder / "own.json").write_text(json.dumps({"Version": "2012-10-17", "Statement": statement}), encoding="utf-8")
    path = folder / "fleet.yaml"
    path.write_text(f"{fleet}policies:\n  own: {{file: own.json, {block}}}\n", encoding="utf-8")
    try:
        refuse_lockouts(load_manifest(path))
    except PolicyLocksOut as error:
        return [line.partition(", statement ")[2] for line in error.summary.splitlines()[1:]]
    return []


def test_a_policy_that_denies_everything(tmp_path: Path) -> None:
    """It keeps the administrator from the roles and the workloads from their work; each is told once, with accounts."""
    keeper, basics = "Closed: OrganizationAccountAccessRole in", "could not do iam:CreateRole and 12 more on"
    parameter = "could not do ssm:AddTagsToResource and 6 more on the parameter that says which account it is"
    assert _lockouts(tmp_path, _deny()) == [
        f"{keeper} prod and 1 more {basics} the role Admin",
        f"{keeper} prod {basics} the role ReadOnly",
        f"{keeper} prod and 1 more {parameter}",
        f"{keeper} prod and 1 more, the last way in, could do nothing",
        "Closed: Admin in prod and 1 more could do nothing in eu-west-1, where network runs",
    ]


def test_the_refusal_names_place_file_and_way_out(tmp_path: Path) -> None:
    """The message says where the policy stands and how to go on."""
    (tmp_path / "own.json").write_text(json.dumps({"Version": "2012-10-17", "Statement": _deny()}), encoding="utf-8")
    path = tmp_path / "fleet.yaml"
    path.write_text(f"{SMALL}policies:\n  own: {{file: own.json, root: true}}\n", encoding="utf-8")
    with pytest.raises(PolicyLocksOut) as refused:
        refuse_lockouts(load_manifest(path))
    assert f"{path}:34:3: own (own.json), statement Closed: " in str(refused.value)
    assert "allow_lockout: true" in refused.value.hint


@pytest.mark.parametrize(
    ("statement", "block"),
    [
        pytest.param(_deny(), "units: [plat], allow_lockout: true", id="allowed"),
        pytest.param(_deny("iam:*", Condition=EXEMPT), "root: true", id="administrator exempt"),
        pytest.param(_deny("ec2:*"), "root: true", id="one service"),
        pytest.param(_deny(Condition={"IpAddress": {"aws:SourceIp": "10.0.0.0/8"}}), "root: true", id="not known"),
        pytest.param(
            _deny(Condition={"ArnLike": {"aws:PrincipalArn": "arn:aws:iam::*:root"}}), "root: true", id="root user"
        ),
        pytest.param(
            _deny(Condition={"StringNotEquals": {"aws:PrincipalOrgID": "${organization_id}"}}), "root: true", id="own"
        ),
    ],
)
def test_what_locks_nobody_out(tmp_path: Path, statement: Statement, block: str) -> None:
    """A policy that leaves the deployment alone, or whose condition can't be known before, is let through."""
    assert _lockouts(tmp_path, statement, block) == []


def test_a_region_that_a_workload_needs(tmp_path: Path) -> None:
    """A lock to other regions than those of the workloads is told, region by region."""
    elsewhere = _deny(Condition={**EXEMPT, **ABROAD})
    fleet = SMALL.replace("    role: Admin\n", "    role: Admin\n    regions: [eu-west-1, us-east-1]\n")
    assert _lockouts(tmp_path, elsewhere) == []
    (found,) = _lockouts(tmp_path, elsewhere, fleet=fleet)
    assert found == "Closed: Admin in prod and 1 more could do nothing in us-east-1, where network runs"


def test_one_account_by_its_id(tmp_path: Path) -> None:
    """A condition on an account's id, which AWS has yet to give, reaches that account only."""
    only = _deny("iam:CreateRole", Condition={"StringEquals": {"aws:PrincipalAccount": "${accounts.dev.id}"}})
    (found,) = _lockouts(tmp_path, only)
    assert found == "Closed: OrganizationAccountAccessRole in dev could not do iam:CreateRole on the role Admin"


def test_an_account_with_a_profile_of_its_own(tmp_path: Path) -> None:
    """Whom such a profile acts as is not known, so nothing is said of it."""
    fleet = SMALL.replace("stage: prod,", "stage: prod, profile: there,")
    (found,) = _lockouts(tmp_path, _deny("iam:*"), "accounts: [prod, dev]", fleet)
    assert found.startswith("Closed: OrganizationAccountAccessRole in dev could not do iam:")


def test_accounts_in_the_suspended_unit_are_left_alone(tmp_path: Path) -> None:
    """There nothing can be deployed anyway."""
    dev = "      dev: {email: dev@small.example"
    fleet = SMALL.replace(dev, f"  old:\n    accounts:\n{dev}") + "suspended_unit: old\n"
    assert _lockouts(tmp_path, _deny(), "units: [old]", fleet) == []


def _rcp(**condition: object) -> Statement:
    return _deny("sts:*", Principal="*", **({"Condition": condition} if condition else {}))


def test_an_rcp_that_keeps_everybody_out(tmp_path: Path) -> None:
    """Who becomes a role comes from the management account, and may be bound by the role's account."""
    assert _lockouts(tmp_path, _rcp(), "type: rcp, accounts: [prod]") == [
        "Closed: Management-Admin could not do sts:AssumeRole on the role Admin in prod",
        "Closed: Management-Developer could not do sts:AssumeRole on the role ReadOnly in prod",
        "Closed: the administrator could not do sts:AssumeRole on the role OrganizationAccountAccessRole in prod",
    ]


@pytest.mark.parametrize(
    "condition",
    [
        {"StringNotEqualsIfExists": {"aws:PrincipalOrgID": "${organization_id}"}},
        {"StringNotEquals": {"aws:PrincipalAccount": "${management_account_id}"}},
        {"StringNotLike": {"aws:PrincipalArn": "arn:aws:iam::100000000001:*"}},
    ],
)
def test_an_rcp_that_lets_the_management_account_in(tmp_path: Path, condition: Statement) -> None:
    """A perimeter around the organisation, or one that names the management account, is let through."""
    assert _lockouts(tmp_path, _rcp(**condition), "type: rcp, root: true") == []


ALLOW_ALL = {"Effect": "Allow", "Action": "*", "Resource": "*"}
LAST_RESORT = "last_resort: {users: [last-resort-1, last-resort-2], alarm: {email: alarm@small.example}}\n"
PARAMETER = "the parameter that says which account it is"
ONE = "OrganizationAccountAccessRole in prod"
KEEPER = "OrganizationAccountAccessRole in prod and 1 more"
MEMBER_ROLES = ((KEEPER, "Admin"), (ONE, "ReadOnly"))


@pytest.mark.parametrize(
    ("statement", "lost"),
    [
        pytest.param(
            _deny(Condition=ABROAD),
            [
                f"Closed: {KEEPER} could not do iam:CreateRole and 12 more on the role Admin",
                f"Closed: {ONE} could not do iam:CreateRole and 12 more on the role ReadOnly",
            ],
            id="regions, and IAM is seen in us-east-1",
        ),
        pytest.param(_deny(Condition=ABROAD) | {"NotAction": ["iam:*"], "Action": None}, [], id="regions but for IAM"),
        pytest.param(
            _deny(Condition=EXEMPT) | {"NotAction": ["iam:*", "sts:*"], "Action": None},
            ["Closed: Admin in prod and 1 more could do nothing in eu-west-1, where network runs"],
            id="everything but",
        ),
        pytest.param(
            _deny() | {"NotAction": ["iam:*", "ec2:*"], "Action": None},
            [
                f"Closed: {KEEPER} could not do ssm:AddTagsToResource and 6 more on {PARAMETER}",
            ],
            id="everything but, nobody exempt",
        ),
        pytest.param(
            _deny("iam:UpdateAssumeRolePolicy") | {"NotResource": "arn:aws:iam::*:role/app-*", "Resource": None},
            [
                f"Closed: {KEEPER} could not do iam:UpdateAssumeRolePolicy on the role Admin",
                f"Closed: {ONE} could not do iam:UpdateAssumeRolePolicy on the role ReadOnly",
            ],
            id="every resource but",
        ),
        pytest.param(
            _deny("iam:CreateRole", Condition={"StringNotEquals": {"aws:PrincipalTag/team": "platform"}}),
            [],
            id="a tag",
        ),
        pytest.param(
            _deny("iam:CreateRole", Condition={"BoolIfExists": {"aws:MultiFactorAuthPresent": "false"}}),
            [
                f"Closed: {KEEPER} could not do iam:CreateRole on the role Admin",
                "Closed: OrganizationAccountAccessRole in prod could not do iam:CreateRole on the role ReadOnly",
            ],
            id="MFA, which no chained role has",
        ),
        pytest.param(
            _deny("iam:CreateRole", Condition={"Null": {"aws:SourceArn": "false"}}), [], id="a key nobody has"
        ),
    ],
)
def test_forms_of_a_denial(tmp_path: Path, statement: Statement, lost: list[str]) -> None:
    """A denial is decided as AWS decides it: by what it does not name, by exemption, and where AWS sees the call."""
    assert _lockouts(tmp_path, {key: value for key, value in statement.items() if value is not None}) == lost


def test_exemptions_that_do_not_cover_the_deployment(tmp_path: Path) -> None:
    """A condition that exempts some other role leaves the administrator denied."""
    others = {
        "ArnNotLike": {"aws:PrincipalArn": ["arn:aws:iam::*:role/Admin", "arn:aws:iam::*:role/aws-service-role/*"]}
    }
    found = _lockouts(tmp_path, _deny("iam:*", Condition=others))
    assert found[0] == f"Closed: {KEEPER} could not do iam:CreateRole and 12 more on the role Admin"


def test_policies_and_boundaries_of_roles(tmp_path: Path) -> None:
    """The administrator makes them as well as the roles; a denial that exempts nobody keeps them from being made."""
    most = {"Version": "2012-10-17", "Statement": ALLOW_ALL}
    (tmp_path / "most.json").write_text(json.dumps(most), encoding="utf-8")
    (tmp_path / "own-right.json").write_text(json.dumps(most), encoding="utf-8")
    fleet = SMALL.replace(
        "  ReadOnly: {managed_policies: [ReadOnlyAccess]}",
        "  ReadOnly: {permissions: [own-right], permissions_boundary: most.json}",
    )
    fleet += "permissions:\n  own-right: {file: own-right.json}\n"
    resources = ["arn:aws:iam::*:policy/fleetyard/*", "arn:aws:iam::*:policy/fleetyard-*"]
    access = "Closed: OrganizationAccountAccessRole in prod could not do iam:CreatePolicy and 8 more on the"
    assert _lockouts(tmp_path, _deny("iam:*Policy*", Resource=resources), fleet=fleet) == [
        f"{access} policy own-right",
        f"{access} boundary fleetyard-boundary-most",
    ]


def _several(folder: Path, *statements: Statement, fleet: str = SMALL) -> list[str]:
    """Return what policies of one statement each, one over the root and the others over a unit, lock out together."""
    blocks = ""
    for at, statement in enumerate(statements):
        (folder / f"{at}.json").write_text(
            json.dumps({"Version": "2012-10-17", "Statement": {"Sid": f"Part{at}", **statement}}), encoding="utf-8"
        )
        blocks += f"  part-{at}: {{file: {at}.json, {'units: [plat]' if at else 'root: true'}}}\n"
    path = folder / "fleet.yaml"
    path.write_text(f"{fleet}policies:\n{blocks}", encoding="utf-8")
    try:
        refuse_lockouts(load_manifest(path))
    except PolicyLocksOut as error:
        return [line.partition(": ")[2] for line in error.summary.splitlines()[1:]]
    return []


NARROW = (
    SMALL.replace("    role: Admin\n", "    role: Net\n")
    .replace("roles:\n  Admin", "roles:\n  Net: {permissions: [net]}\n  Admin", 1)
    .replace("- {roles: [Admin], accounts", "- {roles: [Admin, Net], accounts")
)
NARROW += "permissions:\n  net: {file: net.json}\n"


def _net(folder: Path) -> None:
    rights = {"Effect": "Allow", "Action": ["ec2:CreateVpc", "logs:CreateLogGroup"], "Resource": "*"}
    (folder / "net.json").write_text(json.dumps({"Version": "2012-10-17", "Statement": rights}), encoding="utf-8")


def test_several_statements_together(tmp_path: Path) -> None:
    """A role of which two policies take away one half each can do nothing: both are named, and neither does alone."""
    _net(tmp_path)
    one = {"Effect": "Deny", "Action": "ec2:*", "Resource": "*"}
    other = {"Effect": "Deny", "Action": "logs:*", "Resource": "*"}
    assert _several(tmp_path, one, fleet=NARROW) == []
    assert _several(tmp_path, other, fleet=NARROW) == []
    (both,) = _several(tmp_path, one, other, fleet=NARROW)
    causes, _, lost = both.partition(": ")
    assert causes == "part-0 (0.json), statement Part0 with part-1 (1.json), statement Part1"
    assert lost == "Net in prod and 1 more could do nothing in eu-west-1, where network runs"


def test_all_that_a_role_may_do(tmp_path: Path) -> None:
    """One statement that takes all of a narrow role's rights is told, though it leaves other services alone."""
    _net(tmp_path)
    statement = {"Effect": "Deny", "Action": ["ec2:*", "logs:*"], "Resource": "*"}
    assert _several(tmp_path, statement, fleet=NARROW) == [
        "part-0 (0.json), statement Part0: Net in prod and 1 more could do nothing in eu-west-1, where network runs"
    ]


def test_an_allow_list_beside_full_access_changes_nothing(tmp_path: Path) -> None:
    """The programs leave AWS's policy of full access where it is, so what an SCP allows takes nothing away."""
    assert _lockouts(tmp_path, {**ALLOW_ALL, "Action": "ec2:*"}) == []


def _levels(*scps: tuple[Statement, ...]) -> tuple[Level, ...]:
    """Return levels with one policy each, without AWS's policy of full access."""
    return tuple(
        Level(name, (KnownPolicy.of({"Version": "2012-10-17", "Statement": list(each)}, f"own on {name}"),))
        for name, each in zip(("the root", "unit plat"), scps, strict=True)
    )


@pytest.mark.parametrize(
    ("root", "unit", "found"),
    [
        pytest.param(ALLOW_ALL, ALLOW_ALL, 0, id="everything"),
        pytest.param(ALLOW_ALL, {**ALLOW_ALL, "Action": ["iam:*", "ssm:*", "ec2:*"]}, 0, id="enough"),
        pytest.param({**ALLOW_ALL, "Action": "route53:*"}, ALLOW_ALL, 5, id="too little above"),
        pytest.param(ALLOW_ALL, {**ALLOW_ALL, "Action": "route53:*"}, 5, id="too little below"),
        pytest.param({**ALLOW_ALL, "Condition": {"Bool": {"aws:ViaAWSService": "true"}}}, ALLOW_ALL, 5, id="not met"),
        pytest.param({**ALLOW_ALL, "Condition": {"IpAddress": {"aws:SourceIp": "192.0.2.0/24"}}}, ALLOW_ALL, 0, id="?"),
    ],
)
def test_a_level_that_allows_too_little(root: Statement, unit: Statement, found: int) -> None:
    """Every level has to allow a call: one without full access, whose list lacks what is needed, locks out."""
    manifest = parsed()
    told = lockouts(manifest, full_lock(manifest), lambda _account: _levels((root,), (unit,)))
    assert len(told) == found
    level = "the root" if root != ALLOW_ALL else "unit plat"
    assert all(line.startswith(f"the SCPs of {level} (own) allow too little: ") for line in told)


def test_a_level_without_any_policy() -> None:
    """A level from which full access was detached allows nothing at all."""
    manifest = parsed()
    told = lockouts(manifest, full_lock(manifest), lambda _account: (Level("the root"),))
    assert told[0].startswith(
        "the SCPs of the root (there are none) allow too little: OrganizationAccountAccessRole in"
    )


@pytest.mark.parametrize(
    ("condition", "lost"),
    [
        pytest.param(
            {"StringNotLike": {"aws:PrincipalArn": "arn:aws:iam::*:role/Management-*"}},
            ["the last-resort users could not do sts:AssumeRole on the role OrganizationAccountAccessRole in prod"],
            id="only management roles",
        ),
        pytest.param(
            {
                "ArnNotLike": {
                    "aws:PrincipalArn": ["arn:aws:iam::*:role/Management-*", "arn:aws:iam::*:user/last-resort-2"]
                }
            },
            [],
            id="one of them",
        ),
        pytest.param(
            {"ArnLike": {"aws:PrincipalArn": "arn:aws:iam::100000000001:user/*"}},
            ["the last-resort users could not do sts:AssumeRole on the role OrganizationAccountAccessRole in prod"],
            id="no users",
        ),
        pytest.param({"BoolIfExists": {"aws:MultiFactorAuthPresent": "true"}}, [LAST_RESORT], id="with MFA"),
    ],
)
def test_the_last_resort_way_in(tmp_path: Path, condition: Statement, lost: list[str]) -> None:
    """Last-resort users are bound by no SCP, but by an RCP of the account they go to: one of them has to get in."""
    users = "the last-resort users could not do sts:AssumeRole on the role OrganizationAccountAccessRole in prod"
    expected = [f"Closed: {users}" if words == LAST_RESORT else f"Closed: {words}" for words in lost]
    found = _lockouts(tmp_path, _rcp(**condition), "type: rcp, accounts: [prod]", SMALL + LAST_RESORT)
    assert [line for line in found if "last-resort" in line] == expected


def test_the_people_of_a_member_account(tmp_path: Path) -> None:
    """An SCP over the account that holds users binds them: one of them has to become the role that runs workloads."""
    fleet = SMALL + (
        "people:\n  account: audit\n  groups: {Platform: {management_roles: [Management-Admin]}}\n"
        "  users: {ada: {groups: [Platform]}}\n"
    )
    outside = _deny("sts:*", Condition={"ArnLike": {"aws:PrincipalArn": "arn:aws:iam::*:user/*"}})
    assert _lockouts(tmp_path, outside, "units: [core]", fleet) == [
        "Closed: no user of audit could do sts:AssumeRole on Management-Admin, which runs the workloads"
    ]
    assert _lockouts(tmp_path, outside, "units: [plat]", fleet) == []


def test_an_account_without_granted_roles(tmp_path: Path) -> None:
    """The way in is kept open there as well, though nothing of Fleetyard's is deployed by anybody's grant."""
    fleet = SMALL.replace('accounts: ["*"]}', "accounts: [prod, dev]}")
    found = _lockouts(tmp_path, _deny(), "units: [core]", fleet)
    assert found[-1] == "Closed: OrganizationAccountAccessRole in audit, the last way in, could do nothing"


SERVICES = ("iam", "sts", "ssm", "ec2", "s3", "kms", "cloudtrail", "logs", "route53", "ecr", "lambda", "dynamodb")


def test_a_list_of_services_that_may_be_used(tmp_path: Path) -> None:
    """A role with AWS's own policies is judged by ordinary actions of many services: a list of some leaves it those."""
    statement = {"Sid": "Closed", "Effect": "Deny", "Resource": "*"}
    some = {**statement, "NotAction": [f"{service}:*" for service in SERVICES]}
    assert _lockouts(tmp_path, some, "root: true") == []


@pytest.mark.parametrize(
    "action",
    [
        "iam:TagRole",
        "iam:UntagRole",
        "iam:ListRolePolicies",
        "iam:ListAttachedRolePolicies",
        "iam:ListInstanceProfilesForRole",
        "iam:UpdateRole",
        "iam:UpdateRoleDescription",
    ],
)
def test_everything_that_is_done_with_a_role(tmp_path: Path, action: str) -> None:
    """A denial of any call that makes, keeps or deletes a role is told."""
    found = _lockouts(tmp_path, _deny(action))
    assert found[0] == f"Closed: {KEEPER} could not do {action} on the role Admin"


@pytest.mark.parametrize("action", ["ssm:AddTagsToResource", "ssm:DescribeParameters", "ssm:ListTagsForResource"])
def test_everything_that_is_done_with_the_parameter(tmp_path: Path, action: str) -> None:
    """A denial of any call about the account's parameter is told."""
    assert _lockouts(tmp_path, _deny(action)) == [f"Closed: {KEEPER} could not do {action} on {PARAMETER}"]


def test_policies_inside_roles_are_the_hubs_alone(tmp_path: Path) -> None:
    """A ban on policies inside roles bars the hub's role, and no fleet without a hub."""
    hub = "hub: {account: audit, role: Hub, trusted: {management_roles: [Management-Admin]}, "
    hub += "spoke: {role: Spoke, managed_policies: [ReadOnlyAccess]}}\n"
    banned = _deny(["iam:PutRolePolicy", "iam:GetRolePolicy", "iam:DeleteRolePolicy"])
    assert _lockouts(tmp_path, banned, "root: true") == []
    assert _lockouts(tmp_path, banned, "root: true", SMALL + hub) == [
        "Closed: OrganizationAccountAccessRole in audit could not do iam:DeleteRolePolicy and 2 more on the role Hub"
    ]


def _bounded(boundary: str) -> str:
    return SMALL.replace(
        "ReadOnly: {managed_policies: [ReadOnlyAccess]}",
        f'ReadOnly: {{managed_policies: [ReadOnlyAccess], permissions_boundary: "{boundary}"}}',
    )


def test_roles_without_the_boundary_that_is_asked_for(tmp_path: Path) -> None:
    """What boundary a role is made with is known: one without any, or with another, could not be made."""
    wanted = {"StringNotLike": {"iam:PermissionsBoundary": "arn:aws:iam::*:policy/most"}}
    asked = _deny("iam:CreateRole", Condition=wanted)
    lost = [f"Closed: {who} could not do iam:CreateRole on the role {role}" for who, role in MEMBER_ROLES]
    assert _lockouts(tmp_path, asked) == lost
    assert _lockouts(tmp_path, asked, fleet=_bounded("arn:aws:iam::*:policy/other")) == lost
    assert _lockouts(tmp_path, asked, fleet=_bounded("arn:aws:iam::*:policy/most")) == lost[:1]


def test_policies_that_roles_have(tmp_path: Path) -> None:
    """Which policies are attached to roles is known: a ban on one of them is told, a ban on another is not."""
    for policy, lost in (("ReadOnlyAccess", [f"Closed: {ONE} could not do {{}} on the role ReadOnly"]), ("Other", [])):
        banned = {"ArnEquals": {"iam:PolicyARN": f"arn:aws:iam::aws:policy/{policy}"}}
        found = _lockouts(tmp_path, _deny("iam:AttachRolePolicy", Condition=banned))
        assert found == [line.format("iam:AttachRolePolicy") for line in lost]


@pytest.mark.parametrize(
    ("condition", "told"),
    [
        pytest.param({"Null": {"aws:MultiFactorAuthAge": "true"}}, True, id="no MFA, so no age"),
        pytest.param({"NumericGreaterThanIfExists": {"aws:MultiFactorAuthAge": "3600"}}, True, id="age if there"),
        pytest.param({"NumericGreaterThan": {"aws:MultiFactorAuthAge": "3600"}}, False, id="age"),
        pytest.param({"Null": {"aws:username": "true"}}, True, id="no user"),
        pytest.param({"Null": {"aws:FederatedProvider": "true"}}, True, id="not federated"),
        pytest.param({"StringLike": {"aws:userid": "*:*"}}, True, id="any session"),
        pytest.param({"StringLike": {"aws:userid": ["AROA*:*", "*"]}}, True, id="any role"),
        pytest.param({"StringLike": {"aws:userid": "AIDA*"}}, False, id="users"),
        pytest.param({"StringNotLike": {"aws:userid": "AIDA*"}}, True, id="all but users"),
        pytest.param({"StringNotLike": {"aws:userid": "AROAEXAMPLEID00000000:*"}}, False, id="an id that may be its"),
        pytest.param({"DateGreaterThan": {"aws:CurrentTime": "2020-01-01T00:00:00Z"}}, True, id="since 2020"),
        pytest.param({"DateLessThan": {"aws:CurrentTime": "2020-01-01T00:00:00Z"}}, False, id="until 2020"),
        pytest.param({"NumericGreaterThan": {"aws:EpochTime": "1577836800"}}, True, id="since 2020, in seconds"),
        pytest.param({"ForAnyValue:StringLike": {"aws:PrincipalOrgPaths": "o-*/*"}}, True, id="any path"),
        pytest.param(
            {"ForAnyValue:StringLike": {"aws:PrincipalOrgPaths": "${organization_id}/r-*/ou-*/*"}}, True, id="own paths"
        ),
        pytest.param(
            {"ForAnyValue:StringLike": {"aws:PrincipalOrgPaths": "${organization_id}/r-*/ou-*/ou-*/*"}},
            False,
            id="deeper paths",
        ),
        pytest.param(
            {"ForAllValues:StringNotLike": {"aws:PrincipalOrgPaths": "o-*/r-*/ou-ab12-33333333/*"}}, False, id="a unit"
        ),
        pytest.param({"Null": {"aws:TagKeys": "true"}}, False, id="tags are given"),
    ],
)
def test_what_is_known_of_a_session_beforehand(tmp_path: Path, condition: Statement, *, told: bool) -> None:
    """Keys that no session of a role has, the time, and the form of ids that are not known decide as they will."""
    lost = [f"Closed: {who} could not do iam:CreateRole on the role {role}" for who, role in MEMBER_ROLES]
    assert _lockouts(tmp_path, _deny("iam:CreateRole", Condition=condition)) == (lost if told else [])


@pytest.mark.parametrize(("year", "lost"), [(2029, 0), (2031, 2)])
def test_a_policy_for_a_time(year: int, lost: int) -> None:
    """A condition on the time is judged by the clock that is given."""
    since = _deny("iam:CreateRole", Condition={"DateGreaterThan": {"aws:CurrentTime": "2030-01-01T00:00:00Z"}})
    manifest = parsed()
    levels = _levels((ALLOW_ALL,), (ALLOW_ALL, since))
    told = lockouts(manifest, full_lock(manifest), lambda _account: levels, lambda: datetime(year, 1, 1, tzinfo=UTC))
    assert len(told) == lost
