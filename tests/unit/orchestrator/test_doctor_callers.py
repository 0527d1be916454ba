"""What the doctor says about a caller, from what AWS and its SDK told."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta

import pytest

from landing_zone.lock import Lock
from orchestrator.callers import AnswerKind, Identity
from orchestrator.doctor.caller_checks import ExpectedCaller, check_callers, expected_callers
from orchestrator.doctor.caller_probe import CallerAnswer
from orchestrator.doctor.finding import Finding, Outcome
from tests.unit.orchestrator.fleets import FLEET, LOCK, MANAGEMENT_ID, small_fleet

ADMINISTRATOR = ExpectedCaller("administrator", "small-administrator", MANAGEMENT_ID)
MANAGEMENT = ExpectedCaller("management", "small-management", MANAGEMENT_ID, ("Management-Admin",))
SESSION = f"arn:aws:sts::{MANAGEMENT_ID}:assumed-role/Management-Admin/ops"
USER = f"arn:aws:iam::{MANAGEMENT_ID}:user/ops"


def known(arn: str, account: str = MANAGEMENT_ID) -> Identity:
    """Return AWS's answer."""
    return Identity(AnswerKind.KNOWN, account, arn)


def judged(caller: ExpectedCaller, answer: CallerAnswer) -> Finding:
    """Return the finding about one caller, asked alone."""
    (finding,) = check_callers([caller], {}, "eu-west-1", lambda _environments: [answer])
    return finding


def test_each_caller_is_asked_with_its_own_profile() -> None:
    """The environments hold the profile and no other credentials."""
    asked: list[Mapping[str, str]] = []

    def ask(environments: Sequence[Mapping[str, str]]) -> list[CallerAnswer]:
        asked.extend(environments)
        return [CallerAnswer(known(USER)), CallerAnswer(known(SESSION), session=True)]

    found = check_callers([ADMINISTRATOR, MANAGEMENT], {"AWS_ACCESS_KEY_ID": "AKID"}, "eu-west-1", ask)
    assert [env["AWS_PROFILE"] for env in asked] == ["small-administrator", "small-management"]
    assert not any("AWS_ACCESS_KEY_ID" in env for env in asked)
    assert [finding.outcome for finding in found] == [Outcome.OK, Outcome.OK]


def test_the_fleets_callers_are_those_of_the_manifest_and_of_accounts_with_profiles() -> None:
    """An account with a profile of its own is looked at as soon as it has an id."""
    fleet = small_fleet(FLEET.replace("one@small.example,", "one@small.example, profile: lab-one-admin,"))
    assert [caller.profile for caller in expected_callers(fleet, Lock())] == ["small-administrator", "small-management"]
    assert expected_callers(fleet, LOCK)[-1] == ExpectedCaller(
        "administrator of lab-one", "lab-one-admin", "200000000002"
    )


def test_the_wrong_account_failed() -> None:
    """Both accounts are named."""
    found = judged(ADMINISTRATOR, CallerAnswer(known("arn:aws:iam::999999999999:user/ops", "999999999999")))
    assert found.outcome is Outcome.FAILED
    assert "999999999999 instead of 100000000001" in found.words


def test_the_root_user_failed() -> None:
    """The root user cannot assume the role in a new account, so it is no administrator."""
    found = judged(ADMINISTRATOR, CallerAnswer(known(f"arn:aws:iam::{MANAGEMENT_ID}:root")))
    assert found.outcome is Outcome.FAILED
    assert "root user" in found.words


def test_workloads_have_a_management_role_as_caller() -> None:
    """Somebody else of the right account failed; the role is named."""
    found = judged(MANAGEMENT, CallerAnswer(known(USER)))
    assert found.outcome is Outcome.FAILED
    assert "sign in to Management-Admin" in found.hint


def test_refused_credentials_failed_in_awss_words() -> None:
    """An expired session is told as AWS told it."""
    found = judged(ADMINISTRATOR, CallerAnswer(Identity(AnswerKind.REFUSED, words="ExpiredToken")))
    assert (found.outcome, "ExpiredToken" in found.words) == (Outcome.FAILED, True)
    assert found.hint.startswith("sign in again")


def test_an_unreachable_aws_failed() -> None:
    """Nothing can be said of the caller then."""
    found = judged(ADMINISTRATOR, CallerAnswer(Identity(AnswerKind.UNREACHABLE, words="timed out")))
    assert found.outcome is Outcome.FAILED
    assert "timed out" in found.words


def test_one_caller_of_two_is_enough() -> None:
    """A run does the half of the caller that it holds, so the missing one is a warning; with none it fails."""
    missing = CallerAnswer(Identity(AnswerKind.MISSING, words="no such profile"))
    here = CallerAnswer(known(USER))
    half = check_callers([ADMINISTRATOR, MANAGEMENT], {}, "eu-west-1", lambda _: [here, missing])
    none = check_callers([ADMINISTRATOR, MANAGEMENT], {}, "eu-west-1", lambda _: [missing, missing])
    assert [finding.outcome for finding in half] == [Outcome.OK, Outcome.WARNING]
    assert [finding.outcome for finding in none] == [Outcome.FAILED, Outcome.FAILED]


def test_a_profile_that_asks_for_a_code_is_warned_of() -> None:
    """Nobody can be asked for an MFA code in a run; the management role can be signed in to before."""
    found = judged(ADMINISTRATOR, CallerAnswer(Identity(AnswerKind.NEEDS_CODE, words="asks for an MFA code")))
    assert found.outcome is Outcome.WARNING
    assert "MFA" in found.words
    assert "aws sts get-session-token" in found.hint
    answer = CallerAnswer(Identity(AnswerKind.NEEDS_CODE, words="asks for an MFA code"))
    assert judged(MANAGEMENT, answer).hint == "fleetyard profiles sign-in"


@pytest.mark.parametrize(
    ("minutes", "renewed", "outcome"),
    [(120, False, Outcome.OK), (10, False, Outcome.WARNING), (-5, False, Outcome.WARNING), (10, True, Outcome.OK)],
)
def test_a_session_that_ends_soon_is_warned_of(minutes: int, renewed: bool, outcome: Outcome) -> None:
    """Less than a quarter of an hour left is a warning, unless the SDK renews it by itself."""
    ends = datetime.now(tz=UTC) + timedelta(minutes=minutes)
    found = judged(MANAGEMENT, CallerAnswer(known(SESSION), session=True, ends=ends, renewed=renewed))
    assert found.outcome is outcome
    assert "this session ends in" in found.words


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (CallerAnswer(known(SESSION), session=True, method="assume-role", source=SESSION), "chained: an hour at most"),
        (CallerAnswer(known(SESSION), session=True, method="assume-role", source=USER), "not chained"),
        (CallerAnswer(known(SESSION), session=True, method="sso"), "not chained"),
        (CallerAnswer(known(SESSION), session=True), "chained or not is not known"),
        (CallerAnswer(known(SESSION), session=True), "nothing says when it ends"),
        (CallerAnswer(known(USER), session=True), "not chained"),
    ],
)
def test_whether_a_session_is_chained_is_told_as_far_as_it_is_known(answer: CallerAnswer, words: str) -> None:
    """A role assumed by a role's session is chained; a session from a file does not say where it came from."""
    assert words in judged(ExpectedCaller("any", "any", MANAGEMENT_ID), answer).words


def test_a_long_lived_key_does_not_end() -> None:
    """An IAM user's key is told as what it is."""
    assert "does not end" in judged(ADMINISTRATOR, CallerAnswer(known(USER))).words
