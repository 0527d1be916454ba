"""Faults on order, without a twin: whom they mean, how chances are drawn, and many requests at once."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest

from rehearsal.twin.callers.callers import Caller, CallerKind, Session
from rehearsal.twin.fault import Fault, as_data, nearest, read_fault
from rehearsal.twin.gate.faults import ConnectionDropped, Faults
from rehearsal.twin.gate.service_errors import internal_error, throttled, unavailable
from rehearsal.twin.requests.operation import Operation
from rehearsal.twin.requests.refusals import Fault as RefusalKind
from rehearsal.twin.requests.refusals import Protocol, Refusal

NOW = datetime(2026, 1, 2, tzinfo=UTC)
ROLE = "arn:aws:iam::000000000001:role/teams/Admin"


def caller(account: str = "000000000001", key: str = "ASIA1") -> Caller:
    """Return a caller in a role's session."""
    session = Session(
        key, "secret", "token", account, CallerKind.ROLE, "Admin", "AROA1", "s", NOW, NOW + timedelta(hours=1)
    )
    arn = f"arn:aws:sts::{account}:assumed-role/Admin/s"
    role_arn = f"arn:aws:iam::{account}:role/teams/Admin"
    return Caller(account, CallerKind.ROLE, "Admin", arn, role_arn=role_arn, session=session)


def call(service: str = "iam", name: str = "GetRole", **params: str) -> Operation:
    """Return one call."""
    return Operation(service, name, Protocol.QUERY, "eu-west-1", params)


def armed(*faults: Fault) -> Faults:
    """Return faults that are on order."""
    found = Faults()
    _, problems = found.add([as_data(fault) for fault in faults])
    assert problems == []
    return found


def strikes(faults: Faults, operation: Operation | None = None, who: Caller | None = None) -> bool:
    """Tell whether a request is struck."""
    try:
        faults.strike(operation or call(), who or caller(), lambda: NOW)
    except (Refusal, ConnectionDropped):
        return True
    return False


def test_chances_do_not_depend_on_other_accounts() -> None:
    """What other accounts do in between changes nothing about which requests of an account are struck."""
    fault = Fault("throttling", probability=0.5, seed=3)
    alone, beside = armed(fault), armed(fault)
    expected = [strikes(alone) for _ in range(20)]
    found = []
    for number in range(20):
        for _ in range(number % 3):
            strikes(beside, who=caller("000000000002"))
        found.append(strikes(beside))
    assert found == expected
    assert 0 < sum(found) < 20


def test_of_many_requests_at_once_as_many_are_struck_as_ordered() -> None:
    """`times` holds for requests that come at the same moment."""
    faults = armed(Fault("throttling", times=5, after=3))
    with ThreadPoolExecutor(16) as pool:
        found = list(pool.map(lambda _: strikes(faults), range(200)))
    assert sum(found) == 5
    assert (faults.report()[0]["matched"], faults.report()[0]["hits"]) == (200, 5)


def test_an_ended_session_is_ended_for_requests_at_once() -> None:
    """Of a session that ends none of the requests that come at the same moment passes, and it counts once."""
    faults = armed(Fault("expired-session", times=1))
    with ThreadPoolExecutor(16) as pool:
        found = list(pool.map(lambda _: strikes(faults), range(100)))
    assert all(found)
    assert faults.report()[0]["hits"] == 1
    assert not strikes(faults, who=caller(key="ASIA2"))


@pytest.mark.parametrize(
    ("role", "expected"),
    [
        ("Admin", True),
        ("Adm*", True),
        ("arn:aws:iam::000000000001:role/teams/*", True),
        ("teams/Admin", False),
        ("Developer", False),
        ("arn:aws:iam::000000000002:role/*", False),
    ],
)
def test_a_role_is_meant_by_name_or_arn(role: str, expected: bool) -> None:
    """A glob with a colon is one over ARNs, any other one over names, for callers as for roles to be assumed."""
    assert strikes(armed(Fault("throttling", role=role))) is expected
    user = Caller("000000000009", CallerKind.USER, "ops", "arn:aws:iam::000000000009:user/ops")
    assuming = call("sts", "AssumeRole", RoleArn=ROLE)
    assert strikes(armed(Fault("unassumable-role", role=role)), assuming, user) is expected


def test_a_user_is_no_role() -> None:
    """A fault for a role's callers leaves users alone."""
    user = Caller("000000000001", CallerKind.USER, "Admin", "arn:aws:iam::000000000001:user/Admin")
    assert not strikes(armed(Fault("throttling", role="Admin")), who=user)


def test_a_token_does_not_open_an_unassumable_role() -> None:
    """A role that is not assumable is not by a web identity either, in STS's words for that."""
    faults = armed(Fault("unassumable-role", role="Admin", account="000000000001"))
    with pytest.raises(Refusal, match="Not authorized to perform sts:AssumeRoleWithWebIdentity") as caught:
        faults.strike(call("sts", "AssumeRoleWithWebIdentity", RoleArn=ROLE), None, lambda: NOW)
    assert caught.value.fault is RefusalKind.DENIED


def test_the_first_error_decides_and_slowness_adds_up() -> None:
    """Of several faults with errors the first strikes, after those that only delay."""
    slow, first, second = Fault(latency_ms=1), Fault("NoSuchEntity", service="iam"), Fault("throttling")
    faults = armed(slow, first, second)
    with pytest.raises(Refusal) as caught:
        faults.strike(call(), caller(), lambda: NOW)
    assert (caught.value.code, caught.value.status) == ("NoSuchEntity", 404)
    assert [each["hits"] for each in faults.report()] == [1, 1, 0]


def test_services_of_two_names_are_found_by_their_signing_name() -> None:
    """A service that botocore names otherwise than requests are signed for is struck all the same."""
    assert strikes(armed(Fault("throttling", service="service-quotas")), call("servicequotas", "ListServices"))
    assert not strikes(armed(Fault("throttling", service="s3")), call("s3control", "GetPublicAccessBlock"))


@pytest.mark.parametrize(
    ("protocol", "codes"),
    [
        (Protocol.QUERY, ("Throttling", "InternalFailure", "ServiceUnavailable")),
        (Protocol.EC2, ("RequestLimitExceeded", "InternalError", "Unavailable")),
        (Protocol.JSON, ("ThrottlingException", "InternalFailure", "ServiceUnavailable")),
        (Protocol.REST_XML, ("Throttling", "InternalFailure", "ServiceUnavailable")),
        (Protocol.S3, ("SlowDown", "InternalError", "ServiceUnavailable")),
    ],
)
def test_a_service_that_nobody_knows_fails_as_its_protocol_does(protocol: Protocol, codes: tuple[str, ...]) -> None:
    """Where neither table nor model knows a service, the protocol's usual codes are taken."""
    operation = Operation("nowhere", "Ask", protocol, "eu-west-1", {})
    assert tuple(made(operation).code for made in (throttled, internal_error, unavailable)) == codes


def test_a_fault_survives_the_wire() -> None:
    """What is sent of a fault, without what is as by default, reads as the same fault."""
    fault = Fault("expired-session", role="Admin", after=2, times=1, probability=0.5, seed=9)
    assert read_fault(as_data(fault)) == (fault, [])


def test_nothing_is_named_that_is_not_alike() -> None:
    """The nearest name is told only if it is near."""
    assert nearest("throtling", ["throttling", "timeout"]) == "; the nearest is throttling"
    assert nearest("xyz", ["throttling", "timeout"]) == ""


@pytest.mark.parametrize(
    ("field", "value", "expected"),
    [
        ("account", "12", False),
        ("account", "1234567890123*", False),
        ("account", "[!0-9]*", False),
        ("account", "???", False),
        ("account", "000000000042", True),
        ("account", "12*", True),
        ("account", "[0-4]*9", True),
        ("account", "????????????", True),
        ("region", "mars-*", False),
        ("region", "eu-west-11", False),
        ("region", "eu-*", True),
        ("region", "us-gov-west-1", True),
    ],
)
def test_a_fault_that_can_never_strike_is_refused(field: str, value: str, expected: bool) -> None:
    """An account's glob must fit twelve digits, a region's one of AWS's regions."""
    _, problems = Faults().add([{"error": "throttling", field: value}])
    assert [problem.field for problem in problems] == ([] if expected else [field])


def test_a_slip_in_a_common_code_is_refused_for_all_services() -> None:
    """A code for any service that is almost a common one is a slip; one like no other is taken."""
    _, problems = Faults().add([{"error": "AccesDenied"}])
    assert [problem.field for problem in problems] == ["error"]
    assert "the nearest is AccessDenied" in problems[0].words
    assert strikes(armed(Fault(error="AccessDenied")))
    assert strikes(armed(Fault(error="NoSuchPublicAccessBlockConfiguration")))
