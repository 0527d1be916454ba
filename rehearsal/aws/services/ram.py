"""Resource Access Manager: shares, what is in them and whom it is shared with.

Source: pulumi_aws 7.51.1 (`ram/*.py`), terraform-provider-aws `internal/service/ram`.
"""

from __future__ import annotations

from typing import Any

from botocore.exceptions import ClientError

from rehearsal.aws.call import Call
from rehearsal.aws.kinds import FLAG, TEXT_SET
from rehearsal.aws.operations import ID, operation
from rehearsal.aws.properties import AutoName, Property, output
from rehearsal.aws.resource_type import Change, ResourceType, Tagging

_MISSING = ("ResourceArnNotFoundException", "UnknownResourceException")
_TAKEN = "AlreadyExists"


def _tags(call: Call) -> list[dict[str, str]]:
    return [{"key": key, "value": call.tags[key]} for key in sorted(call.tags)]


def _create_share(call: Call) -> Any:
    more = {"permissionArns": call["permissionArns"]} if call["permissionArns"] else {}
    return call.aws.create_resource_share(
        name=call["name"], allowExternalPrincipals=call["allowExternalPrincipals"], tags=_tags(call), **more
    )


def _read_share(call: Call) -> Any:
    found = call.aws.get_resource_shares(resourceOwner="SELF", resourceShareArns=[call.id])["resourceShares"][0]
    if found["status"] == "DELETED":
        return None
    permissions = call.aws.list_resource_share_permissions(resourceShareArn=call.id)["permissions"]
    return {
        "AllowExternalPrincipals": found["allowExternalPrincipals"],
        "Arn": found["resourceShareArn"],
        "Name": found["name"],
        "PermissionArns": [permission["arn"] for permission in permissions],
        "Tags": [{"Key": tag["key"], "Value": tag["value"]} for tag in found.get("tags", ())],
    }


RESOURCE_SHARE = ResourceType(
    type="aws:ram/resourceShare:ResourceShare",
    title="RAM Resource Share",
    service="ram",
    properties=(
        Property("name", auto_name=AutoName()),
        Property("allowExternalPrincipals", FLAG, default=False),
        Property("permissionArns", TEXT_SET, replaces=True, computed=True),
        output("arn"),
    ),
    id="resourceShare.resourceShareArn",
    create=_create_share,
    read=_read_share,
    changes=(
        Change(
            ("allowExternalPrincipals", "name"),
            operation(
                "update_resource_share",
                resourceShareArn=ID,
                allowExternalPrincipals="allowExternalPrincipals",
                name="name",
            ),
        ),
    ),
    delete=operation("delete_resource_share", resourceShareArn=ID),
    tagging=Tagging(
        add=lambda call: call.aws.tag_resource(resourceShareArn=call.id, tags=_tags(call)),
        remove=lambda call: call.aws.untag_resource(resourceShareArn=call.id, tagKeys=sorted(call.tags)),
    ),
    not_found=_MISSING,
)


def _association_type(token: str, title: str, entity: str, *, kind: str, filtered: str, listed: str) -> ResourceType:
    """Return the type of what a share is associated with: `entity` is its property, the others RAM's names for it."""

    def read(call: Call) -> Any:
        one = {filtered: call[entity], "resourceShareArns": [call["resourceShareArn"]]}
        found = call.pages("get_resource_share_associations", "resourceShareAssociations", associationType=kind, **one)
        for each in found:
            if each["status"] != "DISASSOCIATED":
                told = {"ResourceShareArn": each["resourceShareArn"]}
                return {**told, entity[0].upper() + entity[1:]: each["associatedEntity"]}
        return None

    def create(call: Call) -> None:
        if read(call):
            words = f"{title} ({call['resourceShareArn']},{call[entity]}) already exists"
            raise ClientError({"Error": {"Code": _TAKEN, "Message": words}}, "GetResourceShareAssociations")
        call.aws.associate_resource_share(resourceShareArn=call["resourceShareArn"], **{listed: [call[entity]]})

    def delete(call: Call) -> None:
        call.aws.disassociate_resource_share(resourceShareArn=call["resourceShareArn"], **{listed: [call[entity]]})

    return ResourceType(
        type=token,
        title=title,
        service="ram",
        properties=(
            Property(entity, required=True, replaces=True),
            Property("resourceShareArn", required=True, replaces=True),
        ),
        id=f"{{resourceShareArn}},{{{entity}}}",
        create=create,
        read=read,
        delete=delete,
        not_found=_MISSING,
        already_exists=(_TAKEN,),
    )


RESOURCE_ASSOCIATION = _association_type(
    "aws:ram/resourceAssociation:ResourceAssociation",
    "RAM Resource Association",
    "resourceArn",
    kind="RESOURCE",
    filtered="resourceArn",
    listed="resourceArns",
)
PRINCIPAL_ASSOCIATION = _association_type(
    "aws:ram/principalAssociation:PrincipalAssociation",
    "RAM Principal Association",
    "principal",
    kind="PRINCIPAL",
    filtered="principal",
    listed="principals",
)

TYPES = (RESOURCE_SHARE, RESOURCE_ASSOCIATION, PRINCIPAL_ASSOCIATION)
