"""Proves that destroying leaves an account as it was: what it held after the organisation alone, and nothing else."""

from __future__ import annotations

from typing import TYPE_CHECKING

from orchestrator.job import Operation, StackStatus
from orchestrator.rehearse.proofs.inventory import difference, take_inventory
from orchestrator.rehearse.proofs.proof import Proof, listed

if TYPE_CHECKING:
    from orchestrator.rehearse.proofs.scene import Scene


def prove_destroy_is_clean(scene: Scene) -> Proof:
    """Destroy workloads and sub-account stacks, then compare every account with its earlier inventory.

    The management account, which `bootstrap` has changed since, must be as it was just before the destroy.
    """
    management = scene.manifest.management_account.name
    expected = {**scene.before, management: take_inventory(scene.access, scene.administrator)}
    results = scene.driver.run(Operation.DESTROY, (*scene.subaccounts, *scene.workloads))
    wrong = [f"{r.id}: {r.status}" for r in results if r.status is not StackStatus.SUCCEEDED]
    things = 0
    for account, before in expected.items():
        after = take_inventory(scene.access, scene.administrator_of(account))
        things += len(after)
        wrong += [f"{account}: {line}" for line in difference(before, after)]
    fine = f"{len(expected)} accounts hold what they held before, {things} things compared"
    complete = bool(results) and len(expected) == len(scene.manifest.accounts)
    return Proof("destroy leaves nothing behind", complete and not wrong, f"left: {listed(wrong)}" if wrong else fine)
