"""IAM: instance profiles, and providers of SAML identities.

Source: pulumi_aws 7.51.1 (`iam/*.py`), terraform-provider-aws `internal/service/iam`.
"""

from __future__ import annotations

from typing import Any

from botocore.exceptions import ClientError

from rehearsal.aws.aws_errors import code_of
from rehearsal.aws.call import Call
from rehearsal.aws.operations import ID, TAG_KEYS, TAGS, operation
from rehearsal.aws.properties import AutoName, Property, output
from rehearsal.aws.resource_type import Change, ResourceType, Tagging

_MISSING = ("NoSuchEntity",)
_TAKEN = ("EntityAlreadyExists",)


def _read_profile(call: Call) -> Any:
    found = call.aws.get_instance_profile(InstanceProfileName=call.id)["InstanceProfile"]
    return {**found, "Role": found["Roles"][0]["RoleName"] if found["Roles"] else None}


def _change_role(call: Call) -> None:
    _take_role(call)
    if call["role"]:
        call.aws.add_role_to_instance_profile(InstanceProfileName=call.id, RoleName=call["role"])


def _take_role(call: Call) -> None:
    """Take the role out; one that is not in it any more is out."""
    role = call.state.get("role")
    if not role:
        return
    try:
        call.aws.remove_role_from_instance_profile(InstanceProfileName=call.id, RoleName=role)
    except ClientError as error:
        if code_of(error) not in _MISSING:
            raise


def _delete_profile(call: Call) -> None:
    _take_role(call)
    call.aws.delete_instance_profile(InstanceProfileName=call.id)


INSTANCE_PROFILE = ResourceType(
    type="aws:iam/instanceProfile:InstanceProfile",
    title="IAM Instance Profile",
    service="iam",
    regional=False,
    properties=(
        Property("name", aws="InstanceProfileName", replaces=True, auto_name=AutoName(longest=128)),
        Property("path", replaces=True, default="/"),
        Property("role"),
        output("arn"),
        output("createDate"),
        output("uniqueId", aws="InstanceProfileId"),
    ),
    id="{name}",
    create=operation("create_instance_profile", InstanceProfileName="name", Path="path", Tags=TAGS),
    read=_read_profile,
    changes=(Change(("role",), _change_role),),
    delete=_delete_profile,
    tagging=Tagging(
        add=operation("tag_instance_profile", InstanceProfileName=ID, Tags=TAGS),
        remove=operation("untag_instance_profile", InstanceProfileName=ID, TagKeys=TAG_KEYS),
    ),
    not_found=_MISSING,
    already_exists=_TAKEN,
)


def _read_provider(call: Call) -> Any:
    found = call.aws.get_saml_provider(SAMLProviderArn=call.id)
    return {**found, "Arn": call.id, "Name": call.id.rsplit("/", 1)[-1]}


def _provider_arn(call: Call) -> str:
    return f"arn:{call.account.partition}:iam::{call.account.account_id}:saml-provider/{call['name']}"


SAML_PROVIDER = ResourceType(
    type="aws:iam/samlProvider:SamlProvider",
    title="IAM SAML Provider",
    service="iam",
    regional=False,
    properties=(
        Property("name", replaces=True, auto_name=AutoName(longest=128)),
        Property("samlMetadataDocument", aws="SAMLMetadataDocument", required=True),
        output("arn"),
        output("validUntil"),
    ),
    id="SAMLProviderArn",
    create=operation("create_saml_provider", Name="name", SAMLMetadataDocument="samlMetadataDocument"),
    read=_read_provider,
    changes=(
        Change(
            ("samlMetadataDocument",),
            operation("update_saml_provider", SAMLProviderArn=ID, SAMLMetadataDocument="samlMetadataDocument"),
        ),
    ),
    delete=operation("delete_saml_provider", SAMLProviderArn=ID),
    not_found=_MISSING,
    already_exists=_TAKEN,
    find=_provider_arn,
)

TYPES = (INSTANCE_PROFILE, SAML_PROVIDER)
