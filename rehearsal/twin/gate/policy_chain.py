"""The chain of policies that a refused request met, in AWS's order, as the record keeps it for `fleetyard twin why`.

Source of the order: IAM User Guide, "How AWS enforcement code logic evaluates requests to allow or deny access".
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace

from iam_decision import Decision, PolicyKindThatDecided, Step, explain
from rehearsal.twin.gate.decision import Question
from rehearsal.twin.serving.record import ChainStep

_LONGEST = 4096
"""Characters of a statement that are kept; no policy but a bucket's or key's can have a longer one."""


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
    )


def _statement(document: str, label: str) -> str:
    """Return the JSON of the statement of that label: its Sid, or "statement N" counted from 1."""
    try:
        statements = json.loads(document)["Statement"]
    except (ValueError, KeyError, TypeError):
        return ""
    for number, statement in enumerate(statements if isinstance(statements, list) else [statements], 1):
        if label == (statement.get("Sid") or f"statement {number}"):
            return json.dumps(statement)[:_LONGEST]
    return ""


def what_would_have_to_change(decision: Decision, action: str, resource: str, principal: str) -> str:
    """Return in one sentence what would let the request pass this step; a later one may still refuse it."""
    kind, where = decision.by.value, f"{action} on {resource}"
    if decision.by is PolicyKindThatDecided.ROOT_USER:
        return "Assume the role as a user or from another role: the root user cannot."
    if decision.reason.is_explicit_deny:
        of = f"statement {decision.statement!r} of {decision.policy or kind}"
        return f"The {kind}: {of} would have to leave this request out (or no longer be attached)."
    match decision.by:
        case PolicyKindThatDecided.IDENTITY:
            return f"An identity-based policy of {principal} would have to allow {where}."
        case PolicyKindThatDecided.SCP:
            return f"An SCP at that level ({decision.policy or 'none is attached'}) would have to allow {action}."
        case PolicyKindThatDecided.TRUST:
            return f"The trust policy of {resource} would have to let {principal} {action}."
        case PolicyKindThatDecided.RESOURCE:
            return f"The policy of {resource} would have to let {principal} {action}."
        case _:
            return f"The {kind} ({decision.policy or 'none'}) would have to allow {where}."
