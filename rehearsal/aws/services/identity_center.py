"""IAM Identity Center: permission sets, what they allow, who has them where, and groups of its identity store.

Whatever changes a permission set is carried into the accounts that have it, as the real provider does.
Source: pulumi_aws 7.51.1 (`ssoadmin/*.py`, `identitystore/group.py`), terraform-provider-aws
`internal/service/ssoadmin`, `internal/service/identitystore`.
"""

from __future__ import annotations

from typing import Any

from botocore.exceptions import ClientError

from rehearsal.aws.call import Call
from rehearsal.aws.kinds import DOCUMENT, list_of
from rehearsal.aws.properties import AutoName, Property, output
from rehearsal.aws.resource_type import Change, ResourceType, Tagging

_MISSING = ("ResourceNotFoundException",)
_TAKEN = ("ConflictException",)
_INSTANCE = Property("instanceArn", required=True, replaces=True)
_SET = Property("permissionSetArn", required=True, replaces=True)


def _finished(status: Any, what: str) -> Any | None:
    """Return a request's status once it is done, None before. Raises: ClientError if it failed."""
    if status["Status"] == "FAILED":
        reason = status.get("FailureReason", "no reason is given")
        raise ClientError({"Error": {"Code": "Failed", "Message": reason}}, what)
    return status if status["Status"] == "SUCCEEDED" else None


def _provision(call: Call, permission_set: str, instance: str) -> None:
    """Carry a permission set as it is now into every account that has it."""
    started = call.aws.provision_permission_set(
        InstanceArn=instance, PermissionSetArn=permission_set, TargetType="ALL_PROVISIONED_ACCOUNTS"
    )
    request = started["PermissionSetProvisioningStatus"]["RequestId"]

    def look() -> Any | None:
        told = call.aws.describe_permission_set_provisioning_status(
            InstanceArn=instance, ProvisionPermissionSetRequestId=request
        )
        return _finished(told["PermissionSetProvisioningStatus"], "ProvisionPermissionSet")

    call.wait_for(look, f"provisioning {permission_set}")


def _set_and_instance(call: Call) -> dict[str, str]:
    """Return what names a permission set, from the id: `PERMISSION_SET_ARN,INSTANCE_ARN`."""
    permission_set, _, instance = call.id.partition(",")
    return {"PermissionSetArn": permission_set, "InstanceArn": instance}


def _create_set(call: Call) -> Any:
    optional = {"Description": "description", "RelayState": "relayState", "SessionDuration": "sessionDuration"}
    made = call.aws.create_permission_set(
        InstanceArn=call["instanceArn"],
        Name=call["name"],
        Tags=[{"Key": key, "Value": call.tags[key]} for key in sorted(call.tags)],
        **{name: call[item] for name, item in optional.items() if call[item]},
    )
    return {"Id": f"{made['PermissionSet']['PermissionSetArn']},{call['instanceArn']}"}


def _read_set(call: Call) -> Any:
    named = _set_and_instance(call)
    found = call.aws.describe_permission_set(**named)["PermissionSet"]
    arn, instance = named["PermissionSetArn"], named["InstanceArn"]
    tags = list(call.pages("list_tags_for_resource", "Tags", InstanceArn=instance, ResourceArn=arn))
    return {**found, "InstanceArn": instance, "Tags": tags}


def _update_set(call: Call) -> None:
    named = _set_and_instance(call)
    # Each time all of them: AWS takes away a relay state that is not sent.
    optional = {"Description": "description", "RelayState": "relayState", "SessionDuration": "sessionDuration"}
    call.aws.update_permission_set(**named, **{name: call[item] for name, item in optional.items() if call[item]})
    _provision(call, named["PermissionSetArn"], named["InstanceArn"])


def _delete_set(call: Call) -> None:
    call.aws.delete_permission_set(**_set_and_instance(call))


def _tag_set(call: Call) -> None:
    named = _set_and_instance(call)
    tags = [{"Key": key, "Value": call.tags[key]} for key in sorted(call.tags)]
    call.aws.tag_resource(InstanceArn=named["InstanceArn"], ResourceArn=named["PermissionSetArn"], Tags=tags)


def _untag_set(call: Call) -> None:
    named, keys = _set_and_instance(call), sorted(call.tags)
    call.aws.untag_resource(InstanceArn=named["InstanceArn"], ResourceArn=named["PermissionSetArn"], TagKeys=keys)


PERMISSION_SET = ResourceType(
    type="aws:ssoadmin/permissionSet:PermissionSet",
    title="SSO Permission Set",
    service="sso-admin",
    properties=(
        Property("name", replaces=True, auto_name=AutoName(longest=32)),
        _INSTANCE,
        Property("description"),
        Property("relayState"),
        Property("sessionDuration", default="PT1H"),
        output("arn", aws="PermissionSetArn"),
        output("createdDate"),
    ),
    id="Id",
    create=_create_set,
    read=_read_set,
    changes=(Change(("description", "relayState", "sessionDuration"), _update_set),),
    delete=_delete_set,
    tagging=Tagging(add=_tag_set, remove=_untag_set),
    not_found=_MISSING,
    import_id="{arn},{instanceArn}",
)


def _attach(call: Call) -> None:
    call.aws.attach_managed_policy_to_permission_set(
        InstanceArn=call["instanceArn"],
        PermissionSetArn=call["permissionSetArn"],
        ManagedPolicyArn=call["managedPolicyArn"],
    )
    _provision(call, call["permissionSetArn"], call["instanceArn"])


def _read_attachment(call: Call) -> Any:
    policy, permission_set, instance = [*call.id.split(","), "", ""][:3]
    attached = call.pages(
        "list_managed_policies_in_permission_set",
        "AttachedManagedPolicies",
        InstanceArn=instance,
        PermissionSetArn=permission_set,
    )
    found = next((one for one in attached if one["Arn"] == policy), None)
    return {**found, "InstanceArn": instance, "PermissionSetArn": permission_set} if found else None


def _detach(call: Call) -> None:
    call.aws.detach_managed_policy_from_permission_set(
        InstanceArn=call["instanceArn"],
        PermissionSetArn=call["permissionSetArn"],
        ManagedPolicyArn=call["managedPolicyArn"],
    )
    _provision(call, call["permissionSetArn"], call["instanceArn"])


MANAGED_POLICY_ATTACHMENT = ResourceType(
    type="aws:ssoadmin/managedPolicyAttachment:ManagedPolicyAttachment",
    title="SSO Managed Policy Attachment",
    service="sso-admin",
    properties=(
        _INSTANCE,
        Property("managedPolicyArn", aws="Arn", required=True, replaces=True),
        _SET,
        output("managedPolicyName", aws="Name"),
    ),
    id="{managedPolicyArn},{permissionSetArn},{instanceArn}",
    create=_attach,
    read=_read_attachment,
    delete=_detach,
    not_found=_MISSING,
    already_exists=_TAKEN,
    delete_before_replace=True,
)


def _put_inline(call: Call) -> None:
    call.aws.put_inline_policy_to_permission_set(
        InstanceArn=call["instanceArn"], PermissionSetArn=call["permissionSetArn"], InlinePolicy=call["inlinePolicy"]
    )
    _provision(call, call["permissionSetArn"], call["instanceArn"])


def _read_inline(call: Call) -> Any:
    named = _set_and_instance(call)
    policy = call.aws.get_inline_policy_for_permission_set(**named).get("InlinePolicy")
    return {**named, "InlinePolicy": policy} if policy else None


def _delete_inline(call: Call) -> None:
    named = _set_and_instance(call)
    call.aws.delete_inline_policy_from_permission_set(**named)
    _provision(call, named["PermissionSetArn"], named["InstanceArn"])


INLINE_POLICY = ResourceType(
    type="aws:ssoadmin/permissionSetInlinePolicy:PermissionSetInlinePolicy",
    title="SSO Permission Set Inline Policy",
    service="sso-admin",
    properties=(Property("inlinePolicy", DOCUMENT, required=True), _INSTANCE, _SET),
    id="{permissionSetArn},{instanceArn}",
    create=_put_inline,
    read=_read_inline,
    changes=(Change(("inlinePolicy",), _put_inline),),
    delete=_delete_inline,
    not_found=_MISSING,
)

_ASSIGNED = {
    "InstanceArn": "instanceArn",
    "PermissionSetArn": "permissionSetArn",
    "PrincipalId": "principalId",
    "PrincipalType": "principalType",
    "TargetId": "targetId",
    "TargetType": "targetType",
}


def _find_assignment(call: Call) -> Any | None:
    assignments = call.pages(
        "list_account_assignments",
        "AccountAssignments",
        InstanceArn=call["instanceArn"],
        AccountId=call["targetId"],
        PermissionSetArn=call["permissionSetArn"],
    )
    who = (call["principalType"], call["principalId"])
    return next((one for one in assignments if (one["PrincipalType"], one["PrincipalId"]) == who), None)


def _assign(call: Call) -> None:
    if _find_assignment(call):  # AWS would say nothing of a second one, the real provider does
        told = {"Error": {"Code": "ConflictException", "Message": "already exists"}}
        raise ClientError(told, "CreateAccountAssignment")
    started = call.aws.create_account_assignment(**{name: call[item] for name, item in _ASSIGNED.items()})
    request = started["AccountAssignmentCreationStatus"]["RequestId"]

    def look() -> Any | None:
        told = call.aws.describe_account_assignment_creation_status(
            InstanceArn=call["instanceArn"], AccountAssignmentCreationRequestId=request
        )
        return _finished(told["AccountAssignmentCreationStatus"], "CreateAccountAssignment")

    call.wait_for(look, f"assigning {call['permissionSetArn']}")


def _read_assignment(call: Call) -> Any:
    return {name: call[item] for name, item in _ASSIGNED.items()} if _find_assignment(call) else None


def _unassign(call: Call) -> None:
    started = call.aws.delete_account_assignment(**{name: call[item] for name, item in _ASSIGNED.items()})
    request = started["AccountAssignmentDeletionStatus"]["RequestId"]

    def look() -> Any | None:
        told = call.aws.describe_account_assignment_deletion_status(
            InstanceArn=call["instanceArn"], AccountAssignmentDeletionRequestId=request
        )
        return _finished(told["AccountAssignmentDeletionStatus"], "DeleteAccountAssignment")

    call.wait_for(look, f"taking back {call['permissionSetArn']}")


ACCOUNT_ASSIGNMENT = ResourceType(
    type="aws:ssoadmin/accountAssignment:AccountAssignment",
    title="SSO Account Assignment",
    service="sso-admin",
    properties=(
        _INSTANCE,
        _SET,
        Property("principalId", required=True, replaces=True),
        Property("principalType", required=True, replaces=True, one_of=("USER", "GROUP")),
        Property("targetId", required=True, replaces=True),
        Property("targetType", required=True, replaces=True, one_of=("AWS_ACCOUNT",)),
    ),
    id="{principalId},{principalType},{targetId},{targetType},{permissionSetArn},{instanceArn}",
    create=_assign,
    read=_read_assignment,
    delete=_unassign,
    not_found=_MISSING,
    already_exists=_TAKEN,
    delete_before_replace=True,
)


def _store_and_group(call: Call) -> dict[str, str]:
    """Return what names a group, from the id: `IDENTITY_STORE_ID/GROUP_ID`."""
    store, _, group = call.id.partition("/")
    return {"IdentityStoreId": store, "GroupId": group}


def _create_group(call: Call) -> Any:
    more = {"Description": call["description"]} if call["description"] else {}
    made = call.aws.create_group(IdentityStoreId=call["identityStoreId"], DisplayName=call["displayName"], **more)
    return {"Id": f"{made['IdentityStoreId']}/{made['GroupId']}"}


def _read_group(call: Call) -> Any:
    return call.aws.describe_group(**_store_and_group(call))


def _update_group(call: Call) -> None:
    value = {"AttributeValue": call["description"]} if call["description"] else {}
    call.aws.update_group(**_store_and_group(call), Operations=[{"AttributePath": "description", **value}])


def _delete_group(call: Call) -> None:
    call.aws.delete_group(**_store_and_group(call))


GROUP = ResourceType(
    type="aws:identitystore/group:Group",
    title="IdentityStore Group",
    service="identitystore",
    properties=(
        Property("displayName", required=True, replaces=True),
        Property("description"),
        Property("identityStoreId", required=True, replaces=True),
        output("groupId"),
        output("externalIds", list_of(Property("id"), Property("issuer"))),
    ),
    id="Id",
    create=_create_group,
    read=_read_group,
    changes=(Change(("description",), _update_group),),
    delete=_delete_group,
    not_found=_MISSING,
    import_id="{identityStoreId}/{groupId}",
)

TYPES = (PERMISSION_SET, MANAGED_POLICY_ATTACHMENT, INLINE_POLICY, ACCOUNT_ASSIGNMENT, GROUP)
