"""Proves that destroying leaves an account as it was: what it held after the organisation alone, and nothing else."""

from __future__ import annotations

from typing import TYPE_CHECKING

from orchestrator.rehearse.proofs.inventory import DELEGATION, ZONE, difference
from orchestrator.rehearse.proofs.proof import Proof, listed, not_tried
from orchestrator.rehearse.proofs.together import take_inventories
from orchestrator.running.job import Operation, Reason, StackStatus

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from orchestrator.rehearse.proofs.inventory import Inventory
    from orchestrator.rehearse.proofs.scene import Scene
    from orchestrator.running.job import StackResult


def prove_destroy_is_clean(scene: Scene) -> Proof:
    """Destroy workloads and sub-account stacks, then compare every account with its earlier inventory.

    The management account, which `bootstrap` has changed since, must be as it was just before the destroy. So must an
    account whose stacks are all kept as protected; one of which some are kept may hold what those may have made.
    """
    name = "destroy leaves nothing behind"
    if scene.nobody_left:
        return not_tried(name, scene.nobody_left)
    management = scene.manifest.management_account.name
    look = {each: scene.administrator_of(each) for each in (*scene.before, management)}
    known = take_inventories(scene.access, {each: look[each] for each in {management, *_with_protected(scene)}})
    expected = {**scene.before, management: known[management]}
    results = scene.driver.run(Operation.DESTROY, (*scene.subaccounts, *scene.workloads))
    wrong = [f"{r.id}: {r.status}" for r in results if r.status is not StackStatus.SUCCEEDED and not _kept(r)]
    kept = [str(r.id) for r in results if _kept(r)]
    things = 0
    held: set[str] = set()
    for account, after in take_inventories(scene.access, look).items():
        before = expected[account]
        things += len(after)
        held |= after
        spared = [_kept(result) for result in results if result.id.account == account]
        wrong += [f"{account}: {line}" for line in left_or_lost(before, known.get(account, before), after, spared)]
    wrong += dangling_delegations(held)
    fine = f"{len(expected)} accounts hold what they held before, {things} things compared"
    fine += f"; kept as protected: {', '.join(kept)}" if kept else ""
    complete = bool(results) and set(expected) == _run_on(scene)
    return Proof(name, complete and not wrong, f"left: {listed(wrong)}" if wrong else fine)


def _with_protected(scene: Scene) -> frozenset[str]:
    protected = (workload for workload in scene.manifest.workloads.values() if workload.protected)
    people = scene.manifest.people.account
    holding = {account.name for account in scene.manifest.members if account.name == people}
    return _run_on(scene) & holding.union(account for workload in protected for account in workload.accounts)


def _run_on(scene: Scene) -> frozenset[str]:
    """Return the accounts that runs work on: suspended ones are left alone, and nobody may look into some of them."""
    return frozenset(account.name for account in scene.manifest.accounts if not account.suspended)


def _kept(result: StackResult) -> bool:
    return result.status is StackStatus.SKIPPED and result.reason is Reason.PROTECTED


def left_or_lost(before: Inventory, full: Inventory, after: Inventory, kept: Sequence[bool]) -> list[str]:
    """Return what an account should not hold any more (`+`), or should and does not (`-`), after a destroy.

    `before` is what it held after the organisation alone, `full` just before the destroy; `kept` says of each of its
    stacks whether the destroy left it. With some kept and some gone, anything that was there at the end may be theirs.
    A delegation is made by a stack of the account whose zone it leads to, and goes with that one.
    """
    if not any(kept):
        return difference(before, after)
    if all(kept):
        return [line for line in difference(full, after) if not line.startswith(f"- {DELEGATION}")]
    return sorted([f"+ {line}" for line in after - full] + [f"- {line}" for line in before - after])


def dangling_delegations(held: Iterable[str]) -> list[str]:
    """Return the delegations that lead to a zone which no account holds; `held` is what all accounts hold together."""
    domains = {line.removeprefix(ZONE).split()[0] for line in held if line.startswith(ZONE)}
    return sorted(f"{line} without its zone" for line in held if _leads_nowhere(line, domains))


def _leads_nowhere(line: str, domains: set[str]) -> bool:
    return line.startswith(DELEGATION) and line.removeprefix(DELEGATION) not in domains
