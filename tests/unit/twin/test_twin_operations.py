"""Telling operations apart, and what they ask for."""

from __future__ import annotations

import io
from typing import Any

import pytest
from botocore.session import get_session

from rehearsal.twin.actions import s3
from rehearsal.twin.requests.http_request import HttpRequest, read_request
from rehearsal.twin.requests.operation import UNKNOWN, identify
from rehearsal.twin.requests.refusals import Protocol
from rehearsal.twin.requests.signature import Signature


def _request(method: str = "POST", uri: str = "/", body: bytes = b"", **headers: str) -> HttpRequest:
    environ: dict[str, Any] = {
        "REQUEST_METHOD": method,
        "RAW_URI": uri,
        "PATH_INFO": uri.partition("?")[0],
        "QUERY_STRING": uri.partition("?")[2],
        "SERVER_NAME": "127.0.0.1",
        "SERVER_PORT": "80",
        "wsgi.url_scheme": "http",
        "HTTP_HOST": "127.0.0.1",
        "CONTENT_LENGTH": str(len(body)),
        "wsgi.input": io.BytesIO(body),
        **headers,
    }
    return read_request(environ, secure=True)


def _signed(service: str) -> Signature:
    scope = f"20260101/eu-west-1/{service}/aws4_request"
    return Signature("AKIA", "eu-west-1", service, scope, ("host",), "", "20260101T000000Z", "", None)


@pytest.mark.parametrize(
    ("service", "method", "uri", "name"),
    [
        ("s3", "GET", "/", "ListBuckets"),
        ("s3", "GET", "/bucket?list-type=2&prefix=a", "ListObjectsV2"),
        ("s3", "GET", "/bucket?encryption", "GetBucketEncryption"),
        ("s3", "PUT", "/bucket?policy", "PutBucketPolicy"),
        ("s3", "HEAD", "/bucket", "HeadBucket"),
        ("s3", "GET", "/bucket/a/b%20c", "GetObject"),
        ("s3", "PUT", "/bucket/key?partNumber=1&uploadId=x", "UploadPart"),
        ("s3", "POST", "/bucket?delete", "DeleteObjects"),
        ("s3", "GET", "/v20180820/configuration/publicAccessBlock", "GetPublicAccessBlock"),
        ("lambda", "GET", "/2015-03-31/functions/", "ListFunctions"),
        ("route53", "GET", "/2013-04-01/hostedzone", "ListHostedZones"),
        ("elasticfilesystem", "GET", "/2015-02-01/file-systems", "DescribeFileSystems"),
        ("lambda", "GET", "/no/such/path", UNKNOWN),
        ("no-such-service", "GET", "/", UNKNOWN),
    ],
)
def test_rest_operations_are_found_by_their_uri(service: str, method: str, uri: str, name: str) -> None:
    """A REST request's operation is the one of botocore's model; what is in no model is called unknown."""
    request = _request(method, uri, HTTP_X_AMZ_ACCOUNT_ID="111122223333")  # S3 Control's operations demand it
    assert identify(request, _signed(service)).name == name


def test_query_operations_are_named_in_the_form() -> None:
    """A query service's operation and parameters are the form's."""
    body = b"Action=CreateRole&Version=2010-05-08&RoleName=a%2Bb&Tags.member.1.Key=k&Tags.member.1.Value=v"
    found = identify(_request(body=body, CONTENT_TYPE="application/x-www-form-urlencoded"), _signed("iam"))
    assert (found.name, found.protocol, found.region) == ("CreateRole", Protocol.QUERY, "eu-west-1")
    assert found.text("RoleName") == "a+b"
    assert found.tags() == {"k": "v"}


def test_json_operations_are_named_in_the_target() -> None:
    """A JSON service's operation is the target's last part, its parameters the document's."""
    request = _request(
        body=b'{"KeyId": "k", "Tags": [{"TagKey": "a", "TagValue": "b"}]}', HTTP_X_AMZ_TARGET="TrentService.Encrypt"
    )
    found = identify(request, _signed("kms"))
    assert (found.name, found.protocol, found.text("KeyId"), found.tags()) == (
        "Encrypt",
        Protocol.JSON,
        "k",
        {"a": "b"},
    )


def test_ec2_tags_are_read_from_specifications() -> None:
    """EC2 writes tags of new resources its own way."""
    body = b"Action=CreateVpc&TagSpecification.1.Tag.1.Key=a&TagSpecification.1.Tag.1.Value=b"
    found = identify(_request(body=body, CONTENT_TYPE="application/x-www-form-urlencoded"), _signed("ec2"))
    assert (found.protocol, found.tags()) == (Protocol.EC2, {"a": "b"})


def test_a_document_that_is_none_has_no_parameters() -> None:
    """A JSON body that is damaged, or no object, has no parameters."""
    for body in (b"{", b"[1]", b""):
        found = identify(_request(body=body, HTTP_X_AMZ_TARGET="TrentService.Encrypt"), _signed("kms"))
        assert found.params == {}


def test_s3_names_exist() -> None:
    """Each S3 operation that is given another action's name is one of S3's operations."""
    operations = set(get_session().get_service_model("s3").operation_names)
    # Operations of older API versions, which requests may still carry.
    older = {"GetBucketLifecycle", "PutBucketLifecycle"}
    assert set(s3.OTHER_NAMES) - older <= operations


def test_two_names_are_none() -> None:
    """A request that names one operation in its target and another in its form is called unknown."""
    request = _request(
        body=b"Action=CreateUser&UserName=x",
        CONTENT_TYPE="application/x-www-form-urlencoded",
        HTTP_X_AMZ_TARGET="IAM.ListUsers",
    )
    assert identify(request, _signed("iam")).name == UNKNOWN
