"""What the programs are told of people, last-resort users and pipelines: models of stack config, and their builders."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict

from landing_zone.fleet import ManagementRole, Manifest
from landing_zone.identifiers import role_arn
from landing_zone.lock import Lock
from landing_zone.people import PeopleTrust, PipelineTrust


class _Frozen(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class GroupConfig(_Frozen):
    """A group: ARNs of the management roles its people may become, and of its managed policies."""

    management_roles: tuple[str, ...] = ()
    managed_policies: tuple[str, ...] = ()


class PersonConfig(_Frozen):
    """A user: groups by name, and tags of their own."""

    groups: tuple[str, ...]
    tags: dict[str, str] = {}


class PeopleConfig(_Frozen):
    """The groups and users that a stack makes, by name; none in every stack but one."""

    groups: dict[str, GroupConfig] = {}
    users: dict[str, PersonConfig] = {}


class LastResortConfig(_Frozen):
    """Last-resort users, who is told of their use, and the regions where it is looked for."""

    users: tuple[str, ...] = ()
    email: str = ""
    regions: tuple[str, ...] = ()


class IssuerConfig(_Frozen):
    """An issuer of pipelines' tokens whose provider the stack makes."""

    host: str
    audience: str


class PipelineTrustConfig(_Frozen):
    """Pipelines that may become a management role."""

    issuer: str
    audience: str
    subjects: tuple[str, ...]


def people_config(manifest: Manifest, account: str) -> PeopleConfig:
    """Return the people an account holds; none unless it is the one account that holds users."""
    people = manifest.people
    if people.account != account:
        return PeopleConfig()
    management_id = manifest.management_account.id
    return PeopleConfig(
        groups={
            group.name: GroupConfig(
                management_roles=tuple(role_arn(management_id, name) for name in group.management_roles),
                managed_policies=group.managed_policies,
            )
            for group in people.groups.values()
        },
        users={user.name: PersonConfig(groups=user.groups, tags=dict(user.tags)) for user in people.users.values()},
    )


def last_resort_config(manifest: Manifest) -> LastResortConfig:
    """Return what `bootstrap` is told of last-resort users."""
    found = manifest.last_resort
    return LastResortConfig(users=found.users, email=found.email, regions=found.regions)


def issuers_config(manifest: Manifest) -> tuple[IssuerConfig, ...]:
    """Return the issuers whose providers `bootstrap` makes."""
    issuers = manifest.pipelines.issuers
    return tuple(IssuerConfig(host=each.host, audience=each.audience) for each in issuers if not each.existing)


def people_account_id(manifest: Manifest, lock: Lock) -> str:
    """Return the id of the account that holds users, empty where the manifest has no people.

    Raises: AccountNotCreated.
    """
    account = manifest.people.account
    return lock.account_id(account) if account else ""


def pipelines_config(role: ManagementRole) -> tuple[PipelineTrustConfig, ...]:
    """Return the pipelines that may become a management role."""
    return tuple(
        PipelineTrustConfig(issuer=each.issuer, audience=each.audience, subjects=each.subjects)
        for each in role.trust.pipelines
    )


def people_trust(groups: tuple[str, ...], account_id: str) -> PeopleTrust | None:
    """Return the trust that a stack's config tells of, None where no group is trusted."""
    return PeopleTrust(groups, account_id) if groups else None


def pipeline_trusts(pipelines: tuple[PipelineTrustConfig, ...]) -> tuple[PipelineTrust, ...]:
    """Return the trust in pipelines that a stack's config tells of."""
    return tuple(PipelineTrust(each.issuer, each.audience, each.subjects) for each in pipelines)
