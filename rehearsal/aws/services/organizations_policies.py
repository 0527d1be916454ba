"""AWS Organizations: policies, and what they are attached to.

Source: pulumi_aws 7.51.1 (`organizations/policy*.py`), terraform-provider-aws `internal/service/organizations`.
"""

from __future__ import annotations

from typing import Any

from rehearsal.aws.call import Call
from rehearsal.aws.kinds import DOCUMENT, FLAG
from rehearsal.aws.operations import ID, TAG_KEYS, TAGS, OrElse, operation
from rehearsal.aws.properties import AutoName, Property, output
from rehearsal.aws.resource_type import Change, ResourceType, Tagging

_SCP = "SERVICE_CONTROL_POLICY"


def _read_policy(call: Call) -> Any:
    found = call.aws.describe_policy(PolicyId=call.id)["Policy"]
    tags = list(call.pages("list_tags_for_resource", "Tags", ResourceId=call.id))
    return {**found["PolicySummary"], "Content": found["Content"], "Tags": tags}


def _delete_policy(call: Call) -> None:
    if not call["skipDestroy"]:
        call.aws.delete_policy(PolicyId=call.id)


def _policy_of_that_name(call: Call) -> str | None:
    policies = call.pages("list_policies", "Policies", Filter=call["type"])
    return next((str(policy["Id"]) for policy in policies if policy["Name"] == call["name"]), None)


POLICY = ResourceType(
    type="aws:organizations/policy:Policy",
    title="Organizations Policy",
    service="organizations",
    regional=False,
    properties=(
        Property("name", auto_name=AutoName(longest=128)),
        Property("content", DOCUMENT, required=True),
        Property("description"),
        Property("type", replaces=True, default=_SCP),
        Property("skipDestroy", FLAG, unread=True),
        output("arn"),
    ),
    id="Policy.PolicySummary.Id",
    create=operation(
        "create_policy", Name="name", Content="content", Type="type", Description=OrElse("description", ""), Tags=TAGS
    ),
    read=_read_policy,
    changes=(
        Change(
            ("name", "content", "description"),
            operation(
                "update_policy", PolicyId=ID, Name="name", Content="content", Description=OrElse("description", "")
            ),
        ),
    ),
    delete=_delete_policy,
    tagging=Tagging(
        add=operation("tag_resource", ResourceId=ID, Tags=TAGS),
        remove=operation("untag_resource", ResourceId=ID, TagKeys=TAG_KEYS),
    ),
    not_found=("PolicyNotFoundException",),
    already_exists=("DuplicatePolicyException",),
    find=_policy_of_that_name,
)


def _read_attachment(call: Call) -> Any:
    target, _, policy = call.id.partition(":")
    targets = call.pages("list_targets_for_policy", "Targets", PolicyId=policy)
    attached = any(found["TargetId"] == target for found in targets)
    return {"PolicyId": policy, "TargetId": target} if attached else None


def _detach(call: Call) -> None:
    if not call["skipDestroy"]:
        call.aws.detach_policy(PolicyId=call["policyId"], TargetId=call["targetId"])


POLICY_ATTACHMENT = ResourceType(
    type="aws:organizations/policyAttachment:PolicyAttachment",
    title="Organizations Policy Attachment",
    service="organizations",
    regional=False,
    properties=(
        Property("policyId", required=True, replaces=True),
        Property("targetId", required=True, replaces=True),
        Property("skipDestroy", FLAG, unread=True),
    ),
    id="{targetId}:{policyId}",
    create=operation("attach_policy", PolicyId="policyId", TargetId="targetId"),
    read=_read_attachment,
    delete=_detach,
    not_found=("PolicyNotFoundException", "PolicyNotAttachedException", "TargetNotFoundException"),
    already_exists=("DuplicatePolicyAttachmentException",),
)


def _read_administrator(call: Call) -> Any:
    account_id, _, service = call.id.partition("/")
    found = call.pages("list_delegated_administrators", "DelegatedAdministrators", ServicePrincipal=service)
    administrator = next((each for each in found if each["Id"] == account_id), None)
    return {**administrator, "AccountId": account_id, "ServicePrincipal": service} if administrator else None


DELEGATED_ADMINISTRATOR = ResourceType(
    type="aws:organizations/delegatedAdministrator:DelegatedAdministrator",
    title="Organizations Delegated Administrator",
    service="organizations",
    regional=False,
    properties=(
        Property("accountId", required=True, replaces=True),
        Property("servicePrincipal", required=True, replaces=True),
        output("arn"),
        output("delegationEnabledDate"),
        output("email"),
        output("joinedMethod"),
        output("joinedTimestamp"),
        output("name"),
        output("status"),
    ),
    id="{accountId}/{servicePrincipal}",
    create=operation("register_delegated_administrator", AccountId="accountId", ServicePrincipal="servicePrincipal"),
    read=_read_administrator,
    delete=operation("deregister_delegated_administrator", AccountId="accountId", ServicePrincipal="servicePrincipal"),
    not_found=("AccountNotRegisteredException", "AccountNotFoundException"),
    already_exists=("AccountAlreadyRegisteredException",),
)

TYPES = (POLICY, POLICY_ATTACHMENT, DELEGATED_ADMINISTRATOR)
