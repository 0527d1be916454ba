"""The documents that the programs would deploy: what each role may do, whom it trusts, and what is over its account.

They are made by the same functions that the programs make them with, from the same stack config.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from functools import cache, cached_property

from iam_decision import Policies, PolicyKind, ResourceKind
from landing_zone.documents.access import management_role_trust, member_role_trust, rights_statements
from landing_zone.documents.hub import (
    hub_only_trust,
    hub_policy,
    hub_trust,
    organization_reader_policy,
    read_account_map,
)
from landing_zone.documents.statements import Document, document
from landing_zone.fleet import Manifest, StateRights
from landing_zone.identifiers import ACCOUNT_ACCESS_ROLE, key_arn, managed_policy_arn
from landing_zone.lock import Lock
from landing_zone.sizes.policies import AssumeRight
from landing_zone.stack_config import (
    BootstrapConfig,
    ManagementRoleConfig,
    SubaccountConfig,
    for_bootstrap,
    for_subaccount,
)
from landing_zone.stack_config.management import BoundaryConfig, Documents
from landing_zone.state_buckets import DEFAULT_BUCKET
from orchestrator.lockout.known_policies import KnownPolicies, KnownPolicy
from orchestrator.lockout.organization_levels import Level, OrganizationLevels, completed, rcps, scp_levels
from orchestrator.validation.managed_policy_names import known_document
from orchestrator.verify.attached import AttachedPolicies

ADMINISTRATOR_ACCESS = managed_policy_arn("AdministratorAccess")
_ANY_KEY = "0" * 36


@dataclass(frozen=True, slots=True)
class RoleDocuments:
    """A role as it would be deployed: what it may do, at most, and who may become it."""

    name: str
    identity: tuple[KnownPolicy, ...]
    trust: KnownPolicy | None = None
    boundary: KnownPolicy | None = None
    trusts: Document = field(default_factory=dict)
    """The document of `trust`."""

    @classmethod
    def trusted(
        cls, name: str, identity: tuple[KnownPolicy, ...], trusts: Document, boundary: KnownPolicy | None = None
    ) -> RoleDocuments:
        """Return a role with the document that says who may become it."""
        known = KnownPolicy.of(trusts, f"trust of {name}", PolicyKind.TRUST)
        return cls(name, identity, known, boundary, trusts)


@dataclass(frozen=True)
class FleetDocuments:
    """Every document of a fleet; made when it is first asked for. `given` is the lock as it stands.

    `attached` are the organisation's policies as they are in AWS; without them they are the manifest's.
    """

    manifest: Manifest
    given: Lock
    attached: AttachedPolicies | None = None
    _members: dict[str, dict[str, RoleDocuments]] = field(default_factory=dict, repr=False)

    @cached_property
    def lock(self) -> Lock:
        """The lock, with ids that stand for those that AWS has yet to give."""
        return completed(self.manifest, self.given)

    @cached_property
    def levels(self) -> OrganizationLevels:
        """The organisation's policies."""
        return OrganizationLevels(self.manifest, self.lock)

    def knows(self, account: str) -> bool:
        """Tell whether it is known which policies are over an account: in AWS, one may not be there yet."""
        found = self.manifest.account(account)
        return self.attached is None or found.management or self.lock.account_id(account) in self.attached.parents

    def over(self, account: str) -> tuple[Level, ...]:
        """Return the levels of policies over an account."""
        found = self.manifest.account(account)
        if self.attached is None:
            return self.levels.over(found)
        return () if found.management else self.attached.over(self.lock.account_id(account))

    @cached_property
    def management_roles(self) -> dict[str, RoleDocuments]:
        """The roles of the management account, by name; the organisation reader among them."""
        config = for_bootstrap(self.manifest, self.lock)
        found = {role.name: self._management_role(role, config) for role in config.management_roles}
        if (reader := config.organization_reader) is not None:
            rights = organization_reader_policy(config.account_id, config.region, has_map=bool(config.account_map))
            trust = hub_only_trust(reader.hub_account_id, reader.hub_role_arn, config.organization_id)
            found[reader.name] = RoleDocuments.trusted(reader.name, (_of(rights, reader.name),), trust)
        return found

    def _management_role(self, role: ManagementRoleConfig, config: BootstrapConfig) -> RoleDocuments:
        assume = AssumeRight(role.assume, role.by_name).statement(config.organization_id)
        reach = [assume] if assume else []
        if role.reads_account_map:
            reach.append(read_account_map(config.account_id, config.region))
        buckets = {DEFAULT_BUCKET: config.state_bucket, **config.states.buckets}
        rights = [
            (role.rights(name), bucket, self._key(name))
            for name, bucket in buckets.items()
            if role.rights(name) is not StateRights.NONE
        ]
        statements = [*reach, *rights_statements(rights)]
        trust = management_role_trust(config.account_id, role.trust)
        return RoleDocuments.trusted(
            role.name,
            (_of(document(*statements), role.name),) if statements else (),
            trust,
            _boundary(role.boundary, config.boundaries),
        )

    def _key(self, bucket: str) -> str:
        home = self.lock.home(bucket)
        manifest = self.manifest
        return home.key_arn if home else key_arn(manifest.management_account.id, manifest.region, _ANY_KEY)

    def role(self, account: str, name: str) -> RoleDocuments | None:
        """Return a role of an account, None where the programs make none of this name."""
        if account == self.manifest.management_account.name:
            return self.management_roles.get(name)
        if account not in self._members:
            self._members[account] = self._roles_of(for_subaccount(self.manifest, self.lock, account))
        return self._members[account].get(name)

    def _roles_of(self, config: SubaccountConfig) -> dict[str, RoleDocuments]:
        own = {one.name: one.document for one in config.permissions}

        def may(managed: Sequence[str], permissions: Sequence[str]) -> tuple[KnownPolicy, ...]:
            return (*map(_managed, managed), *(_of(own[name], name) for name in permissions))

        found = {
            role.name: RoleDocuments.trusted(
                role.name,
                may(role.managed_policies, role.permissions),
                member_role_trust(config.management_account_id, role.trusted, role.permission_sets),
                _boundary(role.boundary, config.boundaries),
            )
            for role in config.roles
        }
        if hub := config.hub:
            rights = hub_policy(hub.spoke_role, hub.organization_id, hub.reader_arn)
            trust = hub_trust(config.management_account_id, hub.management_roles, hub.services)
            found[hub.name] = RoleDocuments.trusted(hub.name, (_of(rights, hub.name),), trust)
        if spoke := config.spoke:
            trust = hub_only_trust(spoke.hub_account_id, spoke.hub_role_arn, spoke.organization_id)
            found[spoke.name] = RoleDocuments.trusted(
                spoke.name,
                may(spoke.managed_policies, spoke.permissions),
                trust,
                _boundary(spoke.boundary, config.boundaries),
            )
        # Source: AWS Organizations User Guide, "Accessing a member account that has OrganizationAccountAccessRole".
        root = {"AWS": f"arn:aws:iam::{config.management_account_id}:root"}
        trust = document({"Effect": "Allow", "Principal": root, "Action": "sts:AssumeRole"})
        found[ACCOUNT_ACCESS_ROLE] = replace(administrator(ACCOUNT_ACCESS_ROLE), trusts=trust)
        return found

    def policies_to_assume(
        self, caller: RoleDocuments, caller_account: str, account: str, role: RoleDocuments
    ) -> KnownPolicies:
        """Return what decides whether a role may become another one."""
        over = self.over(caller_account)
        return KnownPolicies(
            identity=caller.identity,
            boundary=caller.boundary,
            scp_levels=scp_levels(over),
            rcps=rcps(self.over(account)),
            resource=role.trust,
            base=Policies(resource_kind=ResourceKind.TRUST, resource_account=self.lock.account_id(account)),
        )

    def policies_in(self, account: str, role: RoleDocuments) -> KnownPolicies:
        """Return what decides about a call of a role in its own account, on what has no policy of its own."""
        over = self.over(account)
        return KnownPolicies(
            identity=role.identity, boundary=role.boundary, scp_levels=scp_levels(over), rcps=rcps(over)
        )


def administrator(name: str) -> RoleDocuments:
    """Return a role that may do everything, as far as its own policies go."""
    return RoleDocuments(name, (_managed(ADMINISTRATOR_ACCESS),))


def _of(rights: dict[str, object], role: str) -> KnownPolicy:
    return KnownPolicy.of(rights, f"policy of {role}")


@cache
def _managed(arn: str) -> KnownPolicy:
    name = arn.rpartition("/")[2]
    found = known_document(arn)
    return KnownPolicy.of(found, name) if found is not None else KnownPolicy.by_name(name)


def _boundary(config: BoundaryConfig, documents: Documents) -> KnownPolicy | None:
    if config.name:
        return KnownPolicy.of(documents[config.name], f"boundary {config.name}")
    return _managed(config.arn) if config.arn else None
