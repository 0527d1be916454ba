"""The life of one inline stack, from nothing to nothing, and what each operation costs; runs in a child of the pool."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

import pulumi
import pulumi_aws as aws
from pulumi import automation

from rehearsal.aws.plugin import AwsProvider
from rehearsal.engine.command import EmbeddedPulumi
from rehearsal.engine.deployment import run_update
from rehearsal.engine.state import Snapshot
from rehearsal.engine.update import Collaborators, Journal, UpdateOutcome, UpdateRequest
from rehearsal.twin.client import count_calls
from rehearsal.twin.proof import prove_twin
from rehearsal.twin.run_file import TwinRun, read_run_file

READ_ONLY = "arn:aws:iam::aws:policy/ReadOnlyAccess"
FIXED = 3
"""The stack itself, its provider and its component."""


@dataclass(frozen=True, slots=True)
class Life:
    """What to live through: a stack of `size` resources, `rounds` times, by a role of an account of the twin."""

    env: Mapping[str, str] = field(repr=False)
    folder: Path
    run_file: Path
    role_arn: str
    size: int
    rounds: int


@dataclass(frozen=True, slots=True)
class Cost:
    """One operation: wall clock and this process's own time in seconds, states recorded, calls to AWS."""

    wall: float
    processor: float
    states: int
    calls: int


def live(life: Life) -> dict[str, list[Cost]]:
    """Return the costs by operation; a round before the first one is lived to get warm."""
    os.environ.clear()
    os.environ.update(life.env)
    meter = _Meter(read_run_file(life.run_file))
    stack = _stack(life, meter)
    operations: dict[str, Callable[[], object]] = {
        "first up": stack.up,
        "no-change up": stack.up,
        "preview": stack.preview,
        "refresh": stack.refresh,
        "destroy": stack.destroy,
    }
    rounds = [{name: meter.cost(work) for name, work in operations.items()} for _ in range(1 + life.rounds)]
    return {name: [costs[name] for costs in rounds[1:]] for name in operations}


def _stack(life: Life, meter: _Meter) -> automation.Stack:
    backend, work = life.folder / "state", life.folder / "work"
    for folder in (backend, work):
        folder.mkdir(parents=True)
    options = automation.LocalWorkspaceOptions(
        work_dir=str(work),
        env_vars={"PULUMI_BACKEND_URL": backend.as_uri()},
        pulumi_command=EmbeddedPulumi(providers={"aws": AwsProvider}, guard=_guard, run_update=meter.run_update),
    )
    return automation.create_or_select_stack("bench", project_name="bench", program=_program(life), opts=options)


def _guard(env: Mapping[str, str]) -> None:
    prove_twin(env)


def _program(life: Life) -> Callable[[], None]:
    account = life.role_arn.split(":")[4]
    principal = {"AWS": f"arn:aws:iam::{account}:root"}
    statement = {"Effect": "Allow", "Principal": principal, "Action": "sts:AssumeRole"}
    trust = json.dumps({"Version": "2012-10-17", "Statement": [statement]})

    def program() -> None:
        assumed = aws.ProviderAssumeRoleArgs(role_arn=life.role_arn, session_name="bench")
        provider = aws.Provider("account", region="eu-west-1", assume_roles=[assumed], allowed_account_ids=[account])
        component = pulumi.ComponentResource("bench:index:Roles", "roles")
        child = pulumi.ResourceOptions(parent=component, provider=provider)
        roles: list[aws.iam.Role] = []
        for number in range(life.size - FIXED):
            name = f"role-{number // 2}"
            if number % 2 == 0:
                roles.append(aws.iam.Role(name, name=name, assume_role_policy=trust, opts=child))
            else:
                aws.iam.RolePolicyAttachment(name, role=roles[-1].name, policy_arn=READ_ONLY, opts=child)
        pulumi.export("arns", [role.arn for role in roles])

    return program


class _Meter:
    """Counts what operations do while they run."""

    def __init__(self, run: TwinRun) -> None:
        self._run = run
        self._recorded: list[Snapshot] = []

    def run_update(self, request: UpdateRequest, collaborators: Collaborators) -> UpdateOutcome:
        """Carry out a deployment whose journal is counted."""
        return run_update(request, replace(collaborators, journal=_Counted(collaborators.journal, self._recorded)))

    def cost(self, work: Callable[[], object]) -> Cost:
        """Do some work and return what it cost."""
        self._recorded.clear()
        calls = sum(count_calls(self._run).values())
        wall, processor = time.perf_counter(), time.process_time()
        work()
        wall, processor = time.perf_counter() - wall, time.process_time() - processor
        return Cost(wall, processor, len(self._recorded), sum(count_calls(self._run).values()) - calls)


@dataclass(frozen=True, slots=True)
class _Counted:
    """A journal that notes what goes through it; appending to a list is safe from several threads."""

    journal: Journal
    recorded: list[Snapshot]

    def record(self, snapshot: Snapshot) -> None:
        """Pass it on."""
        self.recorded.append(snapshot)
        self.journal.record(snapshot)
