"""Whatever the twin itself stumbles over is answered in the protocol's shape, named as a fault of the twin."""

from __future__ import annotations

import io
import json
from collections.abc import Callable
from typing import Any

import pytest
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

from rehearsal.twin.gate.gate import Gate
from rehearsal.twin.gate.settings import Settings
from rehearsal.twin.requests.http_request import HttpRequest, UnreadableRequest, read_request
from rehearsal.twin.serving.record import CallRecord

HOST = "http://127.0.0.1"
KEY = "AKIAQRSTUVWXYZ234567"
QUERY = b"Action=ListUsers&Version=2010-05-08"
FORM = {"Content-Type": "application/x-www-form-urlencoded"}
TARGET = {"Content-Type": "application/x-amz-json-1.1", "X-Amz-Target": "AWSOrganizationsV20161128.ListRoots"}


class Broken:
    """State, emulator or environment that fails at whatever is asked of it."""

    def __getattr__(self, name: str) -> Any:
        raise KeyError("the-inner-name")


def environ_of(method: str, headers: dict[str, str], body: bytes) -> dict[str, Any]:
    """Return the WSGI environment of a request."""
    found: dict[str, Any] = {
        "REQUEST_METHOD": method,
        "RAW_URI": "/",
        "PATH_INFO": "/",
        "wsgi.input": io.BytesIO(body),
        "CONTENT_LENGTH": str(len(body)),
    }
    for name, value in headers.items():
        key = name.upper().replace("-", "_")
        found[key if key == "CONTENT_TYPE" else f"HTTP_{key}"] = value
    return found


def signed(service: str, headers: dict[str, str], body: bytes, method: str = "POST") -> HttpRequest:
    """Return a signed request as the gate gets it."""
    request = AWSRequest(method, f"{HOST}/", {**headers, "Host": "127.0.0.1"}, body)
    SigV4Auth(Credentials(KEY, "secret"), service, "us-east-1").add_auth(request)
    sent = {name: value if isinstance(value, str) else value.decode() for name, value in request.headers.items()}
    return read_request(environ_of(method, sent, body), secure=True)


def gate_of(state: Any, *, on: bool) -> Gate:
    """Return a gate before a state and an emulator that fail."""
    return Gate(state, Broken(), Settings(gate=on), CallRecord())  # type: ignore[arg-type]


@pytest.mark.parametrize("on", [True, False])
@pytest.mark.parametrize(
    ("service", "headers", "body", "read"),
    [
        ("iam", FORM, QUERY, lambda text: text.partition("<Code>")[2].partition("</Code>")[0]),
        ("ec2", FORM, b"Action=DescribeVpcs", lambda text: text.partition("<Code>")[2].partition("</Code>")[0]),
        ("organizations", TARGET, b"{}", lambda text: json.loads(text)["__type"]),
    ],
)
def test_a_failure_of_the_twin_names_itself(
    capfd: pytest.CaptureFixture[str],
    service: str,
    headers: dict[str, str],
    body: bytes,
    read: Callable[[str], str],
    on: bool,
) -> None:
    """An exception in the gate or behind it is an EmulationFailed; where it was is told in the log alone."""
    answer = gate_of(Broken(), on=on).answer(signed(service, headers, body))
    text = answer.body.decode()
    assert (answer.status, read(text)) == (400, "EmulationFailed")
    assert f"The twin failed at {service}:" in text
    assert "not an answer of AWS" in text
    assert "Traceback" not in text
    assert "Traceback" in capfd.readouterr().err


def test_a_failure_is_on_record() -> None:
    """What the twin failed at is among the refusals that `twin why` tells of."""
    record = CallRecord()
    gate = Gate(Broken(), Broken(), Settings(), record)  # type: ignore[arg-type]
    gate.answer(signed("iam", FORM, QUERY))
    assert "EmulationFailed" in json.dumps(record.denials(5))


def test_a_request_that_breaks_its_reader_is_answered() -> None:
    """An exception before the operation is known has an answer as well."""
    request = signed("iam", FORM, QUERY)
    broken = HttpRequest("POST", "/", request.query, Broken(), True, request.environ)  # type: ignore[arg-type]
    answer = gate_of(Broken(), on=True).answer(broken)
    assert b"The twin failed at iam:this request: KeyError" in answer.body


def test_a_failure_at_a_head_request_has_no_body() -> None:
    """The answer to a HEAD request has no body, a failure's either."""
    answer = gate_of(Broken(), on=True).answer(signed("s3", {}, b"", "HEAD"))
    assert (answer.status, answer.body) == (400, b"")


@pytest.mark.parametrize("length", ["-5", "abc", "+5", "٣", "5.0", "99999999999999", "9" * 5000])
def test_lengths_that_cannot_be(length: str) -> None:
    """A length that is no number of bytes, or more than any request has, is never read."""
    environ = {**environ_of("POST", {}, b"12345"), "CONTENT_LENGTH": length}
    with pytest.raises(UnreadableRequest, match="Content-Length"):
        read_request(environ, secure=True)


def test_a_body_is_read_to_its_length() -> None:
    """A body has as many bytes as its length says, none without one, and fewer if no more came."""
    for length, body in (("3", b"123"), ("", b""), ("9", b"12345")):
        environ = {**environ_of("POST", {}, b"12345"), "CONTENT_LENGTH": length}
        assert read_request(environ, secure=True).body == body
