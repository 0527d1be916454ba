"""What bootstrap and bootstrap-subaccount make where state is kept apart, logged, and roles are bounded."""

from __future__ import annotations

from pathlib import Path

import pytest

from landing_zone.fleet import Manifest
from landing_zone.manifest import parse_manifest
from landing_zone.stack_config import for_bootstrap, for_subaccount
from tests.unit.landing_zone.fleets import edited, full_lock
from tests.unit.programs.program_under_mocks import Ran, run_program

ROLE, POLICY, KEY = "aws:iam/role:Role", "aws:iam/policy:Policy", "aws:kms/key:Key"
BUCKET = "aws:s3/bucket:Bucket"
LIFECYCLE = "aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration"
LOGGING = "aws:s3/bucketLogging:BucketLogging"
NAME = "small-state-{}100000000001-eu-west-1"
TOP = """\
permissions_boundary: member.yaml
state_buckets: {live: {stages: [prod]}}
state_retention: {old_versions_days: 90, newest_versions: 5}
state_access_log: {days: 30}
units:
  core"""


@pytest.fixture
def manifest(tmp_path: Path) -> Manifest:
    """Return the small fleet with everything that a management account may have."""
    (tmp_path / ".git").mkdir()
    document = 'Version: "2012-10-17"\nStatement: [{Effect: Allow, Action: "*", Resource: "*"}]\n'
    (tmp_path / "member.yaml").write_text(document, encoding="utf-8")
    text = edited(
        ("units:\n  core", TOP),
        ("    state: write\n", "    state: write\n    permissions_boundary: PowerUserAccess\n"),
        ("    state: none\n", "    state: {live: read}\n"),
    )
    return parse_manifest(text, tmp_path / "fleet.yaml")


def bootstrap(manifest: Manifest) -> Ran:
    """Run the management account's program."""
    return run_program("bootstrap", for_bootstrap(manifest, full_lock(manifest)), project="bootstrap", stack="root")


def test_each_bucket_has_a_key_of_its_own_and_all_is_exported(manifest: Manifest) -> None:
    """The default bucket keeps its name; the others have theirs, and the lock file learns of every one."""
    ran = bootstrap(manifest)
    buckets = {name: made.inputs["bucket"] for name, made in ran.of_type(BUCKET).items()}
    assert buckets == {"state": NAME.format(""), "state-live": NAME.format("live-"), "state-log": NAME.format("log-")}
    assert set(ran.of_type(KEY)) == {"state", "state-live"}
    aliases = {made.inputs["name"] for made in ran.of_type("aws:kms/alias:Alias").values()}
    assert aliases == {"alias/fleetyard-state", "alias/fleetyard-state-live"}
    assert set(ran.outputs["state_buckets"]) == {"live"}
    assert ran.outputs["state_buckets"]["live"]["bucket"] == NAME.format("live-")


def test_each_keys_policy_names_those_with_rights_to_its_bucket(manifest: Manifest) -> None:
    """Who may use one key is not let in by the other one's policy."""
    keys = bootstrap(manifest).of_type(KEY)
    roles = {
        name: {
            statement["Sid"]: statement["Condition"]["ArnEquals"]["aws:PrincipalArn"]
            for statement in key.document("policy")["Statement"][1:]
        }
        for name, key in keys.items()
    }
    admin, developer = (f"arn:aws:iam::100000000001:role/Management-{name}" for name in ("Admin", "Developer"))
    assert roles == {"state": {"Writers": [admin]}, "state-live": {"Writers": [admin], "Readers": [developer]}}


def test_a_role_touches_the_buckets_it_has_rights_to_and_no_other(manifest: Manifest) -> None:
    """The developer's policy has the one bucket, to read, and the role's own policy names no other key."""
    policy = bootstrap(manifest).of_type("aws:iam/rolePolicy:RolePolicy")["Management-Developer"].document("policy")
    resources = [statement["Resource"] for statement in policy["Statement"][1:]]
    live = f"arn:aws:s3:::{NAME.format('live-')}"
    assert resources[:2] == [live, f"{live}/.pulumi/*"]
    assert policy["Statement"][2]["Action"] == ["s3:GetObject"]


def test_old_versions_go_and_every_state_bucket_is_logged(manifest: Manifest) -> None:
    """The rule and the log may be changed, so they are not protected, as everything else of a state bucket is."""
    ran = bootstrap(manifest)
    rules = {name: made.inputs["rules"][0] for name, made in ran.of_type(LIFECYCLE).items()}
    for name in ("state", "state-live"):
        old = rules[name]["noncurrentVersionExpiration"]
        assert old == {"noncurrentDays": 90, "newerNoncurrentVersions": 5}
    assert rules["state-log"]["expiration"] == {"days": 30}
    logged = {name: made.inputs["targetPrefix"] for name, made in ran.of_type(LOGGING).items()}
    assert logged == {"state": f"{NAME.format('')}/", "state-live": f"{NAME.format('live-')}/"}
    protected = {made.type for made in ran.resources if made.protect}
    assert BUCKET in protected
    assert not protected & {LIFECYCLE, LOGGING}


def test_management_roles_have_the_boundaries_they_name(manifest: Manifest) -> None:
    """A boundary of AWS's own is named by its ARN, and the fleet's is none of a management role."""
    roles = bootstrap(manifest).of_type(ROLE)
    assert {name: role.inputs.get("permissionsBoundary") for name, role in roles.items()} == {
        "Management-Admin": "arn:aws:iam::aws:policy/PowerUserAccess",
        "Management-Developer": None,
    }


def test_a_boundary_of_a_file_is_made_in_each_account_and_every_role_has_it(manifest: Manifest) -> None:
    """The policy is made once, and roles are given its ARN."""
    config = for_subaccount(manifest, full_lock(manifest), "prod")
    ran = run_program("bootstrap-subaccount", config, project="bootstrap-subaccount", stack="prod")
    policy = ran.of_type(POLICY)["fleetyard-boundary-member"]
    assert policy.document("policy")["Statement"] == [{"Effect": "Allow", "Action": "*", "Resource": "*"}]
    bounds = {role.inputs["permissionsBoundary"] for role in ran.of_type(ROLE).values()}
    assert len(bounds) == 1
    assert "fleetyard-boundary-member" in bounds.pop()
