"""What CloudTrail operations ask for: a trail by its ARN, in the account that owns it.

Source: Service Authorization Reference, "Actions, resources, and condition keys for AWS CloudTrail"; AWS CloudTrail
User Guide, "Organization delegated administrator": the management account owns what the delegated one creates.
"""

from __future__ import annotations

from rehearsal.twin.actions.demand import Asked, Demand, account_in
from rehearsal.twin.actions.iam import pass_role

SERVICE = "cloudtrail.amazonaws.com"
_PASSES_A_ROLE = frozenset({"CreateTrail", "UpdateTrail"})
_NAMING = ("Name", "TrailName", "ResourceId")
# Source: AWS CloudTrail API Reference, InsufficientDependencyServiceAccessPermissionException of these operations.
_ALSO_ASKED = {
    "RegisterOrganizationDelegatedAdmin": "organizations:RegisterDelegatedAdministrator",
    "DeregisterOrganizationDelegatedAdmin": "organizations:DeregisterDelegatedAdministrator",
}


def cloudtrail_demands(asked: Asked) -> tuple[Demand, ...]:
    """Return what a CloudTrail request asks for; "*" where it names no trail."""
    operation = asked.operation
    action = f"cloudtrail:{operation.name}"
    demands = [Demand(action, arn) for arn in _trails(asked) or ("*",)]
    if operation.name in _ALSO_ASKED:
        demands.append(Demand(_ALSO_ASKED[operation.name]))
    if operation.name in _PASSES_A_ROLE and operation.text("CloudWatchLogsRoleArn"):
        demands.append(pass_role(asked, operation.text("CloudWatchLogsRoleArn"), SERVICE))
    return tuple(demands)


def trail_owner(asked: Asked) -> str:
    """Return the account a CloudTrail request acts in: the management account's for its organisation's trails.

    Only the delegated administrator acts there, naming the trail by its ARN or creating an organisation trail.
    """
    own = asked.caller.account_id
    management = asked.state.delegating_account(own, SERVICE)
    if not management:
        return own
    if asked.operation.name == "CreateTrail":
        return management if asked.operation.params.get("IsOrganizationTrail") is True else own
    named = _named(asked) or next(iter(asked.operation.listed("ResourceIdList")), "")
    is_organisation_s = account_in(named) == management and asked.state.is_organization_trail(named)
    return management if is_organisation_s else own


def _named(asked: Asked) -> str:
    return next((text for text in map(asked.operation.text, _NAMING) if text), "")


def _trails(asked: Asked) -> tuple[str, ...]:
    named = _named(asked)
    names = [named] if named else asked.operation.listed("ResourceIdList")
    return tuple(name if name.startswith("arn:") else _arn(asked, name) for name in names)


def _arn(asked: Asked, name: str) -> str:
    return f"arn:aws:cloudtrail:{asked.operation.region}:{trail_owner(asked)}:trail/{name}"
