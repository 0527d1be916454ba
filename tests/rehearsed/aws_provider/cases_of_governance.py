"""Cases of what governs an organisation, beside its policies."""

from __future__ import annotations

from rehearsal.aws.services import organizations_policies
from tests.rehearsed.aws_provider.cases import Case
from tests.rehearsed.aws_provider.world import World

_SERVICE, _OTHER = "sso.amazonaws.com", "config.amazonaws.com"


def _member(world: World) -> str:
    """Return a new member account, in an organisation that trusts the services."""
    for service in (_SERVICE, _OTHER):
        world.organizations().enable_aws_service_access(ServicePrincipal=service)
    name = world.name("delegated")
    status = world.organizations().create_account(Email=f"{name}@example.com", AccountName=name)
    return str(status["CreateAccountStatus"]["AccountId"])


GOVERNANCE = [
    Case(
        kind=organizations_policies.DELEGATED_ADMINISTRATOR,
        inputs=lambda w: {"accountId": _member(w), "servicePrincipal": _SERVICE},
        updates=lambda *_: [],
        replacements=lambda w: {"accountId": _member(w), "servicePrincipal": _OTHER},
        drift=lambda w, r: w.organizations().deregister_delegated_administrator(
            AccountId=r.outputs["accountId"], ServicePrincipal=_SERVICE
        ),
        drifted=frozenset({"gone"}),
        in_management=True,
    ),
]
