"""What an answer of STS means for a pair of the matrix."""

from __future__ import annotations

import json
from typing import Any

import pytest
from botocore.exceptions import ClientError, EndpointConnectionError, NoCredentialsError, ReadTimeoutError

from orchestrator.verify.answers import Answer, Found, How
from orchestrator.verify.calls import ask_pair
from orchestrator.verify.matrix import explained

REACHED = "arn:aws:sts::200000000002:assumed-role/{}/fleetyard-verify"
DENIED = "User: arn:aws:iam::1:user/x is not authorized to perform: sts:AssumeRole on resource: r"


class Sts:
    """Answers as it is told, and keeps what it was asked."""

    def __init__(self, answer: object) -> None:
        self.answer = answer
        self.asked: dict[str, Any] = {}

    def assume_role(self, **asked: Any) -> dict[str, Any]:
        """Answer."""
        self.asked = asked
        if isinstance(self.answer, Exception):
            raise self.answer
        return {"AssumedRoleUser": {"Arn": self.answer}}


def _refused(code: str, words: str) -> ClientError:
    return ClientError({"Error": {"Code": code, "Message": words}}, "AssumeRole")


@pytest.mark.parametrize(
    ("answer", "found", "by"),
    [
        pytest.param(REACHED.format("Admin"), Found.ALLOW, "", id="allowed"),
        pytest.param(REACHED.format("Other"), Found.UNKNOWN, "", id="another role"),
        pytest.param(_refused("AccessDenied", DENIED), Found.DENY, "", id="denied"),
        pytest.param(
            _refused("AccessDenied", f"{DENIED} with an explicit deny in a resource control policy"),
            Found.DENY,
            "rcp",
            id="explicitly",
        ),
        pytest.param(
            _refused("AccessDenied", f"{DENIED} because no identity-based policy allows the sts:AssumeRole action"),
            Found.DENY,
            "identity",
            id="implicitly",
        ),
        pytest.param(_refused("ExpiredToken", "expired"), Found.UNKNOWN, "", id="expired"),
        pytest.param(_refused("Throttling", "Rate exceeded"), Found.UNKNOWN, "", id="throttled"),
    ],
)
def test_only_a_denial_is_one(answer: object, found: Found, by: str) -> None:
    """Denied is what AWS calls denied; whatever else goes wrong is not known. Who denied is taken from AWS's words."""
    asked = ask_pair(Sts(answer), "200000000002", "Admin")
    assert (asked.found, asked.by, asked.how) == (found, by, How.CALLED)
    assert found is Found.ALLOW or asked.words


@pytest.mark.parametrize(
    ("failed", "how", "later"),
    [
        pytest.param(EndpointConnectionError(endpoint_url="https://sts"), How.NOT_ANSWERED, True, id="no connection"),
        pytest.param(ReadTimeoutError(endpoint_url="https://sts"), How.NOT_ANSWERED, True, id="no answer in time"),
        pytest.param(NoCredentialsError(), How.NOT_CALLED, False, id="never sent"),
        pytest.param(_refused("Throttling", "Rate exceeded"), How.CALLED, True, id="throttled"),
        pytest.param(_refused("ExpiredToken", "expired"), How.CALLED, False, id="refused"),
    ],
)
def test_what_was_not_answered_is_not_called(failed: Exception, how: How, *, later: bool) -> None:
    """Only what AWS answered counts as called; what passes by itself is told apart from what does not."""
    asked = ask_pair(Sts(failed), "200000000002", "Admin")
    assert (asked.found, asked.how, asked.later) == (Found.UNKNOWN, how, later)


def test_the_session_has_no_rights() -> None:
    """It is asked for under a policy that denies everything, and for the shortest time that AWS gives."""
    sts = Sts(REACHED.format("Admin"))
    ask_pair(sts, "200000000002", "Admin")
    (statement,) = json.loads(sts.asked["Policy"])["Statement"]
    assert (statement["Effect"], statement["Action"], statement["Resource"]) == ("Deny", "*", "*")
    assert (sts.asked["DurationSeconds"], sts.asked["RoleArn"]) == (900, "arn:aws:iam::200000000002:role/Admin")


COMPUTED = Answer(Found.DENY, How.COMPUTED, "trust", "trust of Admin", words="implicit deny: trust policy")


@pytest.mark.parametrize(
    ("called", "words"),
    [
        pytest.param(Answer(Found.DENY, How.CALLED, words="no"), "no", id="agree"),
        pytest.param(Answer(Found.ALLOW, How.CALLED), "the documents say deny", id="differ"),
        pytest.param(Answer(Found.UNKNOWN, How.CALLED, words="?"), "?", id="not known"),
    ],
)
def test_what_was_called_wins(called: Answer, words: str) -> None:
    """The answer of AWS stands; the documents say who decided where they agree, and otherwise that they do not."""
    answer = explained(called, COMPUTED)
    assert (answer.found, answer.how, answer.words) == (called.found, How.CALLED, words)
    assert answer.policy == ("trust of Admin" if called.found is Found.DENY else "")


def test_who_denied_is_not_guessed() -> None:
    """Where AWS names another kind of policy than the documents, theirs are not named for it."""
    by_rcp = Answer(Found.DENY, How.CALLED, "rcp", words="in a resource control policy")
    assert explained(by_rcp, COMPUTED) == by_rcp
    by_trust = explained(Answer(Found.DENY, How.CALLED, "trust", words="no"), COMPUTED)
    assert (by_trust.by, by_trust.policy) == ("trust", "trust of Admin")
