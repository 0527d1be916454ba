"""What AWS says to AssumeRole becomes the error that names the next step, where the twin cannot be made to say it."""

from __future__ import annotations

from typing import NoReturn

import pytest
from botocore.exceptions import ClientError, EndpointConnectionError

from landing_zone.errors import FleetyardError
from orchestrator.errors import AwsUnreachable, CallerRefused
from orchestrator.people.errors import ClockWrong, RoleRefused
from orchestrator.people.management_session import UserKey, assume
from tests.unit.orchestrator.fleets import MANAGEMENT_ID, small_fleet

ROLE = "Management-Admin"


class Refusing:
    """An STS client that raises."""

    def __init__(self, error: Exception) -> None:
        self._error = error

    def assume_role(self, **_asked: object) -> NoReturn:
        """Raise."""
        raise self._error


def refusal(code: str, words: str) -> ClientError:
    """Return an answer of STS."""
    return ClientError({"Error": {"Code": code, "Message": words}}, "AssumeRole")


@pytest.mark.parametrize(
    ("error", "kind", "step"),
    [
        (refusal("SignatureDoesNotMatch", "Signature expired: 1 is now earlier than 2"), ClockWrong, "set the clock"),
        (refusal("SignatureDoesNotMatch", "Signature not yet current: 2 is later"), ClockWrong, "fleetyard doctor"),
        (refusal("RequestExpired", "Request has expired."), ClockWrong, "fleetyard profiles sign-in"),
        (refusal("SignatureDoesNotMatch", "The request signature we calculated"), CallerRefused, "aws configure"),
        (refusal("AccessDenied", "is not authorized to perform: sts:AssumeRole"), RoleRefused, "up --stack bootstrap"),
        (refusal("Throttling", "Rate exceeded"), AwsUnreachable, "run the command again a little later"),
        (EndpointConnectionError(endpoint_url="https://sts"), AwsUnreachable, "check the network"),
    ],
)
def test_each_refusal_has_its_error(error: Exception, kind: type[FleetyardError], step: str) -> None:
    """A wrong clock, a wrong key, a role that is not to be had, and no network are told apart, in AWS's own words."""
    fleet = small_fleet()
    arn = f"arn:aws:iam::{MANAGEMENT_ID}:user/ops"
    key = UserKey("ops", "ops", arn, f"arn:aws:iam::{MANAGEMENT_ID}:mfa/ops", Refusing(error))
    with pytest.raises(kind) as raised:
        assume(key, fleet, fleet.management_roles[ROLE], 60, "123456")
    assert raised.value.why == str(error)
    assert step in raised.value.hint
    assert "123456" not in str(raised.value)
