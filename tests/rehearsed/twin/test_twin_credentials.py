"""Who may speak at all: keys, signatures, sessions."""

from __future__ import annotations

import http.client
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import replace
from urllib.error import HTTPError
from urllib.parse import urlsplit

import boto3
import pytest
from botocore import UNSIGNED
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.config import Config
from botocore.credentials import Credentials

from rehearsal.twin.client import change_settings
from rehearsal.twin.run_file import TwinRun
from tests.support.twin_fixtures import EVERYTHING, MANAGEMENT, Keys, TwinAws, document, refused

UNKNOWN = Keys("AKIAIOSFODNN7EXAMPLE", "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY")
# service, operation, code for an unknown key, code for a wrong secret: one of each protocol
PROTOCOLS = [
    ("sts", "get_caller_identity", "InvalidClientTokenId", "SignatureDoesNotMatch"),
    ("iam", "list_roles", "InvalidClientTokenId", "SignatureDoesNotMatch"),
    ("ec2", "describe_vpcs", "AuthFailure", "AuthFailure"),
    ("kms", "list_keys", "UnrecognizedClientException", "InvalidSignatureException"),
    ("lambda", "list_functions", "UnrecognizedClientException", "InvalidSignatureException"),
    ("s3", "list_buckets", "InvalidAccessKeyId", "SignatureDoesNotMatch"),
    ("cloudwatch", "list_metrics", "InvalidClientTokenId", "SignatureDoesNotMatch"),
]


@pytest.fixture
def clock_ahead(twin: TwinRun) -> Iterator[Callable[[int], object]]:
    """Put the twin's session clock ahead for one test."""
    yield lambda seconds: change_settings(twin, clock_ahead_s=seconds)
    change_settings(twin, clock_ahead_s=0)


@pytest.mark.parametrize(("service", "operation", "code", "_signature"), PROTOCOLS)
def test_an_unknown_key_is_refused(aws: TwinAws, service: str, operation: str, code: str, _signature: str) -> None:
    """A key nobody was given is refused, in the words of the service's protocol."""
    with refused(code):
        getattr(aws.client(service, UNKNOWN), operation)()


@pytest.mark.parametrize(("service", "operation", "_unknown", "code"), PROTOCOLS)
def test_a_wrong_secret_is_refused(aws: TwinAws, service: str, operation: str, _unknown: str, code: str) -> None:
    """A signature made with another secret is refused, in the words of the service's protocol."""
    wrong = replace(aws.administrator, secret_access_key="x" * 40)
    with refused(code):
        getattr(aws.client(service, wrong), operation)()


@pytest.mark.parametrize(("service", "operation", "_unknown", "_signature"), PROTOCOLS)
def test_a_right_signature_is_accepted(
    aws: TwinAws, service: str, operation: str, _unknown: str, _signature: str
) -> None:
    """The administrator's signature is right for every protocol."""
    answer = getattr(aws.client(service), operation)()
    assert answer["ResponseMetadata"]["HTTPStatusCode"] == 200


def test_an_unsigned_request_is_refused(aws: TwinAws) -> None:
    """A request without credentials is refused."""
    client = _unsigned_client("sts", aws.run.endpoint)
    with refused("MissingAuthenticationToken"):
        client.get_caller_identity()


def test_an_unsigned_s3_request_is_refused(aws: TwinAws) -> None:
    """S3 says AccessDenied to a request without credentials."""
    client = _unsigned_client("s3", aws.run.endpoint)
    with refused("AccessDenied"):
        client.list_buckets()


def test_a_changed_body_is_refused(aws: TwinAws) -> None:
    """A request whose body is not the one that was signed is refused."""
    request = AWSRequest(
        method="POST",
        url=f"{aws.run.endpoint}/",
        data="Action=GetCallerIdentity&Version=2011-06-15",
        headers={"Content-Type": "application/x-www-form-urlencoded"},
    )
    SigV4Auth(_botocore(aws.administrator), "sts", "us-east-1").add_auth(request)
    status, body = _send(request, body=b"Action=ListRoles&Version=2011-06-15")
    assert status == 403
    assert b"SignatureDoesNotMatch" in body


def test_an_old_signature_is_refused(aws: TwinAws) -> None:
    """A signature made more than fifteen minutes ago is refused."""
    request = AWSRequest(method="GET", url=f"{aws.run.endpoint}/?Action=GetCallerIdentity&Version=2011-06-15")
    signer = SigV4Auth(_botocore(aws.administrator), "sts", "us-east-1")
    request.context["timestamp"] = "20200101T000000Z"
    request.headers["X-Amz-Date"] = "20200101T000000Z"
    request.headers["Authorization"] = (
        f"AWS4-HMAC-SHA256 Credential={signer.scope(request)}, SignedHeaders=host;x-amz-date, Signature={'0' * 64}"
    )
    status, body = _send(request)
    assert status == 403
    assert b"Signature expired" in body


@pytest.mark.parametrize("header", ["Bearer abc", "AWS4-HMAC-SHA256 Credential=x", "AWS key:signature"])
def test_another_kind_of_authorization_is_refused(aws: TwinAws, header: str) -> None:
    """What is no Signature Version 4 is refused."""
    request = AWSRequest(method="GET", url=f"{aws.run.endpoint}/", headers={"Authorization": header})
    status, _ = _send(request)
    assert status == 400


def test_an_inactive_key_is_refused(aws: TwinAws, new_user: Callable[..., tuple[str, Keys]]) -> None:
    """A key set to Inactive is refused."""
    name, keys = new_user()
    aws.client("sts", keys).get_caller_identity()
    aws.client("iam").update_access_key(UserName=name, AccessKeyId=keys.access_key_id, Status="Inactive")
    with refused("InvalidClientTokenId"):
        aws.client("sts", keys).get_caller_identity()


def test_a_deleted_key_is_refused(aws: TwinAws, new_user: Callable[..., tuple[str, Keys]]) -> None:
    """A deleted key is refused."""
    name, keys = new_user()
    aws.client("iam").delete_access_key(UserName=name, AccessKeyId=keys.access_key_id)
    with refused("InvalidClientTokenId"):
        aws.client("sts", keys).get_caller_identity()


@pytest.mark.parametrize("token", ["", "another"])
def test_a_session_needs_its_token(aws: TwinAws, account: str, token: str) -> None:
    """Session credentials without their token, or with another one, are refused."""
    keys = replace(aws.into(account), session_token=token)
    with refused("InvalidClientTokenId"):
        aws.client("sts", keys).get_caller_identity()


def test_a_session_ends(aws: TwinAws, account: str, clock_ahead: Callable[[int], object]) -> None:
    """Session credentials are refused once their time is over."""
    keys = aws.assume(f"arn:aws:iam::{account}:role/OrganizationAccountAccessRole", DurationSeconds=900)
    clock_ahead(890)
    aws.client("sts", keys).get_caller_identity()
    clock_ahead(910)
    with refused("ExpiredToken"):
        aws.client("sts", keys).get_caller_identity()
    with refused("ExpiredTokenException"):
        aws.client("kms", keys).list_keys()


def test_a_session_ends_with_its_role(aws: TwinAws, account: str, new_role: Callable[..., str]) -> None:
    """A session of a role that was deleted and made anew is refused: it belonged to another role."""
    trust = document({"Effect": "Allow", "Principal": {"AWS": MANAGEMENT}, "Action": "sts:AssumeRole"})
    arn = new_role(account, trust)
    keys = aws.assume(arn)
    iam, name = aws.client("iam", aws.into(account)), arn.rpartition("/")[2]
    iam.delete_role(RoleName=name)
    iam.create_role(RoleName=name, AssumeRolePolicyDocument=trust)
    with refused("InvalidClientTokenId"):
        aws.client("sts", keys).get_caller_identity()


def test_identity_needs_no_permission(aws: TwinAws, new_user: Callable[..., tuple[str, Keys]]) -> None:
    """GetCallerIdentity answers a user that has no policy at all."""
    name, keys = new_user()
    identity = aws.client("sts", keys).get_caller_identity()
    assert identity["Arn"] == f"arn:aws:iam::{MANAGEMENT}:user/{name}"
    assert identity["UserId"].startswith("AIDA")


def test_the_management_account_has_the_id_it_was_given(aws: TwinAws) -> None:
    """The administrator is in the account of the options, not in the emulator's default one."""
    assert aws.client("sts").get_caller_identity()["Account"] == MANAGEMENT


def test_nobody_chooses_an_account_by_a_header(aws: TwinAws, account: str) -> None:
    """The emulator's header for choosing an account has no effect when a client sends it."""
    request = AWSRequest(
        method="POST",
        url=f"{aws.run.endpoint}/",
        data="Action=ListUsers&Version=2010-05-08",
        headers={"Content-Type": "application/x-www-form-urlencoded", "x-moto-account-id": account},
    )
    SigV4Auth(_botocore(aws.administrator), "iam", "us-east-1").add_auth(request)
    _, body = _send(request)
    assert b"user/administrator" in body


def test_a_presigned_url_is_good_for_its_time(aws: TwinAws, account: str) -> None:
    """A presigned URL is honoured, and refused when its signature is changed."""
    keys = aws.into(account)
    s3 = aws.client("s3", keys)
    s3.create_bucket(Bucket=f"presigned-{account}")
    s3.put_object(Bucket=f"presigned-{account}", Key="a b", Body=b"content")
    url = _signing_version_4(aws, keys).generate_presigned_url(
        "get_object", {"Bucket": f"presigned-{account}", "Key": "a b"}, ExpiresIn=60
    )
    with urllib.request.urlopen(url) as answer:
        assert answer.read() == b"content"
    with pytest.raises(HTTPError) as caught:
        urllib.request.urlopen(url.replace("Signature=", "Signature=0"))
    with caught.value as refusal:
        assert refusal.code == 403


def test_a_user_with_everything_acts_in_its_own_account(
    aws: TwinAws, account: str, new_user: Callable[..., tuple[str, Keys]]
) -> None:
    """A member account's user acts there and nowhere else."""
    _, keys = new_user(document(*EVERYTHING["Statement"]), aws.into(account))
    assert aws.client("sts", keys).get_caller_identity()["Account"] == account
    names = {role["RoleName"] for role in aws.client("iam", keys).list_roles()["Roles"]}
    assert names == {"OrganizationAccountAccessRole"}


def _unsigned_client(service: str, endpoint: str):  # noqa: ANN202 - boto3's client has no type
    config = Config(signature_version=UNSIGNED, retries={"total_max_attempts": 1})
    return boto3.client(service, region_name="us-east-1", endpoint_url=endpoint, config=config)


def _signing_version_4(aws: TwinAws, keys: Keys):  # noqa: ANN202 - boto3's client has no type
    return boto3.client(
        "s3",
        aws_access_key_id=keys.access_key_id,
        aws_secret_access_key=keys.secret_access_key,
        aws_session_token=keys.session_token,
        region_name="us-east-1",
        endpoint_url=aws.run.endpoint,
        config=Config(signature_version="s3v4"),
    )


def _botocore(keys: Keys) -> Credentials:
    return Credentials(keys.access_key_id, keys.secret_access_key, keys.session_token or None)


def _send(request: AWSRequest, body: bytes | None = None) -> tuple[int, bytes]:
    prepared = request.prepare()
    parts = urlsplit(prepared.url)
    connection = http.client.HTTPConnection(parts.hostname, parts.port, timeout=10)
    try:
        target = parts.path + (f"?{parts.query}" if parts.query else "")
        headers = {name: str(value) for name, value in prepared.headers.items() if name.lower() != "content-length"}
        connection.request(prepared.method, target, body=prepared.body if body is None else body, headers=headers)
        answer = connection.getresponse()
        return answer.status, answer.read()
    finally:
        connection.close()
