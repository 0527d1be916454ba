"""Requests that cannot be read: each is answered in words and in the protocol's shape, never with an empty 500."""

from __future__ import annotations

import http.client
import json
import socket
from collections.abc import Mapping
from urllib.parse import urlsplit

import pytest
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

from rehearsal.twin.run_file import TwinRun
from rehearsal.twin.serving.control import TOKEN_HEADER
from tests.rehearsed.twin.rules.raw_requests import send, signed_form
from tests.support.twin_fixtures import TwinAws, refused

IAM = "&Version=2010-05-08"
JSON = "application/x-amz-json-1.1"


def _signed(aws: TwinAws, service: str, headers: Mapping[str, str], body: bytes) -> AWSRequest:
    keys = aws.administrator
    request = AWSRequest("POST", f"{aws.run.endpoint}/", dict(headers), body)
    SigV4Auth(Credentials(keys.access_key_id, keys.secret_access_key), service, "us-east-1").add_auth(request)
    return request


@pytest.mark.parametrize(
    "body",
    [
        pytest.param(b"[" * 100_000, id="deep lists"),
        pytest.param(b'{"a":' * 50_000, id="deep objects"),
        pytest.param(b'{"a":', id="cut"),
        pytest.param(b'{"a":"\xff"}', id="no UTF-8"),
        pytest.param('{"a":1}'.encode("utf-16"), id="UTF-16"),
        pytest.param(b"[1]", id="a list"),
        pytest.param(b'{"a":' + b"1" * 5000 + b"}", id="a number without end"),
    ],
)
def test_json_that_cannot_be_read_is_a_serialization_exception(aws: TwinAws, body: bytes) -> None:
    """A JSON service answers a body that is no JSON object with a SerializationException.

    AWS General Reference, "AWS JSON 1.1 protocol" (Smithy): errors of deserialization are SerializationException, 400.
    """
    headers = {"Content-Type": JSON, "X-Amz-Target": "AWSOrganizationsV20161128.ListRoots"}
    status, answer = send(_signed(aws, "organizations", headers, body))
    assert (status, json.loads(answer)["__type"]) == (400, "SerializationException")


def test_a_number_without_end_is_no_number(aws: TwinAws) -> None:
    """A number of thousands of digits is above its range.

    IAM API Reference, "ListUsers", MaxItems; "Common Error Types", ValidationError.
    """
    body = f"Action=ListUsers{IAM}&MaxItems=1{'0' * 5000}"
    status, answer = send(signed_form(aws.run, aws.administrator, "iam", body))
    assert (status, "<Code>ValidationError</Code>" in answer) == (400, True)
    assert "Member must have value less than or equal to 1000" in answer


@pytest.mark.parametrize(
    "body",
    [
        pytest.param("Action=ListUsers&Action=CreateUser&UserName=twice", id="two actions"),
        pytest.param("Action=GetUser&UserName=a&UserName=b", id="two names"),
    ],
)
def test_a_parameter_comes_once(aws: TwinAws, body: str) -> None:
    """A form with a parameter twice is refused: which of the two counts must not be left to whoever reads it.

    IAM API Reference, "Making query requests".
    """
    status, answer = send(signed_form(aws.run, aws.administrator, "iam", body + IAM))
    assert (status, "<Code>MalformedInput</Code>" in answer) == (400, True)


@pytest.mark.parametrize(
    ("service", "body"),
    [
        ("iam", "Action=ListUsers&Version=2009-01-01"),
        ("iam", "Action=ListUsers"),
        ("sts", "Action=GetCallerIdentity&Version=2010-05-08"),
    ],
)
def test_an_action_belongs_to_a_version(aws: TwinAws, service: str, body: str) -> None:
    """IAM and STS know their actions under one version each.

    IAM API Reference, "Common Parameters", Version; "Common Error Types", InvalidAction.
    """
    status, answer = send(signed_form(aws.run, aws.administrator, service, body))
    assert (status, "<Code>InvalidAction</Code>" in answer) == (400, True)


def test_queries_are_asked_by_get_and_post(aws: TwinAws) -> None:
    """IAM takes no PUT.

    IAM API Reference, "Making query requests": GET or POST.
    """
    request = AWSRequest("PUT", f"{aws.run.endpoint}/?Action=ListUsers{IAM}")
    keys = aws.administrator
    SigV4Auth(Credentials(keys.access_key_id, keys.secret_access_key), "iam", "us-east-1").add_auth(request)
    assert send(request)[0] == 405


@pytest.mark.parametrize("body", ["", " ", "[" * 100_000])
def test_an_empty_bucket_policy_is_none(aws: TwinAws, body: str) -> None:
    """S3 takes no bucket policy that is not JSON, an empty one included.

    Amazon S3 API Reference, "PutBucketPolicy"; "Error responses", MalformedPolicy.
    """
    s3 = aws.client("s3")
    s3.create_bucket(Bucket=f"without-policy-{len(body)}")
    with refused("MalformedPolicy"):
        s3.put_bucket_policy(Bucket=f"without-policy-{len(body)}", Policy=body)


@pytest.mark.parametrize(
    "headers",
    [
        "Content-Length: -5",
        "Content-Length: abc",
        "Content-Length: 99999999999999",
        "Transfer-Encoding: chunked\r\n\r\nZZZ",
        "Transfer-Encoding: chunked\r\n\r\n-5",
    ],
)
def test_a_body_of_no_length_is_a_bad_request(twin: TwinRun, headers: str) -> None:
    """A request whose body has no length that can be is answered with 400, and its connection ends.

    RFC 9112, sections 6.3 and 7.1.
    """
    parts = urlsplit(twin.endpoint)
    with socket.create_connection((parts.hostname or "", parts.port or 0), timeout=10) as connection:
        connection.sendall(f"POST / HTTP/1.1\r\nHost: x\r\n{headers}\r\n\r\n".encode())
        answer = b""
        while part := connection.recv(65536):
            answer += part
    assert answer.startswith(b"HTTP/1.1 400 ")
    assert b"Connection: close" in answer
    assert b"cannot be read" in answer


@pytest.mark.parametrize(
    ("operation", "arguments"),
    [
        ("create_role", {"RoleName": "a", "AssumeRolePolicyDocument": "{}", "Description": "a\x01b"}),
        ("create_policy", {"PolicyName": "a", "PolicyDocument": '{"a": "\x01"}'}),
        ("create_user", {"UserName": "a", "Tags": [{"Key": "k", "Value": "a\x01b"}]}),
    ],
)
def test_control_characters_do_not_spoil_the_answer(aws: TwinAws, operation: str, arguments: dict[str, str]) -> None:
    """Texts with control characters are refused, in an answer that is XML.

    IAM API Reference, "CreateRole", Description; "CreatePolicy", PolicyDocument; "Tag", Value (their patterns).
    """
    with refused("ValidationError") as refusal:
        getattr(aws.client("iam"), operation)(**arguments)
    assert "\x01" not in refusal.message


def test_a_failure_beside_the_gate_has_words(twin: TwinRun) -> None:
    """What the twin's own interface stumbles over is an answer in words, without a traceback, and the twin goes on."""
    parts = urlsplit(twin.endpoint)
    connection = http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=10)
    try:
        for _ in range(2):
            connection.request("POST", "/_fleetyard/settings", b"[" * 100_000, {TOKEN_HEADER: twin.token})
            answer = connection.getresponse()
            told = json.loads(answer.read())["error"]
            assert (answer.status, told.startswith("The twin failed: RecursionError")) == (500, True)
            assert "Traceback" not in told
    finally:
        connection.close()
