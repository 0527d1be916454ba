"""Which Allow statements come nearest to a request that none allows, and what of the request does not fit them.

A statement for other actions is never near. Of the others those come first that name the caller, then those that name
the resource, then those with the fewest conditions that do not hold.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import Enum

from iam_decision.conditions import Condition, NullCondition
from iam_decision.policy import Policy, Statement
from iam_decision.principal_sets import Directness, PrincipalSet
from iam_decision.request import RequestView

_MOST = 2
"""Statements that are told of one step; whoever reads them wants the first."""


class Part(Enum):
    """A part of a statement that is compared with a request."""

    PRINCIPAL = "principal"
    RESOURCE = "resource"
    CONDITION = "condition"


@dataclass(frozen=True, slots=True)
class Compared:
    """A part of a statement beside what the request has there.

    `operator` and `key` are those of a condition, as its policy writes them; `negated` marks the Not... form of another
    part. `wanted` are the policy's values, `had` the request's; empty when the request has none.
    """

    part: Part
    wanted: tuple[str, ...]
    had: tuple[str, ...]
    operator: str = ""
    key: str = ""
    negated: bool = False


@dataclass(frozen=True, slots=True)
class NearMiss:
    """An Allow statement and every part of it that does not fit; `number` counts its policy's statements from 1."""

    policy: str
    statement: str
    number: int
    unfit: tuple[Compared, ...]


def near_misses(policies: Iterable[Policy], view: RequestView) -> tuple[NearMiss, ...]:
    """Return the Allow statements for the request's action that come nearest, the nearest first, at most two."""
    found = sorted(_candidates(policies, view), key=_distance)
    return tuple(each for each in found if _distance(each)[:2] == _distance(found[0])[:2])[:_MOST]


def compared_conditions(statement: Statement, view: RequestView) -> tuple[Compared, ...]:
    """Return every condition of a statement beside what the request has."""
    return tuple(_compared(condition, view) for condition in statement.conditions)


def _candidates(policies: Iterable[Policy], view: RequestView) -> Iterator[NearMiss]:
    for policy in policies:
        for statement in policy.allows:
            if statement.action.fits(view.action, view.one_value):
                number = policy.statements.index(statement) + 1
                yield NearMiss(policy.name, statement.label, number, tuple(_unfit(statement, view)))


def _unfit(statement: Statement, view: RequestView) -> Iterator[Compared]:
    principals, resource = statement.principals, statement.resource
    if principals is not None and principals.directness(view) is Directness.NOT_NAMED:
        caller = view.principal.role_arn or view.principal.arn
        yield Compared(Part.PRINCIPAL, _named(principals), (caller,) if caller else (), negated=principals.negated)
    if resource is not None and not resource.fits(view.resource, view.one_value):
        yield Compared(Part.RESOURCE, resource.texts, (view.resource,), negated=resource.negated)
    for condition in statement.conditions:
        if not condition.met(view):
            yield _compared(condition, view)


def _named(principals: PrincipalSet) -> tuple[str, ...]:
    by_kind = (principals.accounts, principals.arns, principals.unique_ids, principals.services, principals.providers)
    return tuple(sorted(name for names in by_kind for name in names))


def _compared(condition: Condition | NullCondition, view: RequestView) -> Compared:
    had = view.values.get(condition.key) or ()
    return Compared(Part.CONDITION, condition.wanted, had, condition.operator, condition.written)


def _distance(miss: NearMiss) -> tuple[bool, bool, int]:
    parts = [each.part for each in miss.unfit]
    return Part.PRINCIPAL in parts, Part.RESOURCE in parts, len(parts)
