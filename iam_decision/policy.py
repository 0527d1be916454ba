"""A policy ready to be evaluated: statements with compiled actions, resources, principals and conditions.

Source of the grammar: IAM User Guide, "IAM JSON policy element reference".
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum

from iam_decision.conditions import Condition, NullCondition
from iam_decision.principal_sets import Directness, PrincipalSet
from iam_decision.request import RequestView
from iam_decision.text_patterns import Lookup, TextSet


class PolicyError(Exception):
    """A policy document breaks the grammar: `name` of the policy, `statement` (its Sid or "statement N", empty for
    the document as a whole) and `problem`, in AWS's words where AWS has some.
    """  # noqa: D205 - the attributes belong to the sentence

    def __init__(self, name: str, statement: str, problem: str) -> None:
        super().__init__(name, statement, problem)
        self.name = name
        self.statement = statement
        self.problem = problem

    def __str__(self) -> str:
        where = f"policy {self.name}, {self.statement}" if self.statement else f"policy {self.name}"
        return f"{where}: {self.problem}"


class PolicyKind(Enum):
    """What a policy is attached to, which decides the elements that it must and must not have."""

    IDENTITY = "identity-based policy"
    """Users, groups, roles; permissions boundaries and session policies are of this kind too."""
    RESOURCE = "resource-based policy"
    """Buckets, keys, queues, topics, secrets."""
    TRUST = "role trust policy"
    SCP = "service control policy"
    RCP = "resource control policy"


class Effect(Enum):
    """What a statement that applies does."""

    ALLOW = "Allow"
    DENY = "Deny"


@dataclass(frozen=True, slots=True)
class Element:
    """An Action or Resource element: the patterns, whether it was the Not... form, and the texts as written."""

    patterns: TextSet
    negated: bool
    texts: tuple[str, ...] = ()

    def fits(self, text: str, lookup: Lookup) -> bool:
        """Tell whether an action (lower case) or resource of a request is meant; `lookup` gives policy variables."""
        return self.patterns.matches(text, lookup) is not self.negated


@dataclass(frozen=True, slots=True)
class Statement:
    """One statement. `label` is its Sid, or "statement N" counted from 1; `resource` is None in trust policies,
    `principals` is None where the principal is implied.
    """  # noqa: D205 - the fields belong to the sentence

    label: str
    effect: Effect
    action: Element
    resource: Element | None
    principals: PrincipalSet | None
    conditions: tuple[Condition | NullCondition, ...]

    def applies(self, view: RequestView) -> bool:
        """Tell whether action, resource, principal and every condition fit the request."""
        return self.directness(view) is not Directness.NOT_NAMED

    def directness(self, view: RequestView) -> Directness:
        """Return how the statement reaches the request's principal, NOT_NAMED when anything does not fit."""
        lookup = view.one_value
        if self.action.patterns.matches(view.action, lookup) is self.action.negated:
            return Directness.NOT_NAMED
        resource = self.resource
        if resource is not None and resource.patterns.matches(view.resource, lookup) is resource.negated:
            return Directness.NOT_NAMED
        directness = Directness.DIRECT if self.principals is None else self.principals.directness(view)
        for condition in self.conditions:
            if directness is Directness.NOT_NAMED or not condition.met(view):
                return Directness.NOT_NAMED
        return directness


@dataclass(frozen=True, slots=True)
class Policy:
    """A parsed policy; `denies` and `allows` are its statements by effect.

    `condition_keys` are those that its conditions name, in lower case and without what follows a slash (a tag's key).
    """

    name: str
    statements: tuple[Statement, ...]
    denies: tuple[Statement, ...] = field(init=False, repr=False, compare=False)
    allows: tuple[Statement, ...] = field(init=False, repr=False, compare=False)
    condition_keys: frozenset[str] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "denies", tuple(one for one in self.statements if one.effect is Effect.DENY))
        object.__setattr__(self, "allows", tuple(one for one in self.statements if one.effect is Effect.ALLOW))
        keys = frozenset(each.key.partition("/")[0] for one in self.statements for each in one.conditions)
        object.__setattr__(self, "condition_keys", keys)
