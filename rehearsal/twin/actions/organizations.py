"""What Organizations operations ask for: every entity they name.

Source: Service Authorization Reference, "Actions, resources, and condition keys for AWS Organizations".
"""

from __future__ import annotations

from typing import Any

from rehearsal.twin.actions.demand import Asked, Demand
from rehearsal.twin.emulator.entities import by_id

_NAMING = (
    "AccountId",
    "ChildId",
    "DestinationParentId",
    "OrganizationalUnitId",
    "ParentId",
    "PolicyId",
    "ResourceId",
    "RootId",
    "SourceParentId",
    "TargetId",
)


_TAG = "TagResource"


def organizations_demands(asked: Asked) -> tuple[Demand, ...]:
    """Return what an Organizations request asks for: one demand per entity named, "*" where none is."""
    operation = asked.operation
    action = f"organizations:{operation.name}"
    context: dict[str, str | list[str]] = {}
    if operation.text("ServicePrincipal"):
        context["organizations:ServicePrincipal"] = operation.text("ServicePrincipal")
    backend = asked.state.organization(asked.caller.account_id)
    kind = operation.text("PolicyType") or operation.text("Type") or operation.text("Filter")
    kind = kind or _kind_of(backend, operation.text("PolicyId"))
    if kind:
        context["organizations:PolicyType"] = kind
    named = [operation.text(parameter) for parameter in _NAMING]
    arns = [_arn(backend, entity) for entity in named if entity] if backend is not None else []
    demands = [Demand(action, arn, context=context) for arn in dict.fromkeys(arns)] or [Demand(action, context=context)]
    if operation.name != _TAG and operation.tags():
        # What is made has no ARN yet. Source: AWS Organizations API Reference, "CreateOrganizationalUnit".
        demands.append(Demand(f"organizations:{_TAG}", context=context))
    return tuple(demands)


def _kind_of(backend: Any, policy_id: str) -> str:
    """Return the type of a policy that a request names by its id, "" for none."""
    policies = list(backend.policies) if backend is not None and policy_id else []
    return next((str(policy.type) for policy in policies if policy.id == policy_id), "")


def _arn(backend: Any, entity: str) -> str:
    known = by_id((*backend.accounts, *backend.ou, *backend.policies), entity)
    return "*" if known is None else str(known.arn)
