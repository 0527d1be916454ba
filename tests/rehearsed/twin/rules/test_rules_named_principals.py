"""Rules of roles and users that policies name: they exist, and they are who they were.

Source: IAM User Guide, "AWS JSON policy elements: Principal".
"""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from tests.support.twin_fixtures import EVERYTHING, MANAGEMENT, Keys, TwinAws, document, keys_of, refused, trusting

NewUser = Callable[..., tuple[str, Keys]]
NewRole = Callable[..., str]
ROOT = f"arn:aws:iam::{MANAGEMENT}:root"
ALL = document(*EVERYTHING["Statement"])


def test_a_principal_is_who_it_was(aws: TwinAws, account: str, new_role: NewRole) -> None:
    """A role named in a trust is stored by its unique id: a new one of the name is not let in, and the id reads back.

    Source: IAM User Guide, "AWS JSON policy elements: Principal", IAM role principals.
    """
    named = new_role(MANAGEMENT, trusting(ROOT), ALL)
    target = new_role(account, trusting(named))
    iam, name = aws.client("iam"), named.rpartition("/")[2]
    unique = iam.get_role(RoleName=name)["Role"]["RoleId"]
    aws.assume(target, aws.assume(named))
    remove_role(iam, name)
    iam.create_role(RoleName=name, AssumeRolePolicyDocument=trusting(ROOT))
    iam.put_role_policy(RoleName=name, PolicyName="inline", PolicyDocument=ALL)
    with refused("AccessDenied"):
        aws.assume(target, aws.assume(named))
    member = aws.client("iam", aws.into(account))
    kept = member.get_role(RoleName=target.rpartition("/")[2])["Role"]["AssumeRolePolicyDocument"]
    assert kept["Statement"][0]["Principal"]["AWS"] == [unique]
    with refused("MalformedPolicyDocument"):  # the id of nobody cannot be saved again
        member.update_assume_role_policy(RoleName=target.rpartition("/")[2], PolicyDocument=json.dumps(kept))


def remove_role(iam: Any, name: str) -> None:
    """Delete a role with its inline policy."""
    iam.delete_role_policy(RoleName=name, PolicyName="inline")
    iam.delete_role(RoleName=name)


def named_in(aws: TwinAws, user: str, name: str) -> dict[str, Callable[[], str]]:
    """Name a user in a policy of each kind; returns what reads each one back."""
    statement = {"Effect": "Allow", "Principal": {"AWS": user}, "Resource": "*"}
    s3, kms, sqs = aws.client("s3"), aws.client("kms"), aws.client("sqs")
    sns, secrets_, ecr = aws.client("sns"), aws.client("secretsmanager"), aws.client("ecr")
    s3.create_bucket(Bucket=name)
    resource = f"arn:aws:s3:::{name}"
    s3.put_bucket_policy(Bucket=name, Policy=document({**statement, "Action": "s3:ListBucket", "Resource": resource}))
    own = {"Effect": "Allow", "Principal": {"AWS": ROOT}, "Action": "kms:*", "Resource": "*"}
    key = kms.create_key(Policy=document(own, {**statement, "Action": "kms:Decrypt"}))["KeyMetadata"]["KeyId"]
    policy = document({**statement, "Action": "sqs:SendMessage"})
    queue = sqs.create_queue(QueueName=name, Attributes={"Policy": policy})["QueueUrl"]
    topic = sns.create_topic(Name=name)["TopicArn"]
    policy = document({**statement, "Action": "sns:Publish", "Resource": topic})
    sns.set_topic_attributes(TopicArn=topic, AttributeName="Policy", AttributeValue=policy)
    secrets_.create_secret(Name=name, SecretString="x")
    policy = document({**statement, "Action": "secretsmanager:GetSecretValue"})
    secrets_.put_resource_policy(SecretId=name, ResourcePolicy=policy)
    ecr.create_repository(repositoryName=name)
    policy = document({"Effect": "Allow", "Principal": {"AWS": user}, "Action": "ecr:BatchGetImage"})
    ecr.set_repository_policy(repositoryName=name, policyText=policy)
    attributes = {"QueueUrl": queue, "AttributeNames": ["Policy"]}
    return {
        "bucket": lambda: str(s3.get_bucket_policy(Bucket=name)["Policy"]),
        "key": lambda: str(kms.get_key_policy(KeyId=key, PolicyName="default")["Policy"]),
        "queue": lambda: str(sqs.get_queue_attributes(**attributes)["Attributes"]["Policy"]),
        "topic": lambda: str(sns.get_topic_attributes(TopicArn=topic)["Attributes"]["Policy"]),
        "secret": lambda: str(secrets_.get_resource_policy(SecretId=name)["ResourcePolicy"]),
        "repository": lambda: str(ecr.get_repository_policy(repositoryName=name)["policyText"]),
    }


def test_a_grant_keeps_its_grantee(aws: TwinAws, new_user: NewUser) -> None:
    """A key's grant is for who it was for, who has to exist, and for no new one of the name.

    Source: AWS KMS API Reference, "CreateGrant"; IAM User Guide, "AWS JSON policy elements: Principal".
    """
    name, keys = new_user()
    iam, kms = aws.client("iam"), aws.client("kms")
    user, key = iam.get_user(UserName=name)["User"], kms.create_key()["KeyMetadata"]["Arn"]
    kms.create_grant(KeyId=key, GranteePrincipal=user["Arn"], Operations=["Encrypt"])
    aws.client("kms", keys).encrypt(KeyId=key, Plaintext=b"x")
    iam.delete_access_key(UserName=name, AccessKeyId=keys.access_key_id)
    iam.delete_user(UserName=name)
    iam.create_user(UserName=name)
    new = iam.create_access_key(UserName=name)["AccessKey"]
    with refused("AccessDeniedException"):
        aws.client("kms", Keys(new["AccessKeyId"], new["SecretAccessKey"])).encrypt(KeyId=key, Plaintext=b"x")
    assert kms.list_grants(KeyId=key)["Grants"][0]["GranteePrincipal"] == user["UserId"]
    with refused("InvalidArnException"):
        kms.create_grant(KeyId=key, GranteePrincipal=f"{user['Arn']}-nobody", Operations=["Encrypt"])


def test_a_renamed_user_goes_on(aws: TwinAws, new_user: NewUser) -> None:
    """A user that is renamed keeps its keys and sessions (IAM API Reference, "UpdateUser")."""
    name, keys = new_user()
    session = keys_of(aws.client("sts", keys).get_session_token()["Credentials"])
    aws.client("iam").update_user(UserName=name, NewUserName=f"{name}-renamed")
    for held in (keys, session):
        assert aws.client("sts", held).get_caller_identity()["Arn"].endswith(f"user/{name}-renamed")


def test_every_kind_of_policy_keeps_its_principals(aws: TwinAws, new_user: NewUser) -> None:
    """Policies of buckets, keys, queues, topics, secrets and repositories read back with a renamed user's new ARN, and
    with a deleted user's unique id (IAM User Guide, "AWS JSON policy elements: Principal", IAM user principals).
    """  # noqa: D205 - one sentence
    name, keys = new_user()
    iam = aws.client("iam")
    user = iam.get_user(UserName=name)["User"]
    reads = named_in(aws, user["Arn"], f"named-{name}")
    assert [kind for kind, read in reads.items() if user["Arn"] not in read()] == []
    iam.update_user(UserName=name, NewUserName=f"{name}-renamed")
    assert [kind for kind, read in reads.items() if f"{user['Arn']}-renamed" not in read()] == []
    iam.delete_access_key(UserName=f"{name}-renamed", AccessKeyId=keys.access_key_id)
    iam.delete_user(UserName=f"{name}-renamed")
    assert [kind for kind, read in reads.items() if user["UserId"] not in read() or user["Arn"] in read()] == []


@pytest.mark.parametrize(
    ("service", "operation", "arguments", "code"),
    [
        ("sns", "create_topic", {"Name": "nobodys", "Attributes": {"Policy": "{}"}}, "InvalidParameter"),
        ("sqs", "create_queue", {"QueueName": "nobodys", "Attributes": {"Policy": "{}"}}, "InvalidAttributeValue"),
        ("kms", "create_key", {"Policy": "{}"}, "MalformedPolicyDocumentException"),
        (
            "secretsmanager",
            "put_resource_policy",
            {"SecretId": "nobodys", "ResourcePolicy": "{}"},
            "MalformedPolicyDocumentException",
        ),
    ],
)
def test_principals_have_to_exist(
    aws: TwinAws, service: str, operation: str, arguments: dict[str, Any], code: str
) -> None:
    """A policy that names a role that is not there, or what is no service, is refused (each service's errors).

    Source: IAM User Guide, "AWS JSON policy elements: Principal".
    """
    nobody = f"arn:aws:iam::{MANAGEMENT}:role/nobody-at-all"
    own = {"Effect": "Allow", "Principal": {"AWS": ROOT}, "Action": f"{service}:*", "Resource": "*"}
    if service == "secretsmanager":
        aws.client(service).create_secret(Name="nobodys", SecretString="x")
    for principal in ({"AWS": nobody}, {"Service": "lambda.amazonaw.com"}):
        policy = document(own, {**own, "Principal": principal})
        given = json.loads(json.dumps(arguments).replace('"{}"', json.dumps(policy)))
        with refused(code):
            getattr(aws.client(service), operation)(**given)
