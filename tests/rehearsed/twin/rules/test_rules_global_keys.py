"""What conditions can ask of every request. Source: IAM User Guide, "AWS global condition context keys"."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.rehearsed.twin.rules.rule_scene import Subject, allow, allowed
from tests.support.twin_fixtures import MANAGEMENT, Keys, document

NewUser = Callable[..., tuple[str, Keys]]
_EARLIER, _LATER = "2000-01-01T00:00:00Z", "2100-01-01T00:00:00Z"


@pytest.mark.parametrize(
    ("key", "operator", "right", "wrong"),
    [
        ("aws:PrincipalArn", "ArnEquals", "arn:aws:iam::{account}:role/subject", "arn:aws:iam::{account}:role/other"),
        ("aws:PrincipalAccount", "StringEquals", "{account}", MANAGEMENT),
        ("aws:PrincipalOrgID", "StringEquals", "{organization}", "o-another000"),
        ("aws:PrincipalType", "StringEquals", "AssumedRole", "User"),
        ("aws:PrincipalTag/text", "StringEquals", "Team-A", "Team-B"),
        ("aws:PrincipalIsAWSService", "Bool", "false", "true"),
        ("aws:ViaAWSService", "Bool", "false", "true"),
        ("aws:RequestedRegion", "StringEquals", "{region}", "ap-south-1"),
        ("aws:ResourceAccount", "StringEquals", "{account}", MANAGEMENT),
        ("aws:ResourceOrgID", "StringEquals", "{organization}", "o-another000"),
        ("aws:SecureTransport", "Bool", "true", "false"),
        ("aws:SourceIp", "IpAddress", "127.0.0.0/8", "10.0.0.0/8"),
        ("aws:CurrentTime", "DateLessThan", _LATER, _EARLIER),
        ("aws:EpochTime", "DateGreaterThan", _EARLIER, _LATER),
        ("aws:TokenIssueTime", "DateLessThan", _LATER, _EARLIER),
        ("aws:MultiFactorAuthPresent", "Bool", "false", "true"),
        ("sts:RoleSessionName", "StringEquals", "test", "other"),
        ("aws:UserAgent", "StringLike", "*Boto3*", "curl*"),
    ],
)
def test_a_key_of_every_request(
    subject: Subject, organization: str, key: str, operator: str, right: str, wrong: str
) -> None:
    """The key has the request's value: a condition on it holds for that and for no other."""
    words = {"account": subject.account, "organization": organization, "region": subject.aws.run.region}
    assert subject.under({operator: {key: right.format(**words)}}).may_list()
    assert not subject.under({operator: {key: wrong.format(**words)}}).may_list()


@pytest.mark.parametrize("key", ["aws:SourceAccount", "aws:SourceArn", "aws:PrincipalServiceName", "aws:SourceOrgID"])
def test_what_only_services_bring(subject: Subject, key: str) -> None:
    """A principal's own call has no key that tells for whom a service calls (each key's "Availability")."""
    assert subject.under({"Null": {key: "true"}}).may_list()
    assert not subject.under({"StringLike": {key: "*"}}).may_list()


@pytest.mark.parametrize(
    ("condition", "expected"),
    [
        ({"StringEquals": {"aws:RequestTag/team": "1"}}, True),
        ({"StringEquals": {"aws:RequestTag/team": "2"}}, False),
        ({"Null": {"aws:RequestTag/team": "false"}}, True),
        ({"Null": {"aws:RequestTag/owner": "false"}}, False),
        ({"ForAllValues:StringEquals": {"aws:TagKeys": "team"}}, True),
        ({"ForAllValues:StringEquals": {"aws:TagKeys": "owner"}}, False),
    ],
)
def test_the_tags_of_a_request(subject: Subject, condition: dict[str, object], expected: bool) -> None:
    """aws:RequestTag has the value of each tag a request brings, aws:TagKeys their keys ("aws:RequestTag")."""
    assert subject.under(condition).may_tag("team") is expected


def test_plain_http_is_no_secure_transport(subject: Subject) -> None:
    """aws:SecureTransport is false for a request without TLS ("aws:SecureTransport")."""
    subject.holds(allow(Condition={"Bool": {"aws:SecureTransport": "false"}}))
    insecure = subject.aws.client("sqs", subject.keys, insecure=True)
    assert allowed(insecure.list_queues)
    subject.holds(allow(Condition={"Bool": {"aws:SecureTransport": "true"}}))
    assert not allowed(insecure.list_queues)


def test_the_region_is_the_one_called(subject: Subject) -> None:
    """aws:RequestedRegion is the region that the request went to; global services are in us-east-1 (same page)."""
    subject.holds(allow(Condition={"StringEquals": {"aws:RequestedRegion": "us-east-1"}}))
    aws, keys = subject.aws, subject.keys
    assert allowed(aws.client("sqs", keys, region="us-east-1").list_queues)
    assert not allowed(aws.client("sqs", keys, region="eu-west-1").list_queues)
    assert allowed(aws.client("iam", keys, region="eu-west-1").list_roles)


@pytest.mark.parametrize(
    ("condition", "expected"),
    [
        ({"Null": {"aws:MultiFactorAuthPresent": "true"}}, True),
        ({"Bool": {"aws:MultiFactorAuthPresent": "false"}}, False),
        ({"BoolIfExists": {"aws:MultiFactorAuthPresent": "true"}}, True),
        ({"Null": {"aws:MultiFactorAuthAge": "true"}}, True),
        ({"Null": {"aws:TokenIssueTime": "true"}}, True),
        ({"StringEquals": {"aws:PrincipalType": "User"}}, True),
    ],
)
def test_long_term_keys_have_no_keys_of_sessions(
    subject: Subject, new_user: NewUser, condition: dict[str, object], expected: bool
) -> None:
    """Long-term keys have no aws:MultiFactorAuthPresent, not even a false one ("aws:MultiFactorAuthPresent")."""
    _, keys = new_user(document(allow(Condition=condition)), subject.admin)
    assert allowed(subject.aws.client("sqs", keys).list_queues) is expected
