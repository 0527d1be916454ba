"""What proofs do several of at a time: jobs beside the fleet; and the clients they share."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any, cast

from orchestrator.rehearse.access import Access, Credentials
from orchestrator.rehearse.proofs.together import run_together
from orchestrator.running.job import Operation, StackJob, StackResult
from orchestrator.stack_id import StackId

ANNA, BERT = Credentials("AKIAANNA", "a"), Credentials("AKIABERT", "b")


@dataclass
class MeetingDriver:
    """A driver whose jobs end only once all of them have begun."""

    meeting: threading.Barrier
    begun: list[object] = field(default_factory=list)

    def run(self, operation: Operation, stacks: Sequence[StackId]) -> tuple[StackResult, ...]:
        """Run no stacks."""
        raise NotImplementedError

    def job(self, operation: Operation, stack: StackId) -> StackJob:
        """Make no jobs."""
        raise NotImplementedError

    def run_job(self, job: StackJob) -> StackResult:
        """Return the job as its own result, after the others have begun."""
        self.begun.append(job)
        self.meeting.wait(30)
        return cast("StackResult", f"result of {job}")


def test_jobs_run_side_by_side_and_answer_in_order() -> None:
    """No job waits for another one's end, and results come in the order of the jobs."""
    jobs = cast("list[StackJob]", ["a", "b", "c"])
    driver = MeetingDriver(threading.Barrier(len(jobs)))
    assert run_together(driver, jobs) == ["result of a", "result of b", "result of c"]
    assert sorted(map(str, driver.begun)) == ["a", "b", "c"]


def test_no_jobs_have_no_results() -> None:
    """With nothing to run, nothing is run."""
    assert run_together(MeetingDriver(threading.Barrier(1)), []) == []


def test_a_client_is_made_once_for_each_identity() -> None:
    """The same service and credentials give the same client, any others another one; also from several threads."""
    access = Access("http://127.0.0.1:9", "eu-west-1")
    with ThreadPoolExecutor(8) as threads:
        made: list[Any] = list(threads.map(lambda _: access.client("sts", ANNA), range(16)))
    assert len({id(client) for client in made}) == 1
    assert access.client("sts", BERT) is not made[0]
    assert access.client("sqs", ANNA) is not made[0]
    signing = access.client("sts", BERT)._request_signer._credentials
    assert signing.access_key == BERT.access_key_id


def test_clients_of_long_ago_are_let_go() -> None:
    """However many identities are tried, only so many clients are kept, and the one in use is among them."""
    access = Access("http://127.0.0.1:9", "eu-west-1")
    first = access.client("sts", ANNA)
    for number in range(200):
        access.client("sts", Credentials(f"AKIA{number}", "x"))
        assert access.client("sts", ANNA) is first
    assert access.client("sts", Credentials("AKIA0", "x")) is not None
    assert len(access._clients) == 160
