"""Who a run acts as is made sure of before anything is touched."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Executor, Future

import pytest

from orchestrator.callers import AnswerKind, Identity, identify_in, missing_callers
from orchestrator.errors import (
    AccessError,
    AwsUnreachable,
    CallerCheckDied,
    CallerRefused,
    NoCaller,
    NotManagementRole,
    WrongCaller,
)
from orchestrator.running.job import Caller, CallerName
from orchestrator.workers.pool import ChildDied

MANAGEMENT_ID = "100000000001"
ADMINISTRATOR = Caller(CallerName.ADMINISTRATOR, "small-administrator", MANAGEMENT_ID)
MANAGEMENT = Caller(CallerName.MANAGEMENT, "small-management", MANAGEMENT_ID)
KNOWN = Identity(AnswerKind.KNOWN, MANAGEMENT_ID, f"arn:aws:iam::{MANAGEMENT_ID}:user/administrator")
MISSING = Identity(AnswerKind.MISSING, words="The config profile (x) could not be found")


def check(
    answers: Mapping[str, Identity], *callers: Caller, base: Mapping[str, str] | None = None
) -> frozenset[Caller]:
    """Check the callers, with AWS answering by profile."""

    def identify(environments: Sequence[Mapping[str, str]]) -> list[Identity]:
        return [answers[env["AWS_PROFILE"]] for env in environments]

    return missing_callers(callers, base or {}, "eu-west-1", identify)


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


NEEDS_CODE = Identity(AnswerKind.NEEDS_CODE, words="profile x asks for an MFA code, and nobody can be asked in a run")


def test_a_caller_that_needs_a_code_is_missing() -> None:
    """A profile that asks for an MFA code is no use to a run, which does the other caller's half."""
    answers = {"small-administrator": KNOWN, "small-management": NEEDS_CODE}
    assert check(answers, ADMINISTRATOR, MANAGEMENT) == {MANAGEMENT}


@pytest.mark.parametrize(
    ("caller", "answer", "step"),
    [
        (MANAGEMENT, NEEDS_CODE, "fleetyard profiles sign-in"),
        (ADMINISTRATOR, NEEDS_CODE, "aws sts get-session-token"),
        (MANAGEMENT, MISSING, "aws configure --profile small-management, or: fleetyard profiles sign-in"),
    ],
)
def test_the_next_step_without_callers_is_that_of_the_caller(caller: Caller, answer: Identity, step: str) -> None:
    """Only the management role is signed in to by Fleetyard; another profile needs a session from elsewhere."""
    with pytest.raises(NoCaller) as raised:
        check({caller.profile: answer}, caller)
    assert answer.words in raised.value.why
    assert step in raised.value.hint


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        (Identity(AnswerKind.KNOWN, "999999999999", "arn:aws:iam::999999999999:user/x"), WrongCaller),
        (Identity(AnswerKind.REFUSED, words="ExpiredToken"), CallerRefused),
    ],
)
def test_anyone_else_stops_the_run(answer: Identity, error: type[AccessError]) -> None:
    """A wrong, refused or unreachable caller is an access error, even beside one that is fine."""
    with pytest.raises(error) as raised:
        check({"small-administrator": answer, "small-management": KNOWN}, ADMINISTRATOR, MANAGEMENT)
    assert raised.value.exit_code == 3
    assert raised.value.not_run == "any stack"


def test_an_aws_that_does_not_answer_is_asked_again_later() -> None:
    """Throttling and lost connections end with 5, AWS's words and the advice to come again, never to sign in."""
    words = "An error occurred (Throttling) when calling the GetCallerIdentity operation: Rate exceeded"
    with pytest.raises(AwsUnreachable) as raised:
        check({"small-management": Identity(AnswerKind.UNREACHABLE, words=words)}, MANAGEMENT)
    assert (raised.value.code, raised.value.exit_code, raised.value.why) == ("FY205", 5, words)
    assert raised.value.hint.startswith("run the command again a little later")
    assert "twin env" not in raised.value.hint


def test_an_account_with_a_profile_of_its_own_is_expected_there() -> None:
    """A caller is compared with the account that it is meant for, not always the management account."""
    own = Caller(CallerName.ADMINISTRATOR, "lab", "200000000002")
    assert check({"lab": Identity(AnswerKind.KNOWN, "200000000002", "arn")}, own) == frozenset()


WORKLOADS = Caller(CallerName.MANAGEMENT, "small-management", MANAGEMENT_ID, roles=("Management-Admin", "Deployer"))


@pytest.mark.parametrize("role", WORKLOADS.roles)
def test_a_session_of_a_management_role_runs_workloads(role: str) -> None:
    """A caller that must be one of several roles may be a session of any of them."""
    known = Identity(AnswerKind.KNOWN, MANAGEMENT_ID, f"arn:aws:sts::{MANAGEMENT_ID}:assumed-role/{role}/ops")
    assert check({"small-management": known}, WORKLOADS) == frozenset()


@pytest.mark.parametrize(
    "resource",
    [
        "iam::100000000001:user/administrator",
        "iam::100000000001:user/assumed-role/Management-Admin/ops",
        "iam::100000000001:root",
        "sts::100000000001:assumed-role/Administrator/Management-Admin",
        "sts::100000000001:federated-user/Management-Admin",
    ],
)
def test_anybody_else_of_that_account_runs_no_workloads(resource: str) -> None:
    """An administrator's keys under the management profile are refused: FY206 says who it is and who it should be."""
    answer = Identity(AnswerKind.KNOWN, MANAGEMENT_ID, f"arn:aws:{resource}")
    with pytest.raises(NotManagementRole) as raised:
        check({"small-management": answer}, WORKLOADS)
    assert (raised.value.code, raised.value.exit_code) == ("FY206", 3)
    assert resource in raised.value.why
    assert "Management-Admin or Deployer" in raised.value.why
    assert "arn:aws:iam::100000000001:role/Management-Admin" in raised.value.hint


@pytest.mark.parametrize(
    ("answer", "otherwise"),
    [(MISSING, "aws configure"), (Identity(AnswerKind.REFUSED, words="ExpiredToken"), "aws sso login")],
)
def test_in_a_kept_rehearsal_one_signs_in_by_joining_it(answer: Identity, otherwise: str) -> None:
    """Whoever has joined a kept rehearsal is told to join it again, others how to sign in to AWS."""
    with pytest.raises(AccessError) as joined:
        check({"small-management": answer}, MANAGEMENT, base={"FLEETYARD_REHEARSAL": "/fleet/.fleetyard/rehearsal"})
    assert joined.value.hint == 'eval "$(fleetyard twin env)"'
    with pytest.raises(AccessError) as on_aws:
        check({"small-management": answer}, MANAGEMENT)
    assert otherwise in on_aws.value.hint


class Mortal(Executor):
    """An executor whose first calls die, as many as told, and whose others know who they are."""

    def __init__(self, deaths: int) -> None:
        self._deaths = deaths

    def submit(self, fn: Callable[..., object], /, *args: object, **kwargs: object) -> Future[object]:  # type: ignore[override]
        """Let the call die, or answer."""
        del fn, args, kwargs
        future: Future[object] = Future()
        if self._deaths > 0:
            self._deaths -= 1
            future.set_exception(ChildDied("its process was ended by SIGKILL"))
        else:
            future.set_result(KNOWN)
        return future


def test_a_caller_check_that_dies_is_made_again() -> None:
    """The question to AWS changes nothing, so it is asked again where its process was ended from outside."""
    assert identify_in(Mortal(deaths=2))([{}, {}]) == [KNOWN, KNOWN]


def test_a_caller_check_that_dies_twice_has_an_error_of_its_own() -> None:
    """FY207 says that memory may be short and what to lower; it is no bug of ours."""
    with pytest.raises(CallerCheckDied) as raised:
        identify_in(Mortal(deaths=2))([{"AWS_PROFILE": "small-management"}])
    assert (raised.value.code, raised.value.exit_code) == ("FY207", 5)
    assert "SIGKILL" in raised.value.why
    assert "--concurrency" in raised.value.hint
