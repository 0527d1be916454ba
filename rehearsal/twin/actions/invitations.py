"""What Resource Access Manager's operations ask for: an invitation is answered by whom it is for, not by its sender.

Source: Service Authorization Reference, "Actions, resources, and condition keys for AWS Resource Access Manager"; AWS
RAM User Guide, "Accepting and rejecting resource share invitations" (an invitation's ARN is in the sender's account).
"""

from __future__ import annotations

from dataclasses import replace

from rehearsal.twin.actions.demand import Asked, Demand
from rehearsal.twin.actions.generic import generic_demands

_INVITATION = ":resource-share-invitation/"


def ram_demands(asked: Asked) -> tuple[Demand, ...]:
    """Return what a request to Resource Access Manager asks for."""
    return tuple(
        replace(each, account_id="") if _INVITATION in each.resource else each for each in generic_demands(asked)
    )
