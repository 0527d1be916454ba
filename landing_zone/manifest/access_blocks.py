"""Blocks of the manifest: permissions of one's own, the account map, hub and spoke."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from landing_zone.limits import MANAGED_POLICIES_PER_ROLE
from landing_zone.manifest.blocks import Block
from landing_zone.manifest.text_types import (
    AccountName,
    IamDescription,
    ManagedPolicy,
    PolicyName,
    RoleName,
    ServicePrincipal,
    Word,
)

PermissionsNames = Annotated[list[PolicyName], Field(min_length=1, max_length=MANAGED_POLICIES_PER_ROLE)]
ManagedPolicies = Annotated[list[ManagedPolicy], Field(min_length=1, max_length=MANAGED_POLICIES_PER_ROLE)]


class PermissionsBlock(Block):
    """Permissions of one's own: a managed policy, made in each account where a role uses it."""

    file: Word = Field(
        description="The policy document, JSON or YAML, relative to the file that says so. ${account.id}, "
        "${organization_id}, ${region} and others are filled in for each account."
    )
    description: IamDescription = Field(default="", description="What it allows; shown in the console.")
    also_known: list[Word] = Field(
        default=[],
        min_length=1,
        description="Actions that AWS has and the linter does not know yet, such as ec2:CreateNewThing.",
    )


class AccountMapBlock(Block):
    """The account map: what there is to know of each account, as parameters of the management account."""

    readers: list[RoleName] = Field(
        default=[], min_length=1, description="Management roles that may read it; names from management_roles."
    )


class HubTrustBlock(Block):
    """Who may become the hub. At least one of management_roles and services."""

    management_roles: list[RoleName] = Field(
        default=[], min_length=1, description="Management roles that may assume the hub role."
    )
    services: list[ServicePrincipal] = Field(
        default=[],
        min_length=1,
        description="AWS services that act as the hub, in its own account, such as lambda.amazonaws.com.",
    )


class SpokeBlock(Block):
    """The role of every member account that trusts exactly the hub. At least one of permissions, managed_policies."""

    role: RoleName = Field(description="The role's name in every member account.")
    permissions: PermissionsNames = Field(default=[], description="Names from permissions.")
    managed_policies: ManagedPolicies = Field(
        default=[], description="AWS managed policies by name (ReadOnlyAccess), or ARNs."
    )


class HubBlock(Block):
    """One role of one member account that may act in all of them, through the spoke role of each."""

    account: AccountName = Field(description="Member account that has the hub role.")
    role: RoleName = Field(description="The hub role's name.")
    trusted: HubTrustBlock = Field(description="Who may become it.")
    spoke: SpokeBlock = Field(description="The role it finds in every member account.")
