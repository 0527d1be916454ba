"""The manifest as it is written: one model per block of `fleet.yaml`, the source of its JSON Schema.

These models know shapes and forms only. What names mean to each other is checked in `rules`, and what the driver and
the programs work with is `landing_zone.manifest.Manifest`.
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, JsonValue

from landing_zone.limits import MANAGED_POLICIES_PER_ROLE
from landing_zone.manifest.text_types import (
    AccountId,
    AccountName,
    Description,
    Email,
    ManagedPolicy,
    OidcProvider,
    OrganizationName,
    Region,
    RoleName,
    TagKey,
    TagValue,
    UnitName,
    UserName,
    Word,
    WorkloadName,
)


class Block(BaseModel):
    """A block of the manifest: no unknown keys, no silent conversion of types.

    A text or list that may be left out is then empty; written out it must hold something.
    """

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


class CallersBlock(Block):
    """Who runs which stacks: profiles of your AWS config."""

    administrator: Word = Field(
        description="Profile of the management account's administrator: organisation, bootstrap, bootstrap-subaccount."
    )
    management: Word = Field(description="Profile of a management role with state rights: runs the workloads.")


class RoleBlock(Block):
    """A role that member accounts offer; created only where somebody is granted it."""

    managed_policies: Annotated[list[ManagedPolicy], Field(min_length=1, max_length=MANAGED_POLICIES_PER_ROLE)] = Field(
        description="AWS managed policies by name (ReadOnlyAccess, job-function/Billing), or ARNs."
    )
    description: Description = Field(default="", description="What the role is for; shown in the console.")


class SelectorBlock(Block):
    """Which member accounts are meant: those that fit every key given. At least one key must be given."""

    accounts: list[Word] = Field(default=[], min_length=1, description="Account names or globs, such as plat-*.")
    stages: list[Word] = Field(default=[], min_length=1, description="Stages of accounts, such as prod.")
    units: list[Word] = Field(
        default=[],
        min_length=1,
        description="Paths of units, such as plat or plat/eu; the units below are meant too.",
    )


class GrantBlock(SelectorBlock):
    """Roles that a management role may assume in the accounts selected."""

    roles: list[RoleName] = Field(min_length=1, description="Names from roles.")


class SamlBlock(Block):
    """People who sign in by SAML; the provider exists in the management account already."""

    provider: UserName = Field(description="Name of the SAML provider in the management account.")


class OidcBlock(Block):
    """Programs that sign in by OpenID Connect; the provider exists in the management account already."""

    provider: OidcProvider = Field(
        description="Host and path of the provider, such as token.actions.githubusercontent.com."
    )
    audience: Word = Field(default="sts.amazonaws.com", description="The token's audience.")
    subjects: list[Word] = Field(min_length=1, description="Allowed subjects; * and ? match any text.")


class TrustBlock(Block):
    """Who may become the management role. At least one of users, saml and oidc."""

    users: list[UserName] = Field(
        default=[], min_length=1, description="IAM users of the management account; they exist already."
    )
    mfa: bool = Field(default=True, description="Whether the users must have signed in with MFA.")
    saml: SamlBlock | None = Field(default=None, description="People who sign in by SAML.")
    oidc: OidcBlock | None = Field(default=None, description="Programs that sign in by OpenID Connect.")
    identity_center: JsonValue = Field(default=None, description="Not supported yet; refused.")


class ManagementRoleBlock(Block):
    """A role of the management account: what people become, and what that lets them reach."""

    trusted: TrustBlock = Field(description="Who may become this role.")
    state: Literal["write", "read", "none"] = Field(
        description="Rights on the state bucket and key: write deploys, read previews, none keeps out."
    )
    session_hours: int = Field(default=1, ge=1, le=12, description="Longest session, in hours. Hops from it last one.")
    description: Description = Field(default="", description="What the role is for; shown in the console.")
    grants: list[GrantBlock] = Field(default=[], description="What the role may assume in member accounts.")


class AccountBlock(Block):
    """An account of the organisation."""

    email: Email = Field(description="The root user's address, unique in all of AWS.")
    management: bool = Field(default=False, description="Marks the management account; exactly one has it.")
    stage: Word = Field(default="", description="Such as prod or dev; grants and workloads select by it.")
    id: AccountId = Field(
        default="", description="Id of an account that exists already: it is then not created, only used."
    )
    profile: Word = Field(
        default="",
        description="Profile of this account for bootstrap-subaccount; without it the administrator assumes "
        "OrganizationAccountAccessRole.",
    )
    tags: dict[TagKey, TagValue] = Field(default={}, description="Tags of the account and of what is made in it.")
    vars: dict[str, JsonValue] = Field(default={}, description="Values for workloads' config: ${vars.NAME}.")


class UnitBlock(Block):
    """An organisational unit: its accounts, and the units below it."""

    accounts: dict[AccountName, AccountBlock] = Field(default={}, description="Accounts of this unit, by name.")
    units: dict[UnitName, UnitBlock] = Field(default={}, description="Units below this one, by name.")


class RegionDefaultsBlock(Block):
    """What every account has for its stacks in a region."""

    vars: dict[str, JsonValue] = Field(default={}, description="Values for workloads' config: ${vars.NAME}.")


class AccountDefaultsBlock(Block):
    """What accounts have unless they say otherwise."""

    tags: dict[TagKey, TagValue] = Field(default={}, description="Tags of the accounts and of what is made in them.")
    vars: dict[str, JsonValue] = Field(default={}, description="Values for workloads' config: ${vars.NAME}.")


class DefaultsBlock(Block):
    """Tags and variables that accounts share; the more specific wins, the account's own over all."""

    accounts: AccountDefaultsBlock | None = Field(default=None, description="For every account.")
    regions: dict[Region, RegionDefaultsBlock] = Field(
        default={}, description="For stacks in a region; over those for every account."
    )
    units: dict[Word, AccountDefaultsBlock] = Field(
        default={}, description="For accounts in a unit, by its path, such as plat/eu, or below it; over regions."
    )
    stages: dict[Word, AccountDefaultsBlock] = Field(
        default={}, description="For accounts of a stage, by its name; over units."
    )


class WorkloadBlock(SelectorBlock):
    """A Pulumi program that runs in the accounts selected."""

    role: RoleName = Field(description="Role that the program assumes in each account; a name from roles.")
    config: dict[str, JsonValue] = Field(
        default={}, description="Values for the program; ${vars.NAME}, ${account.name} and others are filled in."
    )
    regions: list[Region] = Field(
        default=[], min_length=1, description="One stack per region; without it one stack in the fleet's region."
    )
    after: list[WorkloadName] = Field(default=[], description="Workloads that must be deployed first.")
    folder: Word = Field(
        default="", description="The program's folder, relative to fleet.yaml; without it workloads/NAME."
    )
    protected: bool = Field(
        default=False, description="Whether destroy keeps it unless --include-foundation asks for it too."
    )


class FleetBlock(Block):
    """A whole organisation and what runs in it."""

    model_config = ConfigDict(title="Fleetyard manifest")

    imports: list[Word] = Field(
        default=[],
        min_length=1,
        description="Files with more of the manifest, relative to this file; paths or globs, such as accounts/*.yaml. "
        "Later ones win over earlier ones, and this file over all of them.",
    )
    organization: OrganizationName = Field(description="Short name of the organisation; part of the bucket's name.")
    management_account_id: AccountId = Field(description="Id of the management account, 12 digits in quotes.")
    region: Region = Field(description="Home region: state bucket, key, and workloads without regions.")
    callers: CallersBlock = Field(description="Profiles that run the stacks.")
    workload_state: Literal["bucket", "files"] = Field(
        default="bucket",
        description="Where the state of workloads is: in the state bucket, secrets by its key; or in files beside the "
        "manifest, secrets by passphrase. After a change: fleetyard state migrate.",
    )
    roles: dict[RoleName, RoleBlock] = Field(description="Roles that member accounts offer, by name.")
    management_roles: dict[RoleName, ManagementRoleBlock] = Field(
        description="Roles of the management account, by name."
    )
    units: dict[UnitName, UnitBlock] = Field(min_length=1, description="Organisational units with their accounts.")
    log_archive: AccountName = Field(
        default="",
        description="Member account that keeps the organisation's CloudTrail logs: CloudTrail's delegated "
        "administrator, under an SCP that keeps it from undoing the archive. The workload log-archive runs in it.",
    )
    defaults: DefaultsBlock | None = Field(default=None, description="Tags and variables that accounts share.")
    workloads: dict[WorkloadName, WorkloadBlock] = Field(default={}, description="What runs in the accounts, by name.")
