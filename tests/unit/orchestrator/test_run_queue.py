"""Order and status of a run's stacks."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orchestrator.errors import InternalError
from orchestrator.running.job import Reason, StackStatus
from orchestrator.running.queue import Entry, RunQueue, Transition
from orchestrator.stack_id import StackId

A, B, C = (StackId("program", name) for name in "abc")
CHAIN = {A: frozenset[StackId](), B: frozenset({A}), C: frozenset({B})}
SUCCEEDED = Entry(StackStatus.SUCCEEDED)
FAILED = Entry(StackStatus.FAILED, Reason.FAILED)


def run(queue: RunQueue, stack: StackId, entry: Entry = SUCCEEDED) -> None:
    """Start a stack and let it end."""
    queue.start(stack)
    queue.finish(stack, entry)


def test_a_stack_is_ready_when_what_it_rests_on_has_succeeded() -> None:
    """Only stacks whose dependencies have all succeeded are ready."""
    queue = RunQueue([A, B, C], CHAIN)
    assert queue.ready(9) == (A,)
    run(queue, A)
    assert queue.ready(9) == (B,)


def test_ready_stacks_come_in_the_given_order_and_number() -> None:
    """Ready stacks are given in the queue's order, at most as many as asked for."""
    queue = RunQueue([C, A, B], {})
    assert queue.ready(2) == (C, A)
    assert queue.ready(0) == ()


def test_a_failure_skips_all_that_rests_on_it_and_stays_named() -> None:
    """A failed stack's dependents are skipped, however far above, with the first failure as cause."""
    queue = RunQueue([A, B, C], CHAIN)
    run(queue, A, FAILED)
    for stack in (B, C):
        assert queue.entry(stack) == Entry(StackStatus.SKIPPED, Reason.DEPENDENCY_FAILED, A)
    assert queue.done


def test_a_blocked_stack_blocks_all_that_rests_on_it_for_the_same_reason() -> None:
    """What rests on a blocked stack is blocked, not failed, and names it."""
    queue = RunQueue([A, B], {B: frozenset({A})})
    queue.finish(A, Entry(StackStatus.BLOCKED, Reason.ACCOUNT_NOT_CREATED))
    assert queue.entry(B) == Entry(StackStatus.BLOCKED, Reason.ACCOUNT_NOT_CREATED, A)


def test_without_gates_a_failure_stops_nobody() -> None:
    """In an ungated queue a stack runs once its dependencies are done with, whatever came of them."""
    queue = RunQueue([A, B], {B: frozenset({A})}, gated=False)
    assert queue.ready(9) == (A,)
    run(queue, A, FAILED)
    assert queue.ready(9) == (B,)


def test_dependencies_outside_the_queue_hold_nobody_up() -> None:
    """A dependency that is not part of the run counts as done with."""
    assert RunQueue([B], CHAIN).ready(9) == (B,)


def test_an_interrupt_cancels_what_has_not_started() -> None:
    """Pending and ready stacks are cancelled; the running one is left to its worker."""
    queue = RunQueue([A, B, C], {C: frozenset({A})})
    queue.start(A)
    queue.cancel_waiting()
    assert queue.entry(A).status is StackStatus.RUNNING
    assert {queue.entry(stack).reason for stack in (B, C)} == {Reason.INTERRUPTED}
    assert not queue.done


def test_a_change_of_status_that_the_table_lacks_is_a_bug() -> None:
    """A stack that has ended cannot run, one that has not started cannot succeed, and none ends as ready."""
    queue = RunQueue([A], {})
    with pytest.raises(InternalError):
        queue.finish(A, SUCCEEDED)
    with pytest.raises(InternalError):
        queue.finish(A, Entry(StackStatus.READY))
    run(queue, A)
    with pytest.raises(InternalError):
        queue.start(A)


def test_every_change_of_status_is_told_once_and_in_order() -> None:
    """An observer hears each change with what was before and after it."""
    told: list[Transition] = []
    run(RunQueue([A], {}, on_transition=told.append), A)
    words = [(transition.before.value, transition.after.value) for transition in told]
    assert words == [("pending", "ready"), ("ready", "running"), ("running", "succeeded")]


@given(data=st.data(), count=st.integers(1, 12))
def test_no_stack_starts_before_what_it_rests_on_and_all_end(data: st.DataObject, count: int) -> None:
    """Whatever the graph and however stacks end, order holds, failures spread upwards only, and all stacks end."""
    stacks = [StackId("program", f"s{number:02}") for number in range(count)]
    rests_on = {
        stack: frozenset(data.draw(st.sets(st.sampled_from(stacks[:at])))) if at else frozenset[StackId]()
        for at, stack in enumerate(stacks)
    }
    queue = RunQueue(data.draw(st.permutations(stacks)), rests_on)
    while ready := queue.ready(data.draw(st.integers(1, 4))):
        for stack in ready:
            assert all(queue.entry(below).status is StackStatus.SUCCEEDED for below in rests_on[stack])
            run(queue, stack, data.draw(st.sampled_from([SUCCEEDED, FAILED])))
    assert queue.done
    for stack in stacks:
        skipped = any(queue.entry(below).status is not StackStatus.SUCCEEDED for below in rests_on[stack])
        assert (queue.entry(stack).status is StackStatus.SKIPPED) == skipped
