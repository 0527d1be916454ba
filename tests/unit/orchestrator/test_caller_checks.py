"""Who a run acts as is made sure of before anything is touched."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pytest

from orchestrator.callers import AnswerKind, Identity, missing_callers
from orchestrator.errors import AccessError, AwsUnreachable, CallerRefused, NoCaller, WrongCaller
from orchestrator.job import Caller, CallerName

MANAGEMENT_ID = "100000000001"
ADMINISTRATOR = Caller(CallerName.ADMINISTRATOR, "small-administrator", MANAGEMENT_ID)
MANAGEMENT = Caller(CallerName.MANAGEMENT, "small-management", MANAGEMENT_ID)
KNOWN = Identity(AnswerKind.KNOWN, MANAGEMENT_ID, f"arn:aws:iam::{MANAGEMENT_ID}:user/administrator")
MISSING = Identity(AnswerKind.MISSING, words="The config profile (x) could not be found")


def check(answers: Mapping[str, Identity], *callers: Caller) -> frozenset[Caller]:
    """Check the callers, with AWS answering by profile."""

    def identify(environments: Sequence[Mapping[str, str]]) -> list[Identity]:
        return [answers[env["AWS_PROFILE"]] for env in environments]

    return missing_callers(callers, {}, "eu-west-1", identify)


def test_known_callers_pass() -> None:
    """Callers of the expected account are not missing."""
    assert check({"small-administrator": KNOWN, "small-management": KNOWN}, ADMINISTRATOR, MANAGEMENT) == frozenset()


def test_a_caller_without_credentials_is_missing() -> None:
    """A run that holds one caller goes on without the other."""
    answers = {"small-administrator": KNOWN, "small-management": MISSING}
    assert check(answers, ADMINISTRATOR, MANAGEMENT) == {MANAGEMENT}


def test_a_run_without_any_caller_is_refused() -> None:
    """Where no caller has credentials nothing could run: FY203, naming the profiles."""
    with pytest.raises(NoCaller) as raised:
        check({"small-administrator": MISSING}, ADMINISTRATOR)
    assert "small-administrator" in raised.value.subject


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        (Identity(AnswerKind.KNOWN, "999999999999", "arn:aws:iam::999999999999:user/x"), WrongCaller),
        (Identity(AnswerKind.REFUSED, words="ExpiredToken"), CallerRefused),
        (Identity(AnswerKind.UNREACHABLE, words="Could not connect"), AwsUnreachable),
    ],
)
def test_anyone_else_stops_the_run(answer: Identity, error: type[AccessError]) -> None:
    """A wrong, refused or unreachable caller is an access error, even beside one that is fine."""
    with pytest.raises(error) as raised:
        check({"small-administrator": answer, "small-management": KNOWN}, ADMINISTRATOR, MANAGEMENT)
    assert raised.value.exit_code == 3
    assert raised.value.not_run == "any stack"


def test_an_account_with_a_profile_of_its_own_is_expected_there() -> None:
    """A caller is compared with the account that it is meant for, not always the management account."""
    own = Caller(CallerName.ADMINISTRATOR, "lab", "200000000002")
    assert check({"lab": Identity(AnswerKind.KNOWN, "200000000002", "arn")}, own) == frozenset()
