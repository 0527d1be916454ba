"""Root users, one rule each: what their access keys may do, and what stops them.

Sources: IAM User Guide, "AWS account root user", "Create access keys for the root user", "Policy evaluation logic"; AWS
STS API Reference, "GetSessionToken", "GetCallerIdentity"; IAM API Reference, "CreateAccessKey".
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from ruamel.yaml import YAML

from rehearsal.twin.client import last_denials, last_events, make_root_key
from rehearsal.twin.errors import TwinRefused
from rehearsal.twin.run_file import TwinRun
from tests.rehearsed.twin.rules.policy_types import SCP, switched_on
from tests.rehearsed.twin.rules.rule_scene import allow, allowed, deny
from tests.support.repository import ROOT
from tests.support.twin_fixtures import EVERYTHING, MANAGEMENT, Keys, TwinAws, document, keys_of, refused


@pytest.fixture
def root(twin: TwinRun, account: str) -> Keys:
    """Return a key of the root user of this test's account."""
    return root_key(twin, account)


def root_key(twin: TwinRun, account: str) -> Keys:
    """Make a key for an account's root user."""
    made = make_root_key(twin, account)
    return Keys(made["access_key_id"], made["secret_access_key"])


def test_who_it_is(aws: TwinAws, account: str, root: Keys) -> None:
    """The root user is the account: its id is the account's ("GetCallerIdentity"; "Unique identifiers")."""
    told = aws.client("sts", root).get_caller_identity()
    assert (told["Arn"], told["UserId"], told["Account"]) == (f"arn:aws:iam::{account}:root", account, account)


def test_it_needs_no_policy(aws: TwinAws, root: Keys) -> None:
    """No identity policy gives it its rights: it has them all in its account ("AWS account root user")."""
    assert aws.client("sqs", root).create_queue(QueueName="roots")["QueueUrl"]
    assert aws.client("iam", root).list_roles()["Roles"]


def test_events_call_it_root(aws: TwinAws, account: str, root: Keys, twin: TwinRun) -> None:
    """CloudTrail's record of its requests says Root ("CloudTrail userIdentity element")."""
    aws.client("sqs", root).list_queues()
    [found] = [event for event in last_events(twin, 20) if event["account"] == account]
    assert found["detail"]["userIdentity"]["type"] == "Root"


def test_it_assumes_no_role(aws: TwinAws, account: str, root: Keys, new_role: Callable[..., str]) -> None:
    """The root user cannot become a role, whatever its trust says ("AssumeRole")."""
    trust = {"Effect": "Allow", "Principal": {"AWS": account}, "Action": "sts:AssumeRole"}
    role = new_role(account, document(trust))
    with refused("AccessDenied") as said:
        aws.assume(role, root)
    assert said.message == "Roles may not be assumed by root accounts."


def test_a_bucket_policy_denies_it(aws: TwinAws, account: str, root: Keys) -> None:
    """A Deny of its own bucket holds for it, but it can always take the policy away ("PutBucketPolicy")."""
    s3, name = aws.client("s3", root), f"roots-{account}"
    s3.create_bucket(Bucket=name)
    s3.put_object(Bucket=name, Key="a", Body=b"")
    both = [f"arn:aws:s3:::{name}", f"arn:aws:s3:::{name}/*"]
    s3.put_bucket_policy(Bucket=name, Policy=document({**deny("s3:*"), "Principal": "*", "Resource": both}))
    with refused("AccessDenied"):
        s3.get_object(Bucket=name, Key="a")
    s3.delete_bucket_policy(Bucket=name)
    assert s3.get_object(Bucket=name, Key="a")["ContentLength"] == 0


def test_the_starter_policy_stops_it(aws: TwinAws, account: str, root: Keys) -> None:
    """`starter/deny-root-user` denies the root user everything, and nobody else ("SCP effects on permissions")."""
    shipped = YAML(typ="safe").load(ROOT / "organization" / "policies" / "deny-root-user.yaml")
    sqs, others = aws.client("sqs", root), aws.client("sqs", aws.into(account))
    assert allowed(sqs.list_queues)
    with switched_on(aws, SCP) as organizations:
        made = organizations.create_policy(Name=account, Description="", Type=SCP, Content=json.dumps(shipped))
        organizations.attach_policy(PolicyId=made["Policy"]["PolicySummary"]["Id"], TargetId=account)
        with refused("AccessDenied") as said:
            sqs.list_queues()
        assert "with an explicit deny in a service control policy" in said.message
        assert allowed(others.list_queues)


def test_a_key_has_to_name_the_account(aws: TwinAws, account: str, root: Keys) -> None:
    """A KMS key whose policy leaves the account out is closed to its root user too ("Key policies in AWS KMS")."""
    role = f"arn:aws:iam::{account}:role/OrganizationAccountAccessRole"
    policy = document({**allow("kms:*"), "Principal": {"AWS": role}})
    key = aws.client("kms", aws.into(account)).create_key(Policy=policy)["KeyMetadata"]["KeyId"]
    with refused("AccessDeniedException"):
        aws.client("kms", root).describe_key(KeyId=key)


def test_another_account_is_another_account(aws: TwinAws, root: Keys, new_account: Callable[[], str]) -> None:
    """Its rights end at its account: what another one does not open to it stays closed."""
    other = new_account()
    queue = aws.client("sqs", aws.into(other)).create_queue(QueueName="theirs")["QueueUrl"]
    with refused("AccessDenied"):
        aws.client("sqs", root).get_queue_attributes(QueueUrl=queue)


def test_a_condition_reads_it(aws: TwinAws, root: Keys, account: str) -> None:
    """Conditions read its ARN, its id and its kind ("AWS global condition context keys")."""
    sqs = aws.client("sqs", root)
    queue = sqs.create_queue(QueueName="read")["QueueUrl"]
    arn = f"arn:aws:sqs:us-east-1:{account}:read"
    told = {"aws:PrincipalArn": f"arn:aws:iam::{account}:root", "aws:userid": account, "aws:PrincipalType": "Account"}
    for key, value in told.items():
        condition = {"StringEquals": {key: value}}
        statement = {**deny("sqs:ListQueueTags", arn), "Principal": "*", "Condition": condition}
        sqs.set_queue_attributes(QueueUrl=queue, Attributes={"Policy": document(statement)})
        with refused("AccessDenied"):
            sqs.list_queue_tags(QueueUrl=queue)


def test_a_session_of_an_hour(aws: TwinAws, account: str, root: Keys) -> None:
    """GetSessionToken gives the root user an hour at most, and a session that may not call IAM ("GetSessionToken")."""
    answer = aws.client("sts", root).get_session_token(DurationSeconds=7200)["Credentials"]
    left = answer["Expiration"] - datetime.now(UTC)
    assert timedelta(minutes=59) < left <= timedelta(hours=1)
    session = keys_of(answer)
    assert aws.client("sts", session).get_caller_identity()["UserId"] == account
    assert "QueueUrls" not in aws.client("sqs", session).list_queues(QueueNamePrefix="none")
    with refused("InvalidClientTokenId"):
        aws.client("iam", session).list_roles()


def test_its_own_keys(aws: TwinAws, account: str, root: Keys, twin: TwinRun) -> None:
    """It makes, lists, changes and deletes its keys by leaving the user out, two at most ("CreateAccessKey")."""
    iam = aws.client("iam", root)
    second = iam.create_access_key()["AccessKey"]
    listed = iam.list_access_keys()["AccessKeyMetadata"]
    assert {key["AccessKeyId"] for key in listed} == {root.access_key_id, second["AccessKeyId"]}
    with refused("LimitExceeded"):
        iam.create_access_key()
    with pytest.raises(TwinRefused, match="has 2 keys"):
        make_root_key(twin, account)
    other = aws.client("sqs", Keys(second["AccessKeyId"], second["SecretAccessKey"]))
    other.list_queues()
    iam.update_access_key(AccessKeyId=second["AccessKeyId"], Status="Inactive")
    with refused("InvalidClientTokenId"):
        other.list_queues()
    iam.delete_access_key(AccessKeyId=second["AccessKeyId"])
    with refused("NoSuchEntity"):
        iam.delete_access_key(AccessKeyId=second["AccessKeyId"])
    assert iam.get_user()["User"]["Arn"] == f"arn:aws:iam::{account}:root"


def test_it_names_its_users(aws: TwinAws, root: Keys) -> None:
    """Naming a user, it deals with that user's keys as anybody with the right does."""
    iam = aws.client("iam", root)
    iam.create_user(UserName="ann")
    assert iam.create_access_key(UserName="ann")["AccessKey"]["UserName"] == "ann"
    assert iam.get_user(UserName="ann")["User"]["UserName"] == "ann"


def test_keys_are_told(aws: TwinAws, root: Keys) -> None:
    """The account's summary and its credential report tell that there is a key ("Generate credential reports")."""
    iam = aws.client("iam", root)
    assert iam.get_account_summary()["SummaryMap"]["AccountAccessKeysPresent"] == 1
    while iam.generate_credential_report()["State"] != "COMPLETE":
        pass
    rows = list(csv.DictReader(io.StringIO(iam.get_credential_report()["Content"].decode())))
    active = {name: rows[0][name] for name in ("user", "access_key_1_active", "access_key_2_active")}
    assert list(active.values()) == ["<root_account>", "true", "false"]


def test_keys_of_accounts_that_are_there(twin: TwinRun) -> None:
    """The twin makes keys for accounts that it has, and says so of others."""
    with pytest.raises(TwinRefused, match="there is no account '999999999999'"):
        make_root_key(twin, "999999999999")


def test_federation_of_root_users_is_not_emulated(aws: TwinAws, root: Keys) -> None:
    """GetFederationToken of a root user is refused by name."""
    with refused("UnsupportedOperation"):
        aws.client("sts", root).get_federation_token(Name="bob", Policy=document(*EVERYTHING["Statement"]))  # type: ignore[misc]


def test_the_management_accounts_root(aws: TwinAws, twin: TwinRun) -> None:
    """The management account has a root user too, which removes its own key in the end."""
    keys = root_key(twin, MANAGEMENT)
    iam = aws.client("iam", keys)
    assert "Users" in iam.list_users(MaxItems=1)
    iam.delete_access_key(AccessKeyId=keys.access_key_id)
    with refused("InvalidClientTokenId"):
        iam.list_roles()
    assert last_denials(twin, 1)[0]["reason"] == "no account has this key"
