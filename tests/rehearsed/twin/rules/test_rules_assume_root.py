"""Centralised root access: AssumeRoot and the features it needs, one rule each.

Sources: AWS STS API Reference, "AssumeRoot"; IAM User Guide, "Centralize root access for member accounts", "Perform a
privileged task on an AWS Organizations member account"; IAM API Reference, "EnableOrganizationsRootSessions".
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from rehearsal.twin.client import last_denials, make_root_key
from rehearsal.twin.run_file import TwinRun
from tests.rehearsed.twin.rules.rule_scene import allow, allowed, deny
from tests.support.twin_fixtures import MANAGEMENT, Keys, TwinAws, document, keys_of, refused

TASKS = "arn:aws:iam::aws:policy/root-task"
AUDIT, DELETE, UNLOCK = "IAMAuditRootUserCredentials", "IAMDeleteRootUserCredentials", "S3UnlockBucketPolicy"
IAM = "iam.amazonaws.com"


@pytest.fixture
def trusted_access(aws: TwinAws, organization: str) -> Iterator[Any]:
    """Let IAM work in the organisation until the test ends, and return IAM's client of the management account."""
    assert organization
    organizations, iam = aws.client("organizations"), aws.client("iam")
    organizations.enable_aws_service_access(ServicePrincipal=IAM)
    yield iam
    iam.disable_organizations_root_sessions()
    iam.disable_organizations_root_credentials_management()
    organizations.disable_aws_service_access(ServicePrincipal=IAM)


@pytest.fixture
def central(trusted_access: Any) -> Any:
    """Switch both features on until the test ends."""
    trusted_access.enable_organizations_root_sessions()
    trusted_access.enable_organizations_root_credentials_management()
    return trusted_access


def become(aws: TwinAws, account: str, task: str, keys: Keys | None = None, **more: object) -> Any:
    """Ask for a session of an account's root user, for one of AWS's tasks."""
    asked = {"TargetPrincipal": account, "TaskPolicyArn": {"arn": f"{TASKS}/{task}"}, **more}
    return aws.client("sts", keys).assume_root(**asked)


def test_it_is_the_root_user_for_a_quarter_of_an_hour(aws: TwinAws, account: str, central: Any) -> None:
    """The session is the member's root user, for 900 seconds at most ("AssumeRoot")."""
    assert central
    answer = become(aws, account, AUDIT)["Credentials"]
    left = answer["Expiration"] - datetime.now(UTC)
    assert timedelta(minutes=14) < left <= timedelta(minutes=15)
    told = aws.client("sts", keys_of(answer)).get_caller_identity()
    assert (told["Arn"], told["UserId"]) == (f"arn:aws:iam::{account}:root", account)
    with refused("ValidationError"):
        become(aws, account, AUDIT, DurationSeconds=901)


def test_a_bucket_is_unlocked(aws: TwinAws, account: str, central: Any) -> None:
    """S3UnlockBucketPolicy takes away a policy that denies everybody, and does nothing else ("Perform a ... task")."""
    assert central
    s3, name = aws.client("s3", aws.into(account)), f"locked-{account}"
    s3.create_bucket(Bucket=name)
    locked = {**deny("s3:*"), "Principal": "*", "Resource": [f"arn:aws:s3:::{name}", f"arn:aws:s3:::{name}/*"]}
    s3.put_bucket_policy(Bucket=name, Policy=document(locked))
    assert not allowed(s3.delete_bucket_policy, Bucket=name)
    root = aws.client("s3", keys_of(become(aws, f"arn:aws:iam::{account}:root", UNLOCK)["Credentials"]))
    root.delete_bucket_policy(Bucket=name)
    with refused("AccessDenied"):
        root.put_object(Bucket=name, Key="a", Body=b"")
    assert s3.put_object(Bucket=name, Key="a", Body=b"")["ETag"]


def test_a_queue_is_unlocked(aws: TwinAws, account: str, central: Any) -> None:
    """SQSUnlockQueuePolicy takes away a queue's policy that denies everybody ("Perform a privileged task ...")."""
    assert central
    sqs, arn = aws.client("sqs", aws.into(account)), f"arn:aws:sqs:us-east-1:{account}:locked"
    locked = document({**deny("sqs:*", arn), "Principal": "*"})
    queue = sqs.create_queue(QueueName="locked", Attributes={"Policy": locked})["QueueUrl"]
    assert not allowed(sqs.set_queue_attributes, QueueUrl=queue, Attributes={"Policy": ""})
    session = keys_of(become(aws, account, "SQSUnlockQueuePolicy")["Credentials"])
    aws.client("sqs", session).set_queue_attributes(QueueUrl=queue, Attributes={"Policy": ""})
    assert allowed(sqs.list_queue_tags, QueueUrl=queue)


def test_keys_of_the_root_user_are_deleted(aws: TwinAws, twin: TwinRun, account: str, central: Any) -> None:
    """IAMDeleteRootUserCredentials deletes the root user's keys; IAMAuditRootUserCredentials only looks."""
    assert central
    key = make_root_key(twin, account)["access_key_id"]
    auditor = aws.client("iam", keys_of(become(aws, account, AUDIT)["Credentials"]))
    assert [found["AccessKeyId"] for found in auditor.list_access_keys()["AccessKeyMetadata"]] == [key]
    with refused("AccessDenied"):
        auditor.delete_access_key(AccessKeyId=key)
    aws.client("iam", keys_of(become(aws, account, DELETE)["Credentials"])).delete_access_key(AccessKeyId=key)
    assert auditor.list_access_keys()["AccessKeyMetadata"] == []


def test_each_task_wants_its_feature(aws: TwinAws, account: str, trusted_access: Any, twin: TwinRun) -> None:
    """Without its feature a task is denied ("Centralize root access for member accounts")."""
    trusted_access.enable_organizations_root_sessions()
    assert become(aws, account, UNLOCK)["Credentials"]
    with refused("AccessDenied"):
        become(aws, account, AUDIT)
    assert "RootCredentialsManagement" in last_denials(twin, 1)[0]["reason"]


def test_who_may(
    aws: TwinAws,
    account: str,
    central: Any,
    new_account: Callable[[], str],
    new_user: Callable[..., tuple[str, Keys]],
) -> None:
    """The management account with the right to, and IAM's delegated administrator; no other member ("AssumeRoot")."""
    assert central
    for rights, expected in ((allow("sts:AssumeRoot"), True), (allow("sts:AssumeRole"), False)):
        _, keys = new_user(document(rights))
        assert allowed(lambda keys=keys: become(aws, account, AUDIT, keys)) is expected
    other = new_account()
    assert not allowed(lambda: become(aws, account, AUDIT, aws.into(other)))
    aws.client("organizations").register_delegated_administrator(AccountId=other, ServicePrincipal=IAM)
    assert allowed(lambda: become(aws, account, AUDIT, aws.into(other)))
    aws.client("organizations").deregister_delegated_administrator(AccountId=other, ServicePrincipal=IAM)


def test_the_task_is_a_condition(
    aws: TwinAws,
    account: str,
    central: Any,
    new_user: Callable[..., tuple[str, Keys]],
) -> None:
    """Policies read sts:TaskPolicyArn, and the account as the resource ("Actions, ... for AWS STS")."""
    assert central
    audits = {"StringEquals": {"sts:TaskPolicyArn": f"{TASKS}/{AUDIT}"}}
    _, keys = new_user(document(allow("sts:AssumeRoot", f"arn:aws:iam::{account}:root", Condition=audits)))
    assert allowed(lambda: become(aws, account, AUDIT, keys))
    assert not allowed(lambda: become(aws, account, UNLOCK, keys))


def test_root_users_and_the_management_account(aws: TwinAws, twin: TwinRun, account: str, central: Any) -> None:
    """No root user calls it, and nobody becomes the management account's ("AssumeRoot")."""
    assert central
    assert not allowed(lambda: become(aws, MANAGEMENT, AUDIT))
    made = make_root_key(twin, MANAGEMENT)
    root = Keys(made["access_key_id"], made["secret_access_key"])
    assert not allowed(lambda: become(aws, account, AUDIT, root))
    aws.client("iam", root).delete_access_key(AccessKeyId=root.access_key_id)


@pytest.mark.parametrize(
    "more",
    [
        {"TargetPrincipal": "arn:aws:iam::111111111111:role/x"},
        {"TaskPolicyArn": {"arn": f"{TASKS}/Everything"}},
        {"TaskPolicyArn": {"arn": "arn:aws:iam::aws:policy/ReadOnlyAccess"}},
    ],
)
def test_what_it_is_asked_for(aws: TwinAws, account: str, more: dict[str, object]) -> None:
    """It takes a member account and one of five policies ("AssumeRoot", TaskPolicyArn)."""
    with refused("ValidationError"):
        become(aws, account, AUDIT, **more)


def test_policies_tell_it_apart(aws: TwinAws, twin: TwinRun, account: str, central: Any) -> None:
    """Its requests alone carry aws:AssumedRoot ("AWS global condition context keys")."""
    assert central
    sqs, arn = aws.client("sqs", aws.into(account)), f"arn:aws:sqs:us-east-1:{account}:told"
    only = {"Principal": "*", "Condition": {"Bool": {"aws:AssumedRoot": "true"}}}
    sqs.create_queue(QueueName="told", Attributes={"Policy": document({**deny("sqs:GetQueueUrl", arn), **only})})
    made = make_root_key(twin, account)
    keys = Keys(made["access_key_id"], made["secret_access_key"])
    assert allowed(aws.client("sqs", keys).get_queue_url, QueueName="told")
    session = keys_of(become(aws, account, "SQSUnlockQueuePolicy")["Credentials"])
    assert not allowed(aws.client("sqs", session).get_queue_url, QueueName="told")


def test_features_are_told(trusted_access: Any) -> None:
    """The features of an organisation are switched on, told and switched off ("ListOrganizationsFeatures")."""
    iam = trusted_access
    assert iam.list_organizations_features()["EnabledFeatures"] == []
    assert iam.enable_organizations_root_sessions()["EnabledFeatures"] == ["RootSessions"]
    both = iam.enable_organizations_root_credentials_management()["EnabledFeatures"]
    assert both == ["RootCredentialsManagement", "RootSessions"]
    assert iam.disable_organizations_root_sessions()["EnabledFeatures"] == ["RootCredentialsManagement"]


def test_features_want_trusted_access(aws: TwinAws, organization: str, account: str) -> None:
    """Without trusted access for IAM, and for other members, they are refused ("... Errors")."""
    assert organization
    with refused("ServiceAccessNotEnabledException"):
        aws.client("iam").enable_organizations_root_sessions()
    with refused("AccountNotManagementOrDelegatedAdministratorException"):
        aws.client("iam", aws.into(account)).list_organizations_features()
