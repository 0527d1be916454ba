"""What failures leave behind, and how the next update goes on from there."""

from __future__ import annotations

import threading
from functools import partial
from typing import Any

import pulumi
import pytest
from pulumi import ResourceOptions as Options

from rehearsal.engine.ledger import Ledger, Result
from rehearsal.engine.state import ResourceState, Snapshot
from rehearsal.engine.update import UpdateOptions, UpdateResult
from tests.support.stub_provider import THING
from tests.unit.engine_steps.trials import Stub, Thing, Trial

GOING_ON = UpdateOptions(continue_on_error=True)


def delicate(half: str = "", colour: str = "red", boom: str = "") -> None:
    """Declare a thing that may fail."""
    faults = {key: words for key, words in (("half", half), ("boom", boom)) if words}
    Thing("a", Options(provider=Stub()), colour=colour, **faults)


def test_a_failed_create_leaves_no_resource_and_nothing_pending() -> None:
    """The provider has said that there is none."""
    done = Trial().up(partial(delicate, boom="no way"))
    assert done.error == f"urn:pulumi:dev::trial::{THING}::a: no way"
    assert done.names() == ["s"]
    assert done.outcome.snapshot.pending_operations == ()


def test_a_half_made_resource_is_kept_and_updated_next_time() -> None:
    """Its initialisation errors stand in the state until an update succeeds."""
    trial = Trial()
    failed = trial.up(partial(delicate, "not ready"))
    assert failed.state("a").init_errors == ("not ready",)
    assert failed.said("error") == ["1 error occurred:\n\t* not ready"]
    done = trial.up(delicate)
    assert (done.changes["update"], done.state("a").init_errors) == (1, ())


def test_a_half_done_update_keeps_the_old_inputs() -> None:
    """The provider's outputs are new, but the inputs were not all applied."""
    trial = Trial()
    trial.up(delicate)
    state = trial.up(partial(delicate, "not ready", "blue")).state("a")
    assert (state.inputs, state.outputs["colour"]) == ({"colour": "red"}, "blue")


def test_a_failed_update_keeps_the_old_state() -> None:
    """Inputs and outputs are those of the last success."""
    trial = Trial()
    trial.up(delicate)
    state = trial.up(partial(delicate, boom="denied", colour="blue")).state("a")
    assert (state.inputs, state.outputs) == ({"colour": "red"}, {"colour": "red"})


def test_a_failure_keeps_what_had_not_been_registered_yet() -> None:
    """Nothing is deleted in an update whose program did not come to its end."""

    def program(*, boom: bool) -> None:
        provider = Stub()
        first = Thing(
            "a", Options(provider=provider), colour="blue" if boom else "red", **({"boom": "x"} if boom else {})
        )
        Thing("b", Options(provider=provider, depends_on=[first]))

    trial = Trial()
    trial.up(partial(program, boom=False))
    done = trial.up(partial(program, boom=True))
    assert (done.names(), done.calls("Delete")) == (["a", "b", "s"], [])


def test_continue_on_error_makes_what_does_not_depend_on_a_failure() -> None:
    """Dependents are skipped, others are made, the update fails."""

    def program() -> None:
        provider = Stub()
        failing = Thing("a", Options(provider=provider), boom="no")
        Thing("b", Options(provider=provider, depends_on=[failing]))
        Thing("c", Options(provider=provider))

    done = Trial().up(program, GOING_ON)
    assert (done.names(), done.outcome.result) == (["c", "s"], UpdateResult.FAILED)


def test_continue_on_error_does_not_delete_what_was_skipped() -> None:
    """A resource that is still wanted stays, though this update did not come to it."""

    def program(*, boom: bool) -> None:
        provider = Stub()
        first = Thing("a", Options(provider=provider), colour=str(boom), **({"boom": "no"} if boom else {}))
        Thing("b", Options(provider=provider, depends_on=[first]))

    trial = Trial()
    trial.up(partial(program, boom=False))
    assert trial.up(partial(program, boom=True), GOING_ON).names() == ["a", "b", "s"]


def test_a_failed_delete_stops_the_rounds_after_it() -> None:
    """What the resource needs is still there."""

    def program() -> None:
        provider = Stub()
        first = Thing("a", Options(provider=provider))
        Thing("b", Options(provider=provider, depends_on=[first]), undeletable="stuck")
        Thing("c", Options(provider=provider))

    trial = Trial()
    trial.up(program)
    assert trial.destroy().names() == ["a", "b", "c", "s"]
    assert trial.destroy(GOING_ON).names() == ["a", "b", "s"]


def test_a_cancelled_update_begins_nothing_more_and_deletes_nothing() -> None:
    """Steps in hand are finished and recorded."""
    trial = Trial()

    def create_then_cancel(_request: Any, _context: Any) -> None:
        trial.cancelled.set()

    trial.functions["Create"] = create_then_cancel

    def program() -> None:
        provider = Stub()
        first = Thing("a", Options(provider=provider))
        Thing("b", Options(provider=provider, depends_on=[first]))

    done = trial.up(program)
    assert (done.outcome.result, done.names()) == (UpdateResult.CANCELLED, ["a", "s"])


def test_a_fault_in_a_provider_fails_the_step_and_not_the_engine() -> None:
    """It is told like the failure of a plugin of its own."""

    def broken(_request: Any, _context: Any) -> None:
        raise KeyError("oops")

    done = Trial(functions={"Create": broken}).up(delicate)
    assert "Exception calling application: 'oops'" in done.error


def test_a_message_of_severity_error_does_not_fail_an_update() -> None:
    """The real CLI tells it and succeeds."""
    done = Trial().up(lambda: pulumi.log.error("careful"))
    assert (done.outcome.result, done.said("error")) == (UpdateResult.SUCCEEDED, ["careful"])


def test_a_raising_program_fails_the_update_by_its_own_fault() -> None:
    """What was made before is recorded, nothing is deleted."""

    def program(*, fail: bool) -> None:
        if fail:
            raise ValueError("my own")
        delicate()

    trial = Trial()
    trial.up(partial(program, fail=False))
    done = trial.up(partial(program, fail=True))
    assert done.outcome.program_error
    assert done.names() == ["a", "s"]


class SlowJournal:
    """Lets one write wait until others are waiting behind it."""

    def __init__(self) -> None:
        self.entered = threading.Event()
        self.go_on = threading.Event()
        self.written: list[Snapshot] = []

    def record(self, snapshot: Snapshot) -> None:
        """Write slowly."""
        self.entered.set()
        assert self.go_on.wait(10)
        self.written.append(snapshot)


def test_changes_made_during_a_write_share_the_next_one() -> None:
    """Order is kept: a later write never holds less than an earlier one."""
    journal = SlowJournal()
    ledger = Ledger(Snapshot(), journal)
    states = [ResourceState(f"urn:pulumi:d::p::t:t:T::{n}", "t:t:T", custom=False) for n in range(6)]
    threads = [threading.Thread(target=ledger.finish, args=(Result(add=states[0]),))]
    threads[0].start()
    assert journal.entered.wait(10)
    applied = threading.Barrier(6)

    def finish(state: ResourceState) -> None:
        applied.wait(10)
        ledger.finish(Result(add=state))

    threads += [threading.Thread(target=finish, args=(state,)) for state in states[1:]]
    for thread in threads[1:]:
        thread.start()
    applied.wait(10)
    while len(ledger.snapshot().resources) < 6:  # each change is visible before its write
        pass
    journal.go_on.set()
    for thread in threads:
        thread.join(10)
    assert [len(snapshot.resources) for snapshot in journal.written] == [1, 6]


@pytest.mark.parametrize("size", [1, 2])
def test_names_are_seeded_alike_for_a_repeated_create_and_anew_for_a_replacement(size: int) -> None:
    """A re-run after a crash asks for the same name; a replacement must not collide with the old one."""

    def seeds(trial: Trial, wanted: int) -> list[bytes]:
        done = trial.up(lambda: Thing("a", Options(provider=Stub()), size=wanted) and None)
        return [r.randomSeed for provider in done.providers for name, r in provider.requests if name == "Check"]

    trial = Trial()
    first, again = seeds(trial, 1), seeds(Trial(), 1)
    assert first == again
    assert (seeds(trial, size)[-1] == first[0]) is (size == 1)
