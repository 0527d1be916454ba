"""What each program is told by its stack config, as typed models: built by the driver, read by the programs.

Keys are `fleetyard:<field>`; texts stand as they are, everything else as JSON text, so that the same values can be
written with `pulumi config set`. Pulumi is imported only where a program reads, since the driver builds these models
before it needs Pulumi. The builders are in `stack_config`.
"""

from __future__ import annotations

import json
from typing import Any, Literal, NoReturn, Self, TypeVar

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from landing_zone.account_map import AccountEntry
from landing_zone.account_settings import AccountSettings, Quota
from landing_zone.fleet import IdentityCenterTrust, OidcTrust, SamlTrust, StateRights, Trust
from landing_zone.naming import CONFIG_NAMESPACE, account_of_stack, stack_id
from landing_zone.stack_config.access import HubConfig, OrganizationReaderConfig, PermissionsConfig, SpokeConfig
from landing_zone.stack_config.adoption import OrganizationImports, UnitSettings
from landing_zone.stack_config.governance import GovernanceConfig
from landing_zone.stack_config.management import BoundaryConfig, Documents, StateBucketsConfig
from landing_zone.stack_config.people import (
    IssuerConfig,
    LastResortConfig,
    PeopleConfig,
    PipelineTrustConfig,
    people_trust,
    pipeline_trusts,
)
from landing_zone.stack_config.setting_problems import setting_problems

Settings = TypeVar("Settings", bound=BaseModel)


class _Frozen(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class StackConfig(_Frozen):
    """What every program is told: the account its stack acts in, and what its resources are tagged with."""

    organization: str
    account: str
    account_id: str
    region: str
    tags: dict[str, str] = {}

    def to_config(self) -> dict[str, str]:
        """Return the stack's config: fully qualified keys, text or JSON text."""
        values = self.model_dump(mode="json")
        return {
            f"{CONFIG_NAMESPACE}:{name}": value if isinstance(value, str) else _json(value)
            for name, value in values.items()
        }

    @classmethod
    def from_stack(cls) -> Self:
        """Return the config of the stack that runs.

        Raises: pulumi.RunError naming what is missing or wrong and the command that writes it; or saying that the
        stack is not the account's, which happens when Pulumi found another project file further up.
        """
        import pulumi  # noqa: PLC0415  (slow, and only programs need it)

        config = pulumi.Config(CONFIG_NAMESPACE)
        texts = {name: config.get(name) for name in cls.model_fields}
        missing = [name for name, field in cls.model_fields.items() if texts[name] is None and field.is_required()]
        if missing:
            _refuse(f"lacks {', '.join(f'{CONFIG_NAMESPACE}:{name}' for name in missing)}")
        given = {name: _parsed(cls, name, text) for name, text in texts.items() if text is not None}
        try:
            read = cls.model_validate(given)
        except ValidationError as error:
            _refuse(_first_problem(error))
        if account_of_stack(pulumi.get_stack()) != read.account:
            raise pulumi.RunError(
                f"stack {pulumi.get_stack()} of project {pulumi.get_project()} holds the config of account "
                f"{read.account}: a stack is named after its account. Go to the program's own folder and select "
                f"stack {read.account}."
            )
        return read


class OrganizationAccount(_Frozen):
    """An account to create, or with `id` one that exists and is only recorded."""

    name: str
    email: str
    unit: str
    id: str = ""
    tags: dict[str, str] = {}
    aws_name: str = ""
    adopted: bool = False


class OrganizationConfig(StackConfig):
    """For `organization`: units as paths, parents first, the member accounts, and which of them keeps the logs.

    `imports` is set for the one run that takes an organisation into the state, and empty in every other.
    """

    units: tuple[str, ...]
    accounts: tuple[OrganizationAccount, ...]
    log_archive: str = ""
    unit_settings: dict[str, UnitSettings] = {}
    policy_types: tuple[str, ...] = ("SERVICE_CONTROL_POLICY",)
    imports: OrganizationImports = OrganizationImports()
    governance: GovernanceConfig = GovernanceConfig()


class ManagementRoleConfig(_Frozen):
    """A management role: who becomes it, what it may assume (ARNs, or patterns when `by_name`), its state rights."""

    name: str
    description: str = ""
    users: tuple[str, ...] = ()
    mfa: bool = True
    saml_provider: str = ""
    oidc_provider: str = ""
    oidc_audience: str = ""
    oidc_subjects: tuple[str, ...] = ()
    permission_sets: tuple[str, ...] = ()
    session_hours: int = 1
    state: StateRights
    bucket_rights: dict[str, StateRights] = {}
    assume: tuple[str, ...] = ()
    by_name: bool = False
    boundary: BoundaryConfig = BoundaryConfig()
    people_groups: tuple[str, ...] = ()
    people_account_id: str = ""
    pipelines: tuple[PipelineTrustConfig, ...] = ()
    reads_account_map: bool = False

    def rights(self, bucket: str) -> StateRights:
        """Return what it may do with a state bucket, by the bucket's name in the manifest."""
        return self.bucket_rights.get(bucket, StateRights.NONE) if self.bucket_rights else self.state

    @property
    def trust(self) -> Trust:
        """Who may become the role."""
        return Trust(
            users=self.users,
            mfa=self.mfa,
            saml=SamlTrust(self.saml_provider) if self.saml_provider else None,
            oidc=OidcTrust(self.oidc_provider, self.oidc_audience, self.oidc_subjects) if self.oidc_provider else None,
            people=people_trust(self.people_groups, self.people_account_id),
            pipelines=pipeline_trusts(self.pipelines),
            identity_center=IdentityCenterTrust(self.permission_sets) if self.permission_sets else None,
        )


class BootstrapConfig(StackConfig):
    """For `bootstrap`: the management roles and the state bucket; the account's unit and stage; the account map."""

    unit: str
    stage: str
    organization_id: str
    state_bucket: str
    management_roles: tuple[ManagementRoleConfig, ...]
    account_map: tuple[AccountEntry, ...] = ()
    organization_reader: OrganizationReaderConfig | None = None
    states: StateBucketsConfig = StateBucketsConfig()
    boundaries: Documents = {}
    people: PeopleConfig = PeopleConfig()
    last_resort: LastResortConfig = LastResortConfig()
    settings: AccountSettings = AccountSettings()
    quotas: tuple[Quota, ...] = ()
    issuers: tuple[IssuerConfig, ...] = ()


class MemberRoleConfig(_Frozen):
    """A role of a member account; `trusted` are ARNs of the management roles that may assume it.

    `permission_sets` are those of Identity Center that may do so without a management role between.
    """

    name: str
    description: str = ""
    managed_policies: tuple[str, ...]
    permissions: tuple[str, ...] = ()
    trusted: tuple[str, ...] = Field(min_length=1)
    permission_sets: tuple[str, ...] = ()
    boundary: BoundaryConfig = BoundaryConfig()


class SubaccountConfig(StackConfig):
    """For `bootstrap-subaccount`: the roles somebody is granted there.

    `access`: `role` assumes `role_arn` from the management account, `profile` acts as the caller, whose profile is one
    of this account. `permissions` are the policies of one's own that its roles use.
    """

    unit: str
    stage: str
    management_account_id: str
    access: Literal["role", "profile"]
    role_arn: str
    roles: tuple[MemberRoleConfig, ...]
    boundaries: Documents = {}
    permissions: tuple[PermissionsConfig, ...] = ()
    hub: HubConfig | None = None
    spoke: SpokeConfig | None = None
    people: PeopleConfig = PeopleConfig()
    settings: AccountSettings = AccountSettings()
    quotas: tuple[Quota, ...] = ()


class WorkloadConfig(StackConfig):
    """For workloads: the role to assume in the account, and the manifest's `config` with its `${...}` filled in."""

    workload: str
    role_arn: str
    values: dict[str, Any] = {}

    def settings(self, model: type[Settings]) -> Settings:
        """Return the values as the workload's own model; raises pulumi.RunError naming each that does not fit.

        The driver puts the place in the manifest before each (`orchestrator.running.config_places`).
        """
        import pulumi  # noqa: PLC0415  (slow, and only programs need it)

        try:
            return model.model_validate(self.values)
        except ValidationError as error:
            where = f"workloads.{self.workload}.config of the manifest"
            lines = [f"{where}: {problem}" for problem in setting_problems(error, model)]
            raise pulumi.RunError("\n".join(lines)) from None


def _json(value: Any) -> str:  # noqa: ANN401  (a JSON value)
    return json.dumps(value, separators=(",", ":"), sort_keys=True)


def _parsed(model: type[StackConfig], name: str, text: str) -> Any:  # noqa: ANN401  (a JSON value)
    if model.model_fields[name].annotation in {str, Literal["role", "profile"]}:
        return text
    try:
        return json.loads(text)
    except ValueError as error:
        _refuse(f"{CONFIG_NAMESPACE}:{name} is no JSON: {error}")


def _first_problem(error: ValidationError) -> str:
    first = error.errors(include_url=False)[0]
    where, words = ".".join(str(part) for part in first["loc"]), first["msg"].removeprefix("Value error, ")
    return f"{where}: {words}" if where else words


def _refuse(what: str) -> NoReturn:
    import pulumi  # noqa: PLC0415  (slow, and only programs need it)

    stack, project = pulumi.get_stack(), pulumi.get_project()
    command = f"fleetyard preview --stack {stack_id(project, stack)}"
    raise pulumi.RunError(f"config of stack {stack} ({project}) {what}. It is written by: {command}")
