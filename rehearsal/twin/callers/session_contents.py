"""What a new session is given beside its role's or user's rights: session policies, tags, a source identity.

Sources: AWS STS API Reference, "AssumeRole"; IAM User Guide, "Pass session tags in AWS STS" (chaining with session
tags) and "Monitor and control actions taken with assumed roles" (source identity).
"""

from __future__ import annotations

import json
import re
import zlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from iam_decision import PolicyError, parse_policy
from rehearsal.twin.callers.callers import Session, SessionPolicy
from rehearsal.twin.callers.sts_answers import invalid
from rehearsal.twin.emulator.aws_state import AwsState
from rehearsal.twin.emulator.managed_policies import bring_in
from rehearsal.twin.requests.operation import Operation
from rehearsal.twin.requests.refusals import Refusal

INLINE = "session policy"
SOURCE_IDENTITY = re.compile(r"[\w+=,.@-]{2,64}", re.ASCII)
_MOST_POLICIES, _MOST_TAGS = 10, 50
_LONGEST_POLICY, _LONGEST_KEY, _LONGEST_VALUE = 2048, 128, 256
_PACKED_LIMIT = 2048
"""Bytes. AWS's packed format is not public: here it is what zlib makes of the same texts."""
_DUPLICATE = "Duplicate tag keys found. Please note that Tag keys are case insensitive."
_OVERRIDDEN = (
    "One of the specified transitive tag keys can't be set because it conflicts with a transitive tag key from the "
    "calling session."
)
_NOT_A_TAG = "The specified transitive tag key must be included in the requested tags."


@dataclass(frozen=True, slots=True)
class SessionTags:
    """Tags of a session: those passed, and those that came along a chain."""

    passed: Mapping[str, str] = field(default_factory=dict)
    inherited: Mapping[str, str] = field(default_factory=dict)
    transitive: tuple[str, ...] = ()
    """The keys that were asked to be passed on."""

    @property
    def all(self) -> dict[str, str]:
        """Every tag of the session by key."""
        return {**self.inherited, **self.passed}

    @property
    def passed_on(self) -> frozenset[str]:
        """The keys, in lower case, that the next session of the chain gets."""
        return frozenset(key.lower() for key in (*self.inherited, *self.transitive))

    def needs_right(self) -> bool:
        """Tell whether sts:TagSession is asked for: tags that come along a chain need it as well."""
        return bool(self.passed or self.inherited)


def read_tags(tags: Mapping[str, str], given: int, transitive: Iterable[str], before: Session | None) -> SessionTags:
    """Return the tags of a new session; `given` is how many were named, `before` the calling session.

    Raises: Refusal for more than AWS takes, doubled keys, and keys that came along the chain.
    """
    lowered = {key.lower() for key in tags}
    if given > _MOST_TAGS:
        raise invalid("tags", f"[{given} tags]", f"have length less than or equal to {_MOST_TAGS}")
    if len(lowered) < given:
        raise Refusal.of("InvalidParameterValue", _DUPLICATE)
    for key, value in tags.items():
        _check_tag(key, value)
    kept = before.transitive if before is not None else frozenset()
    if lowered & kept:
        raise Refusal.of("InvalidParameterValue", _OVERRIDDEN)
    wanted = tuple(transitive)
    if not {key.lower() for key in wanted} <= lowered:
        raise Refusal.of("InvalidParameterValue", _NOT_A_TAG)
    own = before.tags if before is not None else {}
    return SessionTags(tags, {key: value for key, value in own.items() if key.lower() in kept}, wanted)


def requested_tags(operation: Operation, before: Session | None) -> SessionTags:
    """Return the tags that a request's parameters ask for. Raises: Refusal."""
    named = sum(1 for key in operation.params if re.fullmatch(r"Tags\.member\.\d+\.Key", key))
    return read_tags(operation.tags(), named, operation.listed("TransitiveTagKeys"), before)


def _check_tag(key: str, value: str) -> None:
    if not 1 <= len(key) <= _LONGEST_KEY:
        raise invalid("tags.1.member.key", key, f"have length less than or equal to {_LONGEST_KEY}")
    if len(value) > _LONGEST_VALUE:
        raise invalid("tags.1.member.value", value, f"have length less than or equal to {_LONGEST_VALUE}")
    if key.lower().startswith("aws:"):
        raise invalid("tags.1.member.key", key, "not begin with aws:")


def read_policies(operation: Operation, account_id: str, state: AwsState) -> tuple[SessionPolicy, ...] | None:
    """Return the session policies a request brings, None if it brings none. Raises: Refusal."""
    found = [_inline(operation.text("Policy"))] if operation.text("Policy") else []
    arns = [
        arn for key, arn in operation.params.items() if key.startswith("PolicyArns.member.") and key.endswith(".arn")
    ]
    if len(arns) > _MOST_POLICIES:
        raise invalid("policyArns", str(arns), f"have length less than or equal to {_MOST_POLICIES}")
    found += [_managed(arn, account_id, state) for arn in arns]
    return tuple(found) or None


def _inline(document: str) -> SessionPolicy:
    if len(document) > _LONGEST_POLICY:
        raise invalid("policy", document, f"have length less than or equal to {_LONGEST_POLICY}")
    try:
        parse_policy(document, INLINE)
    except PolicyError as error:
        raise Refusal.of("MalformedPolicyDocument", error.problem) from error
    return SessionPolicy(INLINE, document)


def _managed(arn: str, account_id: str, state: AwsState) -> SessionPolicy:
    if state.iam(account_id) is not None:  # looking there would make an account that is not
        bring_in(account_id, arn)
    document = state.managed_policy_document(account_id, arn)
    if document is None:
        raise Refusal.of("ValidationError", f"PolicyArn {arn} is invalid")
    return SessionPolicy(arn, document)


def packed_size(policies: tuple[SessionPolicy, ...] | None, tags: SessionTags) -> int:
    """Return how much of the room for policies and tags is used, in percent; 0 for none of either.

    Raises: Refusal if it is more than there is.
    """
    if not policies and not tags.all:
        return 0
    texts = [policy.document if policy.name == INLINE else policy.name for policy in policies or ()]
    size = len(zlib.compress(json.dumps([texts, tags.all], separators=(",", ":")).encode(), level=9))
    percent = -(-100 * size // _PACKED_LIMIT)
    if percent > 100:
        words = f"Packed policy consumes {percent}% of allotted space, please use smaller policy."
        raise Refusal.of("PackedPolicyTooLarge", words)
    return percent


def read_source_identity(text: str, before: Session | None) -> str:
    """Return the source identity of a new session: what is asked for, else what the chain carries. Raises: Refusal."""
    if text and not SOURCE_IDENTITY.fullmatch(text):
        raise invalid("sourceIdentity", text, r"satisfy regular expression pattern: [\w+=,.@-]*")
    return text or (before.source_identity if before is not None else "")
