"""The organisation's resource policy, by which the management account lets members manage policies.

Who may do what by it is decided in the gate. Source: AWS Organizations User Guide, "Delegated administrator for AWS
Organizations"; API Reference, "PutResourcePolicy" and its InvalidInputException.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from fnmatch import fnmatchcase
from typing import Any

from iam_decision import PolicyError, PolicyKind, parse_policy
from rehearsal.twin.emulator.organization import Answer, AwsError, Organization, Params, invalid
from rehearsal.twin.emulator.organization_access import DELEGABLE, OPERATIONS_OF_AWS
from rehearsal.twin.emulator.organization_tags import tags_given


def put_resource_policy(organization: Organization, params: Params) -> Answer:
    """PutResourcePolicy."""
    organization.require_all_features()
    content = params["Content"]
    try:
        parse_policy(content, "resource policy", kind=PolicyKind.RESOURCE)
    except PolicyError as error:
        raise invalid("INVALID_RESOURCE_POLICY_JSON", f"You provided an invalid resource policy. {error}") from error
    for statement in _listed(json.loads(content)["Statement"]):
        _check_actions(statement)
        _check_principals(organization, statement)
    present = organization.beside.resource_policy
    if present is None:
        policy_id = "rp-" + organization.models.utils.make_random_policy_id().removeprefix("p-")
        present = {"Id": policy_id, "Tags": tags_given(organization, params)}
        organization.beside.resource_policy = present
    present["Content"] = content
    return _shape(organization)


def describe_resource_policy(organization: Organization, _params: Params) -> Answer:
    """DescribeResourcePolicy."""
    return _shape(organization)


def delete_resource_policy(organization: Organization, _params: Params) -> Answer:
    """DeleteResourcePolicy."""
    _shape(organization)
    organization.beside.resource_policy = None
    return {}


def _shape(organization: Organization) -> Answer:
    found = organization.beside.resource_policy
    if found is None:
        words = "We can't find a resource policy request with the parameter that you specified."
        raise AwsError("ResourcePolicyNotFoundException", words)
    arn = f"arn:aws:organizations::{organization.management}:resourcepolicy/{organization.id}/{found['Id']}"
    summary = {"Id": found["Id"], "Arn": arn}
    return {"ResourcePolicy": {"ResourcePolicySummary": summary, "Content": found["Content"]}}


def _listed(value: Any) -> list[Any]:
    return list(value) if isinstance(value, list) else [value]


def _check_actions(statement: Mapping[str, Any]) -> None:
    patterns = [str(each) for each in _listed(statement.get("Action", "*"))]
    if any(_reaches_beyond(pattern) for pattern in patterns):
        words = "You specified an action that is not supported in a resource policy."
        raise invalid("UNSUPPORTED_ACTION_IN_RESOURCE_POLICY", words)


def _reaches_beyond(pattern: str) -> bool:
    """Tell whether a pattern names none of the operations that can be delegated, or any other."""
    service, _, name = pattern.partition(":")
    named = {each for each in OPERATIONS_OF_AWS if fnmatchcase(each.lower(), name.lower())}
    return service.lower() != "organizations" or not named or not named <= DELEGABLE


def _check_principals(organization: Organization, statement: Mapping[str, Any]) -> None:
    principal = statement.get("Principal")
    named = _listed(principal.get("AWS", ())) if isinstance(principal, Mapping) else []
    members = {str(account.id) for account in organization.backend.accounts} - {organization.management}
    if not named or any(_account_in(each) not in members for each in _texts(named)):
        raise invalid("INVALID_PRINCIPAL", "You specified an invalid principal element in the policy.")


def _texts(values: Iterable[Any]) -> Iterable[str]:
    return (str(value) for value in values)


def _account_in(principal: str) -> str:
    return principal.split(":")[4] if principal.count(":") >= 5 else principal
