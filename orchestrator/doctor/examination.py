"""Which checks there are, and how they are carried out: all at once, since most of them wait for an answer."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Executor, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar

from landing_zone.fleet import Manifest
from landing_zone.lock import Lock
from orchestrator.doctor.caller_checks import check_callers, expected_callers
from orchestrator.doctor.caller_probe import CallerAnswer, probe_caller
from orchestrator.doctor.clock_check import check_clock, clock_address
from orchestrator.doctor.engine_checks import EngineQuestion, check_engine
from orchestrator.doctor.finding import Finding, Outcome, Told, Topic, failed
from orchestrator.doctor.machine_checks import MemoryQuestion, check_disk, check_memory
from orchestrator.doctor.quota_check import check_quota, probe_quota
from orchestrator.doctor.state_checks import check_bucket_and_key, check_files
from orchestrator.doctor.state_probe import probe_state
from orchestrator.pool import ChildDied

LONGEST = 30.0
"""Seconds that a child process may take to answer; a credential process that asks a person never would."""

PATIENCE = 2.0
"""Seconds without a word."""

PRELOAD = ("boto3", "orchestrator.doctor.examination")
"""What the children import before they are forked."""

DEFAULT_REGION = "us-east-1"
NEED_FLEET = ("caller", "foundation state", "state bucket", "account quota")

Check = Callable[[], tuple[Finding, ...]]
A = TypeVar("A")
B = TypeVar("B")


@dataclass(frozen=True, slots=True)
class FleetFacts:
    """What a fleet says: the lock is resolved with the manifest's own ids."""

    manifest: Manifest
    lock: Lock
    state: Path
    root: Path


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What is examined. `fleet` is an error where there is no manifest that can be used; `folder` is where one is."""

    env: Mapping[str, str] = field(repr=False)
    folder: Path
    fleet: FleetFacts | Told
    engine: EngineQuestion
    memory: MemoryQuestion


def checks_for(around: Surroundings, children: Executor) -> dict[str, tuple[Topic, Check]]:
    """Return the checks by name, each with what it is about; those that call AWS do it in `children`."""
    fleet = around.fleet
    checks: dict[str, tuple[Topic, Check]] = {"engine": (Topic.ENGINE, lambda: check_engine(around.engine))}
    region = DEFAULT_REGION
    if isinstance(fleet, FleetFacts):
        region = fleet.manifest.region
        checks |= _of_fleet(fleet, around.env, children)
    else:
        checks["manifest"] = (Topic.MANIFEST, lambda: _without_fleet(fleet))
    folder = fleet.root if isinstance(fleet, FleetFacts) else around.folder
    return checks | {
        "memory": (Topic.MACHINE, lambda: check_memory(around.memory)),
        "clock": (Topic.MACHINE, lambda: check_clock(clock_address(around.env, region))),
        "disk": (Topic.MACHINE, lambda: check_disk(folder)),
    }


def _of_fleet(fleet: FleetFacts, env: Mapping[str, str], children: Executor) -> dict[str, tuple[Topic, Check]]:
    manifest, lock = fleet.manifest, fleet.lock

    def ask_callers(environments: Sequence[Mapping[str, str]]) -> list[CallerAnswer]:
        futures = [children.submit(probe_caller, environment) for environment in environments]
        return [future.result(timeout=LONGEST) for future in futures]

    def in_child(probe: Callable[[A], B]) -> Callable[[A], B]:
        return lambda question: children.submit(probe, question).result(timeout=LONGEST)

    callers = expected_callers(manifest, lock)
    return {
        "manifest": (Topic.MANIFEST, lambda: _with_fleet(manifest)),
        "callers": (Topic.ACCESS, lambda: check_callers(callers, env, manifest.region, ask_callers)),
        "foundation state": (Topic.MACHINE, lambda: check_files(fleet.state)),
        "state bucket": (Topic.ACCESS, lambda: check_bucket_and_key(manifest, lock, env, in_child(probe_state))),
        "account quota": (Topic.MACHINE, lambda: check_quota(manifest, lock, env, in_child(probe_quota))),
    }


def _with_fleet(manifest: Manifest) -> tuple[Finding, ...]:
    words = f"{manifest.path}: {len(manifest.accounts)} accounts, {len(manifest.workloads)} workloads"
    return (Finding("manifest", Topic.MANIFEST, Outcome.OK, words),)


def _without_fleet(error: Told) -> tuple[Finding, ...]:
    left = (Finding(name, Topic.ACCESS, Outcome.NOT_CHECKED, "needs a manifest") for name in NEED_FLEET)
    return (failed("manifest", Topic.MANIFEST, error), *left)


def examine(
    checks: Mapping[str, tuple[Topic, Check]], tell: Callable[[str], None], patience: float = PATIENCE
) -> tuple[Finding, ...]:
    """Carry out all checks at once and return what they found, in the order of the checks.

    `tell` hears after so many seconds what is still waited for, and again when that has become less.
    """
    with ThreadPoolExecutor(max(1, len(checks))) as threads:
        futures = {name: threads.submit(check) for name, (_, check) in checks.items()}
        waiting: set[Future[tuple[Finding, ...]]] = set(futures.values())
        told = ""
        while waiting:
            _, waiting = wait(waiting, timeout=patience)
            names = ", ".join(name for name, future in futures.items() if future in waiting)
            if names and names != told:
                tell(f"Waiting for: {names}")
                told = names
    return tuple(finding for name, (topic, _) in checks.items() for finding in _outcome_of(name, topic, futures[name]))


def _outcome_of(name: str, topic: Topic, future: Future[tuple[Finding, ...]]) -> tuple[Finding, ...]:
    try:
        return future.result()
    except TimeoutError:
        words = f"no answer within {LONGEST:.0f} s; does a credential process of the profile ask somebody?"
    except ChildDied as died:
        words = f"the process that asks was ended: {died}"
    return (Finding(name, topic, Outcome.FAILED, words, "free some memory, sign in anew, then: fleetyard doctor"),)
