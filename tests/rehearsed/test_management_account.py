"""The management account as AWS would decide it: Identity Center, boundaries, and state kept apart by account."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from typing import Any

import pytest
from botocore.exceptions import ClientError

from landing_zone.fleet import Manifest
from landing_zone.lock import Lock, StateHome, load_lock
from landing_zone.manifest import parse_manifest
from orchestrator.composition import move_state
from orchestrator.driver import Driver
from orchestrator.errors import NotManagementRole, StateElsewhere
from orchestrator.planning.plan import StackKind, make_plan
from orchestrator.rehearse.access import Credentials
from orchestrator.rehearse.people import Person, sign_in
from orchestrator.rehearse.run import RehearsalOptions, staged
from orchestrator.rehearse.sequence import Stage, sign_in_to_caller, sign_in_to_role
from orchestrator.running.job import Operation, StackStatus
from orchestrator.stack_id import StackId
from orchestrator.state.migrate import MigrationReport, StateMigration
from orchestrator.state.move_job import Outcome
from tests.support.twin_fixtures import EVERYTHING, trusting

PROD, DEV = StackId("network", "plat-prod"), StackId("network", "plat-dev")
BOUNDARY = """\
Version: "2012-10-17"
Statement:
  - {Effect: Allow, Action: "*", Resource: "*"}
  - {Effect: Deny, Action: "iam:CreateUser", Resource: "*"}
"""
FLEET = """\
organization: segments
management_account_id: "100000000009"
region: eu-west-1
callers: {administrator: segments-administrator, management: segments-management}
permissions_boundary: boundaries/member.yaml
account_lists: {prod: [plat-prod], dev: [plat-dev]}
state_buckets:
  prod: {lists: [prod]}
state_retention: {old_versions_days: 90}
state_access_log: {days: 30}
roles:
  Admin: {managed_policies: [AdministratorAccess]}
  ReadOnly: {managed_policies: [ReadOnlyAccess], permissions_boundary: none}
management_roles:
  Management-Admin:
    trusted: {identity_center: {permission_sets: [Admins]}}
    state: write
    permissions_boundary: PowerUserAccess
    grants:
      - {roles: [Admin], accounts: ["*"]}
  Management-Developer:
    trusted: {users: [dev]}
    state: {default: write, prod: none}
    grants:
      - {roles: [Admin], lists: [dev]}
      - {roles: [ReadOnly], lists: [prod]}
  Management-Auditor:
    trusted: {identity_center: {permission_sets: [Auditors], direct: false}}
    state: none
    grants:
      - {roles: [ReadOnly], accounts: ["*"]}
  Management-Partner:
    trusted: {saml: {provider: corporate}}
    state: none
    grants:
      - {roles: [ReadOnly], accounts: [plat-dev]}
  Management-Robot:
    trusted: {oidc: {provider: ci.segments.example/id, subjects: ["project:segments/*"]}}
    state: none
    grants:
      - {roles: [ReadOnly], accounts: [plat-dev]}
units:
  plat:
    accounts:
      core-root: {email: root@segments.example, management: true}
      plat-prod: {email: prod@segments.example, vars: {cidr: 10.1.0.0/16}}
      plat-dev: {email: dev@segments.example, vars: {cidr: 10.2.0.0/16}}
workloads:
  network:
    accounts: ["plat-*"]
    role: Admin
    config: {cidr: "${vars.cidr}", zones: 2}
"""


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    """Deploy the whole fleet on a twin of its own, the workloads by somebody of Identity Center."""
    folder = tmp_path_factory.mktemp("management")
    fleet = folder / "fleet.yaml"
    fleet.write_text(FLEET, encoding="utf-8")
    (folder / "boundaries").mkdir()
    (folder / "boundaries" / "member.yaml").write_text(BOUNDARY, encoding="utf-8")
    options = RehearsalOptions(fleet=fleet, env=dict(os.environ), run_file=folder / "twin.json")
    with staged(options) as stage:
        kinds = {planned.id: planned.kind for planned in stage.driver.plan.stacks}
        foundation = [stack for stack, kind in kinds.items() if kind is not StackKind.WORKLOAD]
        results = stage.driver.run(Operation.UP, foundation)
        assert {result.status for result in results} == {StackStatus.SUCCEEDED}, results
        sign_in_to_caller(stage.manifest, stage.access, stage.people, stage.profiles)
        results = stage.driver.run(Operation.UP, (PROD, DEV))
        assert {result.status for result in results} == {StackStatus.SUCCEEDED}, results
        yield stage


def lock_of(stage: Stage) -> Lock:
    """Return the lock file as the run has written it."""
    return load_lock(stage.workspace.lock_path)


def session(stage: Stage, permission_set: str) -> Credentials:
    """Return the session of somebody who signed in by a permission set."""
    return sign_in(stage.access, person_of(stage, permission_set))


def person_of(stage: Stage, permission_set: str) -> Person:
    """Return the person of Identity Center with a permission set."""
    return next(person for person in stage.people if person.permission_set == permission_set)


def refusal(call: Any, **arguments: object) -> str:
    """Return AWS's words for a refused call."""
    with pytest.raises(ClientError) as refused:
        call(**arguments)
    assert refused.value.response["Error"]["Code"] in {"AccessDenied", "AccessDeniedException"}
    return str(refused.value)


def test_a_permission_set_becomes_the_role_that_trusts_it_and_no_other(stage: Stage) -> None:
    """People of Admins become Management-Admin; those of Auditors do not, even with a policy that would let them."""
    arn = "arn:aws:iam::100000000009:role/Management-Admin"
    assert stage.access.assume(session(stage, "Admins"), arn, "ada").session_token
    auditors = person_of(stage, "Auditors")
    iam = stage.access.client("iam", stage.administrator)
    name = auditors.set_role.rpartition("/")[2]
    iam.put_role_policy(RoleName=name, PolicyName="all", PolicyDocument=json.dumps(EVERYTHING))
    sts = stage.access.client("sts", session(stage, "Auditors"))
    assert "sts:AssumeRole" in refusal(sts.assume_role, RoleArn=arn, RoleSessionName="eve")


@pytest.mark.parametrize("role", ["Management-Partner", "Management-Robot"])
def test_who_signs_in_by_a_provider_made_by_hand(stage: Stage, role: str) -> None:
    """Somebody by SAML, and a program by OpenID Connect, become their roles and reach what these are granted."""
    session = sign_in_to_role(stage.access, stage.manifest, stage.people, role)
    accounts = lock_of(stage).accounts
    granted = f"arn:aws:iam::{accounts['plat-dev']}:role/ReadOnly"
    assert stage.access.assume(session, granted, "partner").session_token
    sts = stage.access.client("sts", session)
    for elsewhere in (f"arn:aws:iam::{accounts['plat-prod']}:role/ReadOnly", granted.replace("ReadOnly", "Admin")):
        assert "sts:AssumeRole" in refusal(sts.assume_role, RoleArn=elsewhere, RoleSessionName="partner")


def test_a_set_whose_name_only_begins_alike_is_another_one(stage: Stage) -> None:
    """The set Admins_Audit is not taken for Admins, though its role's name begins with the same letters."""
    iam = stage.access.client("iam", stage.administrator)
    name = "AWSReservedSSO_Admins_Audit_0123456789abcdef"
    trust = trusting("100000000009")
    role = iam.create_role(
        Path="/aws-reserved/sso.amazonaws.com/eu-west-1/", RoleName=name, AssumeRolePolicyDocument=trust
    )["Role"]
    iam.put_role_policy(RoleName=name, PolicyName="all", PolicyDocument=json.dumps(EVERYTHING))
    eve = stage.access.assume(stage.administrator, role["Arn"], "eve")
    sts = stage.access.client("sts", eve)
    for arn in (
        "arn:aws:iam::100000000009:role/Management-Admin",
        f"arn:aws:iam::{lock_of(stage).account_id('plat-dev')}:role/Admin",
    ):
        assert "sts:AssumeRole" in refusal(sts.assume_role, RoleArn=arn, RoleSessionName="eve")


def test_member_roles_trust_a_set_directly_unless_told_otherwise(stage: Stage) -> None:
    """Admins assume Admin in a member account at once; Auditors, with `direct: false`, by their role only."""
    account = lock_of(stage).account_id("plat-dev")
    assert stage.access.assume(session(stage, "Admins"), f"arn:aws:iam::{account}:role/Admin", "ada").session_token
    read_only = f"arn:aws:iam::{account}:role/ReadOnly"
    auditors = stage.access.client("sts", session(stage, "Auditors"))
    refusal(auditors.assume_role, RoleArn=read_only, RoleSessionName="ada")
    role = sign_in_to_role(stage.access, stage.manifest, stage.people, "Management-Auditor")
    assert stage.access.assume(role, read_only, "ada").session_token


def test_a_boundary_bounds_whatever_is_attached(stage: Stage) -> None:
    """Admin has AdministratorAccess and may still make no user, as the boundary's file denies that; a role may be."""
    account = lock_of(stage).account_id("plat-dev")
    management = sign_in_to_role(stage.access, stage.manifest, stage.people, "Management-Admin")
    admin = stage.access.assume(management, f"arn:aws:iam::{account}:role/Admin", "ada")
    iam = stage.access.client("iam", admin)
    assert "permissions boundary" in refusal(iam.create_user, UserName="eve")
    assert iam.list_roles()["Roles"]
    roles = {role["RoleName"]: iam.get_role(RoleName=role["RoleName"])["Role"] for role in iam.list_roles()["Roles"]}
    made = f"arn:aws:iam::{account}:policy/fleetyard-boundary-member"
    assert roles["Admin"]["PermissionsBoundary"]["PermissionsBoundaryArn"] == made
    assert "PermissionsBoundary" not in roles["ReadOnly"]


def test_each_stack_is_in_the_bucket_of_its_account(stage: Stage) -> None:
    """The state of plat-prod lies in the bucket prod under its key, the other one's in the default bucket."""
    lock = lock_of(stage)
    assert {name: states(stage, home) for name, home in lock.homes.items()} == {
        "default": [".pulumi/stacks/network/plat-dev.json"],
        "prod": [".pulumi/stacks/network/plat-prod.json"],
    }
    planned = stage.driver.plan.stack(PROD)
    settings = (stage.workspace.settings_dir(planned) / "Pulumi.plat-prod.yaml").read_text(encoding="utf-8")
    assert lock.state_buckets["prod"].key_arn in settings


def states(stage: Stage, home: StateHome) -> list[str]:
    """Return where the states in a bucket lie; what is left of one that was moved away is none."""
    s3 = stage.access.client("s3", stage.administrator)
    found = s3.list_objects_v2(Bucket=home.bucket, Prefix=".pulumi/stacks/").get("Contents", ())
    return [entry["Key"] for entry in found if entry["Key"].endswith(".json")]


def test_rights_to_one_bucket_are_none_to_the_other(stage: Stage) -> None:
    """Management-Developer writes the default bucket and is refused the bucket prod, by S3 and by KMS."""
    developer = sign_in_to_role(stage.access, stage.manifest, stage.people, "Management-Developer")
    s3, kms = stage.access.client("s3", developer), stage.access.client("kms", developer)
    own, other = lock_of(stage).homes["default"], lock_of(stage).homes["prod"]
    s3.put_object(Bucket=own.bucket, Key=".pulumi/note", Body=b"mine")
    s3.delete_object(Bucket=own.bucket, Key=".pulumi/note")
    kms.encrypt(KeyId=own.key_arn, Plaintext=b"mine")
    assert "s3:GetObject" in refusal(s3.get_object, Bucket=other.bucket, Key=".pulumi/stacks/network/plat-prod.json")
    assert "s3:ListBucket" in refusal(s3.list_objects_v2, Bucket=other.bucket, Prefix=".pulumi/")
    assert "kms:Decrypt" in refusal(kms.decrypt, KeyId=other.key_arn, CiphertextBlob=cipher(stage, other))


def cipher(stage: Stage, home: StateHome) -> bytes:
    """Return something encrypted with a bucket's key by somebody who may."""
    admin = sign_in_to_role(stage.access, stage.manifest, stage.people, "Management-Admin")
    return bytes(stage.access.client("kms", admin).encrypt(KeyId=home.key_arn, Plaintext=b"theirs")["CiphertextBlob"])


def test_a_run_as_somebody_without_rights_to_the_bucket_is_refused_before_anything(stage: Stage) -> None:
    """With the developer's session as the caller, plat-dev previews and plat-prod is refused by name of the role."""
    developer = sign_in_to_role(stage.access, stage.manifest, stage.people, "Management-Developer")
    stage.profiles.write(stage.manifest.callers.management, stage.manifest.region, developer)
    try:
        (result,) = stage.driver.run(Operation.PREVIEW, (DEV,))
        assert (result.status, result.error) == (StackStatus.SUCCEEDED, None)
        with pytest.raises(NotManagementRole, match="Management-Admin"):
            stage.driver.run(Operation.PREVIEW, (PROD,))
    finally:
        sign_in_to_caller(stage.manifest, stage.access, stage.people, stage.profiles)


def test_old_versions_go_and_requests_are_logged(stage: Stage) -> None:
    """Every state bucket has the rule for old versions, and its log in the log bucket, which keeps files 30 days."""
    s3 = stage.access.client("s3", stage.administrator)
    log = "segments-state-log-100000000009-eu-west-1"
    for home in lock_of(stage).homes.values():
        (rule,) = s3.get_bucket_lifecycle_configuration(Bucket=home.bucket)["Rules"]
        assert rule["NoncurrentVersionExpiration"] == {"NoncurrentDays": 90, "NewerNoncurrentVersions": 10}
        logging = s3.get_bucket_logging(Bucket=home.bucket)["LoggingEnabled"]
        assert logging == {"TargetBucket": log, "TargetPrefix": f"{home.bucket}/"}
    (rule,) = s3.get_bucket_lifecycle_configuration(Bucket=log)["Rules"]
    assert rule["Expiration"] == {"Days": 30}


def test_a_second_up_changes_nothing(stage: Stage) -> None:
    """Everything that was made reads back as it was asked for."""
    results = stage.driver.run(Operation.PREVIEW, [planned.id for planned in stage.driver.plan.stacks])
    assert [str(result.id) for result in results if result.changed or result.error] == []


def test_a_stack_moves_to_the_bucket_its_account_is_assigned_to(stage: Stage) -> None:
    """After a new assignment the stack is refused until `state migrate` has moved it, keys and all; and back again."""
    text = FLEET.replace("prod: {lists: [prod]}", 'prod: {accounts: ["plat-*"]}')
    other = parse_manifest(text, stage.workspace.fleet)
    driver = Driver(other, stage.workspace, stage.driver.tools)
    (refused,) = driver.run(Operation.PREVIEW, (DEV,))
    assert refused.error is not None
    assert refused.error.code == StateElsewhere.code
    assert "in the state bucket default" in refused.error.summary
    assert "plat-dev is assigned to the state bucket prod" in refused.error.why
    report = migrated(stage, other)
    assert {str(result.id): result.outcome for result in report.results} == {
        str(DEV): Outcome.MOVED,
        str(PROD): Outcome.THERE,
    }
    assert [way.value for way in report.ways[DEV]] == ["bucket", "bucket prod"]
    home = lock_of(stage).homes
    assert (len(states(stage, home["prod"])), states(stage, home["default"])) == (2, [])
    (after,) = driver.run(Operation.PREVIEW, (DEV,))
    assert (after.status, after.changed) == (StackStatus.SUCCEEDED, False)
    back = migrated(stage, stage.manifest)
    assert {result.outcome for result in back.results} == {Outcome.MOVED, Outcome.THERE}


def migrated(stage: Stage, manifest: Manifest) -> MigrationReport:
    """Move both workloads to where a manifest says, as `state migrate` does."""
    migration = StateMigration(manifest, stage.workspace, stage.driver.tools, move_state)
    plan = make_plan(manifest)
    found = migration.look([plan.stack(PROD), plan.stack(DEV)])
    return migration.carry_out(found, lambda _result: None)
