"""What becomes of operations that a killed run has left open in the state."""

from __future__ import annotations

from pulumi import ResourceOptions as Options

from rehearsal.engine.state import PendingKind, PendingOperation, ResourceState, Snapshot
from rehearsal.engine.update import UpdateOptions
from tests.support.stub_provider import THING
from tests.unit.engine_steps.trials import Stub, Thing, Trial

CREATE, UPDATE = (
    PendingOperation(ResourceState(f"urn:pulumi:dev::trial::{THING}::{name}", THING, custom=True), kind)
    for name, kind in (("a", PendingKind.CREATING), ("b", PendingKind.UPDATING))
)


def town() -> None:
    """Declare the thing whose create was interrupted."""
    Thing("a", Options(provider=Stub()), colour="red")


def test_an_update_warns_of_each_operation_that_was_left_open() -> None:
    """The warning names the resources and what was being done, and how to repair the stack."""
    (said,) = Trial(snapshot=Snapshot(pending_operations=(CREATE, UPDATE))).up(town).said("warning")
    assert said.startswith(
        "Attempting to deploy or update resources with 2 pending operations from previous deployment.\n"
        f"  * {CREATE.resource.urn}, interrupted while creating\n"
        f"  * {UPDATE.resource.urn}, interrupted while updating\n"
    )
    assert "you can repair your stack using `pulumi refresh`" in said


def test_an_update_tells_how_to_forget_creates_as_nobody_is_asked() -> None:
    """Other operations are settled by any refresh, so that nothing is told of them."""
    told = Trial(snapshot=Snapshot(pending_operations=(CREATE,))).up(town).said("info")
    assert ["--clear-pending-creates" in line for line in told] == [True]
    assert Trial(snapshot=Snapshot(pending_operations=(UPDATE,))).up(town).said("info") == []


def test_a_destroy_warns_as_an_update_does() -> None:
    """What was being created may be left behind by it."""
    assert len(Trial(snapshot=Snapshot(pending_operations=(CREATE,))).destroy().said("warning")) == 1


def test_a_preview_and_a_refresh_do_not_warn() -> None:
    """A preview changes nothing; a refresh is the repair."""
    trial = Trial(snapshot=Snapshot(pending_operations=(CREATE, UPDATE)))
    assert trial.preview(town).said("warning") == []
    assert trial.refresh().said("warning") == []
    assert trial.up(town, UpdateOptions(refresh=True)).said("warning") == []


def test_only_creates_stay_open_until_a_person_settles_them() -> None:
    """Neither an update that makes the resource nor a refresh says what became of the first attempt."""
    trial = Trial(snapshot=Snapshot(pending_operations=(CREATE, UPDATE)))
    assert trial.up(town).outcome.snapshot.pending_operations == (CREATE,)
    assert trial.refresh().outcome.snapshot.pending_operations == (CREATE,)
    assert trial.up(town, UpdateOptions(refresh=True)).outcome.snapshot.pending_operations == (CREATE,)
    assert trial.destroy().outcome.snapshot.pending_operations == (CREATE,)
