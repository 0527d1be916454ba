"""IAM: roles, their inline policies, managed policies and attachments.

Source: pulumi_aws 7.51.1 (`iam/*.py`), terraform-provider-aws `internal/service/iam`.
"""

from __future__ import annotations

from typing import Any

from rehearsal.aws.call import Call
from rehearsal.aws.kinds import DOCUMENT, FLAG, WHOLE
from rehearsal.aws.operations import ID, TAG_KEYS, TAGS, OrElse, operation
from rehearsal.aws.properties import AutoName, Property, output
from rehearsal.aws.resource_type import Change, ResourceType, Tagging

_MISSING = ("NoSuchEntity",)
_TAKEN = ("EntityAlreadyExists",)
_MOST_VERSIONS = 5  # IAM quotas: versions of a managed policy


def _set_boundary(call: Call) -> None:
    if call["permissionsBoundary"]:
        call.aws.put_role_permissions_boundary(RoleName=call.id, PermissionsBoundary=call["permissionsBoundary"])
    else:
        call.aws.delete_role_permissions_boundary(RoleName=call.id)


def _delete_role(call: Call) -> None:
    for profile in call.pages("list_instance_profiles_for_role", "InstanceProfiles", RoleName=call.id):
        name = profile["InstanceProfileName"]
        call.aws.remove_role_from_instance_profile(InstanceProfileName=name, RoleName=call.id)
    if call["forceDetachPolicies"]:
        for policy in call.pages("list_attached_role_policies", "AttachedPolicies", RoleName=call.id):
            call.aws.detach_role_policy(RoleName=call.id, PolicyArn=policy["PolicyArn"])
        for name in call.pages("list_role_policies", "PolicyNames", RoleName=call.id):
            call.aws.delete_role_policy(RoleName=call.id, PolicyName=name)
    call.aws.delete_role(RoleName=call.id)


ROLE = ResourceType(
    type="aws:iam/role:Role",
    title="IAM Role",
    service="iam",
    regional=False,
    properties=(
        Property("name", aws="RoleName", replaces=True, auto_name=AutoName(longest=64)),
        Property("assumeRolePolicy", DOCUMENT, aws="AssumeRolePolicyDocument", required=True),
        Property("description"),
        Property("path", replaces=True, default="/"),
        Property("maxSessionDuration", WHOLE, default=3600),
        Property("permissionsBoundary", aws="PermissionsBoundary.PermissionsBoundaryArn"),
        Property("forceDetachPolicies", FLAG, default=False, unread=True),
        output("arn"),
        output("uniqueId", aws="RoleId"),
        output("createDate"),
    ),
    id="{name}",
    create=operation(
        "create_role",
        RoleName="name",
        AssumeRolePolicyDocument="assumeRolePolicy",
        Description="description",
        Path="path",
        MaxSessionDuration="maxSessionDuration",
        PermissionsBoundary="permissionsBoundary",
        Tags=TAGS,
    ),
    read=operation("get_role", answer="Role", RoleName=ID),
    changes=(
        Change(
            ("assumeRolePolicy",),
            operation("update_assume_role_policy", RoleName=ID, PolicyDocument="assumeRolePolicy"),
        ),
        Change(
            ("description",),
            operation("update_role_description", RoleName=ID, Description=OrElse("description", "")),
        ),
        Change(("maxSessionDuration",), operation("update_role", RoleName=ID, MaxSessionDuration="maxSessionDuration")),
        Change(("permissionsBoundary",), _set_boundary),
    ),
    delete=_delete_role,
    tagging=Tagging(
        add=operation("tag_role", RoleName=ID, Tags=TAGS),
        remove=operation("untag_role", RoleName=ID, TagKeys=TAG_KEYS),
    ),
    not_found=_MISSING,
    already_exists=_TAKEN,
)

_PUT_ROLE_POLICY = operation("put_role_policy", RoleName="role", PolicyName="name", PolicyDocument="policy")

ROLE_POLICY = ResourceType(
    type="aws:iam/rolePolicy:RolePolicy",
    title="IAM Role Policy",
    service="iam",
    regional=False,
    properties=(
        Property("role", aws="RoleName", required=True, replaces=True),
        Property("name", aws="PolicyName", replaces=True, auto_name=AutoName(longest=128)),
        Property("policy", DOCUMENT, aws="PolicyDocument", required=True),
    ),
    id="{role}:{name}",
    create=_PUT_ROLE_POLICY,
    read=operation("get_role_policy", RoleName="role", PolicyName="name"),
    changes=(Change(("policy",), _PUT_ROLE_POLICY),),
    delete=operation("delete_role_policy", RoleName="role", PolicyName="name"),
    not_found=_MISSING,
)


def _read_attachment(call: Call) -> Any:
    attached = call.pages("list_attached_role_policies", "AttachedPolicies", RoleName=call["role"])
    found = any(policy["PolicyArn"] == call["policyArn"] for policy in attached)
    return {"Role": call["role"], "PolicyArn": call["policyArn"]} if found else None


ROLE_POLICY_ATTACHMENT = ResourceType(
    type="aws:iam/rolePolicyAttachment:RolePolicyAttachment",
    title="IAM Role Policy Attachment",
    service="iam",
    regional=False,
    properties=(
        Property("role", required=True, replaces=True),
        Property("policyArn", required=True, replaces=True),
    ),
    id="{role}/{policyArn}",
    create=operation("attach_role_policy", RoleName="role", PolicyArn="policyArn"),
    read=_read_attachment,
    delete=operation("detach_role_policy", RoleName="role", PolicyArn="policyArn"),
    not_found=_MISSING,
    delete_before_replace=True,
)


def _read_policy(call: Call) -> Any:
    policy = call.aws.get_policy(PolicyArn=call.id)["Policy"]
    version = call.aws.get_policy_version(PolicyArn=call.id, VersionId=policy["DefaultVersionId"])["PolicyVersion"]
    return {**policy, "Document": version["Document"]}


def _replace_version(call: Call) -> None:
    versions = list(call.pages("list_policy_versions", "Versions", PolicyArn=call.id))
    if len(versions) >= _MOST_VERSIONS:
        oldest = min((v for v in versions if not v["IsDefaultVersion"]), key=lambda v: v["CreateDate"])
        call.aws.delete_policy_version(PolicyArn=call.id, VersionId=oldest["VersionId"])
    call.aws.create_policy_version(PolicyArn=call.id, PolicyDocument=call["policy"], SetAsDefault=True)


def _delete_policy(call: Call) -> None:
    for version in call.pages("list_policy_versions", "Versions", PolicyArn=call.id):
        if not version["IsDefaultVersion"]:
            call.aws.delete_policy_version(PolicyArn=call.id, VersionId=version["VersionId"])
    call.aws.delete_policy(PolicyArn=call.id)


def _policy_arn(call: Call) -> str:
    return f"arn:{call.account.partition}:iam::{call.account.account_id}:policy{call['path']}{call['name']}"


POLICY = ResourceType(
    type="aws:iam/policy:Policy",
    title="IAM Policy",
    service="iam",
    regional=False,
    properties=(
        Property("name", aws="PolicyName", replaces=True, auto_name=AutoName(longest=128)),
        Property("policy", DOCUMENT, aws="Document", required=True),
        Property("description", replaces=True),
        Property("path", replaces=True, default="/"),
        output("arn"),
        output("policyId"),
        output("attachmentCount", WHOLE),
    ),
    id="Policy.Arn",
    create=operation(
        "create_policy",
        PolicyName="name",
        PolicyDocument="policy",
        Description="description",
        Path="path",
        Tags=TAGS,
    ),
    read=_read_policy,
    changes=(Change(("policy",), _replace_version),),
    delete=_delete_policy,
    tagging=Tagging(
        add=operation("tag_policy", PolicyArn=ID, Tags=TAGS),
        remove=operation("untag_policy", PolicyArn=ID, TagKeys=TAG_KEYS),
    ),
    not_found=_MISSING,
    already_exists=_TAKEN,
    find=_policy_arn,
)

TYPES = (ROLE, ROLE_POLICY, ROLE_POLICY_ATTACHMENT, POLICY)
