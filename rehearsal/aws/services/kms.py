"""KMS: keys and their aliases.

Source: pulumi_aws 7.51.1 (`kms/*.py`), terraform-provider-aws `internal/service/kms`.
"""

from __future__ import annotations

from typing import Any

from rehearsal.aws.call import Call
from rehearsal.aws.kinds import DOCUMENT, FLAG, LAST_PART, WHOLE
from rehearsal.aws.operations import ID, TAG_KEYS, TAGS, Fixed, OrElse, operation
from rehearsal.aws.properties import AutoName, Property, output
from rehearsal.aws.resource_type import Change, ResourceType, Tagging, TagShape

_MISSING = ("NotFoundException",)
_SYMMETRIC = "SYMMETRIC_DEFAULT"


def _read_key(call: Call) -> Any:
    key = call.aws.describe_key(KeyId=call.id)["KeyMetadata"]
    if key["KeyState"] == "PendingDeletion":
        return None
    rotates = key.get("KeySpec") == _SYMMETRIC and call.aws.get_key_rotation_status(KeyId=call.id)["KeyRotationEnabled"]
    return {
        **key,
        "EnableKeyRotation": rotates,
        "Policy": call.aws.get_key_policy(KeyId=call.id, PolicyName="default")["Policy"],
        "Tags": list(call.pages("list_resource_tags", "Tags", KeyId=call.id)),
    }


def _set_rotation(call: Call) -> None:
    switch = call.aws.enable_key_rotation if call["enableKeyRotation"] else call.aws.disable_key_rotation
    switch(KeyId=call.id)


def _set_enabled(call: Call) -> None:
    switch = call.aws.enable_key if call["isEnabled"] else call.aws.disable_key
    switch(KeyId=call.id)


KEY = ResourceType(
    type="aws:kms/key:Key",
    title="KMS Key",
    service="kms",
    properties=(
        Property("description", computed=True),
        Property("policy", DOCUMENT, computed=True),
        Property("enableKeyRotation", FLAG, default=False),
        Property("isEnabled", FLAG, aws="Enabled", default=True),
        Property("keyUsage", replaces=True, default="ENCRYPT_DECRYPT"),
        Property("customerMasterKeySpec", aws="KeySpec", replaces=True, default=_SYMMETRIC),
        Property("multiRegion", FLAG, replaces=True, computed=True),
        Property("deletionWindowInDays", WHOLE, unread=True),
        Property("bypassPolicyLockoutSafetyCheck", FLAG, default=False, unread=True),
        output("arn"),
        output("keyId"),
    ),
    id="KeyMetadata.KeyId",
    create=operation(
        "create_key",
        Description="description",
        Policy="policy",
        KeyUsage="keyUsage",
        KeySpec="customerMasterKeySpec",
        MultiRegion="multiRegion",
        BypassPolicyLockoutSafetyCheck="bypassPolicyLockoutSafetyCheck",
        Tags=TAGS,
    ),
    read=_read_key,
    changes=(
        Change(
            ("description",),
            operation("update_key_description", KeyId=ID, Description=OrElse("description", "")),
        ),
        Change(
            ("policy",),
            operation(
                "put_key_policy",
                KeyId=ID,
                PolicyName=Fixed("default"),
                Policy="policy",
                BypassPolicyLockoutSafetyCheck="bypassPolicyLockoutSafetyCheck",
            ),
        ),
        Change(("enableKeyRotation",), _set_rotation),
        Change(("isEnabled",), _set_enabled),
    ),
    delete=operation("schedule_key_deletion", KeyId=ID, PendingWindowInDays="deletionWindowInDays"),
    tagging=Tagging(
        add=operation("tag_resource", KeyId=ID, Tags=TAGS),
        remove=operation("untag_resource", KeyId=ID, TagKeys=TAG_KEYS),
        shape=TagShape.KMS_PAIRS,
    ),
    # Source: terraform-provider-aws, `internal/service/kms/key.go`: one that is pending deletion is deleted.
    not_found=(*_MISSING, "KMSInvalidStateException"),
)


def _read_alias(call: Call) -> Any:
    found = next((a for a in call.pages("list_aliases", "Aliases") if a["AliasName"] == call.id), None)
    return {**found, "TargetKeyArn": call.arn("kms", f"key/{found['TargetKeyId']}")} if found else None


ALIAS = ResourceType(
    type="aws:kms/alias:Alias",
    title="KMS Alias",
    service="kms",
    properties=(
        Property("name", aws="AliasName", replaces=True, auto_name=AutoName(prefix="alias/", longest=256)),
        Property("targetKeyId", LAST_PART, required=True),
        output("targetKeyArn"),
        output("arn", aws="AliasArn"),
    ),
    id="{name}",
    create=operation("create_alias", AliasName="name", TargetKeyId="targetKeyId"),
    read=_read_alias,
    changes=(Change(("targetKeyId",), operation("update_alias", AliasName=ID, TargetKeyId="targetKeyId")),),
    delete=operation("delete_alias", AliasName=ID),
    not_found=_MISSING,
    already_exists=("AlreadyExistsException",),
)

TYPES = (KEY, ALIAS)
