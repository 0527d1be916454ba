"""What a request asks for by the table of the Service Authorization Reference: every service without a file here.

An action on `*` where the reference lists no resource for it; several resources where a request names several; an ARN
that a parameter carries is taken as it is.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from rehearsal.twin.actions.demand import Asked, Demand, account_in
from rehearsal.twin.actions.reference.overrides import DEFAULTS, PASSED_TO
from rehearsal.twin.actions.reference.table import Arn, Row, service_rows
from rehearsal.twin.actions.request_tags import request_tags
from rehearsal.twin.emulator.resource_policies import policy_of
from rehearsal.twin.requests.operation import UNKNOWN
from rehearsal.twin.requests.refusals import Fault, Refusal

_PARAMETER = re.compile(r"\{([^}]+)\}")
_LOG_GROUP = ":log-group:"
_MANY = 200  # a request that names more has its first ones decided; no service takes so many


def generic_demands(asked: Asked) -> tuple[Demand, ...]:
    """Return what a request asks for by the table."""
    rows = service_rows(asked.operation.service).get(asked.operation.name, ())
    return tuple(demand for row in rows for demand in _demands(asked, row))


def unknown_rights(asked: Asked) -> Refusal:
    """Return the refusal of an operation whose rights are not known."""
    operation = asked.operation
    name = "this request" if operation.name == UNKNOWN else operation.name
    return Refusal(
        Fault.UNSUPPORTED,
        f"The twin does not emulate {operation.service}:{name}.",
        note="the Service Authorization Reference does not list it, so which rights it needs is not known",
    )


def demand_on(asked: Asked, action: str, arn: str) -> Demand:
    """Return the demand of an action on a resource, with the policy of a resource that has one."""
    found = policy_of(arn)
    owner = account_in(arn)
    if not found.exists:
        return Demand(action, arn, "" if owner == asked.caller.account_id else owner)
    return Demand(action, found.arn, owner, found.document)


def resources_of(asked: Asked, row: Row) -> list[str]:
    """Return the ARNs that a request names for a right; what is required and not named is `*` in its ARN."""
    named: dict[str, None] = {}
    for arn in row.arns:
        named |= dict.fromkeys(_filled(asked, arn))
    return list(named)[:_MANY] or ["*"]


def _demands(asked: Asked, row: Row) -> Iterator[Demand]:
    resources = resources_of(asked, row)
    yield from (demand_on(asked, row.action, resource) for resource in resources)
    if row.tagging and request_tags(asked.operation).given:
        yield demand_on(asked, row.tagging, resources[0])
    yield from _passed(asked, row, resources[0])


def _passed(asked: Asked, row: Row, resource: str) -> Iterator[Demand]:
    """Yield iam:PassRole for each role that the request hands to the service, for the resource it is handed on for."""
    for path in row.passes:
        for role in dict.fromkeys(asked.operation.values(path)):
            arn = role if role.startswith("arn:") else asked.arn("iam", f"role/{role}", region=False)
            context: dict[str, str | list[str]] = {"iam:PassedToService": passed_to(row.action)}
            if "*" not in resource:
                context["iam:AssociatedResourceArn"] = resource
            yield Demand("iam:PassRole", arn, account_in(arn) or asked.caller.account_id, context=context)


def passed_to(action: str) -> str:
    """Return the service principal that a role is handed to by an action."""
    prefix = action.partition(":")[0]
    return PASSED_TO.get(action) or PASSED_TO.get(prefix) or f"{prefix}.amazonaws.com"


def _filled(asked: Asked, arn: Arn) -> Iterator[str]:
    """Yield an ARN once for each value of the parameter in it that is a list."""
    parameters = [name for name in _PARAMETER.findall(arn.text) if name not in ("region", "account")]
    values = {name: [value for value in asked.operation.values(name) if value] for name in parameters}
    for name, found in values.items():
        if not found and (default := DEFAULTS.get((asked.operation.service, name))):
            found.append(default)
    if arn.optional and not all(values.values()):
        return
    for turn in range(max((len(found) for found in values.values()), default=1) or 1):
        chosen = {name: found[min(turn, len(found) - 1)] if found else "*" for name, found in values.items()}
        filled = _with_values(asked, arn.text, chosen)
        if filled:
            yield filled


def _with_values(asked: Asked, text: str, values: dict[str, str]) -> str:
    last = list(values.values())[-1] if values else ""
    if last.startswith("arn:"):
        return f"{last}:*" if _LOG_GROUP in last and text.endswith(":*") and not last.endswith(":*") else last
    if text.startswith("{") and text.count("{") == 1:
        return ""  # this one is an ARN or nothing
    values = {name: _last_of(value) for name, value in values.items()}
    own = {"region": asked.operation.region, "account": asked.caller.account_id}
    filled = _PARAMETER.sub(lambda found: own.get(found[1]) or values[found[1]], text)
    filled = filled.replace(":*:*", ":*")
    kind, doubled, name = filled.partition("//")
    return f"{kind}/{name}" if doubled and not kind.endswith(":") else filled


def _last_of(value: str) -> str:
    """Return the name in an ARN that is a part of another's (a service's cluster)."""
    return value.rpartition("/")[2] or value.rpartition(":")[2] if value.startswith("arn:") else value
