"""Who asks AWS, and what is told where nobody can."""

from __future__ import annotations

from concurrent.futures import Executor, Future
from typing import Any

import pytest

from orchestrator.callers import AnswerKind, Identity
from orchestrator.errors import AwsUnreachable
from orchestrator.verify.answers import Found, How, Pair
from orchestrator.verify.attached import Unread, attached_policies
from orchestrator.verify.errors import NobodyToAskAs, PoliciesUnreadable
from orchestrator.verify.expectations import expected_pairs
from orchestrator.verify.own_row import OwnRow, ask_own_row, own_row
from orchestrator.workers.pool import ChildDied
from tests.unit.landing_zone.fleets import full_lock, parsed

THROTTLED = "An error occurred (Throttling) when calling the GetCallerIdentity operation: Rate exceeded"


class Children(Executor):
    """Answers every question with the same, or dies of it."""

    def __init__(self, answer: object) -> None:
        self.answer = answer

    def submit(self, *_asked: Any, **_more: Any) -> Future[Any]:
        """Answer."""
        future: Future[Any] = Future()
        if isinstance(self.answer, Exception):
            future.set_exception(self.answer)
        else:
            future.set_result(self.answer)
        return future


def test_a_throttled_caller_is_asked_to_come_again() -> None:
    """An AWS that throttles is no matter of credentials, nor first of the network."""
    with pytest.raises(AwsUnreachable) as refused:
        own_row(parsed(), "x", {}, lambda _asked: [Identity(AnswerKind.UNREACHABLE, words=THROTTLED)])
    assert refused.value.why == THROTTLED
    assert refused.value.hint.startswith("run the command again a little later")


@pytest.mark.parametrize(
    ("kind", "error", "hint"),
    [
        pytest.param(AnswerKind.UNREACHABLE, AwsUnreachable, "run the command again", id="throttled"),
        pytest.param(AnswerKind.MISSING, NobodyToAskAs, "sign in as the administrator", id="no credentials"),
        pytest.param(AnswerKind.NEEDS_CODE, NobodyToAskAs, "sign in as the administrator", id="a code is asked for"),
        pytest.param(AnswerKind.REFUSED, PoliciesUnreadable, "docs/verify.md has the permissions", id="refused"),
    ],
)
def test_policies_that_cannot_be_read(kind: AnswerKind, error: type[Exception], hint: str) -> None:
    """Each reason has its own next step: later, signing in, or the right to read."""
    with pytest.raises(error) as refused:
        attached_policies(parsed(), {}, Children(Unread(kind, "words of AWS")))
    assert hint in refused.value.hint  # type: ignore[attr-defined]
    assert refused.value.why == "words of AWS"  # type: ignore[attr-defined]


def test_a_process_that_was_ended_called_nobody_knows_what() -> None:
    """Where the process that asks is ended, its pairs are not known, and do not count as called."""
    manifest = parsed()
    pairs = expected_pairs(manifest, ["prod"])
    own = OwnRow("Management-Admin", {})
    rows = list(ask_own_row(own, pairs, full_lock(manifest).accounts, Children(ChildDied("killed"))))
    assert {(row.answer.found, row.answer.how) for row in rows} == {(Found.UNKNOWN, How.NOT_ANSWERED)}
    assert all(isinstance(row.asked, Pair) for row in rows)
