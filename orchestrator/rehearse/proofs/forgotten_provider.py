"""Proves the two nets below a forgotten provider: Pulumi's at preview, IAM's behind it.

A scratch program with one bucket and no provider is run under the shipped project file of each program, with the
caller that program has. It must fail at preview and name the resource. Then the net is cut out of a copy of the
project file and the program is really applied: IAM must deny it, and the management account must hold nothing new.
Its state lives in the scratch folder, so nothing of the fleet is touched.
"""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

from ruamel.yaml import YAML

from orchestrator.rehearse.proofs.inventory import difference, take_inventory
from orchestrator.rehearse.proofs.proof import Proof, listed, not_tried
from orchestrator.rehearse.proofs.scratch import in_scratch
from orchestrator.rehearse.proofs.together import run_together
from orchestrator.running.job import Operation, StackStatus

if TYPE_CHECKING:
    from pathlib import Path

    from orchestrator.rehearse.proofs.scene import Scene
    from orchestrator.running.job import StackJob, StackResult
    from orchestrator.stack_id import StackId

NET = "pulumi:disable-default-providers"
FORGETFUL_PROGRAM = 'import pulumi_aws as aws\n\naws.s3.Bucket("forgotten")\n'


def prove_net_at_preview(scene: Scene, scratch: Path) -> Proof:
    """Preview the forgetful program under every program's project file that acts in member accounts."""
    name = "forgotten provider fails at preview"
    if scene.nobody_left:
        return not_tried(name, scene.nobody_left)
    stacks = one_stack_per_program((*scene.subaccounts, *scene.workloads))
    jobs = [
        _forgetful(scene.driver.job(Operation.PREVIEW, stack), scratch / f"net-{stack.program}", cut=False)
        for stack in stacks
    ]
    wrong = []
    for stack, result in zip(stacks, run_together(scene.driver, jobs), strict=True):
        said = _said(result)
        if result.status is not StackStatus.FAILED or "disabled" not in said or "::forgotten" not in said:
            wrong.append(f"{stack.program}: {result.status}, {said or 'nothing said'}")
    detail = f"not caught: {listed(wrong)}" if wrong else f"caught, naming the resource, in {_programs(stacks)}"
    return Proof(name, bool(stacks) and not wrong, detail)


def prove_iam_behind_the_net(scene: Scene, scratch: Path) -> Proof:
    """Apply the forgetful program without the net, as the caller of workloads; nothing new may appear."""
    name = "without that net IAM denies it"
    if not scene.workloads:
        return not_tried(name, "nothing to try: every account that workloads run in is suspended")
    stacks = one_stack_per_program(scene.workloads)
    before = take_inventory(scene.access, scene.administrator)
    jobs = [
        _forgetful(scene.driver.job(Operation.UP, stack), scratch / f"cut-{stack.program}", cut=True)
        for stack in stacks
    ]
    wrong = []
    for stack, result in zip(stacks, run_together(scene.driver, jobs), strict=True):
        said = _said(result)
        if result.status is not StackStatus.FAILED or "AccessDenied" not in said:
            wrong.append(f"{stack.program}: {result.status}, {said or 'nothing said'}")
    new = difference(before, take_inventory(scene.access, scene.administrator))
    wrong += [f"in the management account: {line}" for line in new]
    account = scene.manifest.management_account
    fine = f"AccessDenied for {_programs(stacks)}; {account.name} ({account.id}) holds nothing new"
    return Proof(name, bool(stacks) and not wrong, f"not denied: {listed(wrong)}" if wrong else fine)


def one_stack_per_program(stacks: tuple[StackId, ...]) -> tuple[StackId, ...]:
    """Return the first stack of each program."""
    return tuple({stack.program: stack for stack in reversed(stacks)}.values())


def _programs(stacks: tuple[StackId, ...]) -> str:
    return ", ".join(sorted(stack.program for stack in stacks))


def _forgetful(job: StackJob, folder: Path, *, cut: bool) -> StackJob:
    """Return the job with the forgetful program in place of its own, and a state of its own."""
    beside = in_scratch(job, folder)
    (folder / "__main__.py").write_text(FORGETFUL_PROGRAM, encoding="utf-8")
    project = YAML(typ="safe", pure=True).load(job.project_file.read_text(encoding="utf-8"))
    if cut:
        del project["config"][NET]
    options = project["runtime"].get("options", {}) if isinstance(project["runtime"], dict) else {}
    if "virtualenv" in options:
        options["virtualenv"] = str((job.project_file.parent / options["virtualenv"]).resolve())
    with (folder / "Pulumi.yaml").open("w", encoding="utf-8") as file:
        YAML(typ="safe", pure=True).dump(project, file)
    return dataclasses.replace(beside, project_file=folder / "Pulumi.yaml")


def _said(result: StackResult) -> str:
    return f"{result.error.summary} {result.error.why}".strip() if result.error else ""
