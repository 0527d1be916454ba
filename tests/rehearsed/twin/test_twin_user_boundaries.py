"""Permissions boundaries of users: kept, told and taken away as IAM does. Their effect is among the rules."""

from __future__ import annotations

from collections.abc import Callable

from tests.support.twin_fixtures import EVERYTHING, Keys, TwinAws, document, refused

READ_ONLY = "arn:aws:iam::aws:policy/ReadOnlyAccess"
NewUser = Callable[..., tuple[str, Keys]]


def test_a_user_is_made_with_its_boundary(aws: TwinAws, account: str) -> None:
    """CreateUser takes a boundary, GetUser tells it (IAM API Reference, "CreateUser", "GetUser")."""
    iam = aws.client("iam", aws.into(account))
    iam.create_user(UserName="bounded", PermissionsBoundary=READ_ONLY)
    assert iam.get_user(UserName="bounded")["User"]["PermissionsBoundary"]["PermissionsBoundaryArn"] == READ_ONLY


def test_a_boundary_given_at_the_making_counts(aws: TwinAws, account: str) -> None:
    """A user made with a boundary is under it from the start ("Permissions boundaries for IAM entities")."""
    iam = aws.client("iam", aws.into(account))
    iam.create_user(UserName="bounded", PermissionsBoundary=READ_ONLY)
    iam.put_user_policy(UserName="bounded", PolicyName="p", PolicyDocument=document(*EVERYTHING["Statement"]))
    key = iam.create_access_key(UserName="bounded")["AccessKey"]
    own = aws.client("iam", Keys(key["AccessKeyId"], key["SecretAccessKey"]))
    assert own.list_roles()["Roles"]
    with refused("AccessDenied") as denial:
        own.create_user(UserName="another")
    assert denial.message.endswith("because no permissions boundary allows the iam:CreateUser action")


def test_a_boundary_is_taken_away(aws: TwinAws, new_user: NewUser) -> None:
    """DeleteUserPermissionsBoundary takes the boundary away; where there is none it says so (NoSuchEntity)."""
    name, _ = new_user()
    iam = aws.client("iam")
    iam.put_user_permissions_boundary(UserName=name, PermissionsBoundary=READ_ONLY)
    iam.delete_user_permissions_boundary(UserName=name)
    assert "PermissionsBoundary" not in iam.get_user(UserName=name)["User"]
    with refused("NoSuchEntity"):
        iam.delete_user_permissions_boundary(UserName=name)


def test_a_boundary_is_a_policy_that_there_is(aws: TwinAws, account: str, new_user: NewUser) -> None:
    """A boundary that names no policy is refused (IAM API Reference, "PutUserPermissionsBoundary": NoSuchEntity)."""
    name, _ = new_user()
    missing = f"arn:aws:iam::{account}:policy/none"
    with refused("NoSuchEntity"):
        aws.client("iam").put_user_permissions_boundary(UserName=name, PermissionsBoundary=missing)
    with refused("NoSuchEntity"):
        aws.client("iam").create_user(UserName=f"{name}-2", PermissionsBoundary=missing)
