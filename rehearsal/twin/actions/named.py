"""Services whose resources are told from one parameter, as a table; everything else is asked for on "*".

Source: Service Authorization Reference, the pages of these services.
"""

from __future__ import annotations

from dataclasses import dataclass

from rehearsal.twin.actions.demand import Asked, Demand
from rehearsal.twin.actions.iam import pass_role


@dataclass(frozen=True, slots=True)
class _Named:
    """How a service's resource is named: the parameters tried in turn, and the ARN's last part."""

    parameters: tuple[str, ...]
    resource: str
    """`{}` stands for the parameter's value."""


_NAMED = {
    "logs": _Named(("logGroupName", "logGroupIdentifier"), "log-group:{}:*"),
    "sns": _Named(("TopicArn", "ResourceArn", "Name"), "{}"),
    "events": _Named(("Name", "Rule"), "rule/{}"),
    "dynamodb": _Named(("TableName",), "table/{}"),
    "lambda": _Named(("FunctionName",), "function:{}"),
}
_ARN_PARAMETERS = ("resourceArn", "ResourceArn", "ResourceARN", "resourceIdentifier")
_PASSED_ROLES = {
    ("lambda", "CreateFunction"): ("Role", "lambda.amazonaws.com"),
    ("lambda", "UpdateFunctionConfiguration"): ("Role", "lambda.amazonaws.com"),
    ("ecs", "RegisterTaskDefinition"): ("taskRoleArn", "ecs-tasks.amazonaws.com"),
}


def named_demands(asked: Asked) -> tuple[Demand, ...]:
    """Return what a request to a service of this table asks for; "*" for services that are not in it."""
    operation = asked.operation
    action = f"{operation.prefix}:{operation.name}"
    demands = [Demand(action, _resource(asked))]
    passed = _PASSED_ROLES.get((operation.service, operation.name))
    if passed and operation.text(passed[0]):
        demands.append(pass_role(asked, operation.text(passed[0]), passed[1]))
    return tuple(demands)


def _resource(asked: Asked) -> str:
    operation = asked.operation
    named = _NAMED.get(operation.service)
    if named is None:
        return "*"
    if operation.name == "DescribeLogGroups":
        return asked.arn("logs", "log-group:*")
    for parameter in (*named.parameters, *_ARN_PARAMETERS):
        value = operation.text(parameter)
        if value:
            return value if value.startswith("arn:") else asked.arn(operation.service, named.resource.format(value))
    return "*"
