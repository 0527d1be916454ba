"""How the kinds of policies meet, one rule each.

Sources: IAM User Guide, "Policy evaluation logic", "Policies and permissions in IAM", "IAM JSON policy element
reference", "Grant a user permissions to pass a role to an AWS service".
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from tests.rehearsed.twin.rules.rule_scene import Subject, allow, allowed, deny
from tests.support.twin_fixtures import Keys, document

NewUser = Callable[..., tuple[str, Keys]]


@pytest.fixture(scope="module")
def counter() -> Iterator[int]:
    """Count, so that names differ."""
    return itertools.count(1)


# Statements


def test_without_an_allow_everything_is_denied(subject: Subject) -> None:
    """By default a request is implicitly denied ("The difference between explicit and implicit denies")."""
    subject.holds(allow("iam:GetUser"))
    assert not subject.may_list()


def test_an_allow_of_an_identity_policy_is_enough(subject: Subject) -> None:
    """An Allow in an identity policy overrides the default ("Policy evaluation logic")."""
    subject.holds(allow("sqs:ListQueues"))
    assert subject.may_list()


def test_an_explicit_deny_of_an_identity_policy_wins(subject: Subject) -> None:
    """An explicit deny overrides any allow, whatever their order ("Policy evaluation logic")."""
    for statements in ((allow(), deny("sqs:ListQueues")), (deny("sqs:ListQueues"), allow())):
        subject.holds(*statements)
        assert not subject.may_list()


@pytest.mark.parametrize(
    ("action", "expected"),
    [
        ("sqs:*", True),
        ("sqs:List*", True),
        ("sqs:ListQueue?", True),
        ("SQS:listqueues", True),
        ("sqs:ListQueue", False),
        ("*", True),
        ("sns:*", False),
    ],
)
def test_actions_have_wildcards_and_no_case(subject: Subject, action: str, expected: bool) -> None:
    """Actions match by `*` and `?`, in any case ("AWS JSON policy elements: Action")."""
    subject.holds(allow(action))
    assert subject.may_list() is expected


def test_not_action_allows_everything_else(subject: Subject) -> None:
    """Allow with NotAction allows what is not listed ("AWS JSON policy elements: NotAction")."""
    subject.holds(_not_action("Allow"))
    assert not subject.may_list()
    assert subject.may_get("none/x")


def test_not_action_denies_everything_else(subject: Subject) -> None:
    """Deny with NotAction denies what is not listed ("AWS JSON policy elements: NotAction")."""
    subject.holds(allow(), _not_action("Deny"))
    assert subject.may_list()
    assert not subject.may_get("none/x")


def _not_action(effect: str) -> dict[str, object]:
    return {"Effect": effect, "NotAction": "sqs:*", "Resource": "*"}


def _not_resource(effect: str, resource: str) -> dict[str, object]:
    return {"Effect": effect, "Action": "*", "NotResource": resource}


@pytest.mark.parametrize(
    ("pattern", "expected"),
    [("Team-A/*", True), ("Team-?/x", True), ("team-a/*", False), ("*", True), ("Team-B/*", False)],
)
def test_resources_have_wildcards_and_case(subject: Subject, pattern: str, expected: bool) -> None:
    """Resources match by `*` and `?`, with their case ("AWS JSON policy elements: Resource")."""
    subject.holds(allow("s3:GetObject", f"arn:aws:s3:::{subject.bucket}/{pattern}"))
    assert subject.may_get("Team-A/x") is expected


def test_not_resource_allows_everything_else(subject: Subject) -> None:
    """Allow with NotResource allows what is not listed ("AWS JSON policy elements: NotResource")."""
    subject.holds(_not_resource("Allow", f"arn:aws:s3:::{subject.bucket}/Team-A/*"))
    assert subject.may_get("Team-B/x")
    assert not subject.may_get("Team-A/x")


def test_not_resource_denies_everything_else(subject: Subject) -> None:
    """Deny with NotResource denies what is not listed ("AWS JSON policy elements: NotResource")."""
    subject.holds(allow(), _not_resource("Deny", f"arn:aws:s3:::{subject.bucket}/Team-A/*"))
    assert subject.may_get("Team-A/x")
    assert not subject.may_get("Team-B/x")


# Kinds of identity policies


@pytest.fixture
def iam(subject: Subject) -> Any:
    """Return IAM of the subject's account, as its administrator; the subject has no right."""
    subject.holds(allow("iam:GetUser"))
    return subject.aws.client("iam", subject.admin)


@pytest.fixture
def managed(iam: Any, counter: Iterator[int]) -> Callable[..., str]:
    """Return a maker of managed policies in the subject's account; it returns their ARNs."""

    def make(*statements: dict[str, object]) -> str:
        name = f"managed-{next(counter)}"
        return str(iam.create_policy(PolicyName=name, PolicyDocument=document(*statements))["Policy"]["Arn"])

    return make


def test_attached_policies_count(subject: Subject, iam: Any, managed: Callable[..., str]) -> None:
    """A managed policy counts as long as it is attached ("Managed policies and inline policies")."""
    arn = managed(allow("sqs:ListQueues"))
    iam.attach_role_policy(RoleName="subject", PolicyArn=arn)
    assert subject.may_list()
    iam.detach_role_policy(RoleName="subject", PolicyArn=arn)
    assert not subject.may_list()


def test_the_default_version_alone_counts(subject: Subject, iam: Any, managed: Callable[..., str]) -> None:
    """Of a managed policy's versions the default one is in force ("Versioning IAM policies")."""
    arn = managed(allow("sqs:ListQueues"))
    iam.attach_role_policy(RoleName="subject", PolicyArn=arn)
    iam.create_policy_version(PolicyArn=arn, PolicyDocument=document(allow("iam:GetUser")))
    assert subject.may_list()
    iam.set_default_policy_version(PolicyArn=arn, VersionId="v2")
    assert not subject.may_list()
    iam.detach_role_policy(RoleName="subject", PolicyArn=arn)


def test_policies_of_groups_count(subject: Subject, iam: Any, new_user: NewUser, managed: Callable[..., str]) -> None:
    """A user has the inline and the attached policies of its groups ("IAM user groups")."""
    name, keys = new_user("", subject.admin)
    group = f"group-of-{name}"
    iam.create_group(GroupName=group)
    iam.add_user_to_group(GroupName=group, UserName=name)
    sqs = subject.aws.client("sqs", keys)
    assert not allowed(sqs.list_queues)
    iam.put_group_policy(GroupName=group, PolicyName="p", PolicyDocument=document(allow("sqs:ListQueues")))
    assert allowed(sqs.list_queues)
    iam.delete_group_policy(GroupName=group, PolicyName="p")
    iam.attach_group_policy(GroupName=group, PolicyArn=managed(allow("sqs:ListQueues")))
    assert allowed(sqs.list_queues)


def test_a_deny_of_a_group_wins(subject: Subject, iam: Any, new_user: NewUser) -> None:
    """An explicit deny of a group's policy wins over the user's own allow ("Policy evaluation logic")."""
    name, keys = new_user(document(allow()), subject.admin)
    group = f"group-of-{name}"
    iam.create_group(GroupName=group)
    iam.add_user_to_group(GroupName=group, UserName=name)
    sqs = subject.aws.client("sqs", keys)
    assert allowed(sqs.list_queues)
    iam.put_group_policy(GroupName=group, PolicyName="p", PolicyDocument=document(deny("sqs:ListQueues")))
    assert not allowed(sqs.list_queues)


# Permissions boundaries


def test_a_boundary_and_an_identity_policy_both_allow(subject: Subject, iam: Any, managed: Callable[..., str]) -> None:
    """Under a boundary both it and an identity policy have to allow ("Permissions boundaries for IAM entities")."""
    subject.holds(allow("sqs:*"))
    for boundary, expected in (
        (managed(allow("iam:*")), False),
        (managed(allow("sqs:ListQueues")), True),
        (managed(allow(), deny("sqs:ListQueues")), False),
    ):
        iam.put_role_permissions_boundary(RoleName="subject", PermissionsBoundary=boundary)
        listed = subject.may_list()
        iam.delete_role_permissions_boundary(RoleName="subject")
        assert listed is expected
    assert subject.may_list()


def test_a_boundary_grants_nothing(subject: Subject, iam: Any, managed: Callable[..., str]) -> None:
    """A boundary gives no permission by itself ("Permissions boundaries for IAM entities")."""
    iam.put_role_permissions_boundary(RoleName="subject", PermissionsBoundary=managed(allow()))
    listed = subject.may_list()
    iam.delete_role_permissions_boundary(RoleName="subject")
    assert not listed


def test_a_boundary_of_a_user_limits_it(subject: Subject, new_user: NewUser, iam: Any, managed: Any) -> None:
    """A user's boundary limits its identity policies, from its making on ("Permissions boundaries")."""
    name, keys = new_user(document(allow()), subject.admin)
    iam.put_user_permissions_boundary(UserName=name, PermissionsBoundary=managed(allow("iam:*")))
    sqs = subject.aws.client("sqs", keys)
    assert not allowed(sqs.list_queues)
    iam.delete_user_permissions_boundary(UserName=name)
    assert allowed(sqs.list_queues)


# Session policies


@pytest.mark.parametrize(
    ("identity", "session", "expected"),
    [
        (allow("sqs:*"), [allow("sqs:ListQueues")], True),
        (allow("sqs:*"), [allow("iam:*")], False),
        (allow("iam:*"), [allow()], False),
        (allow("sqs:*"), [allow(), deny("sqs:ListQueues")], False),
    ],
    ids=["both allow", "the session policy does not", "the identity policy does not", "the session policy denies"],
)
def test_a_session_policy_and_an_identity_policy_both_allow(
    subject: Subject, identity: dict[str, object], session: list[dict[str, object]], expected: bool
) -> None:
    """A session may what both its session policy and the role's policies allow ("Session policies")."""
    subject.holds(identity)
    keys = subject.aws.assume(subject.role_arn, Policy=document(*session))
    assert allowed(subject.aws.client("sqs", keys).list_queues) is expected


def test_managed_session_policies_join_the_inline_one(subject: Subject, managed: Callable[..., str]) -> None:
    """Of session policies, inline and by ARN, one that allows is enough (STS API Reference, AssumeRole, PolicyArns)."""
    subject.holds(allow())
    arn = managed(allow("sqs:ListQueues"))
    keys = subject.aws.assume(subject.role_arn, Policy=document(allow("iam:*")), PolicyArns=[{"arn": arn}])
    assert allowed(subject.aws.client("sqs", keys).list_queues)
    assert not allowed(subject.aws.client("s3", keys).list_buckets)


# Passing roles


@pytest.mark.parametrize(
    ("right", "expected"),
    [
        (None, False),
        (allow("iam:PassRole", "{role}"), True),
        (allow("iam:PassRole", "{role}-other"), False),
        (
            allow(
                "iam:PassRole",
                Condition={"StringEquals": {"iam:PassedToService": "ecs-tasks.amazonaws.com"}},
            ),
            True,
        ),
        (
            allow("iam:PassRole", Condition={"StringEquals": {"iam:PassedToService": "ec2.amazonaws.com"}}),
            False,
        ),
    ],
    ids=["no right", "that role", "another role", "to that service", "to another service"],
)
def test_handing_over_a_role_needs_pass_role(subject: Subject, right: dict[str, Any] | None, expected: bool) -> None:
    """Who hands a role to a service needs iam:PassRole on it ("Grant a user permissions to pass a role")."""
    more = [] if right is None else [{**right, "Resource": right["Resource"].format(role=subject.role_arn)}]
    subject.holds(allow("ecs:*"), *more)
    register = subject.client("ecs").register_task_definition
    container = {"name": "web", "image": "web", "memory": 128}
    done = allowed(register, family="web", taskRoleArn=subject.role_arn, containerDefinitions=[container])
    assert done is expected
