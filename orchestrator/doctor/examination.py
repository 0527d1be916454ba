"""Which checks there are, and how they are carried out: all at once, since most of them wait for an answer."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Executor, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar

from landing_zone.fleet import Manifest
from landing_zone.lock import Lock
from orchestrator.callers import AnswerKind, Identity
from orchestrator.doctor.caller_checks import check_callers, expected_callers
from orchestrator.doctor.caller_probe import CallerAnswer, probe_caller
from orchestrator.doctor.clock_check import check_clock, clock_address
from orchestrator.doctor.engine_checks import EngineQuestion, check_engine
from orchestrator.doctor.finding import Finding, Outcome, Told, Topic, failed
from orchestrator.doctor.machine_checks import MemoryQuestion, check_disk, check_memory
from orchestrator.doctor.quota_check import QuotaAnswer, check_quota, probe_quota
from orchestrator.doctor.retirement_check import check_retirements
from orchestrator.doctor.state_checks import check_bucket_and_key, check_files
from orchestrator.doctor.state_probe import StateAnswer, StateQuestion, Tried, probe_state
from orchestrator.workers.pool import ChildDied

LONGEST = 20.0
"""Seconds that a child process may take to answer; a credential process that asks a person never would."""

PATIENCE = 2.0
"""Seconds without a word."""

PRELOAD = ("boto3", "orchestrator.doctor.examination")
"""What the children import before they are forked."""

DEFAULT_REGION = "us-east-1"
NEED_FLEET = ("caller", "foundation state", "state bucket", "account quota")

Check = Callable[[], tuple[Finding, ...]]
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class FleetFacts:
    """What a fleet says: the lock is resolved with the manifest's own ids."""

    manifest: Manifest
    lock: Lock
    state: Path
    work: Path
    """Where work directories are made."""
    retired: Path
    """The file of retired accounts, whether it is there or not."""


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What is examined. `fleet` is an error where there is no manifest that can be used; `folder` is where one is."""

    env: Mapping[str, str] = field(repr=False)
    folder: Path
    fleet: FleetFacts | Told
    engine: EngineQuestion
    memory: MemoryQuestion


def checks_for(around: Surroundings, children: Executor) -> dict[str, Check]:
    """Return the checks by name; those that call AWS do it in `children`."""
    fleet = around.fleet
    checks: dict[str, Check] = {"engine": lambda: check_engine(around.engine)}
    region = DEFAULT_REGION
    if isinstance(fleet, FleetFacts):
        region = fleet.manifest.region
        checks |= _of_fleet(fleet, around.env, children)
    else:
        checks["manifest"] = lambda: _without_fleet(fleet)
    folder = fleet.work if isinstance(fleet, FleetFacts) else around.folder
    return checks | {
        "memory": lambda: check_memory(around.memory),
        "clock": lambda: check_clock(clock_address(around.env, region)),
        "disk": lambda: check_disk(folder),
    }


def _of_fleet(fleet: FleetFacts, env: Mapping[str, str], children: Executor) -> dict[str, Check]:
    manifest, lock = fleet.manifest, fleet.lock

    def ask_callers(environments: Sequence[Mapping[str, str]]) -> list[CallerAnswer]:
        until = time.monotonic() + LONGEST
        return [
            _answered(future, until, lambda words: CallerAnswer(Identity(AnswerKind.REFUSED, words=words)))
            for future in [children.submit(probe_caller, environment) for environment in environments]
        ]

    def ask_state(question: StateQuestion) -> StateAnswer:
        def unanswered(words: str) -> StateAnswer:
            return StateAnswer(Tried("asking", words=words), Tried("asking", words=words))

        return _answered(children.submit(probe_state, question), time.monotonic() + LONGEST, unanswered)

    def ask_quota(environment: Mapping[str, str]) -> QuotaAnswer:
        future = children.submit(probe_quota, environment)
        return _answered(future, time.monotonic() + LONGEST, lambda words: QuotaAnswer(words=words))

    callers = expected_callers(manifest, lock)
    return {
        "manifest": lambda: _with_fleet(manifest),
        "retirements": lambda: check_retirements(fleet.retired),
        "callers": lambda: check_callers(callers, env, manifest.region, ask_callers),
        "foundation state": lambda: check_files(fleet.state),
        "state bucket": lambda: check_bucket_and_key(manifest, lock, env, ask_state),
        "account quota": lambda: check_quota(manifest, lock, env, ask_quota),
    }


def _answered(future: Future[T], until: float, otherwise: Callable[[str], T]) -> T:
    """Return a child's answer, or what stands for none: the child died, or did not answer until that time."""
    try:
        return future.result(timeout=max(0.0, until - time.monotonic()))
    except TimeoutError:
        return otherwise(f"no answer within {LONGEST:.0f} s; does a credential process of the profile ask somebody?")
    except ChildDied as died:
        return otherwise(f"the process that asks was ended: {died}; too little memory is the common cause")


def _with_fleet(manifest: Manifest) -> tuple[Finding, ...]:
    words = f"{manifest.path}: {len(manifest.accounts)} accounts, {len(manifest.workloads)} workloads"
    suspended = [account.name for account in manifest.accounts if account.suspended]
    words += f"; suspended, left alone by runs: {', '.join(suspended)}" if suspended else ""
    return (Finding("manifest", Topic.MANIFEST, Outcome.OK, words),)


def _without_fleet(error: Told) -> tuple[Finding, ...]:
    left = (Finding(name, Topic.ACCESS, Outcome.NOT_CHECKED, "needs a manifest") for name in NEED_FLEET)
    return (failed("manifest", Topic.MANIFEST, error), *left)


def examine(
    checks: Mapping[str, Check], tell: Callable[[str], None], patience: float = PATIENCE
) -> tuple[Finding, ...]:
    """Carry out all checks at once and return what they found, in the order of the checks.

    `tell` hears after so many seconds what is still waited for, and again when that has become less.
    """
    with ThreadPoolExecutor(max(1, len(checks))) as threads:
        futures = {name: threads.submit(check) for name, check in checks.items()}
        waiting: set[Future[tuple[Finding, ...]]] = set(futures.values())
        told = ""
        while waiting:
            _, waiting = wait(waiting, timeout=patience)
            names = ", ".join(name for name, future in futures.items() if future in waiting)
            if names and names != told:
                tell(f"Waiting for: {names}")
                told = names
    return tuple(finding for future in futures.values() for finding in future.result())
