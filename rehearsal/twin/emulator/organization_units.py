"""Roots and organisational units: what contains what. moto takes any name, any depth, and units that are not empty.

Source: AWS Organizations API Reference, the errors of each operation; User Guide, "Quotas and service limits".
"""

from __future__ import annotations

from rehearsal.twin.emulator.organization import (
    Answer,
    AwsError,
    Model,
    Organization,
    Params,
    page,
    violation,
)
from rehearsal.twin.emulator.organization_tags import tags_given

_OF_EVERYTHING = ("p-FullAWSAccess", "p-RCPFullAWSAccess")


def attach_full_access(organization: Organization, entity: Model) -> None:
    """Attach AWS's own policies to a new unit or account; what is attached already stays so."""
    for policy in organization.backend.policies:
        if policy.id in _OF_EVERYTHING and policy not in entity.attached_policies:
            entity.attached_policies.append(policy)
            policy.attachments.append(entity)


def list_roots(organization: Organization, params: Params) -> Answer:
    """ListRoots."""
    return page("Roots", [organization.root], params, lambda root: root.describe())


def create_organizational_unit(organization: Organization, params: Params) -> Answer:
    """CreateOrganizationalUnit."""
    parent = organization.parent(params["ParentId"])
    _refuse_taken_name(organization, parent.id, params["Name"])
    if len(organization.backend.ou) - 1 >= organization.quota("units"):
        words = "You have exceeded the maximum number of organizational units in an organization."
        raise violation("OU_NUMBER_LIMIT_EXCEEDED", words)
    if len(organization.above(parent)) + 1 > organization.quota("unit_depth"):
        words = "You have exceeded the maximum depth of an organizational unit hierarchy."
        raise violation("OU_DEPTH_LIMIT_EXCEEDED", words)
    tags = tags_given(organization, params)
    unit = organization.models.FakeOrganizationalUnit(organization.backend.org, Name=params["Name"], ParentId=parent.id)
    unit.tags = tags
    organization.backend.ou.append(unit)
    attach_full_access(organization, unit)
    return {"OrganizationalUnit": _unit(organization, unit)}


def update_organizational_unit(organization: Organization, params: Params) -> Answer:
    """UpdateOrganizationalUnit."""
    unit = organization.unit(params["OrganizationalUnitId"])
    if "Name" in params and params["Name"] != unit.name:
        _refuse_taken_name(organization, unit.parent_id, params["Name"])
        unit.name = params["Name"]
    return {"OrganizationalUnit": _unit(organization, unit)}


def describe_organizational_unit(organization: Organization, params: Params) -> Answer:
    """DescribeOrganizationalUnit."""
    return {"OrganizationalUnit": _unit(organization, organization.unit(params["OrganizationalUnitId"]))}


def delete_organizational_unit(organization: Organization, params: Params) -> Answer:
    """DeleteOrganizationalUnit."""
    unit = organization.unit(params["OrganizationalUnitId"])
    backend = organization.backend
    if any(each.parent_id == unit.id for each in (*backend.ou, *backend.accounts)):
        words = (
            "The specified OU is not empty. Move all accounts to another root or to other OUs, remove all child OUs, "
            "and try the operation again."
        )
        raise AwsError("OrganizationalUnitNotEmptyException", words)
    for policy in unit.attached_policies:
        policy.attachments.remove(unit)
    backend.ou.remove(unit)
    return {}


def list_organizational_units_for_parent(organization: Organization, params: Params) -> Answer:
    """ListOrganizationalUnitsForParent."""
    parent = organization.parent(params["ParentId"])
    found = [unit for unit in organization.backend.ou if unit.parent_id == parent.id]
    return page("OrganizationalUnits", found, params, lambda unit: _unit(organization, unit))


def list_parents(organization: Organization, params: Params) -> Answer:
    """ListParents."""
    try:
        child = organization.target(params["ChildId"])
    except AwsError as error:
        words = "You specified an organizational unit or an account that doesn't exist."
        raise AwsError("ChildNotFoundException", words) from error
    found = organization.above(child)[-1:]
    return page("Parents", found, params, lambda unit: {"Id": unit.id, "Type": unit.type})


def list_children(organization: Organization, params: Params) -> Answer:
    """ListChildren."""
    parent, kind = organization.parent(params["ParentId"]), params["ChildType"]
    every = organization.backend.accounts if kind == "ACCOUNT" else organization.backend.ou
    found = [each for each in every if each.parent_id == parent.id]
    return page("Children", found, params, lambda each: {"Id": each.id, "Type": kind})


def _unit(organization: Organization, unit: Model) -> Answer:
    return {"Id": unit.id, "Arn": unit.arn, "Name": unit.name, "Path": organization.path(unit)}


def _refuse_taken_name(organization: Organization, parent_id: str, name: str) -> None:
    if any(unit.name == name and unit.parent_id == parent_id for unit in organization.backend.ou):
        raise AwsError("DuplicateOrganizationalUnitException", "An OU with the same name already exists.")
