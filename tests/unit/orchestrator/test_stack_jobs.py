"""Jobs, results, statuses: the data between driver and worker."""

from __future__ import annotations

import pickle

import pytest

from orchestrator.running.job import TRANSITIONS, StackResult, StackStatus
from orchestrator.stack_id import StackId
from tests.unit.orchestrator.fleets import a_job

STACK = StackId("network", "lab-one")


def test_a_job_travels_between_processes() -> None:
    """A job is the same after pickling."""
    assert pickle.loads(pickle.dumps(a_job())) == a_job()  # noqa: S301  (our own bytes)


def test_a_job_does_not_show_its_environment() -> None:
    """The text of a job holds no value of its environment, which may be secret."""
    assert "sesame" not in repr(a_job())


@pytest.mark.parametrize("status", StackStatus)
def test_every_status_has_its_row_in_the_table(status: StackStatus) -> None:
    """Each status is terminal or says where it may go, and only to known ones."""
    assert TRANSITIONS[status] <= set(StackStatus)
    assert status.terminal == (not TRANSITIONS[status])


@pytest.mark.parametrize(
    ("counts", "changed"),
    [({"same": 3}, False), ({"same": 3, "read": 1}, False), ({"update": 1}, True), ({"delete": 0}, False), ({}, False)],
)
def test_only_what_is_not_quiet_counts_as_a_change(counts: dict[str, int], changed: bool) -> None:
    """A result is changed when an operation other than same, read and their kin was counted."""
    assert StackResult(STACK, "200000000002", StackStatus.SUCCEEDED, resource_changes=counts).changed is changed
