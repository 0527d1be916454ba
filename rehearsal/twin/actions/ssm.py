"""What Systems Manager operations ask for: the parameters they name; everything else by the table.

Source: Service Authorization Reference, "Actions, resources, and condition keys for AWS Systems Manager"; Systems
Manager User Guide, "Restricting access to Parameter Store parameters using IAM policies" (the path of
GetParametersByPath is a resource like a parameter).
"""

from __future__ import annotations

import re

from rehearsal.twin.actions.demand import Asked, Demand
from rehearsal.twin.actions.generic import generic_demands
from rehearsal.twin.actions.keys_behind import keys_of_parameters

_TAGGING = frozenset({"AddTagsToResource", "ListTagsForResource", "RemoveTagsFromResource"})
_VERSION_OR_LABEL = re.compile(r":[A-Za-z0-9_.-]+")


def ssm_demands(asked: Asked) -> tuple[Demand, ...]:
    """Return what a Systems Manager request asks for, and the right to tag where a new parameter brings tags."""
    operation = asked.operation
    names = _names(asked)
    if not names and "Parameter" not in operation.name:
        return generic_demands(asked)
    resources = tuple(_arn(asked, name) for name in names) or ("*",)
    actions = [operation.name]
    if operation.name == "PutParameter" and operation.params.get("Tags"):
        actions.append("AddTagsToResource")
    demands = tuple(Demand(f"ssm:{action}", resource) for action in actions for resource in resources)
    return (*demands, *keys_of_parameters(asked, names))


def _names(asked: Asked) -> list[str]:
    operation = asked.operation
    if operation.name in _TAGGING:
        return [operation.text("ResourceId")] if operation.text("ResourceType") == "Parameter" else []
    if "Parameter" not in operation.name:
        return []
    named = (operation.text("Name"), *operation.listed("Names"), operation.text("Path"))
    return [name for name in named if name]


def _arn(asked: Asked, name: str) -> str:
    """Return the ARN of a parameter or a path, which may be named by its ARN already, with a version or a label."""
    if name.startswith("arn:"):
        return name
    plain = _VERSION_OR_LABEL.split(name, maxsplit=1)[0]
    return asked.arn("ssm", f"parameter/{plain.strip('/')}")
