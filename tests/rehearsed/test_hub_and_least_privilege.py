"""Account map, hub and spoke, and a workload's own permissions on a twin: who gets in, who is kept out.

One small fleet is deployed once; the tests that change something put it back.
"""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from landing_zone.account_map import AccountEntry, read_account_map
from landing_zone.errors import AccountMapUnreadable
from landing_zone.whereami import WhereaboutsUnknown, WrongAccount, where_am_i
from orchestrator.rehearse.access import Credentials
from orchestrator.rehearse.proofs.hub import prove_hub
from orchestrator.rehearse.proofs.proof import Proof
from orchestrator.rehearse.proofs.scene import Scene
from orchestrator.rehearse.run import RehearsalOptions, staged
from orchestrator.rehearse.sequence import Stage, deploy, scene_of
from orchestrator.running.job import Operation, StackResult, StackStatus
from orchestrator.stack_id import StackId
from tests.support.pocket_fleet import POCKET_FLEET
from tests.support.repository import ROOT
from tests.support.twin_fixtures import refused

NETWORK = StackId("network", "plat-dev")
FLEET = (
    POCKET_FLEET.replace("  ReadOnly:", "  Network: {permissions: [network-deployer]}\n  ReadOnly:")
    .replace("{roles: [Admin], ", "{roles: [Admin, Network], ")
    .replace('accounts: ["plat-*"]\n    role: Admin', "accounts: [plat-dev]\n    role: Network")
    .replace(
        "units:\n",
        """permissions:
  network-deployer: {file: permissions.yaml, description: Deploys the network workload}
account_map: {readers: [Management-Developer]}
organization_reader: Organization-Reader
hub:
  account: plat-prod
  role: Fleet-Hub
  trusted: {management_roles: [Management-Admin], services: [lambda.amazonaws.com]}
  spoke: {role: Fleet-Spoke, managed_policies: [SecurityAudit]}
units:
""",
    )
)


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Stage, Scene]]:
    """Deploy the fleet on a twin of its own."""
    folder = tmp_path_factory.mktemp("hub")
    fleet = folder / "fleet.yaml"
    fleet.write_text(FLEET, encoding="utf-8")
    shutil.copy(ROOT / "workloads" / "network" / "permissions.yaml", folder)
    with staged(RehearsalOptions(fleet=fleet, env=dict(os.environ), run_file=folder / "twin.json")) as stage:
        results, before = deploy(stage)
        assert [result.error for result in results if result.error] == []
        yield stage, scene_of(stage, before)


@pytest.fixture
def scene(stage: tuple[Stage, Scene]) -> Scene:
    """Return what was deployed, and who may try something on it."""
    return stage[1]


def role_in(scene: Scene, account: str, role: str) -> str:
    """Return a role's ARN in an account of the fleet."""
    return f"arn:aws:iam::{scene.lock.accounts[account]}:role/{role}"


def hub(scene: Scene) -> Credentials:
    """Become the hub, as a person who is Management-Admin does."""
    return scene.access.assume(
        scene.management_roles["Management-Admin"], role_in(scene, "plat-prod", "Fleet-Hub"), "tries"
    )


def test_a_reader_has_the_map_without_the_organisation(scene: Scene) -> None:
    """A reader finds every account with its roles, and may not ask the organisation's API."""
    reader = scene.management_roles["Management-Developer"]
    found = read_account_map(scene.access.client("ssm", reader))
    accounts = scene.lock.accounts
    assert {entry.name: entry.id for entry in found} == dict(accounts)
    assert found.by_name("plat-dev") == AccountEntry(
        name="plat-dev",
        id=accounts["plat-dev"],
        unit="plat",
        roles={name: role_in(scene, "plat-dev", name) for name in ("Admin", "Network", "Fleet-Spoke")},
    )
    with refused("AccessDeniedException"):
        scene.access.client("organizations", reader).list_accounts()


def test_nobody_else_reads_the_map(scene: Scene) -> None:
    """A management role that is no reader is refused, by path and by name; a reader sees no other parameter."""
    stranger = scene.access.client("ssm", scene.management_roles["Management-Admin"])
    with pytest.raises(AccountMapUnreadable, match=r"FY150.*\n.*GetParametersByPath"):
        read_account_map(stranger)
    with refused("AccessDeniedException"):
        stranger.get_parameter(Name="/fleetyard/accounts/plat-dev")
    reader = scene.access.client("ssm", scene.management_roles["Management-Developer"])
    with refused("AccessDeniedException"):
        reader.get_parameters_by_path(Path="/fleetyard", Recursive=True)
    with refused("AccessDeniedException"):
        reader.put_parameter(Name="/fleetyard/accounts/plat-dev", Value="{}", Type="String", Overwrite=True)


def test_the_hub_reaches_a_spoke_in_every_member_account_and_the_list_of_them(scene: Scene) -> None:
    """From the hub lead hops to each spoke and to the organisation reader, which lists the accounts and has the map."""
    own = hub(scene)
    for account in ("plat-prod", "plat-dev"):
        spoke = scene.access.assume(own, role_in(scene, account, "Fleet-Spoke"), "tries")
        caller = scene.access.client("sts", spoke).get_caller_identity()
        assert caller["Account"] == scene.lock.accounts[account]
    reader = scene.access.assume(own, role_in(scene, "core-root", "Organization-Reader"), "tries")
    listed = scene.access.client("organizations", reader).list_accounts()["Accounts"]
    assert {account["Id"] for account in listed} == set(scene.lock.accounts.values())
    assert len(read_account_map(scene.access.client("ssm", reader))) == len(listed)
    with refused("AccessDeniedException"):
        scene.access.client("organizations", reader).list_policies(Filter="SERVICE_CONTROL_POLICY")


@pytest.mark.parametrize("target", [("plat-dev", "Fleet-Spoke"), ("core-root", "Organization-Reader")])
@pytest.mark.parametrize("who", ["Management-Admin", "administrator", "Admin of the hub's account", "Admin elsewhere"])
def test_nobody_else_becomes_a_spoke(scene: Scene, who: str, target: tuple[str, str]) -> None:
    """Neither people, nor administrators, nor other roles of the hub's own account step in where the hub does."""
    admin = scene.management_roles["Management-Admin"]
    callers = {
        "Management-Admin": lambda: admin,
        "administrator": lambda: scene.administrator,
        "Admin of the hub's account": lambda: scene.access.assume(admin, role_in(scene, "plat-prod", "Admin"), "tries"),
        "Admin elsewhere": lambda: scene.access.assume(admin, role_in(scene, "plat-dev", "Admin"), "tries"),
    }
    with refused("AccessDenied"):
        scene.access.assume(callers[who](), role_in(scene, *target), "tries")


def test_a_rehearsal_proves_it(scene: Scene) -> None:
    """The proof holds here, and fails where a spoke trusts somebody beside the hub, naming who got in."""
    proof = prove_hub(scene)
    assert proof == Proof("hub and spokes", passed=True, detail="Fleet-Hub reaches 3 roles; 15 hops of others refused")
    iam: Any = scene.access.client("iam", scene.administrator_of("plat-dev"))
    trust = iam.get_role(RoleName="Fleet-Spoke")["Role"]["AssumeRolePolicyDocument"]
    everybody = {"Effect": "Allow", "Principal": {"AWS": "*"}, "Action": "sts:AssumeRole"}
    wider = json.dumps({**trust, "Statement": [everybody]})
    iam.update_assume_role_policy(RoleName="Fleet-Spoke", PolicyDocument=wider)
    try:
        wrong = prove_hub(scene)
    finally:
        iam.update_assume_role_policy(RoleName="Fleet-Spoke", PolicyDocument=json.dumps(trust))
    assert not wrong.passed
    assert "Admin in plat-prod to arn:aws:iam::" in wrong.detail


def test_a_management_role_that_is_not_trusted_does_not_become_the_hub(scene: Scene) -> None:
    """The hub trusts the management roles that the manifest names, and no other."""
    with refused("AccessDenied"):
        scene.access.assume(
            scene.management_roles["Management-Developer"], role_in(scene, "plat-prod", "Fleet-Hub"), "tries"
        )


def test_a_program_finds_out_where_it_runs(scene: Scene) -> None:
    """ReadOnly is told account, unit and stage; a program that expected another account stops."""
    reader = scene.management_roles["Management-Developer"]
    ssm = scene.access.client("ssm", scene.access.assume(reader, role_in(scene, "plat-prod", "ReadOnly"), "tries"))
    here = where_am_i(ssm)
    assert (here.account, here.id, here.unit) == ("plat-prod", scene.lock.accounts["plat-prod"], "plat")
    with pytest.raises(WrongAccount, match="expected account 'plat-dev' and runs in account 'plat-prod'"):
        here.expect(account="plat-dev")
    with pytest.raises(WhereaboutsUnknown, match="not authorized to perform: ssm:GetParameter"):
        where_am_i(scene.access.client("ssm", reader))


def run(stage: Stage, operation: Operation) -> StackResult:
    """Run one operation on the workload."""
    (result,) = stage.driver.run(operation, (NETWORK,))
    return result


@contextmanager
def without(scene: Scene, action: str) -> Iterator[None]:
    """Take one action out of the policy made of the permissions, and put it back at the end."""
    iam: Any = scene.access.client("iam", scene.administrator_of("plat-dev"))
    arn = f"arn:aws:iam::{scene.lock.accounts['plat-dev']}:policy/fleetyard/network-deployer"
    version = iam.get_policy(PolicyArn=arn)["Policy"]["DefaultVersionId"]
    whole = json.dumps(iam.get_policy_version(PolicyArn=arn, VersionId=version)["PolicyVersion"]["Document"])
    assert f'"{action}"' in whole
    less = whole.replace(f'"{action}"', '"ec2:DescribeTags"')
    made = iam.create_policy_version(PolicyArn=arn, PolicyDocument=less, SetAsDefault=True)["PolicyVersion"]
    try:
        yield
    finally:
        iam.set_default_policy_version(PolicyArn=arn, VersionId=version)
        iam.delete_policy_version(PolicyArn=arn, VersionId=made["VersionId"])


def test_the_workloads_own_permissions_are_enough_and_needed(stage: tuple[Stage, Scene]) -> None:
    """With them the network previews without a change, refreshes, goes and comes; without one action it does not."""
    at, scene = stage
    for operation in (Operation.PREVIEW, Operation.REFRESH):
        result = run(at, operation)
        assert (result.status, result.error) == (StackStatus.SUCCEEDED, None), operation
    assert run(at, Operation.DESTROY).error is None
    with without(scene, "ec2:CreateRouteTable"):
        failed = run(at, Operation.UP)
        assert failed.status is StackStatus.FAILED
        assert "CreateRouteTable" in str(failed.error)
    assert run(at, Operation.UP).error is None


def test_the_workloads_own_permissions_are_no_more_than_that(scene: Scene) -> None:
    """With them nobody reads or makes anything else in the account, nor steps into the role that it makes."""
    arn = role_in(scene, "plat-dev", "Network")
    network = scene.access.assume(scene.management_roles["Management-Admin"], arn, "tries")
    with refused("AccessDenied"):
        scene.access.client("iam", network).list_roles()
    with refused("AccessDenied"):
        scene.access.client("s3", network).list_buckets()
    with refused("AccessDenied"):
        scene.access.assume(network, role_in(scene, "plat-dev", "network-flow-log-eu-west-1"), "tries")
    assert where_am_i(scene.access.client("ssm", network)).account == "plat-dev"
