"""Proves that a deployed fleet is steady: applying again changes nothing, and drift is seen exactly where it is."""

from __future__ import annotations

from typing import TYPE_CHECKING

from orchestrator.rehearse.proofs.proof import Proof, listed, not_tried
from orchestrator.running.job import Operation, StackStatus

if TYPE_CHECKING:
    from orchestrator.rehearse.proofs.scene import Scene
    from orchestrator.running.job import StackResult

DRIFTED_SECONDS = 7200
"""A role's maximum session duration that our programs do not set."""

_DRIFT = "refresh shows exactly the drift"


def prove_second_up_changes_nothing(scene: Scene) -> Proof:
    """Apply every stack again."""
    results = scene.driver.run(Operation.UP, scene.stacks)
    wrong = [_told(result) for result in results if result.status is not StackStatus.SUCCEEDED or result.changed]
    complete = len(results) == len(scene.stacks)
    fine = f"{len(results)} stacks, no change"
    return Proof("second up changes nothing", complete and not wrong, f"changed: {listed(wrong)}" if wrong else fine)


def prove_refresh_shows_drift(scene: Scene) -> Proof:
    """Change one role of one account behind Pulumi's back; refresh must show that role and nothing else."""
    if scene.nobody_left:
        return not_tried(_DRIFT, scene.nobody_left)
    if not scene.subaccounts:
        return Proof(_DRIFT, passed=False, detail="no member account has stacks, so it could not be tried")
    stack = scene.subaccounts[0]
    role = scene.manifest.roles_in(stack.account)[0].role.name
    iam = scene.access.client("iam", scene.administrator_of(stack.account))
    usual = iam.get_role(RoleName=role)["Role"]["MaxSessionDuration"]
    iam.update_role(RoleName=role, MaxSessionDuration=DRIFTED_SECONDS)
    results = scene.driver.run(Operation.REFRESH, scene.stacks)
    seen = [f"{r.id} {change.op} {change.name} {','.join(change.diffs)}" for r in results for change in r.changes]
    failed = [_told(result) for result in results if result.status is not StackStatus.SUCCEEDED]
    restored = scene.driver.run(Operation.UP, (stack,))
    now = iam.get_role(RoleName=role)["Role"]["MaxSessionDuration"]
    expected = [f"{stack} update {role} maxSessionDuration"]
    passed = seen == expected and not failed and now == usual and all(r.changed for r in restored)
    fine = f"role {role} of {stack.account}, changed by hand, is the only thing refresh reports; up puts it back"
    problem = f"expected {expected[0]}, saw: {listed(seen) or 'nothing'}; {listed(failed)}; now {now} seconds"
    return Proof(_DRIFT, passed, fine if passed else problem)


def _told(result: StackResult) -> str:
    if result.status is StackStatus.SUCCEEDED:
        return f"{result.id} {dict(result.resource_changes)}"
    return f"{result.id} {result.status}: {result.error.summary if result.error else result.reason}"
