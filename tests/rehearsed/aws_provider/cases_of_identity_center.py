"""The cases of IAM Identity Center; it is the management account's."""

from __future__ import annotations

from typing import Any

from rehearsal.aws.services import identity_center
from tests.rehearsed.aws_provider.cases import Case, Inputs
from tests.rehearsed.aws_provider.world import ALLOW_S3, ALLOW_SQS, World

_AWS_POLICIES = "arn:aws:iam::aws:policy"
_READ_ONLY = f"{_AWS_POLICIES}/ReadOnlyAccess"
_OTHER_INSTANCE = "arn:aws:sso:::instance/ssoins-0123456789abcdef"
_SOMEBODY = "11111111-2222-3333-4444-555555555555"


def _center(world: World) -> Any:
    return world.aws.client("sso-admin", region=world.region)


def _store(world: World) -> Any:
    return world.aws.client("identitystore", region=world.region)


def _instance(world: World) -> dict[str, str]:
    found = _center(world).list_instances()["Instances"][0]
    return {"arn": found["InstanceArn"], "store": found["IdentityStoreId"]}


def _set(world: World) -> Inputs:
    """Make a permission set and return what names it."""
    instance = _instance(world)["arn"]
    made = _center(world).create_permission_set(InstanceArn=instance, Name=world.name("set"))
    return {"instanceArn": instance, "permissionSetArn": made["PermissionSet"]["PermissionSetArn"]}


def _of(outputs: Inputs) -> dict[str, str]:
    return {"InstanceArn": outputs["instanceArn"], "PermissionSetArn": outputs["permissionSetArn"]}


def _group(world: World) -> str:
    store = _instance(world)["store"]
    return str(_store(world).create_group(IdentityStoreId=store, DisplayName=world.name("group"))["GroupId"])


def _others(world: World) -> Inputs:
    return {
        "instanceArn": _OTHER_INSTANCE,
        "permissionSetArn": _set(world)["permissionSetArn"],
        "region": "us-east-1",
    }


def _assigned(outputs: Inputs) -> dict[str, str]:
    names = ("principalId", "principalType", "targetId", "targetType")
    return {**_of(outputs), **{name[0].upper() + name[1:]: outputs[name] for name in names}}


IDENTITY_CENTER = [
    Case(
        kind=identity_center.PERMISSION_SET,
        inputs=lambda w: {
            "instanceArn": _instance(w)["arn"],
            "description": "first",
            "relayState": "https://first.example",
            "tags": {"a": "1"},
        },
        updates=lambda *_: [
            {"description": "second"},
            {"relayState": "https://second.example"},
            {"sessionDuration": "PT8H"},
            {"tags": {"b": "2"}},
        ],
        replacements=lambda w: {"name": w.name(), "instanceArn": _OTHER_INSTANCE, "region": "us-east-1"},
        drift=lambda w, r: _center(w).update_permission_set(
            InstanceArn=r.outputs["instanceArn"],
            PermissionSetArn=r.outputs["arn"],
            Description="theirs",
            RelayState=r.outputs["relayState"],
            SessionDuration=r.outputs["sessionDuration"],
        ),
        drifted=frozenset({"description"}),
        in_management=True,
    ),
    Case(
        kind=identity_center.MANAGED_POLICY_ATTACHMENT,
        inputs=lambda w: {**_set(w), "managedPolicyArn": _READ_ONLY},
        updates=lambda *_: [],
        replacements=lambda w: {**_others(w), "managedPolicyArn": f"{_AWS_POLICIES}/AdministratorAccess"},
        drift=lambda w, r: _center(w).detach_managed_policy_from_permission_set(
            **_of(r.outputs), ManagedPolicyArn=_READ_ONLY
        ),
        drifted=frozenset({"gone"}),
        in_management=True,
    ),
    Case(
        kind=identity_center.INLINE_POLICY,
        inputs=lambda w: {**_set(w), "inlinePolicy": ALLOW_S3},
        updates=lambda *_: [{"inlinePolicy": ALLOW_SQS}],
        replacements=_others,
        drift=lambda w, r: _center(w).put_inline_policy_to_permission_set(**_of(r.outputs), InlinePolicy=ALLOW_SQS),
        drifted=frozenset({"inlinePolicy"}),
        in_management=True,
    ),
    Case(
        kind=identity_center.ACCOUNT_ASSIGNMENT,
        inputs=lambda w: {
            **_set(w),
            "principalId": _group(w),
            "principalType": "GROUP",
            "targetId": w.account_id,
            "targetType": "AWS_ACCOUNT",
        },
        updates=lambda *_: [],
        replacements=lambda w: {
            **_others(w),
            "principalId": _SOMEBODY,
            "principalType": "USER",
            "targetId": "111122223333",
        },
        drift=lambda w, r: _center(w).delete_account_assignment(**_assigned(r.outputs)),
        drifted=frozenset({"gone"}),
        not_tried={"targetType": "there is one kind of target"},
        in_management=True,
    ),
    Case(
        kind=identity_center.GROUP,
        inputs=lambda w: {
            "identityStoreId": _instance(w)["store"],
            "displayName": w.name("group"),
            "description": "first",
        },
        updates=lambda *_: [{"description": "second"}, {"description": None}],
        replacements=lambda w: {
            "identityStoreId": "d-0123456789",
            "displayName": w.name("group"),
            "region": "us-east-1",
        },
        drift=lambda w, r: _store(w).update_group(
            IdentityStoreId=r.outputs["identityStoreId"],
            GroupId=r.outputs["groupId"],
            Operations=[{"AttributePath": "description", "AttributeValue": "theirs"}],
        ),
        drifted=frozenset({"description"}),
        in_management=True,
    ),
]
