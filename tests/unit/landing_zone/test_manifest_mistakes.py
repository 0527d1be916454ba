"""Each mistake in a manifest is told with its place, and with the name that was probably meant."""

from __future__ import annotations

import pytest

from tests.unit.landing_zone.fleets import SMALL, edited, problems_of

AN_ACCOUNT = "audit: {email: audit@small.example}"
A_GRANT = '{roles: [Admin], accounts: ["*"]}'
A_TARGET = "accounts: [prod, dev]"
A_CONFIG = 'config: {cidr: "${vars.cidr}", zones: 2}'


def test_a_valid_manifest_has_no_problems() -> None:
    """The manifest that the other tests spoil is valid as it is."""
    assert problems_of(SMALL) == []


@pytest.mark.parametrize(
    ("old", "new", "problem"),
    [
        ("region:", "regoin:", '3:1: unknown key "regoin" (did you mean "region"?)'),
        (AN_ACCOUNT, "audit: {}", '23:7: units.core.accounts.audit lacks "email"'),
        (AN_ACCOUNT, "audit: {email: 7}", "23:22: units.core.accounts.audit.email is a number here"),
        (AN_ACCOUNT, "audit: {email: nonsense}", "23:22: units.core.accounts.audit.email must be an email address"),
        (AN_ACCOUNT, "audit: [a]", "23:14: units.core.accounts.audit must hold keys and values"),
        (AN_ACCOUNT, "audit:", "23:7: units.core.accounts.audit is empty; it must hold keys and values"),
        ("state: write", "state: wirte", "11:12: management_roles.Management-Admin.state must be 'write', 'read' or"),
        ('"100000000001"', "100000000001", "2:24: management_account_id is a number here; put it in quotes"),
        ('"100000000001"', ".inf", "2:24: '.inf' is no float that JSON knows"),
        ('"100000000001"', '"1000"', "2:24: management_account_id must be an account id of 12 digits in quotes"),
        ("region: eu-west-1", "region: Ireland", "3:9: region must be an AWS region such as eu-west-1"),
        ("region: eu-west-1", "region: cn-north-1", "3:9: cn-north-1 belongs to another AWS partition"),
        ("[AdministratorAccess]", "AdministratorAccess", "6:29: roles.Admin.managed_policies must be a list"),
        ("[AdministratorAccess]", "[]", "6:29: roles.Admin.managed_policies must have at least 1, and has 0"),
        ("units:\n  core:", "accounts: {}\nunits:\n  core:", '19:1: unknown key "accounts"; accounts stand under'),
        (AN_ACCOUNT, "audit: {email: a@b.example, unit: plat}", '23:35: unknown key "unit"; an account\'s unit is'),
        (A_GRANT, '{roles: [Admin], unit: ["*"]}', '13:26: unknown key "unit" (did you mean "units"?)'),
        (AN_ACCOUNT, "audit: {email: a@b}", "23:22: units.core.accounts.audit.email must be an email address of at"),
        ("{users: [ops]}", "ops", "10:14: management_roles.Management-Admin.trusted must hold keys and values"),
        ("workloads:\n", "ci: [a]\nworkloads:\n", "28:5: ci must hold keys and values"),
    ],
    ids=lambda value: value if ":" in value and value[0].isdigit() else "",
)
def test_keys_and_types(old: str, new: str, problem: str) -> None:
    """A key that is unknown or missing, and a value of the wrong type or form, are told with line and column, once."""
    assert [found[: len(problem)] for found in problems_of(edited((old, new)))] == [problem]


@pytest.mark.parametrize(
    ("old", "new", "problem"),
    [
        (
            AN_ACCOUNT,
            "audit: {email: Prod@small.example}",
            "26:21: two accounts have the email prod@small.example (audit and prod); the first is in line 23",
        ),
        (
            AN_ACCOUNT,
            'audit: {email: audit@small.example, id: "100000000001"}',
            "23:47: 100000000001 is the management account's id",
        ),
        (
            AN_ACCOUNT,
            "audit: {email: audit@small.example, management: true}",
            "23:43: two management accounts: root and audit; an organisation has one",
        ),
        (
            ", management: true",
            "",
            "19:1: no account is marked as the management account; add management: true to it",
        ),
        (AN_ACCOUNT, f"{AN_ACCOUNT}\n      {AN_ACCOUNT}", '24:7: the key "audit" stands here twice, first in line 23'),
        (
            "  plat:\n",
            "  more: {accounts: {audit: {email: more@small.example}}}\n  plat:\n",
            "24:21: two accounts are called audit; the first is in line 23",
        ),
        (
            "root: {email: root@small.example, management: true}",
            'root: {email: root@small.example, management: true, id: "200000000002"}',
            "22:63: the management account's id is 100000000001 in management_account_id and 200000000002 here",
        ),
        (
            AN_ACCOUNT,
            "audit: {email: audit@small.example, tags: {aws:x: y}}",
            '23:50: the tag aws:x is AWS\'s own: "aws:" is reserved',
        ),
        (
            "  plat:\n",
            "  plat:\n    aws_name: core\n",
            '25:15: core and plat would both be called "core" in AWS, which takes a name once under one parent',
        ),
        (
            "  core:\n",
            "  core:\n    units: {a: {aws_name: Same}, b: {aws_name: Same}}\n",
            '21:48: a and b would both be called "Same" in AWS, which takes a name once under one parent',
        ),
        (
            "units:\n",
            "suspended_unit: gone\nunits:\n  left: {aws_name: gone}\n",
            '21:20: suspended_unit and left would both be called "gone" in AWS, which takes a name once under one',
        ),
    ],
)
def test_accounts(old: str, new: str, problem: str) -> None:
    """Names, emails, ids and the management account are each there once."""
    assert [found[: len(problem)] for found in problems_of(edited((old, new)))] == [problem]


def test_two_accounts_with_one_id() -> None:
    """Two accounts that give one id are told, both named."""
    text = edited(
        (AN_ACCOUNT, 'audit: {email: audit@small.example, id: "300000000003"}'),
        ("dev: {email: dev@small.example,", 'dev: {email: dev@small.example, id: "300000000003",'),
    )
    assert problems_of(text) == [
        "27:43: two accounts have the id 300000000003 (audit and dev); the first is in line 23"
    ]


@pytest.mark.parametrize(
    ("old", "new", "problem"),
    [
        (
            A_GRANT,
            '{roles: [Amdin], accounts: ["*"]}',
            '13:18: no account offers a role "Amdin" (did you mean "Admin"?)',
        ),
        (A_GRANT, "{roles: [Admin], accounts: [prodd]}", '13:37: no account matches "prodd" (did you mean "prod"?)'),
        (A_GRANT, '{roles: [Admin], accounts: ["x*"]}', '13:37: no account matches "x*"'),
        (
            A_GRANT,
            "{roles: [Admin], accounts: [root]}",
            '13:37: "root" means only the management account, which has no assumable roles',
        ),
        (A_GRANT, "{roles: [Admin], acounts: [prod]}", '13:26: unknown key "acounts" (did you mean "accounts"?)'),
        (A_GRANT, "{roles: [Admin]}", '13:9: say which accounts: accounts, stages, units or lists (accounts: ["*"])'),
        (
            A_GRANT,
            "{roles: [Admin], stages: [dev], units: [core]}",
            "13:9: no account fits all of accounts, stages, units and lists given here",
        ),
        ("stages: [prod]", "stages: [porduction]", '18:38: no account has the stage "porduction"'),
        ("stages: [prod]", "stages: [prd]", '18:38: no account has the stage "prd" (did you mean "prod"?)'),
        ("stages: [prod]", "units: [plot]", '18:37: no account stands in a unit "plot" (did you mean "plat"?)'),
        (
            "trusted: {users: [ops]}",
            "trusted: {identity_center: {permission_set: Admin}}",
            '10:33: unknown key "permission_set" (did you mean "permission_sets"?)',
        ),
        (
            "trusted: {users: [ops]}",
            "trusted: {saml: {provider: people@corp}}",
            "10:32: management_roles.Management-Admin.trusted.saml.provider must be at most 128 letters",
        ),
        (
            "trusted: {users: [ops]}",
            "trusted: {}",
            "10:5: nobody may become Management-Admin: give trusted.users, saml, oidc or identity_center",
        ),
        (
            "  ReadOnly: {",
            "  admin: {managed_policies: [X]}\n  ReadOnly: {",
            "7:3: Admin and admin are one name to AWS",
        ),
        (
            "  ReadOnly: {",
            "  OrganizationAccountAccessRole: {managed_policies: [X]}\n  ReadOnly: {",
            "7:3: the role name OrganizationAccountAccessRole is AWS's own",
        ),
        (
            "  Management-Admin:",
            "  Fleetyard-Admin:",
            '9:3: "Fleetyard-Admin": names that begin with fleetyard- are Fleetyard\'s own',
        ),
    ],
)
def test_grants(old: str, new: str, problem: str) -> None:
    """A grant names roles that are offered, and accounts, stages and units that exist."""
    first = problems_of(edited((old, new)))[0]
    assert first[: len(problem)] == problem


@pytest.mark.parametrize(
    ("old", "new", "problem"),
    [
        (A_TARGET, "accounts: [prod, dve]", '30:22: no account matches "dve" (did you mean "dev"?)'),
        ("    role: Admin", "    role: Admni", '31:11: no account offers a role "Admni" (did you mean "Admin"?)'),
        (
            "    role: Admin",
            "    role: ReadOnly",
            "31:11: nobody with state: write is granted ReadOnly in prod, dev, so network can't be deployed there",
        ),
        (
            A_CONFIG,
            f"{A_CONFIG}\n    after: [netwrok]",
            '33:13: no workload is called "netwrok" (did you mean "network"?)',
        ),
        (A_CONFIG, f"{A_CONFIG}\n    after: [network]", "33:5: workloads wait for each other: network -> network"),
        ("vars.cidr}", "vars.cdir}", '32:20: ${vars.cdir}: prod, dev have no variable "cdir" (did you mean "cidr"?)'),
        ("${vars.cidr}", "${vars.cidr", '32:20: "${vars.cidr" lacks its closing brace; write $${ for a plain ${'),
        ("${vars.cidr}", "${a ${vars.cidr}", '32:20: "${a" lacks its closing brace; write $${ for a plain ${'),
        ("vars.cidr}", "acount.name}", '32:20: nothing is called "${acount.name}" (did you mean "${account.name}"?)'),
        (
            "vars.cidr}",
            "accounts.audti.id}",
            '32:20: ${accounts.audti.id}: no account is called "audti" (did you mean "audit"?)',
        ),
        ("  network:\n", "  bootstrap:\n", '29:3: "bootstrap" is the name of a program of the foundation'),
        ("  network:\n", "  Net_work:\n", '29:3: the name "Net_work" must be lower-case letters, digits and hyphens'),
    ],
)
def test_workloads(old: str, new: str, problem: str) -> None:
    """A workload names accounts, a role, other workloads and variables that exist, and can be deployed."""
    found = problems_of(edited((old, new)))
    assert [line[: len(problem)] for line in found] == [problem]


@pytest.mark.parametrize(
    ("entries", "problem"),
    [
        ("[prdo]", '28:24: no account matches "prdo" (did you mean "prod"?)'),
        ("[root]", '28:24: "root" means only the management account; lists are of member accounts'),
        ("prod", "28:23: account_lists.live must be a list, such as [a, b]"),
    ],
)
def test_a_list_of_nobody_is_told_once(entries: str, problem: str) -> None:
    """What follows from a wrong entry of an account list is not told: no grant, no workload that nobody deploys."""
    lists = f"account_lists: {{live: {entries}}}\nworkloads:\n"
    text = edited((A_GRANT, "{roles: [Admin], lists: [live]}"), ("workloads:\n", lists))
    assert problems_of(text) == [problem]


def test_a_cycle_of_workloads_is_told_as_its_path() -> None:
    """A cycle in `after` is printed from its first workload back to it."""
    third = "  three: {accounts: [dev], role: Admin, after: [two]}\n"
    text = SMALL.replace(A_CONFIG, f"{A_CONFIG}\n    after: [three]")
    text += "  two: {accounts: [dev], role: Admin, after: [network]}\n" + third
    assert problems_of(text) == ["33:5: workloads wait for each other: network -> three -> two -> network"]


@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        ([("audit: {", "a" * 51 + ": {")], f'23:7: the name "{"a" * 51}" is too long: 51 characters, AWS takes 50'),
        (
            [("audit@small.example", "a" * 60 + "@small.example")],
            "23:22: units.core.accounts.audit.email is too long: 74 characters, AWS takes 64",
        ),
        (
            [("  ReadOnly: {", "  " + "R" * 65 + ": {managed_policies: [X]}\n  ReadOnly: {")],
            f'7:3: the name "{"R" * 65}" is too long: 65 characters, AWS takes 64',
        ),
        (
            [("organization: small", "organization: " + "s" * 40)],
            f"1:15: the state bucket's name {'s' * 40}-state-100000000001-eu-west-1 would have 69 characters",
        ),
        (
            [("dev: {email", "d" * 50 + ": {email"), (A_TARGET, 'accounts: ["d*"]\n    regions: [eu-central-1]')],
            f"31:15: the role session name of stack {'d' * 50}.eu-central-1 would be 9 characters longer",
        ),
        (
            [("audit@small.example", f"audit@small.example, aws_name: {'a' * 51}")],
            "23:53: units.core.accounts.audit.aws_name is too long: 51 characters, AWS takes 50",
        ),
        (
            [
                (
                    "workloads:\n",
                    (
                        "policies: {stay: {file: starter/deny-leaving, root: true, description: "
                        f"{'d' * 513}}}}}\nworkloads:\n"
                    ),
                )
            ],
            "28:72: policies.stay.description is too long: 513 characters, AWS takes 512",
        ),
    ],
    ids=["account", "email", "role", "bucket", "session", "name in AWS", "policy's description"],
)
def test_names_longer_than_aws_takes(changes: list[tuple[str, str]], problem: str) -> None:
    """A name that AWS would refuse for its length is refused before, with the limit."""
    assert [line[: len(problem)] for line in problems_of(edited(*changes))] == [problem]


def test_units_nested_too_deep() -> None:
    """AWS takes five levels of units."""
    deep = "  a: {units: {b: {units: {c: {units: {d: {units: {e: {units: {f: {}}}}}}}}}}}\n"
    found = problems_of(edited(("  core:\n", f"{deep}  core:\n")))
    assert [line.partition(": ")[2] for line in found] == ["unit a/b/c/d/e/f is nested deeper than AWS takes: 5 levels"]
