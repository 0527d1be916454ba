"""Effective management policies: what those of an account and all above it come to.

Source: AWS Organizations User Guide, "Understanding management policy inheritance" and "Inheritance operators".
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any

from rehearsal.twin.emulator.organization import Answer, AwsError, Organization, Params, invalid
from rehearsal.twin.emulator.organization_access import NO_PERMISSION
from rehearsal.twin.emulator.organization_quotas import RCP, SCP

_ASSIGN, _APPEND, _REMOVE = "@@assign", "@@append", "@@remove"
_ALLOWED = "@@operators_allowed_for_child_policies"
_EVERY = frozenset({_ASSIGN, _APPEND, _REMOVE})


def describe_effective_policy(organization: Organization, params: Params) -> Answer:
    """DescribeEffectivePolicy, of the account that asks unless another is named."""
    kind = params["PolicyType"]
    if kind in (SCP, RCP):
        raise invalid("INVALID_ENUM_POLICY_TYPE", "You specified an invalid policy type string.")
    target_id = params.get("TargetId") or organization.caller
    if organization.caller not in (organization.management, target_id):
        raise AwsError("AccessDeniedException", NO_PERMISSION)
    account = organization.account(target_id) if target_id.isdecimal() else organization.target(target_id)
    levels = [*organization.above(account), account]
    documents = [
        [json.loads(policy.content) for policy in level.attached_policies if policy.type == kind] for level in levels
    ]
    if not organization.is_enabled(kind) or not any(documents):
        words = "The account does not have an effective policy of this type."
        raise AwsError("EffectivePolicyNotFoundException", words)
    return {
        "EffectivePolicy": {
            "PolicyContent": json.dumps(effective(documents)),
            "LastUpdatedTimestamp": organization.now(),
            "TargetId": account.id,
            "PolicyType": kind,
        }
    }


def effective(levels: Iterable[Iterable[Mapping[str, Any]]]) -> dict[str, Any]:
    """Return what documents come to: by level, the root's first; what is above says which operators count below."""
    merged: dict[str, Any] = {}
    for documents in levels:
        allowed_here: list[Mapping[str, Any]] = []
        for document in documents:
            _merge(merged, document, _EVERY)
            allowed_here.append(document)
        for document in allowed_here:  # what a level forbids binds those below, not itself
            _limit(merged, document)
    plain = _plain(merged)
    return plain if isinstance(plain, dict) else {}


def _merge(into: dict[str, Any], document: Mapping[str, Any], inherited: frozenset[str]) -> None:
    allowed = into.get(_ALLOWED, inherited)
    for key, value in document.items():
        if key == _ALLOWED:
            continue
        if key in _EVERY:
            if key in allowed:
                _apply(into, key, value)
        elif isinstance(value, Mapping):
            _merge(into.setdefault(key, {}), value, allowed)
        elif _ASSIGN in allowed:
            into[key] = {_ASSIGN: value}


def _apply(into: dict[str, Any], operator: str, value: Any) -> None:
    if operator == _ASSIGN:
        into[_ASSIGN] = value
        return
    present, given = _listed(into.get(_ASSIGN, [])), _listed(value)
    if operator == _APPEND:
        into[_ASSIGN] = present + [each for each in given if each not in present]
    else:
        into[_ASSIGN] = [each for each in present if each not in given]


def _listed(value: Any) -> list[Any]:
    return list(value) if isinstance(value, list) else [value]


def _limit(into: dict[str, Any], document: Mapping[str, Any]) -> None:
    named = document.get(_ALLOWED)
    if named is not None:
        wanted = _EVERY if "@@all" in named else frozenset(_listed(named)) & _EVERY
        into[_ALLOWED] = into.get(_ALLOWED, _EVERY) & wanted
    for key, value in document.items():
        if isinstance(value, Mapping) and isinstance(into.get(key), dict):
            _limit(into[key], value)


def _plain(node: Any) -> Any:
    if not isinstance(node, dict):
        return node
    if _ASSIGN in node:
        return node[_ASSIGN]
    return {key: _plain(value) for key, value in node.items() if key != _ALLOWED}
