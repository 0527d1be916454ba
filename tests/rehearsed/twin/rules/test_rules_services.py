"""AWS services as callers, one rule each: CloudTrail checks, when a trail is made, whether it may write to its bucket.

Sources: IAM User Guide, "AWS JSON policy elements: Principal", "AWS global condition context keys"; AWS CloudTrail User
Guide, "Amazon S3 bucket policy for CloudTrail".
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import pytest

from tests.rehearsed.twin.rules.rule_scene import Subject, allow
from tests.support.twin_fixtures import Keys, TwinAws, document


@pytest.fixture(scope="module")
def counter() -> Iterator[int]:
    """Count, so that names differ."""
    return itertools.count(1)


@dataclass(frozen=True, slots=True)
class Delivery:
    """A bucket of an account, and CloudTrail that is to write there."""

    aws: TwinAws
    account: str
    admin: Keys
    bucket: str
    trail: str

    def works(self, condition: Mapping[str, object], service: str = "cloudtrail.amazonaws.com") -> bool:
        """Tell whether a trail may be made when the bucket lets a service in under a condition."""
        arn = f"arn:aws:s3:::{self.bucket}"
        principal = {"Principal": {"Service": service}, "Condition": dict(condition)}
        policy = document(allow("s3:GetBucketAcl", arn, **principal), allow("s3:PutObject", f"{arn}/*", **principal))
        self.aws.client("s3", self.admin).put_bucket_policy(Bucket=self.bucket, Policy=policy)
        trails = self.aws.client("cloudtrail", self.admin)
        name = self.trail.rpartition("/")[2]
        try:
            trails.create_trail(Name=name, S3BucketName=self.bucket)
        except trails.exceptions.InsufficientS3BucketPolicyException:
            return False
        trails.delete_trail(Name=name)
        return True


@pytest.fixture
def delivery(subject: Subject, counter: Iterator[int]) -> Delivery:
    """Return a bucket and the name of a trail."""
    number = next(counter)
    bucket = f"trail-{number}-{subject.account}"
    subject.aws.client("s3", subject.admin).create_bucket(Bucket=bucket)
    trail = f"arn:aws:cloudtrail:{subject.aws.run.region}:{subject.account}:trail/trail-{number}"
    return Delivery(subject.aws, subject.account, subject.admin, bucket, trail)


def test_a_service_needs_to_be_named(delivery: Delivery) -> None:
    """A service gets in where a resource policy names it ("AWS service principals")."""
    assert delivery.works({})
    assert not delivery.works({}, service="config.amazonaws.com")


@pytest.mark.parametrize(
    ("key", "right", "wrong"),
    [
        ("aws:SourceAccount", "{account}", "111111111111"),
        ("aws:SourceArn", "{trail}", "{trail}-other"),
        ("aws:PrincipalServiceName", "cloudtrail.amazonaws.com", "config.amazonaws.com"),
        ("aws:PrincipalIsAWSService", "true", "false"),
        ("aws:SourceOrgID", "{organization}", "o-another000"),
        ("aws:SecureTransport", "true", "false"),
    ],
)
def test_what_a_service_brings_can_be_asked_for(
    delivery: Delivery, organization: str, key: str, right: str, wrong: str
) -> None:
    """A service's call carries for whom it is made and that a service makes it ("Global condition context keys")."""
    words = {"account": delivery.account, "trail": delivery.trail, "organization": organization}
    assert delivery.works({"StringEquals": {key: right.format(**words)}})
    assert not delivery.works({"StringEquals": {key: wrong.format(**words)}})


def test_a_service_has_no_arn_of_a_principal(delivery: Delivery) -> None:
    """A service's call has no aws:PrincipalArn, aws:PrincipalAccount or aws:PrincipalOrgID (their "Availability")."""
    for key in ("aws:PrincipalArn", "aws:PrincipalAccount", "aws:PrincipalOrgID"):
        assert delivery.works({"Null": {key: "true"}})
        assert not delivery.works({"Null": {key: "false"}})


def test_who_calls_is_no_service(subject: Subject) -> None:
    """A role's own call has aws:PrincipalIsAWSService false ("aws:PrincipalIsAWSService")."""
    assert subject.under({"Bool": {"aws:PrincipalIsAWSService": "false"}}).may_list()
    assert not subject.under({"Bool": {"aws:PrincipalIsAWSService": "true"}}).may_list()
