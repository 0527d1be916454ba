"""IAM: users, groups, who is in which, groups' policies, and OpenID Connect providers.

Source: pulumi_aws 7.51.1 (`iam/*.py`), terraform-provider-aws `internal/service/iam`.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from botocore.exceptions import ClientError

from rehearsal.aws.aws_errors import code_of
from rehearsal.aws.call import Call
from rehearsal.aws.kinds import DOCUMENT, FLAG, TEXT_LIST, TEXT_SET, Alike
from rehearsal.aws.operations import ID, TAG_KEYS, TAGS, operation
from rehearsal.aws.properties import AutoName, Property, output
from rehearsal.aws.resource_type import Change, ResourceType, Tagging
from rehearsal.aws.wire import Value

_MISSING = ("NoSuchEntity",)
_TAKEN = ("EntityAlreadyExists",)
_URL = Alike("text", str, lambda value: value.removeprefix("https://"))
"""A provider's address: AWS tells it without its scheme."""


def _set_boundary(call: Call) -> None:
    if call["permissionsBoundary"]:
        call.aws.put_user_permissions_boundary(UserName=call["name"], PermissionsBoundary=call["permissionsBoundary"])
    else:
        call.aws.delete_user_permissions_boundary(UserName=call["name"])


def _rename_user(call: Call) -> None:
    call.aws.update_user(UserName=call.id, NewUserName=call["name"], NewPath=call["path"])


def _delete_user(call: Call) -> None:
    """Delete a user as the real provider does: out of its groups, then without what it made for itself if told so."""
    for group in call.pages("list_groups_for_user", "Groups", UserName=call.id):
        call.aws.remove_user_from_group(UserName=call.id, GroupName=group["GroupName"])
    if call["forceDestroy"]:
        for take in (_take_keys, _take_devices, _take_password, _take_certificates, _take_ssh_keys):
            with _missing_is_fine():
                take(call)
    call.aws.delete_user(UserName=call.id)


def _take_keys(call: Call) -> None:
    for key in list(call.pages("list_access_keys", "AccessKeyMetadata", UserName=call.id)):
        call.aws.delete_access_key(UserName=call.id, AccessKeyId=key["AccessKeyId"])


def _take_devices(call: Call) -> None:
    for device in list(call.pages("list_mfa_devices", "MFADevices", UserName=call.id)):
        serial = device["SerialNumber"]
        call.aws.deactivate_mfa_device(UserName=call.id, SerialNumber=serial)
        if ":mfa/" in serial:
            call.aws.delete_virtual_mfa_device(SerialNumber=serial)


def _take_password(call: Call) -> None:
    call.aws.delete_login_profile(UserName=call.id)


def _take_certificates(call: Call) -> None:
    for certificate in list(call.pages("list_signing_certificates", "Certificates", UserName=call.id)):
        call.aws.delete_signing_certificate(UserName=call.id, CertificateId=certificate["CertificateId"])


def _take_ssh_keys(call: Call) -> None:
    for key in list(call.pages("list_ssh_public_keys", "SSHPublicKeys", UserName=call.id)):
        call.aws.delete_ssh_public_key(UserName=call.id, SSHPublicKeyId=key["SSHPublicKeyId"])


@contextmanager
def _missing_is_fine() -> Iterator[None]:
    try:
        yield
    except ClientError as error:
        if code_of(error) not in _MISSING:
            raise


USER = ResourceType(
    type="aws:iam/user:User",
    title="IAM User",
    service="iam",
    regional=False,
    properties=(
        Property("name", aws="UserName", auto_name=AutoName(longest=64)),
        Property("path", default="/"),
        Property("permissionsBoundary", aws="PermissionsBoundary.PermissionsBoundaryArn"),
        Property("forceDestroy", FLAG, default=False, unread=True),
        output("arn"),
        output("uniqueId", aws="UserId"),
    ),
    id="{name}",
    id_in_answer="UserName",
    create=operation("create_user", UserName="name", Path="path", Tags=TAGS),
    read=operation("get_user", answer="User", UserName="name"),
    changes=(
        Change(("name", "path"), _rename_user),
        Change(("permissionsBoundary",), _set_boundary),
    ),
    delete=_delete_user,
    tagging=Tagging(
        add=operation("tag_user", UserName="name", Tags=TAGS),
        remove=operation("untag_user", UserName="name", TagKeys=TAG_KEYS),
    ),
    not_found=_MISSING,
    already_exists=_TAKEN,
)


def _rename_group(call: Call) -> None:
    call.aws.update_group(GroupName=call.id, NewGroupName=call["name"], NewPath=call["path"])


GROUP = ResourceType(
    type="aws:iam/group:Group",
    title="IAM Group",
    service="iam",
    regional=False,
    properties=(
        Property("name", aws="GroupName", auto_name=AutoName(longest=128)),
        Property("path", default="/"),
        output("arn"),
        output("uniqueId", aws="GroupId"),
    ),
    id="{name}",
    id_in_answer="GroupName",
    create=operation("create_group", GroupName="name", Path="path"),
    read=operation("get_group", answer="Group", GroupName="name"),
    changes=(Change(("name", "path"), _rename_group),),
    delete=operation("delete_group", GroupName=ID),
    not_found=_MISSING,
    already_exists=_TAKEN,
)

_PUT_GROUP_POLICY = operation("put_group_policy", GroupName="group", PolicyName="name", PolicyDocument="policy")

GROUP_POLICY = ResourceType(
    type="aws:iam/groupPolicy:GroupPolicy",
    title="IAM Group Policy",
    service="iam",
    regional=False,
    properties=(
        Property("group", aws="GroupName", required=True, replaces=True),
        Property("name", aws="PolicyName", replaces=True, auto_name=AutoName(longest=128)),
        Property("policy", DOCUMENT, aws="PolicyDocument", required=True),
    ),
    id="{group}:{name}",
    create=_PUT_GROUP_POLICY,
    read=operation("get_group_policy", GroupName="group", PolicyName="name"),
    changes=(Change(("policy",), _PUT_GROUP_POLICY),),
    delete=operation("delete_group_policy", GroupName="group", PolicyName="name"),
    not_found=_MISSING,
)


def _read_attachment(call: Call) -> Any:
    attached = call.pages("list_attached_group_policies", "AttachedPolicies", GroupName=call["group"])
    found = any(policy["PolicyArn"] == call["policyArn"] for policy in attached)
    return {"Group": call["group"], "PolicyArn": call["policyArn"]} if found else None


GROUP_POLICY_ATTACHMENT = ResourceType(
    type="aws:iam/groupPolicyAttachment:GroupPolicyAttachment",
    title="IAM Group Policy Attachment",
    service="iam",
    regional=False,
    properties=(
        Property("group", required=True, replaces=True),
        Property("policyArn", required=True, replaces=True),
    ),
    id="{group}/{policyArn}",
    create=operation("attach_group_policy", GroupName="group", PolicyArn="policyArn"),
    read=_read_attachment,
    delete=operation("detach_group_policy", GroupName="group", PolicyArn="policyArn"),
    not_found=_MISSING,
    delete_before_replace=True,
)


def _membership(call: Call) -> tuple[str, list[str]]:
    """Return the user and the groups it is about; at import both are in the id: `USER/GROUP/GROUP...`."""
    user, *groups = call.id.split("/")
    return call["user"] or user, call["groups"] or groups


def _read_membership(call: Call) -> Any:
    user, groups = _membership(call)
    found = [group["GroupName"] for group in call.pages("list_groups_for_user", "Groups", UserName=user)]
    return {"User": user, "Groups": [name for name in found if name in groups]}


def _add_to_groups(call: Call) -> None:
    for group in call["groups"]:
        call.aws.add_user_to_group(UserName=call["user"], GroupName=group)


def _change_groups(call: Call) -> None:
    lost, gained = call.lost_and_gained("groups")
    _leave(call, lost)
    for group in gained:
        call.aws.add_user_to_group(UserName=call["user"], GroupName=group)


def _leave_all(call: Call) -> None:
    _leave(call, call["groups"] or [])


def _leave(call: Call, groups: list[Value]) -> None:
    for group in groups:
        with _missing_is_fine():
            call.aws.remove_user_from_group(UserName=call["user"], GroupName=group)


USER_GROUP_MEMBERSHIP = ResourceType(
    type="aws:iam/userGroupMembership:UserGroupMembership",
    title="IAM User Group Membership",
    service="iam",
    regional=False,
    properties=(
        Property("user", required=True, replaces=True),
        Property("groups", TEXT_SET, required=True),
    ),
    id=lambda values: str(values["user"]),
    create=_add_to_groups,
    read=_read_membership,
    changes=(Change(("groups",), _change_groups),),
    delete=_leave_all,
    not_found=_MISSING,
)


def _change_clients(call: Call) -> None:
    lost, gained = call.lost_and_gained("clientIdLists")
    for client in gained:
        call.aws.add_client_id_to_open_id_connect_provider(OpenIDConnectProviderArn=call.id, ClientID=client)
    for client in lost:
        call.aws.remove_client_id_from_open_id_connect_provider(OpenIDConnectProviderArn=call.id, ClientID=client)


def _change_thumbprints(call: Call) -> None:
    if call["thumbprintLists"]:
        call.aws.update_open_id_connect_provider_thumbprint(
            OpenIDConnectProviderArn=call.id, ThumbprintList=call["thumbprintLists"]
        )


def _read_provider(call: Call) -> Any:
    found = call.aws.get_open_id_connect_provider(OpenIDConnectProviderArn=call.id)
    return {**found, "Arn": call.id}


def _provider_arn(call: Call) -> str:
    host = str(call["url"]).removeprefix("https://")
    return f"arn:{call.account.partition}:iam::{call.account.account_id}:oidc-provider/{host}"


OPEN_ID_CONNECT_PROVIDER = ResourceType(
    type="aws:iam/openIdConnectProvider:OpenIdConnectProvider",
    title="IAM OIDC Provider",
    service="iam",
    regional=False,
    properties=(
        Property("url", _URL, required=True, replaces=True),
        Property("clientIdLists", TEXT_SET, aws="ClientIDList", required=True),
        Property("thumbprintLists", TEXT_LIST, aws="ThumbprintList", computed=True),
        output("arn"),
    ),
    id="OpenIDConnectProviderArn",
    create=operation(
        "create_open_id_connect_provider",
        Url="url",
        ClientIDList="clientIdLists",
        ThumbprintList="thumbprintLists",
        Tags=TAGS,
    ),
    read=_read_provider,
    changes=(Change(("clientIdLists",), _change_clients), Change(("thumbprintLists",), _change_thumbprints)),
    delete=operation("delete_open_id_connect_provider", OpenIDConnectProviderArn=ID),
    tagging=Tagging(
        add=operation("tag_open_id_connect_provider", OpenIDConnectProviderArn=ID, Tags=TAGS),
        remove=operation("untag_open_id_connect_provider", OpenIDConnectProviderArn=ID, TagKeys=TAG_KEYS),
    ),
    not_found=_MISSING,
    already_exists=_TAKEN,
    find=_provider_arn,
)

TYPES = (USER, GROUP, GROUP_POLICY, GROUP_POLICY_ATTACHMENT, USER_GROUP_MEMBERSHIP, OPEN_ID_CONNECT_PROVIDER)
