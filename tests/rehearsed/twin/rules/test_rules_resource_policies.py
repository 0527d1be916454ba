"""Whose policies have a say beside the caller's: topics', secrets', functions', keys' and their grants."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import boto3
import pytest
from botocore import UNSIGNED
from botocore.config import Config

from rehearsal.twin.client import last_denials
from tests.support.function_code import packed
from tests.support.twin_fixtures import MANAGEMENT, Keys, TwinAws, document, refused

Users = Callable[..., tuple[str, Keys]]
Sessions = Callable[..., Keys]
DENIED = ("AccessDenied", "AccessDeniedException", "AuthorizationError", "AuthorizationErrorException")


class Owner:
    """An account with something that carries a policy."""

    def __init__(self, aws: TwinAws, account: str, keys: Keys) -> None:
        self._aws = aws
        self.account = account
        self._keys = keys

    def client(self, service: str) -> Any:
        """Return a client of the account's administrator."""
        return self._aws.client(service, self._keys)


@pytest.fixture
def owner(aws: TwinAws, account: str, twin_session: Sessions) -> Owner:
    """Return an account of this test's own."""
    return Owner(aws, account, twin_session(account))


def let_in(principal: str, *actions: str, resource: str = "*", **more: object) -> str:
    """Return a resource's policy that lets a principal in."""
    return document(
        {"Effect": "Allow", "Principal": {"AWS": principal}, "Action": list(actions), "Resource": resource, **more}
    )


def test_a_topic_of_another_account_is_published_to_with_both_policies(
    aws: TwinAws, owner: Owner, new_user: Users
) -> None:
    """Across accounts a topic's policy and the caller's must both allow; the message goes to the topic's account.

    Source: Amazon SNS Developer Guide, "Example cases for Amazon SNS access control".
    """
    topics = owner.client("sns")
    topic = topics.create_topic(Name="shared")["TopicArn"]
    name, keys = new_user(document({"Effect": "Allow", "Action": "sns:*", "Resource": "*"}))
    with refused(*DENIED):
        aws.client("sns", keys).publish(TopicArn=topic, Message="m")
    policy = let_in(f"arn:aws:iam::{MANAGEMENT}:user/{name}", "sns:Publish", resource=topic)
    topics.set_topic_attributes(TopicArn=topic, AttributeName="Policy", AttributeValue=policy)
    assert aws.client("sns", keys).publish(TopicArn=topic, Message="m")["MessageId"]
    aws.client("iam").put_user_policy(UserName=name, PolicyName="inline", PolicyDocument=document(NOTHING))
    with refused(*DENIED):
        aws.client("sns", keys).publish(TopicArn=topic, Message="m")


NOTHING = {"Effect": "Allow", "Action": "iam:ListUsers", "Resource": "*"}


def test_a_topic_s_policy_alone_lets_in_within_its_account(aws: TwinAws, new_user: Users) -> None:
    """Within an account a topic's policy that names a user is enough.

    Source: IAM User Guide, "Policy evaluation logic", same-account requests with resource-based policies.
    """
    topics = aws.client("sns")
    topic = topics.create_topic(Name="within")["TopicArn"]
    name, keys = new_user()
    with refused(*DENIED):
        aws.client("sns", keys).publish(TopicArn=topic, Message="m")
    policy = let_in(f"arn:aws:iam::{MANAGEMENT}:user/{name}", "sns:Publish", resource=topic)
    topics.set_topic_attributes(TopicArn=topic, AttributeName="Policy", AttributeValue=policy)
    assert aws.client("sns", keys).publish(TopicArn=topic, Message="m")["MessageId"]


def test_a_topic_s_policy_denies(aws: TwinAws, new_user: Users) -> None:
    """A Deny in a topic's policy wins over what the caller is allowed.

    Source: Amazon SNS Developer Guide, "Using identity-based policies with Amazon SNS", evaluation.
    """
    topics = aws.client("sns")
    topic = topics.create_topic(Name="closed")["TopicArn"]
    deny = {"Effect": "Deny", "Principal": "*", "Action": "sns:Publish", "Resource": topic}
    topics.set_topic_attributes(TopicArn=topic, AttributeName="Policy", AttributeValue=document(deny))
    _, keys = new_user(document({"Effect": "Allow", "Action": "sns:*", "Resource": "*"}))
    with refused(*DENIED):
        aws.client("sns", keys).publish(TopicArn=topic, Message="m")


def test_a_secret_of_another_account_is_read_with_both_policies(aws: TwinAws, owner: Owner, new_user: Users) -> None:
    """Across accounts a secret's policy and the caller's must both allow.

    Source: AWS Secrets Manager User Guide, "Access AWS Secrets Manager secrets from a different account".
    """
    secrets = owner.client("secretsmanager")
    key = owner.client("kms").create_key()["KeyMetadata"]["Arn"]
    owner.client("kms").put_key_policy(
        KeyId=key,
        PolicyName="default",
        Policy=document(
            {"Effect": "Allow", "Principal": {"AWS": [owner.account, MANAGEMENT]}, "Action": "kms:*", "Resource": "*"}
        ),
    )
    arn = secrets.create_secret(Name="shared", SecretString="hidden", KmsKeyId=key)["ARN"]
    name, keys = new_user(document({"Effect": "Allow", "Action": ["secretsmanager:*", "kms:Decrypt"], "Resource": "*"}))
    with refused(*DENIED):
        aws.client("secretsmanager", keys).get_secret_value(SecretId=arn)
    policy = let_in(f"arn:aws:iam::{MANAGEMENT}:user/{name}", "secretsmanager:GetSecretValue")
    secrets.put_resource_policy(SecretId=arn, ResourcePolicy=policy)
    assert aws.client("secretsmanager", keys).get_secret_value(SecretId=arn)["SecretString"] == "hidden"
    with refused(*DENIED):
        aws.client("secretsmanager", keys).put_secret_value(SecretId=arn, SecretString="other")


def test_a_secret_under_aws_s_own_key_stays_in_its_account(aws: TwinAws, owner: Owner, new_user: Users) -> None:
    """Another account cannot read a secret under `aws/secretsmanager`, whatever its policy says.

    Source: AWS Secrets Manager User Guide, "Access AWS Secrets Manager secrets from a different account".
    """
    secrets = owner.client("secretsmanager")
    arn = secrets.create_secret(Name="shared", SecretString="hidden")["ARN"]
    secrets.put_resource_policy(SecretId=arn, ResourcePolicy=let_in(MANAGEMENT, "secretsmanager:GetSecretValue"))
    _, keys = new_user(document({"Effect": "Allow", "Action": "*", "Resource": "*"}))
    with refused(*DENIED) as told:
        aws.client("secretsmanager", keys).get_secret_value(SecretId=arn)
    assert told.message == "Access to KMS is not allowed"


def test_a_secret_s_key_has_to_be_allowed_as_well(aws: TwinAws, new_user: Users) -> None:
    """Reading a secret under a key of one's own needs kms:Decrypt on it, by way of the service.

    Source: AWS Secrets Manager User Guide, "Secret encryption and decryption in AWS Secrets Manager".
    """
    key = aws.client("kms").create_key()["KeyMetadata"]["Arn"]
    aws.client("secretsmanager").create_secret(Name="under-a-key", SecretString="hidden", KmsKeyId=key)
    reads = {"Effect": "Allow", "Action": "secretsmanager:GetSecretValue", "Resource": "*"}
    _, keys = new_user(document(reads))
    with refused(*DENIED):
        aws.client("secretsmanager", keys).get_secret_value(SecretId="under-a-key")
    assert last_denials(aws.run, 1)[0]["action"] == "kms:Decrypt"
    via = {"StringEquals": {"kms:ViaService": "secretsmanager.us-east-1.amazonaws.com"}}
    _, keys = new_user(document(reads, {"Effect": "Allow", "Action": "kms:*", "Resource": key, "Condition": via}))
    assert aws.client("secretsmanager", keys).get_secret_value(SecretId="under-a-key")["SecretString"] == "hidden"
    with refused("AccessDeniedException"):
        aws.client("kms", keys).describe_key(KeyId=key)


def test_a_parameter_s_key_has_to_be_allowed_as_well(aws: TwinAws, new_user: Users) -> None:
    """Reading a SecureString in the clear needs kms:Decrypt on its key; as it is kept it does not.

    Source: AWS Systems Manager User Guide, "AWS KMS encryption for AWS Systems Manager Parameter Store SecureString
    parameters".
    """
    key = aws.client("kms").create_key()["KeyMetadata"]["Arn"]
    aws.client("ssm").put_parameter(Name="/under/a-key", Value="hidden", Type="SecureString", KeyId=key)
    _, keys = new_user(document({"Effect": "Allow", "Action": "ssm:*", "Resource": "*"}))
    parameters = aws.client("ssm", keys)
    assert parameters.get_parameter(Name="/under/a-key")["Parameter"]["Name"] == "/under/a-key"
    with refused("AccessDeniedException"):
        parameters.get_parameter(Name="/under/a-key", WithDecryption=True)
    assert last_denials(aws.run, 1)[0]["action"] == "kms:Decrypt"
    with refused("AccessDeniedException"):
        parameters.put_parameter(Name="/under/other", Value="v", Type="SecureString", KeyId=key)
    assert last_denials(aws.run, 1)[0]["action"] == "kms:Encrypt"


def test_a_secret_is_decided_on_its_whole_arn(aws: TwinAws, new_user: Users) -> None:
    """A secret named by its name is decided on its ARN, whose last six characters are random.

    Source: Service Authorization Reference, "AWS Secrets Manager"; Secrets Manager User Guide, "What's in a secret".
    """
    arn = aws.client("secretsmanager").create_secret(Name="named", SecretString="hidden")["ARN"]
    _, keys = new_user(document({"Effect": "Allow", "Action": "secretsmanager:*", "Resource": arn}))
    assert aws.client("secretsmanager", keys).get_secret_value(SecretId="named")["SecretString"] == "hidden"


def test_a_function_s_policy_lets_another_account_in(aws: TwinAws, owner: Owner, new_user: Users) -> None:
    """A function's policy and the caller's must both allow a call from another account.

    Source: AWS Lambda Developer Guide, "Granting Lambda function access to other accounts".
    """
    functions = owner.client("lambda")
    role = owner.client("iam").create_role(RoleName="of-f", AssumeRolePolicyDocument=lambda_trust())["Role"]["Arn"]
    arn = functions.create_function(
        FunctionName="f", Role=role, Code={"ZipFile": packed()}, Runtime="python3.12", Handler="a.b"
    )["FunctionArn"]
    _, keys = new_user(document({"Effect": "Allow", "Action": "lambda:*", "Resource": "*"}))
    with refused(*DENIED):
        aws.client("lambda", keys).get_function(FunctionName=arn)
    functions.add_permission(FunctionName="f", StatementId="let-in", Action="lambda:GetFunction", Principal=MANAGEMENT)
    assert aws.client("lambda", keys).get_function(FunctionName=arn)["Configuration"]["FunctionArn"] == arn


def lambda_trust() -> str:
    """Return a trust policy for Lambda."""
    return document({"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"})


def test_a_grant_allows_its_operations(aws: TwinAws, new_user: Users) -> None:
    """A grant lets its grantee use a key without any other policy, for its operations only, until it is revoked.

    Source: AWS KMS Developer Guide, "Grants in AWS KMS".
    """
    kms = aws.client("kms")
    key = kms.create_key()["KeyMetadata"]["KeyId"]
    name, keys = new_user()
    grantee = f"arn:aws:iam::{MANAGEMENT}:user/{name}"
    with refused("AccessDeniedException"):
        aws.client("kms", keys).encrypt(KeyId=key, Plaintext=b"x")
    grant = kms.create_grant(KeyId=key, GranteePrincipal=grantee, Operations=["Encrypt"])["GrantId"]
    assert aws.client("kms", keys).encrypt(KeyId=key, Plaintext=b"x")["CiphertextBlob"]
    with refused("AccessDeniedException"):
        aws.client("kms", keys).decrypt(CiphertextBlob=kms.encrypt(KeyId=key, Plaintext=b"x")["CiphertextBlob"])
    kms.revoke_grant(KeyId=key, GrantId=grant)
    with refused("AccessDeniedException"):
        aws.client("kms", keys).encrypt(KeyId=key, Plaintext=b"x")


@pytest.mark.parametrize(
    ("constraint", "context", "allowed"),
    [
        pytest.param("EncryptionContextSubset", {"team": "a", "more": "x"}, True, id="subset-held"),
        pytest.param("EncryptionContextSubset", {"team": "b"}, False, id="subset-not-held"),
        pytest.param("EncryptionContextEquals", {"team": "a"}, True, id="equal"),
        pytest.param("EncryptionContextEquals", {"team": "a", "more": "x"}, False, id="more-than-equal"),
    ],
)
def test_a_grant_s_constraint_is_on_the_encryption_context(
    aws: TwinAws, new_user: Users, constraint: str, context: dict[str, str], *, allowed: bool
) -> None:
    """A grant's constraint must be met by the request's encryption context.

    Source: AWS KMS Developer Guide, "Using grant constraints".
    """
    kms = aws.client("kms")
    key = kms.create_key()["KeyMetadata"]["KeyId"]
    name, keys = new_user()
    kms.create_grant(
        KeyId=key,
        GranteePrincipal=f"arn:aws:iam::{MANAGEMENT}:user/{name}",
        Operations=["Encrypt"],
        Constraints={constraint: {"team": "a"}},
    )
    users = aws.client("kms", keys)
    if allowed:
        assert users.encrypt(KeyId=key, Plaintext=b"x", EncryptionContext=context)["CiphertextBlob"]
        return
    with refused("AccessDeniedException"):
        users.encrypt(KeyId=key, Plaintext=b"x", EncryptionContext=context)


def test_a_grant_works_across_accounts(aws: TwinAws, owner: Owner, new_user: Users) -> None:
    """A grant to a principal of another account lets it use the key where its own policies do as well.

    Source: AWS KMS Developer Guide, "Allowing users in other accounts to use a KMS key".
    """
    kms = owner.client("kms")
    arn = kms.create_key()["KeyMetadata"]["Arn"]
    name, keys = new_user(document({"Effect": "Allow", "Action": "kms:*", "Resource": "*"}))
    with refused("AccessDeniedException"):
        aws.client("kms", keys).encrypt(KeyId=arn, Plaintext=b"x")
    kms.create_grant(KeyId=arn, GranteePrincipal=f"arn:aws:iam::{MANAGEMENT}:user/{name}", Operations=["Encrypt"])
    assert aws.client("kms", keys).encrypt(KeyId=arn, Plaintext=b"x")["CiphertextBlob"]


def test_what_belongs_to_another_account_and_has_no_policy_is_closed(
    aws: TwinAws, account: str, new_user: Users
) -> None:
    """An ARN of another account whose kind has no policy to open it is refused whatever the caller's policies allow.

    Source: IAM User Guide, "Cross account resource access in IAM".
    """
    _, keys = new_user(document({"Effect": "Allow", "Action": "*", "Resource": "*"}))
    with refused("AccessDeniedException"):
        aws.client("stepfunctions", keys).describe_state_machine(
            stateMachineArn=f"arn:aws:states:us-east-1:{account}:stateMachine:theirs"
        )


def test_a_role_of_another_account_cannot_be_passed(aws: TwinAws, account: str, new_user: Users) -> None:
    """A role is handed on within its own account only.

    Source: IAM User Guide, "Grant a user permissions to pass a role to an AWS service".
    """
    _, keys = new_user(document({"Effect": "Allow", "Action": "*", "Resource": "*"}))
    theirs = f"arn:aws:iam::{account}:role/theirs"
    with refused(*DENIED):
        aws.client("stepfunctions", keys).create_state_machine(name="s", definition="{}", roleArn=theirs)
    assert last_denials(aws.run, 1)[0]["resource"] == theirs


@pytest.fixture
def open_bucket(owner: Owner) -> str:
    """Make a bucket whose policy lets everybody read its objects, with nothing that blocks public access."""
    name = f"open-{owner.account}"
    buckets = owner.client("s3")
    buckets.create_bucket(Bucket=name)
    buckets.delete_public_access_block(Bucket=name)
    buckets.put_object(Bucket=name, Key="page", Body=b"read me")
    everybody = {"Effect": "Allow", "Principal": "*", "Action": "s3:GetObject", "Resource": f"arn:aws:s3:::{name}/*"}
    buckets.put_bucket_policy(Bucket=name, Policy=document(everybody))
    return name


def without_signature(aws: TwinAws) -> Any:
    """Return a client of S3 that signs nothing."""
    config = Config(signature_version=UNSIGNED, retries={"total_max_attempts": 1})
    return boto3.client("s3", region_name="us-east-1", endpoint_url=aws.run.endpoint, config=config)


def test_a_public_bucket_is_read_without_a_signature(aws: TwinAws, open_bucket: str) -> None:
    """A bucket policy that lets everybody in lets requests without a signature in, for what it allows only.

    Source: Amazon S3 User Guide, "Bucket policy examples", granting read-only permission to an anonymous user.
    """
    anybody = without_signature(aws)
    assert anybody.get_object(Bucket=open_bucket, Key="page")["Body"].read() == b"read me"
    with refused("AccessDenied"):
        anybody.put_object(Bucket=open_bucket, Key="page", Body=b"mine now")
    with refused("AccessDenied"):
        anybody.list_objects_v2(Bucket=open_bucket)


def test_a_restricted_public_bucket_is_not_read_without_a_signature(
    aws: TwinAws, owner: Owner, open_bucket: str
) -> None:
    """RestrictPublicBuckets keeps everybody outside the account from a bucket whose policy is public.

    Source: Amazon S3 User Guide, "Blocking public access to your Amazon S3 storage", RestrictPublicBuckets.
    """
    owner.client("s3").put_public_access_block(
        Bucket=open_bucket, PublicAccessBlockConfiguration={"RestrictPublicBuckets": True}
    )
    with refused("AccessDenied"):
        without_signature(aws).get_object(Bucket=open_bucket, Key="page")
    assert owner.client("s3").get_object(Bucket=open_bucket, Key="page")["Body"].read() == b"read me"


def test_what_is_not_a_bucket_s_wants_a_signature(aws: TwinAws) -> None:
    """Only objects and buckets can be open to everybody; everything else wants a signature.

    Source: IAM User Guide, "AWS Signature Version 4 for API requests".
    """
    with refused("AccessDenied"):
        without_signature(aws).list_buckets()
