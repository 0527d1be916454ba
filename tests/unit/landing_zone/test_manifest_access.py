"""What can be wrong with permissions, account map, organisation reader and hub, and where it is told."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from landing_zone.errors import PolicyTooLarge
from landing_zone.manifest import load_manifest
from landing_zone.stack_config import for_bootstrap, for_subaccount
from tests.unit.landing_zone.fleet_files import problems_in, write_files
from tests.unit.landing_zone.fleets import edited, full_lock, parsed, problems_of

HUB = """\
hub:
  account: audit
  role: Hub
  trusted: {management_roles: [Management-Admin], services: [lambda.amazonaws.com]}
  spoke: {role: Spoke, managed_policies: [SecurityAudit]}
"""
WITH_HUB = ("workloads:\n", f"organization_reader: Reader\n{HUB}workloads:\n")
LINE = 28
"""Where `organization_reader` stands in that manifest; the hub is below it."""

DOCUMENT = """\
Version: "2012-10-17"
Statement:
  - Effect: Allow
    Action: ec2:CreateVpc
    Resource: arn:aws:ec2:${region}:${account.id}:vpc/*
"""


@pytest.mark.parametrize(
    ("old", "new", "problem"),
    [
        ("account: audit", "account: adit", '30:12: no account is called "adit" (did you mean "audit"?)'),
        ("account: audit", "account: root", "30:12: root is the management account; the hub is in a member account"),
        (
            "[Management-Admin], services",
            "[Management-Admn], services",
            '32:32: no management role is called "Management-Admn" (did you mean "Management-Admin"?)',
        ),
        (
            "trusted: {management_roles: [Management-Admin], services: [lambda.amazonaws.com]}",
            "trusted: {}",
            "32:3: nobody may become the hub: give management_roles or services",
        ),
        ("role: Hub", "role: admin", "31:9: admin is the name of a role of roles already; AWS ignores case"),
        ("role: Spoke", "role: hub", "33:17: hub is the name of the hub already; AWS ignores case"),
        ("role: Spoke", "role: ReadOnly", "33:17: ReadOnly is the name of a role of roles already; AWS ignores case"),
        (
            "role: Spoke",
            "role: organizationaccountaccessrole",
            "33:17: the role name organizationaccountaccessrole is AWS's own",
        ),
        (", managed_policies: [SecurityAudit]", "", "33:3: spoke may do nothing: give managed_policies or permissions"),
        (
            "managed_policies: [SecurityAudit]",
            "permissions: [net]",
            '33:38: no permissions are called "net"',
        ),
        (
            "_reader: Reader",
            "_reader: management-admin",
            "28:22: management-admin is the name of a management role already; AWS ignores case",
        ),
        (HUB, "", "28:22: nobody may become Reader: it is the hub's; give hub"),
        (
            "lambda.amazonaws.com",
            "ec2",
            "32:62: hub.trusted.services.0 must be a service's principal, such as guardduty.amazonaws.com, not 'ec2'",
        ),
        (
            "trusted: {management_roles: [Management-Admin], services: [lambda.amazonaws.com]}",
            "trusted: {management_roles: Management-Admin}",
            "32:31: hub.trusted.management_roles must be a list, such as [a, b]",
        ),
        (
            "[ReadOnlyAccess]",
            "[ReadOnlyAccess, arn:aws:iam::aws:policy/ReadOnlyAccess]",
            "7:49: ReadOnlyAccess stands here twice",
        ),
        (
            "[ReadOnlyAccess]",
            '[Most, "arn:aws:iam::100000000001:policy/most"]',
            (
                "7:39: arn:aws:iam::aws:policy/Most and arn:aws:iam::100000000001:policy/most have one name, most; "
                "give one of them"
            ),
        ),
        ("[SecurityAudit]", "[SecurityAudit, SecurityAudit]", "33:58: SecurityAudit stands here twice"),
        (
            "{managed_policies: [ReadOnlyAccess]}",
            "{}",
            "7:3: ReadOnly may do nothing: give managed_policies or permissions",
        ),
    ],
)
def test_a_mistake(old: str, new: str, problem: str) -> None:
    """Each mistake is told once, at its place, with the nearest name."""
    assert problems_of(edited(WITH_HUB, (old, new))) == [problem]


def test_a_reader_that_is_no_management_role() -> None:
    """Readers of the map are management roles."""
    assert problems_of(edited(("workloads:\n", "account_map: {readers: [Admin]}\nworkloads:\n"))) == [
        '28:25: no management role is called "Admin"'
    ]


def test_permissions_named_twice_or_by_a_name_of_fleetyards_own(tmp_path: Path) -> None:
    """A role has permissions once, and none is called as Fleetyard's own policies are."""
    text = edited(
        ("{managed_policies: [ReadOnlyAccess]}", "{permissions: [fleetyard-net, fleetyard-net]}"),
        ("workloads:\n", "permissions: {fleetyard-net: {file: net.yaml}}\nworkloads:\n"),
    )
    assert problems_in(write_files(tmp_path, {"fleet.yaml": text, "net.yaml": DOCUMENT})) == [
        "fleet.yaml:7:43: fleetyard-net stands here twice",
        'fleet.yaml:28:15: "fleetyard-net": names that begin with fleetyard- are Fleetyard\'s own',
    ]


def test_more_policies_than_a_role_takes() -> None:
    """Permissions and managed policies together are ten at most."""
    many = ", ".join(f"Policy{number}" for number in range(10))
    text = edited(("[ReadOnlyAccess]}", f"[{many}], permissions: [net]}}"))
    assert any(
        "a role takes 10 policies, permissions and managed_policies together; ReadOnly has 11" in problem
        for problem in problems_of(text)
    )


Fleet = Callable[..., Path]


@pytest.fixture
def fleet(tmp_path: Path) -> Fleet:
    """Return a maker of a fleet whose ReadOnly has permissions, with the text of their file."""

    def make(document: str = DOCUMENT, more: str = "", file: str = "permissions/net.yaml") -> Path:
        text = edited(
            ("{managed_policies: [ReadOnlyAccess]}", "{permissions: [net]}"),
            ("workloads:\n", f"permissions: {{net: {{file: permissions/net.yaml{more}}}}}\nworkloads:\n"),
        )
        return write_files(tmp_path, {"fleet.yaml": text, file: document})

    return make


def test_permissions_become_each_accounts_own(fleet: Fleet) -> None:
    """The document is filled in for each account that uses it, and is made nowhere else."""
    manifest = load_manifest(fleet())
    lock = full_lock(manifest)
    (made,) = for_subaccount(manifest, lock, "prod").permissions
    assert made.document["Statement"][0]["Resource"] == "arn:aws:ec2:eu-west-1:100000000003:vpc/*"
    assert for_subaccount(manifest, lock, "dev").permissions == ()


def test_iams_own_variables_stay(fleet: Fleet) -> None:
    """What AWS fills in with each request is left for AWS."""
    manifest = load_manifest(fleet(DOCUMENT.replace("vpc/*", "vpc/${aws:PrincipalTag/team}")))
    (made,) = for_subaccount(manifest, full_lock(manifest), "prod").permissions
    assert made.document["Statement"][0]["Resource"] == (
        "arn:aws:ec2:eu-west-1:100000000003:vpc/${aws:PrincipalTag/team}"
    )


@pytest.mark.parametrize(
    ("document", "problem"),
    [
        (
            DOCUMENT.replace("account.id", "acount.id"),
            'permissions/net.yaml:5:15: nothing is called "${acount.id}" (did you mean "${account.id}"?)',
        ),
        (
            DOCUMENT.replace("account.id", "accounts.pord.id"),
            'permissions/net.yaml:5:15: ${accounts.pord.id}: no account is called "pord" (did you mean "prod"?)',
        ),
        (DOCUMENT.replace("vpc/*", "${vpc"), 'permissions/net.yaml:5:15: "${vpc" lacks its closing brace'),
        (
            DOCUMENT + "vars: {a: 1}\n",
            "permissions/net.yaml:6:1: permissions take no vars; see docs/least-privilege.md for what they may name",
        ),
    ],
)
def test_a_mistake_in_the_file(fleet: Fleet, document: str, problem: str) -> None:
    """What is wrong in the file of permissions is told there, with its own line and column."""
    assert problems_in(fleet(document)) == [problem]


def test_a_file_that_is_not_there(fleet: Fleet) -> None:
    """A path that leads nowhere is told in the manifest, with the file that was probably meant."""
    assert problems_in(fleet(file="permissions/network.yaml")) == [
        'fleet.yaml:28:27: there is no policy file "permissions/net.yaml" (did you mean "permissions/network.yaml"?)'
    ]


def test_a_stage_that_an_account_lacks(tmp_path: Path) -> None:
    """`${account.stage}` needs a stage in every account that uses the permissions."""
    text = edited(
        ("{managed_policies: [AdministratorAccess]}", "{permissions: [net]}"),
        ("workloads:\n", "permissions: {net: {file: net.yaml}}\nworkloads:\n"),
    )
    document = DOCUMENT.replace("vpc/*", "vpc/${account.stage}")
    assert problems_in(write_files(tmp_path, {"fleet.yaml": text, "net.yaml": document})) == [
        "net.yaml:5:15: ${account.stage}: account audit has no stage"
    ]


def test_permissions_that_are_larger_than_aws_takes(fleet: Fleet) -> None:
    """The document is measured as AWS counts it, with the longest values of any account."""
    actions = ", ".join(f"ec2:Action{number:04}" for number in range(400))
    with pytest.raises(PolicyTooLarge, match=r"policy of the permissions net: [0-9]+ characters, AWS takes 6144"):
        load_manifest(fleet(DOCUMENT.replace("ec2:CreateVpc", f"[{actions}]")))


def test_an_entry_that_is_longer_than_a_parameter_takes() -> None:
    """An account with very many roles has an entry that no standard parameter holds; AWS is not asked first."""
    names = [f"Role-{'x' * 40}-{number:02}" for number in range(30)]
    roles = "\n".join(f"  {name}: {{managed_policies: [ReadOnlyAccess]}}" for name in names)
    text = edited(
        ("management_roles:\n", f"{roles}\nmanagement_roles:\n"),
        ("[ReadOnly], stages: [prod]", f"[{', '.join(names)}], stages: [prod]"),
        ("workloads:\n", "account_map: {}\nworkloads:\n"),
    )
    (problem,) = problems_of(text)
    assert "the account map's entry of prod would have" in problem
    assert "a standard parameter takes 4,096" in problem


def test_the_hub_reaches_the_reader_and_readers_the_map() -> None:
    """Who is told what: management role, hub, spoke and organisation reader fit together by their ARNs."""
    manifest = parsed(edited(WITH_HUB))
    lock = full_lock(manifest)
    management = for_bootstrap(manifest, lock)
    hub, spoke = for_subaccount(manifest, lock, "audit").hub, for_subaccount(manifest, lock, "prod").spoke
    arn = "arn:aws:iam::100000000002:role/Hub"
    assert hub is not None
    assert spoke is not None
    assert management.organization_reader is not None
    assert arn in next(role.assume for role in management.management_roles if role.name == "Management-Admin")
    assert arn not in next(role.assume for role in management.management_roles if role.name == "Management-Developer")
    assert (spoke.hub_role_arn, management.organization_reader.hub_role_arn) == (arn, arn)
    assert hub.reader_arn == "arn:aws:iam::100000000001:role/Reader"
    assert for_subaccount(manifest, lock, "prod").hub is None
