"""What the organisation's program is told of its governance."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel, ConfigDict

from landing_zone.organization_policies import Governance, PolicyType


class _Frozen(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class PolicyConfig(_Frozen):
    """A policy and what it is attached to: the root, units by path, accounts by name.

    In `document` stand `${organization_id}` and `${accounts.NAME.id}` where only AWS knows the id.
    """

    name: str
    type: PolicyType
    document: dict[str, Any]
    description: str = ""
    root: bool = False
    units: tuple[str, ...] = ()
    accounts: tuple[str, ...] = ()


class GovernanceConfig(_Frozen):
    """All of it. `delegated_administrators` maps service principals to account names.

    `policy_types` are AWS's names of the types that these policies need.
    """

    policies: tuple[PolicyConfig, ...] = ()
    policy_types: tuple[str, ...] = ()
    trusted_services: tuple[str, ...] = ()
    delegated_administrators: dict[str, str] = {}


def governance_config(governance: Governance) -> GovernanceConfig:
    """Return what the program is told.

    Both types are enabled as soon as the manifest has policies of its own: a type that is disabled when its last policy
    goes would be detached from under that policy.
    """
    asked = [policy for policy in governance.policies if not policy.own]
    types = tuple(PolicyType) if asked else tuple(dict.fromkeys(policy.type for policy in governance.policies))
    return GovernanceConfig(
        policies=tuple(
            PolicyConfig(
                name=policy.name,
                type=policy.type,
                document=dict(policy.template),
                description=policy.description,
                root=policy.targets.root,
                units=policy.targets.units,
                accounts=policy.targets.accounts,
            )
            for policy in governance.policies
        ),
        policy_types=tuple(kind.in_aws for kind in types),
        trusted_services=governance.trusted_services,
        delegated_administrators=dict(governance.delegated_administrators),
    )
