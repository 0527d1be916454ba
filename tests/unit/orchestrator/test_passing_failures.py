"""Which answers of AWS may be others a little later."""

from __future__ import annotations

import pytest
from botocore.exceptions import (
    BotoCoreError,
    ClientError,
    ConnectionClosedError,
    EndpointConnectionError,
    NoCredentialsError,
    ReadTimeoutError,
)

from orchestrator.passing_failures import passes
from rehearsal.aws.aws_errors import passes as passes_in_rehearsals


def answer(code: str, status: int = 400) -> ClientError:
    """Return an error of STS's."""
    meta = {"HTTPStatusCode": status}
    return ClientError({"Error": {"Code": code, "Message": "Rate exceeded"}, "ResponseMetadata": meta}, "AssumeRole")


@pytest.mark.parametrize(
    ("error", "expected"),
    [
        *((answer(code), True) for code in ("Throttling", "ThrottlingException", "TooManyRequestsException")),
        *((answer(code), True) for code in ("RequestLimitExceeded", "SlowDown", "RequestTimeout")),
        (answer("InternalFailure", 500), True),
        (answer("ServiceUnavailable", 503), True),
        (ConnectionClosedError(endpoint_url="https://sts"), True),
        (EndpointConnectionError(endpoint_url="https://sts"), True),
        (ReadTimeoutError(endpoint_url="https://sts"), True),
        (answer("AccessDenied", 403), False),
        (answer("ExpiredToken", 403), False),
        (NoCredentialsError(), False),
    ],
)
def test_what_passes_by_itself_is_no_refusal(error: ClientError | BotoCoreError, expected: bool) -> None:
    """Throttling, errors of AWS's own and lost connections pass; what AWS refuses does not. Both layers agree."""
    assert (passes(error), passes_in_rehearsals(error)) == (expected, expected)
