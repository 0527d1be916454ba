"""Secrets Manager: secrets and their policies; never what is in a secret, which would be in state.

Source: pulumi_aws 7.51.1 (`secretsmanager/*.py`), terraform-provider-aws `internal/service/secretsmanager`.
"""

from __future__ import annotations

from typing import Any

from rehearsal.aws.call import Call
from rehearsal.aws.kinds import DOCUMENT, FLAG, WHOLE
from rehearsal.aws.operations import ID, TAG_KEYS, TAGS, OrElse, operation
from rehearsal.aws.properties import AutoName, Property, output
from rehearsal.aws.resource_type import Change, ResourceType, Tagging

_MISSING = ("ResourceNotFoundException",)


def _read_secret(call: Call) -> Any:
    found = call.aws.describe_secret(SecretId=call.id)
    if found.get("DeletedDate"):
        return None
    return {**found, "Policy": call.aws.get_resource_policy(SecretId=call.id).get("ResourcePolicy")}


def _delete_secret(call: Call) -> None:
    if call.aws.describe_secret(SecretId=call.id).get("DeletedDate"):
        return  # it waits for the end of its recovery window
    if call["recoveryWindowInDays"] == 0:
        call.aws.delete_secret(SecretId=call.id, ForceDeleteWithoutRecovery=True)
    else:
        call.aws.delete_secret(SecretId=call.id, RecoveryWindowInDays=call["recoveryWindowInDays"] or 30)


def _find_secret(call: Call) -> str:
    return str(call.aws.describe_secret(SecretId=call["name"])["ARN"])


SECRET = ResourceType(
    type="aws:secretsmanager/secret:Secret",
    title="Secrets Manager Secret",
    service="secretsmanager",
    properties=(
        Property("name", replaces=True, auto_name=AutoName()),
        Property("description"),
        Property("kmsKeyId"),
        Property("policy", DOCUMENT, computed=True),
        Property("recoveryWindowInDays", WHOLE, default=30, unread=True),
        output("arn", aws="ARN"),
    ),
    id="ARN",
    create=operation("create_secret", Name="name", Description="description", KmsKeyId="kmsKeyId", Tags=TAGS),
    read=_read_secret,
    changes=(
        Change(
            ("description", "kmsKeyId"),
            operation("update_secret", SecretId=ID, Description=OrElse("description", ""), KmsKeyId="kmsKeyId"),
        ),
        Change(("policy",), operation("put_resource_policy", SecretId=ID, ResourcePolicy="policy")),
    ),
    delete=_delete_secret,
    tagging=Tagging(
        add=operation("tag_resource", SecretId=ID, Tags=TAGS),
        remove=operation("untag_resource", SecretId=ID, TagKeys=TAG_KEYS),
    ),
    not_found=_MISSING,
    already_exists=("ResourceExistsException",),
    find=_find_secret,
)

_PUT_POLICY = operation(
    "put_resource_policy", SecretId="secretArn", ResourcePolicy="policy", BlockPublicPolicy="blockPublicPolicy"
)

SECRET_POLICY = ResourceType(
    type="aws:secretsmanager/secretPolicy:SecretPolicy",
    title="Secrets Manager Secret Policy",
    service="secretsmanager",
    properties=(
        Property("secretArn", aws="ARN", required=True, replaces=True),
        Property("policy", DOCUMENT, aws="ResourcePolicy", required=True),
        Property("blockPublicPolicy", FLAG, unread=True),
    ),
    id="{secretArn}",
    create=_PUT_POLICY,
    # A secret without a policy stays in state, without one: so does the real provider.
    read=operation("get_resource_policy", SecretId=ID),
    changes=(Change(("policy", "blockPublicPolicy"), _PUT_POLICY),),
    delete=operation("delete_resource_policy", SecretId=ID),
    not_found=_MISSING,
)

TYPES = (SECRET, SECRET_POLICY)
