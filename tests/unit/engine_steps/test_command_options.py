"""Options of operations as they reach a deployment, and those that are refused where the real CLI has none."""

from __future__ import annotations

from pathlib import Path

import pytest

from rehearsal.engine.state import PendingKind, PendingOperation, ResourceState, Snapshot
from rehearsal.engine.update import Collaborators, UpdateOutcome, UpdateRequest, UpdateResult
from tests.support.stub_provider import THING
from tests.unit.engine_store.workbench import Bench, embedded, new_bench

OPEN = tuple(
    PendingOperation(ResourceState(f"urn:pulumi:dev::demo::{THING}::{kind}", THING, custom=True), kind)
    for kind in (PendingKind.CREATING, PendingKind.DELETING)
)


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    """Return a stack whose last run was killed."""

    def run(_: UpdateRequest, collaborators: Collaborators) -> UpdateOutcome:
        collaborators.journal.record(Snapshot((), OPEN))
        return UpdateOutcome(UpdateResult.SUCCEEDED, Snapshot((), OPEN))

    made = new_bench(tmp_path, embedded(run))
    made.ok("stack", "init", "dev")
    made.ok("up", "--yes", "--skip-preview", "--stack", "dev")
    return made


def asked(bench: Bench, *words: str) -> list[UpdateRequest]:
    """Run an operation on the stack and return what the deployments were asked for."""
    seen: list[UpdateRequest] = []

    def run(request: UpdateRequest, _: Collaborators) -> UpdateOutcome:
        seen.append(request)
        return UpdateOutcome(UpdateResult.SUCCEEDED, request.snapshot)

    bench.with_command(embedded(run)).ok(*words, "--stack", "dev")
    return seen


def test_a_preview_may_go_on_with_errors(bench: Bench) -> None:
    """It shows what `up --continue-on-error` would do."""
    (request,) = asked(bench, "preview", "--continue-on-error")
    assert (request.dry_run, request.options.continue_on_error) == (True, True)


@pytest.mark.parametrize(
    ("options", "left"),
    [
        ((), [PendingKind.CREATING, PendingKind.DELETING]),
        (("--skip-pending-creates",), [PendingKind.CREATING, PendingKind.DELETING]),
        (("--clear-pending-creates",), [PendingKind.DELETING]),
    ],
)
def test_a_refresh_forgets_pending_creates_only_when_told_to(
    bench: Bench, options: tuple[str, ...], left: list[PendingKind]
) -> None:
    """The other operations are the deployment's to settle."""
    (request,) = asked(bench, "refresh", "--yes", "--skip-preview", *options)
    assert [operation.kind for operation in request.snapshot.pending_operations] == left


def test_pending_creates_are_not_both_kept_and_forgotten(bench: Bench) -> None:
    """The two options exclude each other, in Pulumi's words."""
    ran = bench.run("refresh", "--yes", "--clear-pending-creates", "--skip-pending-creates", "--stack", "dev")
    assert "cannot set both --skip-pending-creates and --clear-pending-creates" in ran.stderr


@pytest.mark.parametrize("command", ["up", "preview", "destroy"])
def test_only_a_refresh_knows_of_pending_creates(bench: Bench, command: str) -> None:
    """Elsewhere the option is unknown, as to the real CLI."""
    ran = bench.run(command, "--clear-pending-creates", "--stack", "dev")
    assert (ran.code, "--clear-pending-creates" in ran.stderr) == (2, True)
