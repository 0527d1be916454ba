"""Services whose ARNs the table has in a form that requests name otherwise: load balancers, task definitions, streams.

Source: Service Authorization Reference, the pages of Elastic Load Balancing, of Elastic Load Balancing V2, of Amazon
Elastic Container Service and of Amazon Kinesis Data Streams.
"""

from __future__ import annotations

from dataclasses import replace

from rehearsal.twin.actions.demand import Asked, Demand
from rehearsal.twin.actions.generic import demand_on, generic_demands

_KINDS = {"application": "app", "network": "net", "gateway": "gwy"}
_STREAMS = ("ConsumerARN", "ResourceARN", "StreamARN")
_TASK_DEFINITION = ":task-definition/"


def load_balancing_demands(asked: Asked) -> tuple[Demand, ...]:
    """Return what a request to Elastic Load Balancing asks for; classic ones have names only."""
    operation = asked.operation
    if classic := operation.text("LoadBalancerName"):
        own = f"loadbalancer/{classic}"
    elif operation.name == "CreateLoadBalancer":
        own = f"loadbalancer/{_KINDS.get(operation.text('Type'), 'app')}/{operation.text('Name')}/*"
    else:
        return generic_demands(asked)
    arn = asked.arn("elasticloadbalancing", own)
    return tuple(replace(each, resource=arn) if each.resource == "*" else each for each in generic_demands(asked))


def ecs_demands(asked: Asked) -> tuple[Demand, ...]:
    """Return what a request to ECS asks for; a family without a revision is any of its task definitions."""
    return tuple(
        replace(each, resource=f"{each.resource}:*") if _is_family(each.resource) else each
        for each in generic_demands(asked)
    )


def _is_family(arn: str) -> bool:
    name = arn.partition(_TASK_DEFINITION)[2]
    return bool(name) and name != "*" and ":" not in name


def kinesis_demands(asked: Asked) -> tuple[Demand, ...]:
    """Return what a request to Kinesis asks for: the stream or consumer of an ARN, where it gives one."""
    arn = next((text for text in map(asked.operation.text, _STREAMS) if text.startswith("arn:")), "")
    demands = generic_demands(asked)
    if not arn:
        return demands
    actions = dict.fromkeys(each.action for each in demands)
    return tuple(demand_on(asked, action, arn) for action in actions)
