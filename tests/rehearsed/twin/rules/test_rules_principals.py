"""Whom resource policies name, and what that gives them, one rule each.

Sources: IAM User Guide, "AWS JSON policy elements: Principal", "AWS JSON policy elements: NotPrincipal", "Policy
evaluation for requests within a single account", "Permissions boundaries for IAM entities", "Cross-account policy
evaluation logic".
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import pytest

from tests.rehearsed.twin.rules.rule_scene import Subject, allow, allowed, deny
from tests.support.twin_fixtures import MANAGEMENT, Keys, TwinAws, document, refused

NewUser = Callable[..., tuple[str, Keys]]
Statement = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Queue:
    """A queue in the subject's account, whose policy is written anew for each question."""

    subject: Subject
    url: str

    def under(self, *statements: Statement) -> Queue:
        """Give the queue a policy of these statements, and return it."""
        attributes = {"Policy": document(*map(dict, statements))}
        admin = self.subject.aws.client("sqs", self.subject.admin)
        admin.set_queue_attributes(QueueUrl=self.url, Attributes=attributes)
        return self

    def lets(self, keys: Keys) -> bool:
        """Tell whether the holder of these credentials may send a message."""
        return allowed(self.subject.aws.client("sqs", keys).send_message, QueueUrl=self.url, MessageBody="x")


@pytest.fixture(scope="module")
def counter() -> Iterator[int]:
    """Count, so that names differ."""
    return itertools.count(1)


@pytest.fixture
def queue(subject: Subject, counter: Iterator[int]) -> Queue:
    """Return a queue of this test's own; the subject has no right to it."""
    subject.holds(allow("iam:GetUser"))
    name = f"principals-{next(counter)}"
    return Queue(subject, subject.aws.client("sqs", subject.admin).create_queue(QueueName=name)["QueueUrl"])


def grant(principal: object, **more: object) -> dict[str, object]:
    """Return a statement that lets a principal send messages."""
    return allow("sqs:SendMessage", Principal=principal, **more)


def session_arn(subject: Subject, name: str = "test") -> str:
    """Return the ARN of a session of the subject."""
    return f"arn:aws:sts::{subject.account}:assumed-role/subject/{name}"


@pytest.fixture
def bounded(subject: Subject, counter: Iterator[int]) -> Iterator[Subject]:
    """Return the subject under a permissions boundary that allows nothing but iam:GetUser."""
    iam = subject.aws.client("iam", subject.admin)
    arn = iam.create_policy(PolicyName=f"narrow-{next(counter)}", PolicyDocument=document(allow("iam:GetUser")))
    iam.put_role_permissions_boundary(RoleName="subject", PermissionsBoundary=arn["Policy"]["Arn"])
    yield subject
    iam.delete_role_permissions_boundary(RoleName="subject")


def limited(subject: Subject) -> Keys:
    """Return a session of the subject under a session policy that allows nothing but iam:GetUser."""
    return subject.aws.assume(subject.role_arn, Policy=document(allow("iam:GetUser")))


def test_a_user_that_is_named_needs_nothing_else(queue: Queue, new_user: NewUser) -> None:
    """In its account a user named by a resource policy needs no identity policy ("IAM user principals")."""
    name, keys = new_user("", queue.subject.admin)
    arn = f"arn:aws:iam::{queue.subject.account}:user/{name}"
    assert queue.under(grant({"AWS": arn})).lets(keys)
    assert not queue.under(grant({"AWS": queue.subject.role_arn})).lets(keys)


def test_a_boundary_does_not_limit_what_names_the_user(queue: Queue, new_user: NewUser) -> None:
    """An implicit deny of a boundary does not limit a grant to the user's ARN ("Permissions boundaries")."""
    subject = queue.subject
    name, keys = new_user(document(allow("sqs:*")), subject.admin)
    iam = subject.aws.client("iam", subject.admin)
    policy = iam.create_policy(PolicyName=f"b-{name}", PolicyDocument=document(allow("iam:GetUser")))["Policy"]
    iam.put_user_permissions_boundary(UserName=name, PermissionsBoundary=policy["Arn"])
    assert queue.under(grant({"AWS": f"arn:aws:iam::{subject.account}:user/{name}"})).lets(keys)
    assert not queue.under(grant({"AWS": subject.account})).lets(keys)


def test_a_role_that_is_named_needs_nothing_else(queue: Queue) -> None:
    """In its account a role named by a resource policy needs no identity policy ("IAM role principals")."""
    assert queue.under(grant({"AWS": queue.subject.role_arn})).lets(queue.subject.keys)


def test_a_boundary_limits_what_names_the_role(queue: Queue, bounded: Subject) -> None:
    """An implicit deny of a boundary limits a grant to the role's ARN ("Permissions boundaries", IAM role)."""
    assert not queue.under(grant({"AWS": bounded.role_arn})).lets(bounded.keys)


def test_a_session_policy_limits_what_names_the_role(queue: Queue) -> None:
    """An implicit deny of a session policy limits a grant to the role's ARN ("Session policies")."""
    assert not queue.under(grant({"AWS": queue.subject.role_arn})).lets(limited(queue.subject))


def test_a_boundary_does_not_limit_what_names_the_session(queue: Queue, bounded: Subject) -> None:
    """An implicit deny of a boundary does not limit a grant to the session's ARN ("IAM role session")."""
    assert queue.under(grant({"AWS": session_arn(bounded)})).lets(bounded.keys)


def test_a_session_policy_does_not_limit_what_names_the_session(queue: Queue) -> None:
    """An implicit deny of a session policy does not limit a grant to the session's ARN ("IAM role session")."""
    assert queue.under(grant({"AWS": session_arn(queue.subject)})).lets(limited(queue.subject))


def test_a_session_that_is_named_is_no_other(queue: Queue) -> None:
    """A session's ARN names the session of that name alone ("Assumed-role session principals")."""
    other = queue.subject.aws.assume(queue.subject.role_arn, RoleSessionName="other")
    queue.under(grant({"AWS": session_arn(queue.subject)}))
    assert queue.lets(queue.subject.keys)
    assert not queue.lets(other)


def test_everyone_is_not_limited_by_a_boundary(queue: Queue, bounded: Subject) -> None:
    """Boundaries do not limit what `*` with aws:PrincipalArn grants ("Permissions boundaries", IAM role)."""
    condition = {"ArnEquals": {"aws:PrincipalArn": bounded.role_arn}}
    assert queue.under(grant("*", Condition=condition)).lets(bounded.keys)


def test_the_principals_arn_of_a_session_is_the_roles(queue: Queue) -> None:
    """`aws:PrincipalArn` of an assumed role is the role's ARN, not the session's ("aws:PrincipalArn")."""
    subject = queue.subject
    by_session = {"ArnEquals": {"aws:PrincipalArn": session_arn(subject)}}
    assert not queue.under(grant("*", Condition=by_session)).lets(subject.keys)
    by_role = {"ArnEquals": {"aws:PrincipalArn": subject.role_arn}}
    assert queue.under(grant("*", Condition=by_role)).lets(subject.keys)


@pytest.mark.parametrize("named", ["{account}", "arn:aws:iam::{account}:root"])
def test_an_account_that_is_named_leaves_it_to_identity_policies(queue: Queue, named: str) -> None:
    """Naming the account delegates to its identity policies ("AWS account principals")."""
    queue.under(grant({"AWS": named.format(account=queue.subject.account)}))
    assert not queue.lets(queue.subject.keys)
    queue.subject.holds(allow("sqs:SendMessage"))
    assert queue.lets(queue.subject.keys)


def test_the_most_direct_grant_counts(queue: Queue, bounded: Subject) -> None:
    """Of several grants each counts for itself: one to the session makes up for one to the role."""
    queue.under(grant({"AWS": bounded.role_arn}), grant({"AWS": session_arn(bounded)}))
    assert queue.lets(bounded.keys)


def test_an_explicit_deny_of_a_boundary_limits_every_grant(
    queue: Queue, subject: Subject, counter: Iterator[int]
) -> None:
    """An explicit deny of a boundary wins over a grant to the session itself ("Permissions boundaries")."""
    iam = subject.aws.client("iam", subject.admin)
    content = document(allow(), deny("sqs:SendMessage"))
    arn = iam.create_policy(PolicyName=f"no-sqs-{next(counter)}", PolicyDocument=content)["Policy"]["Arn"]
    iam.put_role_permissions_boundary(RoleName="subject", PermissionsBoundary=arn)
    try:
        assert not queue.under(grant({"AWS": session_arn(subject)})).lets(subject.keys)
    finally:
        iam.delete_role_permissions_boundary(RoleName="subject")


def test_not_principal_spares_who_is_listed(queue: Queue, new_user: NewUser) -> None:
    """Deny with NotPrincipal spares a user that is listed with its account ("NotPrincipal", Key points)."""
    subject = queue.subject
    name, keys = new_user(document(allow("sqs:*")), subject.admin)
    _, other = new_user(document(allow("sqs:*")), subject.admin)
    listed = [f"arn:aws:iam::{subject.account}:root", f"arn:aws:iam::{subject.account}:user/{name}"]
    queue.under(deny("sqs:SendMessage", NotPrincipal={"AWS": listed}))
    assert queue.lets(keys)
    assert not queue.lets(other)


def test_not_principal_asks_for_the_account_too(queue: Queue, new_user: NewUser) -> None:
    """NotPrincipal that lists a user without its account denies the user ("NotPrincipal", Key points)."""
    subject = queue.subject
    name, keys = new_user(document(allow("sqs:*")), subject.admin)
    listed = f"arn:aws:iam::{subject.account}:user/{name}"
    assert not queue.under(deny("sqs:SendMessage", NotPrincipal={"AWS": listed})).lets(keys)


def test_not_principal_asks_for_account_role_and_session(queue: Queue) -> None:
    """NotPrincipal spares a session when account, role and session are all listed ("NotPrincipal", Key points)."""
    subject = queue.subject
    subject.holds(allow("sqs:*"))
    listed = [f"arn:aws:iam::{subject.account}:root", subject.role_arn, session_arn(subject)]
    assert queue.under(deny("sqs:SendMessage", NotPrincipal={"AWS": listed})).lets(subject.keys)
    for fewer in (listed[:2], listed[1:], [listed[0], listed[2]]):
        assert not queue.under(deny("sqs:SendMessage", NotPrincipal={"AWS": fewer})).lets(subject.keys)


def test_not_principal_spares_nobody_with_a_boundary(queue: Queue, counter: Iterator[int]) -> None:
    """Deny with NotPrincipal denies every principal that has a boundary ("NotPrincipal", Key points)."""
    subject = queue.subject
    subject.holds(allow("sqs:*"))
    listed = [f"arn:aws:iam::{subject.account}:root", subject.role_arn, session_arn(subject)]
    queue.under(deny("sqs:SendMessage", NotPrincipal={"AWS": listed}))
    assert queue.lets(subject.keys)
    iam = subject.aws.client("iam", subject.admin)
    arn = iam.create_policy(PolicyName=f"wide-{next(counter)}", PolicyDocument=document(allow()))["Policy"]["Arn"]
    iam.put_role_permissions_boundary(RoleName="subject", PermissionsBoundary=arn)
    try:
        assert not queue.lets(subject.keys)
    finally:
        iam.delete_role_permissions_boundary(RoleName="subject")


def test_not_principal_does_not_allow(queue: Queue) -> None:
    """NotPrincipal with Allow is not supported ("NotPrincipal")."""
    with refused("InvalidAttributeValue"):
        queue.under(allow("sqs:SendMessage", NotPrincipal={"AWS": queue.subject.role_arn}))


def test_a_service_that_is_named_is_no_user(queue: Queue) -> None:
    """A service principal names the service alone, not who works in the account ("AWS service principals")."""
    assert not queue.under(grant({"Service": "sns.amazonaws.com"})).lets(queue.subject.keys)


def test_a_deny_of_a_resource_policy_wins(queue: Queue) -> None:
    """An explicit deny of a resource policy wins over identity policies ("Policy evaluation logic")."""
    queue.subject.holds(allow())
    assert queue.under(grant({"AWS": queue.subject.role_arn})).lets(queue.subject.keys)
    assert not queue.under(deny("sqs:SendMessage", Principal="*")).lets(queue.subject.keys)


@pytest.mark.parametrize(
    ("identity", "resource", "expected"),
    [(True, True, True), (True, False, False), (False, True, False), (False, False, False)],
    ids=["both sides", "identity side alone", "resource side alone", "neither side"],
)
def test_across_accounts_both_sides_must_allow(
    queue: Queue, new_user: NewUser, identity: bool, resource: bool, expected: bool
) -> None:
    """Across accounts identity policy and resource policy both have to allow ("Cross-account policy evaluation")."""
    name, keys = new_user(document(allow("sqs:*" if identity else "iam:GetUser")))
    named = f"arn:aws:iam::{MANAGEMENT}:user/{name}" if resource else queue.subject.role_arn
    assert queue.under(grant({"AWS": named})).lets(keys) is expected


def test_across_accounts_a_boundary_limits_every_grant(
    queue: Queue, aws: TwinAws, new_user: NewUser, counter: Iterator[int]
) -> None:
    """Across accounts a boundary limits even what names the user ("Cross-account policy evaluation logic")."""
    name, keys = new_user(document(allow("sqs:*")))
    queue.under(grant({"AWS": f"arn:aws:iam::{MANAGEMENT}:user/{name}"}))
    assert queue.lets(keys)
    iam = aws.client("iam")
    content = document(allow("iam:GetUser"))
    arn = iam.create_policy(PolicyName=f"abroad-{next(counter)}", PolicyDocument=content)["Policy"]["Arn"]
    iam.put_user_permissions_boundary(UserName=name, PermissionsBoundary=arn)
    assert not queue.lets(keys)
