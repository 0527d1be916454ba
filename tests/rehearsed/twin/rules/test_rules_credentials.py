"""Rules of signatures and of what credentials there are."""

from __future__ import annotations

import base64
import re
import urllib.request
import zlib
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any
from urllib.error import HTTPError

import boto3
import pytest
from botocore.config import Config

from rehearsal.twin.client import change_settings
from rehearsal.twin.run_file import TwinRun
from tests.rehearsed.twin.rules.raw_requests import IDENTITY, Upload, send, signed_form
from tests.support.twin_fixtures import EVERYTHING, Keys, TwinAws, document, refused, trusting

NewUser = Callable[..., tuple[str, Keys]]


@pytest.fixture
def bucket(aws: TwinAws, account: str) -> tuple[str, Keys]:
    """Make a bucket in an account of its own; returns its name and the account's administrator."""
    keys = aws.into(account)
    aws.client("s3", keys).create_bucket(Bucket=f"raw-{account}")
    return f"raw-{account}", keys


@pytest.fixture
def delay(twin: TwinRun) -> Iterator[Callable[..., object]]:
    """Change the delay of what is new and the clock; both are back to nothing afterwards."""
    yield lambda **changes: change_settings(twin, **changes)
    change_settings(twin, role_delay_s=0, clock_ahead_s=0)


def presigned(aws: TwinAws, keys: Keys, bucket: str, expires: int = 60) -> str:
    """Return a presigned URL of an object."""
    client = boto3.client(
        "s3",
        aws_access_key_id=keys.access_key_id,
        aws_secret_access_key=keys.secret_access_key,
        aws_session_token=keys.session_token,
        region_name="us-east-1",
        endpoint_url=aws.run.endpoint,
        config=Config(signature_version="s3v4"),
    )
    return str(client.generate_presigned_url("get_object", {"Bucket": bucket, "Key": "k"}, ExpiresIn=expires))


@pytest.mark.parametrize(
    ("ahead", "words"),
    [(timedelta(minutes=-16), "Signature expired"), (timedelta(minutes=16), "Signature not yet current")],
)
def test_a_clock_may_be_fifteen_minutes_off(aws: TwinAws, ahead: timedelta, words: str) -> None:
    """A signature is good for fifteen minutes before and after its time (IAM User Guide, "Troubleshoot SigV4")."""
    status, answer = send(signed_form(aws.run, aws.administrator, ahead=ahead))
    assert (status, words in answer) == (403, True)
    assert send(signed_form(aws.run, aws.administrator, ahead=ahead * 14 / 16))[0] == 200


@pytest.mark.parametrize("header", ["X-Amz-Target", "X-Amz-Security-Token"])
def test_headers_of_aws_have_to_be_signed(aws: TwinAws, header: str) -> None:
    """An x-amz-* header that is not signed is refused (IAM User Guide, "Elements of an AWS API request signature")."""
    status, answer = send(signed_form(aws.run, aws.administrator), more={header: "put in on the way"})
    assert status >= 400
    assert "<Error>" in answer or "__type" in answer


def test_s3_names_headers_that_are_not_signed(aws: TwinAws, bucket: tuple[str, Keys]) -> None:
    """A presigned URL does not cover a header added to it (Amazon S3 API Reference, "Authenticating Requests")."""
    request = urllib.request.Request(presigned(aws, bucket[1], bucket[0]), headers={"x-amz-acl": "public-read"})
    with pytest.raises(HTTPError) as caught:
        urllib.request.urlopen(request)
    with caught.value as refusal:
        assert b"There were headers present in the request which were not signed" in refusal.read()


def test_a_changed_header_breaks_the_signature(aws: TwinAws) -> None:
    """A signed header that arrives otherwise is refused (IAM User Guide, "Create a signed AWS API request")."""
    request = signed_form(aws.run, aws.administrator)
    status, answer = send(request, more={"Content-Type": "application/x-www-form-urlencoded; charset=other"})
    assert (status, "SignatureDoesNotMatch" in answer) == (403, True)


@pytest.mark.parametrize("region", ["nowhere", "us-east", "xx-east-1"])
def test_the_scope_names_a_region(aws: TwinAws, region: str) -> None:
    """A credential scope of no region is refused (IAM User Guide, "Create a signed AWS API request", scope)."""
    status, answer = send(signed_form(aws.run, aws.administrator, region=region))
    assert (status, "valid region" in answer) == (400, True)


def test_a_request_of_one_service_is_none_of_another(aws: TwinAws) -> None:
    """A signature for one service opens no other: what its scope says is what is asked ("scope", as above)."""
    body = "Action=ListRoles&Version=2010-05-08"
    assert send(signed_form(aws.run, aws.administrator, "iam", body))[0] == 200
    assert send(signed_form(aws.run, aws.administrator, "sts", body))[0] >= 400


def test_a_bucket_is_asked_in_its_region(aws: TwinAws, bucket: tuple[str, Keys]) -> None:
    """S3 refuses a signature for another region than the bucket's, and names the right one.

    Source: Amazon S3 API Reference, "Error responses", AuthorizationHeaderMalformed.
    """
    name, keys = f"far-{bucket[0]}", bucket[1]
    far = aws.client("s3", keys, region="eu-west-1")
    far.create_bucket(Bucket=name, CreateBucketConfiguration={"LocationConstraint": "eu-west-1"})
    client = aws.client("s3", keys)
    client.meta.events.unregister("needs-retry.s3", unique_id="redirect-from-error")
    assert client.head_bucket(Bucket=name)["ResponseMetadata"]["HTTPHeaders"]["x-amz-bucket-region"] == "eu-west-1"


def test_a_presigned_url_ends(aws: TwinAws, bucket: tuple[str, Keys]) -> None:
    """A presigned URL ends after its X-Amz-Expires (Amazon S3 API Reference, "Authenticating Requests", query)."""
    url = presigned(aws, bucket[1], bucket[0])
    date = re.search(r"X-Amz-Date=(\d{8})", url)
    assert date is not None
    for changed in (url.replace("X-Amz-Expires=60", "X-Amz-Expires=61"), url.replace(date[1], "20200101")):
        with pytest.raises(HTTPError) as caught:
            urllib.request.urlopen(changed)
        with caught.value as refusal:
            assert refusal.code == 403


@pytest.mark.parametrize(
    ("change", "headers", "code"),
    [
        (("Expires=60", "Expires=604801"), {}, "AuthorizationQueryParametersError"),
        (("Expires=60", "Expires=-1"), {}, "AuthorizationQueryParametersError"),
        (("Expires=60", "Expires=x"), {}, "AuthorizationQueryParametersError"),
        (("?", "?"), {"Authorization": "AWS4-HMAC-SHA256 Credential=x"}, "InvalidArgument"),
        (("?", "?AWSAccessKeyId=A&Signature=s&Expires=1&"), {"Authorization": "AWS A:s"}, "InvalidArgument"),
    ],
)
def test_a_presigned_url_has_one_signature_and_a_week_at_most(
    aws: TwinAws, bucket: tuple[str, Keys], change: tuple[str, str], headers: dict[str, str], code: str
) -> None:
    """X-Amz-Expires is a number of less than a week; a URL's signature comes alone.

    Amazon S3 API Reference, "Authenticating Requests: Using Query Parameters", "Error responses".
    """
    url = presigned(aws, bucket[1], bucket[0]).replace(*change, 1)
    assert _refused_url(url, headers) == (400, code)


@pytest.mark.parametrize("header", ["", "AWS AKIAIOSFODNN7EXAMPLE:frJIUN8DYpKDtOLCwo//yllqDzg="])
def test_signatures_of_version_2_are_refused(aws: TwinAws, bucket: tuple[str, Keys], header: str) -> None:
    """Signature Version 2 is not taken, in a URL or a header (Amazon S3 API Reference, "Error responses")."""
    query = "" if header else "?AWSAccessKeyId=AKIAIOSFODNN7EXAMPLE&Signature=x&Expires=1"
    headers = {"Authorization": header} if header else {}
    assert _refused_url(f"{aws.run.endpoint}/{bucket[0]}/a{query}", headers) == (400, "InvalidRequest")


def _refused_url(url: str, headers: dict[str, str]) -> tuple[int, str]:
    """Return status and error code of S3's answer to a request that it refuses."""
    with pytest.raises(HTTPError) as caught:
        urllib.request.urlopen(urllib.request.Request(url, headers=headers))
    with caught.value as refusal:
        found = re.search("<Code>(.*?)</Code>", refusal.read().decode())
        assert found is not None
        return refusal.code, found[1]


def test_an_unsigned_payload_is_taken_at_its_word_by_s3(aws: TwinAws, bucket: tuple[str, Keys]) -> None:
    """S3 takes UNSIGNED-PAYLOAD in place of a hash (Amazon S3 API Reference, "Authenticating Requests", header)."""
    client = boto3.client(
        "s3",
        aws_access_key_id=bucket[1].access_key_id,
        aws_secret_access_key=bucket[1].secret_access_key,
        aws_session_token=bucket[1].session_token,
        region_name="us-east-1",
        endpoint_url=aws.run.endpoint,
        config=Config(s3={"payload_signing_enabled": False}, request_checksum_calculation="when_required"),
    )
    client.put_object(Bucket=bucket[0], Key="unsigned", Body=b"x")
    assert client.get_object(Bucket=bucket[0], Key="unsigned")["Body"].read() == b"x"


@pytest.mark.parametrize(
    "trailer",
    ["", f"x-amz-checksum-crc32:{base64.b64encode(zlib.crc32(b'a' * 100 + b'bc').to_bytes(4, 'big')).decode()}"],
)
def test_an_upload_in_signed_chunks_arrives(aws: TwinAws, bucket: tuple[str, Keys], trailer: str) -> None:
    """A body in signed chunks, with or without a signed trailer, arrives without its framing.

    Source: Amazon S3 API Reference, "Transferring Payload in Multiple Chunks" and "… Including Trailing Headers".
    """
    upload = Upload(aws.run, bucket[1], f"{bucket[0]}/chunked", (b"a" * 100, b"bc"), trailer)
    assert send(upload.request, body=upload.body)[0] == 200
    found = aws.client("s3", bucket[1]).get_object(Bucket=bucket[0], Key="chunked")
    assert found["Body"].read() == b"a" * 100 + b"bc"
    assert found.get("ContentEncoding", "") == ""


@pytest.mark.parametrize(
    ("change", "status", "code"),
    [
        (lambda body: body.replace(b"aaa", b"aba", 1), 403, "SignatureDoesNotMatch"),
        (lambda body: body.replace(b"bc\r\n", b"cb\r\n", 1), 403, "SignatureDoesNotMatch"),
        (lambda body: body[: body.index(b"\r\n2;") + 2], 400, "IncompleteBody"),
        (lambda body: body.rpartition(b"0;")[0], 400, "IncompleteBody"),
    ],
    ids=["first chunk", "second chunk", "cut between chunks", "cut before the end"],
)
def test_a_changed_chunk_is_refused(
    aws: TwinAws, bucket: tuple[str, Keys], change: Callable[[bytes], bytes], status: int, code: str
) -> None:
    """Each chunk's signature covers its data and all before it ("Transferring Payload in Multiple Chunks")."""
    upload = Upload(aws.run, bucket[1], f"{bucket[0]}/broken", (b"a" * 100, b"bc"))
    found, answer = send(upload.request, body=change(upload.body))
    assert (found, code in answer) == (status, True)


def test_a_changed_trailer_is_refused(aws: TwinAws, bucket: tuple[str, Keys]) -> None:
    """The trailer is signed too ("Transferring Payload in Multiple Chunks (…) Including Trailing Headers")."""
    upload = Upload(aws.run, bucket[1], f"{bucket[0]}/broken", (b"a",), "x-amz-checksum-crc32:6LeDrw==")
    status, answer = send(upload.request, body=upload.body.replace(b"6LeDrw==", b"6LeDrx=="))
    assert (status, "SignatureDoesNotMatch" in answer) == (403, True)


def test_a_wrong_checksum_in_the_trailer_is_refused(aws: TwinAws, bucket: tuple[str, Keys]) -> None:
    """S3 compares a trailing checksum with the data (Amazon S3 User Guide, "Checking object integrity")."""
    upload = Upload(aws.run, bucket[1], f"{bucket[0]}/broken", (b"a",), "x-amz-checksum-crc32:AAAAAA==")
    status, answer = send(upload.request, body=upload.body)
    assert (status, "BadDigest" in answer) == (400, True)


def test_a_tampered_body_is_refused(aws: TwinAws) -> None:
    """The signature covers the body (IAM User Guide, "Create a signed AWS API request", hashed payload)."""
    status, answer = send(signed_form(aws.run, aws.administrator), body=IDENTITY.replace("11", "12").encode())
    assert (status, "SignatureDoesNotMatch" in answer) == (403, True)


@pytest.mark.parametrize(("service", "code"), [("sts", "InvalidClientTokenId"), ("s3", "InvalidAccessKeyId")])
def test_a_sessions_key_is_none_without_its_token(aws: TwinAws, account: str, service: str, code: str) -> None:
    """The keys of a session are not known without its token (IAM User Guide, "Use temporary credentials")."""
    keys = aws.into(account)
    bare = Keys(keys.access_key_id, keys.secret_access_key)
    with refused(code):
        aws.client(service, bare).list_buckets() if service == "s3" else aws.client(service, bare).get_caller_identity()


def test_an_account_is_read_from_a_key(aws: TwinAws, account: str, new_user: NewUser) -> None:
    """GetAccessKeyInfo tells the account of any key, to who may ask (AWS STS API Reference, "GetAccessKeyInfo")."""
    keys = aws.into(account)
    assert aws.client("sts").get_access_key_info(AccessKeyId=keys.access_key_id)["Account"] == account
    with refused("AccessDenied"):
        aws.client("sts", new_user()[1]).get_access_key_info(AccessKeyId=keys.access_key_id)


def test_a_new_key_takes_a_while(aws: TwinAws, new_user: NewUser, delay: Callable[..., object]) -> None:
    """With `role_delay_s` a new access key is unknown at first.

    Source: IAM User Guide, "Troubleshoot IAM", "Changes that I make are not always immediately visible".
    """
    delay(role_delay_s=300)
    _, keys = new_user()
    with refused("InvalidClientTokenId"):
        aws.client("sts", keys).get_caller_identity()
    delay(clock_ahead_s=301)
    assert aws.client("sts", keys).get_caller_identity()["Arn"].startswith("arn:aws:iam::")


def test_a_new_role_takes_a_while(
    aws: TwinAws, account: str, new_role: Callable[..., str], delay: Callable[..., Any]
) -> None:
    """With `role_delay_s` a new role cannot be assumed, nor named as a principal, at first (as above)."""
    delay(role_delay_s=300)
    root = "arn:aws:iam::111122223333:root"
    arn = new_role(account, trusting(root), document(*EVERYTHING["Statement"]))
    with refused("AccessDenied"):
        aws.assume(arn)
    with refused("MalformedPolicyDocument") as refusal:
        new_role(account, trusting(arn))
    assert refusal.message == f'Invalid principal in policy: "AWS":"{arn}"'
    delay(clock_ahead_s=301)
    aws.assume(arn)


def test_a_new_accounts_role_takes_a_while(
    aws: TwinAws, new_account: Callable[[], str], delay: Callable[..., Any]
) -> None:
    """With `role_delay_s` the role that Organizations makes in a new account cannot be assumed at first (as above)."""
    delay(role_delay_s=300)
    account = new_account()
    with refused("AccessDenied"):
        aws.into(account)
    delay(clock_ahead_s=301)
    aws.into(account)


def test_a_changed_trust_takes_a_while(
    aws: TwinAws, account: str, new_role: Callable[..., str], delay: Callable[..., Any]
) -> None:
    """With `role_delay_s` the trust from before a change still holds for that long (as above)."""
    arn = new_role(account, trusting("arn:aws:iam::111122223333:root"))
    delay(role_delay_s=300)
    aws.client("iam", aws.into(account)).update_assume_role_policy(
        RoleName=arn.rpartition("/")[2], PolicyDocument=trusting(account)
    )
    aws.assume(arn)
    delay(clock_ahead_s=301)
    with refused("AccessDenied"):
        aws.assume(arn)
