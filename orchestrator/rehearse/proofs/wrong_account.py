"""Proves that a provider pointed at the wrong account is refused before any resource is touched.

A stack's job is run with its role ARNs moved to another member account, as a slip in a config would; the account it
is meant for stays what the provider guards. Nothing may appear in either account. Its state lives in a scratch folder.
"""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

from orchestrator.planning.plan import StackKind, make_plan
from orchestrator.rehearse.proofs.forgotten_provider import one_stack_per_program
from orchestrator.rehearse.proofs.inventory import difference
from orchestrator.rehearse.proofs.proof import Proof, listed, not_tried
from orchestrator.rehearse.proofs.scratch import in_scratch
from orchestrator.rehearse.proofs.together import run_together, take_inventories
from orchestrator.running.job import Operation, StackStatus

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from orchestrator.rehearse.proofs.scene import Scene
    from orchestrator.running.job import StackJob, StackResult
    from orchestrator.stack_id import StackId

NAME = "wrong account refused before anything is touched"


def prove_wrong_account_refused(scene: Scene, scratch: Path) -> Proof:
    """Apply one stack of each program with the role of another account that has the same role."""
    if scene.nobody_left:
        return not_tried(NAME, scene.nobody_left)
    attempts = {
        stack: other
        for stack in one_stack_per_program((*scene.subaccounts, *scene.workloads))
        if (other := _account_with_the_same_programs(scene, stack))
    }
    tried = [f"{stack} with the role of {other}" for stack, other in attempts.items()]
    wrong = _attempt(scene, attempts, scratch)
    if not tried and (suspended := _needed_suspended(scene)):
        are = "is" if len(suspended) == 1 else "are"
        words = f"no program is left in two accounts while {listed(list(suspended))} {are} suspended"
        return not_tried(NAME, words)
    if not tried:
        return Proof(NAME, passed=False, detail="no program runs in two accounts, so it could not be tried")
    detail = f"not refused: {listed(wrong)}" if wrong else f"refused: {'; '.join(tried)}"
    return Proof(NAME, not wrong, detail)


def _needed_suspended(scene: Scene) -> tuple[str, ...]:
    """Return the suspended accounts, if some program would run in two accounts but for their being suspended."""
    by_program: dict[str, dict[str, bool]] = {}
    for stack in make_plan(scene.manifest).stacks:
        if stack.kind in {StackKind.SUBACCOUNT, StackKind.WORKLOAD}:
            by_program.setdefault(stack.id.program, {})[stack.account.name] = stack.account.suspended
    shared = (accounts for accounts in by_program.values() if len(accounts) > 1)
    return tuple(dict.fromkeys(name for accounts in shared for name, suspended in accounts.items() if suspended))


def _account_with_the_same_programs(scene: Scene, stack: StackId) -> str | None:
    others = (s.account for s in (*scene.subaccounts, *scene.workloads) if s.program == stack.program)
    return next((account for account in others if account != stack.account), None)


def _attempt(scene: Scene, attempts: Mapping[StackId, str], scratch: Path) -> list[str]:
    """Make all attempts, and say which were not refused and what has changed in an account that one names."""
    concerned = dict.fromkeys(name for stack, other in attempts.items() for name in (stack.account, other))
    look = {name: scene.administrator_of(name) for name in concerned}
    before = take_inventories(scene.access, look)
    jobs = [
        _misdirected(scene.driver.job(Operation.UP, stack), scene, other, scratch / f"wrong-{stack.program}")
        for stack, other in attempts.items()
    ]
    results = run_together(scene.driver, jobs)
    answers = zip(attempts.items(), results, strict=True)
    wrong = [words for (stack, other), result in answers if (words := _not_refused(scene, stack, other, result))]
    after = take_inventories(scene.access, look)
    return wrong + [f"{name}: {line}" for name in before for line in difference(before[name], after[name])]


def _not_refused(scene: Scene, stack: StackId, other: str, result: StackResult) -> str:
    said = f"{result.error.summary} {result.error.why}".strip() if result.error else ""
    refused = result.status is StackStatus.FAILED and "not allowed" in said and scene.lock.accounts[other] in said
    return "" if refused else f"{stack}: {result.status}, {said or 'nothing said'}"


def _misdirected(job: StackJob, scene: Scene, other: str, folder: Path) -> StackJob:
    own = f"arn:aws:iam::{scene.lock.accounts[job.id.account]}:"
    foreign = f"arn:aws:iam::{scene.lock.accounts[other]}:"
    config = {key: value.replace(own, foreign) for key, value in job.config.items()}
    return dataclasses.replace(in_scratch(job, folder), config=config)
