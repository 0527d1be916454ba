"""Faults on order, over HTTP: whom they strike, how often, and what the struck get for an answer."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError, ConnectionClosedError, ReadTimeoutError
from botocore.retries.standard import ThrottledRetryableChecker

from rehearsal.twin.client import (
    Fault,
    add_fault,
    add_faults,
    change_settings,
    clear_faults,
    last_denials,
    list_faults,
    remove_fault,
)
from rehearsal.twin.errors import BadFault, TwinRefused
from rehearsal.twin.run_file import TwinRun
from tests.support.twin_fixtures import MANAGEMENT, Keys, TwinAws, refused, trusting

Order = Callable[[Fault], str]


@pytest.fixture
def order(twin: TwinRun) -> Iterator[Order]:
    """Return what orders a fault that is gone after the test."""
    made: list[str] = []

    def add(fault: Fault) -> str:
        made.append(add_fault(twin, fault))
        return made[-1]

    yield add
    left = {each["id"] for each in list_faults(twin)}
    for fault_id in left & set(made):
        remove_fault(twin, fault_id)


@pytest.fixture
def hits(twin: TwinRun) -> Callable[[str], int]:
    """Return what tells how often a fault has struck."""
    return lambda fault_id: next(int(each["hits"]) for each in list_faults(twin) if each["id"] == fault_id)


def test_only_who_has_the_token_orders_faults(twin: TwinRun) -> None:
    """Adding, listing, removing and clearing faults are refused without the run file's token."""
    stranger = replace(twin, token="guessed")
    asks: list[Callable[[], object]] = [
        lambda: add_fault(stranger, Fault(error="throttling")),
        lambda: list_faults(stranger),
        lambda: remove_fault(stranger, "fault-1"),
        lambda: clear_faults(stranger),
    ]
    for ask in asks:
        with pytest.raises(TwinRefused, match="token"):
            ask()


# Sources: botocore's retry definitions (`_retry.json`) and service models; Amazon S3 API Reference, "Error responses"
# (SlowDown); Amazon EC2 API Reference, "Error codes" (RequestLimitExceeded); AWS Lambda API Reference, "ListFunctions"
# (TooManyRequestsException, 429); AWS Organizations API Reference, "TooManyRequestsException"; re:Post, "IAM and AWS
# STS throttling" (Throttling, 400).
THROTTLED = [
    ("sts", "get_caller_identity", "Throttling", 400),
    ("iam", "list_roles", "Throttling", 400),
    ("sns", "list_topics", "Throttling", 400),
    ("s3", "list_buckets", "SlowDown", 503),
    ("ec2", "describe_vpcs", "RequestLimitExceeded", 503),
    ("dynamodb", "list_tables", "ThrottlingException", 400),
    ("kms", "list_keys", "ThrottlingException", 400),
    ("organizations", "list_roots", "TooManyRequestsException", 400),
    ("service-quotas", "list_services", "TooManyRequestsException", 400),
    ("lambda", "list_functions", "TooManyRequestsException", 429),
    ("sqs", "list_queues", "RequestThrottled", 403),
    ("ssm", "describe_parameters", "ThrottlingException", 400),
    ("cloudwatch", "describe_alarms", "ThrottlingException", 400),
    ("route53", "list_hosted_zones", "Throttling", 400),
    ("guardduty", "list_detectors", "ThrottlingException", 429),
]


@pytest.mark.parametrize("row", [pytest.param(row, id=row[0]) for row in THROTTLED])
def test_throttling_is_worded_by_the_service(
    aws: TwinAws, account: str, order: Order, row: tuple[str, str, str, int]
) -> None:
    """A throttled request gets its own service's code, status and body, one that SDKs take for throttling."""
    service, call, code, status = row
    keys = aws.into(account)
    order(Fault("throttling", service=service, account=account, times=1))
    with refused(code) as answer:
        getattr(aws.client(service, keys), call)()
    assert answer.status == status
    assert answer.message
    assert code in ThrottledRetryableChecker._THROTTLED_ERROR_CODES


def test_sdks_retry_what_throttles(aws: TwinAws, account: str, order: Order) -> None:
    """An SDK's own retries get past a throttle that lasts for one request."""
    client = patient(aws, "sts", aws.into(account))
    order(Fault("throttling", service="sts", account=account, times=1))
    assert client.get_caller_identity()["ResponseMetadata"]["RetryAttempts"] == 1


FAILED = [
    ("iam", "list_roles", "internal-error", "ServiceFailure", 500),
    ("s3", "list_buckets", "internal-error", "InternalError", 500),
    ("ec2", "describe_vpcs", "internal-error", "InternalError", 500),
    ("sts", "get_caller_identity", "internal-error", "InternalFailure", 500),
    ("organizations", "list_roots", "internal-error", "ServiceException", 500),
    ("kms", "list_keys", "internal-error", "KMSInternalException", 500),
    ("sts", "get_caller_identity", "service-unavailable", "ServiceUnavailable", 503),
    ("ec2", "describe_vpcs", "service-unavailable", "Unavailable", 503),
    ("ssm", "describe_parameters", "service-unavailable", "ServiceUnavailable", 503),
]


@pytest.mark.parametrize("row", [pytest.param(row, id=f"{row[0]} {row[4]}") for row in FAILED])
def test_failures_are_worded_by_the_service(
    aws: TwinAws, account: str, order: Order, row: tuple[str, str, str, str, int]
) -> None:
    """A failing service answers 500 or 503 with its own code. Source: each API reference's "Common Errors"."""
    service, call, error, code, status = row
    keys = aws.into(account)
    order(Fault(error, service=service, account=account, times=1))
    with refused(code) as answer:
        getattr(aws.client(service, keys), call)()
    assert answer.status == status


def test_any_code_can_be_ordered(aws: TwinAws, account: str, order: Order) -> None:
    """An error code is answered as named, with the status that the service's model gives it, and the words ordered."""
    iam = aws.client("iam", aws.into(account))
    order(Fault("NoSuchEntity", service="iam", operation="GetRole", account=account, message="gone for a while"))
    with refused("NoSuchEntity") as answer:
        iam.get_role(RoleName="OrganizationAccountAccessRole")
    assert (answer.status, answer.message) == (404, "gone for a while")


def test_a_reset_closes_the_connection(aws: TwinAws, account: str, order: Order, hits: Callable[[str], int]) -> None:
    """connection-reset takes the connection away in place of an answer, and the next request finds a new one."""
    kms = aws.client("kms", aws.into(account))
    fault = order(Fault("connection-reset", service="kms", account=account, times=1))
    with pytest.raises((ConnectionClosedError, ConnectionResetError), match=r"reset|closed"):
        kms.list_keys()
    assert hits(fault) == 1
    assert kms.list_keys()["Keys"] == []


def test_a_timeout_never_answers(aws: TwinAws, account: str, order: Order, hits: Callable[[str], int]) -> None:
    """A timeout gives no answer for as long as a client waits."""
    keys = aws.into(account)
    hasty = patient(aws, "kms", keys, retries={"total_max_attempts": 1}, read_timeout=0.2)
    fault = order(Fault("timeout", service="kms", account=account))
    with pytest.raises(ReadTimeoutError):
        hasty.list_keys()
    assert hits(fault) == 1


def test_whoever_waits_is_let_go(aws: TwinAws, twin: TwinRun, account: str, order: Order) -> None:
    """Removing a fault that holds requests ends their waiting."""
    kms = aws.client("kms", aws.into(account))
    fault = order(Fault(service="kms", account=account, latency_ms=600_000))
    answers: list[Any] = []
    asking = threading.Thread(target=lambda: answers.append(kms.list_keys()["Keys"]))
    asking.start()
    while not list_faults(twin)[-1]["hits"]:
        pass
    remove_fault(twin, fault)
    asking.join()
    assert answers == [[]]


def test_slowness_delays_an_answer_and_nothing_else(
    aws: TwinAws, account: str, order: Order, hits: Callable[[str], int]
) -> None:
    """latency_ms alone lets the request succeed, late."""
    kms = aws.client("kms", aws.into(account))
    fault = order(Fault(service="kms", account=account, latency_ms=5))
    assert kms.list_keys()["Keys"] == []
    assert hits(fault) == 1


@pytest.mark.parametrize(
    "fault",
    [
        pytest.param(Fault("throttling", service="kms"), id="service"),
        pytest.param(Fault("throttling", service="iam", operation="Create*"), id="operation"),
        pytest.param(Fault("throttling", region="eu-*"), id="region"),
        pytest.param(Fault("throttling", role="Somebody"), id="role"),
        pytest.param(Fault("throttling", after=5), id="after"),
    ],
)
def test_others_are_spared(aws: TwinAws, account: str, order: Order, fault: Fault) -> None:
    """A request that a fault does not mean passes it."""
    iam = aws.client("iam", aws.into(account))
    order(replace(fault, account=account))
    assert iam.list_users()["Users"] == []


def test_other_accounts_are_spared(aws: TwinAws, new_account: Callable[[], str], order: Order) -> None:
    """A fault in one account leaves another one alone."""
    struck, spared = aws.into(new_account()), aws.into(new_account())
    account_id = aws.client("sts", struck).get_caller_identity()["Account"]
    order(Fault("throttling", service="iam", operation="List*", account=account_id))
    with refused("Throttling"):
        aws.client("iam", struck).list_users()
    assert aws.client("iam", spared).list_users()["Users"] == []


def test_it_strikes_as_often_as_ordered(aws: TwinAws, account: str, order: Order, twin: TwinRun) -> None:
    """After `after` requests have passed, `times` are struck, and both counters tell."""
    iam = aws.client("iam", aws.into(account))
    fault = order(Fault("throttling", service="iam", operation="ListUsers", account=account, after=1, times=2))
    iam.list_users()
    for _ in range(2):
        with refused("Throttling"):
            iam.list_users()
    iam.list_users()
    found = next(each for each in list_faults(twin) if each["id"] == fault)
    assert (found["matched"], found["hits"]) == (4, 2)


def test_chances_can_be_repeated(aws: TwinAws, account: str, twin: TwinRun, order: Order) -> None:
    """The same seed strikes the same of a run of requests, another seed others, and some are spared."""
    iam = aws.client("iam", aws.into(account))

    def struck(seed: int) -> list[bool]:
        fault = order(Fault("throttling", service="iam", account=account, probability=0.5, seed=seed))
        found = []
        for _ in range(12):
            try:
                iam.list_users()
                found.append(False)
            except ClientError:
                found.append(True)
        remove_fault(twin, fault)
        return found

    first = struck(1)
    assert first == struck(1)
    assert first != struck(2)
    assert 0 < sum(first) < len(first)


def test_a_role_stops_being_assumable(
    aws: TwinAws, account: str, order: Order, twin: TwinRun, new_role: Callable[..., str]
) -> None:
    """unassumable-role denies AssumeRole in AWS's words for the role meant, `times` times, and the record says why."""
    arn = new_role(account, trusting(f"arn:aws:iam::{MANAGEMENT}:root"))
    fault = order(Fault("unassumable-role", role=arn.rpartition("/")[2], account=account, times=1))
    with refused("AccessDenied") as answer:
        aws.assume(arn)
    user = f"arn:aws:iam::{MANAGEMENT}:user/administrator"
    assert answer.message == f"User: {user} is not authorized to perform: sts:AssumeRole on resource: {arn}"
    assert last_denials(twin, 1)[0]["reason"] == f"{fault}, on order"
    aws.into(account)
    aws.assume(arn)


def test_a_session_ends_after_some_calls(aws: TwinAws, account: str, order: Order) -> None:
    """expired-session ends each session of the role after its calls, for good; a new session is a new one."""
    order(Fault("expired-session", role="OrganizationAccountAccessRole", account=account, after=2, times=1))
    keys = aws.into(account)
    sts = aws.client("sts", keys)
    sts.get_caller_identity()
    sts.get_caller_identity()
    for _ in range(2):
        with refused("ExpiredToken") as answer:
            sts.get_caller_identity()
    assert answer.message == "The security token included in the request is expired"
    aws.client("sts", aws.into(account)).get_caller_identity()


@pytest.mark.parametrize(
    ("service", "call", "code"),
    [("s3", "list_buckets", "ExpiredToken"), ("kms", "list_keys", "ExpiredTokenException")],
)
def test_an_ended_session_is_refused_by_every_service(
    aws: TwinAws, account: str, order: Order, service: str, call: str, code: str
) -> None:
    """A session that a fault has ended gets each service's own word for that, also once the fault is gone."""
    keys = aws.into(account)
    order(Fault("expired-session", account=account, service="sts", times=1))
    with refused("ExpiredToken"):
        aws.client("sts", keys).get_caller_identity()
    with refused(code):
        getattr(aws.client(service, keys), call)()


def test_a_session_ends_after_some_time(aws: TwinAws, twin: TwinRun, account: str, order: Order) -> None:
    """after_s ends sessions that many seconds after they were handed out, by the twin's clock."""
    keys = aws.into(account)
    order(Fault("expired-session", account=account, after_s=600))
    aws.client("sts", keys).get_caller_identity()
    change_settings(twin, clock_ahead_s=601)
    try:
        with refused("ExpiredToken"):
            aws.client("sts", keys).get_caller_identity()
    finally:
        change_settings(twin, clock_ahead_s=0)


def test_users_have_no_session_to_end(aws: TwinAws, order: Order, new_user: Callable[..., tuple[str, Keys]]) -> None:
    """A user's own keys are none of a session, so expired-session leaves them alone."""
    _, keys = new_user()
    order(Fault("expired-session"))
    assert aws.client("sts", keys).get_caller_identity()["Account"] == MANAGEMENT


def test_rates_are_aws_s_on_demand(aws: TwinAws, twin: TwinRun, account: str) -> None:
    """With rate_limits at aws an account that asks too much is throttled, and another one is not.

    Source: AWS Security Blog, "How to monitor and query IAM resources at scale, part 2" (token buckets).
    """
    iam, other = aws.client("iam", aws.into(account)), aws.client("iam")
    change_settings(twin, rate_limits="aws")
    try:
        with refused("Throttling"):
            for _ in range(2000):
                iam.list_users()
        assert other.list_users()["Users"]
    finally:
        change_settings(twin, rate_limits="off")
    assert iam.list_users()["Users"] == []


BAD = [
    ({"error": "throtling"}, "error", "the nearest is throttling"),
    ({"error": "throttling", "service": "organisations"}, "service", "the nearest is organizations"),
    ({"error": "throttling", "service": "iam", "operation": "CreateRol"}, "operation", "the nearest is CreateRole"),
    ({"error": "throttling", "operatoin": "X"}, "operatoin", "the nearest is operation"),
    ({"error": "throttling", "times": 0}, "times", "a whole number from 1"),
    ({"error": "throttling", "probability": 2}, "probability", "above 0 and up to 1"),
    ({"error": "throttling", "account": 42}, "account", "text"),
    ({"error": "throttling", "account": "plat-prod"}, "account", "twelve digits"),
    ({"error": "throttling", "status": 500}, "status", "goes with an error code"),
    ({"error": "throttling", "after_s": 5}, "after_s", "expired-session"),
    ({"error": "unassumable-role", "operation": "GetRole"}, "operation", "AssumeRole"),
    ({}, "", "needs an error"),
    ("throttling", "", "an object"),
]


@pytest.mark.parametrize(("fault", "field", "words"), BAD)
def test_a_fault_that_cannot_be_is_refused(twin: TwinRun, fault: object, field: str, words: str) -> None:
    """A fault with an unknown name or an impossible value is refused, telling the field and what is nearest."""
    with pytest.raises(BadFault, match=words) as caught:
        add_faults(twin, [fault])
    assert [getattr(problem, "field", None) for problem in caught.value.problems] == [field]


def test_all_problems_are_told_and_nothing_is_ordered(twin: TwinRun) -> None:
    """Of several faults every problem is told at once, and the good ones among them are not taken either."""
    before = list_faults(twin)
    with pytest.raises(BadFault) as caught:
        add_faults(twin, [{"error": "throttling"}, {"service": "s33", "times": -1}, {"error": "nonsense"}])
    problems = [(problem.index, problem.field) for problem in caught.value.problems]  # type: ignore[attr-defined]
    assert problems == [(1, "times"), (2, "error")]
    assert list_faults(twin) == before


def test_an_unknown_fault_cannot_be_removed(twin: TwinRun) -> None:
    """Removing a fault that is not there is refused, naming those there are."""
    with pytest.raises(TwinRefused, match="there is no fault 'fault-none'; there are: "):
        remove_fault(twin, "fault-none")


def patient(aws: TwinAws, service: str, keys: Keys, **more: Any) -> Any:
    """Return a client with an SDK's own retries."""
    session = boto3.Session(keys.access_key_id, keys.secret_access_key, keys.session_token, aws.run.region)
    config = Config(**{"retries": {"mode": "standard", "max_attempts": 3}, **more})
    return session.client(service, endpoint_url=aws.run.endpoint, config=config)
