"""Rules of how a denial is worded and coded. Source: IAM User Guide, "Troubleshoot access denied error messages"."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from tests.rehearsed.twin.rules.policy_types import SCP, switched_on
from tests.support.twin_fixtures import EVERYTHING, MANAGEMENT, Keys, Refused, TwinAws, document, refused, trusting

NewUser = Callable[..., tuple[str, Keys]]
NewRole = Callable[..., str]
ROOT = f"arn:aws:iam::{MANAGEMENT}:root"
EVERY = EVERYTHING["Statement"][0]
DENY = {"Effect": "Deny", "Action": "iam:ListUsers", "Resource": "*"}
OTHER = {"Effect": "Allow", "Action": "s3:*", "Resource": "*"}


def denied_list(aws: TwinAws, keys: Keys) -> str:
    """Return the words with which iam:ListUsers is denied."""
    with refused("AccessDenied") as denial:
        aws.client("iam", keys).list_users()
    return denial.message


@pytest.mark.parametrize(
    ("service", "operation", "code", "status"),
    [
        ("iam", "list_users", "AccessDenied", 403),
        ("sns", "list_topics", "AuthorizationError", 403),
        ("ec2", "describe_vpcs", "UnauthorizedOperation", 403),
        ("kms", "list_keys", "AccessDeniedException", 400),
        ("dynamodb", "list_tables", "AccessDeniedException", 400),
        ("sqs", "list_queues", "AccessDenied", 400),
        ("lambda", "list_functions", "AccessDeniedException", 403),
        ("route53", "list_hosted_zones", "AccessDenied", 403),
        ("s3", "list_buckets", "AccessDenied", 403),
        ("cloudwatch", "list_metrics", "AccessDenied", 400),
        ("organizations", "list_accounts", "AccessDeniedException", 400),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_sdks_see_the_services_own_code(
    aws: TwinAws, new_user: NewUser, service: str, operation: str, code: str, status: int
) -> None:
    """Query, EC2, JSON 1.0 and 1.1, REST, S3 and CBOR services each deny with their own code and status.

    Source: each service's API reference, "Common Errors"; Amazon SNS names it AuthorizationError.
    """
    _, keys = new_user()
    with refused(code) as denial:
        getattr(aws.client(service, keys), operation)()
    assert denial.status == status
    assert "is not authorized to perform: " in denial.message


def test_no_identity_policy_allows(aws: TwinAws, new_user: NewUser) -> None:
    """Nothing allows it: "because no identity-based policy allows the … action", with the caller's ARN."""
    name, keys = new_user(document(OTHER))
    words = denied_list(aws, keys)
    assert words.startswith(
        f"User: arn:aws:iam::{MANAGEMENT}:user/{name} is not authorized to perform: iam:ListUsers on"
    )
    assert words.endswith(" because no identity-based policy allows the iam:ListUsers action")


def test_an_inline_policy_denies(aws: TwinAws, new_user: NewUser) -> None:
    """A Deny of an inline policy: "with an explicit deny in an identity-based policy", no ARN, as it has none."""
    _, keys = new_user(document(EVERY, DENY))
    assert denied_list(aws, keys).endswith(" with an explicit deny in an identity-based policy")


def test_a_managed_policy_denies_by_its_arn(aws: TwinAws, new_user: NewUser) -> None:
    """A Deny of a managed policy is told with its ARN (AWS Security Blog, "Enhanced access denied error messages")."""
    name, keys = new_user(document(EVERY))
    iam = aws.client("iam")
    arn = iam.create_policy(PolicyName=f"deny-{name}", PolicyDocument=document(DENY))["Policy"]["Arn"]
    iam.attach_user_policy(UserName=name, PolicyArn=arn)
    assert denied_list(aws, keys).endswith(f" with an explicit deny in an identity-based policy: {arn}")


@pytest.mark.parametrize("explicit", [True, False])
def test_a_boundary_denies(aws: TwinAws, new_role: NewRole, new_user: NewUser, explicit: bool) -> None:
    """A permissions boundary denies: by its ARN where it says Deny, else "because no permissions boundary …"."""
    name, _ = new_user()
    content = document(EVERY, DENY) if explicit else document(OTHER)
    arn = aws.client("iam").create_policy(PolicyName=f"bound-{name}", PolicyDocument=content)["Policy"]["Arn"]
    keys = aws.assume(new_role(MANAGEMENT, trusting(ROOT), document(EVERY), PermissionsBoundary=arn))
    ends = {
        True: f" with an explicit deny in a permissions boundary: {arn}",
        False: " because no permissions boundary allows the iam:ListUsers action",
    }
    assert denied_list(aws, keys).endswith(ends[explicit])


def test_a_session_policy_denies(aws: TwinAws, new_role: NewRole) -> None:
    """A session policy denies: "… in a session policy", or "because no session policy allows the … action"."""
    arn = new_role(MANAGEMENT, trusting(ROOT), document(EVERY))
    explicit = aws.assume(arn, Policy=document(EVERY, DENY))
    assert denied_list(aws, explicit).endswith(" with an explicit deny in a session policy")
    implicit = aws.assume(arn, Policy=document(OTHER))
    assert denied_list(aws, implicit).endswith(" because no session policy allows the iam:ListUsers action")


@pytest.fixture
def scp(aws: TwinAws, organization: str) -> Iterator[Callable[[str, dict[str, Any]], str]]:
    """Give what attaches an SCP of one statement to an account; it returns the policy's id."""
    assert organization
    with switched_on(aws, SCP) as client:

        def attach(account: str, statement: dict[str, Any]) -> str:
            content = document(statement)
            made = client.create_policy(Name=f"scp-{account}", Description="", Type=SCP, Content=content)
            policy = str(made["Policy"]["PolicySummary"]["Id"])
            client.attach_policy(PolicyId=policy, TargetId=account)
            return policy

        yield attach


def test_an_scp_denies_by_its_arn(
    aws: TwinAws, account: str, organization: str, scp: Callable[[str, dict[str, Any]], str]
) -> None:
    """A Deny of an SCP is told with the policy's ARN (AWS Security Blog, "Enhanced access denied error messages")."""
    keys = aws.into(account)
    policy = scp(account, DENY)
    arn = f"arn:aws:organizations::{MANAGEMENT}:policy/{organization}/service_control_policy/{policy}"
    assert denied_list(aws, keys).endswith(f" with an explicit deny in a service control policy: {arn}")


def test_no_scp_allows(aws: TwinAws, account: str, scp: Callable[[str, dict[str, Any]], str]) -> None:
    """No SCP of a level allows it: "because no service control policy allows the … action"."""
    keys = aws.into(account)
    scp(account, OTHER)
    aws.client("organizations").detach_policy(PolicyId="p-FullAWSAccess", TargetId=account)
    assert denied_list(aws, keys).endswith(" because no service control policy allows the iam:ListUsers action")


def test_a_bucket_policy_denies(aws: TwinAws, account: str) -> None:
    """A bucket policy denies: the resource in quotes, "with an explicit deny in a resource-based policy", no ARN."""
    s3, name = aws.client("s3", aws.into(account)), f"denials-{account}"
    s3.create_bucket(Bucket=name)
    deny = {"Effect": "Deny", "Principal": "*", "Action": "s3:ListBucket", "Resource": f"arn:aws:s3:::{name}"}
    s3.put_bucket_policy(Bucket=name, Policy=document(deny))
    with refused("AccessDenied") as denial:
        s3.list_objects_v2(Bucket=name)
    ends = f'on resource: "arn:aws:s3:::{name}" with an explicit deny in a resource-based policy'
    assert denial.message.endswith(ends)


def test_an_action_without_resources_has_none_in_the_words(aws: TwinAws, new_user: NewUser) -> None:
    """S3 and EC2 leave the resource out where an action has none (Amazon S3 User Guide, "Troubleshoot 403")."""
    _, keys = new_user()
    with refused("AccessDenied") as denial:
        aws.client("s3", keys).list_buckets()
    assert (
        "s3:ListAllMyBuckets because no identity-based policy allows the s3:ListAllMyBuckets action" in denial.message
    )


def test_a_trust_denies(aws: TwinAws, new_role: NewRole, new_user: NewUser) -> None:
    """A role's trust denies: "with an explicit deny in the role trust policy"."""
    _, keys = new_user(document(EVERY))
    deny = {"Effect": "Deny", "Principal": {"AWS": ROOT}, "Action": "sts:AssumeRole"}
    arn = new_role(MANAGEMENT, document({**deny, "Effect": "Allow"}, deny))
    with refused("AccessDenied") as denial:
        aws.assume(arn, keys)
    assert denial.message.endswith(" with an explicit deny in the role trust policy")


def test_nothing_is_told_of_another_account(aws: TwinAws, account: str, new_role: NewRole) -> None:
    """Across accounts the words end with the resource: nothing is told of the other account's policies."""
    arn = new_role(account, trusting(account))
    with refused("AccessDenied") as denial:
        aws.assume(arn)
    assert denial.message.endswith(f"is not authorized to perform: sts:AssumeRole on resource: {arn}")


def test_s3_tells_all_within_an_organisation(aws: TwinAws, new_account: Callable[[], str]) -> None:
    """S3 words a denial in full to callers of the same organisation.

    Source: Amazon S3 User Guide, "Troubleshoot access denied (403 Forbidden) errors", examples.
    """
    owner, other = new_account(), new_account()
    aws.client("s3", aws.into(owner)).create_bucket(Bucket=f"owned-{owner}")
    with refused("AccessDenied") as denial:
        aws.client("s3", aws.into(other)).list_objects_v2(Bucket=f"owned-{owner}")
    assert denial.message.endswith("because no resource-based policy allows the s3:ListBucket action")


def refused_stop(aws: TwinAws, keys: Keys) -> Refused:
    """Return how stopping an instance is refused."""
    with refused("UnauthorizedOperation") as denial:
        aws.client("ec2", keys).stop_instances(InstanceIds=["i-0123456789abcdef0"])
    return denial


def test_ec2s_message_is_decoded(aws: TwinAws, new_user: NewUser) -> None:
    """EC2 tells a coded message, which DecodeAuthorizationMessage opens to who may call it.

    Source: AWS STS API Reference, "DecodeAuthorizationMessage".
    """
    name, keys = new_user(document({"Sid": "Never", "Effect": "Deny", "Action": "ec2:*", "Resource": "*"}))
    words, marker, encoded = refused_stop(aws, keys).message.partition(" Encoded authorization failure message: ")
    assert marker
    assert words.startswith("You are not authorized to perform this operation. User: ")
    with refused("AccessDenied"):
        aws.client("sts", keys).decode_authorization_message(EncodedMessage=encoded)
    told = json.loads(aws.client("sts").decode_authorization_message(EncodedMessage=encoded)["DecodedMessage"])
    assert (told["allowed"], told["explicitDeny"]) == (False, True)
    assert told["matchedStatements"]["items"][0]["statementId"] == "Never"
    assert told["context"]["principal"]["name"] == name
    assert told["context"]["action"] == "ec2:StopInstances"
    assert "aws:RequestedRegion" in {one["key"] for one in told["context"]["conditions"]["items"]}


def test_a_message_of_nobody_is_not_decoded(aws: TwinAws) -> None:
    """What is no coded message is refused (AWS STS API Reference, InvalidAuthorizationMessageException)."""
    with refused("InvalidAuthorizationMessageException"):
        aws.client("sts").decode_authorization_message(EncodedMessage="nothing at all")
