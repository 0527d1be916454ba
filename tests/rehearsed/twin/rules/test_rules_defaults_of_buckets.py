"""What a new bucket has in AWS, and what S3 refuses its owner for that."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest

from tests.rehearsed.twin.rules.rule_scene import allow
from tests.support.twin_fixtures import MANAGEMENT, Keys, TwinAws, document, refused

Client = Any
"""A client of boto3, which has no types."""

ALL_BLOCKED = {
    "BlockPublicAcls": True,
    "BlockPublicPolicy": True,
    "IgnorePublicAcls": True,
    "RestrictPublicBuckets": True,
}
NOT_BLOCKED = dict.fromkeys(ALL_BLOCKED, False)
ALL_USERS = "http://acs.amazonaws.com/groups/global/AllUsers"


@dataclass(frozen=True, slots=True)
class Scene:
    """An account with a new bucket, and clients of its administrator."""

    aws: TwinAws
    account: str
    keys: Keys
    bucket: str

    @property
    def s3(self) -> Client:
        """Return a client of the account's administrator."""
        return self.aws.client("s3", self.keys)

    def policy(self, *statements: dict[str, Any]) -> str:
        """Return a policy of this bucket, by default for everybody."""
        arn = f"arn:aws:s3:::{self.bucket}"
        return document(*({"Principal": "*", "Resource": [arn, f"{arn}/*"], **each} for each in statements))

    def lets_in(self, **more: object) -> None:
        """Put a policy that allows everybody to read, as far as `more` does not narrow it."""
        statement = {"Effect": "Allow", "Action": ["s3:GetObject", "s3:ListBucket"], **more}
        self.s3.put_bucket_policy(Bucket=self.bucket, Policy=self.policy(statement))


@pytest.fixture
def scene(aws: TwinAws, account: str, numbers: Iterator[int]) -> Scene:
    """Make a bucket in an account of the test's own."""
    made = Scene(aws, account, aws.into(account), f"defaults-{account}-{next(numbers)}")
    made.s3.create_bucket(Bucket=made.bucket)
    return made


def test_a_new_bucket_encrypts_with_keys_of_s3(scene: Scene) -> None:
    """A bucket encrypts with S3's own keys from the start and takes no objects under keys of the caller's own.

    Amazon S3 User Guide, "Setting default server-side encryption behavior for Amazon S3 buckets".
    """
    told = scene.s3.get_bucket_encryption(Bucket=scene.bucket)["ServerSideEncryptionConfiguration"]
    assert told["Rules"] == [
        {
            "ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "AES256"},
            "BucketKeyEnabled": False,
            "BlockedEncryptionTypes": {"EncryptionType": ["SSE-C"]},
        }
    ]


def test_encryption_cannot_be_taken_away(scene: Scene) -> None:
    """Deleting a bucket's encryption makes it S3's own again.

    Amazon S3 API Reference, "DeleteBucketEncryption": it resets the default encryption to SSE-S3.
    """
    rule = {"ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "aws:kms"}, "BucketKeyEnabled": True}
    scene.s3.put_bucket_encryption(Bucket=scene.bucket, ServerSideEncryptionConfiguration={"Rules": [rule]})
    told = scene.s3.get_bucket_encryption(Bucket=scene.bucket)["ServerSideEncryptionConfiguration"]["Rules"][0]
    assert told == {**rule, "BlockedEncryptionTypes": {"EncryptionType": ["SSE-C"]}}
    scene.s3.delete_bucket_encryption(Bucket=scene.bucket)
    told = scene.s3.get_bucket_encryption(Bucket=scene.bucket)["ServerSideEncryptionConfiguration"]["Rules"][0]
    assert told["ApplyServerSideEncryptionByDefault"] == {"SSEAlgorithm": "AES256"}


def test_keys_of_the_callers_own_are_blocked(scene: Scene) -> None:
    """A new bucket refuses objects that are encrypted with a key the caller sends.

    Amazon S3 User Guide, "Blocking or unblocking SSE-C for a general purpose bucket".
    """
    with refused("AccessDenied"):
        scene.s3.put_object(
            Bucket=scene.bucket, Key="x", Body=b"x", SSECustomerAlgorithm="AES256", SSECustomerKey="k" * 32
        )


def test_a_new_bucket_blocks_public_access(scene: Scene) -> None:
    """A bucket begins with all four settings on; deleting them leaves none.

    Amazon S3 User Guide, "Blocking public access to your Amazon S3 storage".
    """
    told = scene.s3.get_public_access_block(Bucket=scene.bucket)["PublicAccessBlockConfiguration"]
    assert told == ALL_BLOCKED
    scene.s3.delete_public_access_block(Bucket=scene.bucket)
    with refused("NoSuchPublicAccessBlockConfiguration"):
        scene.s3.get_public_access_block(Bucket=scene.bucket)


def test_a_public_policy_is_refused(scene: Scene) -> None:
    """A policy that lets in everybody is refused while BlockPublicPolicy is on, and taken once it is off.

    Amazon S3 User Guide, "Blocking public access to your Amazon S3 storage", BlockPublicPolicy.
    """
    with refused("AccessDenied") as denial:
        scene.lets_in()
    assert denial.status == 403
    assert denial.message.endswith(
        "because public policies are blocked by the BlockPublicPolicy block public access setting."
    )
    scene.s3.put_public_access_block(Bucket=scene.bucket, PublicAccessBlockConfiguration=NOT_BLOCKED)
    scene.lets_in()
    assert scene.s3.get_bucket_policy_status(Bucket=scene.bucket)["PolicyStatus"]["IsPublic"]


def test_the_accounts_setting_counts_as_well(scene: Scene) -> None:
    """A public policy is refused where the account blocks it, whatever the bucket says.

    Amazon S3 User Guide, "Blocking public access to your Amazon S3 storage": the most restrictive combination of both.
    """
    scene.s3.delete_public_access_block(Bucket=scene.bucket)
    control = scene.aws.client("s3control", scene.keys)
    only = {**NOT_BLOCKED, "BlockPublicPolicy": True}
    control.put_public_access_block(AccountId=scene.account, PublicAccessBlockConfiguration=only)
    with refused("AccessDenied"):
        scene.lets_in()
    control.delete_public_access_block(AccountId=scene.account)
    scene.lets_in()


def test_an_account_blocks_nothing_at_first(scene: Scene) -> None:
    """A new account has no settings of public access of its own.

    Amazon S3 API Reference, "GetPublicAccessBlock" of an account: NoSuchPublicAccessBlockConfiguration.
    """
    with refused("NoSuchPublicAccessBlockConfiguration"):
        scene.aws.client("s3control", scene.keys).get_public_access_block(AccountId=scene.account)


NARROW: list[dict[str, Any]] = [
    {"Principal": {"AWS": f"arn:aws:iam::{MANAGEMENT}:root"}},
    {"Principal": {"Service": "cloudtrail.amazonaws.com"}},
    {"Effect": "Deny"},
    {"Condition": {"StringEquals": {"aws:PrincipalOrgID": "o-abcdefghij"}}},
    {"Condition": {"StringEquals": {"aws:SourceAccount": MANAGEMENT}, "Bool": {"aws:SecureTransport": "true"}}},
    {"Condition": {"ArnLike": {"aws:SourceArn": f"arn:aws:cloudtrail:*:{MANAGEMENT}:trail/*"}}},
    {"Condition": {"IpAddress": {"aws:SourceIp": ["203.0.113.0/24", "10.0.0.0/8"]}}},
]
WIDE: list[dict[str, Any]] = [
    {"Principal": {"AWS": "*"}},
    {"Principal": {"AWS": [f"arn:aws:iam::{MANAGEMENT}:root", "*"]}},
    {"Condition": {"Bool": {"aws:SecureTransport": "true"}}},
    {"Condition": {"StringLike": {"aws:SourceVpc": "vpc-*"}}},
    {"Condition": {"StringNotEquals": {"aws:PrincipalOrgID": "o-abcdefghij"}}},
    {"Condition": {"StringEqualsIfExists": {"aws:PrincipalOrgID": "o-abcdefghij"}}},
    {"Condition": {"IpAddress": {"aws:SourceIp": "0.0.0.0/1"}}},
]


@pytest.fixture(scope="module")
def judged(aws: TwinAws, organization: str) -> Scene:
    """Make one bucket whose policy is replaced with each question."""
    assert organization
    made = aws.client("organizations").create_account(Email="public@example.com", AccountName="public")
    account = str(made["CreateAccountStatus"]["AccountId"])
    scene = Scene(aws, account, aws.into(account), f"judged-{account}")
    scene.s3.create_bucket(Bucket=scene.bucket)
    return scene


@pytest.mark.parametrize("statement", NARROW, ids=[json.dumps(each)[:60] for each in NARROW])
def test_a_policy_for_some_is_not_public(judged: Scene, statement: dict[str, Any]) -> None:
    """What lets in fixed principals, organisations, accounts or addresses is not public.

    Amazon S3 User Guide, "Blocking public access to your Amazon S3 storage", "The meaning of "public"".
    """
    judged.lets_in(**statement)
    assert judged.s3.get_bucket_policy_status(Bucket=judged.bucket)["PolicyStatus"]["IsPublic"] is False


@pytest.mark.parametrize("statement", WIDE, ids=[json.dumps(each)[:60] for each in WIDE])
def test_a_policy_that_only_looks_narrow_is_public(judged: Scene, statement: dict[str, Any]) -> None:
    """Wildcards, negations, other condition keys and the widest ranges of addresses leave a policy public.

    Amazon S3 User Guide, "Blocking public access to your Amazon S3 storage", "The meaning of "public"".
    """
    with refused("AccessDenied"):
        judged.lets_in(**statement)


def test_a_public_bucket_is_restricted_to_its_account(scene: Scene, aws: TwinAws) -> None:
    """With RestrictPublicBuckets a bucket with a public policy lets in its own account alone.

    Amazon S3 User Guide, "Blocking public access to your Amazon S3 storage", RestrictPublicBuckets.
    """
    scene.s3.put_object(Bucket=scene.bucket, Key="x", Body=b"x")
    restricted = {**NOT_BLOCKED, "RestrictPublicBuckets": True}
    scene.s3.put_public_access_block(Bucket=scene.bucket, PublicAccessBlockConfiguration=restricted)
    scene.lets_in()
    with refused("AccessDenied"):
        aws.client("s3").get_object(Bucket=scene.bucket, Key="x")
    assert scene.s3.get_object(Bucket=scene.bucket, Key="x")["Body"].read() == b"x"
    scene.s3.delete_public_access_block(Bucket=scene.bucket)
    assert aws.client("s3").get_object(Bucket=scene.bucket, Key="x")["Body"].read() == b"x"


def test_a_new_bucket_has_no_lists(scene: Scene) -> None:
    """A bucket begins with access control lists switched off: setting one is an error, reading it is not.

    Amazon S3 User Guide, "Controlling ownership of objects and disabling ACLs for your bucket".
    """
    rules = scene.s3.get_bucket_ownership_controls(Bucket=scene.bucket)["OwnershipControls"]["Rules"]
    assert rules == [{"ObjectOwnership": "BucketOwnerEnforced"}]
    assert scene.s3.get_bucket_acl(Bucket=scene.bucket)["Grants"][0]["Permission"] == "FULL_CONTROL"
    with refused("AccessControlListNotSupported") as refusal:
        scene.s3.put_bucket_acl(Bucket=scene.bucket, ACL="private")
    assert (refusal.status, refusal.message) == (400, "The bucket does not allow ACLs")


def test_uploads_without_lists_may_name_the_owner(scene: Scene) -> None:
    """Without lists an upload may still say bucket-owner-full-control, nothing else.

    Amazon S3 User Guide, "Controlling ownership of objects and disabling ACLs for your bucket".
    """
    put = {"Bucket": scene.bucket, "Key": "x", "Body": b"x"}
    scene.s3.put_object(**put, ACL="bucket-owner-full-control")
    with refused("AccessControlListNotSupported"):
        scene.s3.put_object(**put, ACL="private")
    with refused("AccessControlListNotSupported"):
        scene.s3.put_object_acl(Bucket=scene.bucket, Key="x", ACL="bucket-owner-full-control")


def test_lists_have_to_be_switched_on(scene: Scene) -> None:
    """With another ownership lists are taken; public ones only when BlockPublicAcls is off.

    Amazon S3 User Guide, "Blocking public access to your Amazon S3 storage", BlockPublicAcls.
    """
    preferred = {"Rules": [{"ObjectOwnership": "BucketOwnerPreferred"}]}
    scene.s3.put_bucket_ownership_controls(Bucket=scene.bucket, OwnershipControls=preferred)
    scene.s3.put_bucket_acl(Bucket=scene.bucket, ACL="private")
    with refused("AccessDenied") as denial:
        scene.s3.put_bucket_acl(Bucket=scene.bucket, ACL="public-read")
    assert "BlockPublicAcls" in denial.message
    with refused("AccessDenied"):
        scene.s3.put_object(Bucket=scene.bucket, Key="x", Body=b"x", GrantRead=f'uri="{ALL_USERS}"')
    scene.s3.delete_public_access_block(Bucket=scene.bucket)
    scene.s3.put_bucket_acl(Bucket=scene.bucket, ACL="public-read")
    enforced = {"Rules": [{"ObjectOwnership": "BucketOwnerEnforced"}]}
    with refused("InvalidBucketAclWithObjectOwnership"):
        scene.s3.put_bucket_ownership_controls(Bucket=scene.bucket, OwnershipControls=enforced)


@pytest.mark.parametrize(
    ("given", "code"),
    [
        ({"ACL": "public-read"}, "InvalidBucketAclWithObjectOwnership"),
        ({"ACL": "log-delivery-write"}, "InvalidBucketAclWithObjectOwnership"),
        ({"ACL": "public-read", "ObjectOwnership": "ObjectWriter"}, "InvalidBucketAclWithBlockPublicAccessError"),
    ],
)
def test_a_bucket_cannot_begin_with_a_list(scene: Scene, given: dict[str, str], code: str) -> None:
    """A bucket is made with a list only if its ownership allows lists, never with a public one.

    Amazon S3 API Reference, "CreateBucket", Permissions.
    """
    with refused(code):
        scene.s3.create_bucket(Bucket=f"{scene.bucket}-new", **given)


def test_ownership_can_be_chosen_at_first(scene: Scene) -> None:
    """A bucket made with another ownership has that.

    Amazon S3 API Reference, "CreateBucket", x-amz-object-ownership.
    """
    scene.s3.create_bucket(Bucket=f"{scene.bucket}-writer", ObjectOwnership="ObjectWriter", ACL="private")
    rules = scene.s3.get_bucket_ownership_controls(Bucket=f"{scene.bucket}-writer")["OwnershipControls"]["Rules"]
    assert rules == [{"ObjectOwnership": "ObjectWriter"}]


@pytest.mark.parametrize(
    ("region", "place", "code"),
    [
        ("eu-west-1", "", "IllegalLocationConstraintException"),
        ("eu-west-1", "eu-central-1", "IllegalLocationConstraintException"),
        ("us-east-1", "us-east-1", "InvalidLocationConstraint"),
    ],
)
def test_a_bucket_is_made_where_the_request_goes(scene: Scene, region: str, place: str, code: str) -> None:
    """CreateBucket names the region it is sent to, and none in us-east-1.

    Amazon S3 API Reference, "CreateBucket", LocationConstraint; "Error responses".
    """
    constraint = {"CreateBucketConfiguration": {"LocationConstraint": place}} if place else {}
    with refused(code):
        scene.aws.client("s3", scene.keys, region=region).create_bucket(Bucket=f"{scene.bucket}-place", **constraint)


def test_a_bucket_in_us_east_1_has_no_location(scene: Scene) -> None:
    """GetBucketLocation answers nothing for us-east-1, the region anywhere else.

    Amazon S3 API Reference, "GetBucketLocation".
    """
    assert scene.s3.get_bucket_location(Bucket=scene.bucket)["LocationConstraint"] is None
    client = scene.aws.client("s3", scene.keys, region="eu-west-1")
    name = f"{scene.bucket}-west"
    client.create_bucket(Bucket=name, CreateBucketConfiguration={"LocationConstraint": "eu-west-1"})
    assert client.get_bucket_location(Bucket=name)["LocationConstraint"] == "eu-west-1"


def test_a_statement_for_one_is_not_made_public_by_another(scene: Scene) -> None:
    """One public statement among others makes the policy public.

    Amazon S3 User Guide, "Blocking public access to your Amazon S3 storage", "The meaning of "public"".
    """
    narrow = allow("s3:GetObject", Principal={"AWS": f"arn:aws:iam::{MANAGEMENT}:root"})
    policy = scene.policy(
        {**narrow, "Resource": f"arn:aws:s3:::{scene.bucket}/*"},
        allow("s3:GetObject", f"arn:aws:s3:::{scene.bucket}/*"),
    )
    with refused("AccessDenied"):
        scene.s3.put_bucket_policy(Bucket=scene.bucket, Policy=policy)


@pytest.mark.parametrize("as_lists", [False, True])
def test_a_log_bucket_has_to_let_logs_in(scene: Scene, as_lists: bool) -> None:
    """Logging into a bucket wants a policy for the logging service, written however one likes.

    Amazon S3 User Guide, "Enabling Amazon S3 server access logging", InvalidTargetBucketForLogging.
    """
    status = {"LoggingEnabled": {"TargetBucket": scene.bucket, "TargetPrefix": "logs/"}}
    with refused("InvalidTargetBucketForLogging"):
        scene.s3.put_bucket_logging(Bucket=scene.bucket, BucketLoggingStatus=status)
    service, resource = "logging.s3.amazonaws.com", f"arn:aws:s3:::{scene.bucket}/logs/*"
    grant = {
        **allow("s3:PutObject", [resource] if as_lists else resource),
        "Principal": {"Service": [service] if as_lists else service},
        "Condition": {"StringEquals": {"aws:SourceAccount": scene.account}},
    }
    scene.s3.put_bucket_policy(Bucket=scene.bucket, Policy=scene.policy(grant))
    scene.s3.put_bucket_logging(Bucket=scene.bucket, BucketLoggingStatus=status)
    told = scene.s3.get_bucket_logging(Bucket=scene.bucket)["LoggingEnabled"]
    assert told == {"TargetBucket": scene.bucket, "TargetPrefix": "logs/"}


def test_retention_is_in_days_or_in_years(scene: Scene) -> None:
    """A default retention is told in the unit it was set in, alone.

    Amazon S3 API Reference, "DefaultRetention": either Days or Years.
    """
    scene.s3.create_bucket(Bucket=f"{scene.bucket}-locked", ObjectLockEnabledForBucket=True)
    rule = {"DefaultRetention": {"Mode": "GOVERNANCE", "Days": 3}}
    lock = {"ObjectLockEnabled": "Enabled", "Rule": rule}
    scene.s3.put_object_lock_configuration(Bucket=f"{scene.bucket}-locked", ObjectLockConfiguration=lock)
    told = scene.s3.get_object_lock_configuration(Bucket=f"{scene.bucket}-locked")["ObjectLockConfiguration"]
    assert told == lock


def test_a_bucket_policy_has_a_size(scene: Scene) -> None:
    """A bucket policy measures 20 KB at most.

    Amazon S3 User Guide, "Bucket policies for Amazon S3": limited to 20 KB in size.
    """
    with refused("PolicyTooLarge"):
        scene.lets_in(Principal={"AWS": MANAGEMENT}, Sid="x" * 20480)
