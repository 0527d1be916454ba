"""The chain of policies that a refused request met, in AWS's order, as the record keeps it for `fleetyard twin why`.

Source of the order: IAM User Guide, "How AWS enforcement code logic evaluates requests to allow or deny access".
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from iam_decision import Compared, Decision, NearMiss, Part, PolicyKindThatDecided, ResourceKind, Step, explain
from rehearsal.twin.actions.demand import Demand
from rehearsal.twin.gate.decision import Question, resource_policy_name
from rehearsal.twin.serving.record import ChainStep, ComparedPart, NearestStatement

_LONGEST = 4096
"""Characters of a statement that are kept; no policy but a bucket's or key's can have a longer one."""
_MOST_VALUES = 20
_SECRET = frozenset({"sts:externalid"})
"""Condition keys, in lower case, whose values are shared with one party alone."""
_HIDDEN = "(not shown)"


def chain_of(question: Question, documents: Mapping[str, str], levels: tuple[str, ...]) -> tuple[ChainStep, ...]:
    """Return every step of a decision; `levels` name the levels of SCPs from the root down."""
    policies = replace(question.policies, scp_level_names=levels)
    explanation = explain(question.request, policies)
    return tuple(_step(step, documents) for step in explanation.steps)


def _step(step: Step, documents: Mapping[str, str]) -> ChainStep:
    return ChainStep(
        kind=step.by.value,
        verdict=step.verdict.value,
        level=step.level,
        policies=step.looked_at,
        policy=step.policy,
        statement=step.statement,
        document=_statement(documents.get(step.policy, ""), step.statement) if step.statement else "",
        decided=step.decided,
        nearest=tuple(_nearest(each) for each in step.nearest),
        held=tuple(_compared(each) for each in step.held),
    )


def _nearest(miss: NearMiss) -> NearestStatement:
    return NearestStatement(miss.policy, miss.statement, miss.number, tuple(_compared(each) for each in miss.unfit))


def _compared(one: Compared) -> ComparedPart:
    if one.key.lower() in _SECRET:
        return ComparedPart(one.part.value, (), (_HIDDEN,) if one.had else (), one.operator, one.key, secret=True)
    return ComparedPart(one.part.value, _first(one.wanted), _first(one.had), one.operator, one.key, one.negated)


def _first(values: tuple[str, ...]) -> tuple[str, ...]:
    left_out = len(values) - _MOST_VALUES
    return values if left_out <= 0 else (*values[:_MOST_VALUES], f"… and {left_out} more")


def _statement(document: str, label: str) -> str:
    """Return the JSON of the statement of that label: its Sid, or "statement N" counted from 1."""
    try:
        statements = json.loads(document)["Statement"]
    except (ValueError, KeyError, TypeError):
        return ""
    for number, statement in enumerate(statements if isinstance(statements, list) else [statements], 1):
        if label == (statement.get("Sid") or f"statement {number}"):
            return json.dumps(_without_secrets(statement))[:_LONGEST]
    return ""


def _without_secrets(statement: Any) -> Any:
    """Return a statement with the values of secret condition keys hidden."""
    condition = statement.get("Condition")
    if not isinstance(condition, dict):
        return statement
    hidden = {
        operator: {key: _HIDDEN if key.lower() in _SECRET else values for key, values in comparisons.items()}
        for operator, comparisons in condition.items()
    }
    return {**statement, "Condition": hidden}


def what_would_have_to_change(
    decision: Decision, demand: Demand, principal: str, chain: tuple[ChainStep, ...] = ()
) -> str:
    """Return in one sentence what would let the request pass this step; a later one may still refuse it."""
    kind = decision.by.value
    if decision.by is PolicyKindThatDecided.ROOT_USER:
        return "Assume the role as a user or from another role: the root user cannot."
    if decision.reason.is_explicit_deny:
        label = decision.statement
        of = f"{label if label.startswith('statement ') else f'statement {label!r}'} of {decision.policy or kind}"
        return f"The {kind}: {of} would have to leave this request out (or no longer be attached)."
    nearest = next((each for step in chain if step.decided for each in step.nearest[:1]), None)
    if nearest is not None and all(each.part == Part.CONDITION.value for each in nearest.unfit):
        return f"The conditions of {_numbered(nearest)} in {_whose(decision, nearest.policy)} would have to hold."
    return _allow_needed(decision, demand, principal)


def _numbered(statement: NearestStatement) -> str:
    number = f"statement {statement.number}"
    return number if statement.statement == number else f"{number} {statement.statement!r}"


def _whose(decision: Decision, policy: str) -> str:
    match decision.by:
        case PolicyKindThatDecided.TRUST:
            return f"the trust policy of {policy}"
        case PolicyKindThatDecided.RESOURCE:
            return f"the policy of {policy}"
        case _:
            return f"the {decision.by.value} {policy}"


def _allow_needed(decision: Decision, demand: Demand, principal: str) -> str:
    action, where = demand.action, f"{demand.action} on {demand.resource}"
    match decision.by:
        case PolicyKindThatDecided.IDENTITY:
            return f"An identity-based policy of {principal} would have to allow {where}."
        case PolicyKindThatDecided.SCP:
            return f"An SCP at that level ({decision.policy or 'none is attached'}) would have to allow {action}."
        case PolicyKindThatDecided.TRUST:
            return f"The trust policy of {demand.resource} would have to let {principal} {action}."
        case PolicyKindThatDecided.RESOURCE:
            what = where if demand.kind is ResourceKind.BUCKET else action
            return f"The policy of {resource_policy_name(demand)} would have to let {principal} {what}."
        case _:
            return f"The {decision.by.value} ({decision.policy or 'none'}) would have to allow {where}."
