"""What Secrets Manager operations ask for: the secret, and the key it is kept under.

Source: Service Authorization Reference, "Actions, resources, and condition keys for AWS Secrets Manager".
"""

from __future__ import annotations

from rehearsal.twin.actions.demand import Asked, Demand
from rehearsal.twin.actions.generic import generic_demands
from rehearsal.twin.actions.keys_behind import keys_of_secrets


def secrets_manager_demands(asked: Asked) -> tuple[Demand, ...]:
    """Return what a Secrets Manager request asks for."""
    demands = generic_demands(asked)
    secret = demands[0]
    return (*demands, *keys_of_secrets(asked, secret.resource, secret.account_id))
