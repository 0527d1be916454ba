"""What the driver and the programs' config builders know of a fleet: the manifest with every name resolved."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from pathlib import Path
from typing import Any

from landing_zone.account_settings import AccountSettings, Quota
from landing_zone.boundaries import Boundary
from landing_zone.fleet_access import FleetAccess
from landing_zone.organization_policies import Governance
from landing_zone.people import LastResort, People, PeopleTrust, Pipelines, PipelineTrust
from landing_zone.probes import Probe
from landing_zone.state_buckets import StateBuckets

Pair = tuple[str, str, str]
"""Management role, account, role: somebody who is the first may assume the last in that account."""


class StateRights(StrEnum):
    """What a management role may do with the state of workloads."""

    WRITE = "write"
    READ = "read"
    NONE = "none"


class WorkloadState(StrEnum):
    """Where the state of workloads is: in the state bucket, or in files beside the manifest."""

    BUCKET = "bucket"
    FILES = "files"


@dataclass(frozen=True, slots=True)
class Callers:
    """Profiles of the AWS config that run the two groups of stacks."""

    administrator: str
    management: str


@dataclass(frozen=True, slots=True)
class Unit:
    """An organisational unit. `path` is its name after those above it: `plat/eu`; `parent` is a path or empty.

    `aws_name` is set where AWS has another name. An `adopted` one has `tags` and no others. `root` stands for the root.
    """

    path: str
    name: str
    parent: str
    aws_name: str = ""
    adopted: bool = False
    tags: Mapping[str, str] = field(default_factory=dict)
    root: bool = False


@dataclass(frozen=True, slots=True)
class Account:
    """An account of the manifest. `id` is set only where the manifest gives it; the lock knows the others.

    `region_vars` has all its variables for each region that has defaults of its own.
    """

    name: str
    email: str
    unit: str
    stage: str = ""
    id: str = ""
    profile: str = ""
    management: bool = False
    tags: Mapping[str, str] = field(default_factory=dict)
    vars: Mapping[str, Any] = field(default_factory=dict)
    region_vars: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    aws_name: str = ""
    """Its name in AWS, where it is another."""
    adopted: bool = False
    """Whether it was there before Fleetyard, and has in AWS the tags written for it and no others."""
    suspended: bool = False
    """Whether runs leave its stacks alone: the manifest says so, or it stands in the suspended unit."""
    in_suspended_unit: bool = False
    """Whether it stands in or below the suspended unit, where everything is denied."""
    settings: AccountSettings = field(default_factory=AccountSettings)
    """What it is set to."""
    quotas: tuple[Quota, ...] = ()
    """What it asks of AWS."""

    def vars_in(self, region: str) -> Mapping[str, Any]:
        """Return its variables for a stack in a region."""
        return self.region_vars.get(region, self.vars)


@dataclass(frozen=True, slots=True)
class Role:
    """A role that member accounts offer; `managed_policies` are ARNs, `permissions` names of the manifest's own."""

    name: str
    managed_policies: tuple[str, ...]
    description: str = ""
    boundary: Boundary | None = None
    permissions: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class SamlTrust:
    """People who sign in through a SAML provider of the management account."""

    provider: str


@dataclass(frozen=True, slots=True)
class OidcTrust:
    """Programs that sign in through an OpenID Connect provider of the management account."""

    provider: str
    audience: str
    subjects: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class IdentityCenterTrust:
    """People who sign in by Identity Center, through one of these permission sets of the management account.

    `direct`: the member roles that are granted trust them as well, without the management role between.
    """

    permission_sets: tuple[str, ...]
    direct: bool = True


@dataclass(frozen=True, slots=True)
class Trust:
    """Who may become a management role; `mfa` concerns the users."""

    users: tuple[str, ...] = ()
    mfa: bool = True
    saml: SamlTrust | None = None
    oidc: OidcTrust | None = None
    identity_center: IdentityCenterTrust | None = None
    people: PeopleTrust | None = None
    pipelines: tuple[PipelineTrust, ...] = ()

    @property
    def lets_people_in(self) -> bool:
        """Whether anybody but a pipeline of `ci` may become the role."""
        return any((self.users, self.saml, self.oidc, self.identity_center, self.people))

    def with_people_in(self, account_id: str) -> Trust:
        """Return the same trust with the id of the account that holds the users of `people`."""
        return replace(self, people=replace(self.people, account_id=account_id)) if self.people else self


@dataclass(frozen=True, slots=True)
class ManagementRole:
    """A role of the management account; `granted` maps account names to the roles it may assume there.

    `state` is the most it may do with any state bucket, `bucket_rights` what it may with each where they differ.
    """

    name: str
    trust: Trust
    state: StateRights
    granted: Mapping[str, tuple[str, ...]]
    session_hours: int = 1
    description: str = ""
    bucket_rights: Mapping[str, StateRights] = field(default_factory=dict)
    boundary: Boundary | None = None

    def rights(self, bucket: str) -> StateRights:
        """Return what it may do with a state bucket, by the bucket's name in the manifest."""
        return self.bucket_rights.get(bucket, StateRights.NONE) if self.bucket_rights else self.state


@dataclass(frozen=True, slots=True)
class RoleInAccount:
    """A role as one account has it: `allowed` are the management roles that may assume it there."""

    role: Role
    allowed: tuple[str, ...]
    permission_sets: tuple[str, ...] = ()
    """Permission sets of Identity Center that may assume it without a management role between."""


@dataclass(frozen=True, slots=True)
class Workload:
    """A program and where it runs.

    `accounts` are names in the manifest's order. `regions` is empty when the workload runs in the fleet's region only;
    its stacks then carry no region in their name. `folder` is absolute, or None for `workloads/<name>` of the
    repository. `config` still holds its `${...}`. A `protected` one is kept by `destroy`, as the foundation is.
    """

    name: str
    accounts: tuple[str, ...]
    role: str
    regions: tuple[str, ...] = ()
    after: tuple[str, ...] = ()
    folder: Path | None = None
    config: Mapping[str, Any] = field(default_factory=dict)
    protected: bool = False

    def targets(self) -> tuple[tuple[str, str], ...]:
        """Return (account, region) of each stack; the region is empty when the stack's name has none."""
        return tuple((account, region) for account in self.accounts for region in self.regions or ("",))


@dataclass(frozen=True, slots=True)
class Manifest:
    """A fleet. `accounts` holds all of them, the management account included, in the order of the file.

    `log_archive` is the account that keeps the organisation's logs, empty when none does.
    """

    path: Path
    organization: str
    region: str
    callers: Callers
    units: tuple[Unit, ...]
    accounts: tuple[Account, ...]
    roles: Mapping[str, Role]
    management_roles: Mapping[str, ManagementRole]
    workloads: Mapping[str, Workload]
    workload_state: WorkloadState = WorkloadState.BUCKET
    log_archive: str = ""
    governance: Governance = field(default_factory=Governance)
    policy_types: tuple[str, ...] = ("SERVICE_CONTROL_POLICY",)
    state_buckets: StateBuckets = field(default_factory=StateBuckets)
    access: FleetAccess = field(default_factory=FleetAccess)
    people: People = field(default_factory=People)
    last_resort: LastResort = field(default_factory=LastResort)
    pipelines: Pipelines = field(default_factory=Pipelines)
    probes: tuple[Probe, ...] = ()
    known_roles: tuple[str, ...] = ()
    """Names, or globs, of roles in member accounts that others than Fleetyard keep, and that may let somebody in."""

    @property
    def management_account(self) -> Account:
        """The management account; its id is always known."""
        return next(account for account in self.accounts if account.management)

    @property
    def members(self) -> tuple[Account, ...]:
        """All accounts but the management account."""
        return tuple(account for account in self.accounts if not account.management)

    @property
    def workload_role(self) -> str:
        """The management role that runs workloads: the first that may write all their state; empty without one.

        One that people become goes before one for pipelines, whose place in the manifest depends on files' names.
        """
        used = {self.state_buckets.of(account) for each in self.workloads.values() for account in each.accounts}
        able = [
            role
            for role in self.management_roles.values()
            if role.state is StateRights.WRITE and all(role.rights(name) is StateRights.WRITE for name in used)
        ]
        first = min(able, key=lambda role: not role.trust.lets_people_in, default=None)
        return first.name if first else ""

    def account(self, name: str) -> Account:
        """Return the account of this name; raises KeyError when there is none."""
        found = next((account for account in self.accounts if account.name == name), None)
        if found is None:
            raise KeyError(name)
        return found

    def reach(self) -> frozenset[Pair]:
        """Return every granted pair; whatever is not among them must be refused."""
        return frozenset(
            (role.name, account, member_role)
            for role in self.management_roles.values()
            for account, member_roles in role.granted.items()
            for member_role in member_roles
        )

    def roles_in(self, account: str) -> tuple[RoleInAccount, ...]:
        """Return the roles that somebody is granted in an account, in the manifest's order."""
        allowed: dict[str, list[str]] = {}
        for management_role in self.management_roles.values():
            for role in management_role.granted.get(account, ()):
                allowed.setdefault(role, []).append(management_role.name)
        return tuple(
            RoleInAccount(role, tuple(allowed[name]), self._direct_sets(allowed[name]))
            for name, role in self.roles.items()
            if name in allowed
        )

    def _direct_sets(self, management_roles: Iterable[str]) -> tuple[str, ...]:
        trusts = (self.management_roles[name].trust.identity_center for name in management_roles)
        return tuple(dict.fromkeys(one for trust in trusts if trust and trust.direct for one in trust.permission_sets))

    def users_becoming(self, role: ManagementRole) -> tuple[str, ...]:
        """Return the IAM users who may become a management role: those it trusts by name, and people of its groups."""
        return tuple(dict.fromkeys((*role.trust.users, *self.people.who_becomes(role.name))))

    def administrator_profile(self, account: Account) -> str:
        """Return the profile that runs an account's bootstrap-subaccount stack."""
        return account.profile or self.callers.administrator
