"""Each proof of a rehearsal holds on a deployed fleet, and fails once what it speaks of is taken away.

One small fleet is deployed once; every counter-test spoils one thing, sees the proof fail, and mends it again.
"""

from __future__ import annotations

import dataclasses
import json
import os
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from orchestrator.rehearse.people import Person
from orchestrator.rehearse.proofs import reach
from orchestrator.rehearse.proofs.doors import prove_every_door
from orchestrator.rehearse.proofs.forgotten_provider import prove_iam_behind_the_net, prove_net_at_preview
from orchestrator.rehearse.proofs.scene import FleetDriver, Scene
from orchestrator.rehearse.proofs.steadiness import prove_refresh_shows_drift, prove_second_up_changes_nothing
from orchestrator.rehearse.proofs.wrong_account import prove_wrong_account_refused
from orchestrator.rehearse.report import RehearsalReport
from orchestrator.rehearse.run import RehearsalOptions, run_rehearsal, staged
from orchestrator.rehearse.sequence import deploy, reach_question, scene_of
from orchestrator.running.job import Operation, StackJob, StackResult
from orchestrator.stack_id import StackId
from tests.support.pocket_fleet import POCKET_FLEET
from tests.support.twin_gate import gate_off

DOORS = "{users: [ops], mfa: true, saml: {provider: corporate}, identity_center: {permission_sets: [Developers]}}"


def with_other_doors() -> str:
    """Return the small fleet with two more ways to become Management-Developer."""
    before, developer = POCKET_FLEET.split("  Management-Developer:")
    return before + "  Management-Developer:" + developer.replace("{users: [ops], mfa: true}", DOORS)


def options_in(folder: Path, **changes: object) -> RehearsalOptions:
    """Return the options of a rehearsal of the small fleet whose files all lie in a folder."""
    fleet = folder / "fleet.yaml"
    fleet.write_text(with_other_doors(), encoding="utf-8")
    options = RehearsalOptions(fleet=fleet, env=dict(os.environ), run_file=folder / "twin.json")
    return dataclasses.replace(options, **changes)  # type: ignore[arg-type]


@pytest.fixture(scope="module")
def scene(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Scene]:
    """Deploy a fleet of three accounts on a twin of its own."""
    with staged(options_in(tmp_path_factory.mktemp("pocket"))) as stage:
        results, before = deploy(stage)
        assert [r.error for r in results if r.error] == []
        yield scene_of(stage, before)


@dataclasses.dataclass(frozen=True)
class SpoiledDriver:
    """A driver whose jobs name another project file, or another program's folder."""

    driver: FleetDriver
    project_file: Path

    def run(self, operation: Operation, stacks: Sequence[StackId]) -> tuple[StackResult, ...]:
        """Pass it on."""
        return self.driver.run(operation, stacks)

    def job(self, operation: Operation, stack: StackId) -> StackJob:
        """Return the spoiled job."""
        return dataclasses.replace(self.driver.job(operation, stack), project_file=self.project_file)

    def run_job(self, job: StackJob) -> StackResult:
        """Pass it on."""
        return self.driver.run_job(job)


def test_reach_holds_as_granted(scene: Scene) -> None:
    """STS allows exactly the pairs that the manifest grants."""
    proof = reach.prove_reach(scene.access, reach_question(scene))
    assert (proof.passed, proof.detail) == (True, "8 pairs asked of STS: 3 allowed, 5 refused")


def test_reach_fails_with_the_gate_off(scene: Scene) -> None:
    """Without authorisation everything is reached, and the proof says what should have been refused."""
    with gate_off(scene.workspace):
        proof = reach.prove_reach(scene.access, reach_question(scene))
    assert not proof.passed
    assert "allowed, not AccessDenied" in proof.detail


def test_reach_fails_with_one_extra_trust(scene: Scene) -> None:
    """One role that trusts one management role too many is found and named."""
    iam = scene.access.client("iam", scene.administrator_of("plat-dev"))
    developer = scene.access.client("iam", scene.administrator)
    before = iam.get_role(RoleName="Admin")["Role"]["AssumeRolePolicyDocument"]
    extra = json.loads(json.dumps(before).replace("Management-Admin", "Management-Developer"))
    extra["Statement"] = [{**statement, "Sid": "Extra"} for statement in extra["Statement"]] + before["Statement"]
    iam.update_assume_role_policy(RoleName="Admin", PolicyDocument=json.dumps(extra))
    arn = f"arn:aws:iam::{scene.lock.accounts['plat-dev']}:role/Admin"
    allow = {"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": "sts:AssumeRole", "Resource": arn}}
    developer.put_role_policy(RoleName="Management-Developer", PolicyName="extra", PolicyDocument=json.dumps(allow))
    try:
        proof = reach.prove_reach(scene.access, reach_question(scene))
    finally:
        iam.update_assume_role_policy(RoleName="Admin", PolicyDocument=json.dumps(before))
        developer.delete_role_policy(RoleName="Management-Developer", PolicyName="extra")
    assert not proof.passed
    assert "Management-Developer to Admin in plat-dev" in proof.detail


def test_every_door_opens_its_own_role(scene: Scene) -> None:
    """The SAML provider and the permission set let into the role that trusts them, and into no other."""
    proof = prove_every_door(scene)
    assert (proof.passed, proof.detail) == (True, "2 ways in, 4 tries: 2 opened, 2 refused")


def test_a_door_that_opens_too_much_is_found(scene: Scene) -> None:
    """Without authorisation they let in everywhere, and the proof says what should have been refused."""
    with gate_off(scene.workspace):
        proof = prove_every_door(scene)
    assert not proof.passed
    assert "identity-center-Developers to Management-Admin: allowed, not refused" in proof.detail


def test_a_door_that_is_shut_is_found(scene: Scene) -> None:
    """A role that no longer trusts the provider which the manifest names is found and named."""
    iam = scene.access.client("iam", scene.administrator)
    before = iam.get_role(RoleName="Management-Developer")["Role"]["AssumeRolePolicyDocument"]
    kept = [statement for statement in before["Statement"] if "Federated" not in statement["Principal"]]
    shut = json.dumps({**before, "Statement": kept})
    iam.update_assume_role_policy(RoleName="Management-Developer", PolicyDocument=shut)
    try:
        proof = prove_every_door(scene)
    finally:
        iam.update_assume_role_policy(RoleName="Management-Developer", PolicyDocument=json.dumps(before))
    assert not proof.passed
    assert "saml-Management-Developer to Management-Developer: refused, not allowed" in proof.detail


def test_management_account_refuses(scene: Scene) -> None:
    """No management role reaches any role of the management account, until the gate is off."""
    question = reach_question(scene)
    assert reach.prove_management_refused(scene.access, question).passed
    with gate_off(scene.workspace):
        iam = scene.access.client("iam", scene.administrator)
        iam.create_role(RoleName="Admin", AssumeRolePolicyDocument=ANYBODY)
        try:
            assert not reach.prove_management_refused(scene.access, question).passed
        finally:
            iam.delete_role(RoleName="Admin")


ANYBODY = json.dumps(
    {
        "Version": "2012-10-17",
        "Statement": {"Effect": "Allow", "Principal": {"AWS": "*"}, "Action": "sts:AssumeRole"},
    }
)


def test_user_alone_is_refused(scene: Scene) -> None:
    """The IAM user gets nowhere without MFA, and nowhere directly, until the gate is off."""
    question, people = reach_question(scene), scene.people
    assert reach.prove_user_alone_refused(scene.access, question, people).passed
    with gate_off(scene.workspace):
        assert not reach.prove_user_alone_refused(scene.access, question, people).passed


def test_nobody_to_try_is_no_proof(scene: Scene) -> None:
    """A proof that tried nothing does not hold."""
    nobody: tuple[Person, ...] = ()
    assert not reach.prove_user_alone_refused(scene.access, reach_question(scene), nobody).passed


def test_net_at_preview_holds_and_fails_without_it(scene: Scene, tmp_path: Path) -> None:
    """A forgotten provider fails at preview; with a project file that lacks the net the proof does not hold."""
    assert prove_net_at_preview(scene, tmp_path / "kept").passed
    project = tmp_path / "Pulumi.yaml"
    project.write_text("name: network\nruntime: python\nconfig: {}\n", encoding="utf-8")
    spoiled = dataclasses.replace(scene, driver=SpoiledDriver(scene.driver, project))
    proof = prove_net_at_preview(spoiled, tmp_path / "spoiled")
    assert not proof.passed
    assert "network: succeeded" in proof.detail


def test_iam_behind_the_net_holds_and_fails_with_the_gate_off(scene: Scene, tmp_path: Path) -> None:
    """Without the net IAM denies the bucket; without IAM too it appears in the management account, and is named."""
    assert prove_iam_behind_the_net(scene, tmp_path / "kept").passed
    with gate_off(scene.workspace):
        proof = prove_iam_behind_the_net(scene, tmp_path / "spoiled")
        s3 = scene.access.client("s3", scene.administrator)
        made = [b["Name"] for b in s3.list_buckets()["Buckets"] if b["Name"].startswith("forgotten-")]
        for name in made:
            s3.delete_bucket(Bucket=name)
    assert not proof.passed
    assert len(made) == 1
    assert f"in the management account: + bucket {made[0]}" in proof.detail


UNGUARDED = """\
import pulumi
import pulumi_aws as aws

config = pulumi.Config("fleetyard")
role = aws.ProviderAssumeRoleArgs(role_arn=config.require("role_arn"), session_name="unguarded")
provider = aws.Provider("unguarded", region=config.require("region"), assume_roles=[role])
aws.iam.Policy(
    "stray",
    policy='{"Version": "2012-10-17", "Statement": {"Effect": "Deny", "Action": "s3:*", "Resource": "*"}}',
    opts=pulumi.ResourceOptions(provider=provider),
)
"""


def test_wrong_account_holds_and_fails_without_the_guard(scene: Scene, tmp_path: Path) -> None:
    """A provider pointed elsewhere is refused; a program whose provider names no account is not, and is named."""
    assert prove_wrong_account_refused(scene, tmp_path / "kept").passed
    program = tmp_path / "program"
    program.mkdir()
    (program / "Pulumi.yaml").write_text("name: unguarded\nruntime: python\n", encoding="utf-8")
    (program / "__main__.py").write_text(UNGUARDED, encoding="utf-8")
    spoiled = dataclasses.replace(scene, driver=SpoiledDriver(scene.driver, program / "Pulumi.yaml"))
    proof = prove_wrong_account_refused(spoiled, tmp_path / "spoiled")
    _remove_strays(scene)
    assert not proof.passed
    assert "succeeded" in proof.detail
    assert "+ policy" in proof.detail


def _remove_strays(scene: Scene) -> None:
    for account in ("plat-prod", "plat-dev"):
        iam = scene.access.client("iam", scene.administrator_of(account))
        for policy in iam.list_policies(Scope="Local")["Policies"]:
            if policy["PolicyName"].startswith("stray-"):
                iam.delete_policy(PolicyArn=policy["Arn"])


def test_second_up_holds_and_fails_after_a_change(scene: Scene) -> None:
    """Applying again changes nothing, unless something was changed by hand and seen by a refresh."""
    assert prove_second_up_changes_nothing(scene).passed
    stack = scene.subaccounts[0]
    iam = scene.access.client("iam", scene.administrator_of(stack.account))
    iam.update_role(RoleName="Admin", MaxSessionDuration=7200)
    scene.driver.run(Operation.REFRESH, (stack,))
    proof = prove_second_up_changes_nothing(scene)
    assert not proof.passed
    assert str(stack) in proof.detail
    assert prove_second_up_changes_nothing(scene).passed


def test_drift_proof_holds_and_fails_with_more_drift(scene: Scene) -> None:
    """Refresh shows exactly the change made by the proof; a second change elsewhere makes it fail."""
    assert prove_refresh_shows_drift(scene).passed
    other = scene.subaccounts[1]
    iam = scene.access.client("iam", scene.administrator_of(other.account))
    iam.update_role(RoleName="Admin", MaxSessionDuration=7200)
    proof = prove_refresh_shows_drift(scene)
    scene.driver.run(Operation.UP, (other,))
    assert not proof.passed
    assert f"{other} update Admin" in proof.detail


def test_a_rehearsal_passes_and_leaves_nothing(tmp_path: Path) -> None:
    """A rehearsal of a sound fleet ends with 0, every proof held, and neither twin nor run file is left."""
    report = run_rehearsal(options_in(tmp_path))
    assert [proof for proof in report.proofs if not proof.passed] == []
    assert report.exit_code == 0
    assert sorted(path.name for path in tmp_path.iterdir()) == ["fleet.yaml"]


def test_a_failed_proof_fails_the_rehearsal(tmp_path: Path) -> None:
    """When something was left in an account that nobody's stack made, its proofs fail and the exit code is 1."""

    def leave_things(scene: Scene) -> Scene:
        scene.access.client("iam", scene.administrator_of("plat-dev")).create_role(
            RoleName="stray", AssumeRolePolicyDocument=ANYBODY
        )
        scene.access.client("sqs", scene.administrator_of("plat-dev")).create_queue(QueueName="stray")
        return scene

    report: RehearsalReport = run_rehearsal(options_in(tmp_path, before_proofs=leave_things))
    failed = [proof for proof in report.proofs if not proof.passed]
    assert [proof.name for proof in failed] == ["no way in beyond the manifest", "destroy leaves nothing behind"]
    assert "stray in plat-dev lets in anybody" in failed[0].detail
    assert "plat-dev: + queue stray" in failed[1].detail
    assert "plat-dev: + role stray" in failed[1].detail
    assert report.exit_code == 1
