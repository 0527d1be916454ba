"""CloudTrail as an organisation meets it: who may make its trail, whose it is then, and what the trail needs."""

from __future__ import annotations

import itertools
import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest

from tests.support.twin_fixtures import MANAGEMENT, Keys, TwinAws, document, refused

SERVICE = "cloudtrail.amazonaws.com"


@dataclass(frozen=True)
class Delegate:
    """A member account to which CloudTrail is delegated, with a bucket and a key that CloudTrail may use."""

    aws: TwinAws
    account_id: str
    keys: Keys
    bucket: str
    key: str

    def client(self, service: str) -> Any:
        """Return a client of a service in the account."""
        return self.aws.client(service, self.keys)

    def create(self, name: str, **more: object) -> Any:
        """Create an organisation trail."""
        wanted = {"S3BucketName": self.bucket, "IsOrganizationTrail": True, **more}
        return self.client("cloudtrail").create_trail(Name=name, **wanted)


def _allow(action: str | list[str], resource: str, **conditions: str) -> dict[str, Any]:
    statement = {"Effect": "Allow", "Principal": {"Service": SERVICE}, "Action": action, "Resource": resource}
    return {**statement, "Condition": {"StringEquals": conditions}} if conditions else statement


def _bucket_policy(bucket: str, *owners: str, source: str = "") -> str:
    arn = f"arn:aws:s3:::{bucket}"
    only = {"aws:SourceArn": source} if source else {}
    writes = (_allow("s3:PutObject", f"{arn}/AWSLogs/{owner}/*", **only) for owner in owners)
    return document(_allow("s3:GetBucketAcl", arn, **only), *writes)


@pytest.fixture(scope="session")
def counter() -> Iterator[int]:
    """Count, so that trails and buckets differ."""
    return itertools.count(1)


@pytest.fixture(scope="session")
def delegate(aws: TwinAws, organization: str) -> Delegate:
    """Delegate CloudTrail to a member account."""
    made = aws.client("organizations").create_account(Email="trails@example.com", AccountName="trails")
    account_id = str(made["CreateAccountStatus"]["AccountId"])
    aws.client("organizations").enable_aws_service_access(ServicePrincipal=SERVICE)
    aws.client("cloudtrail").register_organization_delegated_admin(MemberAccountId=account_id)
    keys = aws.into(account_id)
    s3 = aws.client("s3", keys)
    s3.create_bucket(Bucket="the-trails")
    s3.put_bucket_policy(Bucket="the-trails", Policy=_bucket_policy("the-trails", MANAGEMENT, organization))
    own = {"Effect": "Allow", "Principal": {"AWS": account_id}, "Action": "kms:*", "Resource": "*"}
    policy = document(own, _allow(["kms:GenerateDataKey*", "kms:DescribeKey"], "*"))
    key = aws.client("kms", keys).create_key(Policy=policy)["KeyMetadata"]["Arn"]
    return Delegate(aws, account_id, keys, "the-trails", str(key))


def test_a_delegated_administrators_trail_is_the_managements(delegate: Delegate, counter: Iterator[int]) -> None:
    """The trail's ARN and the trail are the management account's; whoever made it finds it by ARN and not by name."""
    name = f"trail-{next(counter)}"
    arn = delegate.create(name, KmsKeyId=delegate.key)["TrailARN"]
    assert arn.split(":")[4] == MANAGEMENT
    assert delegate.aws.client("cloudtrail").get_trail(Name=name)["Trail"]["TrailARN"] == arn
    assert delegate.client("cloudtrail").get_trail(Name=arn)["Trail"]["IsOrganizationTrail"] is True
    with refused("TrailNotFoundException"):
        delegate.client("cloudtrail").get_trail(Name=name)


def test_a_delegated_administrator_manages_it(delegate: Delegate, counter: Iterator[int]) -> None:
    """By its ARN the trail is started, stopped, tagged, changed and deleted from the delegated account."""
    cloudtrail = delegate.client("cloudtrail")
    arn = delegate.create(f"trail-{next(counter)}")["TrailARN"]
    cloudtrail.start_logging(Name=arn)
    assert cloudtrail.get_trail_status(Name=arn)["IsLogging"] is True
    cloudtrail.stop_logging(Name=arn)
    cloudtrail.add_tags(ResourceId=arn, TagsList=[{"Key": "a", "Value": "1"}])
    assert cloudtrail.list_tags(ResourceIdList=[arn])["ResourceTagList"][0]["TagsList"] == [{"Key": "a", "Value": "1"}]
    assert cloudtrail.update_trail(Name=arn, IsMultiRegionTrail=True)["IsMultiRegionTrail"] is True
    cloudtrail.delete_trail(Name=arn)
    with refused("TrailNotFoundException"):
        cloudtrail.delete_trail(Name=arn)


def test_any_other_member_is_refused(
    delegate: Delegate, aws: TwinAws, account: str, organization: str, counter: Iterator[int]
) -> None:
    """A member to which nothing is delegated can neither make an organisation trail nor touch one."""
    arn = delegate.create(f"trail-{next(counter)}")["TrailARN"]
    keys, bucket = aws.into(account), f"others-{account}"
    aws.client("s3", keys).create_bucket(Bucket=bucket)
    policy = _bucket_policy(bucket, MANAGEMENT, organization)
    aws.client("s3", keys).put_bucket_policy(Bucket=bucket, Policy=policy)
    cloudtrail = aws.client("cloudtrail", keys)
    with refused("NotOrganizationMasterAccountException"):
        cloudtrail.create_trail(Name="others", S3BucketName=bucket, IsOrganizationTrail=True)
    for act in (cloudtrail.stop_logging, cloudtrail.delete_trail):
        with refused("TrailNotFoundException"):
            act(Name=arn)
    assert delegate.client("cloudtrail").get_trail(Name=arn)["Trail"]["TrailARN"] == arn


@pytest.mark.parametrize(
    ("owners", "source"),
    [
        pytest.param((MANAGEMENT,), "", id="not for the organisation"),
        pytest.param(("{organization}",), "", id="not for the owner"),
        pytest.param((), "", id="for none"),
        pytest.param(
            (MANAGEMENT, "{organization}"),
            "arn:aws:cloudtrail:us-east-1:999999999999:trail/refused",
            id="for the trail of another account",
        ),
    ],
)
def test_the_bucket_has_to_let_cloudtrail_in(
    delegate: Delegate, organization: str, counter: Iterator[int], owners: tuple[str, ...], source: str
) -> None:
    """Without a policy for the trail as the management account's, CloudTrail refuses the bucket."""
    bucket, s3 = f"trails-{next(counter)}", delegate.client("s3")
    s3.create_bucket(Bucket=bucket)
    named = [owner.format(organization=organization) for owner in owners]
    s3.put_bucket_policy(Bucket=bucket, Policy=_bucket_policy(bucket, *named, source=source))
    with refused("InsufficientS3BucketPolicyException") as found:
        delegate.create("refused", S3BucketName=bucket)
    assert bucket in found.message


def test_the_key_has_to_let_cloudtrail_encrypt(delegate: Delegate) -> None:
    """A key without a statement for CloudTrail is refused, and so is one that is not there."""
    plain = delegate.client("kms").create_key()["KeyMetadata"]["Arn"]
    with refused("InsufficientEncryptionPolicyException"):
        delegate.create("refused", KmsKeyId=plain)
    with refused("KmsKeyNotFoundException"):
        delegate.create("refused", KmsKeyId=plain[:-12] + "000000000000")


def test_a_name_is_good_for_one_trail(delegate: Delegate, counter: Iterator[int]) -> None:
    """A second trail of a name is refused, naming the account that has it."""
    name = f"trail-{next(counter)}"
    delegate.create(name)
    with refused("TrailAlreadyExistsException") as found:
        delegate.create(name)
    assert MANAGEMENT in found.message


def test_trusted_access_comes_first(delegate: Delegate, aws: TwinAws, account: str) -> None:
    """While the organisation does not trust CloudTrail it has no organisation trail, nor anybody to delegate to."""
    organizations = aws.client("organizations")
    organizations.disable_aws_service_access(ServicePrincipal=SERVICE)
    try:
        with refused("CloudTrailAccessNotEnabledException"):
            delegate.create("refused")
        with refused("CloudTrailAccessNotEnabledException"):
            aws.client("cloudtrail").register_organization_delegated_admin(MemberAccountId=account)
    finally:
        organizations.enable_aws_service_access(ServicePrincipal=SERVICE)


@pytest.mark.parametrize(
    ("member", "code"),
    [
        ("management", "CannotDelegateManagementAccountException"),
        ("stranger", "AccountNotFoundException"),
        ("delegate", "AccountRegisteredException"),
    ],
)
def test_who_can_be_delegated_to(delegate: Delegate, aws: TwinAws, member: str, code: str) -> None:
    """Neither the management account, nor one outside the organisation, nor the same account again."""
    ids = {"management": MANAGEMENT, "stranger": "999999999999", "delegate": delegate.account_id}
    with refused(code):
        aws.client("cloudtrail").register_organization_delegated_admin(MemberAccountId=ids[member])


def test_only_the_management_account_delegates(delegate: Delegate, account: str) -> None:
    """Not even the delegated administrator registers another, or itself away."""
    cloudtrail = delegate.client("cloudtrail")
    with refused("NotOrganizationMasterAccountException"):
        cloudtrail.register_organization_delegated_admin(MemberAccountId=account)
    with refused("NotOrganizationMasterAccountException"):
        cloudtrail.deregister_organization_delegated_admin(DelegatedAdminAccountId=delegate.account_id)


def test_delegating_asks_for_the_right_in_organizations_too(aws: TwinAws, account: str, new_user: Any) -> None:
    """CloudTrail's own right is not enough: Organizations is asked on the caller's behalf."""
    allow = {"Effect": "Allow", "Action": "cloudtrail:*", "Resource": "*"}
    _, keys = new_user(json.dumps({"Version": "2012-10-17", "Statement": [allow]}))
    with refused("AccessDeniedException") as found:
        aws.client("cloudtrail", keys).register_organization_delegated_admin(MemberAccountId=account)
    assert "organizations:RegisterDelegatedAdministrator" in found.message
