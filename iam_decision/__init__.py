"""Decides AWS requests: policies and a request in, allow or deny and what decided out; no IO."""

from iam_decision.decision import (
    Decision,
    Policies,
    PolicyKindThatDecided,
    Reason,
    ResourceKind,
    denial_words,
)
from iam_decision.evaluation import decide
from iam_decision.explanation import Explanation, Step, Verdict, explain
from iam_decision.grammar import parse_policy
from iam_decision.near_misses import Compared, NearMiss, Part
from iam_decision.policy import Effect, Policy, PolicyError, PolicyKind, Statement
from iam_decision.request import Principal, PrincipalKind, Request
from iam_decision.size_limits import SIZE_LIMITS, Counting, DocumentKind, SizeLimit, measure
from iam_decision.unknown_keys import Undecided, undecided

__all__ = [
    "SIZE_LIMITS",
    "Compared",
    "Counting",
    "Decision",
    "DocumentKind",
    "Effect",
    "Explanation",
    "NearMiss",
    "Part",
    "Policies",
    "Policy",
    "PolicyError",
    "PolicyKind",
    "PolicyKindThatDecided",
    "Principal",
    "PrincipalKind",
    "Reason",
    "Request",
    "ResourceKind",
    "SizeLimit",
    "Statement",
    "Step",
    "Undecided",
    "Verdict",
    "decide",
    "denial_words",
    "explain",
    "measure",
    "parse_policy",
    "undecided",
]
