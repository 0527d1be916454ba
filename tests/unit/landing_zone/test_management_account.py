"""What the manifest says of the management account: Identity Center, state kept apart, boundaries, account lists."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from landing_zone.boundaries import boundary_of
from landing_zone.documents.access import (
    management_role_trust,
    member_role_trust,
    rights_statements,
    state_log_bucket_policy,
    state_statements,
)
from landing_zone.errors import LockUnreadable, ManifestInvalid, PolicyTooLarge
from landing_zone.fleet import IdentityCenterTrust, Manifest, StateRights, Trust
from landing_zone.lock import StateHome, load_lock, write_lock
from landing_zone.manifest import parse_manifest
from landing_zone.stack_config import for_bootstrap, for_subaccount
from tests.support.repository import ROOT
from tests.unit.landing_zone.fleets import SMALL, edited, full_lock, parsed, problems_of

MANAGEMENT = "100000000001"
SETS = f"arn:aws:iam::{MANAGEMENT}:role/aws-reserved/sso.amazonaws.com"
HOME = StateHome("small-state", "arn:aws:kms:eu-west-1:100000000001:key/1")
TOP = ("units:\n  core:", "{}\nunits:\n  core:")
ROOT_ACCOUNT = "{email: root@small.example, management: true}"
ALLOW_ALL = 'Version: "2012-10-17"\nStatement: [{Effect: Allow, Action: "*", Resource: "*"}]\n'


def with_top(block: str, *changes: tuple[str, str]) -> str:
    """Return the small manifest with a block before `units`, and other changes."""
    return edited((TOP[0], TOP[1].format(block)), *changes)


def with_buckets(*changes: tuple[str, str]) -> Manifest:
    """Return the small fleet whose account prod has a state bucket of its own."""
    return parsed(with_top("state_buckets: {live: {stages: [prod]}}", *changes))


def test_a_permission_set_is_trusted_by_its_reserved_role_alone() -> None:
    """The role's path with and without a region is trusted, and sixteen characters stand for AWS's own suffix."""
    trust = Trust(identity_center=IdentityCenterTrust(("Admins",)))
    assert management_role_trust(MANAGEMENT, trust)["Statement"] == [
        {
            "Sid": "IdentityCenter",
            "Effect": "Allow",
            "Principal": {"AWS": f"arn:aws:iam::{MANAGEMENT}:root"},
            "Action": "sts:AssumeRole",
            "Condition": {
                "ArnLike": {
                    "aws:PrincipalArn": [
                        f"{SETS}/AWSReservedSSO_Admins_????????????????",
                        f"{SETS}/*/AWSReservedSSO_Admins_????????????????",
                    ]
                }
            },
        }
    ]


def test_a_member_role_trusts_the_sets_of_the_roles_granted_unless_told_otherwise() -> None:
    """The permission sets stand in a statement of their own beside the management roles; `direct: false` leaves it."""
    center = "trusted: {identity_center: {permission_sets: [Admins]%s}}"
    direct, through = (
        parsed(edited(("trusted: {users: [ops]}", center % more))).roles_in("dev")[0].permission_sets
        for more in ("", ", direct: false")
    )
    assert (direct, through) == (("Admins",), ())
    granted, sets = member_role_trust(MANAGEMENT, ["arn:r"], direct)["Statement"]
    assert granted["Condition"] == {"ArnEquals": {"aws:PrincipalArn": ["arn:r"]}}
    assert sets["Sid"] == "IdentityCenter"


def test_too_many_permission_sets_are_told_by_the_size_of_the_trust() -> None:
    """A trust that AWS would refuse is refused at validation, with the role's name."""
    names = ", ".join(f"Set-{number:02}" for number in range(12))
    text = edited(("trusted: {users: [ops]}", f"trusted: {{identity_center: {{permission_sets: [{names}]}}}}"))
    with pytest.raises(PolicyTooLarge, match=r"trust of Management-Admin: [0-9]+ characters, AWS takes 2048"):
        parsed(text)


def test_an_account_is_in_the_bucket_that_selects_it_and_else_in_the_default_one() -> None:
    """Only workloads of selected accounts are kept apart; the role that runs all writes every bucket in use."""
    manifest = with_buckets()
    assert {name: manifest.state_buckets.of(name) for name in ("prod", "dev", "audit")} == {
        "prod": "live",
        "dev": "default",
        "audit": "default",
    }
    assert manifest.workload_role == "Management-Admin"


def test_rights_may_differ_by_bucket() -> None:
    """One word is the right to every bucket; a mapping names each, and a bucket that it leaves out is not touched."""
    manifest = with_buckets(("state: none", "state: {default: read}"))
    everywhere, reader = manifest.management_roles.values()
    assert (everywhere.rights("default"), everywhere.rights("live")) == (StateRights.WRITE, StateRights.WRITE)
    assert (reader.rights("default"), reader.rights("live")) == (StateRights.READ, StateRights.NONE)
    assert reader.state is StateRights.READ
    config = for_bootstrap(manifest, full_lock(manifest))
    assert config.states.buckets == {"live": "small-state-live-100000000001-eu-west-1"}
    assert [role.rights("live") for role in config.management_roles] == [StateRights.WRITE, StateRights.NONE]


def test_statements_are_shared_by_buckets_of_the_same_right() -> None:
    """One bucket gives the same statements as ever; more of them share each; other rights have names of their own."""
    one = rights_statements([(StateRights.WRITE, "a", "k1"), (StateRights.NONE, "c", "k3")])
    assert one == state_statements(StateRights.WRITE, "a", "k1")
    both = rights_statements([(StateRights.WRITE, "a", "k1"), (StateRights.WRITE, "b", "k2")])
    assert [statement["Resource"] for statement in both] == [
        ["arn:aws:s3:::a", "arn:aws:s3:::b"],
        ["arn:aws:s3:::a/.pulumi/*", "arn:aws:s3:::b/.pulumi/*"],
        ["k1", "k2"],
    ]
    mixed = rights_statements([(StateRights.READ, "a", "k1"), (StateRights.WRITE, "b", "k2")])
    sids = [statement["Sid"] for statement in mixed]
    assert sids == ["ListState", "UseState", "UseStateKey", "ListStateToRead", "UseStateToRead", "UseStateKeyToRead"]
    assert mixed[4]["Action"] == ["s3:GetObject"]


def test_only_log_delivery_for_these_buckets_writes_the_access_log() -> None:
    """The log's bucket takes objects from S3's own service, for the state buckets of this account, and by TLS alone."""
    delivery, tls = state_log_bucket_policy("log", MANAGEMENT, ["a", "b"])["Statement"]
    assert delivery["Principal"] == {"Service": "logging.s3.amazonaws.com"}
    assert (delivery["Action"], delivery["Resource"]) == ("s3:PutObject", "arn:aws:s3:::log/*")
    assert delivery["Condition"] == {
        "ArnEquals": {"aws:SourceArn": ["arn:aws:s3:::a", "arn:aws:s3:::b"]},
        "StringEquals": {"aws:SourceAccount": MANAGEMENT},
    }
    assert tls["Sid"] == "TlsOnly"


@pytest.mark.parametrize(
    ("block", "problem"),
    [
        ("state_buckets: {default: {stages: [prod]}}", 'the name "default" of a state bucket is Fleetyard\'s own'),
        ("state_buckets: {log: {stages: [prod]}}", 'the name "log" of a state bucket is Fleetyard\'s own'),
        ("state_buckets: {Live: {stages: [prod]}}", 'the name "Live" must be lower-case letters, digits and hyphens'),
        ("state_buckets: {live: {stages: [prd]}}", 'no account has the stage "prd" (did you mean "prod"?)'),
        ("state_buckets: {live: {}}", "say which accounts"),
        (
            "state_buckets: {live: {stages: [prod]}, all: {units: [plat]}}",
            "the state of prod would be in two buckets: live and all",
        ),
        (
            f"state_buckets: {{{'a' * 40}: {{stages: [prod]}}}}",
            f"the bucket's name small-state-{'a' * 40}-100000000001-eu-west-1 would have 75 characters, AWS takes 63",
        ),
        ("account_lists: {live: [prdo]}", 'no account matches "prdo" (did you mean "prod"?)'),
        ("account_lists: {live: [root]}", '"root" means only the management account; lists are of member accounts'),
        ("account_lists: {live: []}", "account_lists.live must have at least 1, and has 0"),
        ("state_retention: {}", 'state_retention lacks "old_versions_days"'),
        ("state_retention: {old_versions_days: 0}", "state_retention.old_versions_days must be at least 1"),
        ("permissions_boundary: arn:aws:iam::aws:role/x", '"arn:aws:iam::aws:role/x" is no managed policy'),
        (
            'permissions_boundary: "arn:aws:iam::200000000002:policy/x"',
            "arn:aws:iam::200000000002:policy/x is one account's; a boundary is of the role's own account",
        ),
        ("permissions_boundary: nowhere.yaml", 'there is no policy file "nowhere.yaml"'),
        ("permissions_boundary: ./b", '"./b" is no managed policy: a name, an ARN, or a file that ends in .json'),
        ("permissions_boundary: b.txt", '"b.txt" is no managed policy: a name, an ARN, or a file that ends in .json'),
        ("permissions_boundary: a*.yaml", '"a*.yaml" is no path relative to this file'),
    ],
)
def test_what_is_wrong_is_told_at_its_place(block: str, problem: str) -> None:
    """Names that cannot be, accounts in two buckets and lists of nobody are told at the line they stand in."""
    (found,) = problems_of(with_top(block))
    assert found.startswith("19:")
    assert found.split(": ", 1)[1].startswith(problem)


@pytest.mark.parametrize(
    ("state", "problem"),
    [
        ("{liev: write}", '11:13: there is no state bucket "liev" (did you mean "live"?)'),
        ("{live: wirte}", "11:19: management_roles.Management-Admin.state.live must be 'write', 'read' or 'none'"),
        ("[write]", "11:12: management_roles.Management-Admin.state must be 'write', 'read' or 'none'"),
        (
            "{live: write}",
            "32:11: nobody with state: write is granted Admin in dev, so network can't be deployed there",
        ),
    ],
)
def test_a_right_names_a_bucket_and_a_word(state: str, problem: str) -> None:
    """A right to a bucket that is none, or a word that is none, is told with what was probably meant."""
    found = problems_of(with_top("state_buckets: {live: {stages: [prod]}}", ("state: write", f"state: {state}")))
    assert found[0].startswith(problem)


def test_somebody_must_write_every_bucket_in_use() -> None:
    """Workloads have one caller: where two roles share the buckets between them nobody could run all of them."""
    found = problems_of(
        with_top(
            "state_buckets: {live: {stages: [prod]}}",
            ("state: write", "state: {default: write}"),
            ("state: none", "state: {live: write}"),
            ("{roles: [ReadOnly], stages: [prod]}", "{roles: [Admin], stages: [prod]}"),
        )
    )
    (problem,) = found
    assert problem.startswith("19:1: no management role has state: write in all of default, live; callers.management")


def test_account_lists_select_in_grants_and_workloads() -> None:
    """A list is names and globs under a name; together with other keys an account must fit all of them."""
    text = with_top("account_lists: {live: [prod], rest: ['*d*']}", ("stages: [prod]}", "lists: [live]}"))
    manifest = parsed(text.replace("accounts: [prod, dev]", "lists: [rest]\n    stages: [dev]"))
    assert set(manifest.management_roles["Management-Developer"].granted) == {"prod"}
    assert manifest.workloads["network"].accounts == ("dev",)
    assert problems_of(text.replace("lists: [live]", "lists: [lvie]")) == [
        '18:37: there is no account list "lvie" (did you mean "live"?)'
    ]


def test_the_lists_of_two_stages_as_in_the_article() -> None:
    """A developer role assumes Admin in the accounts of one list, and ReadOnly in those of the other."""
    grants = "{roles: [Admin], lists: [dev]}\n      - {roles: [ReadOnly], lists: [prod]}"
    text = with_top("account_lists: {prod: [prod], dev: [dev, audit]}")
    manifest = parsed(text.replace("{roles: [ReadOnly], stages: [prod]}", grants))
    assert manifest.management_roles["Management-Developer"].granted == {
        "audit": ("Admin",),
        "prod": ("ReadOnly",),
        "dev": ("Admin",),
    }


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Return a repository with a boundary's file."""
    (tmp_path / ".git").mkdir()
    (tmp_path / "member.yaml").write_text(ALLOW_ALL, encoding="utf-8")
    return tmp_path


def test_a_boundary_is_of_every_member_role_that_does_not_say_otherwise(folder: Path) -> None:
    """The fleet's boundary is the roles' own; a role may name another one, or none; management roles have their own."""
    text = with_top(
        "permissions_boundary: member.yaml",
        ("ReadOnly: {managed", "ReadOnly: {permissions_boundary: none, managed"),
        ("    state: write\n", "    state: write\n    permissions_boundary: PowerUserAccess\n"),
    )
    manifest = parse_manifest(text, folder / "fleet.yaml")
    admin = for_subaccount(manifest, full_lock(manifest), "prod")
    assert {role.name: role.boundary.name for role in admin.roles} == {
        "Admin": "fleetyard-boundary-member",
        "ReadOnly": "",
    }
    assert list(admin.boundaries) == ["fleetyard-boundary-member"]
    assert admin.boundaries["fleetyard-boundary-member"]["Version"] == "2012-10-17"
    first, second = for_bootstrap(manifest, full_lock(manifest)).management_roles
    assert (first.boundary.arn, second.boundary.arn) == ("arn:aws:iam::aws:policy/PowerUserAccess", "")


def test_a_policy_that_each_account_has_is_named_with_a_star() -> None:
    """`arn:aws:iam::*:policy/NAME` is the policy of that name in the role's own account."""
    boundary = boundary_of("arn:aws:iam::*:policy/team/most")
    assert boundary is not None
    assert boundary.arn_in("200000000002") == "arn:aws:iam::200000000002:policy/team/most"


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        (ALLOW_ALL.replace("2012", "2008"), 'a boundary\'s document has Version: "2012-10-17"'),
        (ALLOW_ALL + "Statements: []\n", 'a policy document has no element "Statements" (did you mean "Statement"?)'),
        ('Version: "2012-10-17"\n', "a boundary's document has a Statement"),
    ],
)
def test_a_boundary_file_that_is_none_is_told_at_its_own_line(folder: Path, content: str, problem: str) -> None:
    """What is no policy document is told in the file it stands in."""
    (folder / "member.yaml").write_text(content, encoding="utf-8")
    with pytest.raises(ManifestInvalid) as invalid:
        parse_manifest(with_top("permissions_boundary: member.yaml"), folder / "fleet.yaml")
    told = [str(found) for found in invalid.value.problems]
    assert any("member.yaml:" in line and problem in line for line in told), told


def test_a_boundary_whose_policy_would_have_too_long_a_name_is_told(folder: Path) -> None:
    """The policy is named by its file, and AWS takes 128 characters."""
    name = "b" * 110
    (folder / f"{name}.yaml").write_text(ALLOW_ALL, encoding="utf-8")
    with pytest.raises(ManifestInvalid) as invalid:
        parse_manifest(with_top(f"permissions_boundary: {name}.yaml"), folder / "fleet.yaml")
    assert "would have a name of 129 characters, AWS takes 128; shorten the file's name by 1" in str(invalid.value)


def test_a_boundary_that_is_too_large_is_told(folder: Path) -> None:
    """AWS takes 6,144 characters of a managed policy."""
    actions = ", ".join(f'"service:Action{number:04}"' for number in range(300))
    statement = f'Statement: [{{Effect: Allow, Action: [{actions}], Resource: "*"}}]\n'
    (folder / "member.yaml").write_text(f'Version: "2012-10-17"\n{statement}', encoding="utf-8")
    with pytest.raises(PolicyTooLarge, match=r"boundary member\.yaml of Admin: [0-9]+ characters, AWS takes 6144"):
        parse_manifest(with_top("permissions_boundary: member.yaml"), folder / "fleet.yaml")


def test_the_lock_file_holds_several_homes_and_reads_the_old_form(tmp_path: Path) -> None:
    """Buckets beside the default one stand under `state_buckets`; a file without them is read as before."""
    path = tmp_path / "fleet.lock.yaml"
    old = replace(full_lock(parsed(SMALL)), state=HOME)
    write_lock(path, old)
    assert "state_buckets" not in path.read_text(encoding="utf-8")
    assert load_lock(path) == old
    other = StateHome("small-state-live", HOME.key_arn.replace("key/1", "key/2"))
    new = replace(old, state_buckets={"live": other})
    write_lock(path, new)
    assert load_lock(path) == new
    assert (load_lock(path).home("live"), load_lock(path).home("default"), load_lock(path).home("x")) == (
        other,
        HOME,
        None,
    )


@pytest.mark.parametrize(
    ("block", "why"),
    [
        ("state_buckets: [a]", "state_buckets is no mapping"),
        ("state_buckets: {live: {bucket: b}}", "state_buckets.live holds other keys than bucket and key_arn"),
        ("state_buckets: {live: {bucket: b, key_arn: c}}", "state_buckets.live.bucket is 'b', which is none"),
    ],
)
def test_a_damaged_home_in_the_lock_file_is_told(tmp_path: Path, block: str, why: str) -> None:
    """What Fleetyard did not write there is refused with its place in the file."""
    path = tmp_path / "fleet.lock.yaml"
    write_lock(path, full_lock(parsed(SMALL)))
    path.write_text(path.read_text(encoding="utf-8") + block + "\n", encoding="utf-8")
    with pytest.raises(LockUnreadable) as damaged:
        load_lock(path)
    assert damaged.value.why.startswith(why)


def test_the_pages_example_is_a_manifest(folder: Path) -> None:
    """What docs/management-account.md shows is valid beside the rest of a fleet, and means what the page says."""
    page = (ROOT / "docs" / "management-account.md").read_text(encoding="utf-8")
    example = page.partition("```yaml\n")[2].partition("```")[0]
    (folder / "boundaries").mkdir()
    (folder / "boundaries" / "member.yaml").write_text(ALLOW_ALL, encoding="utf-8")
    accounts = ", ".join(f"{name}: {{email: {name}@small.example}}" for name in ("a-prod", "a-dev", "plat-sandbox"))
    head = SMALL.partition("management_roles:\n")[0]
    text = head + example + f"units: {{plat: {{accounts: {{root: {ROOT_ACCOUNT}, {accounts}}}}}}}\n"
    manifest = parse_manifest(text, folder / "fleet.yaml")
    assert manifest.state_buckets.accounts == {"a-prod": "prod"}
    assert manifest.management_roles["Management-Developer"].granted == {
        "a-prod": ("ReadOnly",),
        "a-dev": ("Admin",),
        "plat-sandbox": ("Admin",),
    }


def test_a_subject_of_wildcards_alone_is_anybody() -> None:
    """A provider serves many: a trust in each of its subjects is refused, where it stands."""
    text = edited(("trusted: {users: [ops]}", 'trusted: {oidc: {provider: ci.example, subjects: ["repo:a/b:*", "*"]}}'))
    (found,) = problems_of(text)
    assert found.startswith('10:69: "*" is every subject of that provider')
