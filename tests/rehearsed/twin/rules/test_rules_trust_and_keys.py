"""Roles and KMS keys, whose own policy must let a principal in, one rule each.

Sources: IAM User Guide, "AWS JSON policy elements: Principal", "Cross-account policy evaluation logic", "AWS global
condition context keys"; AWS KMS Developer Guide, "Key policies in AWS KMS".
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import pytest

from tests.rehearsed.twin.rules.rule_scene import MANAGEMENT_ROOT, Subject, allow, allowed, trusted
from tests.support.twin_fixtures import MANAGEMENT, Keys, TwinAws, document

NewUser = Callable[..., tuple[str, Keys]]
Statement = Mapping[str, Any]


@pytest.fixture(scope="module")
def counter() -> Iterator[int]:
    """Count, so that names differ."""
    return itertools.count(1)


@dataclass(frozen=True, slots=True)
class Door:
    """A role in an account, whose trust policy is written anew for each question."""

    aws: TwinAws
    admin: Keys
    arn: str

    def trusting(self, principal: object, **more: object) -> Door:
        """Give the role a trust policy, and return it."""
        name = self.arn.rpartition("/")[2]
        policy = trusted(principal, **more)
        self.aws.client("iam", self.admin).update_assume_role_policy(RoleName=name, PolicyDocument=policy)
        return self

    def opens(self, keys: Keys, **more: object) -> bool:
        """Tell whether the holder of these credentials may assume the role."""
        call = self.aws.client("sts", keys).assume_role
        return allowed(call, RoleArn=self.arn, **{"RoleSessionName": "door", **more})


@pytest.fixture
def door(subject: Subject, counter: Iterator[int]) -> Door:
    """Return a role in the subject's account; the subject has no right to it."""
    subject.holds(allow("iam:GetUser"))
    name = f"door-{next(counter)}"
    subject.aws.client("iam", subject.admin).create_role(
        RoleName=name, AssumeRolePolicyDocument=trusted({"AWS": MANAGEMENT_ROOT})
    )
    return Door(subject.aws, subject.admin, f"arn:aws:iam::{subject.account}:role/{name}")


def test_trust_that_names_the_role_is_enough(door: Door, subject: Subject) -> None:
    """In the role's account trust in a principal needs no identity policy ("IAM role principals")."""
    assert door.trusting({"AWS": subject.role_arn}).opens(subject.keys)


def test_trust_in_the_account_leaves_it_to_identity_policies(door: Door, subject: Subject) -> None:
    """Trust in the account delegates to its identity policies ("AWS account principals")."""
    door.trusting({"AWS": subject.account})
    assert not door.opens(subject.keys)
    subject.holds(allow("sts:AssumeRole", door.arn))
    assert door.opens(subject.keys)


def test_a_role_without_trust_stays_shut(door: Door, subject: Subject) -> None:
    """No identity policy opens a role whose trust policy does not allow ("Resource-based policies")."""
    subject.holds(allow())
    assert not door.trusting({"AWS": MANAGEMENT_ROOT}).opens(subject.keys)
    assert door.trusting({"AWS": subject.account}).opens(subject.keys)


def test_trust_across_accounts_needs_both_sides(door: Door, new_user: NewUser) -> None:
    """A role of another account opens when trust and the caller's policies allow ("Cross-account ... logic")."""
    name, keys = new_user()
    _, other = new_user(document(allow("sts:AssumeRole")))
    door.trusting({"AWS": f"arn:aws:iam::{MANAGEMENT}:user/{name}"})
    assert not door.opens(keys)
    assert not door.opens(other)
    door.trusting({"AWS": MANAGEMENT})
    assert door.opens(other)


def test_an_external_id_is_asked_for(door: Door, subject: Subject) -> None:
    """Trust under sts:ExternalId opens to who gives it ("Access to AWS accounts owned by third parties")."""
    condition = {"StringEquals": {"sts:ExternalId": "acme-1"}}
    door.trusting({"AWS": subject.role_arn}, Condition=condition)
    assert door.opens(subject.keys, ExternalId="acme-1")
    assert not door.opens(subject.keys, ExternalId="acme-2")
    assert not door.opens(subject.keys)


def test_the_session_name_can_be_asked_for(door: Door, subject: Subject) -> None:
    """Trust under sts:RoleSessionName opens for that name of the session ("sts:RoleSessionName")."""
    condition = {"StringLike": {"sts:RoleSessionName": "deploy-*"}}
    door.trusting({"AWS": subject.role_arn}, Condition=condition)
    assert door.opens(subject.keys, RoleSessionName="deploy-1")
    assert not door.opens(subject.keys, RoleSessionName="other")


def test_trust_may_ask_for_the_organisation(door: Door, subject: Subject, organization: str) -> None:
    """Everyone under aws:PrincipalOrgID is everyone of the organisation ("aws:PrincipalOrgID")."""
    subject.holds(allow("sts:AssumeRole"))
    door.trusting("*", Condition={"StringEquals": {"aws:PrincipalOrgID": organization}})
    assert door.opens(subject.keys)
    door.trusting("*", Condition={"StringEquals": {"aws:PrincipalOrgID": "o-another000"}})
    assert not door.opens(subject.keys)


def test_the_resources_account_is_the_roles(door: Door, subject: Subject, new_user: NewUser) -> None:
    """`aws:ResourceAccount` of AssumeRole is the account that the role is in ("aws:ResourceAccount")."""
    door.trusting({"AWS": MANAGEMENT})
    for account, expected in ((subject.account, True), (MANAGEMENT, False)):
        condition = {"StringEquals": {"aws:ResourceAccount": account}}
        _, keys = new_user(document(allow("sts:AssumeRole", Condition=condition)))
        assert door.opens(keys) is expected


@dataclass(frozen=True, slots=True)
class Key:
    """A key in the subject's account, whose policy is written anew for each question."""

    subject: Subject
    arn: str

    def under(self, *statements: Statement) -> Key:
        """Give the key a policy of these statements, beside the administrator's own, and return it."""
        admin = f"arn:aws:iam::{self.subject.account}:role/OrganizationAccountAccessRole"
        own = allow("kms:*", Principal={"AWS": admin})
        kms = self.subject.aws.client("kms", self.subject.admin)
        kms.put_key_policy(KeyId=self.arn, PolicyName="default", Policy=document(own, *map(dict, statements)))
        return self

    def lets(self, keys: Keys) -> bool:
        """Tell whether the holder of these credentials may describe the key."""
        return allowed(self.subject.aws.client("kms", keys).describe_key, KeyId=self.arn)


@pytest.fixture
def key(subject: Subject) -> Key:
    """Return a key; the subject has no right to it."""
    subject.holds(allow("iam:GetUser"))
    kms = subject.aws.client("kms", subject.admin)
    return Key(subject, kms.create_key()["KeyMetadata"]["Arn"])


def test_a_key_that_does_not_name_the_account_ignores_identity_policies(key: Key) -> None:
    """Without a grant of the key policy identity policies give no right to a key ("Key policies")."""
    key.subject.holds(allow())
    assert not key.under().lets(key.subject.keys)


def test_a_key_that_names_the_account_leaves_it_to_identity_policies(key: Key) -> None:
    """The account as principal lets identity policies give rights to the key ("Default key policy")."""
    key.under(allow("kms:*", Principal={"AWS": f"arn:aws:iam::{key.subject.account}:root"}))
    assert not key.lets(key.subject.keys)
    key.subject.holds(allow("kms:DescribeKey"))
    assert key.lets(key.subject.keys)


def test_a_key_that_names_the_role_needs_nothing_else(key: Key) -> None:
    """A role that the key policy names needs no identity policy ("Key policies")."""
    assert key.under(allow("kms:DescribeKey", Principal={"AWS": key.subject.role_arn})).lets(key.subject.keys)


def test_a_key_of_another_account_needs_both_sides(key: Key, new_user: NewUser) -> None:
    """Another account's key needs key policy and identity policy ("Allowing users in other accounts to use a key")."""
    _, keys = new_user(document(allow("kms:DescribeKey")))
    _, without = new_user()
    assert not key.under().lets(keys)
    key.under(allow("kms:DescribeKey", Principal={"AWS": MANAGEMENT_ROOT}))
    assert key.lets(keys)
    assert not key.lets(without)
