"""Systems Manager: parameters.

Source: pulumi_aws 7.51.1 (`ssm/parameter.py`), terraform-provider-aws `internal/service/ssm/parameter.go`.
"""

from __future__ import annotations

from typing import Any

from rehearsal.aws.call import Call
from rehearsal.aws.kinds import WHOLE
from rehearsal.aws.operations import ID, TAG_KEYS, TAGS, Fixed, operation
from rehearsal.aws.properties import AutoName, Property, ReplacesIf, output
from rehearsal.aws.resource_type import Change, ResourceType, Tagging
from rehearsal.aws.wire import Value

_PARAMETER = Fixed("Parameter")
_SECURE = "SecureString"


def _put(call: Call) -> Any:
    """Send the whole parameter, as the real provider does for any change: what is left out would stay as it was."""
    exists = bool(call.id)
    asked = {
        "Name": call["name"],
        "Type": call["type"],
        "Value": call["insecureValue"] or call["value"],
        "AllowedPattern": call["allowedPattern"] or "",
        "Description": call["description"] or ("" if exists else None),
        "DataType": None if exists else call["dataType"],
        "KeyId": call["keyId"] if call["type"] == _SECURE else None,
        "Tier": call["tier"] or call.state.get("tier"),
        "Overwrite": exists,
        # Tags and Overwrite exclude each other. Source: SSM API Reference, PutParameter, Tags.
        "Tags": None if exists else [{"Key": key, "Value": value} for key, value in call.tags.items()] or None,
    }
    return call.aws.put_parameter(**{name: value for name, value in asked.items() if value is not None})


def _read(call: Call) -> Any:
    found = call.aws.get_parameter(Name=call.id, WithDecryption=True)["Parameter"]
    named = [{"Key": "Name", "Option": "Equals", "Values": [found["Name"]]}]
    described = next(call.pages("describe_parameters", "Parameters", ParameterFilters=named), None)
    if described is None:
        return None
    tags = call.aws.list_tags_for_resource(ResourceType=_PARAMETER.value, ResourceId=found["Name"])["TagList"]
    # Only where the program itself wrote the value down in the open is it told in the open.
    kept = "Value" if found["Type"] == _SECURE or not call["insecureValue"] else "InsecureValue"
    return {**described, "Arn": found["ARN"], "Version": found["Version"], kept: found["Value"], "Tags": tags}


def _downgrades(old: Value, new: Value) -> bool:
    return (old, new) == ("Advanced", "Standard")


PARAMETER = ResourceType(
    type="aws:ssm/parameter:Parameter",
    title="SSM Parameter",
    service="ssm",
    properties=(
        Property("name", replaces=True, auto_name=AutoName()),
        Property("type", required=True, one_of=("String", "StringList", _SECURE)),
        Property("value", computed=True, secret=True),
        Property("insecureValue", computed=True),
        Property("description"),
        Property("allowedPattern"),
        Property("dataType", computed=True, replaces=True, one_of=("aws:ec2:image", "aws:ssm:integration", "text")),
        Property("keyId", computed=True),
        Property(
            "tier",
            computed=True,
            replaces=ReplacesIf("from Advanced to Standard", _downgrades),
            one_of=("Standard", "Advanced"),
        ),
        output("arn"),
        output("version", WHOLE),
    ),
    id="{name}",
    create=_put,
    read=_read,
    changes=(Change(("type", "value", "insecureValue", "description", "allowedPattern", "keyId", "tier"), _put),),
    delete=operation("delete_parameter", Name=ID),
    tagging=Tagging(
        add=operation("add_tags_to_resource", ResourceType=_PARAMETER, ResourceId=ID, Tags=TAGS),
        remove=operation("remove_tags_from_resource", ResourceType=_PARAMETER, ResourceId=ID, TagKeys=TAG_KEYS),
    ),
    not_found=("ParameterNotFound", "InvalidResourceId"),
    already_exists=("ParameterAlreadyExists",),
    exactly_one_of=(("insecureValue", "value"),),
)

TYPES = (PARAMETER,)
