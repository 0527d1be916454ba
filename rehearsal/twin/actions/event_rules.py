"""What EventBridge operations ask for: rules by their bus, the default one where none is named; targets' roles.

Source: Service Authorization Reference, "Actions, resources, and condition keys for Amazon EventBridge".
"""

from __future__ import annotations

from rehearsal.twin.actions.demand import Asked, Demand
from rehearsal.twin.actions.generic import generic_demands

_DEFAULT = "default"


def events_demands(asked: Asked) -> tuple[Demand, ...]:
    """Return what an EventBridge request asks for."""
    demands = generic_demands(asked)
    bus = asked.operation.text("EventBusName")
    rules = [each for each in demands if ":rule/" in each.resource and not each.action.startswith("iam:")]
    if len(rules) > 1:
        # The table has both forms of a rule's ARN: with its bus, and without for the default one.
        plain = bus.rpartition("/")[2] in ("", _DEFAULT)
        kept = min(rules, key=_depth) if plain else max(rules, key=_depth)
        demands = tuple(each for each in demands if each not in rules or each.action != kept.action or each is kept)
    return demands


def _depth(demand: Demand) -> int:
    return demand.resource.count("/")
