"""What Lambda operations ask for: a function by name, ARN or part of one, with the version or alias that is called.

Source: Service Authorization Reference, "Actions, resources, and condition keys for AWS Lambda"; AWS Lambda Developer
Guide, "Using resource-based policies": a version or an alias has an ARN, and a policy, of its own.
"""

from __future__ import annotations

import re
from dataclasses import replace

from rehearsal.twin.actions.demand import Asked, Demand
from rehearsal.twin.actions.generic import demand_on, generic_demands

_PART_OF_ARN = re.compile(r"arn:aws:lambda:([^:]+):([^:]+):function:(\d{12}):function:(.+)")


def lambda_demands(asked: Asked) -> tuple[Demand, ...]:
    """Return what a Lambda request asks for."""
    return tuple(_on_what_is_called(asked, demand) for demand in generic_demands(asked))


def _on_what_is_called(asked: Asked, demand: Demand) -> Demand:
    resource = demand.resource
    if ":function:" not in resource or not demand.action.startswith("lambda:"):
        return demand
    if found := _PART_OF_ARN.fullmatch(resource):
        resource = f"arn:aws:lambda:{found[1]}:{found[3]}:function:{found[4]}"
    qualifier = asked.operation.text("Qualifier")
    if qualifier and resource.count(":") == 6:
        resource = f"{resource}:{qualifier}"
    if resource == demand.resource:
        return demand
    return replace(demand_on(asked, demand.action, resource), context=demand.context)
