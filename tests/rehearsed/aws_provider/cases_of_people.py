"""The cases of IAM's users, groups and OpenID Connect providers."""

from __future__ import annotations

from rehearsal.aws.services import iam_people
from tests.rehearsed.aws_provider.cases import Case
from tests.rehearsed.aws_provider.world import ALLOW_S3, ALLOW_SQS, World

_THUMBPRINT = "ab" * 20
_OTHER_THUMBPRINT = "cd" * 20


def _group(world: World) -> str:
    name = world.name("group")
    world.client("iam").create_group(GroupName=name)
    return name


def _user(world: World) -> str:
    name = world.name("user")
    world.client("iam").create_user(UserName=name)
    return name


PEOPLE = [
    Case(
        kind=iam_people.USER,
        inputs=lambda w: {"name": w.name("person"), "tags": {"a": "1"}},
        updates=lambda w, _: [
            {"forceDestroy": True},
            {"tags": {"b": "2"}},
            {"path": "/people/"},
            {"name": w.name("renamed")},
            {"tags": None},
        ],
        replacements=lambda _: {},
        drift=lambda w, r: w.client("iam").tag_user(UserName=r.id, Tags=[{"Key": "a", "Value": "theirs"}]),
        drifted=frozenset({"tags", "tagsAll"}),
        not_tried={"permissionsBoundary": "the twin does not carry out PutUserPermissionsBoundary"},
    ),
    Case(
        kind=iam_people.GROUP,
        inputs=lambda w: {"name": w.name("group")},
        updates=lambda w, _: [{"path": "/people/"}, {"name": w.name("renamed")}],
        replacements=lambda _: {},
        drift=lambda w, r: w.client("iam").delete_group(GroupName=r.id),
        drifted=frozenset({"gone"}),
    ),
    Case(
        kind=iam_people.GROUP_POLICY,
        inputs=lambda w: {"group": _group(w), "policy": ALLOW_S3},
        updates=lambda *_: [{"policy": ALLOW_SQS}],
        replacements=lambda w: {"group": _group(w), "name": w.name()},
        drift=lambda w, r: w.client("iam").put_group_policy(
            GroupName=r.outputs["group"], PolicyName=r.outputs["name"], PolicyDocument=ALLOW_SQS
        ),
        drifted=frozenset({"policy"}),
    ),
    Case(
        kind=iam_people.GROUP_POLICY_ATTACHMENT,
        inputs=lambda w: {"group": _group(w), "policyArn": "arn:aws:iam::aws:policy/ReadOnlyAccess"},
        updates=lambda *_: [],
        replacements=lambda w: {"group": _group(w), "policyArn": w.policy()},
        drift=lambda w, r: w.client("iam").detach_group_policy(
            GroupName=r.outputs["group"], PolicyArn=r.outputs["policyArn"]
        ),
        drifted=frozenset({"gone"}),
    ),
    Case(
        kind=iam_people.USER_GROUP_MEMBERSHIP,
        inputs=lambda w: {"user": _user(w), "groups": [_group(w), _group(w)]},
        updates=lambda w, inputs: [{"groups": [inputs["groups"][0], _group(w)]}],
        replacements=lambda w: {"user": _user(w)},
        drift=lambda w, r: w.client("iam").remove_user_from_group(
            UserName=r.outputs["user"], GroupName=r.outputs["groups"][0]
        ),
        drifted=frozenset({"groups"}),
        import_id=lambda r: "/".join([r.outputs["user"], *r.outputs["groups"]]),
        stays=True,
    ),
    Case(
        kind=iam_people.OPEN_ID_CONNECT_PROVIDER,
        inputs=lambda w: {"url": f"https://{w.name('issuer')}.example", "clientIdLists": ["sts.amazonaws.com"]},
        updates=lambda *_: [
            {"thumbprintLists": [_THUMBPRINT]},
            {"thumbprintLists": [_OTHER_THUMBPRINT]},
            {"clientIdLists": ["sts.amazonaws.com", "more"]},
            {"clientIdLists": ["more"]},
            {"tags": {"b": "2"}},
        ],
        replacements=lambda w: {"url": f"https://{w.name('issuer')}.example"},
        drift=lambda w, r: w.client("iam").tag_open_id_connect_provider(
            OpenIDConnectProviderArn=r.id, Tags=[{"Key": "a", "Value": "theirs"}]
        ),
        drifted=frozenset({"tags", "tagsAll"}),
    ),
]
