"""The manifest as it is written: one model per block of `fleet.yaml`, the source of its JSON Schema.

These models know shapes and forms only. What names mean to each other is checked in `rules`, and what the driver and
the programs work with is `landing_zone.manifest.Manifest`.
"""

from __future__ import annotations

from typing import Literal

from pydantic import ConfigDict, Field, JsonValue

from landing_zone.manifest.access_blocks import (
    AccountMapBlock,
    HubBlock,
    ManagedPolicies,
    PermissionsBlock,
    PermissionsNames,
)
from landing_zone.manifest.blocks import Block as Block  # noqa: PLC0414  (re-exported by name)
from landing_zone.manifest.blocks import ListedSelectorBlock
from landing_zone.manifest.blocks import SelectorBlock as SelectorBlock  # noqa: PLC0414
from landing_zone.manifest.management_blocks import (
    IdentityCenterBlock,
    StateAccessLogBlock,
    StateBucketBlock,
    StateRetentionBlock,
    WrittenRights,
)
from landing_zone.manifest.people_blocks import CiBlock, LastResortBlock, PeopleBlock
from landing_zone.manifest.policy_blocks import PolicyBlock
from landing_zone.manifest.probe_blocks import ProbeBlock
from landing_zone.manifest.settings_blocks import QuotaBlock, SettingsBlock
from landing_zone.manifest.text_types import (
    AccountId,
    AccountName,
    AccountNames,
    Audience,
    AwsAccountName,
    AwsName,
    BoundaryName,
    Email,
    IamDescription,
    OidcProvider,
    OrganizationName,
    PolicyName,
    PolicyType,
    Region,
    RoleName,
    RolePattern,
    SamlProviderName,
    ServicePrincipal,
    StateBucketName,
    TagKey,
    TagValue,
    UnitName,
    UserName,
    Word,
    WorkloadName,
)


class CallersBlock(Block):
    """Who runs which stacks: profiles of your AWS config."""

    administrator: Word = Field(
        description="Profile of the management account's administrator: organisation, bootstrap, bootstrap-subaccount."
    )
    management: Word = Field(description="Profile of a management role with state rights: runs the workloads.")


class RoleBlock(Block):
    """A role that member accounts offer; created only where somebody is granted it."""

    managed_policies: ManagedPolicies = Field(
        default=[], description="AWS managed policies by name (ReadOnlyAccess, job-function/Billing), or ARNs."
    )
    permissions: PermissionsNames = Field(
        default=[], description="Names from permissions. At least one of managed_policies and permissions is given."
    )
    description: IamDescription = Field(default="", description="What the role is for; shown in the console.")
    permissions_boundary: BoundaryName = Field(
        default="", description="As permissions_boundary of the fleet, for this role alone; none for no boundary."
    )


class GrantBlock(ListedSelectorBlock):
    """Roles that a management role may assume in the accounts selected."""

    roles: list[RoleName] = Field(min_length=1, description="Names from roles.")


class SamlBlock(Block):
    """People who sign in by SAML; the provider exists in the management account already."""

    provider: SamlProviderName = Field(description="Name of the SAML provider in the management account.")


class OidcBlock(Block):
    """Programs that sign in by OpenID Connect; the provider exists in the management account already."""

    provider: OidcProvider = Field(
        description="Host and path of the provider, such as token.actions.githubusercontent.com."
    )
    audience: Audience = Field(default="sts.amazonaws.com", description="The token's audience.")
    subjects: list[Word] = Field(min_length=1, description="Allowed subjects; * and ? match any text.")


class TrustBlock(Block):
    """Who may become the management role. At least one of users, saml, oidc and identity_center."""

    users: list[UserName] = Field(
        default=[], min_length=1, description="IAM users of the management account; they exist already."
    )
    mfa: bool = Field(default=True, description="Whether the users must have signed in with MFA.")
    saml: SamlBlock | None = Field(default=None, description="People who sign in by SAML.")
    oidc: OidcBlock | None = Field(default=None, description="Programs that sign in by OpenID Connect.")
    identity_center: IdentityCenterBlock | None = Field(
        default=None, description="People who sign in by Identity Center."
    )


class ManagementRoleBlock(Block):
    """A role of the management account: what people become, and what that lets them reach."""

    trusted: TrustBlock = Field(
        default=TrustBlock(),
        description="Who may become this role, beside groups of people and pipelines that name it.",
    )
    state: WrittenRights = Field(
        description="Rights on the state bucket and key: write deploys, read previews, none keeps out; one word, or "
        "one for each bucket: {default: read, prod: none}."
    )
    session_hours: int = Field(default=1, ge=1, le=12, description="Longest session, in hours. Hops from it last one.")
    description: IamDescription = Field(default="", description="What the role is for; shown in the console.")
    permissions_boundary: BoundaryName = Field(
        default="", description="The most the role may do: AWS's own policy by name, an ARN, or a file with a document."
    )
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
    aws_name: AwsAccountName = Field(
        default="", description="The account's name in AWS, where it is another than the name here: it may hold spaces."
    )
    adopted: bool = Field(
        default=False,
        description="Written by accounts adopt: the account has exactly the tags written for it, none of Fleetyard's.",
    )
    settings: SettingsBlock | None = Field(default=None, description="What the account is set to.")
    quotas: dict[Word, QuotaBlock] = Field(default={}, description="Quotas that are asked for, by a name of one's own.")
    suspended: bool = Field(
        default=False, description="Whether runs leave the account's stacks alone; the account itself stays as it is."
    )


class UnitBlock(Block):
    """An organisational unit: its accounts, and the units below it."""

    accounts: dict[AccountName, AccountBlock] = Field(default={}, description="Accounts of this unit, by name.")
    units: dict[UnitName, UnitBlock] = Field(default={}, description="Units below this one, by name.")
    tags: dict[TagKey, TagValue] = Field(default={}, description="Tags of the unit itself.")
    aws_name: AwsName = Field(default="", description="The unit's name in AWS, where it is another than the name here.")
    adopted: bool = Field(
        default=False,
        description="Written by accounts adopt: the unit has exactly the tags written for it, none of Fleetyard's.",
    )
    root: bool = Field(
        default=False,
        description="Stands for the organisation's root, not for a unit: for accounts that are in no unit.",
    )


class RegionDefaultsBlock(Block):
    """What every account has for its stacks in a region."""

    vars: dict[str, JsonValue] = Field(default={}, description="Values for workloads' config: ${vars.NAME}.")


class AccountDefaultsBlock(Block):
    """What accounts have unless they say otherwise."""

    tags: dict[TagKey, TagValue] = Field(default={}, description="Tags of the accounts and of what is made in them.")
    vars: dict[str, JsonValue] = Field(default={}, description="Values for workloads' config: ${vars.NAME}.")
    settings: SettingsBlock | None = Field(default=None, description="What the accounts are set to.")
    quotas: dict[Word, QuotaBlock] = Field(default={}, description="Quotas that are asked for, by a name of one's own.")


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


class WorkloadBlock(ListedSelectorBlock):
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
    permissions: dict[PolicyName, PermissionsBlock] = Field(
        default={}, description="Permissions of one's own, by name; roles and the hub's spoke use them."
    )
    account_map: AccountMapBlock | None = Field(
        default=None, description="Ids, units, stages and role ARNs of all accounts, for roles without other rights."
    )
    organization_reader: RoleName | None = Field(
        default=None, description="Role of the management account in which the hub lists the organisation's accounts."
    )
    hub: HubBlock | None = Field(
        default=None, description="One role of one member account that acts in all of them, through a spoke role."
    )
    policy_types: list[PolicyType] = Field(
        default=["SERVICE_CONTROL_POLICY"],
        description="Types of policies that are enabled at the root. Those of the policies here are always.",
    )
    policies: dict[PolicyName, PolicyBlock] = Field(
        default={}, description="Service control policies and resource control policies, by name."
    )
    probes: dict[PolicyName, ProbeBlock] = Field(
        default={}, description="Calls with the answer that AWS has to give, by name: fleetyard verify asks for them."
    )
    known_roles: list[RolePattern] = Field(
        default=[],
        min_length=1,
        description="Roles of member accounts that others keep and that may let somebody in, by names in which * "
        "stands for any text: fleetyard verify tells of all others.",
    )
    trusted_services: list[ServicePrincipal] = Field(
        default=[], min_length=1, description="Principals of AWS services that may act in all accounts."
    )
    delegated_administrators: dict[ServicePrincipal, AccountName] = Field(
        default={}, description="Member accounts that administer a trusted service for all, by the service's principal."
    )
    suspended_unit: UnitName = Field(
        default="", description="Unit at the top, made when it is named, in which nothing can be done: for retirement."
    )
    defaults: DefaultsBlock | None = Field(default=None, description="Tags and variables that accounts share.")
    account_settings: SettingsBlock | None = Field(
        default=None, description="What every account is set to, the management account included; defaults win over it."
    )
    quotas: dict[Word, QuotaBlock] = Field(
        default={}, description="Quotas that are asked for in every account, by a name of one's own."
    )
    account_lists: dict[Word, AccountNames] = Field(
        default={}, description="Lists of member accounts, names or globs, by the name that selectors use."
    )
    permissions_boundary: BoundaryName = Field(
        default="",
        description="The most every role of roles may do: AWS's own policy by name, "
        "arn:aws:iam::*:policy/NAME for one that each account has, or a file with a document.",
    )
    state_buckets: dict[StateBucketName, StateBucketBlock] = Field(
        default={}, description="State buckets beside the default one, by name, and whose workloads are in them."
    )
    state_retention: StateRetentionBlock | None = Field(
        default=None, description="How long old versions of states are kept; without it forever."
    )
    state_access_log: StateAccessLogBlock | None = Field(
        default=None, description="Keeps S3's log of every request to the state buckets."
    )
    people: PeopleBlock | None = Field(default=None, description="People and groups, in the account that holds users.")
    last_resort: LastResortBlock | None = Field(
        default=None, description="Users for when nothing else lets anybody in, and the alarm on their use."
    )
    ci: CiBlock | None = Field(default=None, description="Pipelines that become management roles, without any key.")
    workloads: dict[WorkloadName, WorkloadBlock] = Field(default={}, description="What runs in the accounts, by name.")
